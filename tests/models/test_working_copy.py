"""Documents ⇄ rows: what a document says the rows say, and reading the rows gives the document."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from patterns_app.document.body import Section
from patterns_app.document.pattern import (
    FIELD_NAMES,
    Community,
    ContextLabel,
    Contributor,
    Entity,
    InferredLink,
    PatternDocument,
    Relationship,
)
from patterns_app.document.reading import read
from patterns_app.document.vocabulary import PILLARS, RelationshipKind
from patterns_app.models import Alias, Audience, Domain, Keyword, Pattern, Revision
from patterns_app.models import Entity as EntityRow
from patterns_app.models import Relationship as RelationshipRow
from patterns_app.models.working_copy import Change, NameBook, document_of, documents_of, write_rows
from patterns_app.workflow import IdentityTaken, StaleDraft, create_draft, save_draft
from tests.factories import NOON, make_ada, make_document, make_pattern
from tests.sync.editing import edit
from tests.sync.folders import EXAMPLES, example_paths
from tests.sync.state import check_integrity

pytestmark = pytest.mark.django_db

SIGNS = st.characters(exclude_categories=["Cs"], exclude_characters="\0")
TEXTS = st.text(SIGNS, max_size=20)
NAMES = st.text(SIGNS, min_size=1, max_size=12).filter(lambda text: bool(text.strip()))
SHARES = st.none() | st.floats(0, 1).map(lambda number: number + 0.0)
POINTS = st.none() | st.floats(0, 5).map(lambda number: number + 0.0)
KINDS = [kind.value for kind in RelationshipKind]


def unique(
    entries: st.SearchStrategy[Any], key: Callable[[Any], Any] = lambda entry: entry
) -> st.SearchStrategy[tuple[Any, ...]]:
    return st.lists(entries, max_size=4, unique_by=key).map(tuple)


@st.composite
def relationships(draw: st.DrawFn) -> tuple[Relationship, ...]:
    facts = st.lists(st.tuples(NAMES, TEXTS), max_size=2).map(tuple)
    entries = draw(
        unique(
            st.builds(Relationship, st.sampled_from(KINDS), NAMES, SHARES, TEXTS, facts),
            lambda entry: (entry.kind, entry.target),
        )
    )
    return tuple(sorted(entries, key=lambda entry: KINDS.index(entry.kind)))


DOCUMENTS = st.builds(
    PatternDocument,
    id=st.sampled_from(["", "pat_1"]),
    slug=NAMES,
    title=TEXTS,
    aliases=unique(NAMES),
    summary=TEXTS,
    context_labels=unique(st.builds(ContextLabel, NAMES, TEXTS), lambda label: label.audience),
    domain=TEXTS,
    cross_domains=unique(NAMES),
    primary_tension=TEXTS,
    vector_keywords=unique(NAMES),
    **dict.fromkeys((*PILLARS, "vitality", "overall_score"), POINTS),
    vitality_reasoning=TEXTS,
    usage_stage=TEXTS,
    adoption_stage=TEXTS,
    status=TEXTS | st.sampled_from(["draft", "stable", "archived"]),
    version=TEXTS,
    confidence=st.none() | st.integers(0, 4),
    relationships=relationships(),
    last_pruned=TEXTS,
    entities=unique(st.builds(Entity, TEXTS, TEXTS, NAMES, SHARES), lambda entry: entry.key),
    communities=unique(st.builds(Community, TEXTS, NAMES, TEXTS, SHARES), lambda entry: entry.key),
    inferred_links=unique(
        st.builds(InferredLink, NAMES, TEXTS, SHARES, POINTS, TEXTS), lambda entry: (entry.target, entry.type)
    ),
    contributors=unique(st.builds(Contributor, NAMES, TEXTS)),
    sources=st.lists(NAMES, max_size=4).map(tuple),
    license=TEXTS,
    attribution=TEXTS,
    collection=TEXTS,
    created=TEXTS,
    modified=TEXTS,
    preamble=TEXTS,
    sections=st.lists(st.builds(Section, NAMES, TEXTS), max_size=3).map(tuple),
)


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(first=DOCUMENTS, second=DOCUMENTS)
def test_rows_say_what_the_document_says_and_then_what_another_says(
    first: PatternDocument, second: PatternDocument
) -> None:
    Pattern.objects.all().delete()
    with transaction.atomic():
        [pk] = write_rows([Change(None, first, make_head())], at=NOON, book=NameBook())
        assert documents_of([pk])[pk] == first
        assert write_rows([Change(pk, second, make_head())], at=NOON, book=NameBook()) == [pk]
        assert documents_of([pk])[pk] == second
        assert documents_of([pk])[pk].fingerprint() == second.fingerprint()
        differing = frozenset(first.differs_from(second))
        write_rows([Change(pk, first, make_head())], at=NOON, book=NameBook(), fields=differing)
        assert documents_of([pk])[pk] == first


def make_head() -> int:
    """A revision for rows to point at; of which pattern does not matter here."""
    pattern = Pattern.objects.filter(slug="bearer-of-heads").first()
    if pattern is None:
        pattern = Pattern.objects.create(slug="bearer-of-heads", changed_at=NOON)
    number = Revision.objects.count() + 1
    return Revision.objects.create(pattern=pattern, number=number, created_at=NOON).pk


@pytest.mark.parametrize("path", example_paths())
def test_the_rows_of_each_example_say_what_its_text_says(path: str) -> None:
    text = (EXAMPLES / path).read_bytes().decode()
    document = read(text, name="it").document
    with transaction.atomic():
        [pk] = write_rows([Change(None, document, make_head())], at=NOON, book=NameBook())
    said = documents_of([pk])[pk]
    assert said == document
    assert all(getattr(said, name) == getattr(document, name) for name in FIELD_NAMES)


def test_names_are_made_once_and_kept_as_first_seen() -> None:
    make_pattern(
        slug="one", domain="commons", cross_domains=("sea",), entities=(Entity("e", "concept", "First label", None),)
    )
    make_pattern(
        slug="two", domain="sea", cross_domains=("commons",), entities=(Entity("e", "practice", "Second label", 0.5),)
    )
    assert set(Domain.objects.values_list("name", flat=True)) == {"commons", "sea"}
    assert EntityRow.objects.get().label == "First label"
    assert document_of(Pattern.objects.get(slug="two")).entities == (Entity("e", "practice", "Second label", 0.5),)


def test_two_spellings_of_a_keyword_are_two_keywords() -> None:
    make_pattern(slug="it", vector_keywords=("Value chain", "value chain", "value-chain"))
    assert Keyword.objects.count() == 3
    assert document_of(Pattern.objects.get()).vector_keywords == ("Value chain", "value chain", "value-chain")


def test_an_unknown_word_for_the_state_stays_the_files_word() -> None:
    pattern = make_pattern(slug="it", status="sleeping")
    assert (pattern.status, pattern.status_word) == ("draft", "sleeping")
    assert document_of(pattern).status == "sleeping"
    pattern.status = "published"
    pattern.save()
    assert document_of(pattern).status == "published"


def test_a_pattern_that_is_not_there_is_said() -> None:
    pattern = make_pattern(slug="it")
    pk = pattern.pk
    Pattern.objects.all().delete()
    pattern.pk = pk
    with pytest.raises(Pattern.DoesNotExist):
        document_of(pattern)
    assert documents_of([]) == {}


def test_positions_count_from_nought_within_each_kind() -> None:
    make_pattern(
        slug="it",
        aliases=("a", "b", "c"),
        relationships=(
            Relationship("enables", "x"), Relationship("enables", "y"), Relationship("requires", "x"),
        ),
    )  # fmt: skip
    assert list(Alias.objects.order_by("position").values_list("position", flat=True)) == [0, 1, 2]
    rows = RelationshipRow.objects.order_by("kind", "position").values_list("kind", "position")
    assert list(rows) == [("enables", 0), ("enables", 1), ("requires", 0)]
    edit("it", aliases=("c", "a"))
    assert list(Alias.objects.order_by("position").values_list("name", "position")) == [("c", 0), ("a", 1)]
    check_integrity()


def test_rows_at_one_position_come_in_the_order_they_were_made() -> None:
    pattern = make_pattern(slug="it")
    for name in "bca":
        Alias.objects.create(pattern=pattern, position=0, name=name, key=name)
    assert document_of(pattern).aliases == ("b", "c", "a")


# The door


def test_a_save_writes_only_the_tables_of_what_changed() -> None:
    make_pattern(slug="it", aliases=("a",), relationships=(Relationship("enables", "x"),))
    kept = RelationshipRow.objects.get().pk
    with CaptureQueriesContext(connection) as captured:
        edit("it", title="Another")
    written = [
        q["sql"] for q in captured if q["sql"].lstrip("0123456789 times:").startswith(("INSERT", "DELETE", "COPY"))
    ]
    assert not any("relationship" in sql or "alias" in sql for sql in written)
    assert RelationshipRow.objects.get().pk == kept


def test_a_save_that_changes_nothing_leaves_no_revision() -> None:
    pattern = make_pattern(slug="it")
    assert edit("it") is None
    assert Revision.objects.filter(pattern=pattern).count() == 1


def test_who_saves_what_somebody_else_has_saved_since_is_told() -> None:
    pattern = make_pattern(slug="it")
    seen = pattern.head_id
    edit("it", title="By somebody else")
    document = dataclasses.replace(document_of(pattern), title="Mine")
    with pytest.raises(StaleDraft, match="somebody else"):
        save_draft(pattern, document=document, author=None, at=NOON, expected_head=seen)
    assert Pattern.objects.get().title == "By somebody else"


def test_an_identity_that_is_taken_is_said_and_nothing_is_written() -> None:
    make_pattern(slug="one", id="pat_1")
    make_pattern(slug="two", id="pat_2")
    with pytest.raises(IdentityTaken, match="slug “one”"):
        edit("two", slug="one")
    with pytest.raises(IdentityTaken, match="id “pat_1”"):
        edit("two", id="pat_1")
    with pytest.raises(IdentityTaken, match="slug “one”"):
        create_draft(document=make_document(slug="one"), author=None, at=NOON)
    check_integrity()
    assert Revision.objects.count() == 2
    assert not Audience.objects.exists()


def test_a_revision_remembers_who_when_and_why() -> None:
    ada = make_ada()
    pattern = make_pattern(slug="it")
    document = dataclasses.replace(document_of(pattern), title="Another")
    revision = save_draft(pattern, document=document, author=ada, at=NOON, note="Because.")
    assert revision is not None
    assert (revision.number, revision.author, revision.author_name) == (2, ada, "ada")
    assert (revision.created_at, revision.origin, revision.note) == (NOON, "admin", "Because.")
    ada.delete()
    revision.refresh_from_db()
    assert (revision.author, revision.author_name) == (None, "ada")
