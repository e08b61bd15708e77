"""Home, browse, the lists of terms, and what is recent, as a reader at a browser meets them."""

from __future__ import annotations

import datetime
import html
import re
from typing import Any
from urllib.parse import parse_qsl, urljoin, urlsplit

import pytest
from django.db import connection
from django.http import QueryDict
from django.template.loader import render_to_string
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from hypothesis import given, settings
from hypothesis import strategies as st

from patterns_app.catalogue.paging import Place, Sort
from patterns_app.catalogue.paging import token as token_of
from patterns_app.catalogue.terms import key_of
from patterns_app.document.pattern import (
    Community,
    ContextLabel,
    Contributor,
    Entity,
    InferredLink,
    PatternDocument,
    Relationship,
)
from patterns_app.models import Facet, Snapshot
from patterns_app.publishing import publish_many, retract_many
from patterns_app.urls import TERM_PAGES
from patterns_app.views.addresses import absolute
from patterns_app.views.asked import PARAMETERS, Asked, asked
from patterns_app.views.wording import HEADINGS
from tests.catalogue.library import keys_of, make_library, publish
from tests.factories import NOON, make_document, make_pattern

pytestmark = pytest.mark.django_db

A_WORD = re.compile(r"<[^>]+>")


def get(address: str) -> Any:
    return Client().get(address)


def said(response: Any) -> str:
    return str(response.content.decode())


def text_of(response: Any) -> str:
    """What a page says, without its marks."""
    return " ".join(html.unescape(A_WORD.sub(" ", said(response))).split())


def links(response: Any, within: str = "") -> list[str]:
    part = said(response)
    if within:
        part = part[part.index(within) :]
    return [html.unescape(found) for found in re.findall(r'href="([^"]*)"', part)]


def slugs(response: Any) -> list[str]:
    """The patterns whose names a list shows, in its order."""
    return re.findall(r'class="tile-name"><a href="/patterns/([^/"]+)/', said(response))


def documents(count: int, **fields: Any) -> list[PatternDocument]:
    return [make_document(slug=f"p-{number:03}", title=f"Pattern {number:03}", **fields) for number in range(count)]


# Browse


def test_every_facet_narrows_and_its_link_says_how_many_it_leaves() -> None:
    library = make_library(30)
    page = get(reverse("browse"))
    followed = 0
    for group in page.context["groups"]:
        for choice in group.choices:
            left = get(choice.address)
            assert left.context["patterns"] == choice.patterns == len(slugs(left)), choice
            followed += 1
    assert followed >= 20
    assert page.context["patterns"] == len(library)
    for facet in (Facet.DOMAIN, Facet.AUDIENCE, Facet.USAGE_STAGE, Facet.RELATIONSHIP, Facet.CONTRIBUTOR):
        key = sorted({key for one in library for key in keys_of(one.document, facet)})[0]
        expected = {one.document.slug for one in library if key in keys_of(one.document, facet)}
        assert set(slugs(get(Asked({facet: (key,)}).address(reverse("browse"))))) == expected


def test_two_values_of_a_facet_are_either_and_two_facets_are_both() -> None:
    publish(
        [
            make_document(slug="a", domain="finance", confidence=1),
            make_document(slug="b", domain="governance", confidence=1),
            make_document(slug="c", domain="governance", confidence=2),
            make_document(slug="d", domain="care", confidence=1),
        ]
    )
    assert slugs(get("/browse/?domain=finance&domain=governance")) == ["a", "b", "c"]
    assert slugs(get("/browse/?domain=finance&domain=governance&confidence=1")) == ["a", "b"]


def test_a_name_is_understood_as_it_is_written() -> None:
    publish([make_document(slug="a", domain="Finance & Economics")])
    assert slugs(get("/browse/?domain=Finance+%26+Economics")) == ["a"]


def test_one_thing_asked_has_one_address() -> None:
    publish([make_document(slug="a")])
    one = get("/browse/?confidence=1&domain=b&domain=a&sort=title&utm_source=x")
    other = get("/browse/?domain=a&domain=b&domain=a&confidence=1")
    addresses = [re.findall(r'rel="canonical" href="([^"]+)"', said(page)) for page in (one, other)]
    assert addresses[0] == addresses[1]
    assert addresses[0][0].endswith("/browse/?domain=a&amp;domain=b&amp;confidence=1")
    assert 'content="noindex, follow"' in said(one)
    assert "noindex" not in said(get("/browse/"))


