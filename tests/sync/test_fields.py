"""One field changes, by the door or by the rows: its lines change in the file, no others, and back again."""

from __future__ import annotations

import dataclasses
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.db import models

from patterns_app.document.body import Section
from patterns_app.document.dialects import FIELDS, Field, Shape
from patterns_app.document.frontmatter import value_span
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
from patterns_app.models import (
    Alias,
    Audience,
    Collection,
    Contribution,
    CrossDomain,
    Domain,
    Keyword,
    Pattern,
    PatternCommunity,
    PatternEntity,
    PatternKeyword,
    Revision,
    Source,
)
from patterns_app.models import Community as CommunityRow
from patterns_app.models import ContextLabel as LabelRow
from patterns_app.models import Contributor as ContributorRow
from patterns_app.models import Entity as EntityRow
from patterns_app.models import InferredLink as InferredRow
from patterns_app.models import Relationship as RelationshipRow
from patterns_app.models import Section as SectionRow
from patterns_app.models.working_copy import document_of
from patterns_app.workflow import save_draft
from patterns_app.workflow.decisions import make_move
from patterns_app.workflow.moves import Move
from tests.factories import NOON
from tests.sync.folders import EXAMPLES, typeid
from tests.sync.running import export_to, import_from
from tests.sync.state import check_integrity

pytestmark = pytest.mark.django_db

# One of each generation, and the ones whose bytes or YAML are awkward.
GENERATIONS = [
    "hosting/repair-cafe-evening.md",
    "workshop/shadow-board.md",
    "hosting/beginners-hour.md",
    "lending/late-tools-gentle-steps.md",
    "lending/travelling-workbench.md",
    "lending/library-of-things.md",
    "commons/repair-as-commons.md",
    "awkward/machine-card.md",
    "awkward/failure-wall.md",
    "awkward/sweep-day.md",
    "awkward/open-door.md",
]

NEW_TEXTS = {
    "id": typeid(77),
    "slug": "called-something-else",
    "status": "deprecated",
    "version": "2.10",
    "license": "CC0-1.0",
    "last_pruned": "2027-01-02",
    "created": "2027-01-03",
    "modified": "2027-01-04",
}


def other_value(spec: Field, value: Any) -> Any:
    """Something else that the field may say; of a list, one entry less, one more, one changed."""
    match spec.shape:
        case Shape.TEXT:
            return NEW_TEXTS.get(spec.name) or f"{value} Said anew: with a colon".strip()
        case Shape.SCORE:
            return 2.5 if value != 2.5 else 3.5
        case Shape.STARS:
            return 2 if value != 2 else 3
        case Shape.TEXTS:
            return (*value[1:], "One: more")
        case Shape.LABELS:
            return (*value[1:], ContextLabel("sailors", "Knots: and bends"))
        case Shape.RELATIONSHIPS:
            changed = [entry._replace(weight=0.25) for entry in value[:1]]
            return (*changed, *value[1:], Relationship(spec.kind, "never-heard-of", 0.5))
        case Shape.ENTITIES:
            return (*value[1:], Entity("concept-tide", "concept", "The tide", 0.7))
        case Shape.COMMUNITIES:
            return (*value[1:], Community("harbour", "The harbour", "curated", 0.6))
        case Shape.INFERRED_LINKS:
            return (*value[1:], InferredLink("never-heard-of", "enables", 0.4, None, "They meet: often."))
        case Shape.CONTRIBUTORS:
            return (*value[1:], Contributor("somebody-new"))


def said_of(document: PatternDocument, spec: Field) -> Any:
    if spec.shape is Shape.RELATIONSHIPS:
        return tuple(entry for entry in document.relationships if entry.kind == spec.kind)
    return getattr(document, spec.name)


def saying(document: PatternDocument, spec: Field, value: Any) -> PatternDocument:
    if spec.shape is not Shape.RELATIONSHIPS:
        return dataclasses.replace(document, **{spec.name: value})
    others = tuple(entry for entry in document.relationships if entry.kind != spec.kind)
    return dataclasses.replace(document, relationships=(*others, *value))


def lines_of(reading: Reading, spec: Field) -> tuple[int, int] | None:
    """The lines (from, to) on which a field stands, counted from 0; None if the file does not have it."""
    place = reading.places.get((spec.name, spec.kind))
    if place is None:
        return None
    front = reading.front
    start = front.start + int(place.key.start_mark.index)
    end = front.start + max(value_span(place.key, place.value, front.yaml)[1], int(place.key.end_mark.index))
    return front.text.count("\n", 0, start), front.text.count("\n", 0, end) + 1


