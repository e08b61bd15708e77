"""A pattern on paper: the text and what was folded, without what leads elsewhere."""

from __future__ import annotations

from typing import Final

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect

from patterns_app.document.pattern import ContextLabel, Relationship
from patterns_app.publishing import publish_many
from tests.factories import NOON, make_pattern

pytestmark = pytest.mark.django_db(transaction=True)

LINKED: Final = 20
SENTENCE: Final = "A street that owns its tools together, and mends them before it buys others in their place."


@pytest.fixture
def pattern() -> str:
    """The address of a pattern with long names and many relationships, both of which are folded."""
    others = [make_pattern(slug=f"other-{number}", status="published").pk for number in range(LINKED)]
    full = make_pattern(
        slug="tool-library",
        status="published",
        context_labels=(ContextLabel("tech", SENTENCE),),
        relationships=tuple(Relationship("enables", f"other-{number}", 0.5) for number in range(LINKED)),
    )
    publish_many([*others, full.pk], at=NOON)
    return reverse("pattern", args=["tool-library"])


def test_folds_are_open_on_paper_and_what_leads_elsewhere_is_gone(page: Page, pattern: str) -> None:
    page.goto(pattern)
    name, last = page.get_by_text(SENTENCE).first, page.locator(".links a").last
    expect(page.locator(".site-header")).to_be_visible()
    assert not seen(page, ".names dd")
    page.emulate_media(media="print")
    assert seen(page, ".names dd")
    expect(name).to_be_visible()
    expect(last).to_be_visible()
    for gone in (".site-header", ".site-footer", ".contents", ".formats details >> nth=0", ".group summary"):
        expect(page.locator(gone)).to_be_hidden()


def test_a_list_of_hits_on_paper_is_the_hits(page: Page, pattern: str) -> None:
    page.goto(f"{reverse('search')}?q=tool")
    page.emulate_media(media="print")
    expect(page.locator(".hits li").first).to_be_visible()
    for gone in (".site-header", ".search-box", ".facets"):
        assert page.locator(gone).count() == 0 or not page.locator(gone).first.is_visible(), gone


def test_letters_on_paper_are_dark_also_where_the_screen_is(page: Page, pattern: str) -> None:
    page.goto(pattern)
    colours = {}
    for media in ("screen", "print"):
        page.emulate_media(media=media, color_scheme="dark")
        colours[media] = page.evaluate("getComputedStyle(document.body).color")
    assert colours["screen"] == "rgb(230, 228, 223)"
    assert colours["print"] == "rgb(34, 37, 43)"


def seen(page: Page, selector: str) -> bool:
    """Whether anything of an element has a place on the page."""
    return bool(page.locator(selector).first.evaluate("element => element.checkVisibility()"))
