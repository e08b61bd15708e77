"""The formats of a whole library, read by other people's readers and checked against their standards.

The library is the example library, and with PATTERNS_CORPUS whatever folders that names, all of it published.
"""

from __future__ import annotations

import datetime
import json
import os
import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from xml.etree import ElementTree

import pytest
from bibtexparser.entrypoint import parse_string
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from pyld import jsonld
from rdflib import Graph, Literal, URIRef
from rdflib.namespace import DCTERMS, RDF, SKOS

from patterns_app.catalogue.terms import key_of
from patterns_app.document.pattern import Relationship
from patterns_app.models import Facet, PublicEdge, PublicTerm, Snapshot
from patterns_app.views.formats import lineage
from tests.document.library import EXAMPLES
from tests.test_public import published

pytestmark = pytest.mark.django_db

SITE = "https://patterns.example.org"
ATOM = "{http://www.w3.org/2005/Atom}"
MAP = "{http://www.sitemaps.org/schemas/sitemap/0.9}"
RELATIONS = {"alternate", "self", "license", "related", "via", "enclosure", "next", "previous"}
"""Those of the IANA registry of link relations that a feed may need."""


@pytest.fixture(autouse=True)
def _at_home(settings: Any) -> None:
    settings.SITE_URL = SITE


@pytest.fixture
def library() -> list[str]:
    """The slugs of all that is public."""
    corpus = [folder for folder in os.environ.get("PATTERNS_CORPUS", "").split(os.pathsep) if folder]
    for folder in (EXAMPLES, *map(Path, corpus)):
        try:
            call_command("import_patterns", folder, "--publish", verbosity=0)
        except (CommandError, SystemExit):
            # Some files of a corpus have problems, which are said; the good ones are in.
            assert folder is not EXAMPLES
    slugs = list(Snapshot.objects.order_by("slug").values_list("slug", flat=True))
    assert len(slugs) > 25
    return slugs


def got(name: str, *args: str) -> Any:
    response = Client().get(reverse(name, args=args))
    assert response.status_code == 200, (name, args)
    return response


def texts(slugs: list[str], suffix: str) -> Iterator[tuple[str, str]]:
    for slug in slugs:
        yield slug, got(f"pattern-{suffix}", slug).content.decode()


# Turtle


def whole_graph(slugs: list[str]) -> Graph:
    graph = Graph()
    for _, text in texts(slugs, "ttl"):
        graph.parse(data=text, format="turtle")
    return graph


def broken(graph: Graph) -> list[tuple[Any, ...]]:
    """Where a graph breaks an integrity condition of the SKOS reference, by the condition's number.

    S9: no concept is a scheme. S13: a thing's preferred and alternative labels are different ones. S14: at most one
    preferred label a language. S27: nothing related is broader, at whatever distance.
    """
    found: list[tuple[Any, ...]] = [
        ("S9", thing)
        for thing in graph.subjects(RDF.type, SKOS.ConceptScheme)
        if (thing, RDF.type, SKOS.Concept) in graph
    ]
    for thing in set(graph.subjects(SKOS.prefLabel)):
        preferred = list(graph.objects(thing, SKOS.prefLabel))
        languages = Counter(label.language for label in preferred if isinstance(label, Literal))
        found += [("S14", thing, language) for language, count in languages.items() if count > 1]
        others = {*graph.objects(thing, SKOS.altLabel), *graph.objects(thing, SKOS.hiddenLabel)}
        found += [("S13", thing, label) for label in others.intersection(preferred)]
    above: dict[Any, set[Any]] = defaultdict(set)
    for low, high in (
        *graph.subject_objects(SKOS.broader),
        *((low, high) for high, low in graph.subject_objects(SKOS.narrower)),
    ):
        above[low].add(high)
    for one, other in graph.subject_objects(SKOS.related):
        if other in reached(one, above) or one in reached(other, above):
            found.append(("S27", one, other))
    return found


def reached(start: Any, above: dict[Any, set[Any]]) -> set[Any]:
    found: set[Any] = set()
    waiting = [start]
    while waiting:
        new = above.get(waiting.pop(), set()) - found
        found |= new
        waiting += new
    return found


def test_the_turtle_of_the_library_is_one_graph_that_keeps_to_skos(library: list[str]) -> None:
    graph = whole_graph(library)
    assert broken(graph) == []
    concepts = set(graph.subjects(RDF.type, SKOS.Concept))
    assert len(concepts) == len(library)
    [scheme] = set(graph.subjects(RDF.type, SKOS.ConceptScheme))
    for concept in concepts:
        assert (concept, SKOS.inScheme, scheme) in graph
        assert graph.value(concept, SKOS.prefLabel)
    for name in (SKOS.broader, SKOS.narrower, SKOS.related, DCTERMS.isReplacedBy):
        assert set(graph.objects(None, name)) <= concepts, "nothing leads out of what is public"
    assert any(graph.subject_objects(SKOS.related))
    for thing in {*graph.subjects(), *graph.objects()}:
        if isinstance(thing, URIRef):
            assert urlsplit(str(thing)).scheme, thing
    literals = [value for value in graph.objects() if isinstance(value, Literal) and value.datatype]
    assert [value for value in literals if value.ill_typed] == []


