"""Revisions in the admin, and the difference of two texts."""

from __future__ import annotations

import datetime

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from patterns_app.admin.difference import DiffLine, changed_lines, unified
from patterns_app.models import Pattern
from patterns_app.workflow import save_draft
from patterns_app.workflow.decisions import Said, make_move
from patterns_app.workflow.moves import Move
from tests.browser import fields_of
from tests.factories import NOON, make_ada, make_document, make_pattern, make_user

LATER = NOON + datetime.timedelta(hours=1)


def fresh(pattern: Pattern) -> Pattern:
    return Pattern.objects.get(pk=pattern.pk)


@pytest.fixture
def pattern(db: None) -> Pattern:
    """A pattern that bo renamed."""
    pattern = make_pattern()
    bo = make_user("bo")
    save_draft(pattern, document=make_document(title="Tool library"), author=bo, at=NOON, note="A shorter name")
    bo.delete()
    return pattern


@pytest.fixture
def ada(client: Client, db: None) -> Client:
    """Ada's browser."""
    client.force_login(make_ada())
    return client


def revision(pattern: Pattern, number: int) -> str:
    return reverse("admin:patterns_app_pattern_revision", args=[pattern.pk, number])


def test_the_history_lists_every_revision_with_who_and_why(ada: Client, pattern: Pattern) -> None:
    response = ada.get(reverse("admin:patterns_app_pattern_history", args=[pattern.pk]))
    page = response.content.decode()
    assert [entry.revision.number for entry in response.context["entries"]] == [2, 1]
    assert "bo" in page, "the name outlives the account"
    assert "A shorter name" in page
    assert revision(pattern, 1) in page


def test_a_revision_shows_its_text_and_what_it_changed(ada: Client, pattern: Pattern) -> None:
    page = ada.get(revision(pattern, 2)).content.decode()
    assert "<del>-title: &quot;Shared tool library&quot;</del>" in page
    assert "<ins>+title: &quot;Tool library&quot;</ins>" in page
    assert "Every cellar on the street" in page
    assert revision(pattern, 1) in page


def test_the_first_revision_has_nothing_to_be_compared_with(ada: Client, pattern: Pattern) -> None:
    page = ada.get(revision(pattern, 1)).content.decode()
    assert "What changed since" not in page
    assert revision(pattern, 2) in page


def test_what_was_empty_before_is_only_added(ada: Client) -> None:
    pattern = make_pattern(summary="")
    save_draft(pattern, document=make_document(summary="Borrow it."), author=None, at=NOON, note="")
    page = ada.get(reverse("admin:patterns_app_pattern_compare", args=[pattern.pk])).content.decode()
    assert '<pre class="diff" tabindex="0"><ins>+Borrow it.</ins></pre>' in page


def test_a_revision_that_does_not_exist_is_not_found(ada: Client, pattern: Pattern) -> None:
    assert ada.get(revision(pattern, 3)).status_code == 404
    assert ada.get(reverse("admin:patterns_app_pattern_history", args=[12345])).status_code == 404


@pytest.mark.parametrize(
    ("before", "after", "lines"),
    [
        ("a\nb\nc", "a\nb\nc", 0),
        ("a\nb\nc", "a\nB\nc", 1),
        ("a\nb\nc", "a\nb\nb\nc", 1),
        ("a\nb\nc", "a\nc", 1),
        ("a\nb", "a\nb\n", 1),
        ("a\n\n\nb", "x\n\n\ny", 2),
        ("", "a", 1),
    ],
)
def test_a_replaced_line_counts_once(before: str, after: str, lines: int) -> None:
    assert changed_lines(before, after) == lines


def test_a_changed_line_ending_can_be_seen() -> None:
    assert list(unified("a\nb", "a\r\nb")) == [
        DiffLine("place", "@@ -1,2 +1,2 @@"),
        DiffLine("removed", "-a"),
        DiffLine("added", "+a␍"),
        DiffLine("", " b"),
    ]


# Events, comparison, going back


