// Tools for Markdown: a toolbar with shortcuts, the number of words beside what the format asks for, and a preview.
// The text is only ever changed where somebody changes it, through the browser's own editing, so that undo works.

const facts = JSON.parse(document.getElementById("desk-facts").textContent);
const PREVIEW_KEY = "desk-preview";
const isMac = /Mac|iP(hone|ad)/.test(navigator.platform);
const editors = new Map();

function make(tag, attributes = {}, ...content) {
    const element = Object.assign(document.createElement(tag), attributes);
    element.append(...content);
    return element;
}

// Editing

function replace(area, start, end, text, from = start + text.length, to = from) {
    area.focus();
    area.setSelectionRange(start, end);
    // The one way that leaves the browser's undo whole.
    const isDone = text ? document.execCommand("insertText", false, text) : start === end || document.execCommand("delete");
    if (!isDone) {
        area.setRangeText(text, start, end, "end");
        area.dispatchEvent(new Event("input", {bubbles: true}));
    }
    area.setSelectionRange(from, to);
}

function wrap(area, mark, word) {
    const {selectionStart: start, selectionEnd: end, value} = area;
    const size = mark.length;
    const isWrapped = value.slice(start - size, start) === mark && value.slice(end, end + size) === mark;
    // One star within two is bold, not italic.
    if (isWrapped && !(mark === "*" && value[start - 2] === "*" && value[start - 3] !== "*")) {
        replace(area, start - size, end + size, value.slice(start, end), start - size, end - size);
        return;
    }
    const text = value.slice(start, end) || word;
    replace(area, start, end, mark + text + mark, start + size, start + size + text.length);
}

function onLines(area, change) {
    const {value} = area;
    const start = value.lastIndexOf("\n", area.selectionStart - 1) + 1;
    // A selection that ends at the start of a line does not mean that line.
    const last = area.selectionEnd > area.selectionStart && value[area.selectionEnd - 1] === "\n" ? area.selectionEnd - 1 : area.selectionEnd;
    const end = value.indexOf("\n", last) < 0 ? value.length : value.indexOf("\n", last);
    const text = change(value.slice(start, end).split("\n")).join("\n");
    replace(area, start, end, text, start, start + text.length);
}

const prefixed = (prefix, pattern) => (lines) =>
    lines.every((line) => pattern.test(line) || (!line.trim() && lines.length > 1))
        ? lines.map((line) => line.replace(pattern, ""))
        : lines.map((line) => (line.trim() || lines.length === 1 ? prefix + line : line));

function quote(lines) {
    return lines.every((line) => /^> ?/.test(line)) ? lines.map((line) => line.replace(/^> ?/, "")) : lines.map((line) => `> ${line}`.trimEnd());
}

function callout(lines) {
    return ["> [!NOTE]", ...lines.map((line) => `> ${line.replace(/^> ?/, "")}`.trimEnd())];
}

function code(area) {
    const text = area.value.slice(area.selectionStart, area.selectionEnd);
    if (text.includes("\n")) {
        onLines(area, (lines) => ["```", ...lines, "```"]);
    } else {
        wrap(area, "`", "code");
    }
}