def only_its_lines_changed(before: str, after: str, spec: Field) -> bool:
    old, new = before.split("\n"), after.split("\n")
    was, now = lines_of(read(before, name="it"), spec), lines_of(read(after, name="it"), spec)
    assert now is not None
    if was is not None:
        return old[: was[0]] + old[was[1] :] == new[: now[0]] + new[now[1] :]
    # A field that was not there: lines are put in at one place (the keys above it may be new, too), none is changed.
    more = len(new) - len(old)
    first = next((n for n, (one, two) in enumerate(zip(old, new, strict=False)) if one != two), len(old))
    return new[:first] + new[first + more :] == old and first <= now[0] and now[1] <= first + more + 1


def in_a_library_of_one(tmp_path: Path, example: str) -> tuple[Path, Path, Pattern]:
    """A library with one example file: its folder, the file, its pattern."""
    folder = tmp_path / "lib"
    folder.mkdir()
    file = folder / Path(example).name
    shutil.copy(EXAMPLES / example, file)
    assert import_from(folder).counts == {"create": 1}
    return folder, file, Pattern.objects.get()


@pytest.mark.parametrize("example", GENERATIONS)
def test_every_field_saved_by_the_door_changes_its_lines_and_goes_back(tmp_path: Path, example: str) -> None:
    folder, file, pattern = in_a_library_of_one(tmp_path, example)
    original = file.read_bytes()
    document = document_of(pattern)
    for spec in FIELDS:
        if spec.name == "status":
            continue  # moved, not edited: see the next test
        value = said_of(document, spec)
        wanted = saying(document, spec, other_value(spec, value))
        assert save_draft(pattern, document=wanted, author=None, at=NOON) is not None, spec
        assert export_to(folder).counts == {"write": 1}, spec
        after = file.read_bytes().decode()
        assert only_its_lines_changed(original.decode(), after, spec), f"{spec.name} {spec.kind}"
        assert said_of(read(after, name="it").document, spec) == said_of(wanted, spec), spec
        back = save_draft(pattern, document=document, author=None, at=NOON)
        assert back is not None, spec
        assert back.text.encode() == original, f"{spec.name} {spec.kind}"
    assert export_to(folder).counts == {"write": 1}
    assert file.read_bytes() == original
    assert import_from(folder).counts == {}
    check_integrity()


THERE_AND_BACK = {
    "draft": [Move.ARCHIVE, Move.RESTORE],
    "review": [Move.PUBLISH, Move.UNPUBLISH, Move.SUBMIT],
    "published": [Move.UNPUBLISH, Move.PUBLISH],
    "deprecated": [Move.UNPUBLISH, Move.PUBLISH, Move.DEPRECATE],
    "archived": [Move.RESTORE, Move.ARCHIVE],
}


@pytest.mark.parametrize("example", GENERATIONS)
def test_a_status_moved_away_changes_its_line_and_moved_back_gives_the_first_bytes(
    tmp_path: Path, example: str
) -> None:
    folder, file, pattern = in_a_library_of_one(tmp_path, example)
    original = file.read_bytes()
    [status] = [spec for spec in FIELDS if spec.name == "status"]
    moves = THERE_AND_BACK[pattern.status]
    if pattern.status == "review":
        moves = [Move.APPROVE, *moves]
    for move in moves:
        make_move(pattern, move, actor=None, at=NOON, as_command=True)
        export_to(folder)
        after = file.read_bytes()
        assert after == original or only_its_lines_changed(original.decode(), after.decode(), status)
    assert file.read_bytes() == original
    check_integrity()


@pytest.mark.parametrize("example", GENERATIONS)
def test_the_body_saved_by_the_door_changes_alone_and_goes_back(tmp_path: Path, example: str) -> None:
    folder, file, pattern = in_a_library_of_one(tmp_path, example)
    original = file.read_bytes()
    document = document_of(pattern)
    front = original[: -len(document.body.encode())]
    changes: list[PatternDocument] = [
        dataclasses.replace(document, preamble=f"{document.preamble}\n\nOne line more.\n\n")
    ]
    if document.sections:
        last = document.sections[-1]
        grown = Section(last.heading, f"{last.text}\n\nOne line more.")
        changes.append(dataclasses.replace(document, sections=(*document.sections[:-1], grown)))
    for wanted in changes:
        save_draft(pattern, document=wanted, author=None, at=NOON)
        export_to(folder)
        assert file.read_bytes() == front + wanted.body.encode()
        check_integrity()
        save_draft(pattern, document=document, author=None, at=NOON)
        export_to(folder)
        assert file.read_bytes() == original


