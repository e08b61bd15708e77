"""The form of a pattern as somebody with a browser has it."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Dialog, Locator, Page, Route, expect

from patterns_app.document.pattern import Relationship
from patterns_app.models import Pattern, Revision
from patterns_app.models.working_copy import document_of
from patterns_app.workflow import save_draft
from tests.desk import FULL, address, text_of
from tests.factories import NOON, make_ada, make_cy, make_document, make_pattern
from tests.in_browser.conftest import MESSAGES, OpenPage

pytestmark = pytest.mark.django_db(transaction=True)

LogIn = Callable[[str, Page], Page]

LINKS = tuple(Relationship("enables", name, 0.5) for name in ("first", "second", "third"))


@pytest.fixture
def ada(page: Page, log_in: LogIn) -> Page:
    """Ada's browser."""
    make_ada()
    return log_in("ada", page)


def opened(page: Page, pattern: Pattern) -> Page:
    page.goto(address(pattern))
    return page


def save(page: Page) -> None:
    """By the keyboard, and until it is saved."""
    page.keyboard.press("Control+s")
    expect(page.locator("#desk-state")).to_contain_text("Saved at")


def section(page: Page, number: int) -> Locator:
    return page.locator(f"#sections-{number}")


def leave(page: Page) -> list[str]:
    """Go elsewhere, and say yes if that is asked; the kinds of the questions."""
    asked: list[str] = []

    def answer(dialog: Dialog) -> None:
        asked.append(dialog.type)
        dialog.accept()

    page.once("dialog", answer)
    page.goto("/admin/")
    return asked


# Nothing that was not edited changes


def test_opening_and_saving_changes_nothing_and_leaving_asks_nothing(ada: Page) -> None:
    pattern = make_pattern(**{**FULL, "preamble": "> A quote\n\n\n", "summary": "Two\nlines, and  spaces "})
    before = text_of(pattern)
    opened(ada, pattern)
    save(ada)
    expect(ada.locator(MESSAGES)).to_contain_text("Nothing changed.")
    assert text_of(pattern) == before
    assert leave(ada) == []


# Markdown


def test_the_words_are_counted_against_what_the_format_asks_for(ada: Page) -> None:
    opened(ada, make_pattern())
    count = section(ada, 0).locator(".md-count")
    expect(count).to_have_text("9 of 100–200 words, 91 to go")
    section(ada, 0).locator("textarea").fill("word " * 210)
    expect(count).to_have_text("210 of 100–200 words, 10 over")
    section(ada, 0).locator("input[name$=heading]").fill("### Section 1: Something else")
    expect(count).to_have_text("210 words")


def test_the_preview_follows_what_is_typed(ada: Page) -> None:
    opened(ada, make_pattern())
    section(ada, 0).get_by_role("button", name="Preview").click()
    shown = section(ada, 0).get_by_role("region", name="Preview")
    expect(shown.get_by_role("heading")).to_have_text("Context")
    section(ada, 0).locator("textarea").fill("Every **cellar**.\n\n<script>document.title = 'no'</script>")
    expect(shown.locator("strong")).to_have_text("cellar")
    expect(shown.locator("script")).to_have_count(0)
    assert ada.title() != "no"


def test_the_toolbar_edits_the_selection_and_undo_takes_it_back(ada: Page) -> None:
    opened(ada, make_pattern())
    area = section(ada, 0).locator("textarea")
    area.fill("one two\nthree")
    area.evaluate("area => area.setSelectionRange(4, 7)")
    section(ada, 0).get_by_role("button", name="Bold").click()
    expect(area).to_have_value("one **two**\nthree")
    ada.keyboard.press("Control+b")
    expect(area).to_have_value("one two\nthree")
    ada.keyboard.press("Control+z")
    expect(area).to_have_value("one **two**\nthree")
    area.evaluate("area => area.select()")
    section(ada, 0).get_by_role("button", name="Quote").click()
    expect(area).to_have_value("> one **two**\n> three")
    area.fill("x")
    area.evaluate("area => area.select()")
    section(ada, 0).get_by_role("button", name="Callout").click()
    expect(area).to_have_value("> [!NOTE]\n> x")
    area.fill("Costs")
    section(ada, 0).get_by_role("button", name="Heading").click()
    expect(area).to_have_value("#### Costs")


