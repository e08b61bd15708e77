"""Where patterns lie on the map: plain arithmetic, the same for the same input on every machine and every day.

A domain of a few patterns or more is a region, a disc as large as it has patterns; regions do not overlap, and linked
ones lie near each other. Inside them patterns push away who is too near and pull who is linked (force-directed
placement after Fruchterman and Reingold, 1991, with repulsion that ends at a short reach, so that a grid of cells finds
all pairs). Patterns of no region settle between the regions. Lengths are in units of about the distance from one
pattern to the next; `Place` is in the square from 0 to 1.
"""

from __future__ import annotations

import hashlib
import math
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Final, NamedTuple

from patterns_app.graph.forces import Disc, apart, settle

Place = tuple[float, float]

ROUNDS: Final = 80
SMALLEST: Final = 3
"""Patterns from which on a domain is a region."""
MOST_REGIONS: Final = 300

_GOLDEN: Final = math.pi * (3 - math.sqrt(5))
_ROOM: Final = 0.62
"""Radius of a region of one pattern; the area grows with the number of patterns."""
_CANDIDATES: Final = 48
_MARGIN: Final = 0.02


class Node(NamedTuple):
    """A pattern to be placed. name: what its place hangs on besides its links; domain: as names are compared."""

    name: str
    domain: str


class Link(NamedTuple):
    """A link between two nodes, by their positions in the list of nodes. weight: 0–1."""

    source: int
    target: int
    weight: float


def laid_out(
    nodes: Sequence[Node],
    links: Sequence[Link],
    before: Mapping[int, Place],
    advance: Callable[[int], None] = lambda count: None,
) -> list[Place]:
    """A place for each node: the present places (`before`, by position) made better, or places from scratch.

    Time grows with the number of nodes and links, 2,000 to 5,000 nodes a second. advance: told after each of `ROUNDS`.
    """
    if not nodes:
        return []
    unit = _unit(len(nodes))
    regions = _regions(nodes)
    known = filled(nodes, links, before) if before else None
    if known is None:
        discs = _packed(nodes, links, regions)
        points = _inside(nodes, links, regions, discs)
    else:
        points = [((x - 0.5) / unit, (y - 0.5) / unit) for x, y in known]
        discs = _moved(points, regions)
    membership = {position: disc for disc, members in zip(discs, regions.values(), strict=True) for position in members}
    settled = settle(points, links, membership, discs, ROUNDS, advance)
    # A little wider than thought, if links pushed somebody out.
    widest = max(max(abs(x), abs(y)) for x, y in settled)
    unit = min(unit, (0.5 - _MARGIN / 2) / max(widest, 1))
    return [(0.5 + x * unit, 0.5 + y * unit) for x, y in settled]


def begun(nodes: Sequence[Node], links: Sequence[Link]) -> list[Place]:
    """Places from scratch that cost next to nothing: each domain a disc, its most linked patterns in the middle."""
    if not nodes:
        return []
    regions = _regions(nodes)
    points = _inside(nodes, links, regions, _spiral(regions))
    widest = max(max(abs(x), abs(y)) for x, y in points)
    unit = min(_unit(len(nodes)), (0.5 - _MARGIN / 2) / max(widest, 1))
    return [(0.5 + x * unit, 0.5 + y * unit) for x, y in points]


def filled(nodes: Sequence[Node], links: Iterable[Link], before: Mapping[int, Place]) -> list[Place]:
    """The places of `before` as they are, and for each other node one near those to whom it belongs.

    That is the patterns of its domain to which it is linked, else its domain, else whatever it is linked to, else the
    rim. Nodes take their turns in order; each avoids those who are there.
    """
    if len(before) == len(nodes):
        return [before[position] for position in range(len(nodes))]
    unit = _unit(max(len(before), 1))
    near: dict[int, list[tuple[int, float]]] = defaultdict(list)
    for source, target, weight in links:
        near[source].append((target, weight))
        near[target].append((source, weight))
    homes: dict[str, tuple[float, float, int]] = {}
    taken: dict[tuple[int, int], list[Place]] = defaultdict(list)

    def take(position: int, place: Place) -> None:
        if domain := nodes[position].domain:
            x, y, count = homes.get(domain, (0.0, 0.0, 0))
            homes[domain] = x + place[0], y + place[1], count + 1
        taken[int(place[0] / unit), int(place[1] / unit)].append(place)

    places = dict(before)
    for position, place in before.items():
        take(position, place)
    for position, node in enumerate(nodes):
        if position in before:
            continue
        linked = [(other, weight) for other, weight in near[position] if other in places]
        own = [(other, weight) for other, weight in linked if nodes[other].domain == node.domain != ""]
        across, around = _digits(node.name)
        if own:
            middle = _middle([(places[other], weight) for other, weight in own])
        elif home := homes.get(node.domain):
            x, y, count = home
            reach = _ROOM * math.sqrt(count * across) * unit
            middle = x / count + reach * math.cos(math.tau * around), y / count + reach * math.sin(math.tau * around)
        elif linked:
            middle = _middle([(places[other], weight) for other, weight in linked])
        else:
            angle = math.tau * _digits(node.domain or node.name)[0]
            middle = 0.5 + 0.46 * math.cos(angle), 0.5 + 0.46 * math.sin(angle)
        places[position] = _free(middle, around, taken, unit)
        take(position, places[position])
    return [places[position] for position in range(len(nodes))]


