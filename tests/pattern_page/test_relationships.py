"""Relationships in words that read from here."""

from __future__ import annotations

import pytest

from patterns_app.document.pattern import (
    Relationship,
)
from patterns_app.publishing import retract_many
from patterns_app.views.page.records import Edge, Neighbour
from patterns_app.views.page.relationships import stated
from tests.desk import FULL
from tests.pattern_page.looking import get, looked_at, make_public

pytestmark = pytest.mark.django_db


def edge(kind: str, pk: int | None, *, own: bool = True, weight: float | None = 0.5, position: int = 0) -> Edge:
    to = None if pk is None else Neighbour(pk, f"Pattern {pk}", "", f"/patterns/{pk}/", is_deprecated=False)
    return Edge(own, False, kind, f"slug-{pk}", weight, None, "", position, to)


def words(edges: list[Edge]) -> dict[str, list[str]]:
    return {
        group.label: [f"{link.written}{' both' if link.is_mutual else ''}" for link in group.links]
        for group in stated(edges)
    }


def test_relationships_are_grouped_by_how_they_read_from_here() -> None:
    edges = [edge("requires", 1), edge("requires", 2, own=False), edge("enables", None), edge("generalizes_from", 3)]
    assert words(edges) == {
        "broader": ["slug-3"],
        "enables": ["slug-None"],
        "requires": ["slug-1"],
        "required by": ["slug-2"],
    }


def test_what_both_ends_state_is_one_relationship_and_no_mirror_is_made_up() -> None:
    both = [edge("generalizes_from", 1), edge("specializes_to", 1, own=False)]
    assert words(both) == {"broader": ["slug-1 both"]}
    for kind in ("complementary", "alternatives", "related"):
        [group] = words([edge(kind, 1), edge(kind, 1, own=False)]).values()
        assert group == ["slug-1 both"]
    assert words([edge("complementary", 1, own=False)]) == {"complemented by": ["slug-1"]}
    assert words([edge("enables", 1), edge("requires", 1, own=False)]) == {
        "enables": ["slug-1"],
        "required by": ["slug-1"],
    }
    assert words([edge("enables", 1), edge("enables", 1, own=False)]) == {
        "enables": ["slug-1"],
        "enabled by": ["slug-1"],
    }


def test_own_relationships_keep_the_order_of_the_file_and_those_of_others_follow_by_weight() -> None:
    edges = [
        edge("related", 5, own=False, weight=0.9),
        edge("related", 4, own=False, weight=None),
        edge("related", 2, position=1, weight=0.9),
        edge("related", 1, position=0, weight=0.1),
        edge("related", 3, own=False, weight=0.95),
    ]
    assert words(edges) == {"related": ["slug-1", "slug-2", "slug-3", "slug-5", "slug-4"]}


def test_weights_notes_and_what_is_not_written_yet_are_said() -> None:
    make_public(**FULL)
    page = looked_at()
    titles = [said["title"] for _, said in page.tags if said.get("class") == "weight"]
    assert "weight 0.9 of 1" in titles
    assert "commons not yet written 0.9" in page.text("li")
    assert "People who borrow also mend." in page.text("li")


def test_two_hundred_relationships_are_all_there_and_most_of_them_folded() -> None:
    make_public(relationships=tuple(Relationship("enables", f"target-{number}", 0.5) for number in range(200)))
    html = get()
    assert html.count("not yet written") == 200
    folded = html[html.index("188 more") : html.index("</details>", html.index("188 more"))]
    assert folded.count("not yet written") == 188


def test_a_relationship_stated_elsewhere_is_seen_here_until_it_is_taken_back() -> None:
    make_public()
    other = make_public("repair-cafe", relationships=(Relationship("requires", "shared-tool-library", 0.7),))
    assert "Required by" in looked_at().text("h3")
    retract_many([other.pk])
    assert "Required by" not in looked_at().text("h3")