def test_every_page_of_every_list_is_its_own_address_and_only_first_ones_are_for_search_engines() -> None:
    many = [f"name {number:03}" for number in range(201)]
    garden = {
        "contributors": tuple(Contributor(name) for name in many),
        "entities": tuple(Entity("", "", name) for name in many),
        "communities": tuple(Community("", name) for name in many),
    }
    others = {"contributors": (Contributor("ada"),), "entities": (Entity("", "", "Ghent"),)}
    publish(
        make_document(slug=f"slug-{number}", domain=name, collection=name, **(garden if number == 0 else others))
        for number, name in enumerate(many)
    )
    lists = ("/browse/", "/recent/", "/map/list/", "/contributors/ada/", "/entities/ghent/")
    for first in (*lists, *(f"/{word}/" for word, _ in TERM_PAGES)):
        page = get(first)
        assert canonical_of(page) == first
        assert 'content="noindex' not in said(page), first
        [further] = re.findall(r'<a rel="next" href="([^"]+)">', said(page))
        second = urljoin(first, html.unescape(further))
        page = get(second)
        assert canonical_of(page) == second != first
        assert said(page).count('content="noindex, follow"') == 1, second
        assert canonical_of(get(f"{second}&audience=tech&utm_source=x")) == second


def test_lists_of_terms_in_another_order_have_an_address_of_their_own() -> None:
    publish([make_document(slug="a", entities=(Entity("", "", "Ghent & all"),))])
    for address in ("/entities/?sort=patterns", "/entities/?from=g", "/entities/?sort=patterns&after=3.a-b"):
        page = get(address)
        assert canonical_of(page) == address
        assert said(page).count('content="noindex, follow"') == 1
    assert canonical_of(get("/entities/?after=nonsense&sort=else")) == "/entities/"


def canonical_of(page: Any) -> str:
    [address] = re.findall(r'<link rel="canonical" href="([^"]+)">', said(page))
    assert address.startswith(absolute("/"))
    return html.unescape(address.removeprefix(absolute("")))


def test_a_choice_can_be_let_go_of_even_where_nothing_is_left() -> None:
    publish([make_document(slug="a", domain="care")])
    page = get("/browse/?domain=nobody-has-this&domain=care&vitality=generative")
    assert "No pattern is all of this" in text_of(page)
    assert {chip.label for chip in page.context["chips"]} == {"care", "nobody-has-this", "generative"}
    without = next(chip.address for chip in page.context["chips"] if chip.label == "generative")
    assert slugs(get(without)) == ["a"]
    assert get("/browse/?domain=nobody-has-this").status_code == 200


def test_pages_follow_each_other_and_lead_back() -> None:
    publish(documents(125))
    page = get("/browse/?sort=newest")
    seen = slugs(page)
    assert len(seen) == 60
    while page.context["further"]:
        assert f'rel="next" href="{html.escape(page.context["further"])}"' in said(page)
        page = get(page.context["further"])
        seen += slugs(page)
    assert sorted(seen) == [f"p-{number:03}" for number in range(125)]
    back = get(get(page.context["before"]).context["before"])
    assert slugs(back) == seen[:60]
    assert not back.context["before"]


def test_a_page_behind_the_last_one_says_so() -> None:
    [one] = publish(documents(1))
    token = get("/browse/").context["further"]
    assert token == ""
    page = get(f"/browse/?after={token_of(Sort.TITLE, Place('zzz', one.pk))}")
    assert "Nothing comes after this place" in text_of(page)


@pytest.mark.parametrize("path", ["/browse/", "/recent/", "/domains/neighbourhood/", "/domains/", "/entities/", "/"])
def test_any_address_is_a_fit_one(path: str) -> None:
    publish(documents(3, vitality=4.0, entities=(Entity("", "concept", "Trust"),)))
    names = [*PARAMETERS.values(), "sort", "after", "before", "from", "audience", "page"]
    client = Client()
    for value in ("\0", "%", "é" * 3_000, "a" * 3_000, "-1", "9" * 40, "[]", "\ud7ff", "1." + "x" * 400, ".", "🜁"):
        assert client.get(path, dict.fromkeys(names, value)).status_code == 200, value
        assert client.get(path, {"before": value, "sort": "patterns"}).status_code == 200, value
    for name in names:
        assert client.get(path, {name: [f"value {n}" for n in range(500)]}).status_code == 200, name

    @settings(max_examples=25)
    @given(st.dictionaries(st.sampled_from(names), st.lists(st.text(max_size=30), max_size=3), max_size=3))
    def check(query: dict[str, list[str]]) -> None:
        assert client.get(path, query).status_code == 200

    check()


