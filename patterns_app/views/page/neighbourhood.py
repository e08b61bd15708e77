"""A small graph of the patterns around one: a fan of lines, with a label at the end of each.

Labels stand under each other, since those around a circle would be too small to read on a phone.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from html import escape
from typing import Final, NamedTuple

from django.utils.safestring import SafeString, mark_safe

from patterns_app.views.page.records import Edge
from patterns_app.views.page.relationships import number, word_for

SHOWN: Final = 16
"""Neighbours that are drawn."""

# In units of the drawing, which is 340 wide.
_ROW: Final = 38
_LABEL: Final = 31
"""Width of a label in narrow letters, those of a wide font; a wide one (修) counts twice."""

_MADE: Final = " · machine-made"
_WORDS: Final = 28
"""The same of the words below it, which are smaller, with what follows them."""

_BROADER = frozenset({"broader", "narrower", "manifests as", "manifestation of"})
_NEEDED = frozenset({"requires", "required by", "enables", "enabled by", "governed by", "governs", "tool", "tool of"})


class Neighbourhood(NamedTuple):
    """drawing: SVG with links. more: neighbours that are not drawn."""

    drawing: SafeString
    more: int


def neighbourhood_of(edges: Iterable[Edge], *, own: int | None = None) -> Neighbourhood | None:
    """The strongest neighbours among public patterns, those that people state first; None where there are none.

    own: the key of the pattern in the middle, which may name itself.
    """
    by_pk: dict[int, list[Edge]] = {}
    for edge in edges:
        # What another's machine proposes is no neighbour of this one: the best linked would have no others.
        if edge.to and edge.to.pk != own and (edge.is_own or not edge.is_inferred):
            by_pk.setdefault(edge.to.pk, []).append(edge)
    ranked = sorted(by_pk.values(), key=_rank)
    if not ranked:
        return None
    drawn = ranked[:SHOWN]
    height = len(drawn) * _ROW + 4
    middle = height // 2
    branches = "".join(_branch(some, place * _ROW + 18, middle) for place, some in enumerate(drawn))
    drawing = (
        f'<svg class="neighbourhood" viewBox="0 0 340 {height}" role="group" aria-labelledby="neighbourhood">{branches}'
        f'<circle class="middle" cx="14" cy="{middle}" r="8"/></svg>'
    )
    # What is not ours in it is escaped in `_branch`.
    return Neighbourhood(mark_safe(drawing), len(ranked) - len(drawn))  # noqa: S308


def _rank(edges: list[Edge]) -> tuple[bool, float, str]:
    to = edges[0].to
    return all(edge.is_inferred for edge in edges), -max(edge.weight or 0 for edge in edges), to.name if to else ""


def _branch(edges: list[Edge], y: int, middle: int) -> str:
    """One neighbour: line, dot and label, all of it a link. The thickness of the line says the weight."""
    some = [edge for edge in edges if not edge.is_inferred] or edges
    to = some[0].to
    if to is None:
        return ""
    is_proposal = some[0].is_inferred
    words = list(dict.fromkeys(word_for(edge) for edge in some))
    weight = max((edge.weight for edge in some if edge.weight is not None), default=None)
    made = _MADE if is_proposal else ""
    said = " · ".join(part for part in (_short(", ".join(words), _WORDS - len(made)), number(weight)) if part) + made
    style = "proposal" if is_proposal else _style(words[0])
    thickness = 1 + 4 * (0.25 if weight is None else weight)
    said = escape(said)
    # There is no room for both in the picture.
    whole = f"{to.name} – {to.title}" if to.title else to.name
    return (
        f'<a href="{escape(to.path)}"><title>{escape(whole)} ({said})</title>'
        f'<path class="{style}" stroke-width="{thickness:.1f}" d="M14 {middle}C56 {middle} 40 {y} 84 {y}"/>'
        f'<circle cx="87" cy="{y}" r="4"/><text x="97" y="{y}">{escape(_short(to.name, _LABEL))}</text>'
        f'<text class="words" x="97" y="{y + 13}">{said}</text></a>'
    )


def _style(word: str) -> str:
    return "hierarchy" if word in _BROADER else "need" if word in _NEEDED else "kin"


def _short(text: str, most: int) -> str:
    width = 0
    for place, sign in enumerate(text):
        width += 2 if unicodedata.east_asian_width(sign) in "WF" else 1
        if width > most:
            return f"{text[: max(place - 1, 1)].rstrip()}…"
    return text
