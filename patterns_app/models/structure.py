"""What the relationships look like as a whole: patterns that stand alone, statements made from one side only, cycles.

Queries that pick rows, and algorithms on plain pairs of keys; how often to look, and who may see it, is for others.
Archived patterns are left out everywhere: nobody works on them.
"""

from __future__ import annotations

from array import array
from collections import defaultdict, deque
from collections.abc import Iterable, Iterator, Mapping
from typing import Final, NamedTuple

from django.db.models import Exists, OuterRef

from patterns_app.document.vocabulary import RelationshipKind, Status
from patterns_app.models.parts import Relationship
from patterns_app.models.pattern import Pattern, PatternQuerySet

K = RelationshipKind

INVERSES: Final = {
    K.GENERALIZES_FROM: K.SPECIALIZES_TO,
    K.SPECIALIZES_TO: K.GENERALIZES_FROM,
    K.ALTERNATIVES: K.ALTERNATIVES,
    K.COMPLEMENTARY: K.COMPLEMENTARY,
    K.RELATED: K.RELATED,
}
"""What a statement is from its other end. Kinds that are not here (`enables`, `requires`, …) have no inverse."""

Pair = tuple[int, int]
"""Keys of the pattern that states a relationship, and of its target."""

_CHUNK = 20_000


class OneSided(NamedTuple):
    """A statement that its target does not return."""

    source: int
    kind: RelationshipKind
    target: int

    @property
    def missing(self) -> RelationshipKind:
        """What the target would have to state."""
        return INVERSES[self.kind]


class Cycle(NamedTuple):
    """Patterns that lead back to themselves. path: a shortest way round, without the first one again at its end.

    graph: "broader" or "requires". size: how many patterns are tangled, of which the path may show only some.
    """

    graph: str
    path: tuple[int, ...]
    size: int


class Structure(NamedTuple):
    """What one look at all relationships found.

    one_sided: for each kind the keys of sources and targets, as flat pairs of numbers, in the order of keys.
    """

    one_sided: dict[RelationshipKind, array[int]]
    cycles: list[Cycle]

    def count(self, kind: RelationshipKind | None = None) -> int:
        """How many statements are one-sided, of one kind or of all."""
        return sum(len(found) // 2 for name, found in self.one_sided.items() if kind in (None, name))

    def one_sided_slice(self, start: int, stop: int, kind: RelationshipKind | None = None) -> list[OneSided]:
        """Some of the one-sided statements, by kind and key."""
        found: list[OneSided] = []
        for name, flat in self.one_sided.items():
            if kind not in (None, name):
                continue
            count = len(flat) // 2
            for number in range(max(start, 0), min(stop, count)):
                found.append(OneSided(flat[2 * number], name, flat[2 * number + 1]))
            start, stop = start - count, stop - count
        return found


def orphans(patterns: PatternQuerySet) -> PatternQuerySet:
    """Those to which no relationship leads and from which none leads away, not even to a wanted pattern."""
    return patterns.exclude(status=Status.ARCHIVED).filter(
        ~Exists(Relationship.objects.filter(pattern=OuterRef("pk"))),
        ~Exists(Relationship.objects.filter(target=OuterRef("pk"))),
    )


def structure() -> Structure:
    """Look at all resolved relationships between patterns that are not archived.

    Seven queries; a second or two and some 200 bytes for each relationship of the kinds concerned while it looks.
    """
    archived = frozenset(Pattern.objects.filter(status=Status.ARCHIVED).order_by().values_list("pk", flat=True))
    one_sided: dict[RelationshipKind, array[int]] = {}
    broader: list[Pair] = []
    for kind, inverse in INVERSES.items():
        if kind is K.SPECIALIZES_TO:
            continue  # looked at together with its inverse
        pairs = set(_pairs(kind, archived))
        if inverse is kind:
            one_sided[kind] = _flat(without_return(pairs, pairs))
        else:
            others = set(_pairs(inverse, archived))
            one_sided[kind] = _flat(without_return(pairs, others))
            one_sided[inverse] = _flat(without_return(others, pairs))
            broader = [*pairs, *((target, source) for source, target in others)]
    cycles = [Cycle("broader", path, size) for path, size in loops(broader)]
    cycles += [Cycle("requires", path, size) for path, size in loops(_pairs(K.REQUIRES, archived))]
    return Structure(one_sided, cycles)


def _pairs(kind: RelationshipKind, archived: frozenset[int]) -> Iterator[Pair]:
    found = Relationship.objects.resolved().filter(kind=kind).order_by().values_list("pattern_id", "target_id")
    for source, target in found.iterator(chunk_size=_CHUNK):
        if source not in archived and target not in archived:
            yield source, target


def _flat(pairs: Iterable[Pair]) -> array[int]:
    return array("q", (key for pair in sorted(pairs) for key in pair))


def without_return(pairs: Iterable[Pair], returns: set[Pair]) -> Iterator[Pair]:
    """The pairs of which the reverse is not among the returns. A pattern that points at itself answers itself."""
    return ((source, target) for source, target in pairs if source != target and (target, source) not in returns)


def loops(pairs: Iterable[Pair]) -> list[tuple[tuple[int, ...], int]]:
    """The cycles of a directed graph: for each tangle a shortest way round from its lowest key, and its size.

    A tangle is a strongly connected component (R. Tarjan, Depth-first search and linear graph algorithms, 1972) of more
    than one, or one that points at itself. Smallest first. Time and memory linear in the number of pairs.
    """
    graph: dict[int, list[int]] = defaultdict(list)
    for source, target in set(pairs):
        graph[source].append(target)
    found = []
    for tangle in _components(graph):
        start = min(tangle)
        if len(tangle) > 1 or start in graph.get(start, ()):
            found.append((_way_round(graph, start, frozenset(tangle)), len(tangle)))
    return sorted(found, key=lambda loop: (loop[1], loop[0]))


def _components(graph: Mapping[int, list[int]]) -> Iterator[list[int]]:
    """Strongly connected components, without recursion: chains of patterns are longer than Python's stack is deep."""
    order: dict[int, int] = {}
    lowest: dict[int, int] = {}
    stack: list[int] = []
    waiting: set[int] = set()
    for root in graph:
        if root in order:
            continue
        work = [(root, iter(graph[root]))]
        order[root] = lowest[root] = len(order)
        stack.append(root)
        waiting.add(root)
        while work:
            node, targets = work[-1]
            for target in targets:
                if target not in order:
                    order[target] = lowest[target] = len(order)
                    stack.append(target)
                    waiting.add(target)
                    work.append((target, iter(graph.get(target, ()))))
                    break
                if target in waiting:
                    lowest[node] = min(lowest[node], order[target])
            else:
                work.pop()
                if work:
                    above = work[-1][0]
                    lowest[above] = min(lowest[above], lowest[node])
                if lowest[node] == order[node]:
                    component = []
                    while True:
                        member = stack.pop()
                        waiting.discard(member)
                        component.append(member)
                        if member == node:
                            break
                    yield component


def _way_round(graph: Mapping[int, list[int]], start: int, within: frozenset[int]) -> tuple[int, ...]:
    """A shortest way from a node back to it."""
    came_from: dict[int, int] = {}
    queue = deque([start])
    while queue:
        node = queue.popleft()
        for target in sorted(graph.get(node, ())):
            if target == start:
                path = [node]
                while path[-1] != start:
                    path.append(came_from[path[-1]])
                return tuple(reversed(path))
            if target in within and target not in came_from:
                came_from[target] = node
                queue.append(target)
    raise ValueError(f"{start} is on no cycle.")
