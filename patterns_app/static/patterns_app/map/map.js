// The map: fetches the library, draws it, and listens.

import { Camera } from "./camera.js";
import { attach } from "./finder.js";
import { listen, listenToButtons } from "./gestures.js";
import { load, pause } from "./library.js";
import { Painter } from "./painter.js";
import { Panel, make, thousands } from "./panel.js";
import { Filters, showLegend } from "./settings.js";

const CLOSEST = 90; // pixels between neighbours when as close as can be
const CLOSE = 42; // the same when one is shown

const root = document.getElementById("map");
const part = (name) => document.getElementById(`map-${name}`);
const [canvas, said] = [part("canvas"), part("said")];

try {
    const library = await load(root.dataset.source);
    await pause();
    await show(library);
} catch (error) {
    const list = document.querySelector(".map-head a");
    said.replaceChildren("The map could not be fetched. ", make("a", { href: list.href, textContent: "The list" }), " has the same.");
    root.classList.add("is-broken");
    // For whoever looks into it; a connection that is gone is nobody's mistake.
    if (!(error instanceof TypeError && error.message.includes("fetch"))) {
        console.warn(error);
    }
}

async function show(library) {
    const camera = new Camera(library.bounds, () => painter.moved());
    const painter = new Painter(canvas, library, camera);
    const filters = new Filters(part("filters"), library, filter);
    const panel = new Panel(part("panel"), library, root.dataset, { choose: visit, letGo });

    function filter() {
        Object.assign(painter, filters.apply());
        if (painter.chosen >= 0) {
            panel.show(painter.chosen, shownLinksOf(painter.chosen));
        }
        painter.renew();
    }
    function shownLinksOf(position) {
        return library.linksOf(position).filter((link) => painter.isShown[link]);
    }
    function choose(position) {
        painter.chosen = position;
        painter.pointed = -1;
        const links = shownLinksOf(position);
        panel.show(position, links);
        said.textContent = `Chosen: ${library.nameOf(position)}, ${thousands(links.length)} link${links.length === 1 ? "" : "s"}.`;
        history.replaceState(null, "", `#${encodeURIComponent(library.slugs[position])}`);
        painter.later();
    }
    function visit(position, withFlight = true) {
        choose(position);
        camera.flyTo(library.x[position], library.y[position], Math.max(CLOSE / library.unit, camera.scale), withFlight);
    }
    function letGo() {
        if (painter.chosen >= 0) {
            const hadFocus = part("panel").contains(document.activeElement);
            painter.chosen = -1;
            panel.hide();
            said.textContent = "";
            history.replaceState(null, "", location.pathname + location.search);
            painter.later();
            if (hadFocus) {
                canvas.focus();
            }
        }
    }
    function positionAt(px, py, reach) {
        const { x, y } = camera.placeAt(px, py);
        const position = library.nearest(x, y, reach / camera.scale);
        return position >= 0 && !painter.isFaint[position] ? position : -1;
    }
    function followAddress(withFlight) {
        let slug = "";
        try {
            slug = decodeURIComponent(location.hash.slice(1));
        } catch {
            return; // nobody's slug
        }
        const position = library.positions.get(slug);
        if (position !== undefined && position !== painter.chosen) {
            visit(position, withFlight);
        }
    }
    function colour() {
        painter.grouping = part("colour").value;
        showLegend(part("legend"), library.groupings[painter.grouping], (group) =>
            camera.flyTo(group.x, group.y, Math.min(camera.width, camera.height) / (2.6 * (group.radius + library.unit))),
        );
        painter.renew();
    }

    Object.assign(painter, filters.apply());
    await pause();
    colour();
    if (matchMedia("(min-width: 60rem)").matches) {
        part("settings").open = true;
    }
    await pause();
    const measure = () => camera.resize(canvas.clientWidth, canvas.clientHeight, CLOSEST / library.unit);
    measure();
    new ResizeObserver(measure).observe(canvas);
    listen(canvas, camera, {
        point(px, py) {
            const position = px < 0 ? -1 : positionAt(px, py, 10);
            if (position !== painter.pointed) {
                painter.pointed = position;
                canvas.classList.toggle("is-pointing", position >= 0);
                painter.later();
            }
        },
        choose(px, py, reach) {
            const position = positionAt(px, py, reach);
            if (position >= 0) {
                choose(position);
            } else {
                letGo();
            }
        },
        letGo,
    });
    listenToButtons(root.querySelectorAll("[data-do]"), camera);
    attach(part("find"), part("matches"), library, visit, (text) => {
        said.textContent = text;
    });
    part("colour").addEventListener("change", colour);
    for (const query of ["(prefers-color-scheme: dark)", "(prefers-contrast: more)"]) {
        matchMedia(query).addEventListener("change", () => painter.readColours());
    }
    addEventListener("hashchange", () => followAddress(true));
    said.textContent = library.count ? "" : "Nothing is published yet.";
    followAddress(false);
    root.classList.add("is-drawn");
}
