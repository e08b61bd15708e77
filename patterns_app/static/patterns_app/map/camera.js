// Which part of the map is seen: places are from 0 to 1, the screen is in CSS pixels.

const FLIGHT = 350; // milliseconds
const MARGIN = 18; // pixels around everything

export class Camera {
    // bounds: {x, y, half}, the square that holds all points and what is written at them. changed: called whenever something else is seen.
    constructor(bounds, changed) {
        Object.assign(this, { bounds, changed });
        [this.width, this.height, this.scale, this.left, this.top] = [1, 1, 1, 0, 0];
        this.calm = matchMedia("(prefers-reduced-motion: reduce)");
    }

    // closest: how many pixels a unit of the layout may become.
    resize(width, height, closest) {
        if (width === this.width && height === this.height) {
            return;
        }
        const middle = this.placeAt(this.width / 2, this.height / 2);
        const isFirst = !this.isReady;
        this.isReady = true;
        [this.width, this.height] = [width, height];
        this.whole = (Math.min(width, height) / 2 - MARGIN) / this.bounds.half;
        this.least = this.whole * 0.6;
        this.most = Math.max(closest, this.least * 2);
        if (isFirst) {
            this.showAll(false);
        } else {
            this.look(middle.x, middle.y, this.scale);
        }
    }

    placeAt(px, py) {
        return { x: (px - this.left) / this.scale, y: (py - this.top) / this.scale };
    }

    look(x, y, scale) {
        this.scale = Math.min(Math.max(scale, this.least), this.most);
        // The middle of the screen stays on the map.
        this.left = this.width / 2 - Math.min(Math.max(x, 0), 1) * this.scale;
        this.top = this.height / 2 - Math.min(Math.max(y, 0), 1) * this.scale;
        this.changed();
    }

    pan(dx, dy) {
        this.stop();
        const { x, y } = this.placeAt(this.width / 2 - dx, this.height / 2 - dy);
        this.look(x, y, this.scale);
    }

    // Closer or further, with the place under a point staying where it is.
    zoom(factor, px = this.width / 2, py = this.height / 2) {
        this.stop();
        const { x, y } = this.placeAt(px, py);
        const scale = Math.min(Math.max(this.scale * factor, this.least), this.most);
        this.look(x + (this.width / 2 - px) / scale, y + (this.height / 2 - py) / scale, scale);
    }

    showAll(withFlight = true) {
        this.flyTo(this.bounds.x, this.bounds.y, this.whole, withFlight);
    }

    flyTo(x, y, scale, withFlight = true) {
        this.stop();
        if (!withFlight || this.calm.matches) {
            this.look(x, y, scale);
            return;
        }
        const from = { ...this.placeAt(this.width / 2, this.height / 2), scale: this.scale };
        const start = performance.now();
        const step = (now) => {
            const share = Math.min(Math.max((now - start) / FLIGHT, 0), 1);
            const eased = share * share * (3 - 2 * share);
            const between = (one, other) => one + (other - one) * eased;
            this.look(between(from.x, x), between(from.y, y), from.scale * (scale / from.scale) ** eased);
            this.flight = share < 1 ? requestAnimationFrame(step) : 0;
        };
        this.flight = requestAnimationFrame(step);
    }

    stop() {
        cancelAnimationFrame(this.flight);
        this.flight = 0;
    }
}
