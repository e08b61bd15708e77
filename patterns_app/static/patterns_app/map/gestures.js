// Fingers, mouse, wheel and keys, as what they mean: move, zoom, point at, choose.

const STEP = 60; // pixels an arrow key moves
const CLOSER = 1.4;
const SLACK = 6; // pixels within which a press is a tap and no drag

export function listen(canvas, camera, { point, choose, letGo }) {
    const fingers = new Map();
    let travelled = 0;

    const at = (event) => {
        const box = canvas.getBoundingClientRect();
        return { x: event.clientX - box.left, y: event.clientY - box.top };
    };
    const spread = () => {
        const [one, other] = [...fingers.values()];
        return { distance: Math.hypot(one.x - other.x, one.y - other.y) || 1, x: (one.x + other.x) / 2, y: (one.y + other.y) / 2 };
    };

    canvas.addEventListener("pointerdown", (event) => {
        canvas.setPointerCapture(event.pointerId);
        if (!fingers.size) {
            travelled = 0;
        }
        fingers.set(event.pointerId, at(event));
    });
    canvas.addEventListener("pointermove", (event) => {
        const now = at(event);
        const before = fingers.get(event.pointerId);
        if (!before) {
            point(now.x, now.y);
            return;
        }
        const { distance, x, y } = fingers.size === 2 ? spread() : {};
        fingers.set(event.pointerId, now);
        travelled += Math.hypot(now.x - before.x, now.y - before.y);
        if (fingers.size === 2) {
            const after = spread();
            camera.zoom(after.distance / distance, after.x, after.y);
            camera.pan(after.x - x, after.y - y);
        } else if (fingers.size === 1 && travelled > SLACK) {
            canvas.classList.add("is-dragged");
            camera.pan(now.x - before.x, now.y - before.y);
        }
    });
    const lift = (event) => {
        const where = fingers.get(event.pointerId);
        fingers.delete(event.pointerId);
        canvas.classList.remove("is-dragged");
        if (where && event.type === "pointerup" && travelled <= SLACK && !fingers.size) {
            choose(where.x, where.y, event.pointerType === "mouse" ? 12 : 24);
        }
    };
    canvas.addEventListener("pointerup", lift);
    canvas.addEventListener("pointercancel", lift);
    canvas.addEventListener("pointerleave", () => point(-1, -1));
    canvas.addEventListener(
        "wheel",
        (event) => {
            event.preventDefault();
            const { x, y } = at(event);
            const lines = event.deltaMode === WheelEvent.DOM_DELTA_LINE ? 16 : 1;
            camera.zoom(Math.exp(-Math.max(Math.min(event.deltaY * lines, 300), -300) * (event.ctrlKey ? 0.01 : 0.0022)), x, y);
        },
        { passive: false },
    );

    const keys = {
        ArrowLeft: () => camera.pan(STEP, 0),
        ArrowRight: () => camera.pan(-STEP, 0),
        ArrowUp: () => camera.pan(0, STEP),
        ArrowDown: () => camera.pan(0, -STEP),
        "+": () => camera.zoom(CLOSER),
        "=": () => camera.zoom(CLOSER),
        "-": () => camera.zoom(1 / CLOSER),
        0: () => camera.showAll(),
        Enter: () => choose(camera.width / 2, camera.height / 2, Math.max(camera.width, camera.height)),
        Escape: letGo,
    };
    canvas.addEventListener("keydown", (event) => {
        const does = event.ctrlKey || event.metaKey || event.altKey ? null : keys[event.key];
        if (does) {
            event.preventDefault();
            does();
        }
    });
}

export function listenToButtons(buttons, camera) {
    const does = { closer: () => camera.zoom(CLOSER), further: () => camera.zoom(1 / CLOSER), all: () => camera.showAll() };
    for (const button of buttons) {
        button.addEventListener("click", does[button.dataset.do]);
    }
}
