"""A pattern's formats: what each says, that nothing can break out of it, who gets which, and what caches are told."""

from __future__ import annotations

import dataclasses
import datetime
import json
import re
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils.http import parse_http_date
from rdflib import Graph, Literal, Namespace, URIRef
from rdflib.namespace import DCTERMS, PROV, RDF, SKOS, XSD

from patterns_app.document.pattern import FIELD_NAMES, ContextLabel, Contributor, PatternDocument, Relationship
from patterns_app.document.vocabulary import RelationshipKind
from patterns_app.models import Pattern, Snapshot
from patterns_app.models.working_copy import document_of
from patterns_app.publishing import publish_many
from patterns_app.views import caching, citation
from patterns_app.views.formats import bibtex, turtle
from patterns_app.views.formats.record import FORMATS
from patterns_app.workflow import save_draft
from patterns_app.workflow.moves import Move
from tests.desk import FULL
from tests.factories import NOON, make_document, make_pattern
from tests.test_docs import table_rows
from tests.test_public import fresh, go, page, published

# rdflib's reader of JSON-LD uses what rdflib itself calls outdated.
pytestmark = [pytest.mark.django_db, pytest.mark.filterwarnings("ignore:ConjunctiveGraph:DeprecationWarning")]

FIXTURES = Path(__file__).resolve().parent.parent / "fixtures" / "patterns"
SUFFIXES = [entry.suffix for entry in FORMATS]
COMMONS = Namespace(turtle.NAMESPACE)
SCHEMA = Namespace("https://schema.org/")
HOSTILE = 'A "quoted" \\ back\\slash {brace} %&#$_~^ <b>bold</b> \'\'\' """ é 木 ] . ;'


@pytest.fixture(autouse=True)
def _at_home(settings: Any) -> None:
    settings.SITE_URL = "https://patterns.example.org"


def address(slug: str, suffix: str) -> str:
    return reverse(f"pattern-{suffix}", args=[slug])


def got(slug: str, suffix: str, **headers: str) -> Any:
    return Client().get(address(slug, suffix), headers=headers)


def graph_of(slug: str) -> Graph:
    return Graph().parse(data=got(slug, "ttl").content.decode(), format="turtle")


def entry_of(text: str) -> tuple[str, str, dict[str, str]]:
    """(kind, key, fields) of BibTeX's one entry, read the way BibTeX does: braces balance, whatever is before them."""
    head = re.match(r"@(\w+)\{([^\s,{}]+),\n", text)
    assert head
    fields: dict[str, str] = {}
    at = head.end()
    while text[at] != "}":
        found = re.compile(r"  (\w+) = ").match(text, at)
        assert found, text[at:]
        start = at = found.end()
        depth = 0
        while depth or text[at] != ",":
            depth += {"{": 1, "}": -1}.get(text[at], 0)
            assert depth >= 0
            at += 1
        value = text[start:at]
        fields[found[1]] = value[1:-1] if value.startswith("{") else value
        at += 2
    assert text[at:] == "}\n"
    return head[1], head[2], fields


# What they say


def test_the_markdown_is_the_file_to_the_byte(tmp_path: Path) -> None:
    # A byte order mark, a comment, odd spacing, a number that YAML would shorten, a status of another library.
    front = "\ufeff---\r\n# kept\r\nslug: odd\r\ntitle:   'Odd'\r\nversion: 1.10\r\nstatus: stable\r\n---\r\n"
    files = {path.stem: path.read_bytes() for path in FIXTURES.rglob("*.md") if path.stem != "README"}
    files["odd"] = f"{front}\r\nNo newline at the end".encode()
    for name, content in files.items():
        (tmp_path / f"{name}.md").write_bytes(content)
    call_command("import_patterns", tmp_path, verbosity=0)
    slugs = set(Snapshot.objects.values_list("slug", flat=True))
    assert {"odd", "tool-library"} <= slugs
    for slug in slugs:
        response = got(slug, "md")
        assert response.content == files[slug], slug
        assert response["Content-Type"] == "text/markdown; charset=utf-8"


