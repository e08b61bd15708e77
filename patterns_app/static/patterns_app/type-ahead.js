// Offers names while one types. Without it, the field takes any part of a name all the same.

const PAUSE = 150; // milliseconds without a key before names are asked for

for (const field of document.querySelectorAll("input[data-names]")) {
    const list = document.getElementById(field.getAttribute("list"));
    let timer = 0;
    let asked = "";

    const offer = async () => {
        const term = field.value.trim();
        if (!term || term === asked) {
            return;
        }
        asked = term;
        const response = await fetch(field.dataset.names + encodeURIComponent(term));
        // Whoever may not see the names types them in full.
        if (!response.ok || asked !== term) {
            return;
        }
        const { results } = await response.json();
        // Names are what is meant; a pattern is meant by its slug and known by its title.
        const options = results.map(({ text, slug, title }) => ({ value: text ?? slug, label: title ?? "" }));
        list.replaceChildren(...options.map((option) => Object.assign(document.createElement("option"), option)));
    };

    field.addEventListener("input", () => {
        clearTimeout(timer);
        timer = setTimeout(offer, PAUSE);
    });
}
