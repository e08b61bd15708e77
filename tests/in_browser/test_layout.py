"""How the public pages stand on a screen: what no look at their HTML would tell."""

from __future__ import annotations

from typing import Any, Final

import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Browser, Page
from pytest_django.live_server_helper import LiveServer

from patterns_app.document.pattern import ContextLabel, Contributor, InferredLink, Relationship
from patterns_app.document.vocabulary import NAME_MAX
from patterns_app.models import Pattern
from patterns_app.publishing import publish_many
from patterns_app.views.preview import share
from tests.desk import FULL
from tests.factories import NOON, make_pattern

pytestmark = pytest.mark.django_db(transaction=True)

LEFT_OF_WORDS: Final = """selector => {
    const range = document.createRange();
    range.selectNodeContents(document.querySelector(selector));
    return range.getBoundingClientRect().left;
}"""
LINES: Final = """element => {
    const range = document.createRange();
    range.selectNodeContents(element);
    return range.getClientRects().length;
}"""
CUT: Final = """() => [...document.querySelectorAll(".chart text, .neighbourhood text")].filter((text) => {
    const [own, all] = [text.getBoundingClientRect(), text.ownerSVGElement.getBoundingClientRect()];
    return own.left < all.left - 0.5 || own.right > all.right + 0.5;
}).map((text) => text.textContent)"""
SLUG: Final = "shared-tool-library"
PATTERN: Final = reverse("pattern", args=[SLUG])
ADDRESSES: Final = {
    "home": reverse("index"),
    "browse": reverse("browse"),
    "pattern": PATTERN,
    "in words": f"{PATTERN}?audience=government",
    "search": f"{reverse('search')}?q=tool",
    "map": reverse("map"),
    "list": reverse("map-list"),
    "recent": reverse("recent"),
    "about": reverse("about"),
}
LONG: Final = "Community-Supported Biodiversity Monitoring Networks"


@pytest.fixture(autouse=True)
def library(transactional_db: None) -> None:
    proposed = (InferredLink("proposed", "complementary", 0.71),)
    full = make_pattern(**{**FULL, "slug": SLUG, "status": "published", "inferred_links": proposed})
    linked = (Relationship("complementary", full.slug, 0.5),)
    others = [
        make_pattern(slug=f"other-{number}", title=f"{LONG} {number}", status="published", relationships=linked)
        for number in range(3)
    ]
    others.append(make_pattern(slug="proposed", title=LONG, status="published"))
    publish_many([full.pk, *(other.pk for other in others)], at=NOON)


def opened(browser: Browser, server: LiveServer, width: int, address: str) -> Page:
    page = browser.new_page(base_url=server.url, viewport={"width": width, "height": 844})
    page.goto(address)
    page.wait_for_load_state("networkidle")
    return page


def test_the_header_is_low_and_stands_over_the_text_at_every_width(browser: Browser, live_server: LiveServer) -> None:
    for name, address in ADDRESSES.items():
        page = opened(browser, live_server, 390, address)
        for width in (320, 390, 600, 800, 928, 1024, 1280, 1920):
            page.set_viewport_size({"width": width, "height": 844})
            header = page.locator(".site-header").bounding_box()
            assert header
            assert header["height"] <= (100 if width < 928 else 64), (name, width)
            # Beside a pattern stand its contents, where there is room.
            begins = ".contents-title" if address.startswith(PATTERN) and width >= 1024 else "main h1"
            brand = page.evaluate(LEFT_OF_WORDS, ".brand")
            assert abs(brand - page.evaluate(LEFT_OF_WORDS, begins)) < 1.5, (name, width)
            assert page.evaluate("document.documentElement.scrollWidth") <= width, (name, width)
        page.close()


def test_no_word_of_a_drawing_is_cut_off(browser: Browser, live_server: LiveServer) -> None:
    for width in (320, 1280):
        page = opened(browser, live_server, width, PATTERN)
        assert page.locator(".chart text").count() > 7
        assert page.locator(".neighbourhood text").count() >= 8
        assert page.evaluate(CUT) == []
        page.close()


