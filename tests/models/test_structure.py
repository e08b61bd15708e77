"""The graph as a whole: orphans, statements from one side only, cycles."""

from __future__ import annotations

import pytest
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st

from patterns_app.document.pattern import Relationship
from patterns_app.document.vocabulary import RelationshipKind, Status
from patterns_app.models import Pattern
from patterns_app.models.structure import INVERSES, Structure, loops, orphans, structure
from tests.factories import make_pattern

K = RelationshipKind


def related(slug: str, *statements: tuple[str, str]) -> Pattern:
    return make_pattern(slug=slug, relationships=tuple(Relationship(kind, target) for kind, target in statements))


def said(found: Structure) -> list[tuple[str, str, str, str]]:
    """The one-sided statements in slugs."""
    slugs = dict(Pattern.objects.values_list("pk", "slug"))
    statements = found.one_sided_slice(0, 100)
    return [(slugs[one.source], str(one.kind), slugs[one.target], str(one.missing)) for one in statements]


@pytest.mark.django_db
def test_an_orphan_has_no_relationship_out_or_in() -> None:
    related("alone")
    related("hub", ("enables", "spoke"))
    related("spoke")
    related("hopeful", ("requires", "not-written-yet"))
    related("put-away")
    Pattern.objects.filter(slug="put-away").update(status=Status.ARCHIVED)
    assert [pattern.slug for pattern in orphans(Pattern.objects.all())] == ["alone"]


@pytest.mark.django_db
def test_statements_that_are_not_returned_are_found_with_what_is_missing() -> None:
    related("meadow", ("specializes_to", "hay-meadow"), ("alternatives", "lawn"), ("complementary", "hive"))
    related("hay-meadow", ("generalizes_from", "grassland"))
    related("grassland", ("specializes_to", "hay-meadow"), ("related", "lawn"))
    related("lawn", ("alternatives", "meadow"))
    related("hive", ("complementary", "meadow"))
    found = structure()
    assert said(found) == [
        ("meadow", "specializes_to", "hay-meadow", "generalizes_from"),
        ("grassland", "related", "lawn", "related"),
    ]
    assert found.count() == 2
    assert found.count(K.RELATED) == 1


@pytest.mark.django_db
def test_enables_and_requires_are_no_inverses_and_are_never_missed() -> None:
    related("bees", ("enables", "fruit"))
    related("fruit", ("requires", "soil"))
    related("soil")
    assert said(structure()) == []
    assert not {K.ENABLES, K.REQUIRES} & (set(INVERSES) | set(INVERSES.values()))


@pytest.mark.django_db
def test_archived_and_wanted_patterns_make_nothing_one_sided() -> None:
    related("meadow", ("alternatives", "put-away"), ("alternatives", "never-written"), ("related", "meadow"))
    related("put-away", ("related", "meadow"))
    Pattern.objects.filter(slug="put-away").update(status=Status.ARCHIVED)
    assert said(structure()) == []


@pytest.mark.django_db
def test_cycles_are_found_in_broader_read_from_both_sides_and_in_requires() -> None:
    related("leaf", ("generalizes_from", "branch"))
    related("branch", ("generalizes_from", "tree"))
    related("leaf-of-leaf", ("requires", "tree"))
    # That a leaf has trees below it says that a tree is narrower than a leaf.
    related("tree", ("requires", "leaf-of-leaf"))
    related("odd", ("specializes_to", "odd"))
    slugs = dict(Pattern.objects.values_list("pk", "slug"))

    def cycles() -> list[tuple[str, list[str], int]]:
        return [(cycle.graph, [slugs[key] for key in cycle.path], cycle.size) for cycle in structure().cycles]

    assert cycles() == [("broader", ["odd"], 1), ("requires", ["leaf-of-leaf", "tree"], 2)]
    related("sapling", ("specializes_to", "tree"), ("generalizes_from", "leaf"))
    slugs = dict(Pattern.objects.values_list("pk", "slug"))
    assert cycles()[1] == ("broader", ["leaf", "branch", "tree", "sapling"], 4)


@pytest.mark.django_db
def test_a_look_costs_the_same_number_of_queries_for_twice_the_patterns() -> None:
    from django.db import connection

    costs = []
    for number in range(6):
        related(f"p-{number}", ("related", f"p-{number - 1}"), ("requires", "p-0"))
        if number in (2, 5):
            with CaptureQueriesContext(connection) as captured:
                structure()
            costs.append(len(captured))
    assert costs == [7, 7]


@pytest.mark.django_db
def test_a_slice_goes_on_over_the_kinds() -> None:
    for number in range(3):
        related(f"g-{number}", ("generalizes_from", "top"), ("related", "top"))
    related("top")
    found = structure()
    whole = found.one_sided_slice(0, 10)
    assert len(whole) == found.count() == 6
    assert [one for start in range(6) for one in found.one_sided_slice(start, start + 1)] == whole
    assert {one.kind for one in found.one_sided_slice(0, 10, K.RELATED)} == {K.RELATED}
    assert found.one_sided_slice(7, 9) == []


def test_a_chain_longer_than_the_stack_is_deep_is_followed() -> None:
    count = 20_000
    chain = [(number, number + 1) for number in range(count)]
    assert loops(chain) == []
    [(path, size)] = loops([*chain, (count, 0)])
    assert size == len(path) == count + 1


def test_the_way_round_a_tangle_is_a_shortest_one() -> None:
    pairs = [(1, 2), (2, 3), (3, 4), (4, 1), (3, 1), (9, 9), (5, 1), (4, 6)]
    assert loops(pairs) == [((9,), 1), ((1, 2, 3), 4)]


@given(st.lists(st.tuples(st.integers(0, 8), st.integers(0, 8)), max_size=30))
def test_loops_are_exactly_what_reaches_itself(pairs: list[tuple[int, int]]) -> None:
    reach = set(pairs)
    for middle in range(9):
        reach |= {(a, b) for a in range(9) for b in range(9) if (a, middle) in reach and (middle, b) in reach}
    looping = {node for node in range(9) if (node, node) in reach}
    tangles = {frozenset(b for b in looping if (a, b) in reach and (b, a) in reach) for a in looping}
    found = loops(pairs)
    assert sorted(size for _, size in found) == sorted(len(tangle) for tangle in tangles)
    for path, size in found:
        [tangle] = [tangle for tangle in tangles if path[0] in tangle]
        assert len(tangle) == size
        assert set(path) <= tangle
        assert path[0] == min(tangle)
        assert len(set(path)) == len(path)
        assert all(step in set(pairs) for step in zip(path, (*path[1:], path[0]), strict=True))
