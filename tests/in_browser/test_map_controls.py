"""The map's controls say what they do: the slider from which weight on, the search when nothing is called so."""

from __future__ import annotations

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect

from patterns_app.document.pattern import Relationship
from patterns_app.graph import layout
from patterns_app.publishing import publish_many
from tests.factories import NOON, make_pattern

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def library(transactional_db: None) -> None:
    for slug, title, links in (
        ("bench", "Night bench", (Relationship("requires", "lamp", 0.8),)),
        ("lamp", "Street lamp", ()),
    ):
        pattern = make_pattern(slug=slug, title=title, status="published", relationships=links)
        assert publish_many([pattern.pk], at=NOON) == {}
    layout.lay_out()


def opened(page: Page) -> Page:
    page.goto(reverse("map"))
    expect(page.locator("#map")).to_have_class("map is-drawn")
    return page


def test_the_slider_says_from_which_weight_on(page: Page) -> None:
    slider = opened(page).locator("#map-weight")
    for _ in range(4):
        slider.press("ArrowRight")
    expect(page.locator("#map-weight-said")).to_have_text("0.2")


def test_the_search_says_that_nothing_is_called_so(page: Page) -> None:
    box = opened(page).get_by_role("combobox", name="Find on the map")
    box.fill("zeppelin")
    box.press("Enter")
    expect(page.locator("#map-said")).to_contain_text("zeppelin")