def test_a_link_to_another_pattern_is_chosen_by_its_title(ada: Page) -> None:
    make_pattern(slug="repair-cafe", title="Repair café")
    opened(ada, make_pattern())
    area = section(ada, 0).locator("textarea")
    area.fill("")
    section(ada, 0).get_by_role("button", name="Link to another pattern").click()
    ada.get_by_role("dialog").get_by_role("combobox").press_sequentially("caf")
    ada.get_by_role("option", name="Repair café").click()
    expect(area).to_have_value("[Repair café](repair-cafe.md)")


def test_the_whole_pattern_is_previewed_in_another_tab_and_not_saved(ada: Page) -> None:
    pattern = make_pattern()
    opened(ada, pattern)
    ada.locator("#id_title").fill("Lending shed")
    with ada.context.expect_page() as tab:
        ada.get_by_role("button", name="Preview the whole pattern").click()
    expect(tab.value.locator("h1")).to_contain_text("Lending shed")
    expect(tab.value.get_by_text("Preview, not public.")).to_be_visible()
    assert Revision.objects.count() == 1


# Assessment


def test_the_mean_is_computed_while_typing_and_used_only_on_request(ada: Page) -> None:
    pattern = make_pattern(**FULL)
    opened(ada, pattern)
    means = ada.locator(".desk-means")
    expect(means).to_contain_text("3.21 agrees with the overall score 3.2")
    expect(means).to_contain_text("sustaining")
    ada.locator("#id_resilience").fill("0")
    expect(means).to_contain_text("2.71 differs from the overall score 3.2")
    ada.locator("#id_vitality").fill("1.9")
    expect(means).to_contain_text("extractive")
    expect(ada.locator("#id_overall_score")).to_have_value("3.2")
    ada.get_by_role("button", name="Use computed (2.7)").click()
    expect(ada.locator("#id_overall_score")).to_have_value("2.7")
    save(ada)
    document = document_of(pattern)
    assert (document.resilience, document.vitality, document.overall_score) == (0, 1.9, 2.7)


def test_a_slider_sets_the_score_and_a_score_can_be_taken_away(ada: Page) -> None:
    pattern = make_pattern(**FULL)
    opened(ada, pattern)
    box = ada.locator(".fieldBox").filter(has=ada.locator("#id_ownership"))
    box.locator("input[type=range]").fill("2.5")
    expect(ada.locator("#id_ownership")).to_have_value("2.5")
    ada.locator(".fieldBox").filter(has=ada.locator("#id_autonomy")).locator(".score-clear").click()
    expect(ada.locator(".desk-means")).to_contain_text("6 of 7 pillars")
    save(ada)
    assert (document_of(pattern).ownership, document_of(pattern).autonomy) == (2.5, None)


# Relationships


def test_rows_are_put_in_order_by_keys_by_buttons_and_by_dragging(ada: Page) -> None:
    pattern = make_pattern(relationships=LINKS)
    opened(ada, pattern)

    def order() -> list[str]:
        fields = ada.locator("#relationships-group .form-row:not(.empty-form) [name$='-target']")
        found: list[str] = fields.evaluate_all("all => all.map(one => one.value)")
        return found

    row = ada.locator("#relationships-group .form-row").filter(has=ada.locator("[value='third']"))
    row.get_by_role("button", name="Move, with the arrow keys").focus()
    ada.keyboard.press("ArrowUp")
    assert order() == ["first", "third", "second"]
    ada.keyboard.press("Home")
    assert order() == ["third", "first", "second"]
    row.get_by_role("button", name="Move down").click()
    assert order() == ["first", "third", "second"]
    handle, other = row.locator(".row-handle"), ada.locator("#relationships-1")
    handle.scroll_into_view_if_needed()
    start, end = handle.bounding_box(), other.bounding_box()
    assert start
    assert end
    ada.mouse.move(start["x"] + 5, start["y"] + 5)
    ada.mouse.down()
    ada.mouse.move(start["x"] + 5, end["y"] + end["height"] - 4, steps=8)
    ada.wait_for_timeout(100)
    ada.mouse.up()
    assert order() == ["first", "second", "third"]
    ada.keyboard.press("Home")
    save(ada)
    assert [link.target for link in document_of(pattern).relationships] == ["third", "first", "second"]


