"""The JSON API: what it says of patterns, relationships and passages, and what caches and other sites are told."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from patterns_app.api import neighbourhood, retrieval, serving
from patterns_app.api.endpoints import api
from patterns_app.document.body import Section
from patterns_app.document.pattern import ContextLabel, InferredLink, Relationship
from patterns_app.document.vocabulary import RelationshipKind
from patterns_app.mcp import protocol
from patterns_app.models import PublicEdge, Snapshot
from patterns_app.publishing import publish_many
from patterns_app.views.formats import plain_json
from patterns_app.views.formats.record import records
from patterns_app.workflow import save_draft
from patterns_app.workflow.moves import Move
from tests.desk import FULL
from tests.factories import NOON, make_document, make_pattern
from tests.test_public import fresh, go, published

pytestmark = pytest.mark.django_db

FIXTURES = Path(__file__).resolve().parent.parent / "fixtures" / "patterns"
SITE = "https://patterns.example.org"


@pytest.fixture(autouse=True)
def _at_home(settings: Any) -> None:
    settings.SITE_URL = SITE


@pytest.fixture
def library() -> None:
    call_command("import_patterns", FIXTURES, "--publish", verbosity=0)


def asked(name: str, *args: str, **parameters: Any) -> Any:
    return Client().get(f"{reverse(name, args=args)}?{urlencode(parameters)}")


def said(name: str, *args: str, **parameters: Any) -> Any:
    response = asked(name, *args, **parameters)
    assert response.status_code == 200, response.content
    return json.loads(response.content)


def queries(name: str, *args: str, **parameters: Any) -> int:
    with CaptureQueriesContext(connection) as captured:
        said(name, *args, **parameters)
    return len(captured)


def pages(name: str, what: str, **parameters: Any) -> Iterator[dict[str, Any]]:
    """All entries of a list, by its `next`."""
    found = said(name, **parameters)
    while True:
        yield from found[what]
        if found["next"] is None:
            return
        assert found["next"].startswith(SITE)
        found = json.loads(Client().get(found["next"].removeprefix(SITE)).content)


# Patterns


def test_a_pattern_is_what_its_json_says() -> None:
    published(slug="repair-cafe", relationships=(Relationship("enables", "shared-tool-library", 0.3),))
    pattern = published(**FULL)
    [record] = records([Snapshot.objects.select_related("revision").get(pk=pattern.pk)])
    assert said("api-pattern", pattern.slug) == plain_json.as_data(record)


def test_every_pattern_of_the_library_is_listed_once_page_by_page(library: None) -> None:
    listed = [entry["slug"] for entry in pages("api-patterns", "patterns", limit=3)]
    assert sorted(listed) == sorted(Snapshot.objects.values_list("slug", flat=True))
    assert len(set(listed)) == len(listed) > 6


def test_a_list_is_narrowed_by_domain_collection_status_and_audience() -> None:
    labels = (ContextLabel("tech", "Tool registry"),)
    published(slug="one", domain="Health & care", collection="Street level", context_labels=labels)
    old = published(slug="two", domain="lending")
    make_pattern(slug="a-draft", domain="lending")
    go(old, Move.DEPRECATE, note="Better known now.")

    def slugs(**parameters: str) -> list[str]:
        return [entry["slug"] for entry in said("api-patterns", **parameters)["patterns"]]

    assert slugs() == ["one", "two"]
    assert slugs(domain="Health & care") == slugs(domain="health-care") == slugs(collection="street-level") == ["one"]
    assert slugs(domain="lending", status="deprecated") == ["two"]
    assert slugs(status="published", audience="tech") == ["one"]
    assert slugs(domain="unheard of") == slugs(audience="nobody") == []
    [entry] = said("api-patterns", audience="tech")["patterns"]
    assert entry["label"] == "Tool registry"
    assert entry["title"] == "One"


def test_an_old_slug_leads_on_and_one_taken_back_is_gone() -> None:
    pattern = published(slug="old-name")
    save_draft(fresh(pattern), document=make_document(slug="new-name", status="published"), author=None, at=NOON)
    assert asked("api-pattern", "new-name").status_code == 404
    go(pattern, Move.PUBLISH)
    for name in ("api-pattern", "api-relationships"):
        response = asked(name, "old-name", x="1")
        assert (response.status_code, response["Location"]) == (301, f"{reverse(name, args=['new-name'])}?x=1")
    assert [node["slug"] for node in said("api-graph", **{"from": "old-name"})["nodes"]] == ["new-name"]
    go(pattern, Move.UNPUBLISH)
    for response in (asked("api-pattern", "old-name"), asked("api-graph", **{"from": "new-name"})):
        assert response.status_code == 410
        assert "taken back" in json.loads(response.content)["detail"]
    assert "never-was" in json.loads(asked("api-pattern", "never-was").content)["detail"]


@pytest.mark.parametrize(
    "address",
    [
        "/api/patterns/a%00b",
        "/api/patterns/a%00b/relationships",
        "/api/patterns?domain=%00&after=%00&audience=a%00b",
        "/api/graph?from=%00",
        "/api/graph?kinds=%00,enables",
        "/api/search?q=a%00b&audience=%00&domain=%00",
        "/api/retrieve?q=%00%ff%fe",
        "/api/patterns/%ed%a0%80",
        "/api/search?q=%ed%a0%80",
        f"/api/search?q={'a' * 5_000}",
        "/api/graph?after=99999999999999999999999999",
        "/api/graph?min_weight=nan",
        "/api/search",
        "/api/",
        "/api/nothing/here",
    ],
)
def test_no_address_is_a_server_error_and_an_error_is_json(address: str) -> None:
    response = Client().get(address)
    assert response.status_code in (200, 404, 422)
    if response.status_code != 200:
        assert json.loads(response.content)["detail"]


# Relationships and the graph


def test_relationships_are_seen_from_both_ends() -> None:
    proposed = (InferredLink("wide", "overlaps", 0.7, None, "Same words."),)
    published(slug="wide")
    links = (Relationship("generalizes_from", "wide", 0.8, "It is one."), Relationship("requires", "nowhere"))
    published(slug="narrow", relationships=links, inferred_links=proposed)
    make_pattern(slug="a-draft", relationships=(Relationship("enables", "wide", 0.5),))

    def seen(slug: str) -> list[tuple[Any, ...]]:
        found = said("api-relationships", slug)["relationships"]
        return [
            (one["direction"], one["reads"], (one["pattern"] or {}).get("slug"), one["weight"], one["is_inferred"])
            for one in found
        ]

    assert seen("narrow") == [
        ("out", "broader", "wide", 0.8, False),
        ("out", "requires", None, None, False),
        ("out", "overlaps", "wide", 0.7, True),
    ]
    assert seen("wide") == [("in", "narrower", "narrow", 0.8, False), ("in", "overlaps of", "narrow", 0.7, True)]


@pytest.mark.parametrize("kind", RelationshipKind)
def test_each_kind_reads_in_words_from_either_end(kind: RelationshipKind) -> None:
    published(slug="there")
    published(slug="here", relationships=(Relationship(kind.value, "there"),))
    assert said("api-relationships", "here")["relationships"][0]["reads"] == kind.label
    assert said("api-relationships", "there")["relationships"][0]["reads"] == kind.reverse_label


def chain() -> None:
    """a → b → c → d, and e → b; a machine proposes a → d."""
    published(slug="d")
    published(slug="c", relationships=(Relationship("enables", "d", 0.9),))
    published(slug="b", relationships=(Relationship("enables", "c", 0.9),))
    links = (Relationship("requires", "b", 0.2),)
    published(slug="a", relationships=links, inferred_links=(InferredLink("d", "overlaps", 0.9),))
    published(slug="e", relationships=(Relationship("tools", "b"),))


def around(slug: str, **parameters: Any) -> dict[str, int]:
    found = said("api-graph", **{"from": slug, **parameters})
    ends = {end for edge in found["edges"] for end in (edge["source"], edge["target"])}
    assert ends <= {node["slug"] for node in found["nodes"]}
    return {node["slug"]: node["depth"] for node in found["nodes"]}


def test_the_graph_is_walked_as_far_and_along_what_is_asked_for() -> None:
    chain()
    assert around("b") == {"b": 0, "a": 1, "c": 1, "e": 1}
    assert around("b", direction="out") == {"b": 0, "c": 1}
    assert around("b", direction="in") == {"b": 0, "a": 1, "e": 1}
    assert around("a", depth=3) == {"a": 0, "b": 1, "c": 2, "e": 2, "d": 3}
    assert around("a", depth=3, kinds="requires,tools") == {"a": 0, "b": 1, "e": 2}
    assert around("b", depth=3, min_weight=0.5) == {"b": 0, "c": 1, "d": 2}
    assert around("a", inferred="true") == {"a": 0, "b": 1, "d": 1}


def test_a_neighbourhood_ends_somewhere_and_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(6):
        published(slug=f"spoke-{number}")
    published(slug="hub", relationships=tuple(Relationship("enables", f"spoke-{n}", n / 10) for n in range(6)))
    assert not said("api-graph", **{"from": "hub"})["is_cut"]
    monkeypatch.setattr(neighbourhood, "MOST_NODES", 3)
    found = said("api-graph", **{"from": "hub"})
    assert found["is_cut"]
    assert {node["slug"] for node in found["nodes"]} == {"hub", "spoke-5", "spoke-4"}, "the heaviest"


def test_the_whole_graph_comes_page_by_page(library: None) -> None:
    links = PublicEdge.objects.filter(target__isnull=False)
    everything = list(pages("api-graph", "edges", limit=7, inferred="true"))
    assert len(everything) == links.count() > 14
    stated = list(pages("api-graph", "edges", limit=7, kinds="enables", min_weight=0.5))
    assert len(stated) == links.filter(is_inferred=False, kind="enables", weight__gte=0.5).count()


# Search and retrieval


def test_a_search_finds_and_narrows_and_speaks_to_an_audience() -> None:
    pattern = published(**FULL)
    published(slug="tool-sharpening", domain="Lending", title="Tool sharpening")
    found = said("api-search", q="ladder", audience="tech")
    [hit] = [hit for hit in found["hits"] if hit["slug"] == pattern.slug]
    assert "same ladder" in hit["excerpt"]
    assert "<" not in hit["excerpt"]
    assert [one["slug"] for one in said("api-search", q="tool", domain="lending")["hits"]] == ["tool-sharpening"]
    assert said("api-search", q="★☆")["how"] == "nothing"


def test_a_passage_is_the_section_that_answers_with_all_that_quoting_takes() -> None:
    sections = (
        Section("### Section 1: Context\n", "Every cellar has a ladder.\n\n---\n\n"),
        Section("### Section 2: Insurance\n", "Insurance of lent ladders: an insurance covers a ladder.\n"),
        Section("### Section 3: Empty\n", "\n---\n"),
    )
    pattern = published(**{**FULL, "sections": sections})
    published(slug="something-else")
    found = said("api-retrieve", q="insurance ladder")["passages"]
    assert [one["section"] for one in found[:2]] == ["Insurance", "Context"]
    best = found[0]
    assert best["text"] == "Insurance of lent ladders: an insurance covers a ladder."
    assert best["pattern"]["slug"] == pattern.slug
    assert best["address"].startswith(f"{SITE}/patterns/{pattern.slug}/")
    assert best["license"] == "CC BY-SA 4.0"
    assert best["license_address"] == "https://creativecommons.org/licenses/by-sa/4.0/"
    assert best["attribution"]
    assert [one["score"] for one in found] == sorted((one["score"] for one in found), reverse=True)
    assert best["score"] == 1.0
    assert found[1]["text"] == "Every cellar has a ladder.", "without the rule at its end"
    assert "Empty" not in {one["section"] for one in found}


def test_a_pattern_found_by_a_name_alone_answers_with_its_sections() -> None:
    pattern = published(**FULL)
    for q in ("Hardware library", "borrowing shop", "shared tol libary"):
        found = said("api-retrieve", q=q, audience="tech")["passages"]
        assert {one["section"] for one in found} == {None, "Context", "Problem"}, q
        assert found[0]["pattern"] == {
            "slug": pattern.slug,
            "title": pattern.title,
            "address": f"{SITE}/patterns/{pattern.slug}/",
            "label": "Hardware library",
        }
    assert said("api-retrieve", q="entirely different")["passages"] == []


def test_a_passage_is_cut_between_words() -> None:
    published(**{**FULL, "sections": (Section("## Long\n", "ladder " * 200 + "end\n"),)})
    [long] = [one for one in said("api-retrieve", q="ladder", max_chars=100)["passages"] if one["section"] == "Long"]
    assert long["is_cut"]
    assert len(long["text"]) <= 100
    assert long["text"].split() == ["ladder"] * len(long["text"].split())


def test_a_passage_of_signs_without_words_is_cut_and_scored_all_the_same() -> None:
    published(slug="★", title="★", sections=(Section("## Only\n", "木" * 300),))
    found = said("api-retrieve", q="★", max_chars=100)["passages"]
    assert [len(one["text"]) for one in found if one["section"] == "Only"] == [100]


def test_the_address_of_a_passage_is_that_of_its_heading_on_the_page() -> None:
    heads = ("### Section 2: *In*surance & care (100–200 words)\n", "## 木\n", "### Other\n")
    pattern = published(**{**FULL, "sections": tuple(Section(head, "Insurance.\n") for head in heads)})
    html = Client().get(reverse("pattern", args=[pattern.slug])).content.decode()
    passages = said("api-retrieve", q="insurance")["passages"]
    anchors = [one["address"].partition("#")[2] for one in passages if one["section"]]
    assert len(set(anchors)) == len(heads)
    for anchor in anchors:
        assert f'id="{anchor}"' in html
    [hit] = said("api-search", q="insurance")["hits"]
    assert hit["section_address"] in {one["address"] for one in passages}


def test_sections_of_the_same_name_have_addresses_of_their_own() -> None:
    heads = ("### Section 1: Context\n", "### Section 2: Context\n")
    published(sections=tuple(Section(head, "A ladder.\n") for head in heads))
    passages = said("api-retrieve", q="ladder")["passages"]
    anchors = [one["address"].partition("#")[2] for one in passages if one["section"]]
    assert anchors == ["s-section-1-context", "s-section-2-context"]
    assert [one["section"] for one in passages] == ["Context", "Context"]


def test_what_patterns_are_listed_under_is_counted() -> None:
    labels = (ContextLabel("tech", "Tool registry"), ContextLabel("activist", "Commons"))
    published(slug="one", domain="Health & care", collection="street", context_labels=labels)
    published(slug="two", domain="health  care")
    published(slug="three", domain="Health & care", context_labels=labels[:1])
    make_pattern(slug="four", domain="secret", collection="secret", context_labels=(ContextLabel("secret", "x"),))
    assert said("api-domains")["terms"] == [{"name": "Health & care", "key": "health-care", "count": 3}]
    assert said("api-collections")["terms"] == [{"name": "street", "key": "street", "count": 1}]
    assert [(one["name"], one["count"]) for one in said("api-audiences")["terms"]] == [("activist", 1), ("tech", 2)]


# Nothing but what is public


def test_not_a_word_of_a_draft_is_said_by_any_operation_or_tool() -> None:
    secret = "Xylographica"
    live = published(**FULL)
    hidden = make_pattern(
        slug=f"{secret.lower()}-draft",
        title=f"{secret} draft",
        domain=f"{secret} domain",
        collection=f"{secret} collection",
        context_labels=(ContextLabel(f"{secret} people", f"{secret} label"),),
        relationships=(Relationship("enables", live.slug, 0.5, f"{secret} reason"),),
    )
    edits: dict[str, Any] = {
        **FULL,
        "status": "published",
        "title": f"{secret} title",
        "summary": f"{secret} summary",
        "context_labels": (ContextLabel("tech", f"{secret} label"),),
        "relationships": (Relationship("enables", hidden.slug, 0.9, f"{secret} reason"),),
        "attribution": f"{secret} attribution",
        "sections": (Section("## Context\n", f"{secret} ladder\n"),),
    }
    save_draft(fresh(live), document=make_document(**edits), author=None, at=NOON)
    nearly = secret.lower()[:-1]
    answers = [asked(name, slug) for name in ("api-pattern", "api-relationships") for slug in (live.slug, hidden.slug)]
    answers += [asked("api-graph", inferred="true"), asked("api-graph", **{"from": live.slug, "depth": 3})]
    answers += [asked(name, q=q) for name in ("api-search", "api-retrieve") for q in (nearly, "ladder", live.slug)]
    answers += [asked(name) for name in ("api-patterns", "api-domains", "api-collections", "api-audiences")]
    for answer in answers:
        assert secret.lower() not in answer.content.decode().lower().replace(f"“{hidden.slug}”", "")
    calls: list[tuple[str, dict[str, Any]]] = [
        ("find_patterns", {"query": nearly}),
        ("find_patterns", {"query": "ladder", "audience": "tech"}),
        ("get_pattern", {"slug": live.slug}),
        ("get_pattern", {"slug": live.slug, "as": "json"}),
        ("traverse_graph", {"slug": live.slug, "depth": 3}),
        ("list_collections", {}),
    ]
    for name, arguments in calls:
        message = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": name, "arguments": arguments}}
        assert secret.lower() not in json.dumps(protocol.answer_to(message)).lower()


# Costs


def test_no_answer_takes_more_queries_for_more_patterns() -> None:
    def costs() -> dict[str, int]:
        return {
            "patterns": queries("api-patterns", domain="neighbourhood", audience="tech"),
            "pattern": queries("api-pattern", "hub"),
            "relationships": queries("api-relationships", "hub"),
            "graph": queries("api-graph", **{"from": "hub"}),
            "whole graph": queries("api-graph"),
            "search": queries("api-search", q="spoke", domain="neighbourhood"),
            "retrieve": queries("api-retrieve", q="ladder"),
            "domains": queries("api-domains"),
        }

    def grow(numbers: range) -> None:
        for number in numbers:
            published(slug=f"spoke-{number}", relationships=(Relationship("enables", f"spoke-{number - 1}"),))

    grow(range(3))
    links = tuple(Relationship("enables", f"spoke-{number}") for number in range(20))
    published(slug="hub", relationships=links)
    before = costs()
    grow(range(3, 20))
    after = costs()
    assert after == before
    most = {"patterns": 1, "pattern": 2, "relationships": 4, "graph": 3, "whole graph": 2, "domains": 2}
    assert {name: count for name, count in after.items() if count > most.get(name, 10)} == {}


# Caches and other sites


@pytest.mark.parametrize(
    ("name", "args", "parameters"),
    [
        ("api-patterns", (), {}),
        ("api-pattern", ("shared-tool-library",), {}),
        ("api-relationships", ("shared-tool-library",), {}),
        ("api-graph", (), {"from": "shared-tool-library"}),
        ("api-graph", (), {}),
        ("api-search", (), {"q": "ladder"}),
        ("api-retrieve", (), {"q": "ladder"}),
        ("api-domains", (), {}),
        ("api-collections", (), {}),
        ("api-audiences", (), {}),
        ("api-openapi", (), {}),
        ("api-root", (), {}),
    ],
)
def test_who_has_it_already_is_told_so(name: str, args: tuple[str, ...], parameters: dict[str, str]) -> None:
    published(**FULL)
    where = f"{reverse(name, args=args)}?{urlencode(parameters)}"
    response = Client().get(where)
    assert response.status_code == 200
    assert "s-maxage=300" in response["Cache-Control"]
    assert "Last-Modified" in response
    again = Client().get(where, headers={"if-none-match": response["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert again["ETag"] == response["ETag"]
    head = Client().head(where)
    assert (head.status_code, head.content, head["ETag"]) == (200, b"", response["ETag"])
    assert Client().post(where).status_code == 405
    if name != "api-root":
        assert response["Access-Control-Allow-Origin"] == again["Access-Control-Allow-Origin"] == "*"
        assert "Cookie" not in response.get("Vary", "")


def test_a_script_of_another_site_may_ask_with_an_etag() -> None:
    headers = {"origin": "https://elsewhere.example", "access-control-request-headers": "if-none-match"}
    response = Client().options(reverse("api-patterns"), headers=headers)
    assert response.status_code == 204
    assert response["Access-Control-Allow-Origin"] == "*"
    assert "If-None-Match" in response["Access-Control-Allow-Headers"]
    assert "Access-Control-Allow-Credentials" not in response


def test_writing_is_refused_in_words() -> None:
    client = Client(enforce_csrf_checks=True)
    for method in (client.post, client.put, client.patch, client.delete):
        response = method(reverse("api-pattern", args=["any"]))
        assert response.status_code == 405
        assert response["Allow"] == "GET, HEAD, OPTIONS"
        assert json.loads(response.content)["detail"]


def test_what_is_not_there_yet_is_not_kept_by_caches() -> None:
    assert asked("api-pattern", "tomorrow")["Cache-Control"] == "no-cache"


# The description


def test_the_page_for_people_has_every_operation_and_nothing_a_policy_would_block() -> None:
    html = Client().get(reverse("api-root")).content.decode()
    for address, methods in serving.description()["paths"].items():
        assert f"GET {address}" in html
        for parameter in methods["get"]["parameters"]:
            assert f"<code>{parameter['name']}</code>" in html
    assert html.count("<h1") == 1
    assert reverse("api-openapi") in html
    for forbidden in (
        r"<style",
        r"\sstyle=",
        r"<script(?![^>]*src=\"/)",
        r"(?:src|href)=\"https?://(?!patterns\.)",
        r"\son\w+=",
    ):
        assert not re.search(forbidden, html.partition("<main")[2]), forbidden


def test_the_documentation_lists_the_operations_as_they_are() -> None:
    text = (Path(__file__).resolve().parent.parent / "docs" / "api.md").read_text(encoding="utf-8")
    assert set(re.findall(r"^\| `GET (/api/[^`?]*)", text, re.M)) == set(serving.description()["paths"])
    for number in (retrieval.PATTERNS, neighbourhood.MOST_NODES, neighbourhood.DEPTH):
        assert f" {number} " in text


def test_every_operation_has_an_address_with_a_name_of_its_own() -> None:
    names = [entry.name for entry in serving.urlpatterns if entry.name]
    assert len(names) == len(set(names)) == len(serving.description()["paths"]) + 2
    assert api.docs_url is None


@pytest.mark.parametrize(
    "address",
    re.findall(
        r"`(/api/[^`{}]*\?[^`{}]*)`",
        (Path(__file__).resolve().parent.parent / "docs" / "api.md").read_text(encoding="utf-8"),
    ),
)
def test_the_examples_of_the_documentation_work(address: str, library: None) -> None:
    response = Client().get(address)
    assert response.status_code == 200, response.content
    assert any(value for value in json.loads(response.content).values() if isinstance(value, list))


def test_the_whole_graph_says_all_once_also_when_something_is_published_in_between() -> None:
    houses = [
        published(slug=slug, relationships=(Relationship("enables", "door"), Relationship("requires", "door")))
        for slug in ("barn", "house", "shed")
    ]
    published(slug="door")
    said, address = [], "/api/graph?limit=1"
    while address:
        page = Client().get(address).json()
        said += [(edge["source"], edge["kind"]) for edge in page["edges"]]
        publish_many([house.pk for house in houses[:2]], at=NOON)
        address = (page["next"] or "").removeprefix(SITE)
    assert sorted(said) == [(slug, kind) for slug in ("barn", "house", "shed") for kind in ("enables", "requires")]
