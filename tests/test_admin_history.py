"""Revisions in the admin, and the difference of two texts."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from patterns_app.admin.difference import DiffLine, changed_lines, unified
from patterns_app.models import Pattern
from patterns_app.workflow import save_draft
from tests.factories import NOON, make_ada, make_document, make_pattern, make_user


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
    assert [entry.number for entry in response.context["page"]] == [2, 1]
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