def test_the_json_has_every_field_and_leads_only_to_what_is_public() -> None:
    published(slug="repair-cafe", title="Repair café")
    make_pattern(slug="street-party", title="A title nobody may know")
    pattern = published(**FULL)
    said = json.loads(got(pattern.slug, "json").content)
    assert set(FIELD_NAMES) <= set(said)
    assert said["title"] == pattern.title
    assert said["address"] == f"https://patterns.example.org/patterns/{pattern.slug}/"
    assert said["permanent_address"] == f"https://patterns.example.org/id/{pattern.identifier}/"
    assert said["published_at"] == NOON.isoformat()
    assert said["sections"][0] == {
        "heading": "### Section 1: Context\n",
        "text": "Every cellar on the street holds the same ladder.\n\n",
    }
    links = {entry["target"]: entry for entry in said["relationships"]}
    assert links["repair-cafe"]["pattern"] == {
        "slug": "repair-cafe",
        "title": "Repair café",
        "address": "https://patterns.example.org/patterns/repair-cafe/",
    }
    assert links["repair-cafe"]["facts"] == {"source": "survey"}
    assert links["street-party"]["pattern"] is None
    assert said["license_address"] == "https://creativecommons.org/licenses/by-sa/4.0/"


def test_the_json_ld_expands_to_a_term_with_creators_license_and_dates() -> None:
    published(slug="repair-cafe", title="Repair café")
    pattern = published(**FULL)
    graph = Graph().parse(data=got(pattern.slug, "jsonld").content.decode(), format="json-ld")
    term = URIRef(f"https://patterns.example.org/id/{pattern.identifier}/")
    assert (term, RDF.type, SCHEMA.DefinedTerm) in graph
    assert graph.value(term, SCHEMA.name) == Literal(pattern.title)
    assert graph.value(term, SCHEMA.license) == URIRef("https://creativecommons.org/licenses/by-sa/4.0/")
    whole = graph.value(term, SCHEMA.inDefinedTermSet)
    assert (whole, RDF.type, SCHEMA.DefinedTermSet) in graph
    assert {str(name) for name in graph.objects(None, SCHEMA.name)} >= {"ada", "bo", "Repair café"}
    assert graph.value(term, SCHEMA.datePublished).datatype == SCHEMA.DateTime  # type: ignore[union-attr]
    assert URIRef("https://patterns.example.org/patterns/repair-cafe/") in graph.objects(term, SCHEMA.mentions)


def test_the_turtle_is_a_concept_with_its_relationships_license_and_revision() -> None:
    kinds = {
        "generalizes_from": SKOS.broader,
        "specializes_to": SKOS.narrower,
        "alternatives": SKOS.related,
        "complementary": SKOS.related,
        "related": SKOS.related,
        "enables": COMMONS.enables,
        "requires": COMMONS.requires,
        "manifests_as": COMMONS.manifestsAs,
        "governed_by": COMMONS.governedBy,
        "tools": COMMONS.tools,
    }
    for kind in kinds:
        published(slug=f"to-{kind}")
    make_pattern(slug="a-draft")
    links = (*(Relationship(kind, f"to-{kind}", 0.5, "Why") for kind in kinds), Relationship("enables", "a-draft"))
    pattern = published(**{**FULL, "relationships": links})
    graph = graph_of(pattern.slug)
    [concept] = graph.subjects(RDF.type, SKOS.Concept)
    assert str(concept) == f"https://patterns.example.org/id/{pattern.identifier}/"
    assert list(graph.objects(concept, SKOS.prefLabel)) == [Literal(pattern.title)]
    assert set(graph.objects(concept, SKOS.altLabel)) == {Literal("Tool shed"), Literal("Borrowing shop")}
    assert graph.value(concept, SKOS.definition) == Literal(pattern.summary)
    for kind, name in kinds.items():
        assert (concept, name, URIRef(f"https://patterns.example.org/patterns/to-{kind}/")) in graph, kind
    assert "a-draft" not in got(pattern.slug, "ttl").content.decode()
    assert {float(str(weight)) for weight in graph.objects(None, COMMONS.weight)} == {0.5}
    assert graph.value(concept, DCTERMS.license) == URIRef("https://creativecommons.org/licenses/by-sa/4.0/")
    text = graph.value(None, PROV.specializationOf, concept)
    assert str(text) == f"https://patterns.example.org/patterns/{pattern.slug}.md"
    revision = Snapshot.objects.select_related("revision").get(slug=pattern.slug).revision
    assert str(graph.value(text, COMMONS.sha256)).lower() == revision.digest


