// The box that finds patterns by name and flies to the one that is chosen: a combobox with a list.

import { make } from "./panel.js";

const MOST = 8;

export function attach(input, list, library, choose, say) {
    let found = [];
    let active = -1;

    const show = () => {
        list.replaceChildren(
            ...found.map((position, number) => {
                const option = make("li", { id: `map-match-${number}`, textContent: library.nameOf(position) });
                option.setAttribute("role", "option");
                option.setAttribute("aria-selected", String(number === active));
                if (library.labels[position]) {
                    option.append(" ", make("span", { className: "own-title", textContent: library.titles[position] }));
                }
                // The box would lose the focus, and close the list, before the click.
                option.addEventListener("pointerdown", (event) => event.preventDefault());
                option.addEventListener("click", () => take(position));
                return option;
            }),
        );
        list.hidden = !found.length;
        input.setAttribute("aria-expanded", String(Boolean(found.length)));
        if (active >= 0) {
            input.setAttribute("aria-activedescendant", `map-match-${active}`);
        } else {
            input.removeAttribute("aria-activedescendant");
        }
    };
    const close = () => {
        [found, active] = [[], -1];
        show();
    };
    const take = (position) => {
        input.value = library.nameOf(position);
        close();
        choose(position);
    };

    input.addEventListener("input", () => {
        [found, active] = [library.find(input.value, MOST), -1];
        show();
    });
    input.addEventListener("blur", close);
    input.addEventListener("keydown", (event) => {
        if (event.key === "Escape" && found.length) {
            event.preventDefault();
            close();
        } else if ((event.key === "ArrowDown" || event.key === "ArrowUp") && found.length) {
            event.preventDefault();
            active = (active + (event.key === "ArrowDown" ? 1 : found.length + (active < 0 ? 0 : -1))) % found.length;
            show();
        }
    });
    input.form.addEventListener("submit", (event) => {
        event.preventDefault();
        const position = found[Math.max(active, 0)] ?? library.find(input.value, 1)[0];
        if (position !== undefined) {
            take(position);
        } else if (input.value.trim()) {
            say(`No pattern is called “${input.value.trim()}”.`);
        }
    });
}
