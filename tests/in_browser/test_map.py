"""The map as somebody with a browser has it: drawn, moved by keys and fingers, searched, and a list without scripts."""

from __future__ import annotations

from typing import Any

import pytest
from django.urls import reverse
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from patterns_app.document.pattern import Community, InferredLink, Relationship
from patterns_app.graph import layout
from patterns_app.models import PublicEdge, Snapshot
from patterns_app.publishing import publish_many
from patterns_app.search.query import fold
from tests.factories import NOON, make_pattern
from tests.in_browser.conftest import OpenPage

pytestmark = pytest.mark.django_db(transaction=True)

INK = """() => {
    const canvas = document.getElementById("map-canvas");
    const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
    let [count, sum] = [0, 0];
    for (let at = 3; at < data.length; at += 4) {
        if (data[at]) {
            count += 1;
            sum = (sum * 31 + at) % 1000003;
        }
    }
    return [count, sum];
}"""
"""How many points of the canvas are drawn on, and a number that hangs on where these are."""


COLOURS = """() => {
    const canvas = document.getElementById("map-canvas");
    const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
    const seen = new Set();
    for (let at = 0; at < data.length; at += 4) {
        seen.add(`rgb(${data[at]}, ${data[at + 1]}, ${data[at + 2]})`);
    }
    return [...seen];
}"""
"""All colours that are on the canvas."""

NOTE_NAMES = """
const write = CanvasRenderingContext2D.prototype.fillText;
CanvasRenderingContext2D.prototype.fillText = function (text, x, y) {
    const { actualBoundingBoxLeft, actualBoundingBoxRight, actualBoundingBoxAscent, actualBoundingBoxDescent } =
        this.measureText(text);
    const box = { left: x - actualBoundingBoxLeft, right: x + actualBoundingBoxRight };
    Object.assign(box, { top: y - actualBoundingBoxAscent, bottom: y + actualBoundingBoxDescent });
    (window.written ??= []).push({ text, ...box });
    write.call(this, text, x, y);
};
"""
"""Has a page keep in `written` what is written on its canvases, and where."""


NOTE_LINES = """
window.lines = [0];
window.widths = new Set();
const lineTo = CanvasRenderingContext2D.prototype.lineTo;
CanvasRenderingContext2D.prototype.lineTo = function (x, y) {
    lines[lines.length - 1] += 1;
    widths.add(this.lineWidth * this.getTransform().a);
    lineTo.call(this, x, y);
};
const request = requestAnimationFrame;
window.requestAnimationFrame = (draw) =>
    request((now) => {
        lines.push(0);
        draw(now);
    });
"""
"""Has a page keep in `lines` how many were drawn in each frame, and in `widths` how thick, in points of the screen."""


@pytest.fixture(autouse=True)
def library(transactional_db: None) -> None:
    for number in range(30):
        links = [Relationship("requires", f"pattern-{(number + 1) % 30}", 0.8)]
        inferred = [InferredLink(f"pattern-{(number + 5) % 30}", "enables", 0.3)]
        make_public(number, relationships=tuple(links), inferred_links=tuple(inferred))
    layout.lay_out()


def make_public(number: int, **fields: Any) -> None:
    title = "Night bench" if number == 7 else f"Pattern {number}"
    said = {"title": title, "status": "published", "domain": f"domain-{number % 3}", **fields}
    pattern = make_pattern(slug=f"pattern-{number}", **said)
    assert publish_many([pattern.pk], at=NOON) == {}


def opened(page: Page, address: str = "") -> Page:
    page.goto(reverse("map") + address)
    expect(page.locator("#map")).to_have_class("map is-drawn")
    # Once it rests it is drawn in full.
    page.wait_for_timeout(500)
    return page


def test_the_map_is_drawn_moved_and_zoomed_by_keys_and_buttons(page: Page) -> None:
    opened(page)
    first = page.evaluate(INK)
    assert first[0] > 500
    canvas = page.locator("#map-canvas")
    canvas.focus()
    seen = [first]
    for key in ("+", "ArrowLeft", "ArrowUp", "-"):
        canvas.press(key)
        page.wait_for_timeout(300)
        seen.append(page.evaluate(INK))
    assert len({tuple(ink) for ink in seen}) == len(seen), "each key shows something else"
    page.get_by_role("button", name="Zoom in").click()
    page.get_by_role("button", name="Show all").click()
    page.wait_for_timeout(900)
    assert page.evaluate(INK) == first