def make_told() -> Pattern:
    """Public three times with three texts, once with the same, and with one that waits."""
    pattern = published(**{**FULL, "version": "0.1"})
    for version, move in (("0.2", Move.PUBLISH), ("", Move.DEPRECATE), ("", Move.RESTORE), ("0.3-waits", None)):
        if version:
            document = dataclasses.replace(document_of(pattern), version=version)
            save_draft(fresh(pattern), document=document, author=None, at=NOON, note="A secret note")
        if move:
            go(pattern, move)
    return fresh(pattern)


def test_the_json_tells_what_was_public_when() -> None:
    pattern = make_told()
    text = got(pattern.slug, "json").content.decode()
    said = json.loads(text)
    told = said["publications"]
    assert [(entry["number"], entry["occasion"], entry["status"], entry["version"]) for entry in told] == [
        (4, "restored", "published", "0.2"),
        (3, "deprecated", "deprecated", "0.2"),
        (2, "revised", "published", "0.2"),
        (1, "published", "published", "0.1"),
    ]
    assert told[0]["sha256"] == said["sha256"]
    assert {entry["at"] for entry in told} == {NOON.isoformat()}
    for secret in ("secret", "0.3-waits", fresh(pattern).head.digest):  # type: ignore[union-attr]
        assert secret not in text


def test_the_turtle_leads_from_the_text_to_all_that_it_revises() -> None:
    pattern = make_told()
    graph = graph_of(pattern.slug)
    [concept] = graph.subjects(RDF.type, SKOS.Concept)
    text = URIRef(f"https://patterns.example.org/patterns/{pattern.slug}.md")
    chain = [text, *graph.transitive_objects(text, PROV.wasRevisionOf)][1:]
    assert chain == [text, *(URIRef(f"{concept}#publication-{number}") for number in (3, 2, 1))]
    assert set(graph.subjects(PROV.specializationOf, concept)) == {*chain}
    digests = [entry["digest"] for entry in Snapshot.objects.get().history]
    assert [str(graph.value(entity, COMMONS.sha256)).lower() for entity in chain] == digests[::-1]
    for entity in chain:
        assert (entity, RDF.type, PROV.Entity) in graph
        assert graph.value(entity, PROV.generatedAtTime) == Literal(NOON)
    assert [str(graph.value(entity, COMMONS.version)) for entity in chain] == ["0.2", "0.2", "0.2", "0.1"]


def test_the_same_text_published_again_is_no_revision_of_itself() -> None:
    pattern = make_pattern(status="published")
    for hours in range(3):
        publish_many([pattern.pk], at=NOON + datetime.timedelta(hours=hours))
    graph = graph_of(pattern.slug)
    assert not list(graph.subject_objects(PROV.wasRevisionOf))
    [text] = {*graph.subjects(RDF.type, PROV.Entity)} - {*graph.subjects(RDF.type, SKOS.Concept)}
    assert graph.value(text, PROV.generatedAtTime) == Literal(NOON)


@pytest.mark.parametrize(
    ("said", "value", "datatype"),
    [
        ("2026-01-28", "2026-01-28", "date"),
        ("2026-01-28 00:00:00+00:00", "2026-01-28T00:00:00+00:00", "dateTime"),
        ("2026-02-01T21:15:43Z", "2026-02-01T21:15:43+00:00", "dateTime"),
        ("20226-02-10", "20226-02-10", ""),
    ],
)
def test_a_date_of_any_generation_is_one_in_linked_data(said: str, value: str, datatype: str) -> None:
    published(slug="made", created=said)
    created = Literal(value, datatype=XSD[datatype] if datatype else None)
    assert list(graph_of("made").objects(None, DCTERMS.created)) == [created]
    graph = Graph().parse(data=got("made", "jsonld").content.decode(), format="json-ld")
    dates = list(graph.objects(None, SCHEMA.dateCreated))
    # schema.org has no word for what is no date.
    assert dates == ([Literal(value, datatype=SCHEMA[datatype[:1].upper() + datatype[1:]])] if datatype else [])


