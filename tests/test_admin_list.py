"""The list of patterns: what it shows, finds and costs."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from patterns_app.admin import listing
from patterns_app.document.pattern import Community, ContextLabel, Contributor, Entity, Relationship
from patterns_app.models import Audience, Domain, Keyword, Pattern
from patterns_app.models import Community as CommunityRow
from patterns_app.models import Contributor as ContributorRow
from patterns_app.models import Entity as EntityRow
from tests.factories import make_ada, make_pattern

pytestmark = pytest.mark.django_db

LIST = "/admin/patterns_app/pattern/"


@pytest.fixture
def ada(client: Client) -> Client:
    """Ada's browser."""
    client.force_login(make_ada())
    return client


@pytest.fixture
def shelf() -> dict[str, Pattern]:
    """Four patterns that differ in everything a list can be asked for."""
    return {
        "tools": make_pattern(
            slug="tools",
            title="Tool library",
            id="pat_01kjj4j5hcfy8at1kyx8kezg7c",
            aliases=("Borrowing shop", "Lending shop"),
            context_labels=(ContextLabel("tech", "Hardware pool"), ContextLabel("corporate", "Asset pool")),
            vitality=4.6,
            confidence=3,
            vector_keywords=("lending",),
            entities=(Entity("ent-lending", "practice", "Lending"),),
            communities=(Community("sharing", "Sharing"),),
            contributors=(Contributor("ada"),),
            relationships=(Relationship("enables", "repair"), Relationship("enables", "nowhere")),
        ),
        "repair": make_pattern(
            slug="repair",
            title="Repair café",
            status="stable",
            vitality=3.5,
            collection="street",
            relationships=(Relationship("requires", "tools"),),
        ),
        "garden": make_pattern(slug="garden", title="Shared garden", domain="food", vitality=1.9, confidence=1),
        "feast": make_pattern(slug="feast", title="100 % feast", domain="food", confidence=4, status="revised"),
    }


def listed(browser: Client, query: str = "") -> list[str]:
    """Slugs on the page, in order. No list may cost more than twelve queries."""
    with CaptureQueriesContext(connection) as captured:
        response = browser.get(f"{LIST}?{query}")
    assert response.status_code == 200, query
    assert len(captured) <= 12, [entry["sql"] for entry in captured.captured_queries]
    found: list[Pattern] = list(response.context["cl"].result_list)
    return [pattern.slug for pattern in found]


@pytest.mark.usefixtures("shelf")
@pytest.mark.parametrize(
    ("query", "slugs"),
    [
        ("", ["feast", "garden", "repair", "tools"]),
        ("status__exact=published", ["repair"]),
        ("status__exact=draft", ["feast", "garden", "tools"]),
        ("vitality=generative", ["tools"]),
        ("vitality=sustaining", ["repair"]),
        ("vitality=functional", []),
        ("vitality=extractive", ["garden"]),
        ("vitality=none", ["feast"]),
        ("vitality=nonsense", ["feast", "garden", "repair", "tools"]),
        ("confidence=3", ["tools"]),
        ("confidence=other", ["feast"]),
        ("confidence=none", ["repair"]),
        ("relationships=wanted", ["tools"]),
        ("relationships=resolved", ["repair"]),
        ("relationships=none", ["feast", "garden"]),
        ("q=library", ["tools"]),
        ("q=shop", ["tools"]),
        ("q=pool", ["tools"]),
        ("q=hardware+LENDING", ["tools"]),
        ("q=hardware+garden", []),
        ("q=pat_01kjj", ["tools"]),
        ("q=100+%25", ["feast"]),
        ("q=_", []),
        ("q=café", ["repair"]),
        ("q=shared&vitality=extractive", ["garden"]),
        ("o=-0", ["tools", "repair", "garden", "feast"]),
        ("o=1.-0", ["tools", "garden", "feast", "repair"]),
    ],
)
def test_the_list_shows_what_was_asked_for(ada: Client, query: str, slugs: list[str]) -> None:
    assert listed(ada, query) == slugs


