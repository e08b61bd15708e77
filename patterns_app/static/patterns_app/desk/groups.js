// The row of links to the groups of the format: says where one is, leads by arrow keys, and takes the focus along.

const nav = document.querySelector(".desk-groups");
const links = nav ? [...nav.querySelectorAll("a")] : [];
const groupOf = (link) => document.getElementById(link.hash.slice(1));

function go(link) {
    const group = groupOf(link);
    const folded = group.querySelector(":scope > details");
    if (folded) {
        folded.open = true;
    }
    const heading = group.querySelector("h2");
    heading.tabIndex = -1;
    // Tab goes on from here.
    heading.focus({preventScroll: true});
    group.scrollIntoView();
    history.replaceState(history.state, "", link.hash);
    mark(link);
}

function mark(current) {
    for (const link of links) {
        if (link === current) {
            link.setAttribute("aria-current", "location");
        } else {
            link.removeAttribute("aria-current");
        }
    }
    const row = nav.querySelector("ul");
    if (row.scrollWidth > row.clientWidth) {
        row.scrollTo({left: current.offsetLeft - row.clientWidth / 2 + current.offsetWidth / 2});
    }
}

function whereOneIs() {
    const line = nav.getBoundingClientRect().bottom + 40;
    const begun = links.filter((link) => groupOf(link)?.getBoundingClientRect().top <= line);
    const isAtEnd = window.innerHeight + window.scrollY >= document.documentElement.scrollHeight - 2;
    return isAtEnd ? links.at(-1) : begun.at(-1) ?? links[0];
}

if (links.length) {
    nav.addEventListener("click", (event) => {
        const link = event.target.closest("a");
        if (link && !event.ctrlKey && !event.metaKey && !event.shiftKey) {
            event.preventDefault();
            go(link);
        }
    });
    nav.addEventListener("keydown", (event) => {
        const steps = {ArrowRight: 1, ArrowLeft: -1, Home: -links.length, End: links.length};
        const step = steps[event.key];
        if (step && !event.altKey && !event.ctrlKey && !event.metaKey) {
            event.preventDefault();
            const now = links.indexOf(document.activeElement);
            links[Math.max(0, Math.min(links.length - 1, now + step))].focus();
        }
    });
    let isWaiting = false;
    const look = () => {
        isWaiting = false;
        mark(whereOneIs());
    };
    addEventListener("scroll", () => {
        if (!isWaiting) {
            isWaiting = true;
            requestAnimationFrame(look);
        }
    }, {passive: true});
    look();

    // What has the focus is never under what sticks to the edges.
    const bar = document.querySelector(".desk-save");
    const keepClear = () => {
        const above = getComputedStyle(nav).position === "sticky" ? nav.offsetHeight + 8 : 8;
        const below = bar && getComputedStyle(bar).position === "sticky" ? bar.offsetHeight + 8 : 8;
        document.documentElement.style.scrollPadding = `${above}px 0 ${below}px`;
    };
    const size = new ResizeObserver(keepClear);
    size.observe(nav);
    if (bar) {
        size.observe(bar);
    }
}
