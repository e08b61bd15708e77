"""The map: everybody has a place and keeps it, and what is drawn is what is public."""

from __future__ import annotations

import gzip
import json
import math
from collections import defaultdict
from typing import Any

import hypothesis.strategies as st
import pytest
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from hypothesis import given

from patterns_app.document.pattern import Community, ContextLabel, InferredLink, Relationship
from patterns_app.graph import layout
from patterns_app.graph.drawing import NO_WEIGHT, SCALE
from patterns_app.graph.places import Link, Node, Place, begun, filled, laid_out
from patterns_app.models import MapPlace, Pattern, Snapshot
from patterns_app.publishing import publish_many, retract_many
from tests.factories import NOON, make_pattern


def make_public(slug: str, *targets: str, **fields: Any) -> Pattern:
    links = tuple(Relationship("requires", target, 0.8) for target in targets)
    pattern = make_pattern(slug=slug, **{"status": "published", "relationships": links, **fields})
    assert publish_many([pattern.pk], at=NOON) == {}
    return pattern


def drawn(**asked: str) -> Any:
    return json.loads(Client().get(reverse("map-data"), asked).content)


# Places, without a database


def library(count: int, domains: int = 7) -> tuple[list[Node], list[Link]]:
    """Patterns in domains of different sizes, half of them linked, mostly within their domain."""
    nodes = [Node(f"pattern-{number}", f"domain-{number * number % domains}") for number in range(count)]
    links = [Link(number, (number * 7 + 3) % count, (number % 10) / 10) for number in range(0, count, 2)]
    return nodes, [link for link in links if link.source != link.target]


def nearest_distances(places: list[Place]) -> list[float]:
    """The distance from each place to the next, in the side of the square that each would have for itself."""
    side = 1 / math.sqrt(len(places))
    cells: dict[tuple[int, int], list[int]] = defaultdict(list)
    for position, (x, y) in enumerate(places):
        cells[int(x / side), int(y / side)].append(position)
    found = []
    for position, place in enumerate(places):
        column, row = int(place[0] / side), int(place[1] / side)
        beside = [(column + dx, row + dy) for dx in (-1, 0, 1) for dy in (-1, 0, 1)]
        others = [other for cell in beside for other in cells.get(cell, ()) if other != position]
        found.append(min((math.dist(place, places[other]) for other in others), default=side) / side)
    return sorted(found)


def is_within(places: list[Place]) -> bool:
    return all(0 <= x <= 1 and 0 <= y <= 1 for x, y in places)


