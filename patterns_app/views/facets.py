"""The facets of a list as its page shows them: what can be chosen, and what is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

from django.urls import reverse

from patterns_app.catalogue.narrowing import Counted
from patterns_app.models import Facet
from patterns_app.views.asked import Asked
from patterns_app.views.wording import HEADINGS, place_of, worded

_OPEN: Final = (Facet.DOMAIN, Facet.COLLECTION, Facet.VITALITY, Facet.CONFIDENCE)
"""Facets whose values are seen without a click."""


class Choice(NamedTuple):
    """A value, and the address that chooses it, or lets go of it where it is chosen."""

    label: str
    patterns: int
    address: str
    is_chosen: bool


class Group(NamedTuple):
    """A facet. all_label, all_address: the list of all its values, "" where there is none or these are all."""

    label: str
    choices: list[Choice]
    is_open: bool
    all_label: str
    all_address: str


class Chip(NamedTuple):
    """A value that is chosen, and the address without it."""

    facet: str
    label: str
    address: str


def groups(said: Asked, facets: Sequence[Counted]) -> list[Group]:
    """What can be chosen; facets without any value are left out."""
    path = reverse("browse")
    found = []
    for facet, values, has_more in facets:
        if values:
            heading = HEADINGS[facet]
            choices = [
                Choice(
                    worded(facet, value.key, value.label),
                    value.patterns,
                    said.toggled(facet, value.key).address(path),
                    value.is_chosen,
                )
                for value in sorted(values, key=lambda value: place_of(facet, value.key))
            ]
            is_open = facet in _OPEN or facet in said.chosen
            has_list = has_more and bool(heading.word)
            all_address = reverse(heading.word) if has_list else ""
            found.append(Group(heading.one, choices, is_open, f"All {heading.many.lower()}", all_address))
    return found


def chips(said: Asked, facets: Sequence[Counted]) -> list[Chip]:
    """What is chosen."""
    path = reverse("browse")
    return [
        Chip(
            HEADINGS[facet].one,
            worded(facet, value.key, value.label),
            said.toggled(facet, value.key).address(path),
        )
        for facet, values, _ in facets
        for value in values
        if value.is_chosen
    ]
