"""Feeds, sitemap, dump, schema and the plain texts for machines."""

from __future__ import annotations

import dataclasses
import datetime
import json
import re
from html import unescape
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
import yaml
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from patterns_app.document.dialects import FIELDS
from patterns_app.document.layout import lay_out
from patterns_app.document.pattern import Community, ContextLabel, Contributor, Entity
from patterns_app.document.reading import read
from patterns_app.document.vocabulary import RelationshipKind
from patterns_app.models import Pattern, Snapshot
from patterns_app.models.working_copy import document_of
from patterns_app.views import feeds, machines, schema
from patterns_app.workflow import save_draft
from patterns_app.workflow.moves import Move
from tests.desk import FULL
from tests.factories import NOON, make_document, make_pattern
from tests.test_public import fresh, go, published

pytestmark = pytest.mark.django_db

ROOT = Path(__file__).resolve().parent.parent
FIXTURES = ROOT / "fixtures" / "patterns"
SITE = "https://patterns.example.org"
ATOM = "{http://www.w3.org/2005/Atom}"
MAP = "{http://www.sitemaps.org/schemas/sitemap/0.9}"
MACHINES = ["feed", "feed-full", "sitemap", "robots", "llms", "dump", "schema"]


@pytest.fixture(autouse=True)
def _at_home(settings: Any) -> None:
    settings.SITE_URL = SITE


def got(name: str, *args: Any, **headers: str) -> Any:
    return Client().get(reverse(name, args=args), headers=headers)


def xml(response: Any) -> ElementTree.Element:
    assert response.status_code == 200
    return ElementTree.fromstring(response.content)


def entries(response: Any) -> list[ElementTree.Element]:
    return xml(response).findall(f"{ATOM}entry")


def titles(response: Any) -> list[str]:
    return [entry.findtext(f"{ATOM}title", "") for entry in entries(response)]


def queries(name: str, *args: Any) -> int:
    with CaptureQueriesContext(connection) as captured:
        response = got(name, *args)
        response.getvalue()
    assert response.status_code == 200
    return len(captured)


def later(slug: str, days: int) -> None:
    Snapshot.objects.filter(slug=slug).update(published_at=NOON + datetime.timedelta(days=days))


# Feeds


def test_the_feed_has_what_was_published_last_first() -> None:
    for number, slug in enumerate(("one", "two", "three")):
        published(slug=slug)
        later(slug, number)
    make_pattern(slug="hidden")
    assert titles(got("feed")) == ["Three", "Two", "One"]
    feed = xml(got("feed"))
    assert feed.findtext(f"{ATOM}updated") == "2026-03-03T12:00:00+00:00"
    assert feed.findtext(f"{ATOM}id") == f"{SITE}/feed/"


def test_an_entry_says_who_when_where_and_under_which_license() -> None:
    pattern = published(**FULL)
    [entry] = entries(got("feed"))
    links = {(link.get("rel"), link.get("type")): link.get("href") for link in entry.findall(f"{ATOM}link")}
    assert links["alternate", "text/html"] == f"{SITE}/patterns/{pattern.slug}/"
    assert links["alternate", "text/markdown"] == f"{SITE}/patterns/{pattern.slug}.md"
    assert links["license", None] == "https://creativecommons.org/licenses/by-sa/4.0/"
    assert [name.text for name in entry.iter(f"{ATOM}name")] == ["ada", "bo"]
    assert entry.findtext(f"{ATOM}summary") == pattern.summary
    assert entry.find(f"{ATOM}content") is None
    [full] = entries(got("feed-full"))
    assert "Every cellar on the street" in full.findtext(f"{ATOM}content", "")


