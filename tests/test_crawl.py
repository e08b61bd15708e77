"""Every link of the public site is followed from its first page and its sitemap, and every page is looked at: does each
address answer, is the HTML valid, does each reference in it lead anywhere.

PATTERNS_CORPUS adds the patterns of its folders. Of pages with parameters, and of formats, a sample is followed.
"""

from __future__ import annotations

import contextlib
import os
import re
from collections import Counter, deque
from collections.abc import Iterator
from typing import Any, Final, NamedTuple
from urllib.parse import unquote, urldefrag, urljoin, urlsplit

import html5lib
import pytest
from django.conf import settings
from django.contrib.staticfiles import finders
from django.core.management import call_command
from django.test import Client
from django.urls import Resolver404, resolve

from patterns_app.models import Snapshot
from tests.document.library import EXAMPLES

HOST: Final = "http://testserver"
MOST_REDIRECTS: Final = 5
MOST_OF_A_KIND: Final = 12
"""Addresses followed of one page with the same parameter, or of one format: facets make more than can be looked at."""

REFERENCES: Final = (
    "for",
    "list",
    "form",
    "aria-labelledby",
    "aria-describedby",
    "aria-controls",
    "aria-owns",
    "headers",
)
EVERY_ONE: Final = {"pattern", "domain", "collection"}
"""Pages of which each is looked at, whatever their number."""


class Link(NamedTuple):
    """An address that a page leads to. in_text: stands in what an author wrote."""

    address: str
    in_text: bool


class Seen(NamedTuple):
    """What is to be known of a page: its links, its ids, and what is wrong with it."""

    links: list[Link]
    ids: set[str]
    problems: list[str]


def looked_at(html: str, address: str) -> Seen:
    """A page as its links and problems. address: the whole address of the page itself."""
    parser = html5lib.HTMLParser(namespaceHTMLElements=False)
    tree: Any = parser.parse(html)
    problems = [
        f"invalid HTML at line {line}: {code} {data.get('name', '')}" for (line, _), code, data in parser.errors
    ]
    elements = [element for element in tree.iter() if isinstance(element.tag, str)]
    counts = Counter(element.get("id") for element in elements if element.get("id") is not None)
    problems += [f"id “{name}” {count} times" for name, count in counts.items() if count > 1]
    if (count := sum(element.tag == "h1" for element in elements)) != 1:
        problems.append(f"{count} h1")
    in_text = {
        id(inner) for element in elements if "prose" in element.get("class", "").split() for inner in element.iter()
    }
    links = []
    for element in elements:
        problems += [f"<{element.tag}>: {problem}" for problem in _wrong_with(element, set(counts))]
        links += [Link(urljoin(address, href), id(element) in in_text) for href in _addresses(element)]
    return Seen(links, set(counts), problems)


def _wrong_with(element: Any, ids: set[str]) -> Iterator[str]:
    for name, value in element.attrib.items():
        if name == "style" or name.startswith("on"):
            yield f"has {name}="
        if name in REFERENCES:
            yield from (f"{name}= names “{part}”, which is not there" for part in value.split() if part not in ids)
        if name in ("src", "srcset", "poster", "data") and urlsplit(value).netloc not in ("", "testserver"):
            yield f"loads {value} from another host"
    if element.tag == "style":
        yield "stands in the page"
    if element.tag == "script" and element.get("src") is None and "json" not in element.get("type", ""):
        yield "stands in the page"
    if element.tag == "link" and element.get("rel") == "stylesheet" and "//" in element.get("href", ""):
        yield "comes from another host"
    if element.tag == "img" and element.get("alt") is None:
        yield "has no alt"


def _addresses(element: Any) -> Iterator[str]:
    if element.tag in ("a", "area", "link") and (href := element.get("href")) is not None:
        yield href
    if element.tag in ("img", "script", "iframe", "source") and (src := element.get("src")) is not None:
        yield src
    if element.tag == "form" and element.get("method", "get").lower() == "get":
        yield element.get("action", "")
    if element.tag == "meta" and element.get("property") in ("og:image", "og:url"):
        yield element.get("content", "")
    # Of a drawing.
    if href := element.get("{http://www.w3.org/1999/xlink}href"):
        yield href
    if element.tag.endswith("}a") and (href := element.get("href")) is not None:
        yield href


