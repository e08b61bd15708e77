// Draws what the camera sees. All of it is drawn once into a picture somewhat larger than the screen; while the camera
// moves, that picture moves. When the camera has left it, another is drawn at once, with few of the lines; when the
// camera rests, one with all of them, a part with each frame, so that whoever moves on waits for nothing. What has the
// attention (a chosen pattern, or one pointed at) is drawn on top.

export const COLOURS = 10; // in map.css; the next ten groups have the same ones as diamonds
export const COLOURED = 2 * COLOURS;

const MARGIN = 0.25; // of the screen, that the picture has on every side
const MOST_BLOWN_UP = 1.8; // times the picture may be stretched, or shrunk, before it is drawn anew
const SMALL = 2; // pixels of radius up to which a point is as good as a square

const MOST_LINES = 6000;
const LINES_AT_ONCE = 500;
const LINES_A_FRAME = 250;
const LINES_A_STROKE = 250; // one long path takes longer than several
const MANY_LINKS = 60; // of one pattern: then thin lines do
const MOST_NAMES = 70;
const PIXELS_A_NAME = 12_000;
const MOST_TRIED = 400;
const WIDTH = 0.22; // of a narrow sign, in times its size, halved: to measure each name takes longer than to draw the map
const APART = 3; // pixels between names
const EDGE = 4; // pixels between a name and the edge
const MOST_WIDTHS = 4000; // that are remembered
const NAME_LENGTH = 34;
const CLOSER = 1.3; // times as close as when all is seen: then smaller groups are named, too
const SETTLED = 160; // milliseconds without a change

export class Painter {
    constructor(canvas, library, camera) {
        Object.assign(this, { canvas, library, camera });
        this.screen = canvas.getContext("2d");
        this.picture = document.createElement("canvas");
        this.spare = document.createElement("canvas");
        this.links = new Uint32Array();
        this.isFaint = new Uint8Array(library.count);
        [this.chosen, this.pointed, this.grouping] = [-1, -1, "domain"];
        this.readColours();
    }

    readColours() {
        const style = getComputedStyle(this.canvas);
        const read = (name) => style.getPropertyValue(name).trim();
        this.colours = Array.from({ length: COLOURS }, (_, number) => read(`--map-${number}`));
        for (const name of ["paper", "ink", "quiet", "accent"]) {
            this[name] = read(`--${name}`);
        }
        this.other = read("--map-other");
        this.sprites = new Map();
        this.widths = new Map();
        this.renew();
    }

    // Draws anew with the next frame: other colours, other links.
    renew() {
        this.drawn = null;
        this.later();
    }

    // Draws with the next frame, once there is something to draw on.
    later() {
        if (!this.camera.isReady) {
            return;
        }
        this.frame ||= requestAnimationFrame(() => {
            this.frame = 0;
            this.draw();
        });
    }

    // The same while the camera moves.
    moved() {
        if (!this.drawn) {
            this.later();
            return;
        }
        this.isMoving = true;
        this.draft = null;
        clearTimeout(this.settling);
        this.settling = setTimeout(() => {
            this.isMoving = false;
            this.draft = this.#begun(this.spare);
            this.later();
        }, SETTLED);
        this.later();
    }

    draw() {
        const { camera, screen } = this;
        this.density = Math.min(devicePixelRatio || 1, 2);
        if (fit(this.canvas, camera.width, camera.height, this.density) || !this.#isCovered()) {
            const isAll = this.#goOn(this.#begun(this.picture), LINES_AT_ONCE);
            this.draft = isAll || this.isMoving ? null : this.#begun(this.spare);
        } else if (this.draft && this.#goOn(this.draft, LINES_A_FRAME)) {
            this.draft = null;
        }
        if (this.draft) {
            this.later();
        }
        this.near = this.#neighbourhood();
        this.#aim(screen, camera);
        screen.clearRect(0, 0, camera.width, camera.height);
        const ratio = camera.scale / this.drawn.scale;
        screen.globalAlpha = this.near ? 0.45 : 1;
        screen.drawImage(
            this.picture,
            camera.left - this.drawn.left * ratio,
            camera.top - this.drawn.top * ratio,
            this.drawn.width * ratio,
            this.drawn.height * ratio,
        );
        screen.globalAlpha = 1;
        this.#drawAttention();
    }

