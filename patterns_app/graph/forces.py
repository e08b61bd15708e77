"""The forces between patterns on the map: who is too near is pushed away, who is linked is pulled, regions hold theirs.

Lengths are in units, about the distance from one pattern to the next. All sums run in a fixed order.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from itertools import combinations
from typing import Final, NamedTuple

REACH: Final = 1.25
"""From which distance on two patterns do not push each other."""

_GAP: Final = 0.8
_PULL: Final = 0.06
_FURTHEST: Final = 0.2
_HOT: Final = 0.7
_COLD: Final = 0.04

Point = tuple[float, float]


class Disc(NamedTuple):
    """The area of a region."""

    x: float
    y: float
    radius: float


def apart(
    discs: Sequence[Disc], pulls: Mapping[tuple[int, int], int], *, gravity: float = 0.02, rounds: int = 120
) -> list[Disc]:
    """Discs moved until none overlaps another, near the middle and near those to whom they are pulled.

    pulls: how many links there are between two of them. Time grows with the square of their number.
    """
    xs, ys = [disc.x for disc in discs], [disc.y for disc in discs]
    radii = [disc.radius for disc in discs]
    pairs = list(combinations(range(len(discs)), 2))
    strengths = [(one, other, min(0.05, 0.01 * math.sqrt(count))) for (one, other), count in sorted(pulls.items())]
    for number in range(rounds):
        # Pulled in the first two thirds; then only put right.
        if number * 3 < rounds * 2:
            for one, other, strength in strengths:
                dx, dy = (xs[other] - xs[one]) * strength, (ys[other] - ys[one]) * strength
                share = radii[other] ** 2 / (radii[one] ** 2 + radii[other] ** 2)
                xs[one] += dx * share
                ys[one] += dy * share
                xs[other] -= dx * (1 - share)
                ys[other] -= dy * (1 - share)
            if gravity:
                xs = [x * (1 - gravity) for x in xs]
                ys = [y * (1 - gravity) for y in ys]
        still = True
        for one, other in pairs:
            dx, dy = xs[other] - xs[one], ys[other] - ys[one]
            needed = radii[one] + radii[other] + _GAP
            if not (-needed < dx < needed and -needed < dy < needed):
                continue
            distance = math.hypot(dx, dy)
            if distance >= needed - 1e-3:
                continue
            still = False
            if distance < 1e-6:
                dx, dy, distance = math.cos(one), math.sin(one), 1.0
                excess = needed
            else:
                excess = needed - distance
            share = radii[other] ** 2 / (radii[one] ** 2 + radii[other] ** 2)
            dx, dy = dx / distance * excess, dy / distance * excess
            xs[one] -= dx * share
            ys[one] -= dy * share
            xs[other] += dx * (1 - share)
            ys[other] += dy * (1 - share)
        if still and not gravity:
            break
    return [Disc(x, y, radius) for x, y, radius in zip(xs, ys, radii, strict=True)]


def settle(
    points: Sequence[Point],
    links: Sequence[tuple[int, int, float]],
    homes: Mapping[int, Disc],
    discs: Sequence[Disc],
    rounds: int,
    advance: Callable[[int], None],
) -> list[Point]:
    """Points after some rounds of all forces, each with smaller steps than the one before.

    homes: the discs in which points have to stay, by position; a point without one stays out of all discs. Links pull
    in the first two thirds of the rounds; in the last one their points spread until their discs are full.
    """
    xs, ys = [x for x, _ in points], [y for _, y in points]
    degrees = [0] * len(points)
    for source, target, _ in links:
        degrees[source] += 1
        degrees[target] += 1
    pulls = [
        (source, target, _strength(homes.get(source), homes.get(target), weight, min(degrees[source], degrees[target])))
        for source, target, weight in links
        if source != target
    ]
    covered = _covered(discs)
    held = [homes.get(position) for position in range(len(points))]
    for number in range(rounds):
        step = _HOT * (_COLD / _HOT) ** (number / max(rounds - 1, 1))
        fx, fy = [0.0] * len(points), [0.0] * len(points)
        _push(xs, ys, fx, fy)
        is_late = number * 3 >= rounds * 2
        for source, target, strength in () if is_late else pulls:
            dx, dy = xs[target] - xs[source], ys[target] - ys[source]
            distance = math.sqrt(dx * dx + dy * dy)
            if distance > 1:
                # A long link pulls no more than a short one can bear: regions are to stay what they are.
                force = min(strength * (distance - 1), _FURTHEST) / distance
                dx *= force
                dy *= force
                fx[source] += dx
                fy[source] += dy
                fx[target] -= dx
                fy[target] -= dy
        for position, home in enumerate(held):
            x, y = xs[position], ys[position]
            if home is not None:
                dx, dy = x - home.x, y - home.y
                distance = math.sqrt(dx * dx + dy * dy)
                back = 0.06 if is_late else 0.0
                if distance > home.radius - 0.5:
                    back += (distance - home.radius + 0.5) / distance
                if back:
                    fx[position] -= dx * back
                    fy[position] -= dy * back
            else:
                fx[position] -= x * 0.004
                fy[position] -= y * 0.004
                foreign = covered.get((math.floor(x), math.floor(y)))
                if foreign is not None:
                    dx, dy = x - foreign.x, y - foreign.y
                    distance = math.sqrt(dx * dx + dy * dy) or 1e-6
                    out = max(foreign.radius + 0.5 - distance, 0.0) / distance
                    fx[position] += dx * out
                    fy[position] += dy * out
        for position, (dx, dy) in enumerate(zip(fx, fy, strict=True)):
            length = math.sqrt(dx * dx + dy * dy)
            if length > step:
                dx, dy = dx * step / length, dy * step / length
            xs[position] += dx
            ys[position] += dy
        advance(1)
    return list(zip(xs, ys, strict=True))


def _strength(source: Disc | None, target: Disc | None, weight: float, degree: int) -> float:
    """How hard a link pulls: less where both ends have many more, and where it pulls at the border of regions."""
    across = 0.12 if source != target else 1.0
    return _PULL * across * weight / math.sqrt(degree)


def _covered(discs: Sequence[Disc]) -> dict[tuple[int, int], Disc]:
    """Which disc covers a cell of one unit."""
    cells: dict[tuple[int, int], Disc] = {}
    for disc in discs:
        reach = disc.radius + 0.5
        for column in range(math.floor(disc.x - reach), math.floor(disc.x + reach) + 1):
            for row in range(math.floor(disc.y - reach), math.floor(disc.y + reach) + 1):
                if math.hypot(column + 0.5 - disc.x, row + 0.5 - disc.y) <= reach:
                    cells[column, row] = disc
    return cells


def _push(xs: list[float], ys: list[float], fx: list[float], fy: list[float]) -> None:
    """Add the forces that push points apart. Only those of the same cell and of cells side by side can be near."""
    cells: dict[tuple[int, int], list[int]] = {}
    for position, (x, y) in enumerate(zip(xs, ys, strict=True)):
        cells.setdefault((int(x // REACH), int(y // REACH)), []).append(position)
    nearest = REACH * REACH
    for (column, row), members in cells.items():
        others = list(members)
        for beside in ((column + 1, row), (column - 1, row + 1), (column, row + 1), (column + 1, row + 1)):
            others.extend(cells.get(beside, ()))
        for number, one in enumerate(members, 1):
            x, y = xs[one], ys[one]
            for other in others[number:]:
                dx = xs[other] - x
                if dx > REACH or dx < -REACH:
                    continue
                dy = ys[other] - y
                square = dx * dx + dy * dy
                if square < nearest:
                    if square < 1e-8:
                        dx, dy, square = 1e-4 * math.cos(one), 1e-4 * math.sin(one), 1e-8
                    distance = math.sqrt(square)
                    force = 0.5 * (REACH - distance) / distance
                    dx *= force
                    dy *= force
                    fx[one] -= dx
                    fy[one] -= dy
                    fx[other] += dx
                    fy[other] += dy
