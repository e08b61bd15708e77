"""What goes around the public pages: the editors' way to the form, and previews by a signed link."""

from __future__ import annotations

import datetime
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from pytest_django.fixtures import Settings

from patterns_app.document.pattern import Relationship
from patterns_app.models import Pattern, Revision
from patterns_app.views import preview
from patterns_app.workflow import save_draft
from patterns_app.workflow.decisions import Said, make_move
from patterns_app.workflow.moves import Move
from tests.factories import NOON, make_ada, make_cy, make_document, make_pattern, make_user
from tests.test_public import published

pytestmark = pytest.mark.django_db

SOON = datetime.timedelta(days=6, hours=23)


def go(pattern: Pattern, move: Move) -> None:
    make_move(Pattern.objects.get(pk=pattern.pk), move, actor=None, at=NOON, said=Said(), as_command=True)


def browser_of(user: User) -> Client:
    browser = Client()
    browser.force_login(user)
    return browser


def edit_link(slug: str, browser: Client) -> Any:
    return browser.get(reverse("edit-link"), {"slug": slug})


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[datetime.datetime]:
    """What previews take for now: its last entry."""
    times = [NOON]
    monkeypatch.setattr("patterns_app.views.preview.timezone.now", lambda: times[-1])
    return times


def path_of(revision: Revision | None) -> str:
    assert revision is not None
    return urlsplit(preview.share(revision, at=NOON).address).path


# The way to the form


def test_who_may_edit_a_public_pattern_is_told_where() -> None:
    pattern = published()
    response = edit_link(pattern.slug, browser_of(make_ada()))
    assert response.json() == {
        "href": reverse("admin:patterns_app_pattern_change", args=[pattern.pk]),
        "label": "Edit",
    }
    assert response["Cache-Control"] == "private, no-store"


def test_who_only_reads_is_told_that_it_is_for_reading() -> None:
    assert edit_link(published().slug, browser_of(make_cy())).json()["label"] == "See on the desk"


def test_others_are_told_nothing_and_strangers_cost_no_query() -> None:
    pattern = published()
    with CaptureQueriesContext(connection) as captured:
        assert edit_link(pattern.slug, Client()).json() == {}
    assert len(captured) == 0
    dee = make_user("dee", can=("add_pattern",))
    assert edit_link(pattern.slug, browser_of(dee)).json() == {}
    reader = make_user("eve", is_staff=False, can=("change_pattern",))
    assert edit_link(pattern.slug, browser_of(reader)).json() == {}


def test_the_address_is_that_of_the_public_page_and_tells_nothing_of_drafts() -> None:
    pattern = published(slug="old-name")
    document = make_document(slug="new-name", status="published")
    save_draft(Pattern.objects.get(pk=pattern.pk), document=document, author=None, at=NOON)
    ada = browser_of(make_ada())
    assert edit_link("old-name", ada).json()["label"] == "Edit"
    for slug in ("new-name", "unknown", "", "a\0b"):
        assert edit_link(slug, ada).json() == {}


def test_the_page_is_the_same_for_an_editor() -> None:
    pattern = published()
    address = reverse("pattern", args=[pattern.slug])
    ada = browser_of(make_ada())
    ada.cookies["desk"] = "1"
    stranger, editor = Client().get(address), ada.get(address)
    assert stranger.content == editor.content
    assert stranger["ETag"] == editor["ETag"]
    assert "sessionid" not in editor.cookies


def test_logging_in_leaves_the_mark_and_logging_out_takes_it_away() -> None:
    make_ada()
    browser = Client()
    browser.post(reverse("admin:login"), {"username": "ada", "password": "wrong"})
    assert "desk" not in browser.cookies
    browser.post(reverse("admin:login"), {"username": "ada", "password": "correct horse"})
    assert browser.cookies["desk"].value == "1"
    assert not browser.cookies["desk"]["httponly"]
    browser.post(reverse("admin:logout"))
    assert browser.cookies["desk"].value == ""


# Previews by a link


def test_a_link_shows_its_revision_to_whoever_has_it(clock: list[datetime.datetime]) -> None:
    pattern = make_pattern(title="Not yet public")
    clock.append(NOON + SOON)
    response = Client().get(path_of(pattern.head))
    page = response.content.decode()
    assert response.status_code == 200
    for words in ("Not yet public", "Every cellar on the street", "Preview of an unpublished revision", "8 March 2026"):
        assert words in page
    assert page.count("<h1") == 1
    assert response["Cache-Control"] == "private, no-store"
    assert "noindex" in response["X-Robots-Tag"]
    assert response["Referrer-Policy"] == "no-referrer"
    assert "og:" not in page


def test_a_later_edit_does_not_show(clock: list[datetime.datetime]) -> None:
    pattern = make_pattern(title="First thoughts")
    address = path_of(pattern.head)
    save_draft(pattern, document=make_document(title="Second thoughts"), author=None, at=NOON)
    page = Client().get(address).content.decode()
    assert "First thoughts" in page
    assert "Second thoughts" not in page


def test_a_link_ends(clock: list[datetime.datetime]) -> None:
    pattern = make_pattern(title="Not yet public")
    address = path_of(pattern.head)
    clock.append(NOON + preview.VALID)
    response = Client().get(address)
    assert response.status_code == 410
    assert "This preview has ended" in response.content.decode()
    assert "Not yet public" not in response.content.decode()
    assert response["Cache-Control"] == "private, no-store"