def test_an_address_asks_what_it_was_made_to_ask() -> None:
    keys = st.text(st.sampled_from("abcxyz-0é"), min_size=1).map(lambda name: name.strip("-")).filter(bool)
    chosen = st.dictionaries(st.sampled_from(list(Facet)), st.lists(keys, min_size=1, max_size=3, unique=True))

    @given(chosen)
    def check(chosen: dict[Facet, list[str]]) -> None:
        wanted = {facet: {key_of(key) for key in keys} for facet, keys in chosen.items()}
        address = Asked({facet: tuple(keys) for facet, keys in wanted.items()}).address("/browse/")
        found = asked(QueryDict(urlsplit(address).query)).chosen
        assert {facet: set(keys) for facet, keys in found.items()} == wanted

    check()


def test_names_are_in_the_words_of_the_audience_and_its_own_title_stands_beside() -> None:
    publish([make_document(slug="a", title="Shared tools", context_labels=(ContextLabel("tech", "Hardware pool"),))])
    for address in ("/browse/", "/", "/recent/", "/domains/neighbourhood/"):
        plain, spoken = get(address), get(f"{address}?audience=tech")
        assert "Hardware pool" not in text_of(plain)
        assert "Hardware pool Shared tools" in text_of(spoken), address
        own = [link for link in links(spoken) if link.startswith("/browse/") or link.startswith("/patterns/")]
        assert own
        assert all(("audience", "tech") in parse_qsl(urlsplit(link).query) for link in own), own


def test_browse_takes_the_same_few_queries_for_any_number_of_patterns() -> None:
    def queries(address: str) -> int:
        with CaptureQueriesContext(connection) as captured:
            assert get(address).status_code == 200
        return len(captured)

    addresses = ["/", "/browse/", "/browse/?domain=neighbourhood&vitality=sustaining&sort=vitality", "/recent/"]
    addresses += ["/domains/neighbourhood/", "/domains/", "/entities/trust/", "/contributors/"]
    some: dict[str, Any] = {
        "vitality": 4.0,
        "contributors": (Contributor("ada"),),
        "entities": (Entity("", "concept", "Trust"),),
        "cross_domains": ("care",),
    }
    publish(documents(8, **some))
    few = [queries(address) for address in addresses]
    publish([make_document(slug=f"more-{number}", domain=f"domain {number}", **some) for number in range(40)])
    assert [queries(address) for address in addresses] == few
    # Three of them are for what is kept in memory in earnest.
    assert max(few) <= 12, dict(zip(addresses, few, strict=True))


# Terms


def test_a_domain_has_its_own_patterns_and_beside_them_those_that_reach_into_it() -> None:
    publish(
        [
            make_document(slug="own", domain="Care work"),
            make_document(slug="own-too", domain="care-work", cross_domains=("care work",)),
            make_document(slug="reaching", domain="finance", cross_domains=("Care Work",)),
            make_document(slug="elsewhere", domain="finance"),
        ]
    )
    page = get("/domains/care-work/")
    assert slugs(page) == ["own", "own-too", "reaching"]
    assert page.context["patterns"] == 2
    assert page.context["reaching_count"] == 1
    assert "Also written “care-work”" in text_of(page)
    for feed in [link for link in links(page) if link.startswith("/feeds/")]:
        assert get(feed).status_code == 200
    assert any(link.startswith("/feeds/domain/") for link in links(page))


def test_a_term_has_as_many_pages_as_it_needs() -> None:
    publish(documents(130, domain="care", vitality=3.0))
    publish([make_document(slug="elsewhere")])
    for start in ("/domains/care/", "/domains/care/?sort=vitality"):
        page = get(start)
        seen = slugs(page)
        while page.context["further"]:
            page = get(page.context["further"])
            seen += slugs(page)
        assert sorted(seen) == [f"p-{number:03}" for number in range(130)]
        assert len(slugs(get(page.context["before"]))) == 60


def test_a_domain_that_others_only_reach_into_has_a_page() -> None:
    publish([make_document(slug="reaching", domain="finance", cross_domains=("care",))])
    page = get("/domains/care/")
    assert page.status_code == 200
    assert slugs(page) == ["reaching"]
    assert "No pattern has this as its own domain" in text_of(page)


def test_what_machines_made_is_marked_so() -> None:
    publish(
        [
            make_document(
                slug="a",
                entities=(Entity("ent-x", "concept", "Trust"),),
                communities=(Community("", "Sharing", "inferred"),),
                contributors=(Contributor("ada", "reviewer"),),
                collection="street",
            )
        ]
    )
    for address, words in (
        ("/entities/trust/", ["machine-made", "Type: concept"]),
        ("/communities/sharing/", ["machine-made", "Source: inferred"]),
        ("/contributors/ada/", ["As reviewer"]),
        ("/collections/street/", ["Feed of this collection"]),
    ):
        page = get(address)
        assert slugs(page) == ["a"]
        for word in words:
            assert word in text_of(page), address
        assert ("machine-made" in text_of(page)) == ("machine-made" in words)


