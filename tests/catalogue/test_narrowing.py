"""Narrowing, counting and paging give what asking every document one by one gives."""

from __future__ import annotations

import base64
import json
import re
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given, settings
from hypothesis import strategies as st

from patterns_app.catalogue import narrowing, paging, shelves
from patterns_app.catalogue.narrowing import Chosen, narrowed
from patterns_app.catalogue.paging import Sort, page
from patterns_app.models import Facet
from patterns_app.publishing import retract_many
from patterns_app.search.query import name_form
from tests.catalogue.library import Published, keys_of, make_library, publish
from tests.factories import make_document

pytestmark = pytest.mark.django_db

KEYS = {
    Facet.DOMAIN: ["finance-economics", "governance", "ökologie", "unknown"],
    Facet.CROSS_DOMAIN: ["governance", "care"],
    Facet.COLLECTION: ["street"],
    Facet.AUDIENCE: ["tech", "activist"],
    Facet.USAGE_STAGE: ["design", "early-bird"],
    Facet.CONFIDENCE: ["1", "2", "3"],
    Facet.VITALITY: ["generative", "sustaining", "extractive"],
    Facet.RELATIONSHIP: ["enables", "tools"],
    Facet.CONTRIBUTOR: ["ada", "bo"],
    Facet.ENTITY: ["trust", "care", "unknown"],
}

one_facet = st.sampled_from(list(KEYS)).flatmap(
    lambda facet: st.tuples(st.just(facet), st.lists(st.sampled_from(KEYS[facet]), min_size=1, unique=True).map(tuple))
)
choices = st.lists(one_facet, max_size=3).map(dict)
sorts = st.sampled_from(list(Sort))


def among(library: list[Published], chosen: Chosen) -> list[Published]:
    return [one for one in library if all(keys_of(one.document, facet) & set(keys) for facet, keys in chosen.items())]


def in_order(library: list[Published], sort: Sort) -> list[int]:
    def key(one: Published) -> tuple[Any, ...]:
        document = one.document
        if sort is Sort.TITLE:
            return name_form(document.title), one.pk
        if sort is Sort.NEWEST:
            return -one.at.timestamp(), -one.pk
        value = document.vitality if sort is Sort.VITALITY else document.confidence
        return value is None, -(value or 0), -one.pk

    return [one.pk for one in sorted(library, key=key)]


def walked(chosen: Chosen, sort: Sort, size: int, *, backwards: bool = False) -> list[int]:
    """The keys of all pages, from the first on; or back from the last one that going forward comes to."""
    selection = narrowed(chosen).selection
    found, here = [], page(selection, sort, size=size)
    pages = [[snapshot.pk for snapshot in here.snapshots]]
    while here.after:
        here = page(selection, sort, after=here.after, size=size)
        pages.append([snapshot.pk for snapshot in here.snapshots])
    if backwards:
        pages = [[snapshot.pk for snapshot in here.snapshots]]
        while here.before:
            here = page(selection, sort, before=here.before, size=size)
            pages.insert(0, [snapshot.pk for snapshot in here.snapshots])
    for keys in pages:
        found += keys
    return found


@pytest.mark.parametrize("few", [0, 1_000], ids=["along the index", "sorted"])
def test_all_pages_together_have_each_pattern_once_and_in_order(few: int, monkeypatch: pytest.MonkeyPatch) -> None:
    library = make_library(36)
    monkeypatch.setattr(paging, "_FEW", few)

    @settings(max_examples=30)
    @given(choices, sorts, st.integers(1, 20))
    def check(chosen: Chosen, sort: Sort, size: int) -> None:
        assert walked(chosen, sort, size) == in_order(among(library, chosen), sort)

    check()