def test_the_map_takes_no_more_of_a_phone_than_is_drawn_on(browser: Browser, live_server: LiveServer) -> None:
    page = opened(browser, live_server, 390, reverse("map"))
    canvas = page.locator(".map-stage canvas").bounding_box()
    assert canvas
    assert canvas["height"] <= canvas["width"] * 1.2
    page.close()


def test_what_is_used_is_not_set_as_what_is_read(browser: Browser, live_server: LiveServer) -> None:
    family = "element => getComputedStyle(element).fontFamily.includes('Georgia')"
    page = opened(browser, live_server, 390, f"{reverse('search')}?q=tool")
    for used in (".found", ".to-facets a", ".card p"):
        assert not page.locator(used).first.evaluate(family), used
    page.goto(reverse("map"))
    assert not page.locator(".map-head p").evaluate(family)
    page.goto(PATTERN)
    assert page.locator(".prose").first.evaluate(family)
    page.close()


def test_a_count_beside_a_long_name_stays_on_one_line(browser: Browser, live_server: LiveServer) -> None:
    pattern = make_pattern(slug="long", domain="cognitive-biases-heuristics-and-more", status="published")
    publish_many([pattern.pk], at=NOON)
    page = opened(browser, live_server, 1280, f"{reverse('search')}?q=tool")
    page.evaluate("for (const count of document.querySelectorAll('.facets .quiet')) count.textContent = '1,102'")
    assert page.locator(".facets .quiet").count() >= 2
    for count in page.locator(".facets .quiet").all():
        assert count.evaluate(LINES) == 1
    page.close()


def test_a_count_stands_behind_the_last_word_of_its_name(browser: Browser, live_server: LiveServer) -> None:
    pattern = make_pattern(slug="long", domain="cognitive-biases-heuristics-and-more-of-that", status="published")
    publish_many([pattern.pk], at=NOON)
    page = opened(browser, live_server, 320, reverse("domains"))
    entry = page.locator(".term-list li", has_text="cognitive")
    assert entry.locator("a").evaluate(LINES) == 2
    behind = entry.evaluate(
        """entry => entry.querySelector(".count").getBoundingClientRect().left
            - [...entry.querySelector("a").getClientRects()].at(-1).right"""
    )
    assert 0 <= behind < 12
    page.close()


def test_what_a_finger_has_to_hit_is_not_as_small_as_what_a_mouse_can(
    browser: Browser, live_server: LiveServer
) -> None:
    page = browser.new_page(
        base_url=live_server.url, viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True
    )
    for address, wanted in (
        (f"{reverse('search')}?q=tool", ".facets li"),
        (reverse("browse"), ".narrowing details[open] li"),
        (reverse("domains"), ".term-list li"),
        (reverse("path"), ".path-form fieldset label"),
    ):
        page.goto(address)
        page.evaluate("for (const fold of document.querySelectorAll('details')) fold.open = true")
        heights = [
            entry.evaluate("entry => entry.getBoundingClientRect().height") for entry in page.locator(wanted).all()
        ]
        assert heights, wanted
        assert min(heights) >= 34, wanted
    page.close()


def test_a_quotation_has_no_more_room_above_than_beside_it(browser: Browser, live_server: LiveServer) -> None:
    text = "### Section 1: Context\n\nAs somebody said:\n\n> **It is so.**\n"
    pattern = make_pattern(slug="quoting", status="published", preamble=text, sections=())
    publish_many([pattern.pk], at=NOON)
    page = opened(browser, live_server, 1280, reverse("pattern", args=["quoting"]))
    box = page.locator(".prose blockquote").last
    above = box.evaluate("box => box.firstElementChild.getBoundingClientRect().top - box.getBoundingClientRect().top")
    beside = box.evaluate("box => parseFloat(getComputedStyle(box).paddingLeft)")
    assert above <= beside
    page.close()


