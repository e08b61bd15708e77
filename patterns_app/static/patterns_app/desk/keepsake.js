// Unsaved work: kept in this browser while somebody types, offered back when the form is opened again, never applied
// unasked. And saving: without a connection one stays on the page, and is told.
//
// One slot for each time the form was opened, named by person, pattern and head: two tabs do not overwrite each other.

const facts = JSON.parse(document.getElementById("desk-facts").textContent);
const form = document.getElementById("pattern_form");
const DAYS_KEPT = 30;
const head = form.elements.head.value || "0";
const shelf = `desk:${facts.user}:${facts.pattern ?? "new"}:`;
const slot = `${shelf}${head}:${Date.now().toString(36)}`;
const SHOWING = "desk:showing";
const PLACE = "desk:place";
let isLeaving = false;
let isSaving = false;

const state = document.getElementById("desk-state");
const trouble = document.getElementById("desk-trouble");

function make(tag, attributes = {}, ...content) {
    const element = Object.assign(document.createElement(tag), attributes);
    element.append(...content);
    return element;
}

// What the form says

// Storage can be forbidden; nothing here depends on it but the keeping.
function quietly(act) {
    try {
        act();
    } catch {
        // Saving works all the same.
    }
}

const isKept = (name) => name && name !== "csrfmiddlewaretoken" && !name.includes("__prefix__");

function fields() {
    return [...new FormData(form)].filter(([name]) => isKept(name));
}

// What the server wrote into the form, whatever the browser has put back since.
function writtenFields() {
    const written = [];
    for (const one of form.elements) {
        if (!isKept(one.name) || one.disabled || ["submit", "button"].includes(one.type)) {
            continue;
        }
        if (one.type === "checkbox" || one.type === "radio") {
            if (one.defaultChecked) {
                written.push([one.name, one.value]);
            }
        } else if (one.tagName === "SELECT") {
            const option = [...one.options].find((choice) => choice.defaultSelected) ?? one.options[0];
            written.push([one.name, option?.value ?? ""]);
        } else {
            written.push([one.name, one.defaultValue]);
        }
    }
    return written;
}

const said = (pairs) => JSON.stringify(pairs.map(([name, value]) => [name, value.replace(/\r\n?/g, "\n")]).sort());
const written = said(writtenFields());
const isDirty = () => facts.bound || said(fields()) !== written;

// Keeping

function keep() {
    if (isLeaving) {
        return;
    }
    const dirty = isDirty();
    state.textContent = dirty ? "Unsaved changes" : "";
    try {
        if (dirty) {
            localStorage.setItem(slot, JSON.stringify({at: Date.now(), head, fields: fields()}));
            const shown = sessionStorage.getItem(SHOWING);
            if (facts.bound && shown) {
                // It is on this page now, and kept in this page's slot.
                localStorage.removeItem(shown);
                sessionStorage.removeItem(SHOWING);
            }
        } else {
            localStorage.removeItem(slot);
        }
    } catch {
        state.textContent = "Unsaved changes, which this browser has no room to keep: save often";
    }
}

let timer = 0;
function keepSoon() {
    clearTimeout(timer);
    timer = setTimeout(keep, 400);
}

form.addEventListener("input", keepSoon);
form.addEventListener("change", keepSoon);
document.addEventListener("formset:added", keepSoon);
document.addEventListener("formset:removed", keepSoon);
document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "hidden") {
        keep();
    }
});
addEventListener("beforeunload", (event) => {
    if (!isLeaving && isDirty()) {
        keep();
        event.preventDefault();
    }
});

// Offering back

function keepsakes() {
    const found = [];
    for (const key of Object.keys(localStorage)) {
        if (!key.startsWith("desk:")) {
            continue;
        }
        let kept;
        try {
            kept = JSON.parse(localStorage.getItem(key));
        } catch {
            continue;
        }
        if (!(Date.now() - kept.at < DAYS_KEPT * 24 * 3600 * 1000)) {
            localStorage.removeItem(key);
        } else if (key.startsWith(shelf) && key !== slot) {
            if (said(kept.fields) === written) {
                localStorage.removeItem(key);
            } else {
                found.push({key, ...kept});
            }
        }
    }
    return found.sort((one, other) => other.at - one.at);
}

function when(at) {
    const time = new Date(at);
    const clock = `${String(time.getHours()).padStart(2, "0")}:${String(time.getMinutes()).padStart(2, "0")}`;
    const isToday = time.toDateString() === new Date().toDateString();
    return isToday ? clock : `${time.toLocaleDateString("en", {day: "numeric", month: "long"})}, ${clock}`;
}

function showAgain(kept) {
    const token = form.elements.csrfmiddlewaretoken.value;
    const again = make("form", {method: "post", action: location.pathname + location.search, hidden: true});
    for (const [name, value] of [...kept.fields, ["csrfmiddlewaretoken", token], ["_show_again", "1"]]) {
        // A text area keeps line breaks, which an input would drop.
        again.append(make("textarea", {name, value}));
    }
    document.body.append(again);
    quietly(() => sessionStorage.setItem(SHOWING, kept.key));
    isLeaving = true;
    again.submit();
}

