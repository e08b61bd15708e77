// What is said of the chosen pattern: its name, its domain, and its links as buttons that lead to the other end.

const LINKS_SHOWN = 60;

export function make(tag, properties = {}, ...children) {
    const element = Object.assign(document.createElement(tag), properties);
    element.append(...children);
    return element;
}

export const thousands = (count) => count.toLocaleString("en");

export class Panel {
    constructor(element, library, { pattern, path, audience }, { choose, letGo }) {
        Object.assign(this, { element, library, pattern, path, audience, choose, letGo });
    }

    // links: those that the filters leave.
    show(position, links) {
        const { library } = this;
        const slug = library.slugs[position];
        const close = make("button", { type: "button", className: "map-close", textContent: "✕" });
        close.setAttribute("aria-label", "Let go");
        close.addEventListener("click", this.letGo);
        const heading = make("h2", {}, make("a", { href: this.#address(this.pattern.replace("SLUG", encodeURIComponent(slug))), textContent: library.nameOf(position) }));
        const said = library.labels[position] ? [make("p", { className: "own-title", textContent: library.titles[position] })] : [];
        const domain = library.groupings.domain;
        const number = domain.of[position];
        if (number >= 0) {
            said.push(make("p", { className: "quiet", textContent: domain.groups[number].name }));
        }
        const ways = make("a", { href: this.#address(`${this.path}?${new URLSearchParams({ from: slug })}`), textContent: "How does this connect to …?" });
        this.element.replaceChildren(close, heading, ...said, make("p", {}, ways), ...this.#groups(position, links));
        this.element.hidden = false;
    }

    hide() {
        this.element.hidden = true;
        this.element.replaceChildren();
    }

    #groups(position, all) {
        const { library } = this;
        const links = this.#once(position, all);
        if (!links.length) {
            return [make("p", { className: "quiet", textContent: "No link to another published pattern, as the filters are set." })];
        }
        const byVerb = new Map();
        for (const link of links.slice(0, LINKS_SHOWN)) {
            const verb = library.verb(link, position);
            byVerb.set(verb, [...(byVerb.get(verb) ?? []), link]);
        }
        const groups = [...byVerb].flatMap(([verb, several]) => [
            make("h3", { textContent: verb }),
            make("ul", {}, ...several.map((link) => this.#entry(link, library.otherEnd(link, position)))),
        ]);
        const more = links.length - LINKS_SHOWN;
        return more > 0 ? [...groups, make("p", { className: "quiet", textContent: `And ${thousands(more)} more link${more === 1 ? "" : "s"}.` })] : groups;
    }

    // Both ends may say the same; the stronger comes first and counts.
    #once(position, links) {
        const { library } = this;
        const said = new Map();
        for (const link of links) {
            const { isInferred } = library.kinds[library.kind[link]];
            const key = `${library.verb(link, position)} ${isInferred} ${library.otherEnd(link, position)}`;
            if (!said.has(key)) {
                said.set(key, link);
            }
        }
        return [...said.values()];
    }

    #entry(link, other) {
        const { library } = this;
        const button = make("button", { type: "button", textContent: library.nameOf(other) });
        button.addEventListener("click", () => this.choose(other));
        const facts = [];
        if (library.weight[link] >= 0) {
            facts.push((library.weight[link] / 100).toString());
        }
        if (library.kinds[library.kind[link]].isInferred) {
            facts.push("machine-made");
        }
        return make("li", {}, button, ...(facts.length ? [" ", make("span", { className: "quiet", textContent: facts.join(", ") })] : []));
    }

    #address(address) {
        return this.audience ? `${address}${address.includes("?") ? "&" : "?"}${new URLSearchParams({ audience: this.audience })}` : address;
    }
}
