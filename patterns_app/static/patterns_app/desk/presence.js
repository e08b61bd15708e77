// Tells the server each half minute that this form is open, and shows who else has it open and who saved meanwhile.
// Without this script the page shows what was so when it was opened.

const EVERY = 30_000;
const LOGGED_OUT = "You are logged out. Log in again in another window, then save here.";
const REFUSED = "You may not see this pattern any more. Keep a copy of what you wrote.";

const place = document.getElementById("presence");
const list = place?.querySelector("ul");
const status = place?.querySelector("[role=status]");
let heard = "";

// Whoever logs in again in another window gets another token, and this form would be refused with its old one.
function token() {
  const inputs = document.querySelectorAll("input[name=csrfmiddlewaretoken]");
  const cookie = document.cookie.match(/(?:^|;\s*)csrftoken=([^;]+)/)?.[1];
  if (cookie && token.last && cookie !== token.last) {
    for (const input of inputs) input.value = cookie;
  }
  token.last = cookie;
  return inputs[0]?.value ?? cookie ?? "";
}

function said(values) {
  const head = document.querySelector("#pattern_form input[name=head]")?.value || place.dataset.head;
  return new URLSearchParams({ csrfmiddlewaretoken: token(), head, seen: place.dataset.seen, ...values });
}

function show(lines, toHear) {
  list.replaceChildren(
    ...lines.map((line) => {
      const item = document.createElement("li");
      item.className = "warning";
      item.textContent = line;
      return item;
    }),
  );
  list.hidden = lines.length === 0;
  // Only what is new is read out, not that a minute has passed.
  if (toHear !== heard) status.textContent = heard = toHear;
}

async function ask() {
  let response;
  try {
    response = await fetch(place.dataset.url, { method: "POST", body: said({}), redirect: "manual" });
  } catch {
    return; // no connection: what was last known stays, the next time comes
  }
  if (response.type === "opaqueredirect") return show([LOGGED_OUT], LOGGED_OUT);
  if (response.status === 403) return show([REFUSED], REFUSED);
  if (!response.ok) return;
  const answer = await response.json();
  place.dataset.seen = answer.seen;
  show(answer.lines, answer.heard);
}

if (place) {
  token();
  setInterval(ask, EVERY);
  document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && ask());
  // A page that comes back from the browser's memory said good-bye when it went.
  addEventListener("pageshow", (event) => event.persisted && ask());
  addEventListener("pagehide", () => navigator.sendBeacon(place.dataset.url, said({ leaving: "1" })));
}