def test_skos_never_calls_related_what_is_broader_or_narrower_from_either_end() -> None:
    published(slug="wide")
    both = (Relationship("generalizes_from", "wide"), Relationship("related", "wide"))
    published(slug="narrow", relationships=both)
    published(slug="says-it-alone", relationships=(Relationship("specializes_to", "quiet"),))
    published(slug="quiet", relationships=(Relationship("alternatives", "says-it-alone"),))
    published(slug="itself", relationships=(Relationship("related", "itself"),))
    published(slug="widest")
    published(slug="middle", relationships=(Relationship("generalizes_from", "widest"),))
    chain = (Relationship("generalizes_from", "middle"), Relationship("complementary", "widest"))
    published(slug="lowest", relationships=chain)
    for slug in ("narrow", "quiet", "itself", "lowest"):
        graph = graph_of(slug)
        assert not list(graph.subject_objects(SKOS.related)), slug
    assert list(graph_of("narrow").subject_objects(COMMONS.related)), "the library's own word stays"


def test_the_bibtex_and_the_csl_name_authors_year_and_address() -> None:
    pattern = published(**FULL)
    kind, key, fields = entry_of(got(pattern.slug, "bib").content.decode())
    assert (kind, key) == ("misc", pattern.slug)
    assert fields["author"] == "{ada} and {bo}"
    assert (fields["year"], fields["month"]) == ("2026", "mar")
    assert fields["url"] == f"https://patterns.example.org/patterns/{pattern.slug}/"
    [item] = json.loads(got(pattern.slug, "csl.json").content)
    assert item["author"] == [{"literal": "ada"}, {"literal": "bo"}]
    assert item["issued"] == {"date-parts": [[2026, 3, 1]]}
    assert item["URL"] == fields["url"]


def test_no_text_breaks_out_of_a_format() -> None:
    names = {
        "title": HOSTILE,
        "aliases": (HOSTILE + "alias",),
        "summary": HOSTILE,
        "primary_tension": HOSTILE,
        "context_labels": (ContextLabel('te"ch', HOSTILE),),
        "contributors": (Contributor(f"{HOSTILE} and others", HOSTILE),),
        "sources": (HOSTILE, "https://example.org/> . <evil> <p> <o", "https://example.org/fine?a=1&b=2"),
        "attribution": HOSTILE,
        "license": HOSTILE,
        "domain": HOSTILE,
        "relationships": (Relationship("related", 'a"b<c>{d}', None, HOSTILE),),
    }
    published(slug='a"b<c>{d}')
    pattern = published(slug="hostile } name", **names)
    graph = graph_of(pattern.slug)
    [concept] = graph.subjects(RDF.type, SKOS.Concept)
    assert graph.value(concept, SKOS.prefLabel) == Literal(HOSTILE)
    assert not [name for name in graph.all_nodes() if str(name).endswith("evil")]
    assert len(list(graph.objects(concept, DCTERMS.source))) == 1
    assert len(list(graph.objects(concept, SKOS.related))) == 1
    _, key, fields = entry_of(got(pattern.slug, "bib").content.decode())
    assert key == "hostile-name-e99045"
    assert r"\textbraceleft{}brace\textbraceright{} \%\&\#\$\_\textasciitilde{}\textasciicircum{}" in fields["title"]
    assert json.loads(got(pattern.slug, "json").content)["title"] == HOSTILE
    Graph().parse(data=got(pattern.slug, "jsonld").content.decode(), format="json-ld")
    html = page(pattern.slug).content.decode()
    assert "<b>bold" not in html


def test_signs_that_are_not_letters_survive_in_turtle() -> None:
    text = "".join(map(chr, range(1, 0x180))) + "\u2028\ufeff\U0001f527"
    data = f"<https://example.org/> <https://example.org/p> {turtle.literal(text)} ."
    [(_, _, said)] = Graph().parse(data=data, format="turtle")
    assert str(said) == text