class Crawl:
    """Follows links until there are no new ones. `problems` then has what is wrong, with the address."""

    def __init__(self) -> None:
        self.problems: list[str] = []
        self.seen: dict[str, Seen | None] = {}
        self.wanted: list[tuple[str, str, bool]] = []
        self._waiting: deque[tuple[str, str]] = deque()
        self._kinds: Counter[tuple[str, ...]] = Counter()

    def run(self, *starts: str) -> None:
        for start in starts:
            self._take(HOST + start, "the start", in_text=False)
        while self._waiting:
            address, whence = self._waiting.popleft()
            self._visit(address, whence)
        for address, whence, in_text in self.wanted:
            base, fragment = urldefrag(address)
            page = self.seen.get(base)
            # A text may name a place in itself that it does not have: that is for its authors.
            if page is not None and not in_text and unquote(fragment) not in page.ids:
                self.problems.append(f"{whence}: there is no #{fragment} on {base}")

    def _take(self, address: str, whence: str, *, in_text: bool) -> None:
        parts = urlsplit(address.replace(settings.SITE_URL.rstrip("/"), HOST, 1))
        if parts.scheme not in ("http", "https") or parts.netloc != "testserver" or parts.path.startswith("/admin/"):
            return
        base, fragment = urldefrag(parts.geturl())
        if fragment:
            self.wanted.append((parts.geturl(), whence, in_text))
        if base in self.seen:
            return
        self.seen[base] = None
        if parts.path.startswith(f"/{settings.STATIC_URL.strip('/')}/"):
            if finders.find(unquote(parts.path.removeprefix(f"/{settings.STATIC_URL.strip('/')}/"))) is None:
                self.problems.append(f"{whence}: there is no file {parts.path}")
            return
        try:
            name = resolve(unquote(parts.path)).url_name or ""
        except Resolver404:
            self.problems.append(f"{whence}: there is no page {parts.path}")
            return
        # One parameter says one thing; of their combinations a few say what the others would.
        names = sorted(part.partition("=")[0] for part in parts.query.split("&") if part)
        kind = (name, *names) if len(names) < 2 else (name, "several")
        self._kinds[kind] += 1
        if self._kinds[kind] <= MOST_OF_A_KIND or (name in EVERY_ONE and not parts.query):
            self._waiting.append((base, whence))

    def _visit(self, address: str, whence: str) -> None:
        at = address
        for _ in range(MOST_REDIRECTS):
            parts = urlsplit(at)
            # A browser without cookies: a choice of an audience must not change what is asked for next.
            response: Any = Client().get(parts.path + (f"?{parts.query}" if parts.query else ""))
            if response.status_code not in (301, 302):
                break
            at = urljoin(at, response["Location"])
        if response.status_code != 200:
            self.problems.append(f"{whence}: {address} answers {response.status_code}")
            return
        body = response.getvalue()
        if response["Content-Type"].startswith("text/html"):
            page = looked_at(body.decode(), at)
            self.seen[address] = page
            self.problems += [f"{address}: {problem}" for problem in page.problems]
            for link in page.links:
                self._take(link.address, address, in_text=link.in_text)
        elif response["Content-Type"].startswith("application/xml"):
            for found in re.findall(rb"<loc>([^<]+)</loc>", body):
                self._take(found.decode().replace("&amp;", "&"), address, in_text=False)


@pytest.mark.django_db
def test_every_link_leads_somewhere_and_every_page_is_sound() -> None:
    folders = [str(EXAMPLES), *filter(None, os.environ.get("PATTERNS_CORPUS", "").split(os.pathsep))]
    for folder in folders:
        # Status 1 says that some files had problems; the others are in.
        with contextlib.suppress(SystemExit):
            call_command("import_patterns", folder, publish=True, verbosity=0)
    crawl = Crawl()
    crawl.run("/", "/sitemap.xml")
    pages = [address for address, page in crawl.seen.items() if page is not None]
    slugs = set(Snapshot.objects.values_list("slug", flat=True))
    visited = {unquote(urlsplit(address).path.split("/")[2]) for address in pages if "/patterns/" in address}
    assert slugs
    assert slugs <= visited, "patterns to which no link leads"
    problems = sorted(set(crawl.problems))
    assert not problems, f"{len(pages)} pages; {len(problems)} problems:\n" + "\n".join(problems[:200])


@pytest.mark.parametrize(
    ("html", "problem"),
    [
        ("<h1>a</h1><h1>b</h1>", "2 h1"),
        ("<p>none</p>", "0 h1"),
        ("<h1 id=a>a</h1><p id=a>", "id “a” 2 times"),
        ("<h1>a</h1><label for=b>", "for= names “b”"),
        ("<h1>a</h1><p aria-labelledby='a b'>", "names “b”"),
        ("<h1>a</h1><p style='color:red'>", "has style="),
        ("<h1>a</h1><p onclick='x()'>", "has onclick="),
        ("<h1>a</h1><script>x()</script>", "<script>: stands in the page"),
        ("<h1>a</h1><style>p{}</style>", "<style>: stands in the page"),
        ("<h1>a</h1><img alt='' src='https://elsewhere.example/a.png'>", "from another host"),
        ("<h1>a</h1><img src='/a.png'>", "has no alt"),
        ("<h1>a</h1><p><div></p>", "invalid HTML"),
        ("<h1>a</h1><ul><li></ol>", "invalid HTML"),
    ],
)
def test_what_is_wrong_with_a_page_is_found(html: str, problem: str) -> None:
    page = looked_at(f"<!doctype html><title>t</title>{html}", f"{HOST}/")
    assert any(problem in said for said in page.problems), page.problems


@pytest.mark.django_db
def test_links_that_lead_nowhere_are_found() -> None:
    head = "<!doctype html><title>t</title><h1>a</h1><img alt='' src='/static/none.png'>"
    assert looked_at(head, f"{HOST}/").problems == []
    crawl = Crawl()
    links = ("/patterns/unknown/", "/no/such/page", "#nowhere", "/about/#x")
    page = looked_at(head + "".join(f"<a href='{link}'>x</a>" for link in links), f"{HOST}/")
    crawl.seen[f"{HOST}/"] = page
    for link in page.links:
        crawl._take(link.address, "/", in_text=False)
    crawl.run()
    said = "\n".join(crawl.problems)
    for part in (
        "/patterns/unknown/ answers 404",
        "no page /no/such/page",
        "no #nowhere",
        "no #x",
        "no file /static/none",
    ):
        assert part in said
