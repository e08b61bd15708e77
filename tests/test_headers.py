"""What every response tells browsers not to do, whatever gets into a page."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse

from tests.factories import make_pattern, make_user
from tests.test_public import public_addresses, published

TEMPLATES = sorted(Path(settings.BASE_DIR, "templates").rglob("*.html"))


def policy_of(response: Any) -> dict[str, list[str]]:
    parts = [part.split() for part in response["Content-Security-Policy"].split(";")]
    return {name: sources for name, *sources in parts}


def assert_strict(response: Any) -> None:
    policy = policy_of(response)
    assert policy["default-src"] == ["'none'"]
    assert policy["base-uri"] == ["'none'"]
    assert policy["frame-ancestors"] == ["'none'"]
    assert policy["script-src"] == policy["style-src"] == policy["form-action"] == ["'self'"]
    # Nothing inline, nothing from another host.
    assert {source for sources in policy.values() for source in sources} == {"'self'", "'none'"}
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Referrer-Policy"] in ("same-origin", "no-referrer")
    assert "camera=()" in response["Permissions-Policy"]


@pytest.mark.django_db
def test_every_public_response_forbids_what_no_page_needs() -> None:
    pattern = published()
    addresses = public_addresses([pattern.slug, "unknown"])
    assert len(addresses) > 20
    for address in addresses:
        assert_strict(Client().get(address))


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["index", "login", "patterns_app_pattern_changelist", "auth_user_changelist"])
def test_so_do_the_pages_of_the_admin(name: str) -> None:
    browser = Client()
    if name != "login":
        browser.force_login(make_user("bo", is_superuser=True))
    response = browser.get(reverse(f"admin:{name}"))
    assert response.status_code == 200
    assert_strict(response)


@pytest.mark.django_db
def test_so_do_errors_and_redirects() -> None:
    for address, status in (("/nowhere/", 404), ("/admin/", 302)):
        response = Client().get(address)
        assert response.status_code == status
        assert_strict(response)


def inline(html: str) -> Iterator[str]:
    """What a strict policy would stop: scripts and styles in the page, handlers, and things from other hosts."""
    yield from re.findall(r"<style\b|<[^>]+\sstyle=|<[^>]+\son[a-z]+=|(?:href|action)=[\"']javascript:", html, re.I)
    yield from re.findall(r"<(?:script|link|img|iframe)[^>]+(?:src|href)=[\"'](?:https?:)?//", html, re.I)
    for attributes, body in re.findall(r"<script\b([^>]*)>(.*?)</script>", html, re.S | re.I):
        # JSON and linked data are not run.
        if "src=" not in attributes and not re.search(r"type=[\"']application/(?:ld\+)?json", attributes):
            yield f"<script{attributes}>{body[:40]}"


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: path.relative_to(settings.BASE_DIR).as_posix())
def test_no_template_holds_what_the_policy_stops(template: Path) -> None:
    assert list(inline(template.read_text())) == []


def test_what_the_policy_stops_would_be_found() -> None:
    for html in (
        "<script>x()</script>",
        "<script type=module>x()</script>",
        "<style>a{}</style>",
        '<p style="color:red">',
        '<p class="a" onclick="x()">',
        '<a href="javascript:x()">',
        '<script src="https://elsewhere.example/x.js"></script>',
        '<link rel="stylesheet" href="//elsewhere.example/x.css">',
    ):
        assert list(inline(html)), html


@pytest.mark.django_db
def test_the_pages_that_the_admin_makes_hold_nothing_of_it_either() -> None:
    pattern = make_pattern()
    browser = Client()
    browser.force_login(make_user("bo", is_superuser=True))
    for address in (
        reverse("admin:index"),
        reverse("admin:patterns_app_pattern_changelist"),
        reverse("admin:patterns_app_pattern_change", args=[pattern.pk]),
        reverse("admin:patterns_app_pattern_history", args=[pattern.pk]),
        reverse("admin:patterns_app_domain_changelist"),
        reverse("admin:auth_user_changelist"),
        reverse("admin:auth_user_add"),
        reverse("admin:auth_group_add"),
    ):
        response = browser.get(address)
        assert response.status_code == 200
        assert list(inline(response.content.decode())) == [], address
