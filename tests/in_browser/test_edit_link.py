"""The way from a public page to its form, as an editor's browser finds it; and previews shared by a link."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import urlsplit

import pytest
from django.urls import reverse
from playwright.sync_api import Page, Request, expect

from patterns_app.models import Pattern
from patterns_app.publishing import publish_many
from tests.desk import FULL
from tests.factories import NOON, make_ada, make_pattern
from tests.in_browser.conftest import OpenPage

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def pattern() -> Pattern:
    pattern = make_pattern(author=make_ada(), **{**FULL, "status": "published"})
    publish_many([pattern.pk], at=NOON)
    return pattern


def log_in_by_hand(page: Page) -> None:
    page.goto(reverse("admin:login"))
    page.fill("#id_username", "ada")
    page.fill("#id_password", "correct horse")
    page.click("[type=submit]")
    page.wait_for_url("**/admin/")


def test_an_editor_finds_the_way_to_the_form_and_nobody_else_even_asks(pattern: Pattern, open_page: OpenPage) -> None:
    address = reverse("pattern", args=[pattern.slug])
    asked: list[str] = []

    def note(request: Request) -> None:
        if urlsplit(request.url).path == reverse("edit-link"):
            asked.append(request.url)

    stranger = open_page()
    stranger.on("request", note)
    stranger.goto(address)
    stranger.wait_for_load_state("networkidle")
    assert not asked
    expect(stranger.locator(".edit-link")).to_have_count(0)

    editor = open_page()
    editor.on("request", note)
    log_in_by_hand(editor)
    editor.goto(address)
    link = editor.locator("main .edit-link")
    expect(link).to_have_text("Edit")
    assert len(asked) == 1
    link.click()
    editor.wait_for_url(f"**{reverse('admin:patterns_app_pattern_change', args=[pattern.pk])}")

    editor.get_by_role("button", name="Log out").click()
    editor.goto(address)
    editor.wait_for_load_state("networkidle")
    expect(editor.locator(".edit-link")).to_have_count(0)
    assert len(asked) == 1


def test_a_preview_is_shared_and_read_without_an_account(
    pattern: Pattern, open_page: OpenPage, log_in: Callable[..., Page]
) -> None:
    editor = log_in("ada", open_page())
    editor.goto(reverse("admin:patterns_app_pattern_change", args=[pattern.pk]))
    editor.get_by_role("link", name="share a preview").click()
    shared = editor.get_by_label("Link").input_value()

    guest = open_page()
    response = guest.goto(urlsplit(shared).path)
    assert response is not None
    assert response.headers["referrer-policy"] == "no-referrer"
    expect(guest.get_by_role("heading", level=1)).to_contain_text(pattern.title)
    expect(guest.locator(".preview-banner")).to_contain_text("Not public, valid until")