def test_an_entry_keeps_its_name_when_the_address_changes() -> None:
    pattern = published(**FULL)
    [entry] = entries(got("feed"))
    name = entry.findtext(f"{ATOM}id", "")
    assert name.startswith("urn:uuid:")
    Snapshot.objects.filter(pk=pattern.pk).update(slug="another")
    [entry] = entries(got("feed"))
    assert entry.findtext(f"{ATOM}id") == name
    other = published(slug="without-an-id", id="")
    names = {entry.findtext(f"{ATOM}id", "") for entry in entries(got("feed"))}
    assert len(names) == 2
    assert all(name.startswith("urn:uuid:") for name in names)
    for field, value in (("slug", "renamed"), ("id", "pat_01kjj4j5hcfy8at1kyx8kezg99")):
        changes: dict[str, Any] = {field: value}
        document = dataclasses.replace(document_of(fresh(other)), **changes)
        save_draft(fresh(other), document=document, author=None, at=NOON)
        go(other, Move.PUBLISH)
        assert {entry.findtext(f"{ATOM}id", "") for entry in entries(got("feed"))} == names


def test_there_is_a_feed_for_each_domain_and_collection_and_for_no_other() -> None:
    published(slug="one", domain="health/care & more", collection="street-level")
    published(slug="two", domain="lending")
    make_pattern(slug="three", domain="secret", collection="secret")
    assert titles(got("feed-domain", "health-care-more")) == ["One"]
    assert titles(got("feed-domain", "lending")) == ["Two"]
    assert titles(got("feed-collection", "street-level")) == ["One"]
    assert got("feed-domain", "secret").status_code == got("feed-collection", "secret").status_code == 404
    assert got("feed-domain", "SECRET").status_code == got("feed-domain", "★").status_code == 404


def test_a_feed_has_one_address_however_its_name_is_written() -> None:
    published(slug="one", domain="Health/Care & more", collection="Street level")
    for name, key, others, title in (
        ("feed-domain", "health-care-more", ["Health/Care & more", "HEALTH-care-more"], "Health/Care & more"),
        ("feed-collection", "street-level", ["Street level", "Street-Level"], "Street level"),
    ):
        path = reverse(name, args=[key])
        for other in others:
            response = got(name, other)
            assert (response.status_code, response["Location"]) == (301, path)
        feed = xml(got(name, key))
        assert feed.findtext(f"{ATOM}id") == f"{SITE}{path}"
        assert feed.findtext(f"{ATOM}title") == f"Pattern library: {title}"


@pytest.mark.parametrize(
    ("facet", "word", "name", "key"),
    [("domain", "domains", "Street Life", "street-life"), ("collection", "collections", "Our things", "our-things")],
)
def test_a_list_leads_to_its_feed_by_the_feed_s_own_address(facet: str, word: str, name: str, key: str) -> None:
    published(slug="one", **{facet: name})
    page = Client().get(f"/{word}/{key}/").content.decode()
    assert page.count(f'href="/feeds/{facet}/{key}/"') == 2
    assert page.count('href="/feeds/') == 2


def test_nothing_in_a_text_breaks_the_feed() -> None:
    title = 'A <b> & "quote" ]]> \x07\x0b\x1b\ufffe end'
    published(slug="odd", title=title, summary=title, preamble=f"{title}\n\n", domain="odd")
    assert titles(got("feed")) == titles(got("feed-full")) == ['A <b> & "quote" ]]>  end']


def test_a_whole_text_leads_only_to_patterns_that_are_public() -> None:
    published(slug="door")
    Snapshot.objects.filter(slug="door").update(slug="gate")
    make_pattern(slug="hidden")
    published(slug="here", preamble="[a](door.md) [b](hidden.md) [c](https://example.org/) [[hidden]]\n\n")
    said = [entry.findtext(f"{ATOM}content", "") for entry in entries(got("feed-full"))]
    text = next(one for one in said if ">c<" in one)
    assert re.findall('href="([^"]*)"', text) == [f"{SITE}/patterns/gate/", "https://example.org/"]


def test_a_whole_text_needs_no_base() -> None:
    text = 'Said.[^1] [On](#what-it-takes) `<a href="#code">`\n\n### What it takes\n\n[^1]: Where.\n\n'
    published(slug="it's", preamble=text)
    [entry] = entries(got("feed-full"))
    content = entry.find(f"{ATOM}content")
    assert content is not None
    # Some readers heed this, others heed no base at all.
    assert content.get("{http://www.w3.org/XML/1998/namespace}base") == f"{SITE}/patterns/it's/"
    links = [unescape(found) for found in re.findall('<a [^>]*href="([^"]*)"', content.text or "")]
    assert len(links) == 3
    assert all(link.startswith(f"{SITE}/patterns/it's/#") for link in links)
    assert 'href="#code"' in unescape(content.text or "")


