"""What a reader found whose machine asks for passages, and for hits of one kind."""

from __future__ import annotations

import pytest
from django.test import Client

from patterns_app.document.body import Section
from patterns_app.document.pattern import InferredLink
from tests.published import public

pytestmark = pytest.mark.django_db


def test_passages_are_not_only_those_of_the_pattern_that_happens_to_have_every_word(client: Client) -> None:
    """Whoever answers with sources wants the best there are."""
    for slug, text in (
        ("savings", "Open an account at any source. A licence costs little."),
        ("sharing-code", "Choose an open source license for the code."),
    ):
        public(slug, title=slug, sections=(Section("### Solution\n", f"{text}\n"),))
    said = client.get("/api/retrieve?q=open+source+licence").json()["passages"]
    assert {one["pattern"]["slug"] for one in said} == {"savings", "sharing-code"}


def test_hits_can_be_narrowed_by_each_facet_that_is_counted(client: Client) -> None:
    public("bench", title="Bench", confidence=3)
    public("bench-lamp", title="Bench lamp", confidence=1)
    facets = {facet["name"] for facet in client.get("/api/search?q=bench").json()["facets"]}
    assert "confidence" in facets
    assert client.get("/api/search?q=bench&confidence=3").json()["total"] == 1


def test_a_proposal_without_a_kind_reads_as_words(client: Client) -> None:
    """The pages call it related."""
    public("lamp", title="Lamp")
    public("bench", title="Bench", inferred_links=(InferredLink("lamp", "", 0.7),))
    said = [
        client.get(f"/api/patterns/{slug}/relationships").json()["relationships"][0]["reads"]
        for slug in ("bench", "lamp")
    ]
    assert said == ["related", "related"]
