"""What machines found, marked as such."""

from __future__ import annotations

import pytest
from django.urls import reverse

from patterns_app.document.pattern import (
    Community,
    Contributor,
    Entity,
    InferredLink,
)
from tests.pattern_page.looking import looked_at, make_public

pytestmark = pytest.mark.django_db


def test_the_garden_is_marked_as_made_by_a_machine_and_links_to_lists() -> None:
    make_public(
        entities=(Entity("ent-1", "practice", "Lending & sharing", 0.9), Entity("", "", "★")),
        communities=(Community("c-1", "Street level", "taxonomy", 0.8),),
        inferred_links=(
            InferredLink("seed-library", "similar", 0.6, None, "Both lend."),
            InferredLink("x", "", None, 4.0),
        ),
        contributors=(Contributor("ada", "author"),),
    )
    page = looked_at()
    assert "Garden machine-made" in page.text("h2")
    for address in (
        reverse("entity", args=["lending-sharing"]),
        reverse("community", args=["street-level"]),
        reverse("contributor", args=["ada"]),
        reverse("domain", args=["neighbourhood"]),
    ):
        assert address in page.links
    for said in ("Lending & sharing practice, 0.9", "★", "Both lend.", "strength 4"):
        assert said in page.text("li")


def test_of_a_great_many_proposals_the_strongest_are_shown() -> None:
    make_public()
    for number in range(50):
        make_public(f"other-{number}", inferred_links=(InferredLink("shared-tool-library", "enables", number / 50),))
    page = looked_at()
    assert "50 proposals lead here" in page.text("summary")
    assert "10 weaker ones are not shown" in page.text()
    assert "Other 49" in page.text("li")
    assert "Other 9 " not in page.text("li")
