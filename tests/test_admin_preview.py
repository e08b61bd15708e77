"""Previews: what is typed, through the public renderer, for those who may see the pattern, and never saved."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from patterns_app.admin import preview
from patterns_app.models import Pattern, Revision
from patterns_app.rendering import render
from tests.browser import fields_of
from tests.desk import FULL, address, opened
from tests.factories import make_ada, make_cy, make_pattern, make_user

pytestmark = pytest.mark.django_db

TEXT = "/admin/patterns_app/pattern/preview/"
NEW = "/admin/patterns_app/pattern/add/preview/"


def whole(pattern: Pattern) -> str:
    return reverse("admin:patterns_app_pattern_preview", args=[pattern.pk])


def browser_of(user: Any) -> Client:
    browser = Client()
    browser.force_login(user)
    return browser


@pytest.fixture
def ada(client: Client) -> Client:
    """Ada's browser."""
    client.force_login(make_ada())
    return client


# A text while it is typed


def test_a_text_is_shown_as_the_public_page_would_show_it(ada: Client) -> None:
    text = "### Context\n\nA **ladder** <script>alert(1)</script>\n\n---\n"
    response = ada.post(TEXT, {"text": text})
    assert response.json() == {"html": render(text)}
    assert "<script" not in response.json()["html"]
    assert "no-store" in response["Cache-Control"]


def test_a_text_that_is_too_long_is_answered_with_a_sentence(ada: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(preview, "LONGEST", 1_000)
    assert ada.post(TEXT, {"text": "x" * 1_000}).status_code == 200
    response = ada.post(TEXT, {"text": "x" * 1_001})
    assert response.status_code == 413
    assert "1,001 of at most 1,000 characters" in response.json()["error"]


def test_a_text_is_only_posted_and_only_with_a_token(ada: Client) -> None:
    assert ada.get(TEXT).status_code == 405
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(make_user("bo", can=("view_pattern",)))
    assert strict.post(TEXT, {"text": "x"}).status_code == 403


def test_whoever_sees_or_writes_patterns_previews_texts_and_nobody_else() -> None:
    assert browser_of(make_cy()).post(TEXT, {"text": "x"}).status_code == 200
    assert browser_of(make_user("dee", can=("add_pattern",))).post(TEXT, {"text": "x"}).status_code == 200
    assert browser_of(make_user("eve")).post(TEXT, {"text": "x"}).status_code == 403
    assert Client().post(TEXT, {"text": "x"}).status_code == 302


# A whole pattern


def test_the_unsaved_form_is_shown_and_nothing_is_saved(ada: Client) -> None:
    pattern = make_pattern(**FULL)
    fields = {**opened(ada, pattern), "title": "Lending shed", "sections-0-text": "Every *cellar*.\r\n"}
    response = ada.post(whole(pattern), fields)
    page = response.content.decode()
    assert response.status_code == 200
    assert "no-store" in response["Cache-Control"]
    assert "Preview, not public" in page
    assert "Lending shed" in page
    assert "Every <em>cellar</em>." in page
    pattern.refresh_from_db()
    assert pattern.title == "Shared tool library"
    assert Revision.objects.count() == 1


def test_without_a_form_the_saved_draft_is_shown(ada: Client) -> None:
    page = ada.get(whole(make_pattern())).content.decode()
    assert "Every cellar on the street holds the same ladder." in page


def test_a_new_pattern_is_previewed_before_it_is_made(ada: Client) -> None:
    page = ada.post(
        NEW, {**opened_blank(ada), "title": "Seed library", "sections-0-text": "Seeds, **lent**."}
    ).content.decode()
    assert "Seed library" in page
    assert "Seeds, <strong>lent</strong>." in page
    assert not Pattern.objects.exists()


def opened_blank(browser: Client) -> dict[str, str]:
    return fields_of(browser.get("/admin/patterns_app/pattern/add/").content, "pattern_form")


def test_a_form_that_cannot_be_used_is_answered_with_what_to_correct(ada: Client) -> None:
    pattern = make_pattern()
    response = ada.post(whole(pattern), {**opened(ada, pattern), "vitality": "9"})
    assert response.status_code == 422
    assert "This must be a number from 0 to 5." in response.content.decode()


def test_a_draft_is_previewed_by_its_owner_and_by_editors_only() -> None:
    dee = make_user("dee", can=("add_pattern",))
    fay = make_user("fay", can=("add_pattern",))
    pattern = make_pattern(author=dee)
    assert browser_of(dee).get(whole(pattern)).status_code == 200
    cy = browser_of(make_cy())
    assert cy.get(whole(pattern)).status_code == 200
    assert cy.get(NEW).status_code == 403
    for stranger in (browser_of(fay), browser_of(make_user("eve"))):
        assert stranger.get(whole(pattern)).status_code == 403
        assert stranger.post(whole(pattern), {"title": "x"}).status_code == 403


def test_a_preview_does_not_tell_the_title_of_somebody_elses_draft() -> None:
    dee = make_user("dee", can=("add_pattern",))
    make_pattern(slug="repair-cafe", title="Secret plan")
    page = browser_of(dee).get(whole(make_pattern(author=dee, **FULL))).content.decode()
    assert "repair-cafe" in page
    assert "Secret plan" not in page


# What the form of one person shows of others' drafts


def test_the_form_of_a_contributor_shows_no_draft_of_others() -> None:
    dee = make_user("dee", can=("add_pattern",))
    own = make_pattern(author=dee, **FULL)
    make_pattern(slug="repair-cafe", title="Secret plan", domain="hush-hush", collection="stealth")
    make_pattern(
        slug="pointing", title="Secret pointer", relationships=(FULL["relationships"][0]._replace(target=own.slug),)
    )
    browser = browser_of(dee)
    page = browser.get(address(own)).content.decode()
    for secret in ("Secret plan", "Secret pointer", "hush-hush", "stealth"):
        assert secret not in page
    # What an editor sees is more.
    page = browser_of(make_ada()).get(address(own)).content.decode()
    for secret in ("Secret plan", "Secret pointer", "hush-hush", "stealth"):
        assert secret in page


def test_a_taken_slug_is_refused_without_telling_whose_it_is() -> None:
    dee = make_user("dee", can=("add_pattern",))
    own = make_pattern(author=dee)
    make_pattern(slug="repair-cafe", title="Secret plan")
    browser = browser_of(dee)
    response = browser.post(address(own), {**opened(browser, own), "slug": "repair-cafe", "_continue": "Save"})
    page = response.content.decode()
    assert "Another pattern has this slug already." in page
    assert "Secret plan" not in page


# Saved by the script


def test_the_script_is_told_where_a_save_leads_and_messages_wait_there(ada: Client) -> None:
    pattern = make_pattern()
    fields = {**opened(ada, pattern), "title": "Tool library", "_continue": "Save"}
    response = ada.post(address(pattern), fields, headers={"X-Sent-By": "desk"})
    assert response.json() == {"location": address(pattern)}
    assert "is saved" in ada.get(address(pattern)).content.decode()


def test_work_that_was_kept_is_shown_and_not_saved(ada: Client) -> None:
    pattern = make_pattern()
    fields = {**opened(ada, pattern), "title": "Kept title", "_show_again": "1"}
    page = ada.post(address(pattern), fields).content.decode()
    assert 'value="Kept title"' in page
    pattern.refresh_from_db()
    assert pattern.title == "Shared tool library"
