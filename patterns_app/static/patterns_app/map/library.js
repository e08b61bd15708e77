// All patterns and links as they are sent, in arrays by position, with what is needed to find and count them quickly.

const CELLS = 64; // cells a side of the grid in which points are looked up

// Lets the browser do what it has to between two pieces of work.
export const pause = () => new Promise((resolve) => setTimeout(resolve));

export async function load(source) {
    const response = await fetch(source);
    if (!response.ok) {
        throw new Error(`${source}: ${response.status}`);
    }
    const data = await response.json();
    await pause();
    const library = new Library(data);
    await pause();
    library.readLinks(data.edges);
    await pause();
    library.sortIntoCells();
    return library;
}

// As the search compares: without case, accents and signs.
export const fold = (text) =>
    text
        .toLowerCase()
        .normalize("NFKD")
        .replace(/\p{M}/gu, "")
        .toLowerCase()
        .replace(/ß/g, "ss")
        .replace(/ς/g, "σ")
        .replace(/[^\p{L}\p{N}]+/gu, " ")
        .trim();

export class Library {
    constructor(data) {
        this.slugs = data.slugs;
        this.titles = data.titles;
        this.labels = data.names;
        this.kinds = data.kinds.map(([word, verb, reverse, isInferred]) => ({ word, verb, reverse, isInferred }));
        this.count = data.slugs.length;
        this.x = Float32Array.from(data.x, (x) => x / 65535);
        this.y = Float32Array.from(data.y, (y) => y / 65535);
        // Distance of neighbours, as the layout has it.
        this.unit = 0.48 / (0.88 * Math.sqrt(this.count || 1) + 1);
        this.bounds = bounds(this.x, this.y, this.unit);
        this.groupings = { domain: grouping(this, data.domain, data.domains), community: grouping(this, data.community, data.communities) };
        this.positions = new Map(this.slugs.map((slug, position) => [slug, position]));
    }

    // What to call a pattern: its name for the audience, else its title.
    nameOf(position) {
        return this.labels[position] ?? this.titles[position];
    }

    linksOf(position) {
        return this.linksAt.subarray(this.linksFrom[position], this.linksFrom[position + 1]);
    }

    otherEnd(link, position) {
        return this.source[link] === position ? this.target[link] : this.source[link];
    }

    // How a link reads from one of its ends.
    verb(link, position) {
        const kind = this.kinds[this.kind[link]];
        return this.source[link] === position ? kind.verb : kind.reverse;
    }

    // The point nearest to a place, if it is within reach; -1 if none is.
    nearest(x, y, reach) {
        let best = -1;
        let least = reach * reach;
        this.eachWithin(x - reach, y - reach, x + reach, y + reach, (position) => {
            const dx = this.x[position] - x;
            const dy = this.y[position] - y;
            const square = dx * dx + dy * dy;
            if (square < least) {
                least = square;
                best = position;
            }
        });
        return best;
    }

    // Calls back for each point of the cells that a rectangle touches.
    eachWithin(left, top, right, bottom, visit) {
        const [fromColumn, toColumn, fromRow, toRow] = [cell(left), cell(right), cell(top), cell(bottom)];
        for (let row = fromRow; row <= toRow; row += 1) {
            const end = this.cellsFrom[row * CELLS + toColumn + 1];
            for (let at = this.cellsFrom[row * CELLS + fromColumn]; at < end; at += 1) {
                visit(this.pointsAt[at]);
            }
        }
    }

    // At most `most` patterns in whose name or title all words occur; those whose name begins so come first.
    find(typed, most) {
        const wanted = fold(typed);
        const words = wanted.split(/\s+/).filter(Boolean);
        if (!words.length) {
            return [];
        }
        this.folded ??= this.titles.map((title, position) => fold(`${this.labels[position] ?? ""} ${title}`));
        const first = [];
        const then = [];
        this.folded.forEach((name, position) => {
            if (words.every((word) => name.includes(word))) {
                (name.startsWith(wanted) ? first : then).push(position);
            }
        });
        return [...first, ...then].slice(0, most);
    }

    readLinks(edges) {
        const count = edges.length / 4;
        this.source = new Uint32Array(count);
        this.target = new Uint32Array(count);
        this.kind = new Uint16Array(count);
        this.weight = new Int8Array(count);
        this.degree = new Uint32Array(this.count);
        for (let link = 0; link < count; link += 1) {
            [this.source[link], this.target[link]] = [edges[link * 4], edges[link * 4 + 1]];
            [this.kind[link], this.weight[link]] = [edges[link * 4 + 2], edges[link * 4 + 3]];
            this.degree[this.source[link]] += 1;
            this.degree[this.target[link]] += 1;
        }
        this.linksFrom = sums(this.degree);
        this.linksAt = new Uint32Array(count * 2);
        const next = this.linksFrom.slice();
        for (let link = 0; link < count; link += 1) {
            this.linksAt[next[this.source[link]]++] = link;
            this.linksAt[next[this.target[link]]++] = link;
        }
        this.byDegree = Uint32Array.from(this.slugs.keys()).sort((one, other) => this.degree[other] - this.degree[one]);
    }

    sortIntoCells() {
        const cells = Uint16Array.from(this.slugs.keys(), (position) => cell(this.y[position]) * CELLS + cell(this.x[position]));
        const sizes = new Uint32Array(CELLS * CELLS);
        cells.forEach((number) => (sizes[number] += 1));
        this.cellsFrom = sums(sizes);
        this.pointsAt = new Uint32Array(this.count);
        const next = this.cellsFrom.slice();
        cells.forEach((number, position) => (this.pointsAt[next[number]++] = position));
    }
}

// The middle of all points and their largest distance from it in either direction.
// The square that holds all points, with room for the disc and the name of the outermost.
function bounds(xs, ys, unit) {
    let [left, top, right, bottom] = [1, 1, 0, 0];
    xs.forEach((x, position) => {
        [left, right] = [Math.min(left, x), Math.max(right, x)];
        [top, bottom] = [Math.min(top, ys[position]), Math.max(bottom, ys[position])];
    });
    return xs.length ? { x: (left + right) / 2, y: (top + bottom) / 2, half: Math.max(right - left, bottom - top, 0.1) / 2 + unit / 2 } : { x: 0.5, y: 0.5, half: 0.5 };
}

function cell(value) {
    return Math.min(Math.max(Math.floor(value * CELLS), 0), CELLS - 1);
}

function sums(sizes) {
    const from = new Uint32Array(sizes.length + 1);
    sizes.forEach((size, number) => (from[number + 1] = from[number] + size));
    return from;
}

// A division into groups: of which group each pattern is, and where the groups lie.
function grouping(library, of, names) {
    const groups = names.map(([name, count]) => ({ name, count, x: 0, y: 0, radius: 0, shown: 0 }));
    of.forEach((number, position) => {
        if (number >= 0) {
            groups[number].x += library.x[position];
            groups[number].y += library.y[position];
            groups[number].shown += 1;
        }
    });
    for (const group of groups) {
        group.x /= group.shown || 1;
        group.y /= group.shown || 1;
    }
    of.forEach((number, position) => {
        if (number >= 0) {
            const group = groups[number];
            group.radius += (library.x[position] - group.x) ** 2 + (library.y[position] - group.y) ** 2;
        }
    });
    for (const group of groups) {
        // Of an evenly filled disc. Those of a group that is all over the map would only hide the others.
        group.radius = Math.sqrt((2 * group.radius) / (group.shown || 1));
        group.isTogether = group.shown > 2 && group.radius < 1.4 * library.unit * Math.sqrt(group.shown);
    }
    return { of: Int32Array.from(of), groups };
}