def test_a_curated_community_is_not_called_machine_made() -> None:
    publish([make_document(slug="a", communities=(Community("", "Sharing", "curated"),))])
    assert "machine-made" not in text_of(get("/communities/sharing/"))


def test_a_term_in_other_letters_leads_to_its_page_and_an_unknown_one_is_missing() -> None:
    publish([make_document(slug="a", domain="Finance & Economics")])
    response = get("/domains/Finance%20&%20Economics/")
    assert (response.status_code, response["Location"]) == (301, "/domains/finance-economics/")
    assert get("/domains/nobody/").status_code == 404
    assert get("/entities/finance-economics/").status_code == 404


def test_lists_of_terms_have_each_once_with_its_true_number() -> None:
    names = [f"Term {number:03}" for number in range(430)]
    publish(
        [
            make_document(slug="a", entities=tuple(Entity("", "concept", name) for name in names)),
            make_document(slug="b", entities=tuple(Entity("", "concept", name) for name in names[200:])),
        ]
    )
    expected = {f"term-{number:03}": 1 if number < 200 else 2 for number in range(430)}
    for start in ("/entities/", "/entities/?sort=patterns"):
        page, found, pages = get(start), [], []
        while True:
            entries = [entry for entry, _ in page.context["entries"]]
            found += [(entry.key, entry.patterns) for entry in entries]
            pages.append([entry.key for entry in entries])
            if not page.context["further"]:
                break
            page = get("/entities/" + page.context["further"])
        assert len(found) == len(expected)
        assert dict(found) == expected
        back = get("/entities/" + page.context["before"])
        assert [entry.key for entry, _ in back.context["entries"]] == pages[-2]
    assert found[0] == ("term-200", 2), "by number, the commonest come first"
    assert not get("/entities/?from=u").context["entries"]
    assert get("/entities/?from=t").context["entries"][0][0].key == "term-000"


# Recent, home


def test_recent_has_a_heading_for_each_day_and_says_what_is_new() -> None:
    earlier = NOON - datetime.timedelta(days=40)
    [old] = publish([make_document(slug="old", title="Old hat")], earlier)
    publish([make_document(slug="new", title="New hat")], NOON)
    again = NOON + datetime.timedelta(days=1)
    publish_many([old.pk], at=again)
    page = get("/recent/")
    days = re.findall(r"<time datetime=\"([^\"]+)\">[^<]*</time></h2>", said(page))
    assert days == ["2026-03-02", "2026-03-01"]
    assert "Old hat revised, first published 20 January 2026" in text_of(page)
    assert "New hat new" in text_of(page)
    assert reverse("feed") in links(page, "<main")


def test_recent_pages_go_through_all() -> None:
    publish(documents(70))
    page = get("/recent/")
    first = [link for link in links(page, "<main") if link.startswith("/patterns/")]
    rest = [link for link in links(get(page.context["further"]), "<main") if link.startswith("/patterns/")]
    assert len(first) == 60
    assert len(set(first + rest)) == 70


def test_home_counts_what_is_public_and_leads_into_it() -> None:
    publish(
        [
            make_document(slug="hub", title="The hub", vitality=4.8),
            make_document(slug="a", domain="care", relationships=(Relationship("enables", "hub", 0.5),), vitality=1.0),
            make_document(
                slug="b",
                relationships=(Relationship("requires", "hub", 0.5), Relationship("requires", "unwritten", 0.5)),
                inferred_links=(InferredLink("a", "similar", 0.9, None, "alike"),),
                context_labels=(ContextLabel("tech", "B in tech"),),
            ),
        ]
    )
    make_pattern(slug="hidden", title="Hidden draft", relationships=(Relationship("enables", "hub", 0.5),))
    page = get("/")
    words = text_of(page)
    assert "3 patterns" in words
    assert "2 relationships" in words, "as people state them, and only between patterns that are there"
    assert page.context["linked"][0][0].snapshot.slug == "hub"
    assert page.context["linked"][0][1] == 2
    assert [tile.snapshot.slug for tile in page.context["vital"]] == ["hub", "a"]
    assert "Hidden" not in words
    for link in links(page, "<main"):
        if link.startswith("/") and "navigator" not in link:
            assert get(link).status_code == 200, link
    assert any(link.startswith("/navigator/?to=tech") for link in links(page))