# The rows, past the door


def plain(name: str) -> Callable[[Pattern, Any], None]:
    def change(pattern: Pattern, value: Any) -> None:
        setattr(pattern, name, value)
        pattern.save()

    return change


def named(name: str, model: type[models.Model]) -> Callable[[Pattern, Any], None]:
    def change(pattern: Pattern, value: Any) -> None:
        row = model._default_manager.get_or_create(name=value)[0] if value else None
        setattr(pattern, name, row)
        pattern.save()

    return change


def as_state(pattern: Pattern, value: str) -> None:
    """The state and the file's word for it, as they are kept."""
    pattern.status_word = value
    pattern.status = {"": "draft", "active": "published", "mature": "published"}.get(value, value)
    pattern.save()


OWN_COLUMNS: dict[str, Callable[[Pattern, Any], None]] = {
    "id": plain("identifier"),
    "domain": named("domain", Domain),
    "collection": named("collection", Collection),
    "status": as_state,
}


@pytest.mark.parametrize("example", [GENERATIONS[0], GENERATIONS[5]])
def test_every_column_changed_past_the_door_changes_its_lines_and_goes_back(tmp_path: Path, example: str) -> None:
    folder, file, pattern = in_a_library_of_one(tmp_path, example)
    original = file.read_bytes()
    document = document_of(pattern)
    for spec in FIELDS:
        if spec.shape not in (Shape.TEXT, Shape.SCORE, Shape.STARS):
            continue
        change = OWN_COLUMNS.get(spec.name, plain(spec.name))
        value = said_of(document, spec)
        change(pattern, other_value(spec, value))
        assert export_to(folder).counts == {"write": 1}, spec
        assert only_its_lines_changed(original.decode(), file.read_bytes().decode(), spec), spec
        pattern.refresh_from_db()
        assert pattern.text == file.read_bytes().decode()
        change(pattern, value)
        assert export_to(folder).counts == {"write": 1}, spec
        pattern.refresh_from_db()
        assert file.read_bytes() == original, spec
    assert import_from(folder).counts == {}
    check_integrity()


def add_alias(pattern: Pattern, n: int) -> models.Model:
    return Alias.objects.create(pattern=pattern, position=n, name="One more")


def add_label(pattern: Pattern, n: int) -> models.Model:
    audience = Audience.objects.get_or_create(name="sailors")[0]
    return LabelRow.objects.create(pattern=pattern, position=n, audience=audience, label="Knots")


def add_domain(pattern: Pattern, n: int) -> models.Model:
    domain = Domain.objects.get_or_create(name="seafaring")[0]
    return CrossDomain.objects.create(pattern=pattern, position=n, domain=domain)


def add_keyword(pattern: Pattern, n: int) -> models.Model:
    tag = Keyword.objects.get_or_create(name="low tide", slug="low-tide")[0]
    return PatternKeyword.objects.create(content_object=pattern, position=n, tag=tag)


def add_relationship(pattern: Pattern, n: int) -> models.Model:
    return RelationshipRow.objects.create(
        pattern=pattern, position=n, kind="enables", target_text="low-tide", weight=0.4
    )


def add_entity(pattern: Pattern, n: int) -> models.Model:
    entity = EntityRow.objects.create(key="concept-tide")
    return PatternEntity.objects.create(
        pattern=pattern,
        position=n,
        entity=entity,
        identifier="concept-tide",
        type="concept",
        label="Tide",
        relevance=0.5,
    )


def add_community(pattern: Pattern, n: int) -> models.Model:
    community = CommunityRow.objects.create(key="harbour")
    return PatternCommunity.objects.create(
        pattern=pattern, position=n, community=community, identifier="harbour", label="Harbour", source="curated"
    )


def add_link(pattern: Pattern, n: int) -> models.Model:
    return InferredRow.objects.create(
        pattern=pattern, position=n, target_text="low-tide", type="enables", confidence=0.5
    )


def add_contributor(pattern: Pattern, n: int) -> models.Model:
    contributor = ContributorRow.objects.get_or_create(name="somebody-new")[0]
    return Contribution.objects.create(pattern=pattern, position=n, contributor=contributor)


def add_source(pattern: Pattern, n: int) -> models.Model:
    return Source.objects.create(pattern=pattern, position=n, citation="A book, 2020")


