"""The form of a new pattern."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from patterns_app.document.pattern import ContextLabel, Contributor
from patterns_app.document.reading import read
from patterns_app.document.vocabulary import TYPEID
from patterns_app.models import Pattern
from patterns_app.models.working_copy import document_of
from tests.browser import add_row, fields_of
from tests.factories import make_ada, make_pattern

pytestmark = pytest.mark.django_db

ADD = "/admin/patterns_app/pattern/add/"


@pytest.fixture
def ada(client: Client) -> Client:
    """Ada's browser."""
    client.force_login(make_ada())
    return client


def written(browser: Client, **typed: str) -> Any:
    fields = fields_of(browser.get(ADD).content, "pattern_form")
    return browser.post(ADD, {**fields, **typed}, follow=True)


def test_a_title_is_enough(ada: Client) -> None:
    response = written(ada, title="Tool library")
    assert "“Tool library” is made, as a draft." in response.content.decode()
    pattern = Pattern.objects.get()
    assert pattern.slug == "tool-library"
    assert TYPEID.fullmatch(pattern.identifier)
    document = document_of(pattern)
    assert (document.status, document.license, document.contributors) == (
        "draft",
        "CC-BY-SA-4.0",
        (Contributor("ada"),),
    )
    assert [section.title for section in document.sections][:2] == ["Context", "Problem"]
    assert read(pattern.text).document == document


def test_a_taken_slug_made_from_the_title_gets_a_number(ada: Client) -> None:
    make_pattern(slug="tool-library")
    make_pattern(slug="tool-library-2")
    written(ada, title="Tool library")
    assert Pattern.objects.get(title="Tool library", identifier__startswith="pat_").slug == "tool-library-3"


def test_a_taken_slug_that_was_typed_is_refused(ada: Client) -> None:
    make_pattern(slug="tool-library")
    response = written(ada, title="Another", slug="tool-library")
    assert "has this slug already" in response.content.decode()
    assert Pattern.objects.count() == 1


def test_a_title_without_usable_letters_asks_for_a_slug(ada: Client) -> None:
    response = written(ada, title="工具库")
    assert "Write a slug" in response.content.decode()
    written(ada, title="工具库", slug="tool-library")
    assert Pattern.objects.get().title == "工具库"


def test_a_pattern_needs_a_title(ada: Client) -> None:
    assert "This field is required." in written(ada).content.decode()
    assert not Pattern.objects.exists()


def test_an_audience_without_a_label_is_left_out(ada: Client) -> None:
    written(ada, title="Tool library", **{"context_labels-1-label": "Shared inventory"})
    assert document_of(Pattern.objects.get()).context_labels == (ContextLabel("government", "Shared inventory"),)


def test_everything_can_be_written_at_once(ada: Client) -> None:
    fields = fields_of(ada.get(ADD).content, "pattern_form")
    fields.update({"title": "Tool library", "preamble": "> A drill.", "sections-0-text": "A street.\r\nA cellar."})
    add_row(fields, "aliases", text="Shed")
    add_row(fields, "relationships", kind="enables", target="repair-cafe", weight="0.7", description="")
    assert ada.post(ADD, fields).status_code == 302
    document = document_of(Pattern.objects.get())
    assert document.aliases == ("Shed",)
    assert [entry.target for entry in document.relationships] == ["repair-cafe"]
    assert document.body.startswith(
        "> A drill.\n\n### Section 1: Context\nA street.\nA cellar.\n\n### Section 2: Problem\n"
    )


def test_a_form_sent_twice_makes_one_pattern(ada: Client) -> None:
    fields = fields_of(ada.get(ADD).content, "pattern_form") | {"title": "Tool library"}
    ada.post(ADD, fields)
    response = ada.post(ADD, fields)
    assert "has this id already" in response.content.decode()
    assert Pattern.objects.count() == 1


def test_a_wanted_pattern_fills_in_what_it_is_wanted_as(ada: Client) -> None:
    make_pattern(relationships=())
    fields = fields_of(ada.get(f"{ADD}?slug=repair-cafe").content, "pattern_form")
    assert fields["slug"] == "repair-cafe"


def test_the_buttons_lead_where_they_say(ada: Client) -> None:
    response = written(ada, title="One", _continue="1")
    assert response.redirect_chain[-1][0] == reverse(
        "admin:patterns_app_pattern_change", args=[Pattern.objects.get(slug="one").pk]
    )
    assert written(ada, title="Two", _addanother="1").redirect_chain[-1][0] == ADD
    assert written(ada, title="Three").redirect_chain[-1][0] == reverse("admin:patterns_app_pattern_changelist")
