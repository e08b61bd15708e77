"""The page in the words of an audience, and what names and stages are called."""

from __future__ import annotations

import pytest

from patterns_app.document.pattern import (
    ContextLabel,
    Relationship,
)
from patterns_app.models import Snapshot
from patterns_app.views.page import record_at
from patterns_app.views.page.records import surroundings_of
from tests.pattern_page.looking import looked_at, make_public

pytestmark = pytest.mark.django_db


def test_a_page_speaks_the_words_of_an_audience_with_its_own_title_beside_them() -> None:
    make_public("open-door", title="Open door", context_labels=(ContextLabel("tech", "Public API"),))
    labels = (ContextLabel("tech", "Hardware checkout"), ContextLabel("arts & crafts", "Prop store"))
    make_public(context_labels=labels, relationships=(Relationship("enables", "open-door", 0.5),))
    page = looked_at(audience="tech")
    assert page.text("h1") == "Hardware checkout"
    assert "In the library: Shared tool library" in page.text()
    assert "Public API Open door" in page.text("li")
    assert "Also named for arts & crafts: Prop store" in page.text()
    assert "?audience=arts+%26+crafts" in page.links
    svg = "".join(page.words["svg"])
    # The picture has no room for both, and says the title to who points at it.
    assert "Public API – Open door (enables · 0.5)" in svg
    assert svg.count("Open door") == 1
    assert "Shared tool library" in looked_at(audience="arts").text("h1"), "an audience without a word of its own"


def test_names_for_others_are_folded_where_they_are_sentences() -> None:
    sentence = "A public agency coordinates private contractors & non-profits to deliver a complex service."
    labels = (ContextLabel("government", sentence), ContextLabel("tech", "Platform"), ContextLabel("arts", "Troupe"))
    make_public(context_labels=labels)
    page = looked_at()
    assert "Also named for 3 audiences" in page.text("summary")
    assert f"government {sentence}" in page.text("details").replace("government", "government ")
    assert {"?audience=government", "?audience=tech", "?audience=arts"} <= set(page.links)
    assert ("details", {"class": "names"}) in page.tags, "closed until somebody opens it"
    assert "Also named for 2 audiences" in looked_at(audience="tech").text("summary")


def test_many_short_names_for_others_are_folded_as_well_and_no_names_leave_no_trace() -> None:
    make_public(
        "many", context_labels=tuple(ContextLabel(f"who {n}", f"A name of thirty letters, {n:03}") for n in range(9))
    )
    make_public("none")
    assert "Also named for 9 audiences" in looked_at("many").text("summary")
    assert "Also named" not in looked_at("none").text()


def test_a_sentence_instead_of_a_name_is_a_smaller_heading() -> None:
    sentence = "A platform company provides the core technology while others develop, create and deliver."
    make_public(context_labels=(ContextLabel("tech", sentence),))
    assert ("h1", {"class": "long"}) in looked_at(audience="tech").tags
    assert ("h1", {}) in looked_at().tags


def test_stages_are_said_in_words() -> None:
    make_public(usage_stage="early_design", adoption_stage="early_adopters")
    assert "usage: early design adoption: early adopters" in looked_at().text()


@pytest.mark.parametrize(("stars", "said"), [(2, "Confidence: 2 of 3 stars"), (4, "Confidence: 4 stars")])
def test_stars_are_said_as_they_stand_even_if_they_are_more_than_the_scale_has(stars: int, said: str) -> None:
    make_public(confidence=stars)
    [label] = [given["aria-label"] for _, given in looked_at().tags if given.get("class") == "stars"]
    assert label == said


@pytest.mark.parametrize("audience", ["", "tech", "arts", "unknown"])
def test_neighbours_are_named_as_snapshots_name_themselves(audience: str) -> None:
    labels = (ContextLabel("tech", "Public API"), ContextLabel("arts", "Open door"))
    make_public("open-door", title="Open door", context_labels=labels)
    make_public(relationships=(Relationship("enables", "open-door"),))
    record = record_at("shared-tool-library")
    assert record
    [edge] = surroundings_of(record.snapshot, [], audience).edges
    snapshot = Snapshot.objects.get(slug="open-door")
    assert edge.to
    assert (edge.to.name, edge.to.title) == (
        snapshot.name_for(audience),
        str(snapshot) if snapshot.label_for(audience) else "",
    )