function offer() {
    const [kept, ...others] = keepsakes();
    if (!kept) {
        return;
    }
    const isOlder = kept.head !== head;
    const panel = make("section", {className: "desk-panel desk-keepsake"});
    panel.setAttribute("aria-label", "Unsaved work");
    const show = make("button", {type: "button", className: "button"}, "Show it");
    const discard = make("button", {type: "button", className: "button plain"}, "Discard");
    show.addEventListener("click", () => {
        if (!isDirty() || confirm("Show it instead of what you have typed now? That is kept as well.")) {
            keep();
            showAgain(kept);
        }
    });
    discard.addEventListener("click", () => {
        localStorage.removeItem(kept.key);
        panel.remove();
        offer();
    });
    panel.append(
        make("p", {}, make("strong", {}, `You have unsaved work from ${when(kept.at)}.`), isOlder ? " The pattern was saved since; saving shows you both versions first." : " It is not part of this form until you say so.", others.length ? ` There is older work, too.` : ""),
        make("p", {className: "keepsake-buttons"}, show, discard),
    );
    form.querySelector(":scope > div").prepend(panel);
}

// Saving

function tell(...content) {
    trouble.replaceChildren(...content);
    trouble.hidden = content.length === 0;
}

const KEPT = "Nothing is lost: what you typed is on this page and kept in this browser.";

async function save(submitter) {
    const data = new FormData(form, submitter);
    // Somebody who had to log in again, in another tab, has another token.
    const token = document.cookie.match(/(?:^|; )csrftoken=([^;]*)/)?.[1];
    if (token) {
        data.set("csrfmiddlewaretoken", token);
        form.elements.csrfmiddlewaretoken.value = token;
    }
    let answer;
    try {
        answer = await fetch(form.getAttribute("action") || location.href, {
            method: "POST",
            body: new URLSearchParams(data),
            headers: {"X-Sent-By": "desk"},
        });
    } catch {
        tell(make("strong", {}, "The server cannot be reached."), ` ${KEPT} Save again when the connection is back.`);
        return;
    }
    const isJson = answer.headers.get("Content-Type")?.startsWith("application/json");
    if (answer.ok && isJson) {
        const {location: target} = await answer.json();
        quietly(() => {
            localStorage.removeItem(slot);
            if (submitter?.name === "_continue") {
                const place = {y: scrollY, name: document.activeElement?.name ?? "", at: Date.now()};
                sessionStorage.setItem(PLACE, JSON.stringify(place));
            }
        });
        isLeaving = true;
        location.assign(target);
    } else if (answer.ok && answer.redirected) {
        const door = make("a", {href: answer.url, target: "_blank"}, "Log in in another tab");
        tell(make("strong", {}, "You are no longer logged in."), ` ${KEPT} `, door, ", then save here once more.");
    } else if (answer.ok) {
        // Something has to be corrected: the browser's own way shows the page that says what.
        if (submitter?.name) {
            form.append(make("input", {type: "hidden", name: submitter.name, value: submitter.value}));
        }
        quietly(() => sessionStorage.setItem(SHOWING, slot));
        isLeaving = true;
        form.submit();
    } else {
        const why = answer.status === 403 ? "The server refused to save this: you may not change it, or not any more." : `The server could not save this (error ${answer.status}).`;
        tell(make("strong", {}, why), ` ${KEPT}`);
    }
}

form.addEventListener("submit", async (event) => {
    if (event.submitter?.hasAttribute("formaction")) {
        return;
    }
    event.preventDefault();
    if (isSaving) {
        return;
    }
    isSaving = true;
    tell();
    keep();
    state.textContent = "Saving …";
    form.setAttribute("aria-busy", "true");
    await save(event.submitter ?? form.querySelector("[name=_save]"));
    if (!isLeaving) {
        isSaving = false;
        form.removeAttribute("aria-busy");
        keep();
    }
});

addEventListener("online", () => {
    if (!trouble.hidden) {
        tell("The connection is back. ", make("strong", {}, "Save again."));
    }
});

document.addEventListener("keydown", (event) => {
    if ((event.ctrlKey || event.metaKey) && !event.altKey && !event.shiftKey && event.key.toLowerCase() === "s") {
        event.preventDefault();
        const button = form.querySelector("[name=_continue]") ?? form.querySelector("[name=_save]");
        if (button) {
            form.requestSubmit(button);
        }
    }
});

addEventListener("pageshow", (event) => {
    // The browser's Back button shows the page as it was left, still saving.
    if (event.persisted) {
        isLeaving = false;
        isSaving = false;
        form.removeAttribute("aria-busy");
        keep();
    }
});

// Back where one was

function comeBack() {
    const place = JSON.parse(sessionStorage.getItem(PLACE) ?? "null");
    sessionStorage.removeItem(PLACE);
    if (place && !facts.bound && Date.now() - place.at < 60_000) {
        state.textContent = `Saved at ${when(Date.now())}`;
        const field = place.name && form.elements[place.name];
        (field instanceof HTMLElement ? field : null)?.focus({preventScroll: true});
        scrollTo(0, place.y);
    }
}

quietly(() => {
    comeBack();
    if (facts.bound) {
        keep();
    } else {
        sessionStorage.removeItem(SHOWING);
        offer();
    }
});
