"""What the form of a pattern refuses, and how it says so."""

from __future__ import annotations

from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client
from django.utils import timezone

from patterns_app.models import Pattern, Revision
from patterns_app.workflow import save_draft
from tests.browser import add_row, fields_of
from tests.desk import FULL, address, edited, opened, saved
from tests.factories import make_ada, make_cy, make_document, make_pattern, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def ada(client: Client) -> Client:
    """Ada's browser."""
    client.force_login(make_ada())
    return client


def refused(response: Any, pattern: Pattern) -> HttpResponse:
    """A page with errors, after which nothing is different."""
    assert response.status_code == 200
    assert response.context["errors"], "nothing was refused"
    assert pattern.revisions.count() == 1
    page: HttpResponse = response
    return page


def test_a_stale_form_is_refused_and_keeps_what_was_typed(ada: Client) -> None:
    pattern = make_pattern(**FULL)
    fields = opened(ada, pattern)
    bo = make_user("bo", can=("change_pattern",))
    save_draft(pattern, document=make_document(**{**FULL, "aliases": ()}), author=bo, at=timezone.now())
    response = saved(ada, pattern, {**fields, "title": "Ada's title", "aliases-1-text": "Ada's alias"})
    assert "was saved by somebody else after you opened it" in response.content.decode()
    assert fields_of(response.content, "pattern_form")["title"] == "Ada's title"
    assert fields_of(response.content, "pattern_form")["aliases-1-text"] == "Ada's alias"
    assert Pattern.objects.get(pk=pattern.pk).title == "Shared tool library"
    again = saved(ada, pattern, fields_of(response.content, "pattern_form"))
    assert "Choose whose words to take" in again.content.decode()
    assert Pattern.objects.get(pk=pattern.pk).title == "Shared tool library"


@pytest.mark.parametrize("head", ["", "nonsense", "999999"])
def test_a_form_that_does_not_say_which_revision_it_saw_is_stale(ada: Client, head: str) -> None:
    pattern = make_pattern()
    refused(edited(ada, pattern, title="Overwritten", head=head), pattern)


def test_a_stale_form_whose_revision_is_gone_takes_neither_side_by_itself(ada: Client) -> None:
    pattern = make_pattern()
    fields = opened(ada, pattern)
    save_draft(pattern, document=make_document(title="Theirs"), author=None, at=timezone.now())
    Revision.objects.get(number=1).delete()
    response = saved(ada, pattern, {**fields, "version": "0.2"})
    assert {(c.name, c.is_contested, c.choice) for c in response.context["desk"].conflicts} == {
        ("title", True, ""),
        ("version", True, ""),
    }
    again = fields_of(response.content, "pattern_form")
    saved(ada, pattern, again)
    assert Pattern.objects.get(pk=pattern.pk).title == "Theirs"
    saved(ada, pattern, {**again, "take-title": "theirs", "take-version": "mine"})
    pattern.refresh_from_db()
    assert (pattern.title, pattern.version) == ("Theirs", "0.2")


def test_a_relationship_that_stands_twice_is_explained_on_its_row(ada: Client) -> None:
    pattern = make_pattern(**FULL)
    fields = opened(ada, pattern)
    add_row(fields, "relationships", kind="requires", target="trust", weight="")
    response = saved(ada, pattern, fields)
    refused(response, pattern)
    errors = response.context["desk"].editor.parts["relationships"].forms[-1].errors
    assert errors == {"target": ["This relationship stands here twice: same kind, same target. Keep one of the two."]}


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"title": "  "}, "A pattern needs a title."),
        ({"slug": ""}, "A pattern needs a slug"),
        ({"slug": "../../etc/passwd"}, "cannot be an address"),
        ({"slug": "taken"}, "“Taken” (taken) has this slug already."),
        ({"id": "pat_01kjj4j5hcfy8at1kyx8kezg7z"}, "“Taken” (taken) has this id already."),
        ({"id": "pat_placeholder"}, "is a placeholder and identifies nothing"),
        ({"vitality": "5.1"}, "This must be a number from 0 to 5."),
        ({"resilience": "much"}, "Enter a number from 0 to 5."),
        ({"confidence": "9"}, "Enter whole stars from 0 to 4."),
        ({"title": "a\0b"}, "Null characters are not allowed."),
        ({"domain": "d" * 256}, "at most 255 characters"),
        ({"relationships-0-weight": "1.5"}, "This must be a number from 0 to 1."),
        ({"relationships-0-target": " "}, "This is empty. To take the entry out, tick “Delete”."),
        ({"relationships-0-kind": "loves"}, "Choose one of the kinds."),
        ({"aliases-1-text": "Tool shed"}, "This stands here twice. Keep one of the two."),
        ({"context_labels-1-audience": "corporate"}, "This audience has a label already."),
        ({"sections-0-heading": "Context"}, "starts with one to six # and a space"),
        ({"sections-0-heading": ""}, "This is empty."),
        ({"entities-0-label": "", "entities-0-id": ""}, "This is empty."),
    ],
)
def test_what_cannot_be_is_refused_where_it_was_typed(ada: Client, changes: dict[str, str], said: str) -> None:
    make_pattern(slug="taken", id="pat_01kjj4j5hcfy8at1kyx8kezg7z")
    pattern = make_pattern(**FULL)
    response = edited(ada, pattern, **changes)
    refused(response, pattern)
    assert said in response.content.decode()


def test_a_change_that_the_file_cannot_take_is_explained(ada: Client) -> None:
    text = "---\nslug: odd\ntitle: Odd\nontology: [not, a, mapping]\n---\n"
    pattern = make_pattern(slug="odd", title="Odd")
    pattern.revisions.update(text=text)
    response = edited(ada, pattern, domain="anything")
    refused(response, pattern)
    assert "could not be changed" in response.content.decode()


def test_cy_reads_a_form_without_being_able_to_send_it(client: Client) -> None:
    client.force_login(make_cy())
    pattern = make_pattern(**FULL)
    page = client.get(address(pattern))
    assert page.status_code == 200
    assert b"Owning vs. using" in page.content
    assert b'name="_save"' not in page.content
    assert set(fields_of(page.content, "pattern_form")) <= {"csrfmiddlewaretoken", *_management_fields(page)}
    assert client.post(address(pattern), {"title": "Cy was here"}).status_code == 403


def _management_fields(page: Any) -> set[str]:
    return {
        f"{part.prefix}-{name}"
        for part in page.context["desk"].editor.parts.values()
        for name in ("TOTAL_FORMS", "INITIAL_FORMS", "MIN_NUM_FORMS", "MAX_NUM_FORMS")
    }