// A heading within a section is deeper than the section's own, or it would begin another section.
function heading(area) {
    const own = headingOf(area)?.value.match(/^ {0,3}(#{1,6})/)?.[1].length ?? 3;
    const level = Math.min(own + 1, 6);
    onLines(area, (lines) => lines.map((line) => (/^#{1,6} /.test(line) ? line.replace(/^#{1,6} /, "") : `${"#".repeat(level)} ${line}`)));
}

function link(area) {
    const {selectionStart: start, selectionEnd: end, value} = area;
    const text = value.slice(start, end);
    if (/^(https?:\/\/|mailto:)\S+$/.test(text)) {
        replace(area, start, end, `[text](${text})`, start + 1, start + 5);
    } else {
        const said = text || "text";
        replace(area, start, end, `[${said}](https://)`, start + said.length + 3, start + said.length + 11);
    }
}

const dialog = make("dialog", {className: "pattern-dialog"});
dialog.setAttribute("aria-labelledby", "pattern-dialog-heading");
dialog.innerHTML =
    '<h2 id="pattern-dialog-heading">Link to another pattern</h2>' +
    '<label>Title, alias or slug <input type="text" data-names-pattern autocomplete="off" spellcheck="false"></label>' +
    '<p class="dialog-buttons"><button type="button" class="button" value="cancel">Cancel</button></p>';
document.body.append(dialog);
let waiting = null;

function linkToPattern(area) {
    waiting = {area, start: area.selectionStart, end: area.selectionEnd};
    const input = dialog.querySelector("input");
    input.value = area.value.slice(area.selectionStart, area.selectionEnd).split("\n")[0].slice(0, 80);
    dialog.showModal();
    input.focus();
    input.select();
    if (input.value) {
        input.dispatchEvent(new Event("input", {bubbles: true}));
    }
}

dialog.addEventListener("desk:chosen", (event) => {
    const {area, start, end} = waiting;
    const text = area.value.slice(start, end) || event.detail.title.replace(/([[\]])/g, "\\$1");
    dialog.close();
    replace(area, start, end, `[${text}](${event.detail.slug}.md)`);
});
dialog.addEventListener("click", (event) => {
    if (event.target.value === "cancel") {
        dialog.close();
    }
});
dialog.addEventListener("close", () => waiting?.area.focus());

// label, title, key (with Ctrl or ⌘), what it does
const TOOLS = [
    ["B", "Bold", "b", (area) => wrap(area, "**", "bold")],
    ["I", "Italic", "i", (area) => wrap(area, "*", "italic")],
    ["H", "Heading", "shift+h", heading],
    ["Link", "Link", "k", link],
    ["Pattern", "Link to another pattern", "shift+k", linkToPattern],
    ["List", "List", "shift+l", (area) => onLines(area, prefixed("- ", /^[-*+] /))],
    ["Quote", "Quote", "shift+.", (area) => onLines(area, quote)],
    ["Code", "Code", "e", code],
    ["Callout", "Callout", "shift+o", (area) => onLines(area, callout)],
];

function keyShown(key) {
    const [shift, letter] = key.startsWith("shift+") ? [true, key.slice(6)] : [false, key];
    return isMac ? `${shift ? "⇧" : ""}⌘${letter.toUpperCase()}` : `Ctrl+${shift ? "Shift+" : ""}${letter.toUpperCase()}`;
}

function toolFor(event) {
    if (!(isMac ? event.metaKey : event.ctrlKey) || event.altKey) {
        return null;
    }
    const key = event.code === "Period" ? "." : event.key.toLowerCase();
    return TOOLS.find(([, , wanted]) => wanted === (event.shiftKey ? `shift+${key}` : key));
}

// Words

const headingOf = (area) => area.closest(".section")?.querySelector("input[name$='-heading'], textarea[name$='-heading']");

function titleOf(line) {
    const found = line.match(/^ {0,3}#{1,6}[ \t]+(?:(?:Section[ \t]+)?\d{1,3}[ \t]*[.:)–—-]+[ \t]*)?(.*)/i);
    return (found ? found[1] : line).replace(/[ \t]#+\s*$/, "").replace(/\(\d+\s*[-–]\s*\d+\s+words\)\s*$/i, "").trim();
}

function wordsOf(text) {
    const read = text.replace(/\]\([^()\n]*\)/g, "] ").replace(/<[^<>\n]*>/g, " ");
    return read.match(/[\p{L}\p{N}][\p{L}\p{N}\p{M}'’-]*/gu)?.length ?? 0;
}

function count(editor) {
    const words = wordsOf(editor.area.value);
    const own = headingOf(editor.area);
    const range = own && facts.words[titleOf(own.value).toLowerCase()];
    let text = `${words} ${words === 1 ? "word" : "words"}`;
    let fit = "";
    if (range) {
        const [low, high] = range;
        text = `${words} of ${low}–${high} words`;
        fit = words < low ? "short" : words > high ? "long" : "good";
        if (words && fit === "short") {
            text += `, ${low - words} to go`;
        } else if (fit === "long") {
            text += `, ${words - high} over`;
        }
    }
    editor.count.textContent = text;
    editor.count.dataset.fit = words ? fit : "";
}

// Preview

const isOn = () => document.body.classList.contains("shows-previews");

async function preview(editor) {
    const own = headingOf(editor.area);
    const text = own ? `${own.value}\n\n${editor.area.value}` : editor.area.value;
    if (text === editor.previewed) {
        return;
    }
    editor.asking?.abort();
    editor.asking = new AbortController();
    const token = document.querySelector("[name=csrfmiddlewaretoken]").value;
    try {
        const answer = await fetch(facts.urls.preview, {
            method: "POST",
            body: new URLSearchParams({text, csrfmiddlewaretoken: token}),
            signal: editor.asking.signal,
        });
        const isJson = answer.headers.get("Content-Type")?.startsWith("application/json");
        if (!isJson) {
            throw new TypeError(`${answer.status}`);
        }
        const said = await answer.json();
        if (said.error) {
            editor.pane.textContent = said.error;
        } else {
            // Sanitised where it was made, as on the public pages.
            editor.pane.innerHTML = said.html || '<p class="quiet">Nothing to show yet.</p>';
        }
        editor.previewed = text;
        editor.pane.classList.remove("is-behind");
    } catch (error) {
        if (error.name !== "AbortError") {
            editor.pane.classList.add("is-behind");
            editor.previewed = null;
        }
    }
}

const seen = new IntersectionObserver((entries) => {
    for (const entry of entries) {
        const editor = editors.get(entry.target.querySelector("textarea[data-markdown]"));
        editor.isSeen = entry.isIntersecting;
        if (editor.isSeen && isOn()) {
            preview(editor);
        }
    }
}, {rootMargin: "200px"});

function switchPreviews(on, editor) {
    const before = editor?.root.getBoundingClientRect().top;
    document.body.classList.toggle("shows-previews", on);
    for (const one of editors.values()) {
        one.toggle.setAttribute("aria-pressed", String(on));
        if (on && one.isSeen) {
            preview(one);
        }
    }
    if (editor) {
        // Other previews above have come or gone; what was pressed stays under the finger.
        scrollBy(0, editor.root.getBoundingClientRect().top - before);
        try {
            localStorage.setItem(PREVIEW_KEY, on ? "on" : "");
        } catch {
            // Only a preference.
        }
    }
}

function enhance(area) {
    if (area.disabled || area.closest(".empty-form") || editors.has(area)) {
        return;
    }
    const root = make("div", {className: "md"});
    const tools = make("div", {className: "md-tools"});
    const buttons = make("div", {className: "md-buttons"});
    buttons.setAttribute("role", "toolbar");
    buttons.setAttribute("aria-label", "Markdown");
    buttons.setAttribute("aria-controls", area.id);
    for (const [index, [label, title, key, act]] of TOOLS.entries()) {
        const button = make("button", {type: "button", title: `${title} (${keyShown(key)})`, tabIndex: index ? -1 : 0, className: `md-${label.toLowerCase()}`}, label);
        button.setAttribute("aria-label", title);
        button.addEventListener("click", () => act(area));
        buttons.append(button);
    }
    const toggle = make("button", {type: "button", className: "md-toggle"}, "Preview");
    toggle.setAttribute("aria-pressed", String(isOn()));
    const words = make("span", {className: "md-count"});
    const pane = make("div", {className: "md-preview md-shown"});
    pane.setAttribute("role", "region");
    const heading = area.closest(".section")?.querySelector(".field-heading input")?.value.replace(/^#+\s*/, "");
    pane.setAttribute("aria-label", `Preview: ${heading || area.labels[0]?.textContent.replace(/:$/, "") || "text"}`);
    const panes = make("div", {className: "md-panes"});
    const editor = {area, root, toggle, pane, count: words, previewed: null, isSeen: false, asking: null};
    editors.set(area, editor);
    area.replaceWith(root);
    tools.append(buttons, words, toggle);
    panes.append(area, pane);
    root.append(tools, panes);
    toggle.addEventListener("click", () => switchPreviews(!isOn(), editor));
    buttons.addEventListener("keydown", (event) => {
        const all = [...buttons.children];
        const steps = {ArrowRight: 1, ArrowLeft: -1, Home: -all.length, End: all.length};
        if (event.key in steps) {
            event.preventDefault();
            const then = Math.max(0, Math.min(all.length - 1, all.indexOf(document.activeElement) + steps[event.key]));
            all.forEach((one, index) => (one.tabIndex = index === then ? 0 : -1));
            all[then].focus();
        }
    });
    area.addEventListener("keydown", (event) => {
        const tool = toolFor(event);
        if (tool && !event.isComposing) {
            event.preventDefault();
            tool[3](area);
        }
    });
    pane.addEventListener("click", (event) => {
        const anchor = event.target.closest("a");
        if (anchor) {
            // Never away from unsaved work.
            event.preventDefault();
            if (/^https?:/.test(anchor.getAttribute("href") ?? "")) {
                open(anchor.href, "_blank", "noopener");
            }
        }
    });
    let counting = 0;
    let previewing = 0;
    const follow = () => {
        clearTimeout(counting);
        clearTimeout(previewing);
        counting = setTimeout(() => count(editor), 120);
        if (isOn()) {
            previewing = setTimeout(() => preview(editor), 400);
        }
    };
    area.addEventListener("input", follow);
    headingOf(area)?.addEventListener("input", follow);
    count(editor);
    seen.observe(root);
}

let remembered = "";
try {
    remembered = localStorage.getItem(PREVIEW_KEY) ?? "";
} catch {
    // Storage can be forbidden.
}
document.querySelectorAll("textarea[data-markdown]").forEach(enhance);
switchPreviews(remembered === "on");
document.addEventListener("formset:added", (event) => {
    event.target.querySelectorAll?.("textarea[data-markdown]").forEach(enhance);
});
document.addEventListener("formset:removed", () => {
    for (const area of editors.keys()) {
        if (!area.isConnected) {
            editors.delete(area);
        }
    }
});
