// The assessment: a slider beside each score, the means as one types, and the computed score on request.

const facts = JSON.parse(document.getElementById("desk-facts").textContent);
const field = (name) => document.getElementById(`id_${name}`);
const pillars = facts.pillars.map(field);
const vitality = field("vitality");
const overall = field("overall_score");
const panel = document.querySelector(".desk-means");

function make(tag, attributes = {}, ...content) {
    const element = Object.assign(document.createElement(tag), attributes);
    element.append(...content);
    return element;
}

const scoreOf = (input) => {
    const score = input.value.trim() === "" ? NaN : Number(input.value);
    return score >= 0 && score <= 5 ? score : null;
};
const mean = (scores) => scores.reduce((sum, score) => sum + score, 0) / scores.length;
const bandOf = (score) => facts.bands.find(([floor]) => score >= floor)[1];
// Half up, also where a binary fraction lies a hair below the half.
const rounded = (value, digits) => (Math.round(value * 10 ** digits + 1e-6) / 10 ** digits).toFixed(digits);

// As the author writes it: to the digits given, one at least.
function agrees(written, computed) {
    const digits = Math.max((written.split(".")[1] ?? "").replace(/0+$/, "").length, 1);
    return Math.abs(Number(written) - computed) <= 0.5 * 10 ** -digits + 1e-9;
}

function addSlider(input) {
    // For fingers and mice. Keyboards and screen readers have the number.
    const slider = make("input", {type: "range", min: 0, max: 5, step: 0.1, tabIndex: -1, className: "score-slider"});
    slider.setAttribute("aria-hidden", "true");
    const empty = make("button", {type: "button", tabIndex: -1, className: "score-clear", title: "Not scored"}, "×");
    empty.setAttribute("aria-hidden", "true");
    const type = (value) => {
        input.value = value;
        input.dispatchEvent(new Event("input", {bubbles: true}));
    };
    slider.addEventListener("input", () => type(String(Number(slider.value))));
    empty.addEventListener("click", () => type(""));
    const follow = () => {
        const score = scoreOf(input);
        slider.value = score ?? 2.5;
        slider.classList.toggle("is-unset", score === null);
        empty.hidden = input.value === "";
    };
    input.addEventListener("input", follow);
    input.after(slider, empty);
    follow();
}

function line(term, ...content) {
    return make("div", {}, make("dt", {}, term), make("dd", {}, ...content));
}

function beside(computed) {
    const written = overall.value.trim();
    if (scoreOf(overall) === null) {
        return make("span", {className: "quiet"}, "no overall score is given");
    }
    return agrees(written, computed)
        ? make("span", {className: "agrees"}, `agrees with the overall score ${written}`)
        : make("span", {className: "differs"}, `differs from the overall score ${written}`);
}

const shown = make("dl");
const remark = make("p", {className: "help"});
const use = make("button", {type: "button", className: "use-computed"});
use.addEventListener("click", () => {
    overall.value = use.value;
    overall.dispatchEvent(new Event("input", {bubbles: true}));
    overall.focus();
});

function show() {
    const scores = pillars.map(scoreOf).filter((score) => score !== null);
    const life = scoreOf(vitality);
    const lines = [];
    use.hidden = true;
    if (scores.length === pillars.length) {
        const computed = mean(scores);
        lines.push(line("Mean of the seven pillars", rounded(computed, 2), " ", beside(computed)));
        if (life !== null) {
            const both = mean([...scores, life]);
            lines.push(line("Mean of pillars and vitality", rounded(both, 2), " ", beside(both)));
        }
        use.value = String(Number(rounded(computed, 1)));
        use.textContent = `Use computed (${use.value})`;
        use.hidden = scoreOf(overall) === Number(use.value);
        remark.textContent = "Computed as you type, to compare with: the overall score stays as it is until you change it.";
    } else {
        remark.textContent = `${scores.length} of ${pillars.length} pillars have a score; the mean is shown once all have one.`;
    }
    lines.push(line("Vitality", life === null ? "not scored" : `${vitality.value} `, make("span", {className: "quiet"}, life === null ? "" : bandOf(life))));
    shown.replaceChildren(...lines);
}

if (panel && vitality && !vitality.disabled) {
    pillars.forEach(addSlider);
    addSlider(vitality);
    panel.replaceChildren(shown, use, remark);
    for (const input of [...pillars, vitality, overall]) {
        input.addEventListener("input", show);
    }
    show();
}
