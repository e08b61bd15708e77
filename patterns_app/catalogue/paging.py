"""Pages of public patterns in an order: each begins behind the last pattern of the one before it.

A place in an order is a pattern's value in it and its key, so that a page costs the same wherever it is, and what is
published meanwhile moves nobody's place.
"""

from __future__ import annotations

import base64
import datetime
import enum
import json
import math
from collections.abc import Iterator, Sequence
from typing import Any, Final, NamedTuple

from django.db.models import BooleanField, F, Func, QuerySet, Value

from patterns_app.catalogue.shelves import Selection
from patterns_app.document.vocabulary import NAME_MAX
from patterns_app.models import Snapshot
from patterns_app.models.typed import is_storable

A_PAGE: Final = 60
"""Patterns on a page."""

_FEW: Final = 1_000
"""Patterns that are quicker sorted than found on the way along an index."""

_CARD: Final = (
    "slug", "title", "summary", "status", "domain", "collection", "confidence", "vitality", "labels",
    "first_published_at", "published_at",
)  # fmt: skip


class Sort(enum.StrEnum):
    """An order of patterns. In those by a number, patterns without one come last."""

    column: str
    is_descending: bool

    TITLE = "title", "sort_key", False
    NEWEST = "newest", "published_at", True
    VITALITY = "vitality", "vitality", True
    CONFIDENCE = "confidence", "confidence", True

    def __new__(cls, value: str, column: str, is_descending: bool) -> Sort:
        member = str.__new__(cls, value)
        member._value_ = value
        member.column = column
        member.is_descending = is_descending
        return member

    @property
    def has_blanks(self) -> bool:
        """Whether a pattern may have no value in it."""
        return self in (Sort.VITALITY, Sort.CONFIDENCE)


class Place(NamedTuple):
    """Where a pattern stands in an order. value: text, time, number, or None for a pattern without one."""

    value: Any
    pk: int


class Page(NamedTuple):
    """Some patterns in order. before, after: tokens of the pages on either side, "" where there is none."""

    snapshots: list[Snapshot]
    before: str
    after: str


def page(among: Selection | None, sort: Sort, *, after: str = "", before: str = "", size: int = A_PAGE) -> Page:
    """The patterns that follow a place, or come before it; the first ones without a place. among: of these, or of all.

    after, before: tokens from another page of the same order; what is none is as good as empty. Two queries, three in
    an order by a number, and of a selection a few more (`_walk`); twice as many for a step back to the first page,
    which is always a full one.
    """
    start = _read(after, sort)
    if start is None and (end := _read(before, sort)):
        found = _walk(among, sort, end, backwards=True, most=size + 1)
        if len(found) > size:
            places = found[:size][::-1]
            return Page(rows_of([place.pk for place in places]), token(sort, places[0]), token(sort, places[-1]))
    found = _walk(among, sort, start, backwards=False, most=size + 1)
    places = found[:size]
    return Page(
        rows_of([place.pk for place in places]),
        token(sort, places[0] if places else start) if start else "",
        token(sort, places[-1]) if len(found) > size else "",
    )


def first(sort: Sort, most: int) -> list[int]:
    """Keys of the patterns that come first. One query, two in an order by a number."""
    return [place.pk for place in _walk(None, sort, None, backwards=False, most=most)]


def rows_of(pks: Sequence[int]) -> list[Snapshot]:
    """What cards show of these patterns, in this order. One query."""
    rows = Snapshot.objects.filter(pk__in=pks).order_by().only(*_CARD)
    by_key = {snapshot.pk: snapshot for snapshot in rows}
    return [by_key[pk] for pk in pks if pk in by_key]


def _walk(among: Selection | None, sort: Sort, start: Place | None, *, backwards: bool, most: int) -> list[Place]:
    """The places behind one, nearest first.

    It reads the order's index and no row. A small selection is sorted. For a large one it goes along the index in steps
    that grow, past those that aren't in it: at 100,000 patterns seven steps at most.
    """
    found: list[Place] = []
    snapshots = Snapshot.objects.all()
    if among is not None and among.patterns <= _FEW:
        snapshots = snapshots.filter(pk__in=among.pks())
        among = None
    for are_blank in _parts(sort, start, backwards):
        step, here = most - len(found), start if start and (start.value is None) == are_blank else None
        while len(found) < most:
            rows = list(_following(snapshots, sort, here, are_blank, backwards)[:step])
            found += [Place(*row) for row in rows if among is None or row[1] in among][: most - len(found)]
            if among is None or len(rows) < step:
                break
            here, step = Place(*rows[-1]), step * 4
    return found