@pytest.mark.parametrize(
    ("template", "context"),
    [
        ("browse", {"patterns": 1102}),
        ("browse", {"patterns": 1, "groups": [{"choices": [{"patterns": 1102}]}]}),
        ("term", {"patterns": 1102, "facet": "domain", "heading": HEADINGS[Facet.DOMAIN], "term": {"label": "x"}}),
        ("terms", {"heading": HEADINGS[Facet.DOMAIN], "entries": [({"label": "x", "patterns": 1102}, "/")]}),
        ("index", {"front": {"patterns": 1102}}),
        ("index", {"front": {"patterns": 1, "relationships": 1102}}),
        ("map", {"count": 1102}),
        ("map_list", {"page": {"paginator": {"count": 1102}}}),
        ("search", {"typed": "x", "found": {"total": 1102}}),
        ("search", {"groups": [{"choices": [{"hits": 1102}]}]}),
    ],
)
def test_a_thousand_and_more_is_written_as_people_read_it(template: str, context: dict[str, Any]) -> None:
    page = render_to_string(f"patterns/{template}.html", {"found": {}, **context})
    assert "1,102" in page
    assert "1102" not in page


def test_more_stars_than_the_scale_has_are_not_said_to_be_of_three() -> None:
    publish([make_document(slug="a", confidence=4), make_document(slug="b", confidence=3)])
    page = said(get("/browse/"))
    assert 'title="Confidence: 4 stars"' in page
    assert 'title="Confidence: 3 of 3 stars"' in page
    assert "4 of 3" not in page


def test_a_list_of_nothing_has_no_order_to_choose() -> None:
    publish([make_document(slug="a", domain="care", confidence=1)])
    assert 'class="sorts"' in said(get("/browse/?domain=care"))
    assert 'class="sorts"' not in said(get("/browse/?domain=care&confidence=2"))


def test_the_page_that_is_open_is_marked_in_the_navigation() -> None:
    publish([make_document(slug="a")])
    for name in ("browse", "map", "recent", "about"):
        assert re.findall(r'<a href="([^"]+)" aria-current="page">', said(get(reverse(name)))) == [reverse(name)]
    assert 'aria-current="page"' not in said(get("/"))


@pytest.mark.parametrize("address", ["/", "/browse/", "/recent/", "/domains/", "/communities/", "/browse/?domain=x"])
def test_an_empty_library_has_all_its_pages(address: str) -> None:
    page = get(address)
    assert page.status_code == 200
    assert said(page).count("<h1") == 1


def test_neither_drafts_nor_what_was_taken_back_are_in_any_list() -> None:
    secret = "Xylographica"
    [gone] = publish([make_document(slug="gone", title=f"{secret} gone", domain=f"{secret} domain")])
    publish([make_document(slug="a")])
    make_pattern(
        slug="draft",
        title=f"{secret} draft",
        domain=f"{secret} too",
        entities=(Entity("", "concept", f"{secret} entity"),),
    )
    retract_many([gone.pk])
    for address in ("/", "/browse/", "/recent/", "/domains/", "/entities/", "/domains/neighbourhood/"):
        assert secret not in said(get(address)), address
    assert get("/domains/xylographica-domain/").status_code == 404


def test_a_deprecated_pattern_is_marked_in_lists() -> None:
    publish([make_document(slug="a")])
    Snapshot.objects.update(status="deprecated")
    for address in ("/browse/", "/recent/", "/domains/neighbourhood/"):
        assert '<span class="tag">deprecated</span>' in said(get(address))


def test_the_page_of_a_domain_does_not_name_it_beside_each_of_its_patterns() -> None:
    publish([
        make_document(slug="a", domain="care"),
        make_document(slug="b", domain="housing", cross_domains=("care",)),
    ])  # fmt: skip
    page = said(get("/domains/care/"))
    assert ">care</a>" not in page
    assert ">housing</a>" in page
    assert ">care</a>" in said(get("/browse/"))


def test_where_nothing_is_left_there_is_no_way_to_the_list() -> None:
    publish([make_document(slug="a", domain="care", confidence=1)])
    assert 'href="#list"' in said(get("/browse/?domain=care"))
    assert 'href="#list"' not in said(get("/browse/?domain=care&confidence=2"))


def test_a_sentence_where_a_name_belongs_is_marked_as_one() -> None:
    sentence = "Shared access to specialised equipment whose purchase no single department could justify"
    publish(
        [make_document(slug="a", context_labels=(ContextLabel("tech", sentence), ContextLabel("corporate", "Pool")))]
    )
    assert f'<span class="in-words long">{sentence}</span>' in said(get("/?audience=tech"))
    assert '<span class="in-words">Pool</span>' in said(get("/?audience=corporate"))
