"""Which public pattern has which term, in memory: a set of bits for each term, made anew after each publication.

A library of 100,000 has 800,000 such pairs. To count what each further narrowing would leave, a database has to go
through most of them for every page (0.5 to 2 seconds on either engine); from here it takes two milliseconds.
"""

from __future__ import annotations

import datetime
import threading
from array import array
from collections.abc import Iterable, Sequence
from typing import Any, Final, NamedTuple

from django.db import connection
from django.db.models import Count, Max

from patterns_app import caching
from patterns_app.models import Facet, PublicTerm, Snapshot

SHELVED: Final = (
    Facet.DOMAIN,
    Facet.COLLECTION,
    Facet.VITALITY,
    Facet.CONFIDENCE,
    Facet.RELATIONSHIP,
    Facet.USAGE_STAGE,
    Facet.ADOPTION_STAGE,
    Facet.AUDIENCE,
    Facet.CONTRIBUTOR,
)
"""Facets that are counted, in the order in which a reader narrows by them. The others have a term for every pattern or
two; they are looked up."""

_SPARSE: Final = 64
"""Bits for which a position of a pattern takes as much room as they do."""

_lock: Final = threading.Lock()
_kept: Shelves | None = None


class Selection:
    """Some public patterns, by their keys. patterns: how many."""

    def __init__(self, shelves: Shelves, bits: int) -> None:
        self.patterns = bits.bit_count()
        self._places, self._pks = shelves.places, shelves.pks
        self._flags = bits.to_bytes(len(shelves.pks) // 8 + 1, "little")

    def __contains__(self, pk: int) -> bool:
        place = self._places.get(pk)
        return place is not None and bool(self._flags[place >> 3] >> (place & 7) & 1)

    def pks(self) -> list[int]:
        eights = [(at, flags) for at, flags in enumerate(self._flags) if flags]
        return [self._pks[at * 8 + bit] for at, flags in eights for bit in range(8) if flags >> bit & 1]


class Shelves(NamedTuple):
    """The terms of what was public at one moment.

    pks: the pattern of each bit, and places the other way round. sets: of each facet, each key's patterns: bits in an
    int, or their places where they are few. labels: what was looked up of them (by whoever did).
    """

    stamp: tuple[Any, ...]
    pks: array[int]
    places: dict[int, int]
    sets: dict[str, dict[str, int | array[int]]]
    labels: dict[tuple[str, str], str]

    @property
    def newest_at(self) -> datetime.datetime | None:
        """When something was published last."""
        newest: datetime.datetime | None = self.stamp[2]
        return newest

    def sets_of(self, facet: Facet, keys: Iterable[str]) -> dict[str, int]:
        """The patterns that have each of these terms, as bits. One query for a facet that isn't shelved."""
        sets = self.sets.get(facet.value)
        if sets is not None:
            chosen = {key: sets.get(key, 0) for key in keys}
            return {key: some if isinstance(some, int) else _bits(some) for key, some in chosen.items()}
        places: dict[str, list[int]] = {key: [] for key in keys}
        rows = PublicTerm.objects.filter(facet=facet, key__in=list(places)).order_by()
        for key, pk in rows.values_list("key", "snapshot_id"):
            if pk in self.places:
                places[key].append(self.places[pk])
        return {key: _bits(some) for key, some in places.items()}

    def counts(self, facet: Facet, among: int | None) -> list[tuple[str, int]]:
        """(key, patterns) of a facet, without those of no pattern. among: bits of the patterns that count, or all."""
        sets = self.sets[facet.value]
        if among is None:
            return [(key, _size(patterns)) for key, patterns in sets.items()]
        flags = among.to_bytes(len(self.places) // 8 + 1, "little")
        found = []
        for key, patterns in sets.items():
            if isinstance(patterns, int):
                count = (patterns & among).bit_count()
            else:
                count = sum(flags[place >> 3] >> (place & 7) & 1 for place in patterns)
            if count:
                found.append((key, count))
        return found


def current() -> Shelves:
    """The terms of what is public now. Two queries to learn that nothing was published, and two more if something was.

    Made in a second for 100,000 patterns; it takes 12 kB for each common term of them.
    """
    global _kept  # noqa: PLW0603 # a process's own copy
    stamp = _stamp()
    with _lock:
        if _kept is None or _kept.stamp != stamp:
            _kept = _make(stamp)
        return _kept


def _stamp() -> tuple[Any, ...]:
    """Another one after every publication and every withdrawal, whichever process it happened in."""
    patterns = Snapshot.objects.aggregate(count=Count("pk"), newest=Max("published_at"))
    # Keys are never given out twice.
    newest = PublicTerm.objects.aggregate(newest=Max("pk"))["newest"]
    return caching.current_generation(), patterns["count"], patterns["newest"], newest


def _make(stamp: tuple[Any, ...]) -> Shelves:
    pks = array("q", Snapshot.objects.order_by().values_list("pk", flat=True))
    places = {pk: place for place, pk in enumerate(pks)}
    sets: dict[str, dict[str, int | array[int]]] = {facet.value: {} for facet in SHELVED}
    # One text for each term: a row for each pair would take ten times as long to come.
    joined = "string_agg(snapshot_id::text, ',')" if connection.vendor == "postgresql" else "group_concat(snapshot_id)"
    holes = ", ".join(["%s"] * len(SHELVED))
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT facet, key, {joined} FROM patterns_app_publicterm "  # noqa: S608 # nobody's words
            f"WHERE facet IN ({holes}) GROUP BY facet, key",
            [facet.value for facet in SHELVED],
        )
        for facet, key, listed in cursor:
            found = array("L", [place for pk in listed.split(",") if (place := places.get(int(pk))) is not None])
            sets[facet][key] = _bits(found) if len(found) * _SPARSE > len(places) else found
    return Shelves(stamp, pks, places, sets, {})


def _bits(places: Sequence[int]) -> int:
    flags = bytearray(max(places, default=-1) // 8 + 1)
    for place in places:
        flags[place >> 3] |= 1 << (place & 7)
    return int.from_bytes(flags, "little")


def _size(patterns: int | array[int]) -> int:
    return patterns.bit_count() if isinstance(patterns, int) else len(patterns)