def test_an_entry_without_a_summary_has_no_empty_one() -> None:
    published(slug="one", summary="")
    for name in ("feed", "feed-full"):
        [entry] = entries(got(name))
        assert entry.find(f"{ATOM}summary") is None


def test_the_feed_of_a_domain_stands_beside_its_page() -> None:
    published(slug="one", domain="Street Life", collection="ours")
    for name, facet, key in (
        ("feed-domain", "street-life", "domains/street-life"),
        ("feed-collection", "ours", "collections/ours"),
    ):
        links = xml(got(name, facet)).findall(f"{ATOM}link")
        [page] = [link.get("href") for link in links if link.get("rel") == "alternate"]
        assert page == f"{SITE}/{key}/"
        assert Client().get(page.removeprefix(SITE)).status_code == 200


def test_an_empty_library_has_an_empty_feed_sitemap_and_dump() -> None:
    assert entries(got("feed")) == []
    [page] = xml(got("sitemap"))
    places = xml(Client().get(page.findtext(f"{MAP}loc", "").removeprefix(SITE)))
    assert f"{SITE}/browse/" in [place.findtext(f"{MAP}loc") for place in places]
    assert got("dump").getvalue() == b""


# Sitemap


LISTS = ("domains/street-life", "collections/ours", "contributors/ada", "entities/bench", "communities/builders")


def test_the_sitemap_has_every_list_once_with_its_date(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machines, "PAGE", 5)
    names: dict[str, Any] = {
        "domain": "Street Life",
        "collection": "Ours",
        "contributors": (Contributor("Ada"),),
        "entities": (Entity("", "", "Bench"),),
        "communities": (Community("", "Builders"),),
    }
    published(slug="one", **names)
    published(slug="two", **names, cross_domains=("Elsewhere",), context_labels=(ContextLabel("tech", "Two"),))
    published(slug="three", domain="Apart", collection="")
    make_pattern(slug="hidden", domain="Secret")
    later("two", 3)
    later("three", 5)
    pages = [page.findtext(f"{MAP}loc", "") for page in xml(got("sitemap"))]
    found: list[tuple[str, str]] = []
    for where in pages:
        if "sitemap-lists-" in where:
            urls = list(xml(Client().get(where.removeprefix(SITE))))
            assert 0 < len(urls) <= 5
            found += [(url.findtext(f"{MAP}loc", ""), url.findtext(f"{MAP}lastmod", "")) for url in urls]
    dates = dict(found)
    assert len(dates) == len(found)
    assert f"{SITE}/domains/apart/" in dates
    assert not [address for address in dates if "secret" in address or "elsewhere" in address or "tech" in address]
    for path in ("", "browse/", "about/", "map/", "recent/", *(f"{path.split('/')[0]}/" for path in LISTS)):
        assert dates[f"{SITE}/{path}"] == "2026-03-06T12:00:00+00:00", path
    for path in LISTS:
        assert dates[f"{SITE}/{path}/"] == "2026-03-04T12:00:00+00:00", path
    for address in dates:
        assert Client().get(address.removeprefix(SITE)).status_code == 200
    assert got("sitemap-lists", len(pages)).status_code == got("sitemap-lists", 999_999_999).status_code == 404


def test_every_published_pattern_is_in_the_sitemap_once_with_its_date(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machines, "PAGE", 3)
    slugs = [f"p-{number}" for number in range(8)]
    for slug in [*slugs, "odd & slug"]:
        published(slug=slug)
    later("p-3", 5)
    make_pattern(slug="hidden")
    found: dict[str, str] = {}
    for page in xml(got("sitemap")):
        where = page.findtext(f"{MAP}loc", "")
        assert where.startswith(SITE)
        if "sitemap-lists-" in where:
            continue
        urls = list(xml(Client().get(where.removeprefix(SITE))))
        assert 0 < len(urls) <= 3
        dates = {url.findtext(f"{MAP}loc", ""): url.findtext(f"{MAP}lastmod", "") for url in urls}
        assert page.findtext(f"{MAP}lastmod") == max(dates.values())
        found |= dates
    assert set(found) == {f"{SITE}/patterns/{slug}/" for slug in slugs} | {f"{SITE}/patterns/odd%20&%20slug/"}
    assert found[f"{SITE}/patterns/p-3/"] == "2026-03-06T12:00:00+00:00"
    assert got("sitemap-page", 999_999_999_999).status_code == 404


