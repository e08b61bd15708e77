"""The map's places in the database: given once, and kept. `places` says where; this reads and writes.

A pattern that has no place yet is shown all the same: `shown_places` finds one for it, the same one that `place_many`
would write. So publishing need not know of the map, and nobody moves because somebody came.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import Final

from django.db import transaction

from patterns_app import caching
from patterns_app.document.vocabulary import name_key
from patterns_app.graph import places
from patterns_app.graph.places import ROUNDS, Link, Node, Place
from patterns_app.models import MapPlace, PublicEdge, Snapshot
from patterns_app.models.bulk import insert_rows

UNWEIGHTED: Final = 0.5
"""How hard a link without a weight pulls."""

INFERRED: Final = 0.5
"""How much of its weight a machine's proposal pulls with."""

Steps = Callable[[int], None]
Row = tuple[int, int, str, bool, float | None]
"""A resolved relationship: source, target, kind, whether a machine proposed it, weight."""


def lay_out(advance: Steps = lambda count: None, *, anew: bool = False) -> int:
    """Lay the whole map out, from the present places or anew; how many patterns it has.

    advance: told after each of `ROUNDS` rounds. Two to five thousand patterns a second of one core; six queries.
    """
    keys, nodes = _nodes()
    before = {} if anew else _known(keys)
    _write(keys, places.laid_out(nodes, _links(keys, resolved()), before, advance))
    return len(keys)


def place_missing(advance: Steps = lambda count: None) -> int:
    """Give a place to each pattern that has none; nobody else moves. How many got one.

    If most have none, the map has never been seen as a whole: then it is laid out. Two queries if there is nothing to
    do, else at most eight.
    """
    count, known = Snapshot.objects.count(), MapPlace.objects.filter(snapshot__slug__isnull=False).count()
    if count > 2 * known:
        return lay_out(advance)
    if count > known:
        place_many(list(Snapshot.objects.order_by("slug").values_list("pk", flat=True)))
    advance(ROUNDS)
    return count - known


def place_many(pks: Sequence[int]) -> None:
    """Give places to those of some patterns that have none. Four queries, but it reads the whole map; none for none."""
    if not pks:
        return
    wanted = {*pks}
    keys, nodes = _nodes()
    known = _known(keys)
    found = shown_places(nodes, _links(keys, resolved()), known)
    chosen = [position for position, key in enumerate(keys) if key in wanted and position not in known]
    with transaction.atomic():
        _insert([keys[position] for position in chosen], [found[position] for position in chosen])


def shown_places(nodes: Sequence[Node], links: Sequence[Link], known: dict[int, Place]) -> list[Place]:
    """A place for each pattern, by position: its own, else one that is free near where it belongs. No query."""
    return places.filled(nodes, links, known) if known else places.begun(nodes, links)


def resolved() -> list[Row]:
    """All relationships from one public pattern to another. One query."""
    edges = PublicEdge.objects.filter(target__isnull=False)
    return list(edges.order_by("pk").values_list("source", "target", "kind", "is_inferred", "weight"))


def links_among(positions: dict[int, int], rows: Sequence[Row]) -> list[Link]:
    """Relationships as they pull, between the positions of patterns by key."""
    found = []
    for source, target, _, is_inferred, weight in rows:
        if source != target and source in positions and target in positions:
            pull = UNWEIGHTED if weight is None else min(max(weight, 0.0), 1.0)
            found.append(Link(positions[source], positions[target], pull * INFERRED if is_inferred else pull))
    return found


def node_of(slug: str, domain: str) -> Node:
    """A pattern as `places` knows it."""
    return Node(slug, _domain_key(domain))


@functools.lru_cache(maxsize=2_000)
def _domain_key(domain: str) -> str:
    # Thousands of patterns have one of a few hundred.
    return name_key(domain)


def _nodes() -> tuple[list[int], list[Node]]:
    """The keys of all public patterns in the order of their slugs, and their nodes. One query."""
    # Each database would sort in its own way.
    rows = sorted(Snapshot.objects.order_by().values_list("pk", "slug", "domain"), key=lambda row: row[1])
    return [pk for pk, _, _ in rows], [node_of(slug, domain) for _, slug, domain in rows]


def _links(keys: Sequence[int], rows: Sequence[Row]) -> list[Link]:
    return links_among({pk: position for position, pk in enumerate(keys)}, rows)


def _known(keys: Sequence[int]) -> dict[int, Place]:
    """The places that are written, by position among the keys. One query."""
    written = {pk: (x, y) for pk, x, y in MapPlace.objects.order_by().values_list("snapshot_id", "x", "y")}
    return {position: written[pk] for position, pk in enumerate(keys) if pk in written}


def _write(keys: Sequence[int], found: Sequence[Place]) -> None:
    with transaction.atomic():
        MapPlace.objects.all().delete()
        _insert(keys, found)


def _insert(keys: Sequence[int], found: Sequence[Place]) -> None:
    if keys:
        rows = [(pk, x, y) for pk, (x, y) in zip(keys, found, strict=True)]
        # Somebody else may lay it out at the same time: the first places stay.
        insert_rows(MapPlace, ("snapshot", "x", "y"), rows, ignore_conflicts=True)
        caching.purge()
