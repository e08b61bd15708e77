"""How two patterns connect: the ways that are found are the shortest and strongest there are."""

from __future__ import annotations

import itertools
from collections import defaultdict
from typing import Any

import hypothesis.strategies as st
import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from hypothesis import given, settings

from patterns_app.document.pattern import ContextLabel, InferredLink, Relationship
from patterns_app.document.vocabulary import RelationshipKind
from patterns_app.graph import paths
from patterns_app.graph.paths import Found, Step, Way
from patterns_app.graph.wording import verb_of
from patterns_app.models import Pattern, PublicEdge
from patterns_app.models.bulk import insert_rows
from patterns_app.publishing import publish_many, retract_many
from patterns_app.workflow import save_draft
from tests.factories import NOON, make_document, make_pattern

pytestmark = pytest.mark.django_db


def make_public(slug: str, *links: Relationship, **fields: Any) -> Pattern:
    pattern = make_pattern(slug=slug, **{"status": "published", "relationships": links, **fields})
    assert publish_many([pattern.pk], at=NOON) == {}
    return pattern


def page(**asked: Any) -> str:
    response = Client().get(reverse("path"), asked)
    assert response.status_code == 200
    return " ".join(response.content.decode().split())


def enables(target: str, weight: float | None = 0.5) -> Relationship:
    return Relationship("enables", target, weight)


# Against every way there is

Edge = tuple[int, int, str, bool, float | None]

edges = st.lists(
    st.tuples(
        st.integers(1, 9),
        st.integers(1, 9),
        st.sampled_from(["enables", "requires"]),
        st.booleans(),
        st.sampled_from([None, 0.1, 0.3, 0.5, 0.9, 1.0]),
    ),
    max_size=24,
)


def state(rows: list[Edge]) -> None:
    PublicEdge.objects.all().delete()
    columns = ("source", "target", "kind", "is_inferred", "weight", "target_text", "target_key", "note", "position")
    insert_rows(PublicEdge, columns, [(*row, str(row[1]), str(row[1]), "", 0) for row in rows])


def all_ways(rows: list[Edge], start: int, end: int) -> list[tuple[int, ...]]:
    """Every shortest way as the patterns on it, found by looking at them all."""
    beside: dict[int, set[int]] = defaultdict(set)
    for source, target, *_ in rows:
        beside[source].add(target)
        beside[target].add(source)
    ways: list[tuple[int, ...]] = [(start,)]
    for _ in range(paths.FURTHEST):
        ways = [(*way, there) for way in ways for there in sorted(beside[way[-1]]) if there not in way]
        if found := [way for way in ways if way[-1] == end]:
            return found
    return []


def worth(rows: list[Edge], way: tuple[int, ...]) -> tuple[int, float]:
    """The least (machine-made links, weakness) with which a way can be gone."""
    total = [0, 0.0]
    for here, there in itertools.pairwise(way):
        costs = [
            (int(is_inferred), 1 - (paths.UNWEIGHTED if weight is None else weight))
            for source, target, _, is_inferred, weight in rows
            if {source, target} == {here, there}
        ]
        total = [sum(pair) for pair in zip(total, min(costs), strict=True)]
    return int(total[0]), round(total[1], 6)


def worth_of(way: Way) -> tuple[int, float]:
    return sum(step.cost[0] for step in way), round(sum(step.cost[1] for step in way), 6)


@settings(max_examples=150)
@given(edges, st.integers(1, 9), st.integers(1, 9))
def test_the_ways_are_the_best_of_the_shortest_that_there_are(rows: list[Edge], start: int, end: int) -> None:
    state(rows)
    found = paths.find(start, end)
    if start == end:
        assert found.ways == ((),)
        return
    expected = sorted(worth(rows, way) for way in all_ways(rows, start, end))[: paths.WAYS]
    assert [worth_of(way) for way in found.ways] == expected
    assert len({tuple(step.end for step in way) for way in found.ways}) == len(found.ways), "each another way"
    stated = {(source, target, kind, is_inferred, weight) for source, target, kind, is_inferred, weight in rows}
    for way in found.ways:
        assert (way[0].start, way[-1].end) == (start, end)
        for one, other in itertools.pairwise(way):
            assert one.end == other.start
        for step in way:
            ends = (step.end, step.start) if step.is_backward else (step.start, step.end)
            assert (*ends, step.kind, step.is_inferred, step.weight) in stated


@settings(max_examples=60)
@given(edges, st.sampled_from([(), ("enables",)]), st.booleans())
def test_only_the_links_that_may_be_used_are(rows: list[Edge], kinds: tuple[str, ...], with_inferred: bool) -> None:
    state(rows)
    allowed = [row for row in rows if (not kinds or row[2] in kinds) and (with_inferred or not row[3])]
    found = paths.find(1, 2, kinds=kinds, with_inferred=with_inferred)
    assert [worth_of(way) for way in found.ways] == sorted(worth(allowed, way) for way in all_ways(allowed, 1, 2))[:3]


def chain(length: int) -> list[Edge]:
    return [(number, number + 1, "enables", False, 0.5) for number in range(1, length + 1)]


def test_the_longest_way_has_six_steps_and_a_longer_one_is_not_found() -> None:
    state(chain(7))
    assert [len(way) for way in paths.find(1, 7).ways] == [6]
    assert paths.find(1, 8) == Found(
        (),
        {
            1: (Step(1, 2, "enables", False, 0.5, False),),
            8: (Step(8, 7, "enables", True, 0.5, False),),
        },
        is_complete=False,
    )


