"""What the library shows at its door: its size, its newest, most vital and most linked patterns."""

from __future__ import annotations

import datetime
from typing import Final, NamedTuple

from django.db.models import Count

from patterns_app import caching
from patterns_app.catalogue import narrowing, paging
from patterns_app.catalogue.narrowing import Counted
from patterns_app.catalogue.paging import Sort
from patterns_app.models import Facet, PublicEdge, Snapshot

SHOWN: Final = 6
"""Patterns of a kind."""


class Front(NamedTuple):
    """linked: patterns with the number of relationships that lead to them."""

    patterns: int
    relationships: int
    domains: Counted
    audiences: Counted
    newest: list[Snapshot]
    vital: list[Snapshot]
    linked: list[tuple[Snapshot, int]]
    newest_at: datetime.datetime | None


def front() -> Front:
    """All of it. Eight queries, four more after a publication; relationships are counted once a minute."""
    whole = narrowing.narrowed({}, (Facet.DOMAIN, Facet.AUDIENCE))
    domains, audiences = whole.facets
    relationships, linked = _relationships()
    newest, vital = paging.first(Sort.NEWEST, SHOWN), paging.first(Sort.VITALITY, SHOWN)
    rows = {row.pk: row for row in paging.rows_of([*dict.fromkeys([*newest, *vital, *(pk for pk, _ in linked)])])}
    return Front(
        whole.patterns,
        relationships,
        domains,
        audiences,
        [rows[pk] for pk in newest if pk in rows],
        [rows[pk] for pk in vital if pk in rows and rows[pk].vitality is not None],
        [(rows[pk], count) for pk, count in linked if pk in rows],
        whole.newest_at,
    )


def _relationships() -> tuple[int, list[tuple[int, int]]]:
    """How many relationships people state between two public patterns, and to which patterns most of them lead."""
    generation = caching.current_generation()
    found: tuple[int, list[tuple[int, int]]] | None = caching.kept("front relationships", generation)
    if found is None:
        stated = PublicEdge.objects.filter(is_inferred=False, target__isnull=False).order_by()
        leading = stated.values("target").annotate(count=Count("*"))
        found = stated.count(), list(leading.order_by("-count", "target").values_list("target", "count")[:SHOWN])
        caching.keep("front relationships", found, generation)
    return found