def test_targets_are_suggested_and_chosen_by_keys(ada: Page) -> None:
    make_pattern(slug="repair-cafe", title="Repair café", aliases=("Mending table",))
    pattern = make_pattern()
    opened(ada, pattern)
    ada.get_by_role("button", name="Add a relationship").click()
    ada.locator("#id_relationships-0-kind").select_option("enables")
    target = ada.locator("#id_relationships-0-target")
    target.press_sequentially("mend")
    expect(ada.locator(".suggestions [role=option]")).to_contain_text("also “Mending table”")
    expect(target).to_have_attribute("aria-expanded", "true")
    ada.keyboard.press("ArrowDown")
    expect(target).to_have_attribute("aria-activedescendant", "suggestion-0")
    ada.keyboard.press("Enter")
    expect(target).to_have_value("repair-cafe")
    expect(ada.locator("#relationships-0 .field-leads")).to_contain_text("Repair café")
    save(ada)
    assert document_of(pattern).relationships == (Relationship("enables", "repair-cafe", None),)


def test_a_slug_that_nobody_bears_is_wanted(ada: Page) -> None:
    pattern = make_pattern()
    opened(ada, pattern)
    ada.get_by_role("button", name="Add a relationship").click()
    ada.locator("#id_relationships-0-kind").select_option("requires")
    ada.locator("#id_relationships-0-target").press_sequentially("trust")
    expect(ada.locator(".suggestions")).to_contain_text("wanted: nobody has written it yet")
    ada.keyboard.press("Escape")
    expect(ada.locator(".suggestions")).to_be_hidden()
    expect(ada.locator("#relationships-0 .field-leads")).to_contain_text("nobody has written it yet")
    save(ada)
    assert [link.target for link in document_of(pattern).relationships] == ["trust"]


# Unsaved work


def test_unsaved_work_is_offered_back_shown_on_request_and_gone_after_a_save(ada: Page) -> None:
    pattern = make_pattern(**FULL)
    opened(ada, pattern)
    ada.locator("#id_title").fill("Lending shed")
    ada.get_by_role("button", name="Add an alias").click()
    ada.locator("#id_aliases-2-text").fill("Tool club")
    assert leave(ada) == ["beforeunload"]
    opened(ada, pattern)
    expect(ada.locator(".desk-keepsake")).to_contain_text(re.compile(r"You have unsaved work from \d\d:\d\d"))
    expect(ada.locator("#id_title")).to_have_value("Shared tool library")
    ada.get_by_role("button", name="Show it").click()
    expect(ada.locator("#id_title")).to_have_value("Lending shed")
    expect(ada.locator("#id_aliases-2-text")).to_have_value("Tool club")
    expect(ada.locator("#desk-state")).to_have_text("Unsaved changes")
    assert Revision.objects.count() == 1
    save(ada)
    document = document_of(pattern)
    assert (document.title, document.aliases[-1]) == ("Lending shed", "Tool club")
    opened(ada, pattern)
    expect(ada.locator(".desk-keepsake")).to_have_count(0)
    assert ada.evaluate("Object.keys(localStorage).filter(key => key.startsWith('desk:'))") == []


def test_unsaved_work_can_be_discarded(ada: Page) -> None:
    pattern = make_pattern()
    opened(ada, pattern)
    ada.locator("#id_title").fill("Lending shed")
    leave(ada)
    opened(ada, pattern)
    ada.get_by_role("button", name="Discard").click()
    opened(ada, pattern)
    expect(ada.locator(".desk-keepsake")).to_have_count(0)


def test_work_kept_from_before_somebody_elses_save_is_compared_not_applied(ada: Page) -> None:
    pattern = make_pattern()
    opened(ada, pattern)
    ada.locator("#id_title").fill("Mine")
    leave(ada)
    save_draft(pattern, document=make_document(title="Theirs"), author=None, at=NOON)
    opened(ada, pattern)
    expect(ada.locator(".desk-keepsake")).to_contain_text("saved since")
    ada.get_by_role("button", name="Show it").click()
    expect(ada.locator("#id_title")).to_have_value("Mine")
    expect(ada.locator("#desk-state")).to_have_text("Unsaved changes")
    ada.keyboard.press("Control+s")
    expect(ada.locator(".desk-stale")).to_contain_text("Theirs")
    pattern.refresh_from_db()
    assert pattern.title == "Theirs"


def test_a_lost_connection_leaves_everything_where_it_is(ada: Page, expected_errors: list[str]) -> None:
    expected_errors.append("ERR_")
    pattern = make_pattern()
    opened(ada, pattern)
    ada.locator("#id_title").fill("Lending shed")
    ada.route(f"**{address(pattern)}", lambda route: route.abort("internetdisconnected"))
    ada.keyboard.press("Control+s")
    expect(ada.get_by_role("alert")).to_contain_text("The server cannot be reached. Nothing is lost")
    expect(ada.locator("#id_title")).to_have_value("Lending shed")
    ada.unroute(f"**{address(pattern)}")
    save(ada)
    pattern.refresh_from_db()
    assert pattern.title == "Lending shed"