@pytest.mark.parametrize(
    ("slug", "key"),
    [
        ("tool-library", "tool-library"),
        ("Straßen, Café", "Straen-Cafe-859510"),
        ("木", "pattern-9213ab"),
    ],
)
def test_a_key_is_plain(slug: str, key: str) -> None:
    assert bibtex.key_of(slug) == key


def test_no_two_patterns_have_the_same_key() -> None:
    slugs = ("木", "林", "a-b", "a_b", "a--b", "A-b", "é", "e", "pattern")
    assert len({bibtex.key_of(slug).lower() for slug in slugs}) == len(slugs)


@pytest.mark.parametrize(
    ("said", "name", "where"),
    [
        ("CC-BY-SA-4.0", "CC BY-SA 4.0", "https://creativecommons.org/licenses/by-sa/4.0/"),
        ("CC BY 4.0", "CC BY 4.0", "https://creativecommons.org/licenses/by/4.0/"),
        ("cc-by-nc-nd-3.0", "CC BY-NC-ND 3.0", "https://creativecommons.org/licenses/by-nc-nd/3.0/"),
        ("CC0-1.0", "CC0 1.0", "https://creativecommons.org/publicdomain/zero/1.0/"),
        ("https://example.org/terms", "https://example.org/terms", "https://example.org/terms"),
        ("javascript:alert(1)", "javascript:alert(1)", ""),
        ("ask us", "ask us", ""),
    ],
)
def test_a_license_is_known_by_its_usual_names(said: str, name: str, where: str) -> None:
    assert citation.license_of(PatternDocument(license=said)) == citation.License(name, where)


def test_the_page_names_its_formats_its_citation_and_its_license() -> None:
    pattern = published(**FULL)
    html = page(pattern.slug).content.decode()
    for entry in FORMATS:
        where = f"/patterns/{pattern.slug}.{entry.suffix}"
        assert f'<link rel="alternate" type="{entry.media_type}" title="{entry.label}" href="{where}">' in html
    assert "ada &amp; bo (2026). Shared tool library" in html
    assert '<a rel="license" href="https://creativecommons.org/licenses/by-sa/4.0/">CC BY-SA 4.0</a>' in html
    assert (
        f'<link rel="alternate" type="application/atom+xml" title="Recently published" href="{reverse("feed")}">'
        in html
    )


def test_a_successor_is_named_by_every_format_that_has_a_word_for_it() -> None:
    successor = published(slug="new-way")
    pattern = published(slug="old-way")
    go(pattern, Move.DEPRECATE, note="Better known now.", successor=successor)
    assert json.loads(got("old-way", "json").content)["successor"]["slug"] == "new-way"
    assert json.loads(got("old-way", "jsonld").content)["isReplacedBy"]["name"] == "New way"
    assert list(graph_of("old-way").objects(None, DCTERMS.isReplacedBy))


# Who gets which


@pytest.mark.parametrize("entry", FORMATS, ids=lambda entry: entry.suffix)
def test_a_client_gets_by_its_accept_header_what_the_suffix_gives(entry: Any) -> None:
    pattern = published(**FULL)
    response = Client().get(
        reverse("pattern", args=[pattern.slug]), headers={"accept": f"{entry.media_type}, */*;q=0.1"}
    )
    beside = got(pattern.slug, entry.suffix)
    assert response.content == beside.content
    assert response["ETag"] == beside["ETag"]
    assert response["Content-Type"] == f"{entry.media_type}; charset=utf-8"
    assert beside["Access-Control-Allow-Origin"] == "*"
    assert "Accept" in response["Vary"]
    assert response["Content-Location"] == f"https://patterns.example.org{address(pattern.slug, entry.suffix)}"


