"""The terms of one facet as a list of their own, and what is to be said of one of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Final, NamedTuple

from django.db.models import Count, Q

from patterns_app.catalogue.narrowing import labels_of
from patterns_app.models import Facet, PublicTerm
from patterns_app.search.similarity import similarity

A_PAGE: Final = 200
"""Terms on a page."""

_SAMPLE: Final = 1_000
"""Patterns that are asked how they write a term."""

_AROUND: Final = 500
"""Terms on either side of a name, in their order, that are compared with it."""

_ALIKE: Final = 0.3
"""From which similarity on a term is offered for a name that is none."""


class Entry(NamedTuple):
    """A term in the list."""

    key: str
    label: str
    patterns: int


class Listed(NamedTuple):
    """A page of terms. before, after: whether there are others on either side."""

    entries: list[Entry]
    before: bool
    after: bool


class Term(NamedTuple):
    """label: as it is mostly written. spellings: all ways. details: what is said beside it, with how many say so."""

    key: str
    label: str
    spellings: list[str]
    details: list[tuple[str, int]]


def listed(
    facet: Facet,
    *,
    by_patterns: bool = False,
    after: tuple[int, str] | None = None,
    before: tuple[int, str] | None = None,
    letter: str = "",
    size: int = A_PAGE,
) -> Listed:
    """The terms behind or before one, given as (patterns, key), by key or with the commonest first. Two queries.

    letter: from there on, by key. By key it reads the index entries of the terms shown; the commonest can only be told
    from all of the facet.
    """
    terms = PublicTerm.objects.filter(facet=facet).values("key").annotate(patterns=Count("snapshot"))
    if letter:
        terms = terms.filter(key__gte=letter)
    back = after is None and before is not None
    if here := after or before:
        patterns, key = here
        if not by_patterns:
            terms = terms.filter(key__lt=key) if back else terms.filter(key__gt=key)
        elif back:
            terms = terms.filter(Q(patterns__gt=patterns) | Q(patterns=patterns, key__lt=key))
        else:
            terms = terms.filter(Q(patterns__lt=patterns) | Q(patterns=patterns, key__gt=key))
    order = ["key"] if not by_patterns else ["-patterns", "key"]
    if back:
        order = ["-key"] if not by_patterns else ["patterns", "-key"]
    rows = list(terms.order_by(*order).values_list("key", "patterns")[: size + 1])
    if back and len(rows) <= size:
        return listed(facet, by_patterns=by_patterns, size=size)  # the first page is always a full one
    is_more, rows = len(rows) > size, rows[:size]
    if back:
        rows.reverse()
    labels = labels_of([(facet.value, key) for key, _ in rows])
    entries = [Entry(key, labels.get((facet.value, key), key), patterns) for key, patterns in rows]
    return Listed(entries, is_more if back else after is not None or bool(letter), back or is_more)


def term(facet: Facet, key: str) -> Term | None:
    """What its first thousand patterns say of a term; None for one of no pattern. One query."""
    rows: Sequence[tuple[str, str]] = list(
        PublicTerm.objects.filter(facet=facet, key=key).order_by("snapshot").values_list("label", "detail")[:_SAMPLE]
    )
    if not rows:
        return None
    spellings = Counter(label for label, _ in rows)
    ordered = sorted(spellings, key=lambda label: (-spellings[label], label))
    details = Counter(detail for _, detail in rows if detail)
    return Term(key, ordered[0], ordered, details.most_common())


def near(facet: Facet, key: str, *, most: int) -> list[tuple[str, str]]:
    """(key, label) of terms that may have been meant by a key that is none, most alike first. Three queries.

    Of a facet with thousands of terms those are looked at that begin much like it.
    """
    keys = PublicTerm.objects.filter(facet=facet).values_list("key", flat=True).distinct()
    sides = keys.filter(key__gte=key).order_by("key")[:_AROUND], keys.filter(key__lt=key).order_by("-key")[:_AROUND]
    alike = [(similarity(_words(key), _words(other)), other) for side in sides for other in side]
    best = sorted((found for found in alike if found[0] >= _ALIKE), key=lambda found: (-found[0], found[1]))[:most]
    labels = labels_of([(facet.value, other) for _, other in best])
    return [(other, labels.get((facet.value, other), other)) for _, other in best]


def _words(key: str) -> str:
    return key.replace("-", " ")
