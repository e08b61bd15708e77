"""What is found, in the words of an audience: its link must not stand out from the label beside it by colour alone."""

from __future__ import annotations

from typing import Any

import pytest
from django.urls import reverse
from playwright.sync_api import Browser
from pytest_django.live_server_helper import LiveServer

from patterns_app.document.pattern import ContextLabel
from patterns_app.publishing import publish_many
from tests.desk import FULL
from tests.factories import NOON, make_pattern
from tests.in_browser.test_accessibility import AXE, FORBIDDEN, RULES, SCREENS

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("screen", SCREENS)
def test_a_hit_with_a_label_is_no_link_by_colour_alone(
    browser: Browser, live_server: LiveServer, screen: str, theme: Any
) -> None:
    # Beside a label that is shorter than the link axe takes it for no text.
    label = ContextLabel("tech", "A tool library as those call it who write much longer names than others")
    said: dict[str, Any] = {**FULL, "status": "published", "context_labels": (label,)}
    publish_many([make_pattern(**said).pk], at=NOON)
    page = browser.new_page(base_url=live_server.url, color_scheme=theme, viewport=SCREENS[screen], bypass_csp=True)
    page.goto(f"{reverse('search')}?q=tool&audience=tech")
    assert page.locator(".hits .card h2").count() == 1
    page.evaluate(AXE)
    found = page.evaluate("rules => axe.run(document, rules).then(said => said.violations)", RULES)
    page.close()
    assert [one["id"] for one in found if one["impact"] in FORBIDDEN] == []
