"""Writing: the text of a `PatternDocument`, with every character kept that need not change.

`write(text, wanted)` replaces the spans of the fields in which `wanted` differs from what the text says, reads the
result again and compares. If it does not say what was meant, nothing is written: `EditRefused`.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Any

from patterns_app.document.dialects import FIELDS, Field
from patterns_app.document.extents import value_of
from patterns_app.document.field_edits import FieldWriter
from patterns_app.document.pattern import PatternDocument
from patterns_app.document.precedents import Precedents, as_before
from patterns_app.document.problems import Severity
from patterns_app.document.reading import Reading, Unreadable, other_keys, read
from patterns_app.document.splicing import (
    CannotSplice,
    Edit,
    apply,
)
from patterns_app.document.vocabulary import RelationshipKind


class EditRefused(Exception):
    """A change that could not be written so that reading the result says what was meant. Nothing was changed.

    field: the `PatternDocument` field at fault.
    """

    def __init__(self, field: str, reason: str) -> None:
        super().__init__(f"“{field.replace('_', ' ')}” could not be changed: {reason}")
        self.field = field


def write(text: str, wanted: PatternDocument, *, name: str = "", precedents: Sequence[str] = ()) -> str:
    """`text`, changed where `wanted` says otherwise and nowhere else.

    precedents: earlier texts of the same pattern, newest first. A value that goes back to what one of them said is
    spelled as it was there, so that changing a value and changing it back gives the first bytes again. `name` as in
    `read`. Raises `EditRefused`, and `Unreadable` for a text that is no pattern file. Costs one libyaml pass for each
    changed field and one or two more.
    """
    first = reading = read(text, name=name)
    wanted = _ordered(wanted)
    earlier = Precedents(precedents, name)
    for spec in FIELDS:
        value = value_of(wanted, spec)
        if value != value_of(reading.document, spec):
            reading = _write_field(reading, spec, value, name, earlier)
    result = reading.front.text
    if wanted.body != reading.document.body:
        result = _head(reading, wanted.body, earlier) + wanted.body
    try:
        said = reading if result == reading.front.text else read(result, name=name)
    except Unreadable as error:
        raise EditRefused("body", error.problem.message) from error
    for field in said.document.differs_from(wanted):
        # The body is compared as a whole: where its sections are cut is for the reader to say.
        if field not in ("preamble", "sections") or said.document.body != wanted.body:
            raise EditRefused(field, "read again, the file would say something else. Edit the file by hand.")
    if _others(said) != _others(first):
        raise EditRefused("other keys", "the change would have touched keys that were not edited.")
    if said.is_refused and not first.is_refused:
        problem = next(problem for problem in said.problems if problem.severity is Severity.ERROR)
        raise EditRefused(problem.key, problem.message)
    return result


def _head(reading: Reading, body: str, earlier: Precedents) -> str:
    """The front matter and its fences for a body; without a body, the closing fence may be the end of the text."""
    front = reading.front
    if not body:
        for precedent in earlier.readings():
            if not precedent.document.body:
                return front.text[: front.end] + precedent.front.text[precedent.front.end :]
    head = front.text[: front.body]
    return head + front.newline if body and head[-1] not in "\r\n" else head


_KIND_ORDER = {kind.value: number for number, kind in enumerate(RelationshipKind)}


def _ordered(document: PatternDocument) -> PatternDocument:
    """Relationships kind after kind, as reading gives them."""
    ordered = tuple(sorted(document.relationships, key=lambda entry: _KIND_ORDER.get(entry.kind, len(_KIND_ORDER))))
    return document if ordered == document.relationships else dataclasses.replace(document, relationships=ordered)


def _write_field(reading: Reading, spec: Field, value: Any, name: str, earlier: Precedents) -> Reading:
    """The reading of a text in which one more field has its wanted value."""
    for precedent in earlier.saying(spec, value):
        edits = as_before(reading, precedent, spec)
        if edits and (result := _applied(reading, edits, spec, value, name)) is not None:
            return result
    reasons = []
    for way in (FieldWriter.edits, FieldWriter.rewrite):
        try:
            result = _applied(reading, way(FieldWriter(reading), spec, value), spec, value, name)
        except CannotSplice as error:
            reasons.append(str(error))
        else:
            if result is not None:
                return result
            reasons.append("the file would not say exactly this, or another field would change with it")
    raise EditRefused(spec.name, f"{reasons[0]}. Edit the file by hand.")


def _applied(reading: Reading, edits: list[Edit], spec: Field, value: Any, name: str) -> Reading | None:
    """The reading after the edits, or None if it does not give the field its value or changes anything else."""
    front = reading.front
    try:
        source = apply(front.yaml, edits, front.newline)
        result = read(front.text[: front.start] + source + front.text[front.end :], name=name)
    except (CannotSplice, Unreadable):
        return None
    for other in FIELDS:
        expected = value if other is spec else value_of(reading.document, other)
        if value_of(result.document, other) != expected:
            return None
    return result if _others(result) == _others(reading) else None


def _others(reading: Reading) -> list[tuple[str, str]]:
    """What the text says beside the fields, as it says it."""
    return [(key.path, key.source) for key in other_keys(reading)]