@pytest.mark.parametrize(
    "where",
    [
        *(f"/patterns/house.{suffix}" for suffix in SUFFIXES), "/patterns.jsonl", "/feed/", "/feed/full/",
        "/feeds/domain/neighbourhood/", "/feeds/collection/ours/", "/schema/pattern.json", "/map/data.json",
        "/patterns/HOUSE.json", "/patterns/nowhere.json", "/feeds/domain/nowhere/",
    ],
)  # fmt: skip
def test_a_script_of_another_site_may_read_what_is_for_machines(where: str) -> None:
    published(slug="house", collection="ours")
    for method in ("get", "head", "options"):
        response = getattr(Client(), method)(where, headers={"origin": "https://elsewhere.example"})
        assert response["Access-Control-Allow-Origin"] == "*", method
        assert "Access-Control-Allow-Credentials" not in response
    assert response.status_code == 204
    assert "If-None-Match" in response["Access-Control-Allow-Headers"]
    got = Client().get(where)
    assert got.status_code in (200, 301, 404)
    if got.status_code == 200:
        assert got["Access-Control-Expose-Headers"] == "ETag"
        known = Client().get(where, headers={"if-none-match": got["ETag"]})
        assert (known.status_code, known["Access-Control-Allow-Origin"]) == (304, "*")


@pytest.mark.parametrize(("slug", "status"), [("house", 200), ("HOUSE", 301)])
def test_a_script_of_another_site_that_asks_by_accept_is_answered_and_led_on(slug: str, status: int) -> None:
    published(slug="house")
    response = Client().get(f"/patterns/{slug}/", headers={"accept": "application/json"})
    assert (response.status_code, response["Access-Control-Allow-Origin"]) == (status, "*")
    page = Client().get(f"/patterns/{slug}/", headers={"accept": "text/html"})
    assert "Access-Control-Allow-Origin" not in page


def test_the_id_leads_a_script_of_another_site_on() -> None:
    pattern = published(**FULL)
    response = Client().get(reverse("permanent", args=[pattern.identifier]))
    assert (response.status_code, response["Access-Control-Allow-Origin"]) == (301, "*")


@pytest.mark.parametrize(
    "accept", ["*/*", "", "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", "image/png", "text/*"]
)
def test_everybody_else_gets_the_page(accept: str) -> None:
    pattern = published()
    response = Client().get(reverse("pattern", args=[pattern.slug]), headers={"accept": accept})
    assert response["Content-Type"].startswith("text/html")
    assert "Accept" in response["Vary"]


@pytest.mark.parametrize(
    ("accept", "media_type"),
    [
        ("text/turtle;charset=utf-8", "text/turtle"),
        ('application/ld+json;profile="http://www.w3.org/ns/json-ld#compacted"', "application/ld+json"),
        ("application/*", "application/json"),
        ("application/json, text/plain, */*", "application/json"),
        ("text/html;q=0, */*;q=0.5", "application/json"),
        ("text/turtle;q=0.2, application/*;q=0.1, text/html;q=0", "text/turtle"),
        ("text/turtle, text/turtle;q=0, */*;q=0", "text/turtle"),
        ("application/rdf+xml, text/turtle;q=0.9, */*;q=0.1", "text/turtle"),
        ("text/turtle;q=0.5, application/ld+json", "application/ld+json"),
        ("application/ld+json, text/turtle", "application/ld+json"),
        ("text/turtle;q=0, application/json;q=0", "text/html"),
        ("text/html, application/json", "text/html"),
        (";;;,,,q=,/,*", "text/html"),
    ],
)
def test_who_says_how_welcome_each_format_is_gets_the_most_welcome(accept: str, media_type: str) -> None:
    pattern = published()
    response = Client().get(reverse("pattern", args=[pattern.slug]), headers={"accept": accept})
    assert response["Content-Type"] == f"{media_type}; charset=utf-8"


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_an_old_slug_leads_on_in_the_same_format_and_one_taken_back_is_gone(suffix: str) -> None:
    pattern = published(slug="old-name")
    save_draft(fresh(pattern), document=make_document(slug="new-name", status="published"), author=None, at=NOON)
    assert got("new-name", suffix).status_code == 404
    go(pattern, Move.PUBLISH)
    response = got("old-name", suffix)
    assert (response.status_code, response["Location"]) == (301, address("new-name", suffix))
    go(pattern, Move.UNPUBLISH)
    assert got("old-name", suffix).status_code == got("new-name", suffix).status_code == 410
    assert got("never-was", suffix).status_code == 404