def test_the_search_jumps_to_a_pattern_and_its_links_lead_on(page: Page) -> None:
    opened(page)
    box = page.get_by_role("combobox", name="Find on the map")
    box.fill("night")
    expect(page.locator("#map-matches").get_by_role("option")).to_have_count(1)
    box.press("ArrowDown")
    box.press("Enter")
    panel = page.locator("#map-panel")
    expect(panel.get_by_role("link", name="Night bench")).to_have_attribute(
        "href", reverse("pattern", args=["pattern-7"])
    )
    expect(panel.get_by_role("link", name="How does this connect to")).to_have_attribute(
        "href", f"{reverse('path')}?from=pattern-7"
    )
    expect(page.locator("#map-said")).to_have_text("Chosen: Night bench, 4 links.")
    assert page.url.endswith("#pattern-7")
    panel.get_by_role("button", name="Pattern 8").click()
    expect(panel.get_by_role("link", name="Pattern 8")).to_be_visible()
    page.locator("#map-canvas").press("Escape")
    expect(panel).to_be_hidden()
    assert "#" not in page.url


@pytest.mark.parametrize(
    ("title", "typed"),
    [
        ("Straße der Werkzeuge", "STRASSE der"),
        ("STRASSE der Werkzeuge", "straße"),
        ("Café-Crème", "cafe creme"),
        ("Café Crème", "CAFÉ-crème"),
        ("ΟΔΟΣ", "οδός"),
        ("ﬁne ② İdea", "fine 2 idea"),
        ("Who’s the host?", "who's the host"),
    ],
)
def test_the_search_of_the_map_compares_as_that_of_the_library(page: Page, title: str, typed: str) -> None:
    assert fold(typed) in fold(title)
    make_public(30, title=title)
    opened(page)
    page.get_by_role("combobox", name="Find on the map").fill(typed)
    expect(page.locator("#map-matches").get_by_role("option")).to_have_count(1)
    load = 'import(document.querySelector("script[src*=map]").src.replace("map.js", "library.js"))'
    assert page.evaluate(f"async (text) => (await {load}).fold(text)", title) == fold(title)


def test_an_address_with_a_slug_shows_that_pattern_and_filters_leave_links_out(page: Page) -> None:
    opened(page, "#pattern-7")
    panel = page.locator("#map-panel")
    expect(panel.get_by_role("listitem")).to_have_count(4)
    page.get_by_label("also links made by machines").uncheck()
    expect(panel.get_by_role("listitem")).to_have_count(2)
    page.get_by_label("Weight from").fill("90")
    expect(panel.get_by_role("listitem")).to_have_count(0)
    page.get_by_label("Weight from").fill("0")
    page.get_by_role("checkbox", name="requires").uncheck()
    expect(panel).to_contain_text("No link to another published pattern")


def test_the_legend_has_the_colours_of_the_map_also_where_a_group_has_no_point_of_its_own(page: Page) -> None:
    large, hidden, small = (Community(name, name.title()) for name in ("large", "hidden", "small"))
    for number in range(30, 40):
        # Who belongs to two communities has the colour of the larger one.
        make_public(number, communities=(large, hidden) if number < 35 else (large,))
    for number in range(40, 43):
        make_public(number, communities=(small,))
    layout.lay_out()
    opened(page)
    page.get_by_label("Colour by").select_option("community")
    legend = page.locator("#map-legend")
    expect(legend.get_by_role("button")).to_have_text(["Large 10", "Small 3"])
    page.wait_for_timeout(500)
    swatches = legend.locator("button .swatch")
    colours = [swatch.evaluate("swatch => getComputedStyle(swatch).backgroundColor") for swatch in swatches.all()]
    assert len(set(colours)) == 2
    assert set(colours) <= set(page.evaluate(COLOURS))


def test_many_links_are_counted_as_people_read_numbers(page: Page) -> None:
    one, other = (Snapshot.objects.get(slug=f"pattern-{number}") for number in (20, 21))
    said = {"source": one, "target": other, "kind": "enables", "target_text": other.slug, "target_key": other.slug}
    PublicEdge.objects.bulk_create(PublicEdge(**said, position=number) for number in range(1200))
    opened(page, "#pattern-20")
    expect(page.locator("#map-said")).to_have_text("Chosen: Pattern 20, 1,204 links.")
    # They say the same, which is said once, beside what the library says of the two.
    expect(page.locator("#map-panel").get_by_role("button", name="Pattern 21")).to_have_count(2)


