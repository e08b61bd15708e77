"""Two documents, field by field, in words and lines that an editor can read."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from patterns_app.admin.difference import DiffLine, unified
from patterns_app.document import pattern as said
from patterns_app.document.body import Section
from patterns_app.document.pattern import PatternDocument


class FieldDifference(NamedTuple):
    """A field that two documents say differently. before, after: what they say, in lines; lines: the difference."""

    name: str
    title: str
    before: str
    after: str
    lines: list[DiffLine]


def differences(before: PatternDocument, after: PatternDocument) -> Iterator[FieldDifference]:
    """The fields that differ, in the format's order."""
    for name in after.differs_from(before):
        old, new = spelled(getattr(before, name)), spelled(getattr(after, name))
        yield FieldDifference(name, title_of(name), old, new, list(unified(old, new)))


def title_of(name: str) -> str:
    """A document field's name for people."""
    return name.replace("_", " ").capitalize()


def spelled(value: Any) -> str:
    """A field's value as lines: an entry a line, such as “enables open-door (0.5) · Those who come find it open.”"""
    if value is None:
        return ""
    if isinstance(value, tuple) and not hasattr(value, "_fields"):
        return "\n".join(spelled(entry) for entry in value)
    match value:
        case said.ContextLabel(audience, label):
            return f"{audience}: {label}"
        case said.Relationship():
            return (
                f"{value.kind.replace('_', ' ')} {value.target}{_further(value.weight, value.description, value.facts)}"
            )
        case said.Entity():
            return f"{value.label or value.id}{_further(value.relevance, value.type, [('id', value.id)])}"
        case said.Community():
            return f"{value.label or value.id}{_further(value.confidence, value.source, [('id', value.id)])}"
        case said.InferredLink():
            number = value.confidence if value.confidence is not None else value.strength
            return f"{value.target}{_further(number, value.type, [('reason', value.reason)])}"
        case said.Contributor(name, role):
            return f"{name} ({role})" if role else str(name)
        case Section(heading, text):
            return f"{heading}{text}".rstrip("\n")
    return str(value)


def _further(number: float | None, words: str, facts: Sequence[tuple[str, str]]) -> str:
    rest = [words, *(f"{key}: {text}" for key, text in facts if text)]
    return "".join([f" ({number})" if number is not None else "", *(f" · {word}" for word in rest if word)])
