// The page of a pattern: marks where in the contents a reader is, and copies. Without it nothing is missing.

const wide = window.matchMedia("(min-width: 64rem)");
const contents = document.querySelector("details.contents");

if (contents) {
    // Beside the text the contents are always open; above it, a reader opens them.
    const follow = () => (contents.open = wide.matches);
    wide.addEventListener("change", follow);
    follow();

    const links = new Map();
    for (const link of contents.querySelectorAll("a[href^='#']")) {
        const place = document.getElementById(link.getAttribute("href").slice(1));
        if (place) {
            links.set(place, link);
        }
    }
    let current;
    const mark = () => {
        // The last heading above a fifth of the window is the section that is read.
        let here;
        for (const place of links.keys()) {
            if (place.getBoundingClientRect().top > window.innerHeight / 5) {
                break;
            }
            here = place;
        }
        if (here === current) {
            return;
        }
        links.get(current)?.removeAttribute("aria-current");
        links.get(here)?.setAttribute("aria-current", "true");
        current = here;
        if (wide.matches) {
            // Only the list scrolls, never the page.
            const nav = contents.querySelector("nav");
            const link = links.get(here);
            if (link) {
                nav.scrollTop = link.offsetTop - nav.clientHeight / 2;
            }
        }
    };
    const observer = new IntersectionObserver(mark, { rootMargin: "0px 0px -80% 0px" });
    for (const place of links.keys()) {
        observer.observe(place);
    }
    contents.addEventListener("click", (event) => {
        if (event.target.closest("a") && !wide.matches) {
            contents.open = false;
        }
    });
}

for (const button of document.querySelectorAll("button.copy")) {
    if (!navigator.clipboard) {
        break;
    }
    button.hidden = false;
    const label = button.textContent;
    const status = document.createElement("span");
    status.setAttribute("role", "status");
    status.className = "quiet";
    button.after(" ", status);
    button.addEventListener("click", async () => {
        try {
            const { copies, fetches } = button.dataset;
            let text;
            if (fetches) {
                const response = await fetch(fetches);
                if (!response.ok) {
                    throw new Error(response.statusText);
                }
                text = await response.text();
            } else {
                text = document.getElementById(copies).textContent;
            }
            await navigator.clipboard.writeText(text);
            status.textContent = "Copied.";
        } catch {
            status.textContent = `${label} did not work: copy it by hand.`;
        }
        window.setTimeout(() => (status.textContent = ""), 4000);
    });
}