def test_robots_are_led_to_the_sitemap_and_away_from_where_there_is_no_end() -> None:
    lines = got("robots").content.decode().splitlines()
    assert lines[0] == "User-agent: *"
    assert lines[1:-2] == [
        f"Disallow: {place}" for place in ("/admin/", "/edit/", "/navigator/", "/preview/", "/path/?")
    ]
    assert lines[-2:] == ["", f"Sitemap: {SITE}/sitemap.xml"]


def test_language_models_are_told_of_the_markdown_and_the_dump() -> None:
    assert "- Turtle: `.ttl`" in got("llms").content.decode(), "an empty library has no example"
    published(slug="odd (name)")
    text = got("llms").content.decode()
    assert text.startswith("# Pattern library\n\n> ")
    for needed in (f"]({SITE}/patterns.jsonl)", "`.md`, text/markdown", f"]({SITE}/schema/pattern.json)"):
        assert needed in text


# The dump


def test_the_dump_has_each_pattern_as_its_json_whatever_the_size_of_a_chunk(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machines, "CHUNK", 2)
    published(slug="repair-cafe")
    published(**FULL)
    for number in range(3):
        published(slug=f"p-{number}")
    make_pattern(slug="hidden")
    lines = [json.loads(line) for line in got("dump").getvalue().decode().split("\n")[:-1]]
    assert len(lines) == 5
    for line in lines:
        assert line == json.loads(Client().get(f"/patterns/{line['slug']}.json").content)


def test_the_dump_is_read_in_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machines, "CHUNK", 2)
    for number in range(6):
        published(slug=f"p-{number}")
    with CaptureQueriesContext(connection) as captured:
        response = got("dump")
        assert response.streaming
        assert len(captured) == 2, "it has not begun"
        assert next(response.streaming_content).count(b"\n") == 2
    assert len(captured) == 4, "two for each piece"
    assert Client().head(reverse("dump")).getvalue() == b""


def test_the_dump_has_another_etag_when_anything_in_it_changed() -> None:
    pattern = published(slug="one")
    other = published(slug="two", relationships=())
    seen = [got("dump")["ETag"]]

    def is_new() -> bool:
        seen.append(got("dump")["ETag"])
        return seen[-1] not in seen[:-1]

    assert not is_new()
    go(pattern, Move.DEPRECATE, note="Old.", successor=other)
    assert is_new()
    go(other, Move.UNPUBLISH)
    assert is_new()


def test_the_dump_has_another_etag_when_nothing_but_a_history_grew() -> None:
    pattern = published(slug="one")
    waits = make_document(slug="one", status="published", title="Waits")
    save_draft(fresh(pattern), document=waits, author=None, at=NOON)
    before = got("dump")["ETag"]
    # What waits stays where it is, so that the same text is public in the same status as before.
    go(pattern, Move.DEPRECATE)
    go(pattern, Move.RESTORE)
    assert len(Snapshot.objects.get().history) == 3
    assert got("dump")["ETag"] != before


# The schema