def test_revisions_and_events_stand_on_one_line_of_time(ada: Client, pattern: Pattern) -> None:
    make_move(fresh(pattern), Move.SUBMIT, actor=None, at=LATER, said=Said("Ready."), as_command=True)
    response = ada.get(reverse("admin:patterns_app_pattern_history", args=[pattern.pk]))
    shown = [
        f"event {entry.event.move}" if entry.event else f"revision {entry.revision.number}"
        for entry in response.context["entries"]
    ]
    assert shown == ["event submit", "revision 3", "revision 2", "revision 1"]
    page = response.content.decode()
    assert "Submit for review" in page
    assert "Ready." in page


def test_a_long_history_takes_as_many_queries_as_a_short_one(ada: Client, pattern: Pattern) -> None:
    address = reverse("admin:patterns_app_pattern_history", args=[pattern.pk])

    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert ada.get(address).status_code == 200
        return len(captured)

    before = queries()
    for number in range(30):
        save_draft(fresh(pattern), document=make_document(title=f"Name {number}"), author=None, at=LATER)
    assert queries() == before


def test_any_two_revisions_can_be_compared_field_by_field_and_line_by_line(ada: Client, pattern: Pattern) -> None:
    address = reverse("admin:patterns_app_pattern_compare", args=[pattern.pk])
    response = ada.get(address, {"from": "1", "to": "2"})
    assert [(d.name, d.before, d.after) for d in response.context["differences"]] == [
        ("title", "Shared tool library", "Tool library")
    ]
    assert "<ins>+title: &quot;Tool library&quot;</ins>" in response.content.decode()
    assert ada.get(address, {"from": "7"}).status_code == 404
    assert ada.get(address, {"from": "x", "to": "9" * 40}).status_code == 200


def test_by_default_what_is_public_is_compared_with_the_head(ada: Client, pattern: Pattern) -> None:
    make_move(fresh(pattern), Move.PUBLISH, actor=None, at=LATER, as_command=True)
    save_draft(fresh(pattern), document=make_document(status="published", title="Newer"), author=None, at=LATER)
    save_draft(fresh(pattern), document=make_document(status="published", title="Newest"), author=None, at=LATER)
    context = ada.get(reverse("admin:patterns_app_pattern_compare", args=[pattern.pk])).context
    assert (context["old"].number, context["new"].number) == (3, 5)
    assert [(d.before, d.after) for d in context["differences"]] == [("Tool library", "Newest")]


def test_going_back_is_a_new_revision_with_the_first_bytes(ada: Client, pattern: Pattern) -> None:
    first = pattern.revisions.get(number=1)
    fields = fields_of(
        ada.get(revision(pattern, 1)).content.decode().replace('class="restore-form"', 'id="back"'), "back"
    )
    response = ada.post(reverse("admin:patterns_app_pattern_restore", args=[pattern.pk, 1]), fields, follow=True)
    assert "says again what revision 1 says" in response.content.decode()
    newest = fresh(pattern).revisions.first()
    assert newest is not None
    assert (newest.number, newest.text, newest.origin, newest.author_name) == (3, first.text, "rollback", "ada")


def test_going_back_from_a_page_that_is_stale_is_refused(ada: Client, pattern: Pattern) -> None:
    head = str(fresh(pattern).head_id)
    save_draft(fresh(pattern), document=make_document(title="Newer"), author=None, at=LATER)
    address = reverse("admin:patterns_app_pattern_restore", args=[pattern.pk, 1])
    page = ada.post(address, {"head": head}, follow=True).content.decode()
    assert "was saved by somebody else" in page
    assert fresh(pattern).title == "Newer"


def test_provenance_names_every_revision_event_and_person(ada: Client, pattern: Pattern) -> None:
    make_move(fresh(pattern), Move.SUBMIT, actor=None, at=LATER, said=Said("Ready."), as_command=True)
    said = ada.get(reverse("admin:patterns_app_pattern_provenance", args=[pattern.pk])).json()
    assert {f"pattern:revision-{number}" for number in (1, 2, 3)} < set(said["entity"])
    assert said["activity"]["pattern:event-1"]["prov:type"] == "commons:submit"
    assert said["agent"]["commons:person-bo"]["prov:label"] == "bo"
    named = set(said["entity"]) | set(said["activity"]) | set(said["agent"])
    for relation in ("wasGeneratedBy", "wasDerivedFrom", "specializationOf", "wasAssociatedWith", "used"):
        for edge in said[relation].values():
            ends = {value for key, value in edge.items() if key != "prov:time"}
            assert ends <= named, edge
