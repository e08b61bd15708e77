"""Where nothing is: names that may have been meant, aliases that lead on, and a page in any case."""

from __future__ import annotations

import html
from typing import Any
from urllib.parse import unquote

import pytest
from django.db import DatabaseError, connection
from django.test import Client, RequestFactory
from django.test.utils import CaptureQueriesContext
from django.views.defaults import server_error

from patterns_app.document.pattern import Community, Contributor, Entity
from patterns_app.models import PublicAddress, Snapshot
from patterns_app.publishing import retract_many
from tests.catalogue.library import publish
from tests.factories import make_document, make_pattern

pytestmark = pytest.mark.django_db


def get(address: str) -> Any:
    return Client(raise_request_exception=False).get(address)


def said(response: Any) -> str:
    return html.unescape(response.content.decode())


def test_a_misspelt_slug_is_answered_with_the_names_near_it() -> None:
    other = make_document(slug="other", title="Other", summary="Some repair, on an evening.")
    publish([make_document(slug="repair-cafe-evening", title="Repair café evening"), other])
    for slug in ("repair-cafe-evenings", "repair-caffe", "evening-repair"):
        response = get(f"/patterns/{slug}/")
        assert response.status_code == 404
        assert f"No pattern is at <code>{slug}</code>" in said(response)
        assert '<a href="/patterns/repair-cafe-evening/">' in said(response), slug
        # A name was asked for, and not for texts with some of its words.
        assert slug == "evening-repair" or "/patterns/other/" not in said(response), slug
        assert 'name="robots" content="noindex"' in said(response)


@pytest.mark.parametrize(
    "address",
    [
        "/patterns/repair-cafe-evening.html/",
        "/patterns/repair-cafe-evenings.HTM/",
        "/patterns/repair-cafe-evenings.md",
        "/patterns/repair-cafe-evenings.csl.json",
        "/patterns/repair.cafe.evenings/",
        f"/patterns/repair-cafe-evening-{'x' * 150}/",
    ],
)
def test_a_suffix_and_a_length_do_not_hide_the_name(address: str) -> None:
    publish([make_document(slug="repair-cafe-evening", title="Repair café evening")])
    response = get(address)
    assert response.status_code == 404
    assert '<a href="/patterns/repair-cafe-evening/">' in said(response)


def test_what_has_a_page_is_not_said_never_to_have_been() -> None:
    publish([make_document(slug="repair-cafe")])
    assert "No pattern is at <code>repair-cafe.html</code>" in said(get("/patterns/repair-cafe.html/"))


def test_a_file_that_is_no_pattern_costs_nothing() -> None:
    publish([make_document(slug="login")])
    with CaptureQueriesContext(connection) as captured:
        for address in ("/wp-login.php", "/login.html", f"/{'x' * 150}"):
            assert get(address).status_code == 404
    assert len(captured) == 0


def test_what_is_not_there_is_kept_by_no_cache() -> None:
    [pattern] = publish([make_document(slug="here")])
    retract_many([pattern.pk])
    for address, status in (
        ("/patterns/tomorrow/", 404),
        ("/patterns/tomorrow.md", 404),
        ("/domains/tomorrow/", 404),
        ("/tomorrow", 404),
        ("/patterns/here/", 410),
        ("/patterns/here.json", 410),
    ):
        response = get(address)
        assert (response.status_code, response["Cache-Control"]) == (status, "no-cache"), address


def test_a_name_near_a_draft_is_not_given_away() -> None:
    make_pattern(slug="repair-cafe-evening", title="Secret evening")
    response = get("/patterns/repair-cafe-evenings/")
    assert response.status_code == 404
    assert "Secret evening" not in said(response)


@pytest.mark.parametrize(
    "address",
    ["/nowhere/", "/domains/nowhere/", "/a/b/c", "/wp-login.php", "/patterns/a%00b/", "/%00", "/id/unknown/", "/ü/é/"],
)
def test_every_unknown_address_has_the_page(address: str) -> None:
    publish([make_document(slug="a")])
    with CaptureQueriesContext(connection) as captured:
        response = get(address)
    assert response.status_code == 404
    assert "Nothing is here" in said(response)
    assert len(captured) <= 20


