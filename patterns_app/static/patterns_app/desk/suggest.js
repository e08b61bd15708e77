// Patterns offered while somebody types a target: a combobox as the ARIA Authoring Practices describe it.
// A slug that nobody bears is as good as any: it is a wanted pattern.

const facts = JSON.parse(document.getElementById("desk-facts").textContent);
const list = document.createElement("ul");
list.id = "suggestions";
list.className = "suggestions";
list.hidden = true;
list.setAttribute("role", "listbox");
list.setAttribute("aria-label", "Patterns");
const live = Object.assign(document.createElement("div"), {className: "visually-hidden"});
live.setAttribute("role", "status");
document.body.append(list, live);

const WANTED = "wanted: nobody has written it yet";
const leads = new WeakMap();
let box = null;
let asking = null;
let timer = 0;
let found = [];
let active = -1;

const ownSlug = () => document.getElementById("id_slug")?.value;

async function ask(typed) {
    asking?.abort();
    asking = new AbortController();
    const answer = await fetch(`${facts.urls.suggest}?q=${encodeURIComponent(typed)}`, {signal: asking.signal});
    if (!answer.ok || answer.redirected) {
        throw new TypeError("no suggestions");
    }
    return (await answer.json()).results.filter((one) => one.slug !== ownSlug());
}

function make(tag, className, ...content) {
    const element = Object.assign(document.createElement(tag), {className});
    element.append(...content);
    return element;
}

function put() {
    const place = box.getBoundingClientRect();
    const width = Math.min(Math.max(place.width, 320), innerWidth - 16);
    list.style.width = `${width}px`;
    list.style.left = `${Math.max(8, Math.min(place.left, innerWidth - width - 8))}px`;
    const below = innerHeight - place.bottom;
    const isAbove = below < 200 && place.top > below;
    list.style.top = isAbove ? "" : `${place.bottom + 2}px`;
    list.style.bottom = isAbove ? `${innerHeight - place.top + 2}px` : "";
    list.style.maxHeight = `${Math.min(360, (isAbove ? place.top : below) - 12)}px`;
}

function show(typed) {
    const isKnown = found.some((one) => one.exact);
    list.replaceChildren(...found.map((one, index) => {
        const option = make("li", "", make("span", "suggestion-title", one.title), make("span", "suggestion-slug", one.alias ? `${one.slug} · also “${one.alias}”` : one.slug));
        option.id = `suggestion-${index}`;
        option.setAttribute("role", "option");
        option.setAttribute("aria-selected", "false");
        return option;
    }));
    if (!isKnown && box.closest(".part")) {
        const hint = make("li", "suggestion-hint", `“${typed}” is ${WANTED}`);
        hint.setAttribute("role", "presentation");
        list.append(hint);
    }
    active = -1;
    (box.closest("dialog") ?? document.body).append(list);
    list.hidden = list.childElementCount === 0;
    box.setAttribute("aria-expanded", String(!list.hidden));
    if (!list.hidden) {
        put();
    }
    live.textContent = found.length ? `${found.length} ${found.length === 1 ? "pattern" : "patterns"}. Arrow down to choose.` : "No pattern is called so.";
}

function close() {
    list.hidden = true;
    active = -1;
    clearTimeout(timer);
    box?.setAttribute("aria-expanded", "false");
    box?.removeAttribute("aria-activedescendant");
}

function activate(index) {
    list.querySelector("[aria-selected=true]")?.setAttribute("aria-selected", "false");
    active = index;
    const option = list.children[index];
    if (option && index < found.length) {
        option.setAttribute("aria-selected", "true");
        option.scrollIntoView({block: "nearest"});
        box.setAttribute("aria-activedescendant", option.id);
    } else {
        active = -1;
        box.removeAttribute("aria-activedescendant");
    }
}

function choose(index) {
    const one = found[index];
    const chosen = box;
    close();
    chosen.value = one.slug;
    lead(chosen, {...one, exact: true});
    chosen.dispatchEvent(new CustomEvent("desk:chosen", {bubbles: true, detail: one}));
    chosen.dispatchEvent(new Event("change", {bubbles: true}));
}

// The cell beside says where the target leads.
function lead(input, one) {
    const cell = input.closest("tr")?.querySelector(".field-leads");
    if (!cell) {
        return;
    }
    if (!leads.has(cell)) {
        leads.set(cell, [...cell.childNodes]);
    }
    const typed = input.value.trim();
    if (input.value === input.defaultValue && typed) {
        cell.replaceChildren(...leads.get(cell));
    } else if (!typed) {
        cell.replaceChildren(make("span", "quiet", "–"));
    } else if (one) {
        cell.replaceChildren(one.title, ...(one.alias ? [make("span", "quiet", ` by alias`)] : []));
    } else {
        cell.replaceChildren(make("span", "wanted", "wanted"), make("span", "wanted-why", "nobody has written it yet"));
    }
}

function look(input) {
    clearTimeout(timer);
    const typed = input.value.trim();
    if (!typed) {
        lead(input, null);
        close();
        return;
    }
    timer = setTimeout(async () => {
        try {
            const results = await ask(typed);
            if (input.value.trim() !== typed) {
                return;
            }
            lead(input, results.find((one) => one.exact));
            found = results;
            if (document.activeElement === input) {
                show(typed);
            }
        } catch (error) {
            if (error.name !== "AbortError") {
                close();
            }
        }
    }, 150);
}

document.addEventListener("focusin", (event) => {
    const input = event.target;
    if (!input.matches?.("input[data-names-pattern]") || input.disabled) {
        return;
    }
    box = input;
    input.setAttribute("role", "combobox");
    input.setAttribute("aria-autocomplete", "list");
    input.setAttribute("aria-controls", list.id);
    input.setAttribute("aria-expanded", "false");
});

document.addEventListener("input", (event) => {
    if (event.target === box) {
        look(box);
    }
});

document.addEventListener("focusout", (event) => {
    if (event.target === box) {
        close();
    }
});

document.addEventListener("keydown", (event) => {
    if (event.target !== box || event.ctrlKey || event.metaKey || event.isComposing) {
        return;
    }
    if (list.hidden) {
        if (event.key === "ArrowDown" && box.value.trim()) {
            event.preventDefault();
            look(box);
        }
        return;
    }
    if (event.key === "ArrowDown" && found.length) {
        event.preventDefault();
        activate(event.altKey ? active : (active + 1) % found.length);
    } else if (event.key === "ArrowUp" && found.length) {
        event.preventDefault();
        activate(active <= 0 ? found.length - 1 : active - 1);
    } else if (event.key === "Enter") {
        // Not a save: somebody is choosing.
        event.preventDefault();
        if (active >= 0) {
            choose(active);
        } else {
            close();
        }
    } else if (event.key === "Escape") {
        event.preventDefault();
        event.stopPropagation();
        close();
    }
}, {capture: true});

// Before the box loses the focus.
list.addEventListener("pointerdown", (event) => {
    event.preventDefault();
});
list.addEventListener("click", (event) => {
    const option = event.target.closest("[role=option]");
    if (option) {
        choose([...list.children].indexOf(option));
    }
});
addEventListener("scroll", () => {
    if (!list.hidden) {
        put();
    }
}, {passive: true, capture: true});
addEventListener("resize", close);
