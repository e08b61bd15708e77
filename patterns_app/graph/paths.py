"""How two public patterns connect: the shortest ways between them over their relationships, in either direction.

Searched from both ends at once (Pohl, 1971), level by level, so that only what lies near the two is ever read.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from typing import Final, NamedTuple

from django.db.models import Q

from patterns_app.graph.wording import verb_of
from patterns_app.models import PublicEdge

FURTHEST: Final = 6
"""Steps of the longest way that is looked for."""

MOST_READ: Final = 20_000
"""Relationships that are read for one level. A level with more is looked at no further, and `Found` says so."""

WAYS: Final = 3

UNWEIGHTED: Final = 0.5
"""For how strong a relationship without a weight is taken."""


class Step(NamedTuple):
    """One relationship on a way. is_backward: the way goes from its target to its source."""

    start: int
    end: int
    kind: str
    is_backward: bool
    weight: float | None
    is_inferred: bool

    @property
    def verb(self) -> str:
        """What its start does to its end, as in “A requires B”."""
        return verb_of(self.kind, is_backward=self.is_backward)

    @property
    def cost(self) -> tuple[int, float]:
        """Less is better: what people state before what machines propose, then the stronger."""
        return int(self.is_inferred), 1.0 - (UNWEIGHTED if self.weight is None else self.weight)


Way = tuple[Step, ...]


class Found(NamedTuple):
    """The shortest ways, best first. around: what the two ends are linked to, where no way was found.

    is_complete: these are the shortest, or there is none at all; else there may be others that were not looked at.
    """

    ways: tuple[Way, ...]
    around: Mapping[int, tuple[Step, ...]]
    is_complete: bool


def find(start: int, end: int, *, kinds: Collection[str] = (), with_inferred: bool = True) -> Found:
    """The shortest ways from one pattern to another, at most `WAYS`; of equally short ones the strongest.

    kinds: those of the relationships that may be used, without any all. One query for each step of the way, of at most
    `FURTHEST`, each for at most `MOST_READ` rows.
    """
    if start == end:
        return Found(((),), {}, is_complete=True)
    which = Q() if with_inferred else Q(is_inferred=False)
    if kinds:
        which &= Q(kind__in=sorted(kinds))
    ahead, behind = _Side(start, which), _Side(end, which)
    while ahead.depth + behind.depth < FURTHEST:
        # The side with less to look at goes on.
        side, other = (ahead, behind) if len(ahead.outermost) <= len(behind.outermost) else (behind, ahead)
        side.go_on()
        if meeting := side.outermost & other.seen.keys():
            return Found(_best(meeting, ahead, behind), {}, is_complete=not (ahead.is_cut or behind.is_cut))
        if not side.outermost:
            around = {place.origin: place.first() for place in (ahead, behind)}
            return Found((), around, is_complete=not (ahead.is_cut or behind.is_cut))
    return Found((), {side.origin: side.first() for side in (ahead, behind)}, is_complete=False)


def steps_from(pks: Collection[int], which: Q | None = None) -> tuple[list[Step], bool]:
    """(the relationships of patterns as they are gone from there, whether that is all of them).

    One with both ends among the patterns is gone in both directions. One query, for at most `MOST_READ` rows.
    """
    ends = Q(source__among=pks) | Q(target__among=pks)
    rows = PublicEdge.objects.filter(ends, which or Q(), target__isnull=False).order_by("pk")
    read = list(rows.values_list("source", "target", "kind", "weight", "is_inferred")[: MOST_READ + 1])
    among, steps = {*pks}, []
    for source, target, kind, weight, is_inferred in read[:MOST_READ]:
        if source == target:
            continue
        if source in among:
            steps.append(Step(source, target, kind, False, weight, is_inferred))
        if target in among:
            steps.append(Step(target, source, kind, True, weight, is_inferred))
    return steps, len(read) <= MOST_READ


class _Side:
    """What was reached from one end. seen: at which depth; into: the best steps by which each was reached."""

    def __init__(self, origin: int, which: Q) -> None:
        self.origin, self.which = origin, which
        self.depth, self.is_cut = 0, False
        self.outermost: set[int] = {origin}
        self.seen: dict[int, int] = {origin: 0}
        self.into: dict[int, dict[int, Step]] = defaultdict(dict)

    def go_on(self) -> None:
        """One level further. One query."""
        self.depth += 1
        reached: set[int] = set()
        steps, is_all = steps_from(self.outermost, self.which)
        self.is_cut = self.is_cut or not is_all
        for step in steps:
            if self.seen.setdefault(step.end, self.depth) != self.depth:
                continue
            reached.add(step.end)
            known = self.into[step.end].get(step.start)
            if known is None or step.cost < known.cost:
                self.into[step.end][step.start] = step
        self.outermost = reached

    def first(self) -> tuple[Step, ...]:
        """The steps to what the origin is linked to, best first. No query, if it was left before."""
        if not self.depth:
            self.go_on()
        steps = [into[self.origin] for into in self.into.values() if self.origin in into]
        return tuple(sorted(steps, key=lambda step: (step.cost, step.end)))

    def ways_to(self, pk: int) -> list[Way]:
        """The best ways from the origin to a pattern, each in the order in which it was gone."""
        best: dict[int, list[Way]] = {self.origin: [()]}

        def ways(here: int) -> list[Way]:
            if here not in best:
                found = [(*way, step) for before, step in self.into[here].items() for way in ways(before)]
                best[here] = sorted(found, key=_rank)[:WAYS]
            return best[here]

        return ways(pk)


def _rank(way: Way) -> tuple[int, float, tuple[int, ...]]:
    """Less is better. Of ways of the same length to the same pattern, what is best begins with one of the best."""
    costs = [step.cost for step in way]
    weakness = round(sum(weakness for _, weakness in costs), 9)
    return sum(inferred for inferred, _ in costs), weakness, tuple(step.end for step in way)


def _best(meeting: Iterable[int], ahead: _Side, behind: _Side) -> tuple[Way, ...]:
    """The best of the ways over the patterns that were reached from both ends."""
    found = [
        (*first, *(_turned(step) for step in reversed(second)))
        for pk in meeting
        for first in ahead.ways_to(pk)
        for second in behind.ways_to(pk)
    ]
    return tuple(sorted(found, key=_rank)[:WAYS])


def _turned(step: Step) -> Step:
    return step._replace(start=step.end, end=step.start, is_backward=not step.is_backward)