def test_a_slug_in_capitals_leads_on_to_the_pattern_or_to_where_it_went() -> None:
    gone = published(slug="gone")
    go(gone, Move.UNPUBLISH)
    published(slug="tool-library")
    published(slug="Tool-Library-2")
    for asked, found in (
        ("/patterns/Tool-Library/", "/patterns/tool-library/"),
        ("/patterns/TOOL-LIBRARY.ttl", "/patterns/tool-library.ttl"),
        ("/api/patterns/Tool-Library", "/api/patterns/tool-library"),
    ):
        response = Client().get(asked)
        assert (response.status_code, response["Location"]) == (301, found)
    assert Client().get("/patterns/GONE/").status_code == 410
    assert Client().get("/patterns/Tool-Library-2/").status_code == 200
    assert Client().get("/patterns/tool-library-2/").status_code == 404


def test_a_slug_with_a_dot_comes_before_a_suffix() -> None:
    for slug in ("a", "a.md", "b.csl", "c.json"):
        published(slug=slug, title=f"Title of {slug}")
    assert Client().get("/patterns/a.md")["Location"] == reverse("pattern", args=["a.md"])
    assert b"Title of a.md" in Client().get("/patterns/a.md/").content
    assert b"Title of a.md" in Client().get("/patterns/a.md.md").content
    assert json.loads(Client().get("/patterns/a.json").content)["slug"] == "a"
    assert json.loads(Client().get("/patterns/b.csl.json").content)["slug"] == "b.csl"
    assert json.loads(Client().get("/patterns/c.json.csl.json").content)[0]["id"] == "c.json"


def test_the_id_leads_to_wherever_the_pattern_is() -> None:
    pattern = published(**FULL)
    response = Client().get(reverse("permanent", args=[pattern.identifier]))
    assert (response.status_code, response["Location"]) == (301, reverse("pattern", args=[pattern.slug]))
    assert "max-age=60" in response["Cache-Control"], "it may lead elsewhere tomorrow"
    assert Client().get(reverse("permanent", args=["pat_01kjj4j5hcfy8at1kyx8kezg99"])).status_code == 404


def publish_as(pattern: Pattern, **changes: Any) -> None:
    document = dataclasses.replace(document_of(fresh(pattern)), **changes)
    save_draft(fresh(pattern), document=document, author=None, at=NOON)
    publish_many([pattern.pk], at=NOON)


def test_an_id_that_a_pattern_had_leads_to_it_until_another_has_it_or_it_is_taken_back() -> None:
    def at(identifier: str) -> tuple[int, str]:
        response = Client().get(reverse("permanent", args=[identifier]))
        return response.status_code, response.headers.get("Location", "")

    minted = "pat_01kjj4j5hcfy8at1kyx8kezg99"
    pattern = published(slug="tool-library", id="lib-7")
    publish_as(pattern, id=minted, slug="shed")
    assert at("lib-7") == at(minted) == (301, "/patterns/shed/")
    other = published(slug="other", id="lib-7")
    assert at("lib-7") == (301, "/patterns/other/")
    go(pattern, Move.UNPUBLISH)
    assert at(minted) == (410, "")
    publish_as(other, id="other-8")
    go(other, Move.UNPUBLISH)
    assert at("lib-7") == (410, "")


def test_an_id_that_two_say_leads_to_one_that_says_it_still() -> None:
    pattern = published(slug="tool-library", id="lib-7")
    waits = dataclasses.replace(document_of(pattern), id="lib-8")
    save_draft(fresh(pattern), document=waits, author=None, at=NOON)
    heir = published(slug="heir", id="lib-7")
    publish_as(heir, id="lib-9")
    assert Client().get("/id/lib-7/")["Location"] == "/patterns/tool-library/"
    assert Client().get("/id/lib-9/")["Location"] == "/patterns/heir/"


def test_the_id_of_a_draft_leads_nowhere_also_where_the_pattern_was_public_under_another() -> None:
    pattern = published(slug="tool-library", id="lib-7")
    waits = dataclasses.replace(document_of(pattern), id="lib-8")
    save_draft(fresh(pattern), document=waits, author=None, at=NOON)
    make_pattern(slug="draft", id="lib-9")
    assert Client().get("/id/lib-7/").status_code == 301
    assert Client().get("/id/lib-8/").status_code == Client().get("/id/lib-9/").status_code == 404


