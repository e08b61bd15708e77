// Offers names of patterns while one types. Without it, the box is a plain form.

const PAUSE = 150; // milliseconds without a key before names are asked for

for (const field of document.querySelectorAll("input[data-suggestions]")) {
    const list = document.getElementById(field.getAttribute("list"));
    let timer = 0;
    let asked = "";

    const offer = async () => {
        const typed = field.value.trim();
        if (typed.length < 2 || typed === asked) {
            return;
        }
        asked = typed;
        const audience = field.form.elements.audience?.value ?? "";
        const response = await fetch(`${field.dataset.suggestions}?${new URLSearchParams({ q: typed, audience })}`);
        // Somebody who has typed on in the meantime gets the next answer.
        if (!response.ok || asked !== typed) {
            return;
        }
        const { results } = await response.json();
        list.replaceChildren(
            ...results.map(({ title, name, label }) =>
                Object.assign(document.createElement("option"), { value: name || title, label: name ? title : label }),
            ),
        );
    };

    field.addEventListener("input", (event) => {
        clearTimeout(timer);
        // Whoever chose a name from the list has typed enough.
        if (!event.inputType || event.inputType === "insertReplacementText") {
            if ([...list.options].some((option) => option.value === field.value)) {
                field.form.requestSubmit();
                return;
            }
        }
        timer = setTimeout(offer, PAUSE);
    });
}
