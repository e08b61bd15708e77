"""The editors' pages before axe-core and on a phone: nothing serious, nothing beyond the edge, nothing out of reach."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import pytest
from django.urls import reverse
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from patterns_app.models import Pattern
from patterns_app.workflow import save_draft
from patterns_app.workflow.decisions import Said, make_move
from patterns_app.workflow.moves import Move
from tests.desk import FULL, address
from tests.factories import NOON, make_document, make_member, make_pattern
from tests.in_browser.test_accessibility import AXE, FORBIDDEN, RULES, SCREENS

pytestmark = pytest.mark.django_db(transaction=True)

LogIn = Callable[[str, Page], Page]
WIDER: Final = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


@pytest.fixture
def pattern() -> Pattern:
    """A full pattern that is public, edited since and under review; with Di, who publishes, and another draft."""
    make_member("di", "Publisher")
    pattern = make_pattern(author=make_member("ada", "Contributor"), **FULL)
    make_move(pattern, Move.PUBLISH, actor=None, at=NOON, as_command=True)
    document = make_document(**{**FULL, "title": "Tool library for everybody", "status": "published"})
    save_draft(pattern, document=document, author=None, at=NOON, note="A clearer title")
    pattern.refresh_from_db()
    make_move(pattern, Move.SUBMIT, actor=pattern.owner, at=NOON, said=Said(note="Please look at the title."))
    make_pattern(slug="open-door", title="Open Door")
    return pattern


@pytest.fixture
def look(browser: Browser, live_server: LiveServer, log_in: LogIn) -> Any:
    """Opens a page as Di on a screen of a width, past the policy, which would not let axe in."""
    contexts = []

    def look(screen: str, theme: Any = "light", *, scripts: bool = True, name: str = "di") -> Page:
        context = browser.new_context(
            base_url=live_server.url,
            color_scheme=theme,
            viewport=SCREENS[screen],
            bypass_csp=True,
            java_script_enabled=scripts,
        )
        contexts.append(context)
        return log_in(name, context.new_page())

    yield look
    for context in contexts:
        context.close()


def pages(pattern: Pattern) -> dict[str, str]:
    """One of every kind of page that editors have, by name."""
    moves = (Move.APPROVE, Move.REQUEST_CHANGES, Move.SCHEDULE, Move.DEPRECATE)
    own = {move.value: reverse("admin:patterns_app_pattern_move", args=[pattern.pk, move.value]) for move in moves}
    base = "admin:patterns_app_pattern"
    return {
        "first page": reverse("admin:index"),
        "list": reverse(f"{base}_changelist"),
        "nothing found": f"{reverse(f'{base}_changelist')}?q=xylophone&state=draft",
        "form": address(pattern),
        "empty form": reverse(f"{base}_add"),
        "history": reverse(f"{base}_history", args=[pattern.pk]),
        "revision": reverse(f"{base}_revision", args=[pattern.pk, 2]),
        "comparison": reverse(f"{base}_compare", args=[pattern.pk]),
        "share": reverse(f"{base}_share", args=[pattern.pk, 1]),
        "mail": reverse(f"{base}_mail"),
        "wanted": reverse(f"{base}_wanted"),
        "one-sided": reverse("admin:health_one_sided"),
        "cycles": reverse("admin:health_cycles"),
        "published": reverse("admin:health_published"),
        "names": reverse("admin:patterns_app_entity_changelist"),
        "password": reverse("admin:password_change"),
        **own,
    }


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("screen", SCREENS)
def test_nothing_on_any_page_of_the_desk_keeps_anybody_out(
    pattern: Pattern, look: Any, screen: str, theme: str
) -> None:
    page = look(screen, theme)
    serious: list[str] = []
    for name, url in pages(pattern).items():
        response = page.goto(url)
        assert response.status == 200, name
        page.evaluate(AXE)
        for found in page.evaluate("rules => axe.run(document, rules).then(said => said.violations)", RULES):
            if found["impact"] in FORBIDDEN:
                nodes = [f"{node['target']} {node.get('failureSummary', '')[:160]!r}" for node in found["nodes"][:3]]
                serious.append(f"{name}: {found['id']}: {'; '.join(nodes)}")
        if (by := page.evaluate(WIDER)) > 1:
            serious.append(f"{name}: wider than the screen by {by} px")
    assert not serious, "\n".join(serious)


def test_who_logs_in_hears_where_they_are(page: Page, live_server: LiveServer) -> None:
    page.goto(reverse("admin:login"))
    expect(page.get_by_role("heading", level=1)).to_have_text("Log in")


@pytest.mark.parametrize("scripts", [True, False])
def test_the_scores_stand_close_together_on_a_phone(pattern: Pattern, look: Any, scripts: bool) -> None:
    page = look("phone", scripts=scripts)
    page.goto(address(pattern))
    if scripts:
        page.locator(".score-slider").first.wait_for()
    boxes = [box.bounding_box() for box in page.locator(".field-stakeholder_architecture .fieldBox").all()]
    assert len(boxes) == 7
    assert max(box["height"] for box in boxes) < 90


def test_saving_is_within_reach_on_a_phone(pattern: Pattern, look: Any) -> None:
    page = look("phone", name="ada")
    page.goto(reverse("admin:patterns_app_pattern_add"))
    expect(page.get_by_role("button", name="Save", exact=True)).to_be_in_viewport(ratio=1)
    bar = page.locator(".desk-save").bounding_box()
    assert bar["height"] <= 110


def test_a_form_with_errors_is_not_wider_than_a_phone(pattern: Pattern, look: Any) -> None:
    page = look("phone", name="ada")
    page.goto(reverse("admin:patterns_app_pattern_add"))
    page.locator("#id_vitality").fill("9")
    page.evaluate("document.getElementById('pattern_form').noValidate = true")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.locator(".desk-groups .has-errors").first).to_be_attached()
    assert page.evaluate(WIDER) <= 0


def test_the_list_fits_on_a_phone_and_leads_to_its_filters(pattern: Pattern, look: Any) -> None:
    page = look("phone")
    page.goto(reverse("admin:patterns_app_pattern_changelist"))
    assert page.locator(".results").evaluate("element => element.scrollWidth - element.clientWidth") <= 0
    head, row = page.locator("#content > h1").bounding_box(), page.locator("#result_list tbody tr").first.bounding_box()
    assert head["height"] < 40
    # The search and the first patterns come before the filters.
    assert row["y"] < page.locator("#changelist-filter").bounding_box()["y"]
    page.get_by_role("link", name="Filters").click()
    expect(page.locator("#changelist-filter-header")).to_be_in_viewport()


def test_what_leads_on_from_a_revision_is_not_cut_off(pattern: Pattern, look: Any) -> None:
    for screen in SCREENS:
        page = look(screen)
        page.goto(reverse("admin:patterns_app_pattern_revision", args=[pattern.pk, 2]))
        panel = page.locator("#content-main").bounding_box()
        for name in ("Share a preview", "Older: revision 1", "Newer: revision 3"):
            link = page.get_by_role("link", name=name).bounding_box()
            assert link["y"] >= panel["y"], (screen, name)
            assert link["x"] + link["width"] <= panel["x"] + panel["width"], (screen, name)


def test_what_to_use_instead_is_offered_while_one_types(pattern: Pattern, look: Any) -> None:
    page = look("desktop")
    page.goto(reverse("admin:patterns_app_pattern_move", args=[pattern.pk, Move.DEPRECATE.value]))
    page.get_by_label("What to use instead").press_sequentially("open")
    offered = page.locator("#successors option")
    expect(offered).to_have_count(1)
    assert offered.get_attribute("value") == "open-door"
    assert offered.evaluate("option => option.label") == "Open Door"
