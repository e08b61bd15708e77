// The order of rows: by a handle to drag, by buttons, by arrow keys. What counts is the number in each row's field.

const live = Object.assign(document.createElement("div"), {className: "visually-hidden"});
live.setAttribute("role", "status");
document.body.append(live);

const ROW = ".form-row:not(.empty-form), .section:not(.empty-form)";
const rowsOf = (part) => [...part.querySelectorAll(ROW)];
const orderOf = (row) => row.querySelector(".field-order input[name$='-ORDER']");
const kindOf = (row) => row.querySelector(".field-kind select");

function addHandles(row) {
    const cell = row.querySelector(".field-order");
    const order = orderOf(row);
    if (!order || order.disabled) {
        return;
    }
    order.hidden = true;
    cell.querySelector("label").hidden = true;
    const tools = document.createElement("span");
    tools.className = "row-moves";
    tools.innerHTML =
        '<button type="button" class="row-handle" aria-label="Move, with the arrow keys" title="Drag, or press the arrow keys">⠿</button>' +
        '<button type="button" class="row-up" aria-label="Move up" title="Move up">↑</button>' +
        '<button type="button" class="row-down" aria-label="Move down" title="Move down">↓</button>';
    cell.append(tools);
}

function isBlank(row) {
    const fields = [...row.querySelectorAll("input, textarea, select")].filter((one) => one.name && one !== orderOf(row));
    return !row.classList.contains("has_original") && fields.every((one) => one.type === "checkbox" || !one.value.trim());
}

// Rows among which a row can move: relationships stand kind after kind, in the file too.
function peersOf(row) {
    const part = row.closest(".part");
    const kind = kindOf(row)?.value;
    return rowsOf(part).filter((one) => !isBlank(one) && (kind === undefined || kindOf(one).value === kind));
}

// An empty row has no number: it would count as one that says nothing.
function number(part) {
    let count = 0;
    for (const row of rowsOf(part)) {
        const order = orderOf(row);
        if (order && !order.disabled) {
            order.value = isBlank(row) ? "" : String(++count);
        }
    }
    part.dataset.moved = "";
    part.dispatchEvent(new Event("input", {bubbles: true}));
}

function place(row, other, isAfter) {
    const errors = row.previousElementSibling?.matches(".row-form-errors") ? row.previousElementSibling : null;
    const target = !isAfter && other.previousElementSibling?.matches(".row-form-errors") ? other.previousElementSibling : other;
    target[isAfter ? "after" : "before"](row);
    if (errors) {
        row.before(errors);
    }
}

// The same by moving what is passed: a row that is taken out and put back loses the pointer.
function pass(row, step) {
    const peers = peersOf(row);
    const now = peers.indexOf(row);
    for (let at = now; at !== now + step; at += Math.sign(step)) {
        place(peers[at + Math.sign(step)], row, step < 0);
    }
}

function say(row) {
    const peers = peersOf(row);
    const kind = kindOf(row)?.selectedOptions[0].text;
    live.textContent = `Now ${peers.indexOf(row) + 1} of ${peers.length}${kind ? ` in “${kind}”` : ""}.`;
}

function move(row, step, focused) {
    if (isBlank(row)) {
        live.textContent = "Fill the row in first.";
        return;
    }
    const peers = peersOf(row);
    const now = peers.indexOf(row);
    const then = Math.max(0, Math.min(peers.length - 1, now + step));
    if (then !== now) {
        place(row, peers[then], then > now);
        number(row.closest(".part"));
        // A row that is put elsewhere loses the focus.
        focused.focus();
        row.scrollIntoView({block: "nearest"});
    }
    say(row);
}

function drag(handle, start) {
    const row = handle.closest(ROW);
    if (isBlank(row)) {
        live.textContent = "Fill the row in first.";
        return;
    }
    const before = peersOf(row).indexOf(row);
    const isChip = row.closest(".part").classList.contains("part-chips");
    let {clientX: x, clientY: y} = start;
    let frame = 0;
    row.classList.add("is-dragged");
    // Where the row would go, also while the page scrolls under the finger.
    const follow = () => {
        const edge = 130;
        const pull = y < edge ? y - edge : y > innerHeight - edge ? y - innerHeight + edge : 0;
        if (pull) {
            scrollBy(0, pull / 6);
        }
        const peers = peersOf(row);
        const now = peers.indexOf(row);
        const middle = (one) => one.getBoundingClientRect().top + one.getBoundingClientRect().height / 2;
        if (isChip) {
            const under = document.elementsFromPoint(x, y).map((one) => one.closest(ROW)).find((one) => peers.includes(one));
            if (under && under !== row) {
                pass(row, peers.indexOf(under) - now);
            }
        } else if (now > 0 && y < middle(peers[now - 1])) {
            pass(row, -1);
        } else if (now < peers.length - 1 && y > middle(peers[now + 1])) {
            pass(row, 1);
        }
        frame = requestAnimationFrame(follow);
    };
    const watching = new AbortController();
    const watch = (type, act) => addEventListener(type, act, {signal: watching.signal, capture: true});
    const end = (isTakenBack) => {
        cancelAnimationFrame(frame);
        watching.abort();
        row.classList.remove("is-dragged");
        if (isTakenBack) {
            pass(row, before - peersOf(row).indexOf(row));
        }
        if (peersOf(row).indexOf(row) !== before) {
            number(row.closest(".part"));
            say(row);
        }
        handle.focus({preventScroll: true});
    };
    watch("pointermove", (event) => {
        ({clientX: x, clientY: y} = event);
    });
    watch("pointerup", () => end(false));
    watch("pointercancel", () => end(true));
    watch("keydown", (event) => {
        if (event.key === "Escape") {
            end(true);
        }
    });
    frame = requestAnimationFrame(follow);
}

const STEPS = {ArrowUp: -1, ArrowDown: 1, ArrowLeft: -1, ArrowRight: 1, PageUp: -10, PageDown: 10, Home: -Infinity, End: Infinity};

for (const part of document.querySelectorAll(".part:not(.frozen)")) {
    // The empty row too, of which new ones are made.
    part.querySelectorAll(".form-row, .section").forEach(addHandles);
    part.classList.add("has-handles");
    part.addEventListener("click", (event) => {
        const button = event.target.closest(".row-up, .row-down");
        if (button) {
            move(button.closest(ROW), button.matches(".row-up") ? -1 : 1, button);
        }
    });
    part.addEventListener("keydown", (event) => {
        if (event.target.matches(".row-handle") && event.key in STEPS) {
            event.preventDefault();
            move(event.target.closest(ROW), STEPS[event.key], event.target);
        }
    });
    part.addEventListener("pointerdown", (event) => {
        const handle = event.target.closest(".row-handle");
        if (handle && event.button === 0) {
            event.preventDefault();
            drag(handle, event);
        }
    });
}

// A row that was filled in after the others were moved gets its number now.
document.getElementById("pattern_form")?.addEventListener("submit", () => {
    document.querySelectorAll(".part[data-moved]").forEach(number);
}, {capture: true});