@pytest.mark.parametrize("address", ["/patterns/nowhere/", "/domains/nowhere/"])
def test_the_page_needs_no_database(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def down(*args: Any, **kwargs: Any) -> Any:
        raise DatabaseError("down")

    monkeypatch.setattr("patterns_app.search.keys", down)
    monkeypatch.setattr("patterns_app.catalogue.directory.near", down)
    response = get(address)
    assert response.status_code == 404
    assert "Nothing is here" in said(response)


# Lists


@pytest.mark.parametrize(
    ("address", "near"),
    [
        ("/domains/water-comons/", '<a href="/domains/water-commons/">Water Commons</a>'),
        ("/domains/wter-commons/", '<a href="/domains/water-commons/">Water Commons</a>'),
        ("/collections/first-ads/", '<a href="/collections/first-aid/">First aid</a>'),
        ("/contributors/clouds/", '<a href="/contributors/cloudsters/">cloudsters</a>'),
        ("/entities/elinor-ostrum/", '<a href="/entities/elinor-ostrom/">Elinor Ostrom</a>'),
        ("/communities/Repair%20cafés%20of%20Gent/", '<a href="/communities/repair-cafés-of-ghent/">'),
    ],
)
def test_a_misspelt_name_is_answered_with_the_names_near_it_of_its_kind(address: str, near: str) -> None:
    publish(
        [
            make_document(
                slug="water-commons-charter",
                title="Elinor Ostrom’s first aid",
                domain="Water Commons",
                collection="First aid",
                contributors=(Contributor("cloudsters"),),
                entities=(Entity("", "person", "Elinor Ostrom"), Entity("", "person", "Kapila Vatsyayan")),
                communities=(Community("", "Repair cafés of Ghent"),),
            )
        ]
    )
    response = get(address)
    page = said(response)
    assert response.status_code == 404
    assert unquote(near) in unquote(page)
    assert "/patterns/" not in page
    assert "Kapila" not in page


@pytest.mark.parametrize("address", ["/domains/nowhere/", "/entities/★/", "/collections/%C3%BC%00/", "/domains/x/y/"])
def test_where_nothing_of_its_kind_is_near_nothing_is_offered(address: str) -> None:
    publish([make_document(slug="nowhere", title="Nowhere", domain="Water", aliases=("x", "y"))])
    response = get(address)
    assert response.status_code == 404
    assert "Was one of these meant?" not in said(response)


@pytest.mark.parametrize(
    "address", ["/repair-cafe/", "/a/repair-cafe/", "/id/repair-cafe/", "/patterns/repair-cafe/x/"]
)
def test_an_address_of_another_kind_is_answered_with_no_pattern(address: str) -> None:
    publish([make_document(slug="repair-cafe")])
    response = get(address)
    assert response.status_code == 404
    assert "/patterns/" not in said(response)


def test_of_very_many_names_those_that_begin_alike_are_compared() -> None:
    names = [f"Term {number:04}" for number in range(1, 3_001)]
    publish([make_document(slug="all-of-them", entities=tuple(Entity("", "", name) for name in names))])
    with CaptureQueriesContext(connection) as captured:
        response = get("/entities/term-15000/")
    assert '<a href="/entities/term-1500/">Term 1500</a>' in said(response)
    assert len(captured) <= 10


def test_the_key_of_a_preview_is_no_name_to_search_for() -> None:
    assert "Search for “there”" in said(get("/other/WyJhIl0/there"))
    assert "Search for" not in said(get("/preview/WyJhIl0/there"))


def test_the_page_speaks_to_its_audience() -> None:
    publish([make_document(slug="repair-cafe")])
    assert 'href="/patterns/repair-cafe/?audience=tech"' in said(get("/patterns/repair-caffe/?audience=tech"))


def test_what_may_stand_in_a_name_does_nothing_in_the_page() -> None:
    response = get("/patterns/%3Cscript%3Ealert(1)%3C%2Fscript%3E/")
    assert "<script>alert" not in response.content.decode()


# Aliases


def test_an_alias_leads_to_the_only_pattern_that_bears_it() -> None:
    publish([make_document(slug="shared-tools", aliases=("Tool Shed", "Café à outils"))])
    for alias in ("tool-shed", "Tool%20Shed", "cafe-a-outils"):
        response = get(f"/patterns/{alias}/")
        assert (response.status_code, response["Location"]) == (301, "/patterns/shared-tools/"), alias
    assert get("/patterns/tool-shed.md")["Location"] == "/patterns/shared-tools.md"


def test_an_alias_of_several_leads_nowhere_and_both_are_offered() -> None:
    publish([make_document(slug=slug, aliases=("Tool shed",)) for slug in ("one", "two")])
    response = get("/patterns/tool-shed/")
    assert response.status_code == 404
    for slug in ("one", "two"):
        assert f'<a href="/patterns/{slug}/">' in said(response)


def test_a_slug_that_is_or_was_public_comes_before_any_alias() -> None:
    old, other = publish([make_document(slug="tool-shed"), make_document(slug="other", aliases=("Tool shed", "Away"))])
    assert get("/patterns/tool-shed/").status_code == 200
    retract_many([old.pk])
    assert get("/patterns/tool-shed/").status_code == 410
    PublicAddress.objects.create(slug="away", pattern_id=old.pk)
    assert get("/patterns/away/").status_code == 410
    retract_many([other.pk])
    assert not Snapshot.objects.exists()
    assert get("/patterns/other/").status_code == 410


def test_a_draft_lends_no_alias() -> None:
    make_pattern(slug="shared-tools", aliases=("Tool shed",))
    assert get("/patterns/tool-shed/").status_code == 404


def test_the_page_of_an_error_looks_like_the_library_and_asks_for_nothing_that_may_be_broken(settings: Any) -> None:
    settings.ROOT_URLCONF = "nowhere.urls"
    settings.STORAGES = {"staticfiles": {"BACKEND": "nowhere.Storage"}}
    with CaptureQueriesContext(connection) as queries:
        page = server_error(RequestFactory().get("/"))
    assert page.status_code == 500
    assert 'href="/static/patterns_app/site.css"' in said(page)
    assert "Something went wrong" in said(page)
    assert not queries.captured_queries