@pytest.mark.parametrize(("lay", "least"), [(lambda nodes, links: laid_out(nodes, links, {}), 0.15), (begun, 0.02)])
def test_places_are_in_the_square_and_nobody_sits_on_another(lay: Any, least: float) -> None:
    places = lay(*library(700))
    assert is_within(places)
    distances = nearest_distances(places)
    assert distances[0] > least, "the nearest two"
    assert distances[len(distances) // 2] > 0.35, "in the middle"


def test_the_same_library_is_laid_out_the_same_to_the_last_bit() -> None:
    nodes, links = library(300)
    assert laid_out(nodes, links, {}) == laid_out(nodes, links, {})
    assert begun(nodes, links) == begun(nodes, links)


def test_a_domain_is_a_region_in_which_no_pattern_of_another_lies() -> None:
    nodes, links = library(400, domains=5)
    places = laid_out(nodes, links, {})
    centres = {}
    for domain in {node.domain for node in nodes}:
        members = [place for node, place in zip(nodes, places, strict=True) if node.domain == domain]
        centres[domain] = tuple(sum(axis) / len(members) for axis in zip(*members, strict=True))
    sizes = {domain: sum(node.domain == domain for node in nodes) for domain in centres}

    def nearness(place: Place, domain: str) -> float:
        return math.dist(place, centres[domain]) / math.sqrt(sizes[domain])

    astray = sum(
        min(centres, key=lambda domain: nearness(place, domain)) != node.domain
        for node, place in zip(nodes, places, strict=True)
    )
    assert astray <= len(nodes) // 50


def test_what_is_linked_lies_nearer_than_what_is_not() -> None:
    nodes = [Node(f"pattern-{number:03}", "one") for number in range(120)]
    links = [Link(number, number + 60, 1.0) for number in range(60)]
    places = laid_out(nodes, links, {})
    linked = [math.dist(places[link.source], places[link.target]) for link in links]
    apart = [math.dist(places[number], places[(number + 30) % 60]) for number in range(60)]
    assert sum(linked) < 0.7 * sum(apart)


def test_a_new_pattern_moves_no_other_and_lies_by_those_it_belongs_to() -> None:
    nodes, links = library(200, domains=5)
    before = dict(enumerate(laid_out(nodes, links, {})))
    friends = [number for number, node in enumerate(nodes) if node.domain == nodes[0].domain][:1]
    added = [*nodes, Node("newcomer", nodes[0].domain), Node("of-a-new-domain", "elsewhere"), Node("of-none", "")]
    places = filled(added, [*links, Link(200, friends[0], 0.9)], before)
    assert dict(enumerate(places[:200])) == before
    assert math.dist(places[200], before[friends[0]]) < 0.15
    assert is_within(places)
    assert nearest_distances(places)[0] > 0.1


def test_to_refine_is_to_move_little() -> None:
    nodes, links = library(300)
    before = laid_out(nodes, links, {})
    after = laid_out(nodes, links, dict(enumerate(before)))
    moves = sorted(math.dist(one, other) for one, other in zip(before, after, strict=True))
    assert moves[len(moves) // 2] < 0.05


@given(
    st.lists(st.tuples(st.text(max_size=3), st.sampled_from(["", "a", "b", "c"])), max_size=25),
    st.lists(st.tuples(st.integers(0, 24), st.integers(0, 24), st.floats(0, 1)), max_size=40),
    st.sets(st.integers(0, 24)),
)
def test_any_library_has_a_place_for_everybody(
    said: list[tuple[str, str]], pairs: list[tuple[int, int, float]], known: set[int]
) -> None:
    nodes = [Node(*names) for names in said]
    links = [Link(*pair) for pair in pairs if max(pair[:2]) < len(nodes)]
    places = laid_out(nodes, links, {})
    assert len(places) == len(nodes)
    assert is_within(places)
    # Also where all were in one point.
    kept: dict[int, Place] = {number: (0.5, 0.5) for number in known if number < len(nodes)}
    for again in (laid_out(nodes, links, kept), filled(nodes, links, kept)):
        assert len(again) == len(nodes)
        assert is_within(again)


# In the database


@pytest.mark.django_db
def test_the_command_lays_out_once_then_places_the_new_ones_and_moves_nobody(capsys: Any) -> None:
    for number in range(12):
        make_public(f"pattern-{number}", f"pattern-{(number + 1) % 12}", domain=f"domain-{number % 2}")
    call_command("lay_out_map")
    assert capsys.readouterr().err == "12 patterns got a place on the map.\n"
    before = dict(MapPlace.objects.values_list("pk", "x"))
    call_command("lay_out_map")
    assert capsys.readouterr().err == ""
    new = make_public("newcomer", "pattern-3", domain="domain-1")
    call_command("lay_out_map")
    assert capsys.readouterr().err == "1 pattern got a place on the map.\n"
    after = dict(MapPlace.objects.values_list("pk", "x"))
    assert new.pk in after
    assert {pk: x for pk, x in after.items() if pk != new.pk} == before


@pytest.mark.django_db
def test_anew_forgets_the_places_and_gives_the_same_ones_again() -> None:
    for number in range(9):
        make_public(f"pattern-{number}", f"pattern-{(number + 2) % 9}")
    layout.lay_out(anew=True)
    first = dict(MapPlace.objects.values_list("pk", "y"))
    MapPlace.objects.update(x=0.1, y=0.1)
    layout.lay_out(anew=True)
    assert dict(MapPlace.objects.values_list("pk", "y")) == first


@pytest.mark.django_db
def test_who_has_no_place_yet_is_shown_where_it_will_be_placed() -> None:
    for number in range(6):
        make_public(f"pattern-{number}", domain="one")
    layout.lay_out()
    new = make_public("newcomer", "pattern-2", domain="one")
    data = drawn()
    layout.place_many([new.pk])
    place = MapPlace.objects.get(pk=new.pk)
    shown = data["slugs"].index("newcomer")
    assert (data["x"][shown], data["y"][shown]) == (round(place.x * SCALE), round(place.y * SCALE))
    assert drawn() == data


@pytest.mark.django_db
def test_a_pattern_that_is_published_again_keeps_its_place_and_one_taken_back_loses_it() -> None:
    pattern = make_public("house")
    layout.lay_out()
    MapPlace.objects.filter(pk=pattern.pk).update(x=0.123)
    publish_many([pattern.pk], at=NOON)
    assert MapPlace.objects.get(pk=pattern.pk).x == 0.123
    retract_many([pattern.pk])
    assert not MapPlace.objects.exists()
    assert drawn()["slugs"] == []


@pytest.mark.django_db
def test_the_data_is_what_is_public() -> None:
    make_public("door", title="Open door", domain="Street Level", context_labels=(ContextLabel("tech", "Public API"),))
    make_public("house", "door", "secret-plan", domain="street level", communities=(Community("c1", "Builders"),))
    make_public("wall", domain="", inferred_links=(InferredLink("house", "enables", 0.75),))
    make_pattern(slug="secret-plan", title="A title nobody may know", relationships=(Relationship("tools", "door"),))
    gone = make_public("gone", "door")
    retract_many([gone.pk])
    data = drawn()
    assert data["slugs"] == ["door", "house", "wall"]
    assert data["titles"] == ["Open door", "House", "Wall"]
    assert data["names"] == {}
    assert data["domains"] == [["Street Level", 2]]
    assert data["domain"] == [0, 0, -1]
    assert data["communities"] == [["Builders", 1]]
    assert data["community"] == [-1, 0, -1]
    assert data["kinds"] == [
        ["requires", "requires", "is required by", False],
        ["enables", "enables", "is enabled by", True],
    ]
    assert data["edges"] == [1, 0, 0, 80, 2, 1, 1, 75]
    assert all(0 <= value <= SCALE for axis in "xy" for value in data[axis])
    assert drawn(audience="tech")["names"] == {"0": "Public API"}


@pytest.mark.django_db
def test_a_link_without_a_weight_and_one_to_itself() -> None:
    links = (Relationship("related", "door"), Relationship("enables", "house", 0.5))
    make_public("house", relationships=links, inferred_links=(InferredLink("door", "enabler", 0.5),))
    make_public("door")
    data = drawn()
    assert data["edges"] == [1, 0, 0, NO_WEIGHT, 1, 0, 1, 50]
    assert data["kinds"] == [
        ["related", "is related to", "is related to", False],
        ["enabler", "is linked (enabler) to", "is linked (enabler) to", True],
    ]


@pytest.mark.django_db
def test_an_empty_library_has_an_empty_map() -> None:
    assert drawn()["slugs"] == []
    assert layout.place_missing() == layout.lay_out() == 0
    for name in ("map", "map-list"):
        assert Client().get(reverse(name)).status_code == 200


@pytest.mark.django_db
def test_the_data_comes_compressed_once_and_then_not_at_all() -> None:
    make_public("a-pattern", title="Many words " * 40)
    response = Client().get(reverse("map-data"), headers={"accept-encoding": "gzip"})
    assert response["Content-Encoding"] == "gzip"
    assert json.loads(gzip.decompress(response.content)) == drawn()
    known = {"accept-encoding": "gzip", "if-none-match": response["ETag"]}
    assert Client().get(reverse("map-data"), headers=known).status_code == 304


@pytest.mark.django_db
@pytest.mark.parametrize("encoding", ["gzip", "identity"])
def test_the_data_is_the_same_for_head_and_for_who_has_it(encoding: str, monkeypatch: pytest.MonkeyPatch) -> None:
    # Without a cache nothing remembers when it changed, and it might be another second at each request.
    monkeypatch.setattr("patterns_app.caching.changed_at", lambda generation: 1_700_000_000.0)
    make_public("a-pattern", title="Many words " * 40)
    takes = {"accept-encoding": encoding}
    whole = Client().get(reverse("map-data"), headers=takes)
    head = Client().head(reverse("map-data"), headers=takes)
    known = Client().get(reverse("map-data"), headers={**takes, "if-none-match": whole["ETag"]})
    assert (whole.status_code, head.status_code, known.status_code) == (200, 200, 304)
    assert head.content == known.content == b""
    assert head.headers == whole.headers
    assert whole["Content-Length"] == str(len(whole.content))
    for name in ("ETag", "Vary", "Cache-Control", "Last-Modified"):
        assert known[name] == whole[name]


@pytest.mark.django_db
@pytest.mark.parametrize(("address", "most"), [("map", 2), ("map-data", 4), ("map-list", 4)])
@pytest.mark.parametrize("has_places", [True, False])
def test_pages_take_the_same_few_queries_for_any_number_of_patterns(address: str, most: int, has_places: bool) -> None:
    def queries(count: int) -> int:
        for number in range(count):
            slug = f"pattern-{count}-{number}"
            targets = {(number + 1) % count, (number + 2) % count, 0}
            make_public(slug, *(f"pattern-{count}-{target}" for target in sorted(targets)))
        if has_places:
            layout.lay_out()
        with CaptureQueriesContext(connection) as captured:
            assert Client().get(reverse(address)).status_code == 200
        return len(captured)

    assert queries(3) == queries(20) <= most


@pytest.mark.django_db
def test_the_list_says_each_link_from_both_ends() -> None:
    make_public("door", title="Open door")
    make_public("house", "door", inferred_links=(InferredLink("door", "enables", 0.75),))
    make_public("lone-tree")
    html = " ".join(Client().get(reverse("map-list")).content.decode().split())
    door, house = (reverse("pattern", args=[slug]) for slug in ("door", "house"))
    for words in (
        f'requires <a href="{door}">Open door</a> <span class="quiet">0.8</span>',
        f'is required by <a href="{house}">House</a> <span class="quiet">0.8</span>',
        f'is enabled by <a href="{house}">House</a> <span class="quiet">0.75 machine-made</span>',
        "No link to another published pattern.",
    ):
        assert words in html


@pytest.mark.django_db
def test_the_list_speaks_the_words_of_an_audience() -> None:
    make_public("door", title="Open door", context_labels=(ContextLabel("tech", "Public API"),))
    html = Client().get(reverse("map-list"), {"audience": "tech"}).content.decode()
    assert '<span class="in-words">Public API</span> <span class="own-title">Open door</span>' in html


@pytest.mark.django_db
def test_what_both_ends_say_is_in_the_list_once() -> None:
    make_public("cash", relationships=(Relationship("alternatives", "lend", 0.4),))
    make_public("lend", relationships=(Relationship("alternatives", "cash", 0.9),))
    html = Client().get(reverse("map-list")).content.decode()
    assert html.count("is an alternative to") == 2, "once for each"
    assert html.count(">0.9<") == 2, "the stronger counts"


@pytest.mark.django_db
def test_where_not_all_links_are_read_the_list_leads_to_them_and_counts_none(monkeypatch: pytest.MonkeyPatch) -> None:
    make_public("door")
    make_public("house", "door", "wall")
    make_public("wall")
    door, wall = (reverse("pattern", args=[slug]) for slug in ("door", "wall"))
    assert "All of its links" not in Client().get(reverse("map-list")).content.decode()
    monkeypatch.setattr("patterns_app.graph.paths.MOST_READ", 1)
    html = " ".join(Client().get(reverse("map-list")).content.decode().split())
    assert f'<a href="{door}">all of its links</a>' in html
    assert f'<a href="{wall}">All of its links</a>' in html
    assert "No link to another published pattern." not in html


@pytest.mark.django_db
def test_links_that_the_list_does_not_show_are_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("patterns_app.views.map.LINKS_SHOWN", 1)
    for slug in ("ash", "birch", "cedar"):
        make_public(slug)
    make_public("house", "ash", "birch", "cedar")
    assert (
        f'<a href="{reverse("pattern", args=["house"])}">and 2 more</a>'
        in Client().get(reverse("map-list")).content.decode()
    )


@pytest.mark.django_db
def test_the_list_has_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("patterns_app.views.map.PATTERNS_A_PAGE", 2)
    for slug in ("ash", "birch", "cedar"):
        make_public(slug)
    first, second = (Client().get(reverse("map-list"), {"page": page}).content.decode() for page in (1, 2))
    assert ("Ash" in first, "Cedar" in first, "Ash" in second, "Cedar" in second) == (True, False, False, True)
    assert Snapshot.objects.count() == 3
