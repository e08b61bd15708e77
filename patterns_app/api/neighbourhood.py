"""What lies around a pattern in the graph of public relationships, and the graph page by page."""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from typing import Any, Final, NamedTuple

from django.db.models import F, Q

from patterns_app.api.answers import facts_of, in_short
from patterns_app.models import PublicEdge, Snapshot

MOST_NODES: Final = 300
"""Most patterns of one neighbourhood."""

MOST_EDGES: Final = 2_000
"""Most relationships that are walked at one distance."""

DEPTH: Final = 3
"""Furthest distance."""


class Graph(NamedTuple):
    """Patterns and the relationships between them, as data. is_cut: whether more lie there than are said."""

    nodes: list[dict[str, Any]]
    edges: list[dict[str, Any]]
    is_cut: bool
    newest: datetime.datetime | None


def chosen(*, kinds: Iterable[str] = (), min_weight: float = 0.0, inferred: bool = False) -> Q:
    """Which relationships to look at: without `inferred` those that people state, with a weight those that have it."""
    asked = Q(target__isnull=False) if inferred else Q(target__isnull=False, is_inferred=False)
    if named := list(kinds):
        asked &= Q(kind__in=named)
    return asked & Q(weight__gte=min_weight) if min_weight else asked


def around(start: Snapshot, which: Q, *, depth: int = 1, direction: str = "both", audience: str = "") -> Graph:
    """The patterns at most `depth` steps from one, with the steps. A query for each depth, and one.

    direction: "out" follows relationships from who states them, "in" the other way. Where too many lie there, people's
    statements come before proposals, and the heavier ones first.
    """
    depths, edges, frontier, is_cut = {start.pk: 0}, dict[int, PublicEdge](), [start.pk], False
    for distance in range(1, depth + 1):
        found = list(_leading_on(frontier, which, direction)[: MOST_EDGES + 1]) if frontier else []
        is_cut = is_cut or len(found) > MOST_EDGES
        frontier = []
        for edge in found[:MOST_EDGES]:
            for pk in (edge.source_id, edge.target_id):
                if pk is not None and pk not in depths and len(depths) < MOST_NODES:
                    depths[pk] = distance
                    frontier.append(pk)
            if edge.source_id in depths and edge.target_id in depths:
                edges[edge.pk] = edge
            else:
                is_cut = True
    return _said(edges.values(), depths, is_cut, audience)


def _leading_on(frontier: list[int], which: Q, direction: str) -> Any:
    ends = Q()
    if direction != "in":
        ends |= Q(source__among=frontier)
    if direction != "out":
        ends |= Q(target__among=frontier)
    return PublicEdge.objects.filter(which & ends).order_by("is_inferred", F("weight").desc(nulls_last=True), "pk")


def page(which: Q, *, after: int, limit: int, audience: str = "") -> tuple[Graph, int | None]:
    """Relationships by who states them, from the pattern after `after` on, with the patterns at their ends.

    And the key of the last who does, if there may be more.

    Those of one pattern are never parted, so a page may have more or fewer than `limit`: when it is published again in
    between, nothing is said twice. Three queries at most.
    """
    ordered = PublicEdge.objects.filter(which).order_by("source_id", "is_inferred", "position", "pk")
    found = list(ordered.filter(source__gt=after)[: limit + 1])
    edges = found[:limit]
    if len(found) > limit and found[limit].source_id == edges[-1].source_id:
        last = edges[-1].source_id
        edges = [edge for edge in edges if edge.source_id != last] or list(ordered.filter(source=last))
    ends = dict.fromkeys(pk for edge in edges for pk in (edge.source_id, edge.target_id) if pk is not None)
    return _said(edges, dict.fromkeys(ends), False, audience), edges[-1].source_id if len(found) > limit else None


def _said(edges: Iterable[PublicEdge], depths: dict[int, Any], is_cut: bool, audience: str) -> Graph:
    """As data. One query. Between two queries a pattern may have been taken back, and what leads to it goes with it."""
    known = Snapshot.objects.light().in_bulk(list(depths))
    nodes = [{**in_short(known[pk], audience), "depth": depth} for pk, depth in depths.items() if pk in known]
    steps = [
        {"source": known[edge.source_id].slug, "target": known[edge.target_id].slug, **facts_of(edge)}
        for edge in edges
        if edge.source_id in known and edge.target_id in known
    ]
    return Graph(nodes, steps, is_cut, max((snapshot.published_at for snapshot in known.values()), default=None))