# The field, how a row is added, and how the first row is changed: (column, value).
CHILDREN: list[tuple[str, Callable[[Pattern, int], models.Model], str, tuple[str, Any]]] = [
    ("aliases", add_alias, "hosting/repair-cafe-evening.md", ("name", "Said anew")),
    ("context_labels", add_label, "hosting/repair-cafe-evening.md", ("label", "Said anew")),
    (
        "cross_domains",
        add_domain,
        "hosting/repair-cafe-evening.md",
        ("domain", lambda: Domain.objects.create(name="new")),
    ),
    (
        "vector_keywords",
        add_keyword,
        "hosting/repair-cafe-evening.md",
        ("tag", lambda: Keyword.objects.create(name="new")),
    ),
    ("relationships", add_relationship, "hosting/repair-cafe-evening.md", ("weight", 0.11)),
    ("entities", add_entity, "hosting/repair-cafe-evening.md", ("relevance", 0.11)),
    ("communities", add_community, "hosting/repair-cafe-evening.md", ("confidence", 0.11)),
    ("inferred_links", add_link, "awkward/machine-card.md", ("reason", "Said anew")),
    ("contributors", add_contributor, "lending/library-of-things.md", ("role", "cook")),
    ("sources", add_source, "hosting/repair-cafe-evening.md", ("citation", "Said anew")),
]


def rows_of(field: str, pattern: Pattern) -> models.QuerySet[Any]:
    tables: dict[str, tuple[type[models.Model], str]] = {
        "aliases": (Alias, "pattern"),
        "context_labels": (LabelRow, "pattern"),
        "cross_domains": (CrossDomain, "pattern"),
        "vector_keywords": (PatternKeyword, "content_object"),
        "relationships": (RelationshipRow, "pattern"),
        "entities": (PatternEntity, "pattern"),
        "communities": (PatternCommunity, "pattern"),
        "inferred_links": (InferredRow, "pattern"),
        "contributors": (Contribution, "pattern"),
        "sources": (Source, "pattern"),
    }
    model, owner = tables[field]
    rows = model._default_manager.filter(**{owner: pattern})
    return rows.filter(kind="enables").order_by("position") if field == "relationships" else rows.order_by("position")


@pytest.mark.parametrize(("field", "add", "example", "change"), CHILDREN, ids=[child[0] for child in CHILDREN])
def test_child_rows_made_changed_and_deleted_past_the_door_come_out_in_their_lines(
    tmp_path: Path,
    field: str,
    add: Callable[[Pattern, int], models.Model],
    example: str,
    change: tuple[str, Any],
) -> None:
    folder, file, pattern = in_a_library_of_one(tmp_path, example)
    original = file.read_bytes()
    spec = next(spec for spec in FIELDS if spec.name == field and spec.kind in ("", "enables"))
    first = rows_of(field, pattern).first()
    assert first is not None, "the example has to have such a row"

    def exported(step: str) -> str:
        assert export_to(folder).counts == {"write": 1}, step
        check_integrity()
        return file.read_bytes().decode()

    add(pattern, rows_of(field, pattern).count())
    assert only_its_lines_changed(original.decode(), exported("made"), spec)
    last = rows_of(field, pattern).last()
    assert last is not None
    last.delete()
    assert exported("deleted").encode() == original

    column, value = change
    rows_of(field, pattern).filter(position=0).update(**{column: value() if callable(value) else value})
    assert only_its_lines_changed(original.decode(), exported("changed"), spec)
    rows_of(field, pattern).filter(position=0).update(**{column: getattr(first, column)})
    assert exported("changed back").encode() == original
    assert import_from(folder).counts == {}


def test_a_section_changed_made_and_deleted_past_the_door_comes_out_in_the_body(tmp_path: Path) -> None:
    folder, file, pattern = in_a_library_of_one(tmp_path, "hosting/repair-cafe-evening.md")
    original = file.read_bytes().decode()
    document = document_of(pattern)
    last = document.sections[-1]
    SectionRow.objects.create(
        pattern=pattern, position=len(document.sections), heading="### Section 9: Weather\n", text="\nIt rains.\n"
    )
    export_to(folder)
    assert file.read_bytes().decode() == original + "### Section 9: Weather\n\nIt rains.\n"
    check_integrity()
    assert SectionRow.objects.get(title="Weather").number == 9
    SectionRow.objects.filter(title="Weather").delete()
    SectionRow.objects.filter(position=len(document.sections) - 1).update(text=f"{last.text}\nIt rains.\n")
    export_to(folder)
    assert file.read_bytes().decode() == original + "\nIt rains.\n"
    check_integrity()
    assert Revision.objects.count() == 3
