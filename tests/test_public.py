"""The public pages: what is published is there, and not a word of anything else."""

from __future__ import annotations

import contextlib
from typing import Any
from urllib.parse import urlencode

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import NoReverseMatch, URLPattern, URLResolver, get_resolver, reverse

from patterns_app.document.pattern import Relationship
from patterns_app.models import Pattern, PublicAddress
from patterns_app.workflow import save_draft
from patterns_app.workflow.decisions import Said, make_move
from patterns_app.workflow.moves import Move
from tests.desk import FULL
from tests.factories import NOON, make_document, make_pattern

pytestmark = pytest.mark.django_db


def fresh(pattern: Pattern) -> Pattern:
    return Pattern.objects.get(pk=pattern.pk)


def go(pattern: Pattern, move: Move, **said: Any) -> None:
    make_move(fresh(pattern), move, actor=None, at=NOON, said=Said(**said), as_command=True)


def published(**fields: Any) -> Pattern:
    pattern = make_pattern(**fields)
    go(pattern, Move.PUBLISH)
    return fresh(pattern)


def page(slug: str, client: Client | None = None) -> Any:
    return (client or Client()).get(reverse("pattern", args=[slug]))


def test_a_published_pattern_says_what_its_file_says() -> None:
    pattern = published(**FULL)
    response = page(pattern.slug)
    html = response.content.decode()
    assert response.status_code == 200
    for words in ("Shared tool library", "Tool shed", "Owning vs. using", "Every cellar on the street", "A. Lender"):
        assert words in html
    assert html.count("<h1") == 1


def test_a_draft_has_no_page() -> None:
    pattern = make_pattern()
    assert page(pattern.slug).status_code == 404
    assert pattern.title not in Client().get(reverse("index")).content.decode()


def test_an_old_slug_leads_to_the_new_one_and_a_withdrawn_pattern_is_gone() -> None:
    pattern = published(slug="old-name")
    save_draft(fresh(pattern), document=make_document(slug="new-name", status="published"), author=None, at=NOON)
    assert page("old-name").status_code == 200
    assert page("new-name").status_code == 404
    go(pattern, Move.PUBLISH)
    response = page("old-name")
    assert (response.status_code, response["Location"]) == (301, reverse("pattern", args=["new-name"]))
    go(pattern, Move.UNPUBLISH)
    assert page("old-name").status_code == 410
    assert page("new-name").status_code == 410


def test_a_relationship_leads_to_what_is_public_and_names_what_is_not_only_as_written() -> None:
    published(slug="open-door", title="Open door")
    make_pattern(slug="secret-plan", title="A title nobody may know")
    links = (Relationship("enables", "open-door", 0.5), Relationship("requires", "secret-plan", 0.5))
    pattern = published(slug="house", relationships=links)
    html = page(pattern.slug).content.decode()
    assert f'<a href="{reverse("pattern", args=["open-door"])}">Open door</a>' in html
    assert "secret-plan" in html, "the published text says so itself"
    assert "A title nobody may know" not in html
    assert reverse("pattern", args=["secret-plan"]) not in html


def test_scripts_in_a_text_do_not_run() -> None:
    body = "Hello <script>alert(1)</script> <img src=x onerror=alert(2)> [x](javascript:alert(3))\n"
    html = page(published(preamble=body).slug).content.decode()
    for evil in ("<script>alert", "onerror", "javascript:"):
        assert evil not in html


def test_a_page_takes_the_same_few_queries_for_any_number_of_relationships() -> None:
    def queries(count: int) -> int:
        links = tuple(Relationship("enables", f"target-{number}", 0.5) for number in range(count))
        pattern = published(slug=f"with-{count}", relationships=links)
        with CaptureQueriesContext(connection) as captured:
            assert page(pattern.slug).status_code == 200
        return len(captured)

    for number in range(20):
        published(slug=f"target-{number}")
    assert queries(2) == queries(40) <= 3


@pytest.mark.parametrize(
    "address",
    ["/patterns/a%00b/", "/patterns/a%00b.md", "/id/a%00b/", "/feeds/domain/a%00b/", "/search/?q=a%00b", "/?page=%00"],
)
def test_an_address_with_a_nul_is_no_server_error(address: str) -> None:
    assert Client().get(address).status_code in (200, 404)


# Only to read


