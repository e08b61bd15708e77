"""What the entries of the format's lists are made of: which keys, in which order, spelled how."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any, NamedTuple

from patterns_app.document.dialects import Field, Shape, Style
from patterns_app.document.values import CONTRIBUTOR_KEYS, TARGET_KEYS


class Piece(NamedTuple):
    """A key of an entry with its value. synonyms: the keys under which files have it, the usual one first."""

    key: str
    value: str | float
    style: Style = Style.PLAIN
    synonyms: tuple[str, ...] = ()

    def under(self, key: str) -> Piece:
        return self._replace(key=key)


def identity_of(spec: Field, value: Any) -> Hashable:
    """What makes two entries of a list the same entry, whatever else they say."""
    match spec.shape:
        case Shape.RELATIONSHIPS:
            return str(value.target)
        case Shape.ENTITIES | Shape.COMMUNITIES:
            return str(value.key)
        case Shape.INFERRED_LINKS:
            return (value.target, value.type)
        case Shape.CONTRIBUTORS:
            return (value.name, value.role)
        case _:
            return str(value)


def plain_text_of(spec: Field, value: Any) -> str | None:
    """The text that alone says everything of an entry, or None if it takes a mapping."""
    match spec.shape:
        case Shape.TEXTS:
            return str(value)
        case Shape.RELATIONSHIPS | Shape.INFERRED_LINKS:
            return None if any(_rest(spec, value)) else str(value.target)
        case Shape.CONTRIBUTORS:
            return None if value.role else str(value.name)
        case _:
            return None if any(_rest(spec, value)) else str(value.label)


def _rest(spec: Field, value: Any) -> list[Any]:
    """Everything an entry says beyond the text that names it."""
    match spec.shape:
        case Shape.RELATIONSHIPS:
            return [value.weight is not None, value.description, value.facts]
        case Shape.INFERRED_LINKS:
            return [value.type, value.confidence is not None, value.strength is not None, value.reason]
        case Shape.ENTITIES:
            return [value.id, value.type, value.relevance is not None]
        case _:
            return [value.id, value.source, value.confidence is not None]


def pieces_of(spec: Field, value: Any) -> list[Piece]:
    """An entry's pieces that say something, the naming one first."""
    plain, quoted = Style.PLAIN, Style.QUOTED
    match spec.shape:
        case Shape.RELATIONSHIPS:
            facts = [Piece(key, text, quoted if " " in text else plain) for key, text in value.facts]
            # An entry with an empty `slug` names its target under the next key.
            taken = dict(value.facts)
            pieces = [
                Piece(next((key for key in TARGET_KEYS if key not in taken), "slug"), value.target, plain, TARGET_KEYS),
                Piece("weight", value.weight),
                Piece("description", value.description, quoted),
            ]
            return [piece for piece in pieces if piece.value not in (None, "")] + facts
        case Shape.ENTITIES:
            pieces = [
                Piece("id", value.id),
                Piece("type", value.type),
                Piece("label", value.label, quoted),
                Piece("relevance", value.relevance),
            ]
        case Shape.COMMUNITIES:
            pieces = [
                Piece("id", value.id),
                Piece("label", value.label, quoted),
                Piece("source", value.source),
                Piece("confidence", value.confidence),
            ]
        case Shape.INFERRED_LINKS:
            pieces = [
                Piece("target", value.target, plain, ("target", "slug", "id")),
                Piece("type", value.type),
                Piece("confidence", value.confidence),
                Piece("strength", value.strength),
                Piece("reason", value.reason, quoted),
            ]
        case Shape.CONTRIBUTORS:
            pieces = [Piece("name", value.name, plain, CONTRIBUTOR_KEYS), Piece("role", value.role)]
        case _:
            pieces = [Piece("", value, spec.style)]
    return [piece for piece in pieces if piece.value not in (None, "")]