def test_lines_are_drawn_some_with_each_frame_and_as_thin_as_the_screen_has_them(
    browser: Browser, live_server: LiveServer
) -> None:
    patterns = list(Snapshot.objects.all())
    said = {"kind": "enables", "target_text": "a", "target_key": "a"}
    PublicEdge.objects.bulk_create(
        PublicEdge(source=patterns[number % 30], target=patterns[(number // 30 + number + 1) % 30], **said, position=0)
        for number in range(1800)
        if (number // 30 + 1) % 30
    )
    page = browser.new_page(base_url=live_server.url, device_scale_factor=2, bypass_csp=True)
    page.add_init_script(NOTE_LINES)
    opened(page)
    page.wait_for_function("lines.reduce((sum, some) => sum + some) > 1800")
    assert page.evaluate("Math.max(...lines)") <= 500
    assert page.evaluate("[...widths]") == [1]
    page.close()


def test_a_finger_chooses_a_pattern_and_the_page_is_no_wider_than_the_screen(open_page: OpenPage) -> None:
    page = open_page(device="tablet", theme="dark")
    opened(page, "#pattern-3")
    page.evaluate("document.querySelector('.map-close').click()")
    expect(page.locator("#map-panel")).to_be_hidden()
    # The one that was chosen is in the middle.
    box = page.locator("#map-canvas").bounding_box()
    assert box is not None
    page.touchscreen.tap(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    expect(page.locator("#map-panel").get_by_role("link", name="Pattern 3")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_no_name_lies_on_another_or_is_cut_off_at_the_edge(page: Page) -> None:
    for number in range(30, 60):
        link = Relationship("requires", "pattern-0", 0.5)
        make_public(number, title=f"WHO MOWS MY MEADOW, WOMEN? {number}", relationships=(link,))
    layout.lay_out()
    page.add_init_script(NOTE_NAMES)
    opened(page)
    page.evaluate("written.length = 0")
    page.emulate_media(color_scheme="dark")
    page.wait_for_timeout(500)
    names: list[dict[str, Any]] = page.evaluate("written")
    width = page.evaluate("document.getElementById('map-canvas').clientWidth")
    assert len(names) > 10, "drawn anew in the other colours"
    assert [name["text"] for name in names if name["left"] < 0 or name["right"] > width] == []
    assert [
        (one["text"], other["text"])
        for number, one in enumerate(names)
        for other in names[:number]
        if one["left"] < other["right"]
        and other["left"] < one["right"]
        and one["top"] < other["bottom"]
        and other["top"] < one["bottom"]
    ] == []


def test_on_a_narrow_screen_the_buttons_stand_beside_the_drawing(open_page: OpenPage) -> None:
    page = opened(open_page(device="tablet"), "#pattern-3")
    drawing = page.locator("#map-canvas").bounding_box()
    assert drawing is not None
    bottom = drawing["y"] + drawing["height"]
    for what in (".map-buttons", "#map-said"):
        box = page.locator(what).bounding_box()
        assert box is not None
        assert box["y"] >= bottom, what


def test_two_fingers_draw_it_apart_and_one_moves_it(open_page: OpenPage) -> None:
    page = opened(open_page(device="tablet"))
    box = page.locator("#map-canvas").bounding_box()
    assert box is not None
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    hand = page.context.new_cdp_session(page)

    def touch(what: str, *fingers: tuple[float, float]) -> None:
        points = [{"x": x + dx, "y": y + dy, "id": number} for number, (dx, dy) in enumerate(fingers)]
        hand.send("Input.dispatchTouchEvent", {"type": what, "touchPoints": points})

    seen = [page.evaluate(INK)]
    for moves in ([((-n, 0), (n, 0)) for n in range(30, 100, 10)], [((n, n),) for n in range(0, 80, 10)]):
        touch("touchStart", *moves[0])
        for move in moves[1:]:
            touch("touchMove", *move)
        touch("touchEnd")
        page.wait_for_timeout(500)
        seen.append(page.evaluate(INK))
    assert len({tuple(ink) for ink in seen}) == 3
    assert page.evaluate("visualViewport.scale") == 1, "the map is drawn apart, not the page"


def test_where_the_data_does_not_come_the_list_is_offered(page: Page, expected_errors: list[str]) -> None:
    expected_errors.append("503")
    page.route("**/map/data.json", lambda route: route.fulfill(status=503))
    page.goto(reverse("map"))
    page.locator("#map-said").get_by_role("link", name="The list").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("The map as a list")


def test_without_scripts_the_list_takes_the_place_of_the_map(open_page: OpenPage) -> None:
    page = open_page(scripts=False)
    page.goto(reverse("map"))
    expect(page.locator("#map-canvas")).to_be_hidden()
    page.locator(".notice").get_by_role("link", name="The list").click()
    expect(page.get_by_role("link", name="Night bench").first).to_be_visible()