def problems_of(value: Any, said: dict[str, Any], where: str = "") -> list[str]:
    """A validator for the words that the schema uses, and for no others."""
    names = {"string": str, "boolean": bool, "null": type(None), "array": list, "object": dict}
    notes = {"$schema", "$id", "title", "description", "examples", "deprecated", "then", "else"}
    found: list[str] = []

    def is_a(name: str) -> bool:
        if name in ("number", "integer"):
            whole = int if name == "integer" else (int, float)
            return isinstance(value, whole) and not isinstance(value, bool)
        return isinstance(value, names[name])

    for word, limit in said.items():
        if word == "type":
            if not any(map(is_a, [limit] if isinstance(limit, str) else limit)):
                found.append(f"{where}: {value!r} is no {limit}")
        elif word == "anyOf":
            if all(problems_of(value, option, where) for option in limit):
                found.append(f"{where}: {value!r} fits nothing")
        elif word == "allOf":
            found += [problem for part in limit for problem in problems_of(value, part, where)]
        elif word == "if":
            found += problems_of(value, said["else" if problems_of(value, limit, where) else "then"], where)
        elif word == "required":
            found += [f"{where}: no {name}" for name in limit if isinstance(value, dict) and name not in value]
        elif word == "properties":
            for name, rule in limit.items():
                if isinstance(value, dict) and name in value:
                    found += problems_of(value[name], rule, f"{where}.{name}")
        elif word == "additionalProperties":
            for name in set(value) - set(said["properties"]) if isinstance(value, dict) else ():
                found += problems_of(value[name], limit, f"{where}.{name}")
        elif word == "items":
            for entry in value if isinstance(value, list) else ():
                found += problems_of(entry, limit, f"{where}[]")
        elif word in ("minimum", "maximum"):
            if is_a("number") and (value < limit if word == "minimum" else value > limit):
                found.append(f"{where}: {value} beyond {limit}")
        elif word in ("minLength", "maxLength"):
            if isinstance(value, str) and (len(value) < limit if word == "minLength" else len(value) > limit):
                found.append(f"{where}: length {len(value)}")
        elif word == "maxItems":
            if isinstance(value, list) and len(value) > limit:
                found.append(f"{where}: {len(value)} entries")
        else:
            assert word in notes, f"{word} is a word that this validator does not know"
    return found


class Loader(yaml.CSafeLoader):
    """As JSON would have it: a date is a text."""


Loader.yaml_implicit_resolvers = {
    sign: [(tag, shape) for tag, shape in resolvers if tag != "tag:yaml.org,2002:timestamp"]
    for sign, resolvers in yaml.CSafeLoader.yaml_implicit_resolvers.items()
}


def front_matter(text: str) -> Any:
    return yaml.load(text.lstrip("\ufeff").replace("\r\n", "\n").split("\n---\n")[0].removeprefix("---\n"), Loader)


EXAMPLES = sorted(path for path in FIXTURES.rglob("*.md") if path.name != "README.md")


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_the_schema_accepts_every_example_of_every_generation(path: Path) -> None:
    rules = got("schema").json()
    text = path.read_bytes().decode()
    assert problems_of(front_matter(text), rules) == []
    document = read(text, name=path.stem).document
    if document.context_labels:
        assert problems_of(front_matter(lay_out(document)), rules) == []


GENERATIONS = {
    "reference": "hosting/repair-cafe-evening.md",
    "v1": "commons/from-bench-to-ballot.md",
    "nested provenance": "hosting/beginners-hour.md",
    "site copy": "awkward/open-door.md",
}


@pytest.mark.parametrize("name", GENERATIONS)
def test_the_schema_asks_of_each_generation_what_the_format_asks_and_it_can_have(name: str) -> None:
    rules = schema.of_front_matter("")
    text = (FIXTURES / GENERATIONS[name]).read_text()
    assert problems_of(front_matter(text), rules) == []
    places = {field.name: field.places for field in FIELDS if field.required}
    missing = {name for name, some in places.items() if not any(held(front_matter(text), place) for place in some)}
    for field, some in places.items():
        said = front_matter(text)
        for place in some:
            if holder := held(said, place):
                del holder[place[-1]]
        assert bool(problems_of(said, rules)) == (field not in missing), field
        assert not missing or name in ("v1", "site copy")


def held(said: Any, place: tuple[str, ...]) -> Any:
    """The mapping in which a key stands; None where it does not."""
    for key in place[:-1]:
        said = said.get(key) if isinstance(said, dict) else None
    return said if isinstance(said, dict) and place[-1] in said else None


