"""All that is public, narrowed by facets, and how many patterns each further step would leave.

Values of one facet widen each other (either), facets narrow each other (both). The counts of a facet leave its own
choice aside: they say what choosing another value would give.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Mapping, Sequence
from functools import reduce
from operator import and_, or_
from typing import Final, NamedTuple

from django.db import connection

from patterns_app.catalogue import shelves
from patterns_app.catalogue.shelves import SHELVED, Selection, Shelves
from patterns_app.models import Facet

Chosen = Mapping[Facet, Sequence[str]]
"""Keys of terms by facet, none of them empty."""

SHOWN: Final = 10
"""Values of a facet that are shown with it."""

_SAMPLE: Final = 100
"""Patterns by whose words a term is called: it may be written in several ways."""


class Value(NamedTuple):
    """A value of a facet, and the number of patterns that have it."""

    key: str
    label: str
    patterns: int
    is_chosen: bool


class Counted(NamedTuple):
    """The values of a facet: the commonest first, and whatever is chosen. has_more: there are others."""

    facet: Facet
    values: list[Value]
    has_more: bool


class Narrowed(NamedTuple):
    """What a choice leaves: the patterns, None for all of them; how many; and how many each value of a facet would.

    newest_at: when anything at all was published last.
    """

    selection: Selection | None
    patterns: int
    facets: list[Counted]
    newest_at: datetime.datetime | None


def narrowed(chosen: Chosen, facets: Sequence[Facet] = SHELVED, shelf: Shelves | None = None) -> Narrowed:
    """Public patterns that have, of each facet, one of the values chosen; with the values of `facets`, counted.

    Of a chosen facet that isn't shelved, only the chosen values come. shelf: where the caller has the current one. Two
    queries, three more after a publication, one for labels not met before, and one for each facet of the last sort.
    """
    shelf = shelf or shelves.current()
    sets = {facet: shelf.sets_of(facet, keys) for facet, keys in chosen.items()}
    having = {facet: reduce(or_, some.values(), 0) for facet, some in sets.items()}
    rows: dict[Facet, list[tuple[str, int]]] = {}
    more: set[Facet] = set()
    for facet in dict.fromkeys((*(facet for facet in chosen if facet not in SHELVED), *facets)):
        among = _both(bits for other, bits in having.items() if other is not facet)
        of_chosen = sets.get(facet, {}).items()
        own = [(key, (bits if among is None else bits & among).bit_count()) for key, bits in of_chosen]
        if facet in SHELVED:
            counts = sorted(shelf.counts(facet, among), key=lambda row: (-row[1], row[0]))
            own = counts[:SHOWN] + [row for row in own if row not in counts[:SHOWN]]
            if len(counts) > SHOWN:
                more.add(facet)
        rows[facet] = own
    shown = [(facet.value, key) for facet, counts in rows.items() for key, _ in counts]
    shelf.labels.update(labels_of([term for term in shown if term not in shelf.labels]))
    found = []
    for facet, counts in rows.items():
        chosen_keys = sets.get(facet, {})
        values = [
            Value(key, shelf.labels.get((facet.value, key), key), count, key in chosen_keys) for key, count in counts
        ]
        found.append(Counted(facet, values, facet in more))
    left = _both(having.values())
    selection = None if left is None else Selection(shelf, left)
    patterns = len(shelf.pks) if selection is None else selection.patterns
    return Narrowed(selection, patterns, found, shelf.newest_at)


def reaching_into(domain: str, shelf: Shelves) -> Selection:
    """Patterns of other domains that name one, by its key, among those they reach into. One query."""
    reaching = shelf.sets_of(Facet.CROSS_DOMAIN, [domain])[domain]
    return Selection(shelf, reaching & ~shelf.sets_of(Facet.DOMAIN, [domain])[domain])


def _both(sets: Iterable[int]) -> int | None:
    """What is in all of the sets; None for everything, where there is none."""
    sets = list(sets)
    return reduce(and_, sets) if sets else None


def labels_of(terms: Sequence[tuple[str, str]]) -> dict[tuple[str, str], str]:
    """How the first hundred patterns that have a term mostly write it, by (facet, key). One query, none for no term."""
    if not terms:
        return {}
    holes = ", ".join(["(%s, %s)"] * len(terms))
    sql = f"""
        WITH wanted(facet, term) AS (VALUES {holes})
        SELECT facet, term, (
            SELECT label FROM (
                SELECT label FROM patterns_app_publicterm t
                WHERE t.facet = wanted.facet AND t.key = wanted.term ORDER BY t.snapshot_id LIMIT {_SAMPLE}
            ) sample GROUP BY label ORDER BY count(*) DESC, label LIMIT 1
        ) FROM wanted
    """  # noqa: S608 # holes and a number
    with connection.cursor() as cursor:
        cursor.execute(sql, [str(part) for term in terms for part in term])
        return {(facet, key): label for facet, key, label in cursor.fetchall() if label is not None}