def test_linked_data_names_a_pattern_that_was_given_an_id_later_by_the_same_urn() -> None:
    def urns() -> set[str]:
        [concept] = graph_of("tool-library").subjects(RDF.type, SKOS.Concept)
        of_turtle = {str(name) for name in graph_of("tool-library").objects(concept, DCTERMS.identifier)}
        of_json = set(json.loads(got("tool-library", "jsonld").content)["identifier"])
        assert of_turtle == of_json
        return {name for name in of_turtle if name.startswith("urn:")}

    pattern = published(slug="tool-library", id="lib-7")
    before = urns()
    publish_as(pattern, id="pat_01kjj4j5hcfy8at1kyx8kezg99")
    assert urns() == before


def test_two_queries_for_a_format_and_one_for_the_file_however_many_relationships() -> None:
    def queries(slug: str, suffix: str) -> int:
        with CaptureQueriesContext(connection) as captured:
            assert got(slug, suffix).status_code == 200
        return len(captured)

    for number in range(20):
        published(slug=f"target-{number}")
    for count in (2, 20):
        kinds = ("enables", "related")
        links = tuple(Relationship(kinds[number % 2], f"target-{number}", 0.5) for number in range(count))
        published(slug=f"with-{count}", relationships=links)
    for suffix, most in (("md", 1), ("ttl", 3), ("json", 2), ("jsonld", 2), ("bib", 2), ("csl.json", 2)):
        assert queries("with-2", suffix) == queries("with-20", suffix) == most, suffix


# Caches


@pytest.mark.parametrize("suffix", [*SUFFIXES, ""])
def test_who_has_it_already_is_told_so(suffix: str) -> None:
    pattern = published(**FULL)
    where = address(pattern.slug, suffix) if suffix else reverse("pattern", args=[pattern.slug])
    response = Client().get(where)
    assert parse_http_date(response["Last-Modified"]) >= NOON.timestamp()
    for name in ("public", "max-age=60", f"s-maxage={caching.SHARED}", f"stale-while-revalidate={caching.STALE}"):
        assert name in response["Cache-Control"]
    again = Client().get(where, headers={"if-none-match": response["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert again["ETag"] == response["ETag"]
    assert again["Cache-Control"] == response["Cache-Control"]
    assert again.get("Vary") == response.get("Vary")
    # The ETag counts, where both are sent.
    both = {"if-none-match": '"other"', "if-modified-since": response["Last-Modified"]}
    assert Client().get(where, headers=both).status_code == 200
    head = Client().head(where)
    assert (head.status_code, head.content, head["ETag"]) == (200, b"", response["ETag"])
    assert Client().post(where).status_code == 405


def test_the_etag_changes_with_what_a_format_says_of_a_neighbour() -> None:
    neighbour = published(slug="repair-cafe")
    pattern = published(**FULL)
    before = {suffix: got(pattern.slug, suffix)["ETag"] for suffix in SUFFIXES}
    go(neighbour, Move.UNPUBLISH)
    after = {suffix: got(pattern.slug, suffix)["ETag"] for suffix in SUFFIXES}
    assert {suffix for suffix in SUFFIXES if before[suffix] != after[suffix]} == {"json", "jsonld", "ttl"}


# The documentation


def test_the_documentation_lists_the_formats_as_they_are() -> None:
    text = (Path(__file__).resolve().parent.parent / "docs" / "formats.md").read_text(encoding="utf-8")
    rows = {cells[0].strip("`"): cells[1].strip("`") for cells in table_rows(text) if cells[0].startswith("`.")}
    assert rows == {f".{entry.suffix}": entry.media_type for entry in FORMATS}
    kinds = {cells[0].strip("`"): cells[1] for cells in table_rows(text) if "`commons:" in cells[1]}
    assert set(kinds) == {kind.value for kind in RelationshipKind}
    for kind, said in kinds.items():
        assert ("`skos:related`" in said) == (kind in turtle.SYMMETRIC)
        assert f"`commons:{turtle.camel(kind)}`" in said
    assert f"{caching.SHARED} seconds" in text