def test_an_altered_link_shows_nothing(clock: list[datetime.datetime]) -> None:
    pattern = make_pattern(title="Not yet public")
    address = path_of(pattern.head)
    for altered in (address[:-2] + "/", address.replace("preview/", "preview/A"), "/preview/x/", "/preview/a:b:c/"):
        response = Client().get(altered)
        assert response.status_code == 403
        assert "This is no preview" in response.content.decode()


def test_a_link_to_what_is_archived_or_gone_shows_nothing(clock: list[datetime.datetime]) -> None:
    pattern = make_pattern()
    address = path_of(pattern.head)
    go(pattern, Move.ARCHIVE)
    assert Client().get(address).status_code == 404
    other = make_pattern(slug="other")
    address = path_of(other.head)
    Pattern.objects.filter(pk=other.pk).update(head=None)
    Revision.objects.filter(pattern=other).delete()
    assert Client().get(address).status_code == 404


def test_titles_of_other_drafts_do_not_show_in_a_preview(clock: list[datetime.datetime]) -> None:
    make_pattern(slug="secret-plan", title="A title nobody may know")
    published(slug="open-door", title="Open door")
    links = (Relationship("enables", "open-door", 0.5), Relationship("requires", "secret-plan", 0.5))
    page = Client().get(path_of(make_pattern(slug="house", relationships=links).head)).content.decode()
    assert "Open door" in page
    assert "A title nobody may know" not in page


def test_a_preview_of_a_public_patterns_next_version_leads_to_what_is_public(clock: list[datetime.datetime]) -> None:
    pattern = published(title="First thoughts")
    document = make_document(title="Second thoughts", status="published")
    save_draft(Pattern.objects.get(pk=pattern.pk), document=document, author=None, at=NOON)
    page = Client().get(path_of(Pattern.objects.get(pk=pattern.pk).head)).content.decode()
    assert "Second thoughts" in page
    assert f'href="{reverse("pattern", args=[pattern.slug])}">What is public now' in page


@pytest.mark.parametrize(
    "why",
    ["shown", "over", "altered", "archived", "no slash", "no token", "deeper", "https", "host", "posted", "broken"],
)
def test_whatever_is_answered_there_stays_outside_every_cache(
    why: str, clock: list[datetime.datetime], settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    pattern = make_pattern()
    address = path_of(pattern.head)
    status = 200
    match why:
        case "over":
            clock.append(NOON + preview.VALID)
            status = 410
        case "altered":
            address, status = address.replace("preview/", "preview/A"), 403
        case "archived":
            go(pattern, Move.ARCHIVE)
            status = 404
        case "no slash":
            address, status = address.removesuffix("/"), 301
        case "no token":
            address, status = "/preview/", 404
        case "deeper":
            address, status = f"{address}card.png", 404
        case "https":
            settings.SECURE_SSL_REDIRECT = True
            status = 301
        case "host":
            settings.ALLOWED_HOSTS = ["library.example"]
            status = 400
        case "posted":
            status = 405
        case "broken":
            monkeypatch.setattr(preview, "read", None)
            status = 500
    browser = Client(raise_request_exception=False)
    response = browser.post(address) if why == "posted" else browser.get(address)
    assert response.status_code == status
    assert response["Cache-Control"] == "private, no-store"
    assert response["X-Robots-Tag"] == "noindex, nofollow"
    assert response["Referrer-Policy"] == "no-referrer"


def test_what_is_public_may_be_kept_as_before() -> None:
    response = Client().get(reverse("pattern", args=[published().slug]))
    assert "public" in response["Cache-Control"]
    assert "X-Robots-Tag" not in response


# Who makes one


def share_page(pattern: Pattern, browser: Client, number: int = 1) -> Any:
    return browser.get(reverse("admin:patterns_app_pattern_share", args=[pattern.pk, number]))


def test_who_may_see_a_pattern_may_share_a_preview() -> None:
    pattern = make_pattern(title="Not yet public")
    response = share_page(pattern, browser_of(make_cy()))
    assert response.status_code == 200
    assert "no-store" in response["Cache-Control"]
    shared = response.context["shared"]
    assert shared.address in response.content.decode()
    assert "Not yet public" in Client().get(urlsplit(shared.address).path).content.decode()


def test_others_may_not() -> None:
    pattern = make_pattern()
    dee = make_user("dee", can=("add_pattern",))
    assert share_page(pattern, browser_of(dee)).status_code == 403
    assert share_page(pattern, Client()).status_code == 302
    own = make_pattern(slug="own", author=dee)
    assert share_page(own, browser_of(dee)).status_code == 200


def test_what_cannot_be_shown_cannot_be_shared() -> None:
    pattern = make_pattern()
    cy = browser_of(make_cy())
    assert share_page(pattern, cy, number=9).status_code == 404
    go(pattern, Move.ARCHIVE)
    assert share_page(pattern, cy).status_code == 404


def test_the_form_and_a_revision_lead_there() -> None:
    pattern = make_pattern()
    ada = browser_of(make_ada())
    address = reverse("admin:patterns_app_pattern_share", args=[pattern.pk, 1])
    for name, parts in (("change", [pattern.pk]), ("revision", [pattern.pk, 1])):
        assert address in ada.get(reverse(f"admin:patterns_app_pattern_{name}", args=parts)).content.decode()