def _following(
    snapshots: QuerySet[Snapshot], sort: Sort, here: Place | None, are_blank: bool, backwards: bool
) -> QuerySet[Snapshot, tuple[Any, int]]:
    """(value, key) of the patterns behind a place in one part of an order."""
    sign = "-" if sort.is_descending != backwards else ""
    if sort.has_blanks:
        snapshots = snapshots.filter(**{f"{sort.column}__isnull": are_blank})
    if here is not None:
        snapshots = snapshots.filter(_Beyond(sort, here, is_less=bool(sign)))
    # As the index has them, though all of one part may have the same value: none.
    return snapshots.order_by(f"{sign}{sort.column}", f"{sign}pk").values_list(sort.column, "pk")


def _parts(sort: Sort, start: Place | None, backwards: bool) -> Iterator[bool]:
    """The parts of an order that lie ahead: patterns with a value (False), those without (True)."""
    parts = [False, True] if sort.has_blanks else [False]
    if backwards:
        parts.reverse()
    if start is not None:
        parts = parts[parts.index(start.value is None) :]
    yield from parts


class _Beyond(Func):
    """(column, key) > (value, key) in one comparison: an index on both begins there, which no OR would let it do."""

    output_field = BooleanField()

    def __init__(self, sort: Sort, place: Place, *, is_less: bool) -> None:
        self._sign = "<" if is_less else ">"
        pair: tuple[Any, ...] = (F("pk"), Value(place.pk))
        if place.value is not None:
            field: Any = Snapshot._meta.get_field(sort.column)
            pair = (F(sort.column), F("pk"), Value(place.value, output_field=field), Value(place.pk))
        super().__init__(*pair)

    def as_sql(self, compiler: Any, connection: Any, **extra: Any) -> tuple[str, tuple[Any, ...]]:  # type: ignore[override] # as Func's own
        compiled = [compiler.compile(expression) for expression in self.get_source_expressions()]
        half = len(compiled) // 2
        left, right = (", ".join(sql for sql, _ in side) for side in (compiled[:half], compiled[half:]))
        return f"({left}) {self._sign} ({right})", tuple(value for _, values in compiled for value in values)


# Tokens: opaque in an address, and nobody's to trust


def token(sort: Sort, place: Place) -> str:
    """A place as it stands in an address."""
    value = place.value.isoformat() if isinstance(place.value, datetime.datetime) else place.value
    said = json.dumps([sort.value, value, place.pk], separators=(",", ":")).encode()
    return base64.urlsafe_b64encode(said).rstrip(b"=").decode()


_LONGEST: Final = 12 * NAME_MAX
"""Characters of a token: a title's sign takes at most twelve (an escape for each half of it), and four for three."""


def _read(text: str, sort: Sort) -> Place | None:
    """The place that a token says; None for one of another order, or no token at all."""
    if not text or len(text) > 2 * _LONGEST:
        return None
    try:
        said = json.loads(base64.urlsafe_b64decode(text.encode() + b"=" * (-len(text) % 4)))
        whose, value, pk = said
        if whose != sort.value or type(pk) is not int or not 0 <= pk < 2**63:
            return None
        return Place(_value(sort, value), pk)
    except (ValueError, TypeError, OverflowError, RecursionError):
        return None


def _value(sort: Sort, value: Any) -> Any:
    """A value of the order's own type. Raises ValueError, TypeError or OverflowError for any other."""
    if sort is Sort.TITLE:
        if not isinstance(value, str):
            raise TypeError(value)
        if not is_storable(value) or len(value) > NAME_MAX:
            raise ValueError(value)
        return value
    if sort is Sort.NEWEST:
        return datetime.datetime.fromisoformat(value).astimezone(datetime.UTC)
    if value is None:
        return None
    number = float(value)
    if not math.isfinite(number) or not 0 <= number <= 5 or isinstance(value, bool | str):
        raise ValueError(value)
    return number if sort is Sort.VITALITY else int(number)