def test_the_way_back_leads_over_the_same_patterns_to_a_full_first_page() -> None:
    library = make_library(30)

    @settings(max_examples=20)
    @given(choices, sorts, st.integers(1, 12))
    def check(chosen: Chosen, sort: Sort, size: int) -> None:
        expected = in_order(among(library, chosen), sort)
        back = walked(chosen, sort, size, backwards=True)
        # The first page may overlap the second, which was counted from the other end.
        assert list(dict.fromkeys(back)) == expected
        assert back[:size] == expected[:size]

    check()


def test_each_count_is_what_choosing_it_would_give() -> None:
    library = make_library(36)

    @settings(max_examples=25)
    @given(choices)
    def check(chosen: Chosen) -> None:
        found = narrowed(chosen)
        assert found.patterns == len(among(library, chosen))
        seen = {counted.facet: {value.key: value.patterns for value in counted.values} for counted in found.facets}
        for facet in shelves.SHELVED:
            others = among(library, {other: keys for other, keys in chosen.items() if other is not facet})
            every = {key for one in others for key in keys_of(one.document, facet)}
            expected = {key: sum(key in keys_of(one.document, facet) for one in others) for key in every}
            expected |= {key: 0 for key in chosen.get(facet, ()) if key not in every}
            assert seen[facet] == expected, facet
        for facet in chosen:
            if facet not in shelves.SHELVED:
                others = among(library, {other: keys for other, keys in chosen.items() if other is not facet})
                assert seen[facet] == {
                    key: sum(key in keys_of(one.document, facet) for one in others) for key in chosen[facet]
                }

    check()


def test_rare_terms_are_counted_like_common_ones(monkeypatch: pytest.MonkeyPatch) -> None:
    library = make_library(30)
    expected = narrowed({Facet.CONFIDENCE: ("1",)})
    monkeypatch.setattr(shelves, "_SPARSE", 0)
    found = narrowed({Facet.CONFIDENCE: ("1",)})
    assert found.facets == expected.facets
    assert found.patterns == expected.patterns == len(among(library, {Facet.CONFIDENCE: ("1",)}))


def test_a_facet_shows_its_commonest_values_and_whatever_is_chosen() -> None:
    names = [f"domain {letter}" for letter in "abcdefghijklm"]
    publish([make_document(slug=f"p-{n}", domain=name) for n, name in enumerate([*names, names[0]])])
    [counted] = narrowed({}, (Facet.DOMAIN,)).facets
    assert [value.key for value in counted.values] == [name.replace(" ", "-") for name in names[: narrowing.SHOWN]]
    assert counted.values[0].patterns == 2
    assert counted.has_more
    [counted] = narrowed({Facet.DOMAIN: ("domain-m",)}, (Facet.DOMAIN,)).facets
    assert (counted.values[-1].key, counted.values[-1].is_chosen) == ("domain-m", True)


def test_a_term_is_called_as_most_patterns_write_it() -> None:
    names = ["Care work", "care-work", "Care work"]
    publish([make_document(slug=f"p-{n}", domain=name) for n, name in enumerate(names)])
    [counted] = narrowed({}, (Facet.DOMAIN,)).facets
    assert [(value.label, value.patterns) for value in counted.values] == [("Care work", 3)]


def test_what_is_published_or_taken_back_is_counted_at_once(settings: Any) -> None:
    settings.CACHES = {
        **settings.CACHES,
        "pages": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "LOCATION": "counted"},
    }
    [one] = publish([make_document(slug="one")])
    assert narrowed({}).patterns == 1
    publish([make_document(slug="two")])
    assert narrowed({Facet.DOMAIN: ("neighbourhood",)}).patterns == 2
    retract_many([one.pk])
    assert narrowed({Facet.DOMAIN: ("neighbourhood",)}).patterns == 1


def test_another_process_is_noticed_without_its_word(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.CACHES = {
        **settings.CACHES,
        "pages": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "LOCATION": "other"},
    }
    [one] = publish([make_document(slug="one")])
    assert narrowed({Facet.DOMAIN: ("neighbourhood",)}).patterns == 1
    monkeypatch.setattr("patterns_app.caching.purge", lambda: None)
    publish([make_document(slug="two")])
    assert narrowed({Facet.DOMAIN: ("neighbourhood",)}).patterns == 2
    retract_many([one.pk])
    assert narrowed({Facet.DOMAIN: ("neighbourhood",)}).patterns == 1