def test_what_breaks_skos_is_seen() -> None:
    a, b, c = (URIRef(f"https://example.org/{name}") for name in "abc")
    graph = Graph()
    for triple in (
        (a, SKOS.prefLabel, Literal("A")),
        (a, SKOS.prefLabel, Literal("B")),
        (a, SKOS.altLabel, Literal("A")),
        (a, SKOS.broader, b),
        (c, SKOS.narrower, b),
        (c, SKOS.related, a),
        (a, RDF.type, SKOS.Concept),
        (a, RDF.type, SKOS.ConceptScheme),
    ):
        graph.add(triple)
    assert sorted(where for where, *_ in broken(graph)) == ["S13", "S14", "S27", "S9"]


def test_related_is_left_out_by_what_patterns_state_that_neither_of_the_two_names() -> None:
    """lowest → low → middle (which says it from above) → top, and lowest calls top an alternative."""
    published(slug="top", relationships=(Relationship("related", "beside"), Relationship("related", "lowest")))
    published(slug="beside")
    published(slug="low", relationships=(Relationship("generalizes_from", "middle"),))
    published(slug="middle", relationships=(Relationship("generalizes_from", "top"),))
    published(
        slug="circle", relationships=(Relationship("generalizes_from", "low"), Relationship("specializes_to", "low"))
    )
    published(
        slug="lowest", relationships=(Relationship("generalizes_from", "low"), Relationship("alternatives", "top"))
    )
    graph = whole_graph(["top", "beside", "low", "middle", "circle", "lowest"])
    assert broken(graph) == []
    assert [str(other) for other in graph.objects(None, SKOS.related)] == [f"{SITE}/patterns/beside/"]


def test_a_line_is_looked_for_in_one_query_and_not_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(12):
        links = (Relationship("generalizes_from", f"step-{(number + 1) % 12}"), Relationship("enables", "step-0"))
        published(slug=f"step-{number}", relationships=links)
    published(slug="apart")
    keys = dict(Snapshot.objects.values_list("slug", "pk"))
    with CaptureQueriesContext(connection) as captured:
        assert lineage.in_line(keys["step-0"], {keys["step-7"], keys["apart"]}) == {keys["step-7"]}
    assert len(captured) == 1
    assert PublicEdge.objects.filter(kind="generalizes_from", target__isnull=False).count() == 12
    monkeypatch.setattr(lineage, "BOUND", 5)
    assert lineage.in_line(keys["step-0"], {keys["apart"]}) == {keys["apart"]}, "rather nothing said than a wrong thing"


# JSON


def test_the_json_ld_expands_to_names_with_an_address_without_asking_another_host(library: list[str]) -> None:
    def nowhere(address: str, *_: Any) -> Any:
        raise AssertionError(address)

    for slug, text in texts(library, "jsonld"):
        said = json.loads(text)
        [term] = jsonld.expand(said, {"documentLoader": nowhere, "base": ""})
        assert urlsplit(term["@id"]).scheme == "https"
        assert "https://schema.org/DefinedTerm" in term["@type"]
        # Expansion drops what has no meaning: nothing may be lost.
        assert {name.rpartition("/")[2] for name in term} == set(said) - {"@context"}, slug
        for value in names_in(term):
            assert urlsplit(value).scheme, (slug, value)


def names_in(expanded: Any) -> Iterator[str]:
    if isinstance(expanded, list):
        for entry in expanded:
            yield from names_in(entry)
    elif isinstance(expanded, dict):
        for key, value in expanded.items():
            if key == "@id":
                yield value
            elif key == "@type":
                yield from [value] if isinstance(value, str) else value
            else:
                yield from names_in(value)


def test_the_json_of_each_pattern_is_its_line_of_the_dump(library: list[str]) -> None:
    lines = got("dump").getvalue().decode().rstrip("\n").split("\n")
    dumped = {entry["slug"]: entry for entry in map(json.loads, lines)}
    assert len(lines) == len(dumped) == len(library)
    for slug, text in texts(library, "json"):
        assert json.loads(text) == dumped[slug]


# Citations


def test_the_bibtex_of_the_library_is_one_bibliography(library: list[str]) -> None:
    bibliography = parse_string("\n".join(text for _, text in texts(library, "bib")))
    assert bibliography.failed_blocks == []
    assert len(bibliography.entries) == len(library)
    for entry in bibliography.entries:
        fields = {field.key for field in entry.fields}
        assert {"title", "year", "url", "howpublished"} <= fields
        assert len(fields) == len(entry.fields)
        assert entry["url"].startswith(f"{SITE}/patterns/")


