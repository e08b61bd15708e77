"""Writing: one field changes, and nothing else does."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from patterns_app.document.dialects import FIELDS, Field, Shape
from patterns_app.document.pattern import (
    Community,
    ContextLabel,
    Contributor,
    Entity,
    InferredLink,
    Relationship,
)
from patterns_app.document.reading import read
from patterns_app.document.vocabulary import NAME_MAX
from patterns_app.document.writing import EditRefused, value_of, write
from tests.document import checks, library, strategies

EVERY_FILE = pytest.mark.parametrize("path", library.texts())
EVERY_FIELD = pytest.mark.parametrize("spec", FIELDS, ids=lambda spec: spec.kind or spec.name)


@EVERY_FILE
def test_writing_what_a_file_says_anyway_gives_the_same_bytes(path: str) -> None:
    text = library.texts()[path]
    assert write(text, read(text).document) is text


def new_entries(spec: Field) -> tuple[Any, Any]:
    """A simple entry, and one that says all it can in the worst way."""
    nasty, quoted = " # \"no\": '1.10'\n", "it's: [a, b]"
    match spec.shape:
        case Shape.LABELS:
            return ContextLabel("healthcare", "Rounds"), ContextLabel("the # arts: 1", nasty)
        case Shape.RELATIONSHIPS:
            return (
                Relationship(spec.kind, "quite-new", 0.85),
                Relationship(spec.kind, quoted, 1 / 3, nasty, (("typeid", "null"), ("a: b", "1e3"))),
            )
        case Shape.ENTITIES:
            return Entity("ent-new", "concept", "New", 0.5), Entity("", "", quoted)
        case Shape.COMMUNITIES:
            return Community("new", "New", "taxonomy", 1.0), Community("", quoted)
        case Shape.INFERRED_LINKS:
            return InferredLink("quite-new", "enables", 0.7, None, "why"), InferredLink(quoted, "", None, 4.0, nasty)
        case Shape.CONTRIBUTORS:
            return Contributor("quite-new"), Contributor(quoted, "a role: nasty")
        case _:
            return "quite new", quoted


def changed(entry: Any, other: Any) -> Any:
    """The entry saying something else under the same name."""
    match entry:
        case str():
            return f"{entry} # more"
        case ContextLabel():
            return entry._replace(label=other.label)
        case Relationship():
            return entry._replace(weight=None if entry.weight else 0.25, description=f"{entry.description}: no")
        case Entity():
            return entry._replace(type="1.10", relevance=None if entry.relevance else 0.125)
        case Community():
            return entry._replace(source="~", confidence=None if entry.confidence else 0.125)
        case InferredLink():
            return entry._replace(confidence=None if entry.confidence else 0.125, reason=" why: # ")
        case _:
            return entry._replace(role="" if entry.role else "null")


def sweep(spec: Field, current: Any, rotation: int) -> Iterator[Any]:
    """Values for a field: awkward texts in turn; for a list a change at every position, of every kind in turn."""
    if spec.shape is Shape.TEXT:
        texts = [text for text in strategies.NASTY if len(text) <= NAME_MAX]
        if spec.name == "slug":
            texts = ["a-new-slug", "no", "1.10", "two words", "null", "C# and more", "“slug”"]
        yield from (texts[(rotation * 2 + step) % len(texts)] for step in range(2))
    elif spec.shape is Shape.SCORE:
        yield (None, 0.0, 5.0, 3.5, 4.65, 2 / 3, 1e-07)[rotation % 7]
    elif spec.shape is Shape.STARS:
        yield (None, 0, 1, 2, 3, 4)[rotation % 6]
    else:
        simple, nasty = new_entries(spec)
        for position in range(len(current) + 1):
            before, after = current[:position], current[position:]
            match (rotation + position) % 4:
                case 1 if after:
                    yield before + after[1:]
                case 2 if after:
                    yield (*before, changed(after[0], nasty), *after[1:])
                case 3 if len(after) > 1:
                    yield (*before, after[1], after[0], *after[2:])
                case _:
                    yield (*before, simple if rotation % 2 else nasty, *after)
        yield (simple, nasty)
        yield current[::-1]
        yield ()


@EVERY_FILE
def test_every_field_of_every_file_changes_alone_and_changes_back(path: str) -> None:
    text = library.texts()[path]
    document = read(text).document
    rotation = sum(path.encode())
    refusals = []
    for number, spec in enumerate(FIELDS):
        for value in sweep(spec, value_of(document, spec), rotation + number):
            result = checks.change(text, spec, value)
            if isinstance(result, EditRefused):
                refusals.append((spec.name, spec.kind, value, str(result)))
    assert refusals == []
