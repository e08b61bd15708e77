"""The form of one pattern: what it costs and what it saves."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from patterns_app.document.pattern import (
    ContextLabel,
    Relationship,
)
from patterns_app.models import Pattern, Revision
from patterns_app.models.working_copy import document_of
from tests.browser import add_row
from tests.desk import FULL, address, changed, edited, messages_of, opened, related, saved, text_of
from tests.factories import make_ada, make_document, make_pattern

pytestmark = pytest.mark.django_db

Budget = Callable[[int], AbstractContextManager[CaptureQueriesContext]]


@pytest.fixture
def ada(client: Client) -> Client:
    """Ada's browser."""
    client.force_login(make_ada())
    return client


# What it costs


def test_opening_a_form_takes_at_most_25_queries(ada: Client, django_assert_max_num_queries: Budget) -> None:
    pattern = make_pattern(**FULL)
    with django_assert_max_num_queries(25):
        assert ada.get(address(pattern)).status_code == 200


def test_200_relationships_cost_no_more_queries_than_8(ada: Client) -> None:
    def queries(pattern: Pattern) -> int:
        with CaptureQueriesContext(connection) as captured:
            assert ada.get(address(pattern)).status_code == 200
        return len(captured)

    few, many = (
        make_pattern(slug="few", relationships=related(8)),
        make_pattern(slug="many", relationships=related(200)),
    )
    for number in range(0, 200, 2):
        make_pattern(slug=f"target-{number}")
    assert queries(few) == queries(many)


def test_saving_a_form_with_200_relationships_takes_at_most_40_queries(
    ada: Client, django_assert_max_num_queries: Budget
) -> None:
    pattern = make_pattern(**{**FULL, "relationships": related(200)})
    fields = opened(ada, pattern)
    fields.update({f"relationships-{number}-weight": "0.75" for number in range(200)})
    fields.update({"title": "Tool library", "slug": "tool-library", "aliases-0-text": "Shed", "sources-0-text": "None"})
    with django_assert_max_num_queries(40):
        response = ada.post(address(pattern), {**fields, "_continue": "Save"})
    assert response.status_code == 302
    assert {entry.weight for entry in document_of(pattern).relationships} == {0.75}


# What it saves


def test_an_unchanged_form_saves_nothing_and_says_so(ada: Client) -> None:
    pattern = make_pattern(**FULL)
    before = text_of(pattern)
    response = edited(ada, pattern)
    assert "Nothing changed." in messages_of(response)
    assert text_of(pattern) == before
    assert pattern.revisions.count() == 1


def test_one_changed_field_changes_only_its_line(ada: Client) -> None:
    pattern = make_pattern(**FULL)
    before = text_of(pattern)
    response = edited(ada, pattern, domain="housing")
    assert changed(before, text_of(pattern)) == ["-  domain: neighbourhood", "+  domain: housing"]
    assert "domain (1 line of the file changed)" in messages_of(response)


def test_one_changed_weight_changes_only_its_line(ada: Client) -> None:
    pattern = make_pattern(**FULL)
    before = text_of(pattern)
    edited(ada, pattern, **{"relationships-2-weight": "0.45"})
    assert changed(before, text_of(pattern)) == ["-      weight: 0.4", "+      weight: 0.45"]


@pytest.mark.parametrize(
    ("field", "typed"),
    [
        ("title", "Tool library"),
        ("summary", "Shorter."),
        ("id", "pat_01kjj4j5hcfy8at1kyx8kezg7d"),
        ("slug", "tool-library"),
        ("primary_tension", "Mine vs. ours"),
        ("resilience", "4.25"),
        ("vitality", ""),
        ("vitality_reasoning", "Two lines,\nof which this is one."),
        ("overall_score", "0"),
        ("version", "1.10"),
        ("confidence", "3"),
        ("usage_stage", ""),
        ("license", "CC0-1.0"),
        ("attribution", " spaces around "),
        ("collection", "another"),
        ("created", "2026-01-01"),
        ("last_pruned", ""),
    ],
)
def test_what_is_typed_is_what_the_file_says_and_typing_it_back_gives_the_first_bytes(
    ada: Client, field: str, typed: str
) -> None:
    pattern = make_pattern(**FULL)
    before = text_of(pattern)
    was = opened(ada, pattern)[field]
    edited(ada, pattern, **{field: typed})
    document = document_of(Pattern.objects.get(pk=pattern.pk))
    said = getattr(document, field)
    assert (said if isinstance(said, str) else f"{said:g}" if said is not None else "") == typed
    assert document.differs_from(make_document(**FULL)) == (field,)
    edited(ada, pattern, **{field: was})
    assert text_of(pattern) == before


