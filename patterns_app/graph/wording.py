"""Relationships as sentences: “A requires B”, “B is required by A”."""

from __future__ import annotations

from typing import Final

from patterns_app.document.vocabulary import RelationshipKind, name_key

_VERBS: Final[dict[str, tuple[str, str]]] = {
    RelationshipKind.GENERALIZES_FROM: ("has the broader pattern", "has the narrower pattern"),
    RelationshipKind.SPECIALIZES_TO: ("has the narrower pattern", "has the broader pattern"),
    RelationshipKind.ENABLES: ("enables", "is enabled by"),
    RelationshipKind.REQUIRES: ("requires", "is required by"),
    RelationshipKind.ALTERNATIVES: ("is an alternative to", "is an alternative to"),
    RelationshipKind.COMPLEMENTARY: ("complements", "is complemented by"),
    RelationshipKind.TOOLS: ("has the tool", "is a tool of"),
    RelationshipKind.RELATED: ("is related to", "is related to"),
    RelationshipKind.MANIFESTS_AS: ("manifests as", "is a manifestation of"),
    RelationshipKind.GOVERNED_BY: ("is governed by", "governs"),
}


def verb_of(kind: str, *, is_backward: bool = False) -> str:
    """What stands between the names of two patterns; of a kind that the format does not know, a word for any link.

    >>> verb_of("requires", is_backward=True)
    'is required by'
    """
    if kind in _VERBS:
        return _VERBS[kind][is_backward]
    said = name_key(kind).replace("-", " ")
    return f"is linked ({said}) to" if said else "is linked to"