def test_where_nothing_connects_it_says_so_and_what_each_is_linked_to() -> None:
    state([(1, 2, "enables", False, 0.5), (3, 4, "enables", False, 0.5), (5, 3, "requires", True, None)])
    found = paths.find(1, 4)
    assert (found.ways, found.is_complete) == ((), True)
    assert {pk: [step.end for step in steps] for pk, steps in found.around.items()} == {1: [2], 4: [3]}


def test_a_search_takes_one_query_a_step_and_reads_no_more_than_it_may(monkeypatch: pytest.MonkeyPatch) -> None:
    hubs: list[Edge] = [(end, 100 * end + number, "enables", False, 0.5) for end in (1, 2) for number in range(50)]
    state([*hubs, (1, 999, "enables", False, 0.9), (2, 999, "enables", False, 0.9)])
    monkeypatch.setattr(paths, "MOST_READ", 20)
    with CaptureQueriesContext(connection) as captured:
        found = paths.find(1, 2)
    assert len(captured) <= paths.FURTHEST
    assert found.ways == ()
    assert not found.is_complete, "the way is there, and was not looked at"
    monkeypatch.undo()
    assert len(paths.find(1, 2).ways) == 1


def test_every_kind_reads_from_both_ends() -> None:
    for kind in RelationshipKind:
        assert "linked" not in verb_of(kind) + verb_of(kind, is_backward=True), kind
    assert verb_of("generalizes_from") == verb_of("specializes_to", is_backward=True) == "has the broader pattern"
    assert verb_of("requires", is_backward=True) == "is required by"
    assert verb_of("some_other") == "is linked (some other) to"
    assert verb_of("") == "is linked to"


# The page


def test_a_way_reads_as_sentences_in_the_direction_in_which_it_is_gone() -> None:
    make_public("door", title="Open door")
    make_public("house", Relationship("requires", "door", 0.8))
    make_public("street", inferred_links=(InferredLink("house", "enables", 0.7),))
    html = page(**{"from": "door", "to": "street"})
    first, second = html.index("is required by"), html.index("is enabled by")
    assert first < html.index("House</a>", first) < second < html.index("Street</a>", second)
    assert "They connect in 2 steps." in html
    assert "weight 0.8" in html[first:second]
    assert "weight 0.7, machine-made" in html[second:]
    assert "Nothing connects them over these links" in page(**{"from": "door", "to": "street", "links": "stated"})


def test_alternatives_are_shown_the_strongest_first() -> None:
    make_public("end")
    for slug, weight in (("weak", 0.2), ("strong", 0.9), ("middling", 0.5), ("weakest", 0.1)):
        make_public(slug, enables("end", weight))
    make_public("start", *(enables(slug, 0.5) for slug in ("weak", "strong", "middling", "weakest")))
    html = page(**{"from": "start", "to": "end"})
    assert "these are the 3 strongest of the shortest ways" in html
    assert html.index(">Strong<") < html.index(">Middling<") < html.index(">Weak<")
    assert ">Weakest<" not in html


def test_names_and_old_slugs_are_understood_and_a_choice_is_offered() -> None:
    door = make_public("door", title="Open door", aliases=("Way in",), context_labels=(ContextLabel("tech", "API"),))
    make_public("house", enables("open-door"))
    changed = make_document(slug="open-door", title="Open door", aliases=("Way in",), status="published")
    save_draft(Pattern.objects.get(pk=door.pk), document=changed, author=None, at=NOON)
    publish_many([door.pk], at=NOON)
    make_public("open-window", title="Open window")
    for name in ("open-door", "door", "Open door", "Way in", "way in"):
        assert "They are linked directly." in page(**{"from": name, "to": "house"}), name
    html = page(**{"from": "open", "to": "house", "links": "stated"})
    assert "Which one is “open”?" in html
    assert 'href="?from=open-window&amp;to=house&amp;links=stated"' in html
    assert "No published pattern is called “nonsense”" in page(**{"from": "nonsense", "to": "house"})
    assert "one and the same" in page(**{"from": "house", "to": "house"})


def test_a_draft_is_no_step_and_one_taken_back_is_none_any_more() -> None:
    make_public("house", enables("secret-plan"), enables("bridge"))
    make_public("door", enables("secret-plan"), enables("bridge"))
    make_pattern(slug="secret-plan", title="A title nobody may know")
    bridge = make_public("bridge")
    html = page(**{"from": "house", "to": "door"})
    assert "They connect in 2 steps." in html
    assert "secret-plan" not in html
    retract_many([bridge.pk])
    assert "Nothing connects them." in page(**{"from": "house", "to": "door"})
    assert "No published pattern is called “bridge”" in page(**{"from": "bridge", "to": "door"})
    assert "No published pattern is called “secret-plan”" in page(**{"from": "secret-plan", "to": "house"})


def test_the_page_takes_few_queries_however_many_links_there_are() -> None:
    def queries(count: int) -> int:
        for number in range(count):
            make_public(f"middle-{count}-{number}", enables(f"end-{count}"))
        make_public(f"start-{count}", *(enables(f"middle-{count}-{number}") for number in range(count)))
        make_public(f"end-{count}")
        with CaptureQueriesContext(connection) as captured:
            page(**{"from": f"start-{count}", "to": f"end-{count}"})
        return len(captured)

    assert queries(2) == queries(25) <= 7


@pytest.mark.parametrize("asked", [{}, {"from": "a\0b", "to": "\0"}, {"from": "x" * 5000}, {"kind": "no such"}])
def test_whatever_is_asked_is_answered(asked: dict[str, str]) -> None:
    assert "How do two patterns connect?" in page(**asked)
