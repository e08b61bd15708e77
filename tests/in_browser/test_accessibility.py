"""Every kind of public page before axe-core, light and dark, on a desktop and on a phone: nothing serious."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final, NamedTuple

import axe_playwright_python
import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Browser, BrowserContext, ViewportSize
from pytest_django.live_server_helper import LiveServer

from patterns_app.document.pattern import Relationship
from patterns_app.models import Facet, PublicTerm
from patterns_app.publishing import publish_many, retract_many
from patterns_app.views.preview import share
from tests.desk import FULL
from tests.factories import NOON, make_pattern

pytestmark = pytest.mark.django_db(transaction=True)

AXE: Final = (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text()
SCREENS: Final[dict[str, ViewportSize]] = {
    "desktop": {"width": 1280, "height": 900},
    "phone": {"width": 390, "height": 844},
}
FORBIDDEN: Final = {"serious", "critical"}
RULES: Final = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}

BODY: Final = """> A drill is used for thirteen minutes in its life.
> [!NOTE] Confidence Rating: ★★ (Fair)
> Well tried.

### Section 1: Context

Every cellar on the street holds the same [ladder](open-door.md), as was counted [1].[^1] See <https://example.org>.

| who | what |
|---|---|
| Ada | `saw` |

- [x] done
- [ ] open

```python
def a_line_that_is_much_longer_than_a_phone_is_wide_and_has_to_be_scrolled_sideways(): return "so it is"
```

### Section 2: Problem

> [!WARNING]
> Tools are dear.

[^1]: By whom.

### References

[1] The ladders of our street.
"""


class Kind(NamedTuple):
    """A page to look at, and with which status it answers."""

    name: str
    address: str
    status: int = 200


@pytest.fixture
def kinds() -> list[Kind]:
    """One page of every kind, with everything on it that there can be."""
    said: dict[str, Any] = {**FULL, "status": "published", "preamble": BODY, "sections": ()}
    full = make_pattern(**said)
    names = ("open-door", "commons", "repair-cafe", "street-party", "trust", "seed-library")
    others = [
        make_pattern(
            slug=name, status="published", confidence=1, relationships=(Relationship("enables", full.slug, 0.5),)
        )
        for name in names
    ]
    gone, draft = make_pattern(slug="gone", status="published"), make_pattern(slug="draft")
    publish_many([full.pk, gone.pk, *(other.pk for other in others)], at=NOON)
    retract_many([gone.pk])
    assert draft.head is not None
    assert full.head is not None
    terms = {facet: PublicTerm.objects.filter(facet=facet).first() for facet in Facet}
    pages = [
        Kind("home", reverse("index")),
        Kind("browse", reverse("browse")),
        Kind("browse-narrowed", f"{reverse('browse')}?domain=neighbourhood&confidence=1"),
        Kind("pattern", reverse("pattern", args=[full.slug])),
        Kind("pattern-in-words", f"{reverse('pattern', args=[full.slug])}?audience=tech"),
        Kind("small-pattern", reverse("pattern", args=["trust"])),
        Kind("hits", f"{reverse('search')}?q=tool"),
        Kind("no-hits", f"{reverse('search')}?q=xylograph"),
        Kind("no-question", reverse("search")),
        Kind("map", reverse("map")),
        Kind("recent", reverse("recent")),
        Kind("about", reverse("about")),
        Kind("navigator", reverse("navigator")),
        Kind("unknown", "/nowhere/", 404),
        Kind("gone", reverse("pattern", args=["gone"]), 410),
        Kind(
            "shared-preview",
            reverse("shared-preview", args=[share(draft.head, at=timezone.now()).address.split("/")[-2]]),
        ),
        Kind(
            "shared-preview-of-a-public-one",
            reverse("shared-preview", args=[share(full.head, at=timezone.now()).address.split("/")[-2]]),
        ),
        Kind("no-preview", reverse("shared-preview", args=["x"]), 403),
    ]
    for facet in (Facet.DOMAIN, Facet.COLLECTION, Facet.CONTRIBUTOR, Facet.ENTITY, Facet.COMMUNITY):
        if term := terms[facet]:
            pages.append(Kind(facet.value, reverse(facet.value, args=[term.key])))
    return pages


@pytest.fixture
def look(browser: Browser, live_server: LiveServer) -> Iterator[Any]:
    """Opens a page on a screen in a theme, past the policy, which would not let axe in; what axe found."""
    contexts: dict[tuple[str, str], BrowserContext] = {}

    def look(kind: Kind, screen: str, theme: Any) -> list[dict[str, Any]]:
        if (screen, theme) not in contexts:
            contexts[screen, theme] = browser.new_context(
                base_url=live_server.url,
                color_scheme=theme,
                viewport=SCREENS[screen],
                bypass_csp=True,
            )
        page = contexts[screen, theme].new_page()
        response = page.goto(kind.address)
        if response is None or response.status != kind.status:
            page.close()
            return [{"id": f"answers-{response and response.status}", "impact": "critical", "nodes": []}]
        page.wait_for_load_state("networkidle")
        page.evaluate(AXE)
        found: list[dict[str, Any]] = page.evaluate(
            "rules => axe.run(document, rules).then(said => said.violations)", RULES
        )
        wide = page.evaluate("document.documentElement.scrollWidth - innerWidth")
        if wide > 1:
            found.append({"id": f"scrolls-sideways-{wide}px", "impact": "serious", "nodes": []})
        page.close()
        return found

    yield look
    for context in contexts.values():
        context.close()


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("screen", SCREENS)
def test_nothing_on_any_page_keeps_anybody_out(kinds: list[Kind], look: Any, screen: str, theme: str) -> None:
    serious: list[str] = []
    for kind in kinds:
        for found in look(kind, screen, theme):
            nodes = [f"{node['target']} {node.get('failureSummary', '')[:160]!r}" for node in found["nodes"][:4]]
            line = f"{kind.name}: {found['impact']}: {found['id']}: {'; '.join(nodes)}"
            if found["impact"] in FORBIDDEN:
                serious.append(line)
    assert not serious, "\n".join(serious)


@pytest.mark.parametrize("width", [320, 195])
def test_no_page_is_wider_than_a_small_phone_or_one_with_letters_twice_as_large(
    kinds: list[Kind], browser: Browser, live_server: LiveServer, width: int
) -> None:
    page = browser.new_page(base_url=live_server.url, viewport={"width": width, "height": 640})
    wide = []
    for kind in [*kinds, Kind("long-audience", f"{reverse('browse')}?audience=government")]:
        page.goto(kind.address)
        if (by := page.evaluate("document.documentElement.scrollWidth - innerWidth")) > 0:
            wide.append(f"{kind.name}: {by} px")
    page.close()
    assert wide == []


def test_axe_finds_what_it_is_asked_for(browser: Browser) -> None:
    page = browser.new_page()
    page.set_content("<!doctype html><html lang=en><title>t</title><main><h1>a</h1><input></main>")
    page.evaluate(AXE)
    found = page.evaluate("rules => axe.run(document, rules).then(said => said.violations)", RULES)
    page.close()
    assert "label" in {one["id"] for one in found}, json.dumps(found)