def test_the_csl_has_for_each_pattern_an_item_with_a_name_of_its_own(library: list[str]) -> None:
    items = [item for _, text in texts(library, "csl.json") for item in json.loads(text)]
    assert len({item["id"] for item in items}) == len(items) == len(library)
    for item in items:
        assert item["type"] == "webpage"
        assert item["title"]
        [[year, month, day]] = item["issued"]["date-parts"]
        datetime.date(year, month, day)
        assert all(set(author) == {"literal"} for author in item.get("author", []))


# Feeds, by the MUSTs of RFC 4287


def moment(text: str | None) -> datetime.datetime:
    """RFC 3339, with a time and a zone."""
    assert text
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)", text), text
    return datetime.datetime.fromisoformat(text)


def check_feed(content: bytes) -> None:
    feed = ElementTree.fromstring(content)
    assert feed.tag == f"{ATOM}feed"
    links = check_common(feed)
    assert [link.get("rel") for link in links].count("self") == 1
    entries = feed.findall(f"{ATOM}entry")
    assert entries
    moments = [moment(entry.findtext(f"{ATOM}updated")) for entry in entries]
    assert moment(feed.findtext(f"{ATOM}updated")) == max(moments)
    assert len({entry.findtext(f"{ATOM}id") for entry in entries}) == len(entries)
    for entry in entries:
        links = check_common(entry)
        assert entry.findall(f"{ATOM}author") or feed.findall(f"{ATOM}author")
        assert len(entry.findall(f"{ATOM}content")) <= 1
        assert len(entry.findall(f"{ATOM}summary")) <= 1
        assert any(link.get("rel") == "alternate" for link in links)
        moment(entry.findtext(f"{ATOM}published"))
        for content_of in entry.findall(f"{ATOM}content"):
            assert content_of.get("type") == "html"
            assert not list(content_of), "escaped, not nested"


def check_common(element: ElementTree.Element) -> list[ElementTree.Element]:
    """What a feed and an entry must have both; their links."""
    for name in ("id", "title", "updated"):
        assert len(element.findall(f"{ATOM}{name}")) == 1, name
    for name in ("rights", "subtitle", "generator", "icon", "logo", "published"):
        assert len(element.findall(f"{ATOM}{name}")) <= 1, name
    assert urlsplit(element.findtext(f"{ATOM}id", "")).scheme in ("https", "urn")
    for author in element.findall(f"{ATOM}author"):
        [name_of] = author.findall(f"{ATOM}name")
        assert name_of.text
    for category in element.findall(f"{ATOM}category"):
        assert category.get("term")
    links = element.findall(f"{ATOM}link")
    for link in links:
        assert urlsplit(link.get("href", "")).scheme == "https"
        assert link.get("rel") in RELATIONS
    alternates = [(link.get("type"), link.get("hreflang")) for link in links if link.get("rel") == "alternate"]
    assert len(set(alternates)) == len(alternates)
    return links


def test_every_feed_of_the_library_is_as_the_standard_says(library: list[str]) -> None:
    check_feed(got("feed").content)
    check_feed(got("feed-full").content)
    for facet, name, column in (
        (Facet.DOMAIN, "feed-domain", "domain"),
        (Facet.COLLECTION, "feed-collection", "collection"),
    ):
        said = set(Snapshot.objects.exclude(**{column: ""}).values_list(column, flat=True))
        assert len(said) >= PublicTerm.objects.filter(facet=facet).values("key").distinct().count() > 0
        for value in sorted(said)[:20]:
            check_feed(got(name, key_of(value)).content)


# The sitemap, by https://www.sitemaps.org/protocol.html


def check_map(content: bytes, tag: str, entry: str) -> list[str]:
    assert len(content) <= 50 * 1024 * 1024
    root = ElementTree.fromstring(content)
    assert root.tag == f"{MAP}{tag}"
    assert 0 < len(root) <= 50_000
    addresses = []
    for part in root:
        assert part.tag == f"{MAP}{entry}"
        assert [child.tag for child in part] == [f"{MAP}loc", f"{MAP}lastmod"]
        moment(part.findtext(f"{MAP}lastmod"))
        address = part.findtext(f"{MAP}loc", "")
        assert address.startswith(f"{SITE}/")
        assert len(address) < 2_048
        assert address.isascii()
        addresses.append(address)
    assert len(set(addresses)) == len(addresses)
    return addresses


def test_the_sitemap_has_every_public_pattern_once(library: list[str]) -> None:
    found: list[str] = []
    for page in check_map(got("sitemap").content, "sitemapindex", "sitemap"):
        found += check_map(Client().get(page.removeprefix(SITE)).content, "urlset", "url")
    patterns = [address for address in found if address.startswith(f"{SITE}/patterns/")]
    assert sorted(patterns) == sorted(f"{SITE}{reverse('pattern', args=[slug])}" for slug in library)
    others = [address.removeprefix(SITE) for address in found if address not in patterns]
    assert len({*others}) == len(others) > 10
    for path in others:
        assert Client().get(path).status_code == 200, path
