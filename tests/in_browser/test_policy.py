"""Django's own admin and the editors' desk under the strict policy: what runs in their pages still does."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect

from patterns_app.models import Pattern
from tests.desk import FULL
from tests.factories import make_pattern, make_user

pytestmark = pytest.mark.django_db(transaction=True)
LogIn = Callable[..., Page]


@pytest.fixture
def pattern() -> Pattern:
    return make_pattern(author=make_user("bo", is_superuser=True), **FULL)


def test_every_kind_of_page_of_the_admin_loads_without_a_word_from_the_console(
    pattern: Pattern, page: Page, log_in: LogIn
) -> None:
    log_in("bo", page)
    own = [pattern.pk]
    names: list[tuple[str, list[Any]]] = [
        ("index", []),
        ("password_change", []),
        ("auth_user_changelist", []),
        ("auth_user_add", []),
        ("auth_user_change", [pattern.owner_id]),
        ("auth_user_history", [pattern.owner_id]),
        ("auth_user_delete", [pattern.owner_id]),
        ("auth_group_add", []),
        ("patterns_app_domain_changelist", []),
        ("patterns_app_library_changelist", []),
        ("patterns_app_pattern_changelist", []),
        ("patterns_app_pattern_add", []),
        ("patterns_app_pattern_change", own),
        ("patterns_app_pattern_history", own),
        ("patterns_app_pattern_compare", own),
        ("patterns_app_pattern_preview", own),
        ("patterns_app_pattern_revision", [pattern.pk, 1]),
        ("patterns_app_pattern_wanted", []),
        ("patterns_app_pattern_mail", []),
    ]
    for name, parts in names:
        response = page.goto(reverse(f"admin:{name}", args=parts))
        assert response is not None
        assert response.status == 200, name
        assert "style-src 'self'" in response.headers["content-security-policy"]
        page.wait_for_load_state("networkidle")


def test_calendars_clocks_and_lists_to_choose_from_work(pattern: Pattern, page: Page, log_in: LogIn) -> None:
    log_in("bo", page)
    page.goto(reverse("admin:auth_user_change", args=[pattern.owner_id]))
    page.locator(".date-icon").first.click()
    expect(page.locator(".calendarbox:visible")).to_have_count(1)
    page.locator(".calendarbox:visible td a", has_text="15").first.click()
    assert page.locator("#id_last_login_0").input_value().endswith("-15")
    page.locator(".clock-icon").first.click()
    page.locator(".clockbox:visible a", has_text="Noon").click()
    assert page.locator("#id_last_login_1").input_value() == "12:00:00"
    page.locator("#id_user_permissions_from option").first.click()
    page.locator("#id_user_permissions_add").click()
    expect(page.locator("#id_user_permissions_to option")).to_have_count(1)


def test_a_policy_violation_would_be_heard(page: Page, expected_errors: list[str]) -> None:
    heard: list[str] = []
    page.on("console", lambda message: heard.append(message.text))
    expected_errors.append("Content Security Policy")
    page.goto("/")
    page.evaluate("document.body.setAttribute('style', 'color: red')")
    page.evaluate("document.body.append(Object.assign(document.createElement('script'), {text: 'window.planted = 1'}))")
    page.wait_for_timeout(100)
    assert page.evaluate("window.planted") is None
    assert len([text for text in heard if "Content Security Policy" in text]) == 2
