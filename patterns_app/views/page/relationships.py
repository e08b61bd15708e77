"""Relationships as they read from one pattern: grouped under a word, each other pattern once a group."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, NamedTuple

from patterns_app.document.vocabulary import RelationshipKind
from patterns_app.views.page.records import Edge, Neighbour

PROPOSALS: Final = 40
"""Proposals of other patterns' gardens that are shown; the strongest. The best linked pattern has 600."""

_KINDS: Final = {kind.value: kind for kind in RelationshipKind}
# Which say the same from both ends. Where both state it, it is one relationship.
_SYMMETRIC: Final = frozenset({RelationshipKind.ALTERNATIVES, RelationshipKind.COMPLEMENTARY, RelationshipKind.RELATED})
_ORDER: Final = {
    word: number
    for number, word in enumerate(
        dict.fromkeys(word for kind in RelationshipKind for word in (kind.label, kind.reverse_label))
    )
}


class Link(NamedTuple):
    """A relationship to a public pattern, or to a name that nobody has published a pattern under.

    bar: the weight in twentieths, for the chart beside it; weight, strength: "" where none is stated.
    """

    to: Neighbour | None
    written: str
    weight: str
    bar: int
    strength: str
    note: str
    is_mutual: bool = False


class LinkGroup(NamedTuple):
    """The relationships of one kind, under the word by which it reads from here."""

    label: str
    links: list[Link]


def word_for(edge: Edge) -> str:
    """How a relationship reads from the pattern whose edge it is; a proposal may have a type of its own."""
    kind = _KINDS.get(edge.kind)
    if kind is None:
        return edge.kind.replace("_", " ").strip() or "related"
    return kind.label if edge.is_own else kind.reverse_label


def stated(edges: Iterable[Edge]) -> list[LinkGroup]:
    """What people state, here and from the other end, in the order of the format's kinds.

    Own relationships come first, in the order of the file, then those of others, the strongest first.
    """
    return _groups([edge for edge in edges if not edge.is_inferred])


def proposed(edges: Iterable[Edge]) -> tuple[list[LinkGroup], list[LinkGroup], int]:
    """What machines propose: here; from the other end, the strongest only; and how many more of those there are."""
    own = [edge for edge in edges if edge.is_inferred and edge.is_own]
    others = sorted((edge for edge in edges if edge.is_inferred and not edge.is_own), key=_strongest_first)
    return _groups(own), _groups(others[:PROPOSALS]), max(len(others) - PROPOSALS, 0)


def number(value: float | None) -> str:
    """A number as people write it: at most two decimals, none that says nothing."""
    return "" if value is None else f"{value:.2f}".rstrip("0").rstrip(".")


def _strongest_first(edge: Edge) -> tuple[float, str]:
    return -(edge.weight or 0), edge.to.name if edge.to else edge.written


def _groups(edges: list[Edge]) -> list[LinkGroup]:
    own = sorted((edge for edge in edges if edge.is_own), key=lambda edge: edge.position)
    others = sorted((edge for edge in edges if not edge.is_own), key=_strongest_first)
    groups: dict[str, dict[int | str, Link]] = {}
    for edge in own:
        group = groups.setdefault(word_for(edge), {})
        key = edge.to.pk if edge.to else edge.written
        if key not in group:
            group[key] = _link(edge)
    for edge in others:
        kind, word = _KINDS.get(edge.kind), word_for(edge)
        if kind in _SYMMETRIC:
            word = kind.label if _key(edge) in groups.get(kind.label, {}) else word
        group = groups.setdefault(word, {})
        if said := group.get(_key(edge)):
            group[_key(edge)] = said._replace(is_mutual=True, note=said.note or edge.note)
        else:
            group[_key(edge)] = _link(edge)
    words = sorted(groups, key=lambda word: _ORDER.get(word, len(_ORDER)))
    return [LinkGroup(word, list(groups[word].values())) for word in words]


def _key(edge: Edge) -> int | str:
    return edge.to.pk if edge.to else edge.written


def _link(edge: Edge) -> Link:
    bar = 0 if edge.weight is None else round(edge.weight * 20)
    return Link(edge.to, edge.written, number(edge.weight), bar, number(edge.strength), edge.note)