@pytest.mark.usefixtures("shelf")
def test_patterns_can_be_filtered_by_every_kind_of_name(ada: Client) -> None:
    food = Domain.objects.get(name="food")
    assert listed(ada, f"domain={food.pk}") == ["feast", "garden"]
    assert listed(ada, f"domain={food.pk}&vitality=none") == ["feast"]
    assert listed(ada, "domain=none") == []
    named = {
        "audience": Audience.objects.get(name="tech"),
        "keyword": Keyword.objects.get(name="lending"),
        "entity": EntityRow.objects.get(key="ent-lending"),
        "community": CommunityRow.objects.get(key="sharing"),
        "contributor": ContributorRow.objects.get(name="ada"),
    }
    for parameter, name in named.items():
        assert listed(ada, f"{parameter}={name.pk}") == ["tools"]
        assert str(name) in ada.get(f"{LIST}?{parameter}={name.pk}").content.decode()
        assert len(listed(ada, f"{parameter}=x")) == 4


@pytest.mark.usefixtures("shelf")
def test_the_list_names_bands_and_stars_in_words(ada: Client) -> None:
    page = ada.get(LIST).content.decode()
    assert '4.6 <span class="quiet">generative</span>' in page
    assert 'aria-label="3 stars">★★★</span>' in page
    assert '<span class="slug">tools</span>' in page
    assert '<span class="status status-published">Published</span>' in page


def test_no_request_counts_the_patterns(ada: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listing, "PAGES_AHEAD", 1)
    monkeypatch.setattr("patterns_app.admin.pattern.PatternAdmin.list_per_page", 2)
    for number in range(9):
        make_pattern(slug=f"pattern-{number}")
    with CaptureQueriesContext(connection) as captured:
        page = ada.get(LIST).content.decode()
    assert not [entry["sql"] for entry in captured.captured_queries if "COUNT(" in entry["sql"]]
    assert "more than 4 patterns" in page
    assert "more than 8 patterns" in ada.get(f"{LIST}?p=3").content.decode()
    last = ada.get(f"{LIST}?p=5").content.decode()
    assert "9 patterns" in last
    assert "more than" not in last
    assert [slug for number in range(1, 6) for slug in listed(ada, f"p={number}")] == [
        f"pattern-{number}" for number in range(9)
    ]
    assert ada.get(f"{LIST}?p=6")["Location"].endswith("?e=1")


@pytest.mark.parametrize(
    "query", ["p=x", "p=-1", "p=99999", "q=%00", "o=99", "domain=x", "collection__id__exact=x", "nonsense=1"]
)
def test_a_strange_address_does_not_break_the_list(ada: Client, query: str) -> None:
    make_pattern()
    assert ada.get(f"{LIST}?{query}", follow=True).status_code == 200


def test_wanted_patterns_are_listed_by_demand_with_who_wants_them(ada: Client) -> None:
    for slug in ("one", "two"):
        make_pattern(slug=slug, relationships=(Relationship("enables", "repair-cafe"),))
    make_pattern(slug="three", relationships=(Relationship("enables", "A Title"), Relationship("requires", "one")))
    with CaptureQueriesContext(connection) as captured:
        response = ada.get(reverse("admin:patterns_app_pattern_wanted"))
    assert len(captured) <= 8
    rows: list[dict[str, Any]] = response.context["rows"]
    assert [(row["target"], row["wanted_by"]) for row in rows] == [("repair-cafe", 2), ("A Title", 1)]
    assert [pattern.slug for pattern in rows[0]["patterns"]] == ["one", "two"]
    assert rows[0]["add_url"].endswith("?slug=repair-cafe")
    assert rows[1]["add_url"].endswith("?title=A+Title")
    assert reverse("admin:patterns_app_pattern_wanted") in ada.get("/admin/").content.decode()