def test_whoever_was_logged_out_logs_in_elsewhere_and_saves_here(ada: Page, log_in: LogIn) -> None:
    pattern = make_pattern()
    opened(ada, pattern)
    ada.locator("#id_title").fill("Lending shed")
    ada.context.clear_cookies(name="sessionid")
    ada.keyboard.press("Control+s")
    expect(ada.get_by_role("alert")).to_contain_text("You are no longer logged in.")
    with ada.context.expect_page() as tab:
        ada.get_by_role("link", name="Log in in another tab").click()
    tab.value.locator("#id_username").fill("ada")
    tab.value.locator("#id_password").fill("correct horse")
    tab.value.get_by_role("button", name="Log in").click()
    tab.value.wait_for_load_state()
    tab.value.close()
    save(ada)
    pattern.refresh_from_db()
    assert pattern.title == "Lending shed"


def test_an_error_on_the_form_is_shown_and_nothing_typed_is_lost(ada: Page) -> None:
    pattern = make_pattern()
    opened(ada, pattern)
    ada.locator("#id_title").fill("Lending shed")
    ada.locator("#id_vitality").fill("9")
    ada.keyboard.press("Control+s")
    expect(ada.locator(".errornote")).to_be_visible()
    expect(ada.locator("#id_title")).to_have_value("Lending shed")
    ada.locator("#id_vitality").fill("4")
    save(ada)
    assert document_of(pattern).vitality == 4
    assert ada.evaluate("Object.keys(localStorage).filter(key => key.startsWith('desk:'))") == []


# By keyboard, on a tablet, for readers, without scripts


def test_the_groups_are_walked_by_keys(ada: Page) -> None:
    opened(ada, make_pattern(**FULL))
    nav = ada.get_by_role("navigation", name="Groups of the format")
    nav.get_by_role("link").first.focus()
    for _ in range(5):
        ada.keyboard.press("ArrowRight")
    ada.keyboard.press("Enter")
    expect(nav.get_by_role("link", name="6 Graph garden")).to_have_attribute("aria-current", "location")
    expect(ada.locator("#group-garden details").first).to_have_attribute("open", "")
    expect(ada.locator("#group-garden-heading")).to_be_focused()


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_nothing_is_cut_off_on_a_tablet(open_page: OpenPage, log_in: LogIn, theme: str) -> None:
    make_ada()
    page = log_in("ada", open_page("tablet", theme))  # type: ignore[arg-type]
    opened(page, make_pattern(**FULL))
    section(page, 0).get_by_role("button", name="Preview").tap()
    expect(section(page, 0).get_by_role("region", name="Preview")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") <= 0
    page.get_by_role("button", name="Move down").first.tap()


def test_whoever_only_reads_gets_no_tools_but_a_preview(page: Page, log_in: LogIn) -> None:
    make_cy()
    opened(log_in("cy", page), make_pattern(**FULL))
    expect(page.locator(".md-tools, .row-moves, .score-slider")).to_have_count(0)
    with page.context.expect_page() as tab:
        page.get_by_role("link", name="Preview the whole pattern").click()
    expect(tab.value.locator("h1")).to_contain_text("Shared tool library")


def test_the_form_saves_without_scripts(open_page: OpenPage, log_in: LogIn) -> None:
    make_ada()
    pattern = make_pattern(**FULL)
    page = log_in("ada", open_page(scripts=False))
    opened(page, pattern)
    page.locator("#id_title").fill("Lending shed")
    page.locator("[name=_continue]").click()
    expect(page.locator(MESSAGES)).to_contain_text("is saved")
    pattern.refresh_from_db()
    assert pattern.title == "Lending shed"


def test_slow_saves_are_sent_once(ada: Page) -> None:
    pattern = make_pattern()
    opened(ada, pattern)
    sent: list[str] = []

    def slowly(route: Route) -> None:
        if route.request.method == "POST":
            sent.append(route.request.url)
        route.continue_()

    ada.route(f"**{address(pattern)}", slowly)
    ada.locator("#id_title").fill("Lending shed")
    ada.keyboard.press("Control+s")
    ada.keyboard.press("Control+s")
    expect(ada.locator("#desk-state")).to_contain_text("Saved at")
    assert len(sent) == 1
