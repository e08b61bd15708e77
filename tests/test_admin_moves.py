"""Moves in the admin: buttons, the page of a move, many at once, and what a stale page cannot do."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from patterns_app.models import Event, Pattern, Snapshot
from patterns_app.workflow import save_draft
from patterns_app.workflow.decisions import make_move
from patterns_app.workflow.moves import Move
from tests.browser import fields_of
from tests.desk import address, edited, messages_of, opened, saved
from tests.factories import NOON, make_document, make_member, make_pattern

pytestmark = pytest.mark.django_db

LIST = reverse("admin:patterns_app_pattern_changelist")


@pytest.fixture
def ada() -> User:
    return make_member("ada", "Contributor")


@pytest.fixture
def di() -> User:
    return make_member("di", "Publisher")


def browser(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def move_page(pattern: Pattern, move: Move) -> str:
    return reverse("admin:patterns_app_pattern_move", args=[pattern.pk, move.value])


def moved(client: Client, pattern: Pattern, move: Move, **said: str) -> Any:
    """Open the page of a move, fill it in, send it."""
    page = client.get(move_page(pattern, move))
    html = page.content.decode().replace('class="move-form"', 'id="move"')
    return client.post(move_page(pattern, move), {**fields_of(html, "move"), **said}, follow=True)


def status(pattern: Pattern) -> str:
    return Pattern.objects.get(pk=pattern.pk).status


def shown_buttons(client: Client, pattern: Pattern) -> list[str]:
    return [button.move.value for button in client.get(address(pattern)).context["moves"]]


def test_the_form_has_the_buttons_of_the_moves_that_can_be_made(ada: User, di: User) -> None:
    pattern = make_pattern(author=ada)
    assert shown_buttons(browser(ada), pattern) == ["submit", "comment"]
    assert "publish" in shown_buttons(browser(di), pattern)
    moved(browser(ada), pattern, Move.SUBMIT, note="Ready.")
    assert status(pattern) == "review"
    assert shown_buttons(browser(ada), pattern) == ["withdraw", "comment"]
    assert shown_buttons(browser(di), pattern)[:3] == ["withdraw", "request-changes", "approve"]


def test_a_move_says_what_became_of_the_pattern(ada: User, di: User) -> None:
    pattern = make_pattern(author=ada)
    response = moved(browser(di), pattern, Move.PUBLISH)
    assert messages_of(response) == "Publish now: “Shared tool library” is now published."
    assert Snapshot.objects.get().title == "Shared tool library"


def test_sending_back_without_a_reason_is_refused_on_the_page(ada: User, di: User) -> None:
    pattern = make_pattern(author=ada)
    moved(browser(ada), pattern, Move.SUBMIT)
    response = moved(browser(di), pattern, Move.REQUEST_CHANGES)
    assert "Say why" in response.content.decode()
    assert status(pattern) == "review"
    moved(browser(di), pattern, Move.REQUEST_CHANGES, note="Where is the problem?")
    assert status(pattern) == "draft"
    assert "Where is the problem?" in browser(ada).get(address(pattern)).content.decode()


def test_a_page_made_before_somebody_edited_moves_nothing(ada: User, di: User) -> None:
    pattern = make_pattern(author=ada)
    moved(browser(ada), pattern, Move.SUBMIT)
    page = browser(di).get(move_page(pattern, Move.APPROVE_AND_PUBLISH))
    fields = fields_of(page.content.decode().replace('class="move-form"', 'id="move"'), "move")
    save_draft(pattern, document=make_document(status="review", title="Slipped in"), author=None, at=NOON)
    response = browser(di).post(move_page(pattern, Move.APPROVE_AND_PUBLISH), fields)
    assert "changed after you looked at it" in response.content.decode()
    assert not Snapshot.objects.exists()


def test_a_move_that_is_not_possible_says_why(di: User) -> None:
    pattern = make_pattern()
    page = browser(di).get(move_page(pattern, Move.APPROVE)).content.decode()
    assert "Only a review or published pattern can go this way; this one is draft." in page
    assert browser(di).post(move_page(pattern, Move.APPROVE), {"note": ""}).status_code == 200
    assert status(pattern) == "draft"


def test_each_part_of_a_time_has_its_name_and_keeps_what_was_typed(di: User) -> None:
    pattern = make_pattern()
    response = moved(browser(di), pattern, Move.SCHEDULE, publish_at_0="2031-05-01", publish_at_1="nine")
    page = response.content.decode()
    for part in ("publish_at_0", "publish_at_1", "expire_at_0", "expire_at_1"):
        assert f'<label for="id_{part}">' in page
    assert 'value="2031-05-01"' in page
    assert 'value="nine"' in page
    assert "UTC; times are meant in that time zone" in page
    assert status(pattern) == "draft"


def test_the_form_leads_to_what_is_to_be_used_instead_and_to_what_was_said(ada: User, di: User) -> None:
    old, new = make_pattern(slug="old"), make_pattern(slug="new", title="The New One")
    for pattern in (old, new):
        make_move(pattern, Move.PUBLISH, actor=None, at=NOON, as_command=True)
    moved(browser(di), old, Move.DEPRECATE, successor="new")
    assert f'To use instead: <a href="{reverse("pattern", args=["new"])}">The New One</a>' in (
        browser(di).get(address(old)).content.decode()
    )
    draft = make_pattern(author=ada, slug="draft")
    moved(browser(ada), draft, Move.SUBMIT, note="Please look at the summary.")
    history = reverse("admin:patterns_app_pattern_history", args=[draft.pk])
    page = browser(di).get(address(draft)).content.decode()
    assert f'<a href="{history}">what was said about it</a>' in page


def test_a_deprecated_pattern_names_its_successor(di: User) -> None:
    old, new = make_pattern(slug="old"), make_pattern(slug="new")
    for pattern in (old, new):
        make_move(pattern, Move.PUBLISH, actor=None, at=NOON, as_command=True)
    response = moved(browser(di), old, Move.DEPRECATE, successor="nowhere")
    assert "No public pattern is “nowhere”." in response.content.decode()
    moved(browser(di), old, Move.DEPRECATE, successor="new", note="Better.")
    page = Client().get(reverse("pattern", args=["old"])).content.decode()
    assert "Deprecated." in page
    assert reverse("pattern", args=["new"]) in page


def test_a_schedule_is_set_and_cancelled(di: User) -> None:
    pattern = make_pattern()
    said = {"publish_at_0": "2036-05-04", "publish_at_1": "09:00"}
    moved(browser(di), pattern, Move.SCHEDULE, **said)
    pattern.refresh_from_db()
    assert pattern.publish_at is not None
    assert pattern.is_approved
    assert "Goes public 4 May 2036, 09:00 UTC" in browser(di).get(address(pattern)).content.decode()
    moved(browser(di), pattern, Move.UNSCHEDULE)
    pattern.refresh_from_db()
    assert pattern.publish_at is None


def test_save_and_submit_leads_to_the_page_of_the_move(ada: User) -> None:
    client = browser(ada)
    pattern = make_pattern(author=ada)
    fields = opened(client, pattern)
    response = client.post(address(pattern), {**fields, "title": "Better", "_submit_for_review": "x"})
    assert response["Location"] == move_page(pattern, Move.SUBMIT)
    assert Pattern.objects.get().title == "Better"


# Many at once


def many(client: Client, action: str, patterns: list[Pattern], **said: str) -> Any:
    data = {"action": action, ACTION_CHECKBOX_NAME: [str(pattern.pk) for pattern in patterns], **said}
    return client.post(LIST, data)


def test_a_bulk_action_shows_first_what_will_happen_to_each(di: User) -> None:
    draft, gone = make_pattern(slug="draft"), make_pattern(slug="gone")
    make_move(gone, Move.ARCHIVE, actor=None, at=NOON, as_command=True)
    response = many(browser(di), "move_publish", [draft, gone])
    assert [(r.pattern.slug, bool(r.reason)) for r in response.context["results"]] == [("draft", False), ("gone", True)]
    assert not Snapshot.objects.exists()


def test_a_confirmed_bulk_action_says_what_became_of_each(di: User) -> None:
    one, other, edited_since = make_pattern(slug="one"), make_pattern(slug="other"), make_pattern(slug="since")
    response = many(browser(di), "move_publish", [one, other, edited_since])
    fields = fields_of(response.content.decode().replace('class="move-form"', 'id="move"'), "move")
    save_draft(edited_since, document=make_document(slug="since", title="New"), author=None, at=NOON)
    fields = {name: value for name, value in fields.items() if name not in ("action", ACTION_CHECKBOX_NAME)}
    response = many(browser(di), "move_publish", [one, other, edited_since], **fields)
    assert [(r.pattern.slug, r.reason[:8]) for r in response.context["results"]] == [
        ("one", ""),
        ("other", ""),
        ("since", "“New” ch"),
    ]
    assert set(Snapshot.objects.values_list("slug", flat=True)) == {"one", "other"}
    assert Event.objects.filter(actor_name="di").count() == 2


def test_nobody_has_bulk_actions_beyond_their_permissions(ada: User) -> None:
    pattern = make_pattern(author=ada)
    client = browser(ada)
    page = client.get(LIST).content.decode()
    assert 'value="move_submit"' in page
    assert "move_publish" not in page
    assert "delete_selected" not in page
    many(client, "move_publish", [pattern], confirmed="yes")
    assert status(pattern) == "draft"
    assert not Snapshot.objects.exists()


# Two people at one pattern


def test_what_only_one_of_two_changed_is_merged_by_saving_once_more(ada: User, di: User) -> None:
    pattern = make_pattern(author=ada)
    hers, theirs = browser(ada), browser(di)
    fields = opened(hers, pattern)
    edited(theirs, pattern, summary="Di's summary.")
    response = saved(hers, pattern, {**fields, "title": "Ada's title"})
    assert [(c.name, c.choice) for c in response.context["desk"].conflicts] == [
        ("title", "mine"),
        ("summary", "theirs"),
    ]
    again = saved(hers, pattern, fields_of(response.content, "pattern_form"))
    assert "is saved" in messages_of(again)
    pattern.refresh_from_db()
    assert (pattern.title, pattern.summary) == ("Ada's title", "Di's summary.")
    assert [r.author_name for r in pattern.revisions.order_by("number")] == ["ada", "di", "ada"]


@pytest.mark.parametrize(("choice", "title"), [("mine", "Ada's title"), ("theirs", "Di's title")])
def test_where_both_changed_a_field_one_of_them_is_chosen(ada: User, di: User, choice: str, title: str) -> None:
    pattern = make_pattern(author=ada)
    hers, theirs = browser(ada), browser(di)
    fields = opened(hers, pattern)
    edited(theirs, pattern, title="Di's title")
    response = saved(hers, pattern, {**fields, "title": "Ada's title"})
    fields = fields_of(response.content, "pattern_form")
    assert "take-title" not in fields
    assert "Choose whose words" in saved(hers, pattern, fields).content.decode()
    saved(hers, pattern, {**fields, "take-title": choice})
    pattern.refresh_from_db()
    assert pattern.title == title


def test_a_third_save_in_between_is_shown_again(ada: User, di: User) -> None:
    pattern = make_pattern(author=ada)
    hers, theirs = browser(ada), browser(di)
    fields = opened(hers, pattern)
    edited(theirs, pattern, summary="Once.")
    response = saved(hers, pattern, {**fields, "title": "Ada's title"})
    edited(theirs, pattern, summary="Twice.")
    response = saved(hers, pattern, fields_of(response.content, "pattern_form"))
    assert [(c.name, c.theirs) for c in response.context["desk"].conflicts] == [
        ("title", "Shared tool library"),
        ("summary", "Twice."),
    ]
    saved(hers, pattern, fields_of(response.content, "pattern_form"))
    pattern.refresh_from_db()
    assert (pattern.title, pattern.summary) == ("Ada's title", "Twice.")


def test_a_move_in_between_is_kept_with_the_edit(ada: User, di: User) -> None:
    pattern = make_pattern(author=ada)
    hers = browser(di)
    fields = opened(hers, pattern)
    moved(browser(ada), pattern, Move.SUBMIT)
    response = saved(hers, pattern, {**fields, "title": "Di's title"})
    assert "status" in [c.name for c in response.context["desk"].conflicts]
    saved(hers, pattern, fields_of(response.content, "pattern_form"))
    pattern.refresh_from_db()
    assert (pattern.title, pattern.status) == ("Di's title", "review")


@pytest.mark.parametrize("is_bulk", [False, True])
def test_a_slip_on_a_stale_page_of_a_move_does_not_make_it_fresh(ada: User, di: User, *, is_bulk: bool) -> None:
    pattern = make_pattern(author=ada)
    client = browser(di)
    url = LIST if is_bulk else move_page(pattern, Move.SCHEDULE)
    chosen = {"action": "move_schedule", ACTION_CHECKBOX_NAME: str(pattern.pk)} if is_bulk else {}

    def fields(response: Any) -> dict[str, str]:
        return fields_of(response.content.decode().replace('class="move-form"', 'id="move"'), "move")

    first = fields(client.post(url, chosen) if is_bulk else client.get(url))
    edited(browser(ada), pattern, title="Unseen")
    slip = client.post(url, {**first, "publish_at_0": "2036-01-01"})
    client.post(url, {**fields(slip), "publish_at_0": "2036-01-01", "publish_at_1": "00:00"})
    pattern.refresh_from_db()
    assert (pattern.title, pattern.is_approved, pattern.publish_at) == ("Unseen", False, None)


def test_a_move_costs_at_most_sixty_queries_however_long_the_history(ada: User, di: User) -> None:
    pattern = make_pattern(author=ada)
    client = browser(di)
    page = client.get(move_page(pattern, Move.PUBLISH)).content.decode()
    fields = fields_of(page.replace('class="move-form"', 'id="move"'), "move")
    with CaptureQueriesContext(connection) as captured:
        client.post(move_page(pattern, Move.PUBLISH), fields)
    assert len(captured) <= 60, "\n".join(query["sql"][:160] for query in captured)
