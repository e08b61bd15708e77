// Colours and their legend; which links are shown.

import { COLOURED, COLOURS } from "./painter.js";
import { make, thousands } from "./panel.js";

// The largest groups with their colours, as buttons that fly there.
export function showLegend(list, { groups }, fly) {
    // A group's colour goes by its number among all, also where one before it is left out.
    const entries = [...groups.slice(0, COLOURED).entries()].filter(([, group]) => group.shown > 1);
    const others = groups.length - entries.length;
    list.replaceChildren(
        ...entries.map(([number, group]) => {
            const mark = make("span", { className: `swatch swatch-${number % COLOURS}${number >= COLOURS ? " diamond" : ""}` });
            const button = make("button", { type: "button" }, mark, `${group.name} `, make("span", { className: "quiet", textContent: thousands(group.count) }));
            button.addEventListener("click", () => fly(group));
            return make("li", {}, button);
        }),
        ...(others > 0 ? [make("li", { className: "quiet" }, make("span", { className: "swatch swatch-other" }), `${thousands(others)} others, or none`)] : []),
    );
}

export class Filters {
    constructor(form, library, changed) {
        Object.assign(this, { form, library });
        const words = [...new Map(library.kinds.map(({ word, verb }) => [word, verb]))];
        form.querySelector("#map-kinds").replaceChildren(
            ...words.map(([word, verb]) =>
                make("label", {}, make("input", { type: "checkbox", name: "kind", value: word, checked: true }), ` ${verb}`),
            ),
        );
        form.addEventListener("submit", (event) => event.preventDefault());
        form.addEventListener("input", () => {
            form.querySelector("#map-weight-said").textContent = String(form.querySelector("#map-weight").value / 100);
            changed();
        });
    }

    // {isShown: for each link 1 or 0, links: those shown, isFaint: for each pattern 1 if it is not shown}
    apply() {
        const { form, library } = this;
        const words = new Set(Array.from(form.querySelectorAll("[name=kind]:checked"), ({ value }) => value));
        const least = Number(form.querySelector("#map-weight").value);
        const withInferred = form.querySelector("#map-inferred").checked;
        const kinds = library.kinds.map(({ word, isInferred }) => words.has(word) && (withInferred || !isInferred));
        const isShown = new Uint8Array(library.source.length);
        const isFaint = new Uint8Array(library.count).fill(form.querySelector("#map-lone").checked ? 0 : 1);
        for (let link = 0; link < isShown.length; link += 1) {
            // One without a weight is left out by none but a filter that asks for one.
            if (kinds[library.kind[link]] && (library.weight[link] >= least || least === 0)) {
                isShown[link] = 1;
                isFaint[library.source[link]] = isFaint[library.target[link]] = 0;
            }
        }
        return { isShown, isFaint, links: Uint32Array.from(isShown.keys()).filter((link) => isShown[link]) };
    }
}