def test_whoever_writes_to_a_public_address_is_told_what_is_allowed() -> None:
    pattern = published()
    client = Client(enforce_csrf_checks=True)
    addresses = public_addresses([pattern.slug, "unknown", "0"])
    assert len(addresses) > 20
    for address in addresses:
        for method in (client.post, client.put, client.delete):
            response = method(address)
            if address == reverse("mcp") and method == client.post:
                continue
            assert response.status_code == 405, address
            assert "GET" in response["Allow"] or address == reverse("mcp")


def test_whoever_writes_to_the_admin_needs_more() -> None:
    client = Client(enforce_csrf_checks=True)
    assert client.post(reverse("admin:login"), {"username": "a", "password": "b"}).status_code == 403


# No draft word anywhere


SECRET = "Xylographica"


def public_addresses(slugs: list[str]) -> list[str]:
    """Every address outside the admin, with every slug where one is asked for."""
    found: list[str] = []

    def walk(patterns: list[URLPattern | URLResolver]) -> None:
        for entry in patterns:
            if isinstance(entry, URLResolver):
                if entry.namespace != "admin":
                    walk(entry.url_patterns)
            elif entry.name:
                if entry.pattern.regex.groups:
                    for slug in slugs:
                        # A page of the sitemap has a number.
                        with contextlib.suppress(NoReverseMatch):
                            found.append(reverse(entry.name, args=[slug]))
                else:
                    found.append(reverse(entry.name))

    walk(get_resolver().url_patterns)
    return found


def test_not_a_word_of_a_draft_is_reachable_from_any_public_address() -> None:
    live = published(**FULL)
    neighbour = published(slug="neighbour", relationships=(Relationship("enables", live.slug, 0.5),))
    hidden = make_pattern(slug=f"{SECRET.lower()}-draft", title=f"{SECRET} draft", aliases=(f"{SECRET} alias",))
    edits: dict[str, Any] = {
        **FULL,
        "status": "published",
        "slug": f"{SECRET.lower()}-slug",
        "title": f"{SECRET} title",
        "summary": f"{SECRET} summary",
        "aliases": (f"{SECRET} alias two",),
        "preamble": f"> {SECRET} quote\n\n",
        "relationships": (Relationship("enables", hidden.slug, 0.9, f"{SECRET} reason"),),
        "sources": (f"{SECRET} source",),
        "collection": f"{SECRET} collection",
    }
    save_draft(fresh(live), document=make_document(**edits), author=None, at=NOON)
    relationships = (
        Relationship("enables", live.slug, 0.5),
        Relationship("tools", f"{SECRET.lower()}-wanted", 0.2),
    )
    document = make_document(slug="neighbour", status="published", relationships=relationships)
    save_draft(fresh(neighbour), document=document, author=None, at=NOON)
    go(live, Move.SUBMIT, note=f"{SECRET} note")
    go(live, Move.COMMENT, note=f"{SECRET} comment")
    names = ["neighbourhood", "street-level", live.identifier, "0"]
    addresses = public_addresses([live.slug, "neighbour", fresh(live).slug, hidden.slug, "unknown", *names])
    for needed in (f"/patterns/{live.slug}.ttl", f"/id/{live.identifier}/", "/feeds/domain/neighbourhood/"):
        assert needed in addresses
    # Not the whole word, which the page would say again: what begins so, what is spelt like it, what stands beside it.
    nearly = SECRET.lower()[:-1]
    for typed in (nearly, f"{nearly} title", "title alias summary quote", f"title:{nearly}", live.slug, "neighbour"):
        addresses += [f"{reverse(name)}?{urlencode({'q': typed})}" for name in ("search", "search_suggest")]
    for address in addresses:
        for accept in ("text/html", "application/json", "text/turtle", "*/*"):
            response = Client().get(address, headers={"accept": accept})
            said = response.getvalue().decode(errors="replace") + str(dict(response.headers))
            said = said.lower()
            # The address itself comes back in a "not found", also as words to search for, without a suffix.
            parts = address.strip("/").lower().split("/")
            for asked in (address.lower(), *parts, *(part.partition(".")[0] for part in parts)):
                for again in (asked, asked.replace("-", " "), asked.replace("-", "%20")):
                    said = said.replace(again or "/", "")
            assert SECRET.lower() not in said, address
    assert not PublicAddress.objects.filter(slug__icontains=SECRET).exists()
