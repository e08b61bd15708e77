"""Writing: one field changes, and nothing else does."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from patterns_app.document.body import split_body
from patterns_app.document.dialects import FIELDS, Field, Shape
from patterns_app.document.extents import value_of
from patterns_app.document.frontmatter import Unreadable
from patterns_app.document.pattern import (
    Community,
    ContextLabel,
    Contributor,
    Entity,
    InferredLink,
    PatternDocument,
    Relationship,
)
from patterns_app.document.reading import Reading, read
from patterns_app.document.vocabulary import NAME_MAX
from patterns_app.document.writing import EditRefused, write
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


EXAMPLES = st.sampled_from(sorted(library.examples())).map(library.examples().__getitem__)


@given(st.data())
@settings(max_examples=200)
def test_any_value_can_be_written_into_any_example(data: st.DataObject) -> None:
    text = data.draw(EXAMPLES)
    spec, value = data.draw(strategies.changes(read(text).document))
    assert isinstance(checks.change(text, spec, value), str)


@given(st.data())
@settings(max_examples=80)
def test_two_fields_changed_in_either_order_or_at_once_say_the_same(data: st.DataObject) -> None:
    text = data.draw(EXAMPLES)
    document = read(text).document
    (one, its), (other, others) = data.draw(strategies.changes(document)), data.draw(strategies.changes(document))
    assume((one.name, one.kind) != (other.name, other.kind))
    both = strategies.with_value(strategies.with_value(document, one, its), other, others)
    texts = [
        write(write(text, strategies.with_value(document, one, its)), both),
        write(write(text, strategies.with_value(document, other, others)), both),
        write(text, both),
    ]
    assert [read(result).document for result in texts] == [both] * 3
    assert [write(result, document, precedents=[text]) for result in texts] == [text] * 3


@given(st.data())
@settings(max_examples=80)
def test_any_number_of_edits_is_taken_back_to_the_first_bytes(data: st.DataObject) -> None:
    history = [data.draw(EXAMPLES)]
    documents = [read(history[0]).document]
    for _ in range(data.draw(st.integers(1, 5))):
        spec, value = data.draw(strategies.changes(documents[0]))
        wanted = strategies.with_value(documents[0], spec, value)
        if data.draw(st.integers(0, 3)) == 0:
            preamble, sections = split_body(data.draw(strategies.BODIES))
            wanted = dataclasses.replace(wanted, preamble=preamble, sections=sections)
        history.insert(0, write(history[0], wanted, precedents=history))
        documents.insert(0, read(history[0]).document)
        assert documents[0].body == wanted.body
    # All at once, and step by step.
    assert write(history[0], documents[-1], precedents=history) == history[-1]
    text = history[0]
    for earlier, document in zip(history, documents, strict=True):
        text = write(text, document, precedents=history)
        assert text == earlier


# Files that nobody has written yet


def readable(text: str) -> Reading:
    try:
        return read(text)
    except Unreadable:
        assume(False)
        raise


@st.composite
def changed_files(draw: st.DrawFn, *, tame: bool) -> tuple[str, Field, Any]:
    """A generated file and a change, mostly to a field that it has."""
    text = draw(strategies.files(tame))
    reading = readable(text)
    present = [spec for spec in FIELDS if (spec.name, spec.kind) in reading.places]
    spec = draw(st.sampled_from(present * 3 + list(FIELDS)))
    return text, spec, draw(strategies.values_of(spec, value_of(reading.document, spec)))


@given(strategies.files())
@settings(max_examples=200)
def test_writing_what_a_generated_file_says_anyway_gives_the_same_bytes(text: str) -> None:
    assert write(text, readable(text).document) is text


# Why a change may be refused: the file stays as it is, and the editor is told. Each has its example in the next test.
REASONS = (
    "a list or mapping where a single value belongs",
    "something else under",
    "comments stand within the brackets",
    "the file would not say exactly this, or another field would change with it",
    "the list says an entry again by an alias",
    "the only key of a mapping cannot be taken out",
)


@pytest.mark.parametrize("tame", [True, False])
@given(data=st.data())
@settings(max_examples=250)
def test_any_change_to_any_file_is_made_or_refused_for_a_reason_that_we_know(tame: bool, data: st.DataObject) -> None:
    text, spec, value = data.draw(changed_files(tame=tame))
    result = checks.change(text, spec, value)
    if isinstance(result, EditRefused):
        assert any(reason in str(result) for reason in REASONS)


@pytest.mark.parametrize(
    ("yaml", "change", "reason"),
    [
        ("title: [a, b]", {"title": "x"}, "a list or mapping where a single value belongs"),
        ("vitality_score: {a: b}", {"vitality": 4.0}, "a list or mapping where a single value belongs"),
        ("lifecycle: soon", {"status": "draft"}, "something else under lifecycle"),
        ("lifecycle: [soon]", {"status": "draft"}, "something else under lifecycle"),
        # Another field says the same by an alias, and would change with it.
        ("title: &t Foo\nsummary: *t", {"title": "x"}, "another field would change with it"),
        # What a container stands for belongs to somebody else.
        ("base: &b {status: draft}\nlifecycle: *b", {"status": "x"}, "another field would change with it"),
        ("aliases: [\n  a, # first\n  b # second\n  ]", {"aliases": ("b", "a")}, "comments stand within the brackets"),
        ("aliases: [\n  a, # first\n  b # second\n  ]", {"aliases": ("a",)}, "comments stand within the brackets"),
        ("sources:\n- &a x # why\n- *a\n- y", {"sources": ("x", "y")}, "says an entry again by an alias"),
    ],
)
def test_what_cannot_be_written_without_touching_more_is_refused(
    yaml: str, change: dict[str, Any], reason: str
) -> None:
    text = f"---\n{yaml}\n---\n"
    with pytest.raises(EditRefused) as refusal:
        write(text, dataclasses.replace(read(text).document, **change))
    assert reason in str(refusal.value)
    assert refusal.value.field == next(iter(change))


@pytest.mark.parametrize(
    "change",
    [
        {"title": "a\0b"},
        {"title": "\ud800"},
        {"usage_stage": "x" * 256},
        {"vitality": -0.1},
        {"vitality": float("nan")},
        {"overall_score": float("-inf")},
        {"confidence": 5},
        {"aliases": ("a", "a")},
        {"aliases": (" ",)},
        {"aliases": ("\ud800",)},
        {"id": "TODO"},
        {"slug": "../../etc/passwd"},
        {"relationships": (Relationship("enables", ""),)},
        {"relationships": (Relationship("enables", "a", 1.5),)},
        {"relationships": (Relationship("no_such_kind", "a"),)},
        {"relationships": (Relationship("enables", "a", None, "", (("weight", "x"),)),)},
        {"relationships": (Relationship("enables", "a", None, "", (("k", "x"), ("k", "y"))),)},
        {"entities": (Entity("", "", ""),)},
        {"communities": (Community("", ""), Community("", ""))},
        {"inferred_links": (InferredLink(""),)},
        {"contributors": (Contributor(""),)},
        {"context_labels": (ContextLabel("", "a"),)},
        {"preamble": "a\0b"},
        {"preamble": "\udfff"},
        {"preamble": "x" * 5_000_000},
    ],
    ids=lambda change: str(change)[:40],
)
@pytest.mark.parametrize("name", ["repair-cafe-evening", "travelling-workbench", "machine-card", "open-door"])
def test_what_no_file_can_say_is_refused(name: str, change: dict[str, Any]) -> None:
    text = library.example(name)
    wanted = dataclasses.replace(read(text).document, **change)
    with pytest.raises(EditRefused):
        write(text, wanted)


def test_an_unknown_kind_of_relationship_is_refused_even_if_nothing_else_changed() -> None:
    text = library.example("open-door")
    wanted = dataclasses.replace(read(text).document, relationships=(Relationship("no_such_kind", "a"),))
    with pytest.raises(EditRefused):
        write(text, wanted)


def test_a_file_that_is_called_by_its_name_cannot_be_without_a_slug() -> None:
    text = library.example("open-door")
    with pytest.raises(EditRefused):
        write(text, dataclasses.replace(read(text).document, slug=""), name="open-door")


def test_a_text_that_is_no_pattern_file_is_not_written_to() -> None:
    with pytest.raises(Unreadable):
        write("no front matter", PatternDocument())


# The body


@given(
    strategies.BODIES,
    st.sampled_from(["---\ntitle: x\n---", "---\r\ntitle: x\r\n---\r\nold", "---\ntitle: x\n---\n\nold\n"]),
)
@settings(max_examples=150)
def test_any_body_can_be_written_and_taken_back(body: str, text: str) -> None:
    preamble, sections = split_body(body)
    document = read(text).document
    result = write(text, dataclasses.replace(document, preamble=preamble, sections=sections))
    assert read(result).document.body == body
    assert result.endswith(body)
    assert result.startswith(text[: len(text) - len(document.body)])
    assert write(result, document, precedents=[text]) == text


@given(strategies.BODIES)
@settings(max_examples=50)
def test_where_a_body_is_cut_is_no_change(body: str) -> None:
    text = f"---\ntitle: x\n---\n{body}"
    assert write(text, dataclasses.replace(read(text).document, preamble=body, sections=())) is text


# Going back to what an earlier text said


def test_a_value_that_goes_back_is_spelled_as_it_was() -> None:
    first = "---\ntitle:   'Old'   # why\nversion: 0.10\n---\n"
    second = write(first, dataclasses.replace(read(first).document, title="New: it", version="1"))
    assert second == "---\ntitle:   'New: it'   # why\nversion: 1\n---\n"
    assert write(second, read(first).document, precedents=[second, first]) == first


def test_a_comment_that_came_later_stays_when_the_value_goes_back() -> None:
    first = "---\naliases:\n- a\n- b # of old\nversion: 1\n---\n"
    later = "---\naliases:\n# added by hand\n- a # by hand, too\nversion: 2 # by hand\n---\n"
    back = write(later, read(first).document, precedents=[later, first])
    assert read(back).document == read(first).document
    assert back == "---\naliases:\n# added by hand\n- a # by hand, too\n- b\nversion: 1 # by hand\n---\n"


def test_a_comment_that_was_taken_out_by_hand_stays_out_when_a_single_value_goes_back() -> None:
    first = "---\nversion: 1 # first\nsummary: >- # why\n  old\n---\n"
    later = "---\nversion: 2\nsummary: >-\n  new\n---\n"
    back = write(later, read(first).document, precedents=[later, first])
    assert back == "---\nversion: 1\nsummary: >-\n  old\n---\n"


def test_blank_lines_that_came_later_stay_when_the_value_goes_back() -> None:
    first = "---\naliases:\n- a\n- b\nversion: 1\n---\n"
    later = "---\naliases:\n- a\n\n\nversion: 2\n---\n"
    back = write(later, read(first).document, precedents=[later, first])
    assert back == "---\naliases:\n- a\n- b\n\n\nversion: 1\n---\n"


def test_line_endings_that_were_changed_since_stay_changed_when_the_value_goes_back() -> None:
    first = "---\r\ntitle: a\r\naliases:\r\n- a\r\n- b\r\nversion: 1\r\n---\r\nbody\r\n"
    later = write(first, dataclasses.replace(read(first).document, aliases=("a",))).replace("\r\n", "\n")
    wanted = dataclasses.replace(read(later).document, aliases=("a", "b"))
    assert write(later, wanted, precedents=[later, first]) == first.replace("\r\n", "\n")
    assert write(later, read(later).document, precedents=[first]) is later


def test_a_text_with_both_line_endings_gets_back_the_very_ones_it_had() -> None:
    first = "---\r\ntitle: a\naliases:\r\n- a\n- b\r\nsummary: |\n  x\r\n  y\n---\r\nbody\n"
    document = read(first).document
    for change in (
        {"aliases": ("b", "a", "c")},
        {"aliases": ()},
        {"summary": "z"},
        {"collection": "x"},
        {"status": "x"},
    ):
        second = write(first, dataclasses.replace(document, **change))
        assert write(second, document, precedents=[first]) == first


def test_a_precedent_that_cannot_be_read_is_passed_over() -> None:
    first = "---\ntitle: 'a'\n---\n"
    second = "---\ntitle: b\n---\n"
    assert write(second, read(first).document, precedents=["no pattern", "---\n[\n---\n", first]) == first