def test_queries_do_not_grow_with_the_library() -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            found = narrowed({Facet.DOMAIN: ("governance",), Facet.ENTITY: ("trust",)})
            page(found.selection, Sort.VITALITY, size=10)
        return len(captured)

    make_library(30)
    few = queries()
    publish([make_document(slug=f"more-{number}", domain="governance", vitality=4.0) for number in range(60)])
    assert queries() == few <= 10


def token(*said: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(said).encode()).rstrip(b"=").decode()


def tokens(sort: str, *values: Any) -> list[str]:
    return [token(sort, value, 1) for value in values]


NO_TOKENS = [
    "x",
    "☃",
    "\0",
    "=" * 9,
    "A" * 100_000,
    token(),
    token("title"),
    token("newest", "Zebra", 1),
    token("title", "a\0b", 1),
    token("title", "\ud800", 1),
    *tokens("title", 5, None, ["a"], {}, "a" * 300),
    *(token("title", "a", pk) for pk in (True, "1", -1, 2**63, None, 1.5)),
    base64.urlsafe_b64encode(b"[" * 2_000).decode(),
    base64.urlsafe_b64encode(b"\xff\xfe").decode(),
    *tokens("newest", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "today", 5, None),
    *tokens("vitality", float("nan"), float("inf"), 10**400, "4", True, -1, []),
    *tokens("confidence", -1, {}, 9),
]


@pytest.mark.parametrize("sort", list(Sort))
def test_a_token_that_is_none_gives_the_first_page(sort: Sort) -> None:
    library = make_library(9)
    for text in NO_TOKENS:
        for after, before in ((text, ""), ("", text)):
            found = page(None, sort, after=after, before=before, size=4)
            assert [snapshot.pk for snapshot in found.snapshots] == in_order(library, sort)[:4], text
            assert not found.before


def test_any_text_is_a_fit_token() -> None:
    make_library(6)

    @settings(max_examples=30)
    @given(st.text() | st.binary().map(lambda said: base64.urlsafe_b64encode(said).decode()), sorts)
    def check(text: str, sort: Sort) -> None:
        assert len(page(None, sort, after=text, size=3).snapshots) == 3

    check()


def test_a_long_title_of_the_widest_signs_keeps_its_place() -> None:
    library = publish([make_document(slug=f"p-{n}", title="𝔘" * 400 + f" {n}") for n in range(4)])
    assert walked({}, Sort.TITLE, 1) == [one.pk for one in library]


@pytest.mark.parametrize("sort", list(Sort))
def test_a_page_is_read_along_an_index(sort: Sort) -> None:
    make_library(9)
    start = page(None, sort, size=2)
    with CaptureQueriesContext(connection) as captured:
        page(None, sort, after=start.after, size=2)
    walk = captured[0]["sql"]
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            # A table this small would be read whole.
            cursor.execute("SET LOCAL enable_seqscan = off")
            cursor.execute("SET LOCAL enable_sort = off")
        plan_of = "EXPLAIN" if connection.vendor == "postgresql" else "EXPLAIN QUERY PLAN"
        cursor.execute(f"{plan_of} {walk}")
        plan = "\n".join(str(row) for row in cursor.fetchall())
    names = {Sort.TITLE: "title", Sort.NEWEST: "date", Sort.VITALITY: "vitality", Sort.CONFIDENCE: "confidence"}
    assert f"snapshot_by_{names[sort]}" in plan
    assert "TEMP B-TREE" not in plan
    assert "Sort" not in plan
    # The place is where the search begins, not a filter over all before it.
    assert re.search(r"Index Cond: .*ROW\(|SEARCH", plan)
