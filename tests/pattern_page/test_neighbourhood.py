"""The neighbourhood as a small graph."""

from __future__ import annotations

import re

import pytest

from patterns_app.document.pattern import (
    InferredLink,
    Relationship,
)
from tests.pattern_page.looking import get, looked_at, make_public

pytestmark = pytest.mark.django_db


def test_the_neighbourhood_shows_the_strongest_and_counts_the_others() -> None:
    for number in range(20):
        make_public(f"other-{number}")
    links = tuple(Relationship("enables", f"other-{number}", number / 20) for number in range(20))
    make_public(relationships=links)
    html = get()
    drawing = html[html.index('<svg class="neighbourhood"') : html.index("</svg>", html.index('class="neighbourhood"'))]
    assert re.findall(r'href="/patterns/other-(\d+)/"', drawing) == [str(number) for number in range(19, 3, -1)]
    assert "4 more neighbours" in html
    assert "<title>Other 19 (enables · 0.95)</title>" in drawing


def test_proposals_are_drawn_as_such_and_after_what_people_state() -> None:
    make_public("a", title="A")
    make_public("b", title="B")
    make_public(
        relationships=(Relationship("enables", "a", 0.1),),
        inferred_links=(InferredLink("b", "enables", 0.9), InferredLink("a", "requires", 0.9)),
    )
    titles = looked_at().words["title"]
    assert titles[-2:] == ["A (enables · 0.1)", "B (enables · 0.9 · machine-made)"]