def _free(middle: Place, turn: float, taken: Mapping[tuple[int, int], list[Place]], unit: float) -> Place:
    """A place around a point that has room, the nearest of some; the roomiest if none has enough."""
    best, most = middle, -1.0
    for number in range(_CANDIDATES):
        length, angle = 0.8 * unit * math.sqrt(number + 0.25), _GOLDEN * number + math.tau * turn
        x = min(max(middle[0] + length * math.cos(angle), _MARGIN / 2), 1 - _MARGIN / 2)
        y = min(max(middle[1] + length * math.sin(angle), _MARGIN / 2), 1 - _MARGIN / 2)
        column, row = int(x / unit), int(y / unit)
        room = min(
            (
                math.hypot(x - there[0], y - there[1])
                for near_column in (column - 1, column, column + 1)
                for near_row in (row - 1, row, row + 1)
                for there in taken.get((near_column, near_row), ())
            ),
            default=unit,
        )
        if room > most:
            best, most = (x, y), room
        if room >= 0.75 * unit:
            break
    return best


def _middle(places: Sequence[tuple[Place, float]]) -> Place:
    total = math.fsum(weight or 0.01 for _, weight in places)
    return (
        math.fsum(x * (weight or 0.01) for (x, _), weight in places) / total,
        math.fsum(y * (weight or 0.01) for (_, y), weight in places) / total,
    )


def _digits(name: str) -> tuple[float, float]:
    """Two numbers from 0 to 1 that are always the same for a name and look like chance."""
    digest = hashlib.blake2b(name.encode(errors="surrogatepass"), digest_size=8).digest()
    return int.from_bytes(digest[:4]) / 2**32, int.from_bytes(digest[4:]) / 2**32


def _unit(count: int) -> float:
    """How long a unit is on the map, for a number of patterns: discs leave about a third of the square empty."""
    return (0.5 - _MARGIN) / (0.88 * math.sqrt(count) + 1)


def _regions(nodes: Sequence[Node]) -> dict[str, list[int]]:
    """The domains that are regions, largest first, each with the positions of its patterns in the order of names."""
    sizes = Counter(node.domain for node in nodes if node.domain)
    chosen = sorted((name for name in sizes if sizes[name] >= SMALLEST), key=lambda name: (-sizes[name], name))
    regions: dict[str, list[int]] = {name: [] for name in chosen[:MOST_REGIONS]}
    for position in sorted(range(len(nodes)), key=lambda position: nodes[position].name):
        if nodes[position].domain in regions:
            regions[nodes[position].domain].append(position)
    return regions


def _spiral(regions: Mapping[str, Sequence[int]]) -> list[Disc]:
    """A disc for each region, the largest in the middle."""
    discs, before = [], 0.0
    for number, members in enumerate(regions.values()):
        radius = _ROOM * math.sqrt(len(members)) + 0.3
        length = 1.35 * math.sqrt(before + radius * radius / 2) if number else 0.0
        angle = _GOLDEN * number
        discs.append(Disc(length * math.cos(angle), length * math.sin(angle), radius))
        before += radius * radius
    return discs


def _packed(nodes: Sequence[Node], links: Iterable[Link], regions: Mapping[str, Sequence[int]]) -> list[Disc]:
    """Discs that do not overlap, those of linked regions near each other."""
    number_of = {name: number for number, name in enumerate(regions)}
    pulls: Counter[tuple[int, int]] = Counter()
    for source, target, _ in links:
        one, other = number_of.get(nodes[source].domain), number_of.get(nodes[target].domain)
        if one is not None and other is not None and one != other:
            pulls[min(one, other), max(one, other)] += 1
    return apart(_spiral(regions), pulls)


def _moved(points: list[Place], regions: Mapping[str, Sequence[int]]) -> list[Disc]:
    """The discs of regions where their patterns are; pushed apart where they grew, and their patterns (changed) too."""
    discs = []
    for members in regions.values():
        x = math.fsum(points[position][0] for position in members) / len(members)
        y = math.fsum(points[position][1] for position in members) / len(members)
        discs.append(Disc(x, y, _ROOM * math.sqrt(len(members)) + 0.3))
    moved = apart(discs, {}, gravity=0.0)
    for old, new, members in zip(discs, moved, regions.values(), strict=True):
        for position in members:
            x, y = points[position]
            points[position] = x + new.x - old.x, y + new.y - old.y
    return moved


def _inside(
    nodes: Sequence[Node], links: Iterable[Link], regions: Mapping[str, Sequence[int]], discs: Sequence[Disc]
) -> list[Place]:
    """Patterns in their regions as seeds lie in a sunflower, the most linked in the middle; all others around."""
    degrees = Counter(end for link in links for end in (link.source, link.target))
    points: dict[int, Place] = {}
    for disc, members in zip(discs, regions.values(), strict=True):
        ranked = sorted(members, key=lambda position: -degrees[position])
        for position, (x, y) in zip(ranked, _seeds(0.0), strict=False):
            points[position] = disc.x + x, disc.y + y
    rim = max((math.hypot(disc.x, disc.y) + disc.radius for disc in discs), default=0.0)
    others = sorted(
        (position for position in range(len(nodes)) if position not in points),
        key=lambda position: (nodes[position].domain, nodes[position].name),
    )
    points.update(zip(others, _seeds(rim), strict=False))
    return [points[position] for position in range(len(nodes))]


def _seeds(rim: float) -> Iterator[Place]:
    """Points with about one unit between them, from a circle outward (Vogel, 1979)."""
    number = 0
    while True:
        length = math.sqrt(rim * rim + (number + 0.5) * _ROOM * _ROOM)
        yield length * math.cos(_GOLDEN * number), length * math.sin(_GOLDEN * number)
        number += 1