def test_rows_can_be_added_taken_out_and_put_in_order(ada: Client) -> None:
    pattern = make_pattern(**FULL)
    fields = opened(ada, pattern)
    fields["vector_keywords-0-DELETE"] = "on"
    fields["vector_keywords-2-ORDER"] = "1"
    add_row(fields, "vector_keywords", text="tools")
    fields["relationships-2-ORDER"] = "2"
    add_row(fields, "relationships", kind="tools", target="label-printer", weight="0.3")
    add_row(fields, "relationships", kind="", target="", weight="")
    saved(ada, pattern, fields)
    document = document_of(pattern)
    assert document.vector_keywords == ("repair", "sharing", "tools")
    assert [entry.target for entry in document.relationships] == [
        "commons",
        "street-party",
        "repair-cafe",
        "trust",
        "label-printer",
    ]


def test_a_row_moved_down_to_a_taken_number_goes_after_it(ada: Client) -> None:
    pattern = make_pattern(**FULL)
    edited(ada, pattern, **{"vector_keywords-0-ORDER": "2"})
    assert document_of(pattern).vector_keywords == ("sharing", "lending", "repair")


def test_what_else_an_entry_says_is_kept_when_it_is_edited(ada: Client) -> None:
    pattern = make_pattern(**FULL)
    assert b"source: survey" in ada.get(address(pattern)).content
    edited(ada, pattern, **{"relationships-1-weight": "0.8", "relationships-1-kind": "complementary"})
    entry = next(entry for entry in document_of(pattern).relationships if entry.target == "repair-cafe")
    assert entry == Relationship(
        "complementary", "repair-cafe", 0.8, "People who borrow also mend.", (("source", "survey"),)
    )


def test_another_target_does_not_keep_the_id_of_the_old_one(ada: Client) -> None:
    facts = (("typeid", "pat_01kjj4j5hcfy8at1kyx8kezg7c"), ("source", "survey"))
    pattern = make_pattern(relationships=(Relationship("enables", "old", 0.5, "", facts),))
    edited(ada, pattern, **{"relationships-0-target": "new"})
    assert document_of(pattern).relationships == (Relationship("enables", "new", 0.5, "", (("source", "survey"),)),)


def test_the_form_leaves_the_status_alone_whatever_is_posted(ada: Client) -> None:
    pattern = make_pattern(status="stable")
    assert pattern.status == "published"
    edited(ada, pattern, title="Renamed", status="deprecated")
    assert "status: stable" in text_of(pattern)
    assert "status" not in opened(ada, pattern)


def test_the_note_and_the_author_stay_with_the_revision(ada: Client) -> None:
    pattern = make_pattern()
    edited(ada, pattern, title="Tool library", note="A shorter name")
    revision = Revision.objects.get(pattern=pattern, number=2)
    assert (revision.note, revision.author_name, revision.origin) == ("A shorter name", "ada", "admin")


def test_a_pattern_without_an_id_can_be_given_one(ada: Client) -> None:
    pattern = make_pattern()
    edited(ada, pattern, mint="on")
    pattern.refresh_from_db()
    assert pattern.identifier.startswith("pat_")
    assert "mint" not in opened(ada, pattern)


def test_names_that_nobody_used_before_are_made(ada: Client) -> None:
    pattern = make_pattern()
    fields = opened(ada, pattern)
    add_row(fields, "context_labels", audience="gardeners", label="Shared shed")
    saved(ada, pattern, {**fields, "collection": "street-level"})
    pattern.refresh_from_db()
    assert str(pattern.collection) == "street-level"
    assert document_of(pattern).context_labels == (ContextLabel("gardeners", "Shared shed"),)
