"""An editor's day: a pattern from its first line to its successor, by three people with a browser each."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, expect

from patterns_app.models import Event, Pattern
from patterns_app.workflow.decisions import make_move
from patterns_app.workflow.moves import Move
from tests.factories import NOON, make_member, make_pattern
from tests.in_browser.conftest import MESSAGES, Device, OpenPage, Theme

pytestmark = pytest.mark.django_db(transaction=True)

LogIn = Callable[[str, Page], Page]
Screenshot = Callable[[Page, str], None]


def button(page: Page, label: str) -> Locator:
    return page.locator(".workflow-moves").get_by_role("link", name=label, exact=True)


def make_the_move(page: Page, label: str, **fields: str) -> None:
    """Press a button of the form, fill in what it asks for, confirm."""
    button(page, label).click()
    for name, value in fields.items():
        page.locator(f"#id_{name}").fill(value)
    page.locator(".move-form").get_by_role("button", name=label).click()
    expect(page.locator(MESSAGES)).to_contain_text(label)


def save(page: Page) -> None:
    page.get_by_role("button", name="Save and continue editing").click()
    expect(page.locator(MESSAGES)).to_contain_text("is saved")


@pytest.mark.parametrize(("device", "theme"), [("desktop", "light"), ("tablet", "dark")])
def test_from_the_first_line_to_the_successor(
    open_page: OpenPage,
    log_in: LogIn,
    screenshot: Screenshot,
    expected_errors: list[str],
    device: Device,
    theme: Theme,
) -> None:
    for name, group in (("ada", "Contributor"), ("bo", "Editor"), ("di", "Publisher")):
        make_member(name, group)
    door = make_pattern(slug="open-door", title="Open Door")
    make_move(door, Move.PUBLISH, actor=None, at=NOON, as_command=True)
    ada, bo, di = (log_in(name, open_page(device, theme)) for name in ("ada", "bo", "di"))
    reader = open_page(device, theme)

    def shot(page: Page, name: str) -> None:
        screenshot(page, f"day-{name}-{device}-{theme}")

    # Ada writes a pattern, looks at it and hands it in.
    ada.goto("/admin/")
    shot(ada, "01-her-first-page")
    ada.goto("/admin/patterns_app/pattern/add/")
    ada.locator("#id_title").fill("Night Bench")
    ada.locator("#id_summary").fill("A bench that is never locked.")
    ada.locator("#relationships-group .add-row a").click()
    ada.locator("#id_relationships-0-kind").select_option("enables")
    ada.locator("#id_relationships-0-target").fill("street-at-night")
    ada.locator("#id_relationships-0-weight").fill("0.7")
    ada.locator("#id_sections-0-text").fill("Somebody always comes **late**.\n")
    shot(ada, "02-a-new-pattern")
    with ada.context.expect_page() as opened:
        ada.get_by_role("button", name="Preview the whole pattern").click()
    preview = opened.value
    expect(preview.locator("h1")).to_have_text(re.compile("Night Bench"))
    expect(preview.locator("strong").filter(has_text="late")).to_be_visible()
    shot(preview, "03-preview")
    preview.close()
    ada.get_by_role("button", name="Save and continue editing").click()
    expect(ada.locator(MESSAGES)).to_contain_text("is made, as a draft")
    expect(ada.locator("#relationships-0 .wanted")).to_be_visible()
    make_the_move(ada, "Submit for review", note="Ready, I think.")
    expect(ada.locator(".workflow-status")).to_contain_text("Review")
    shot(ada, "04-handed-in")
    expected_errors.append("404 (Not Found)")  # on the reader's console, as it should be
    assert reader.goto("/patterns/night-bench/").status == 404  # type: ignore[union-attr]

    # Bo finds it on the first page, reads and sends it back.
    bo.goto("/admin/")
    shot(bo, "05-what-waits-for-bo")
    bo.get_by_role("link", name="Night Bench").first.click()
    shot(bo, "06-bo-reads")
    make_the_move(bo, "Comment", note="The summary is fine.")
    make_the_move(bo, "Request changes", note="Who repairs it?")

    # Ada sees why, revises, hands it in again.
    ada.goto("/admin/")
    expect(ada.get_by_text("Who repairs it?").first).to_be_visible()
    ada.get_by_role("link", name="Night Bench").first.click()
    shot(ada, "07-sent-back")
    ada.locator("#id_summary").fill("A bench that is never locked, and has a keeper.")
    ada.locator("#id_note").fill("A keeper")
    ada.get_by_role("button", name="Save and submit for review").click()
    ada.locator(".move-form").get_by_role("button", name="Submit for review").click()
    expect(ada.locator(".workflow-status")).to_contain_text("Review")

    # Di approves; it is live.
    di.goto("/admin/")
    di.get_by_role("link", name="Night Bench").first.click()
    make_the_move(di, "Approve and publish", note="Welcome.")
    shot(di, "08-published")
    reader.goto("/patterns/night-bench/")
    expect(reader.locator("h1")).to_contain_text("Night Bench")
    expect(reader.locator(".lead")).to_contain_text("has a keeper")
    shot(reader, "09-live")

    # Bo edits it while it stays live, and compares.
    bo.goto(di.url)
    bo.locator("#id_title").fill("Night Workbench")
    save(bo)
    expect(bo.locator(".workflow-status")).to_contain_text("with unpublished changes")
    reader.reload()
    expect(reader.locator("h1")).to_have_text("Night Bench")
    bo.get_by_role("link", name="compare with what is public").click()
    expect(bo.locator(".difference ins")).to_contain_text("Night Workbench")
    shot(bo, "10-compared")

    # Di publishes that, too, and in the end deprecates it.
    di.reload()
    make_the_move(di, "Publish now")
    reader.reload()
    expect(reader.locator("h1")).to_have_text("Night Workbench")
    make_the_move(di, "Deprecate", successor="open-door", note="A door is better.")
    reader.reload()
    expect(reader.locator(".notice")).to_contain_text("Deprecated")
    shot(reader, "11-deprecated")
    di.get_by_role("link", name="History").first.click()
    expect(di.locator(".timeline")).to_contain_text("A door is better.")
    shot(di, "12-history")
    pattern = Pattern.objects.get(slug="night-bench")
    assert pattern.successor is not None
    assert pattern.successor.slug == "open-door"
    assert list(Event.objects.filter(pattern=pattern).order_by("number").values_list("move", flat=True)) == [
        "submit",
        "comment",
        "request-changes",
        "submit",
        "approve-and-publish",
        "publish",
        "deprecate",
    ]


def test_two_browsers_on_one_pattern_lose_nothing(open_page: OpenPage, log_in: LogIn, screenshot: Screenshot) -> None:
    for name in ("bo", "di"):
        make_member(name, "Publisher")
    pattern = make_pattern()
    bo, di = (log_in(name, open_page()) for name in ("bo", "di"))
    for page in (bo, di):
        page.goto(f"/admin/patterns_app/pattern/{pattern.pk}/change/")
    bo.locator("#id_summary").fill("Bo's summary.")
    bo.locator("#id_title").fill("Bo's title")
    save(bo)
    di.locator("#id_title").fill("Di's title")
    di.locator("#id_version").fill("0.2")
    di.get_by_role("button", name="Save and continue editing").click()
    panel = di.locator(".desk-stale")
    expect(panel).to_contain_text("both changed it")
    screenshot(di, "stale-desktop-light")
    panel.locator("input[name=take-title][value=mine]").check()
    save(di)
    pattern.refresh_from_db()
    assert (pattern.title, pattern.summary, pattern.version) == ("Di's title", "Bo's summary.", "0.2")
    assert pattern.revisions.count() == 3
