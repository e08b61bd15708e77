"""Who has a pattern open, as those see it who have it open, too."""

from __future__ import annotations

import dataclasses
import datetime
import re
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import OperationalError, connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from patterns_app.models import Pattern, Presence
from patterns_app.models.revision import Origin
from patterns_app.models.working_copy import document_of
from patterns_app.workflow import presence, save_draft
from patterns_app.workflow.moves import Move
from tests.desk import address
from tests.factories import NOON, make_pattern
from tests.workflow.cast import EDITS, PUBLISHES, WRITES, make_person, moved

pytestmark = pytest.mark.django_db

MINUTE = datetime.timedelta(minutes=1)


@pytest.fixture
def ada() -> User:
    return make_person("ada", can=EDITS, first_name="Ada", last_name="Lender")


@pytest.fixture
def bo() -> User:
    return make_person("bo", can=PUBLISHES)


@pytest.fixture
def pattern() -> Pattern:
    return make_pattern()


def browser(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def timeless(line: str) -> str:
    """The sentence as if it were two past two."""
    return re.sub(r"\b\d\d:\d\d\b", "14:02", line)


def heartbeat(client: Client, pattern: Pattern, head: int | None = None, **more: str) -> Any:
    url = reverse("admin:patterns_app_pattern_presence", args=[pattern.pk])
    return client.post(url, {"head": str(head or pattern.head_id), **more})


def lines(client: Client, pattern: Pattern, head: int | None = None) -> list[str]:
    return [timeless(line) for line in heartbeat(client, pattern, head).json()["lines"]]


def save(pattern: Pattern, author: User | None, title: str, origin: Origin = Origin.ADMIN) -> None:
    document = dataclasses.replace(document_of(pattern), title=title)
    save_draft(pattern, document=document, author=author, at=timezone.now(), origin=origin)


def opened(client: Client, pattern: Pattern) -> list[str]:
    """Opens the form as a browser without scripts does; what the notice says."""
    return [timeless(line) for line in client.get(address(pattern)).context["presence"]["lines"]]


# Opening


def test_whoever_opens_a_pattern_sees_who_else_has_it_open_also_without_scripts(
    pattern: Pattern, ada: User, bo: User
) -> None:
    assert opened(browser(ada), pattern) == []
    assert opened(browser(bo), pattern) == ["Ada Lender has this open since 14:02 (last seen just now)."]
    assert opened(browser(ada), pattern) == ["bo has this open since 14:02 (last seen just now)."]
    assert opened(browser(ada), make_pattern(slug="another")) == []


def test_who_was_not_seen_for_two_minutes_has_gone(pattern: Pattern, ada: User, bo: User) -> None:
    opened(browser(ada), pattern)
    Presence.objects.update(seen_at=timezone.now() - 1.6 * MINUTE)
    assert lines(browser(bo), pattern) == ["Ada Lender has this open since 14:02 (last seen 2 minutes ago)."]
    Presence.objects.filter(user=ada).update(seen_at=timezone.now() - 2.1 * MINUTE)
    assert opened(browser(bo), pattern) == []


def test_opening_costs_two_queries_more_however_many_are_there(pattern: Pattern, ada: User) -> None:
    for number in range(5):
        user = make_person(f"editor-{number}")
        Presence.objects.create(pattern=pattern, user=user, opened_at=NOON, seen_at=timezone.now())
    with CaptureQueriesContext(connection) as captured:
        assert len(presence.note(pattern, ada, at=timezone.now())) == 5
    assert len(captured) == 2


def test_a_database_that_is_busy_writing_keeps_nobody_from_opening(
    pattern: Pattern, ada: User, bo: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened(browser(ada), pattern)

    def busy(*args: Any, **kwargs: Any) -> None:
        raise OperationalError("database is locked")

    monkeypatch.setattr(type(Presence.objects.all()), "bulk_create", busy)
    assert opened(browser(bo), pattern) == ["Ada Lender has this open since 14:02 (last seen just now)."]


# Staying and leaving


def test_a_heartbeat_keeps_somebody_there_and_tells_who_else_is(pattern: Pattern, ada: User, bo: User) -> None:
    assert lines(browser(ada), pattern) == []
    assert lines(browser(bo), pattern) == ["Ada Lender has this open since 14:02 (last seen just now)."]
    Presence.objects.filter(user=ada).update(seen_at=timezone.now() - MINUTE)
    answer = heartbeat(browser(bo), pattern).json()
    assert [timeless(line) for line in answer["lines"]] == [
        "Ada Lender has this open since 14:02 (last seen a minute ago)."
    ]
    assert answer["heard"] == "Ada Lender has this open.", "nothing new is read out as time passes"
    assert Presence.objects.count() == 2


def test_since_when_is_counted_from_opening_and_not_from_the_last_heartbeat(
    pattern: Pattern, ada: User, bo: User
) -> None:
    opened(browser(ada), pattern)
    Presence.objects.update(opened_at=NOON)
    lines(browser(ada), pattern)
    assert "since 12:00, 1 March (" in heartbeat(browser(bo), pattern).json()["lines"][0]
    opened(browser(ada), pattern)
    assert Presence.objects.get(user=ada).opened_at > NOON


def test_who_leaves_is_gone_at_once(pattern: Pattern, ada: User, bo: User) -> None:
    editor = browser(ada)
    seen = heartbeat(editor, pattern).json()["seen"]
    assert heartbeat(editor, pattern, leaving="1", seen=seen).status_code == 204
    assert lines(browser(bo), pattern) == []


def test_a_good_bye_that_comes_after_the_next_page_is_of_the_page_before(pattern: Pattern, ada: User) -> None:
    editor = browser(ada)
    seen = heartbeat(editor, pattern).json()["seen"]
    opened(editor, pattern)
    heartbeat(editor, pattern, leaving="1", seen=seen)
    assert Presence.objects.filter(user=ada).exists()


@pytest.mark.parametrize("seen", ["", "yesterday", "2026-02-30T12:00:00Z", "2026-03-01T12:00:00"])
def test_a_good_bye_that_says_no_time_is_of_now(pattern: Pattern, ada: User, seen: str) -> None:
    editor = browser(ada)
    opened(editor, pattern)
    heartbeat(editor, pattern, leaving="1", seen=seen)
    assert not Presence.objects.exists()


def test_rows_of_those_who_went_without_a_word_go_with_the_next_heartbeat(
    pattern: Pattern, ada: User, bo: User
) -> None:
    other = make_pattern(slug="another")
    Presence.objects.create(pattern=other, user=bo, opened_at=NOON, seen_at=timezone.now() - 3 * MINUTE)
    Presence.objects.create(pattern=other, user=ada, opened_at=NOON, seen_at=timezone.now())
    lines(browser(ada), pattern)
    assert list(Presence.objects.order_by("pk").values_list("pattern__slug", "user__username")) == [
        ("another", "ada"),
        (pattern.slug, "ada"),
    ]


def test_asking_without_posting_tells_and_notes_nothing(pattern: Pattern, ada: User, bo: User) -> None:
    opened(browser(ada), pattern)
    url = reverse("admin:patterns_app_pattern_presence", args=[pattern.pk])
    answer = browser(bo).get(url, {"head": str(pattern.head_id)}).json()
    assert [timeless(line) for line in answer["lines"]] == [
        "Ada Lender has this open since 14:02 (last seen just now)."
    ]
    assert not Presence.objects.filter(user=bo).exists()


# Somebody saved


def test_who_has_it_open_learns_that_somebody_saved_it_who_and_when(pattern: Pattern, ada: User, bo: User) -> None:
    head = pattern.head_id
    editor = browser(ada)
    assert lines(editor, pattern, head) == []
    save(pattern, bo, "Tool library")
    assert lines(editor, pattern, head) == ["bo saved this at 14:02; your save will be compared with theirs."]
    assert lines(editor, pattern, pattern.head_id) == []


@pytest.mark.parametrize(
    ("author", "origin", "words"),
    [
        ("ada", Origin.ADMIN, "You saved this at"),
        ("bo", Origin.IMPORT, "An import changed this at"),
        ("bo", Origin.ROLLBACK, "bo saved this at"),
        (None, Origin.ADMIN, "Somebody saved this at"),
    ],
)
def test_the_notice_says_what_kind_of_change_it_was(
    pattern: Pattern, ada: User, bo: User, author: str | None, origin: Origin, words: str
) -> None:
    head = pattern.head_id
    save(pattern, User.objects.filter(username=author).first(), "Tool library", origin)
    [line] = lines(browser(ada), pattern, head)
    assert line.startswith(words)


def test_a_move_is_told_as_a_move(pattern: Pattern, ada: User, bo: User) -> None:
    head = pattern.head_id
    moved(pattern, Move.PUBLISH, bo, at=timezone.now())
    [line] = lines(browser(ada), pattern, head)
    assert line.startswith("bo changed the status at ")


def test_who_only_reads_is_told_to_open_it_again(pattern: Pattern, ada: User) -> None:
    head = pattern.head_id
    save(pattern, ada, "Tool library")
    [line] = lines(browser(make_person("cy", can=("view_pattern",))), pattern, head)
    assert line.endswith("; open this page again to see it.")


@pytest.mark.parametrize("head", ["", "x", "-1", "9" * 40, "1e3"])
def test_a_head_that_is_none_is_passed_over(pattern: Pattern, ada: User, head: str) -> None:
    url = reverse("admin:patterns_app_pattern_presence", args=[pattern.pk])
    response = browser(ada).post(url, {"head": head})
    assert response.json()["lines"] == []


# Who may ask


def test_who_may_not_see_the_pattern_neither_learns_nor_leaves_anything(pattern: Pattern, ada: User) -> None:
    mine = make_pattern(slug="mine", author=make_person("dee", can=WRITES))
    dee = browser(User.objects.get(username="dee"))
    opened(browser(ada), pattern)
    for response in (
        heartbeat(dee, pattern),
        dee.get(reverse("admin:patterns_app_pattern_presence", args=[pattern.pk])),
        heartbeat(dee, Pattern(pk=999, head_id=1)),
    ):
        assert response.status_code == 403
    assert lines(dee, mine) == []
    assert not Presence.objects.filter(user__username="dee", pattern=pattern).exists()
    assert heartbeat(browser(make_person("eve", can=())), mine).status_code == 403
    assert heartbeat(Client(), pattern).status_code == 302


@pytest.mark.parametrize("key", ["999", "x", "9" * 40, "_22"])
def test_a_pattern_that_is_none_is_not_found(pattern: Pattern, ada: User, key: str) -> None:
    assert browser(ada).post(f"/admin/patterns_app/pattern/{key}/presence/").status_code == 404


def test_a_post_without_its_token_is_refused(pattern: Pattern, ada: User) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(ada)
    assert heartbeat(client, pattern).status_code == 403
    assert not Presence.objects.exists()


def test_a_heartbeat_costs_few_queries(pattern: Pattern, ada: User, bo: User) -> None:
    editor = browser(ada)
    opened(browser(bo), pattern)
    head = pattern.head_id
    save(pattern, bo, "Tool library")
    with CaptureQueriesContext(connection) as captured:
        assert len(lines(editor, pattern, head)) == 2
    # Session, user, two for permissions; pattern, note, others, forget, revision.
    assert len(captured) <= 9
    assert not any('."text"' in query["sql"] for query in captured), "no text is read each half minute"