def test_the_schema_says_of_old_places_where_the_same_stands_now() -> None:
    old = schema.of_front_matter("")["properties"]["classification"]["properties"]["domain"]
    assert old["deprecated"]
    assert "“ontology.domain”" in old["description"]


def test_the_schema_accepts_a_new_pattern_and_one_with_everything() -> None:
    rules = schema.of_front_matter("https://example.org/")
    for document in (make_document(), make_document(**FULL)):
        assert problems_of(front_matter(lay_out(document)), rules) == []


@pytest.mark.parametrize(
    ("line", "wrong"),
    [
        ("title: [a, list]", ".title: ['a', 'list'] is no"),
        ("lifecycle: {confidence: 2.5}", ".lifecycle.confidence: 2.5 is no"),
        ("ontology: {commons_assessment: {resilience: 7}}", ".ontology.commons_assessment.resilience: 7 beyond 5"),
        ("relationships: {enables: [{weight: 0.5}]}", ".relationships.enables[]: {'weight': 0.5} fits nothing"),
        ("slug: x", ": no title"),
    ],
)
def test_the_schema_refuses_what_the_format_cannot_use(line: str, wrong: str) -> None:
    found = problems_of(front_matter(f"---\n{line}\n---\n"), schema.of_front_matter(""))
    assert any(problem.startswith(wrong) for problem in found), found


def test_the_schema_knows_every_place_of_every_field() -> None:
    rules = schema.of_front_matter("")
    for field in FIELDS:
        for place in field.places:
            at = rules
            for key in place:
                at = at["properties"][key]
    assert set(rules["properties"]["relationships"]["properties"]) == {kind.value for kind in RelationshipKind}


# Caches and costs


@pytest.mark.parametrize("name", MACHINES)
def test_who_has_it_already_is_told_so(name: str) -> None:
    published(**FULL)
    response = got(name)
    for part in ("public", "max-age=60", "s-maxage=", "stale-while-revalidate="):
        assert part in response["Cache-Control"]
    again = got(name, **{"if-none-match": response["ETag"]})
    assert (again.status_code, again.getvalue()) == (304, b"")
    assert "Last-Modified" in response
    head = Client().head(reverse(name))
    assert (head.status_code, head.getvalue(), head["ETag"]) == (200, b"", response["ETag"])
    assert head["Content-Type"] == response["Content-Type"]


def test_feeds_and_sitemap_cost_the_same_for_few_and_for_many() -> None:
    def costs() -> list[int]:
        page = Pattern.objects.order_by("pk").values_list("pk", flat=True)[0] // machines.PAGE
        names: list[tuple[str, *tuple[Any, ...]]] = [("feed",), ("feed-full",), ("feed-domain", "neighbourhood")]
        names += [("sitemap",), ("sitemap-page", page), ("sitemap-lists", 0)]
        return [queries(*name) for name in names]

    published(slug="first")
    few = costs()
    for number in range(20):
        published(slug=f"p-{number}")
    assert few == costs() == [1, 1, 2, 2, 1, 2]
    assert queries("robots") == queries("schema") == 0
    assert queries("llms") == 1


def test_a_feed_ends_somewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feeds, "ENTRIES", 2)
    for number in range(3):
        published(slug=f"p-{number}")
    assert len(entries(got("feed"))) == 2


def test_the_documentation_lists_the_addresses_for_machines() -> None:
    text = (ROOT / "docs" / "formats.md").read_text(encoding="utf-8")
    for name in MACHINES:
        assert f"| `{reverse(name)}` |" in text, name
    for name in ("feed-domain", "feed-collection"):
        assert f"| `{reverse(name, args=['NAME'])}` |" in text
    assert f"{feeds.ENTRIES} patterns" in text
    assert f"{machines.PAGE:,}" in text


def test_the_dump_of_the_examples_holds_nothing_but_json(tmp_path: Path) -> None:
    call_command("import_patterns", FIXTURES, "--publish", verbosity=0)
    lines = got("dump").getvalue().decode().split("\n")
    assert lines.pop() == ""
    assert {json.loads(line)["slug"] for line in lines} == set(Snapshot.objects.values_list("slug", flat=True))