def test_a_name_as_long_as_names_can_be_makes_no_page_wider(browser: Browser, live_server: LiveServer) -> None:
    name = "n" * NAME_MAX
    said: dict[str, Any] = {"context_labels": (ContextLabel(name, "A word"),), "contributors": (Contributor(name),)}
    publish_many([make_pattern(slug="named", title="Named", status="published", **said).pk], at=NOON)
    for address in (f"{reverse('search')}?q=named", reverse("navigator"), reverse("contributor", args=[name])):
        page = opened(browser, live_server, 390, address)
        assert page.evaluate("document.documentElement.scrollWidth") <= 390, address
        page.close()


@pytest.mark.parametrize("mark", ["> ", "- ", "1. "])
def test_what_stands_within_each_other_without_end_makes_no_page_wider(
    browser: Browser, live_server: LiveServer, mark: str
) -> None:
    text = f"### Section 1: Context\n\n{mark * 500}Deep down.\n"
    pattern = make_pattern(slug="deep", status="published", preamble=text, sections=())
    publish_many([pattern.pk], at=NOON)
    for width in (320, 1280):
        page = opened(browser, live_server, width, reverse("pattern", args=["deep"]))
        assert page.get_by_text("Deep down.").is_visible()
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        page.close()


def test_weights_stand_below_each_other(browser: Browser, live_server: LiveServer) -> None:
    names = ("Short", LONG, f"{LONG} and what they ask of whoever keeps them")
    weighty = [Relationship("enables", f"name-{number}", 0.9) for number in range(3)]
    pattern = make_pattern(slug="weighing", status="published", relationships=tuple(weighty))
    others = [make_pattern(slug=f"name-{place}", title=name, status="published") for place, name in enumerate(names)]
    publish_many([pattern.pk, *(other.pk for other in others)], at=NOON)
    for width in (320, 1280):
        page = opened(browser, live_server, width, reverse("pattern", args=["weighing"]))
        boxes = [bar.bounding_box() for bar in page.locator(".links .weight svg").all()]
        assert len(boxes) == 3
        assert len({round(box["x"]) for box in boxes if box}) == 1, width
        page.close()


def test_the_footer_ends_the_window_where_the_page_is_shorter(browser: Browser, live_server: LiveServer) -> None:
    page = opened(browser, live_server, 1280, reverse("navigator"))
    footer = page.locator(".site-footer").bounding_box()
    assert footer
    assert abs(footer["y"] + footer["height"] - 844) < 1
    assert page.evaluate("document.documentElement.scrollHeight") == 844
    page.goto(reverse("about"))
    behind = page.locator(".site-footer").evaluate("footer => footer.getBoundingClientRect().top - innerHeight")
    assert behind > 0
    page.close()


def test_the_banner_of_a_preview_lies_on_nothing_that_is_jumped_to(browser: Browser, live_server: LiveServer) -> None:
    head = Pattern.objects.get(slug=SLUG).head
    assert head is not None
    address = share(head, at=timezone.now()).address
    path = address[address.index("/preview/") :]
    for width in (390, 1280):
        page = opened(browser, live_server, width, f"{path}#provenance")
        banner, heading = page.locator(".preview-banner").bounding_box(), page.locator("#provenance").bounding_box()
        assert banner
        assert heading
        assert heading["y"] >= max(0, banner["y"] + banner["height"])
        if width == 1280:
            assert banner["y"] == 0
            contents = page.locator(".contents-title").bounding_box()
            assert contents
            assert contents["y"] >= banner["height"]
        page.close()


def test_the_way_to_what_narrows_stands_beside_what_is_counted_on_a_phone(
    browser: Browser, live_server: LiveServer
) -> None:
    for address, count in ((reverse("browse"), ".list-count"), (f"{reverse('search')}?q=tool", ".found")):
        page = opened(browser, live_server, 390, address)
        beside, way = page.locator(count).bounding_box(), page.get_by_role("link", name="Narrow").bounding_box()
        assert beside
        assert way
        assert way["y"] < beside["y"] + beside["height"]
        assert way["y"] + way["height"] > beside["y"]
        assert way["height"] >= 24
        page.close()