    // Whether the picture holds all that the camera sees, and is not too coarse.
    #isCovered() {
        const { camera, drawn } = this;
        if (!drawn) {
            return false;
        }
        const ratio = camera.scale / drawn.scale;
        const [left, top] = [camera.left - drawn.left * ratio, camera.top - drawn.top * ratio];
        // The map may end within the picture: then there is nothing more to see.
        const isWhole = drawn.isWhole && ratio <= 1;
        const holds = left <= 0 && top <= 0 && left + drawn.width * ratio >= camera.width && top + drawn.height * ratio >= camera.height;
        return (holds || isWhole) && ratio < MOST_BLOWN_UP && ratio > 1 / MOST_BLOWN_UP;
    }

    // What is to be drawn on a canvas. The view is that of now; lines: up to which one they are drawn, and how many.
    #begun(canvas) {
        const { camera } = this;
        // Where all of it is on the screen, there is nothing beyond.
        const { x, y, half } = this.library.bounds;
        const isWhole =
            camera.left + (x - half) * camera.scale >= 0 &&
            camera.top + (y - half) * camera.scale >= 0 &&
            camera.left + (x + half) * camera.scale <= camera.width &&
            camera.top + (y + half) * camera.scale <= camera.height;
        const margin = isWhole ? 0 : MARGIN;
        const [across, along] = [Math.round(camera.width * margin), Math.round(camera.height * margin)];
        const [width, height] = [camera.width + 2 * across, camera.height + 2 * along];
        const [left, top] = [camera.left + across, camera.top + along];
        return { canvas, view: { scale: camera.scale, left, top, width, height, isWhole }, lines: { at: 0, drawn: 0 } };
    }

    // Draws more of a draft. Has it all lines, or is it drawn at once, it becomes the picture; says whether it has all.
    #goOn({ canvas, view, lines }, most) {
        if (!lines.at) {
            fit(canvas, view.width, view.height, this.density);
        }
        this.#aim(canvas.getContext("2d"), view);
        if (!lines.at) {
            this.context.clearRect(0, 0, view.width, view.height);
            this.#drawRegions();
        }
        const isAll = this.#drawLines(lines, most);
        if (isAll || canvas === this.picture) {
            this.#drawPoints();
            const place = this.#namePlacer();
            this.#drawRegionNames(place);
            if (this.radius > 4) {
                this.#drawPointNames(place);
            }
            this.drawn = view;
            if (canvas === this.spare) {
                [this.picture, this.spare] = [this.spare, this.picture];
            }
        }
        return isAll;
    }

    // Draw with a context what a view sees, from now on.
    #aim(context, view) {
        Object.assign(this, { context, view });
        context.setTransform(this.density, 0, 0, this.density, 0, 0);
        context.globalAlpha = 1;
        this.radius = Math.min(Math.max(view.scale * this.library.unit * 0.27, 1.3), 9);
    }

    #drawAttention() {
        const { context, library, near } = this;
        if (near) {
            context.globalAlpha = 0.9;
            context.strokeStyle = this.accent;
            context.lineWidth = near.links.length > MANY_LINKS ? 1 / this.density : 1.5;
            this.#stroke(near.links, 0, MOST_LINES, () => true);
            context.globalAlpha = 1;
            for (const position of near.points) {
                this.#drawSprite(position, ...this.#at(position));
            }
        }
        if (this.chosen >= 0) {
            const [x, y] = this.#at(this.chosen);
            context.strokeStyle = this.accent;
            context.lineWidth = 2.5;
            context.beginPath();
            context.arc(x, y, this.radius * 1.8 + 4, 0, 7);
            context.stroke();
        }
        if (near) {
            const place = this.#namePlacer();
            this.#nameOfPoint(place, near.middle, { weight: 600, isForced: true });
            let drawn = 0;
            for (const position of library.byDegree) {
                if (drawn < MOST_NAMES && position !== near.middle && near.points.has(position) && this.#isSeen(position)) {
                    drawn += this.#nameOfPoint(place, position);
                }
            }
        }
    }

    #at(position) {
        const { scale, left, top } = this.view;
        return [this.library.x[position] * scale + left, this.library.y[position] * scale + top];
    }

    #isSeen(position) {
        const [x, y] = this.#at(position);
        return x >= 0 && y >= 0 && x <= this.view.width && y <= this.view.height;
    }

    // The number of a pattern's colour: of its group, if that is one of the largest.
    colourOf(position) {
        const number = this.library.groupings[this.grouping].of[position];
        return number >= 0 && number < COLOURED ? number : -1;
    }

    // The pattern in the middle of attention and all that it is linked to; null without one.
    #neighbourhood() {
        const middle = this.pointed >= 0 ? this.pointed : this.chosen;
        if (middle < 0) {
            return null;
        }
        const links = this.library.linksOf(middle).filter((link) => this.isShown[link]);
        return { middle, links, points: new Set([middle, ...Array.from(links, (link) => this.library.otherEnd(link, middle))]) };
    }

    #drawRegions() {
        const { context, view, library } = this;
        context.globalAlpha = 0.13;
        library.groupings[this.grouping].groups.slice(0, COLOURED).forEach((group, number) => {
            if (group.isTogether) {
                context.fillStyle = this.colours[number % COLOURS];
                context.beginPath();
                context.arc(group.x * view.scale + view.left, group.y * view.scale + view.top, (group.radius + library.unit * 0.8) * view.scale, 0, 7);
                context.fill();
            }
        });
        context.globalAlpha = 1;
    }

    // Draws as many more lines, and says whether that was the last of them.
    #drawLines(lines, most) {
        const { context, view, camera, density } = this;
        // Lines as thin as the screen has them take a fraction of the time of any others; darker, they look the same.
        context.lineWidth = 1 / density;
        context.strokeStyle = this.quiet;
        context.globalAlpha = (0.1 + Math.min(view.scale / camera.whole, 6) * 0.025) * density;
        // A line that only passes by says nothing.
        const ends = (x, y) => x >= 0 && y >= 0 && x <= view.width && y <= view.height;
        const [at, drawn] = this.#stroke(this.links, lines.at, most, (x1, y1, x2, y2) => ends(x1, y1) || ends(x2, y2));
        context.globalAlpha = 1;
        lines.at = at;
        lines.drawn += drawn;
        return at >= this.links.length || lines.drawn >= MOST_LINES;
    }

    // Draws links from one of them on: [up to which, how many of them].
    #stroke(links, from, most, isDrawn) {
        const { context, library } = this;
        const { scale, left, top } = this.view;
        let drawn = 0;
        context.beginPath();
        for (let at = from; at < links.length; at += 1) {
            const link = links[at];
            const x1 = library.x[library.source[link]] * scale + left;
            const y1 = library.y[library.source[link]] * scale + top;
            const x2 = library.x[library.target[link]] * scale + left;
            const y2 = library.y[library.target[link]] * scale + top;
            if (isDrawn(x1, y1, x2, y2)) {
                context.moveTo(x1, y1);
                context.lineTo(x2, y2);
                drawn += 1;
                if (drawn % LINES_A_STROKE === 0) {
                    context.stroke();
                    context.beginPath();
                    if (drawn >= most) {
                        return [at + 1, drawn];
                    }
                }
            }
        }
        context.stroke();
        return [links.length, drawn];
    }

    #drawPoints() {
        const { context, view, library } = this;
        const { scale, left, top, width, height } = view;
        const margin = 20 / scale;
        const isSmall = this.radius <= SMALL;
        const byColour = Array.from({ length: COLOURED + 1 }, () => []);
        library.eachWithin(-left / scale - margin, -top / scale - margin, (width - left) / scale + margin, (height - top) / scale + margin, (position) => {
            if (!this.isFaint[position]) {
                byColour[this.colourOf(position) + 1].push(position);
            }
        });
        byColour.forEach((positions, number) => {
            context.fillStyle = this.#colour(number - 1);
            for (const position of positions) {
                const x = library.x[position] * scale + left;
                const y = library.y[position] * scale + top;
                if (isSmall) {
                    const half = this.radius * (1 + this.#size(position) * 0.35);
                    context.fillRect(x - half, y - half, half * 2, half * 2);
                } else {
                    this.#drawSprite(position, x, y);
                }
            }
        });
    }

    #colour(number) {
        return number < 0 ? this.other : this.colours[number % COLOURS];
    }

    // 0 to 2, by how many links a pattern has.
    #size(position) {
        const degree = this.library.degree[position];
        return degree > 15 ? 2 : degree > 4 ? 1 : 0;
    }

    #drawSprite(position, x, y) {
        const sprite = this.#sprite(this.colourOf(position), this.#size(position));
        this.context.drawImage(sprite, x - sprite.half, y - sprite.half, sprite.half * 2, sprite.half * 2);
    }

    // A point as a picture, which is quicker to copy than to draw.
    #sprite(colour, size) {
        const radius = Math.round(this.radius * (1 + size * 0.35) * 4) / 4;
        const key = `${colour} ${radius} ${this.density}`;
        const known = this.sprites.get(key);
        if (known) {
            return known;
        }
        if (this.sprites.size > 600) {
            this.sprites.clear();
        }
        const sprite = document.createElement("canvas");
        sprite.half = Math.ceil(radius * 1.3 + 1);
        sprite.width = sprite.height = sprite.half * 2 * this.density;
        const context = sprite.getContext("2d");
        context.scale(this.density, this.density);
        context.translate(sprite.half, sprite.half);
        context.fillStyle = this.#colour(colour);
        context.beginPath();
        if (colour >= COLOURS) {
            const reach = radius * 1.3;
            context.moveTo(0, -reach);
            context.lineTo(reach, 0);
            context.lineTo(0, reach);
            context.lineTo(-reach, 0);
        } else {
            context.arc(0, 0, radius, 0, 7);
        }
        context.fill();
        this.sprites.set(key, sprite);
        return sprite;
    }

    // Writes names where there is room, and says whether there was: (text, x, y, {size, weight, isForced}).
    #namePlacer() {
        const { context } = this;
        const taken = [];
        context.textAlign = "center";
        context.lineJoin = "round";
        context.lineWidth = 3.5;
        context.strokeStyle = this.paper;
        context.fillStyle = this.ink;
        const isFree = ([left, top, right, bottom]) =>
            !taken.some((other) => left < other[2] && right > other[0] && top < other[3] && bottom > other[1]);
        const boxOf = (x, y, half, size) => [x - half - APART, y - size - APART, x + half + APART, y + size * 0.3 + APART];
        return (text, x, y, { size = 12.5, weight = 400, isForced = false } = {}) => {
            // Most that have no room have none even if they were narrow, and need not be measured.
            if (!isForced && !isFree(boxOf(x, y, text.length * size * WIDTH, size))) {
                return false;
            }
            context.font = `${weight} ${size}px system-ui, sans-serif`;
            const half = this.#widthOf(text) / 2;
            const middle = Math.max(half + EDGE, Math.min(x, this.view.width - half - EDGE));
            const box = boxOf(middle, y, half, size);
            if (!isForced && !isFree(box)) {
                return false;
            }
            taken.push(box);
            context.strokeText(text, middle, y);
            context.fillText(text, middle, y);
            return true;
        };
    }

    // The width of a text in the context's font.
    #widthOf(text) {
        const key = `${this.context.font} ${text}`;
        let width = this.widths.get(key);
        if (width === undefined) {
            if (this.widths.size > MOST_WIDTHS) {
                this.widths.clear();
            }
            width = this.context.measureText(text).width;
            this.widths.set(key, width);
        }
        return width;
    }

    #nameOfPoint(place, position, how) {
        const [x, y] = this.#at(position);
        return place(short(this.library.nameOf(position)), x, y - this.radius * 1.5 - 4, how);
    }

    #drawRegionNames(place) {
        const { view, camera } = this;
        const least = Math.min(camera.width, camera.height);
        // From afar only those with a colour, which the legend has, too.
        const named = view.scale < camera.whole * CLOSER ? COLOURED : 3 * COLOURED;
        this.library.groupings[this.grouping].groups.slice(0, named).forEach((group) => {
            const radius = group.radius * view.scale;
            const [x, y] = [group.x * view.scale + view.left, group.y * view.scale + view.top];
            const isSeen = x > 0 && y > 0 && x < view.width && y < view.height;
            if (group.isTogether && isSeen && radius > 14 && radius < least * 0.7) {
                place(short(group.name), x, y, { size: radius > 60 ? 15 : 12.5, weight: 700 });
            }
        });
    }

    #drawPointNames(place) {
        const most = Math.min((this.view.width * this.view.height) / PIXELS_A_NAME, MOST_NAMES) / (this.isMoving ? 3 : 1);
        let [drawn, tried] = [0, 0];
        for (const position of this.library.byDegree) {
            if (drawn >= most || tried >= MOST_TRIED) {
                return;
            }
            if (!this.isFaint[position] && this.#isSeen(position)) {
                tried += 1;
                drawn += this.#nameOfPoint(place, position);
            }
        }
    }
}

// Gives a canvas the size of a view; whether it had another one.
function fit(canvas, width, height, density) {
    const [across, along] = [Math.round(width * density), Math.round(height * density)];
    const isOther = canvas.width !== across || canvas.height !== along;
    if (isOther) {
        [canvas.width, canvas.height] = [across, along];
    }
    return isOther;
}

function short(name) {
    return name.length > NAME_LENGTH ? `${name.slice(0, NAME_LENGTH - 1).trimEnd()}…` : name;
}
