"""What the library says to crawlers, language models and whoever wants all of it at once."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Iterator
from typing import Any, Final

from django.db.models import ExpressionWrapper, F, IntegerField, Max, Value
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import reverse
from django.views.decorators.http import require_safe

from patterns_app.document.pattern import READING
from patterns_app.models import PublicTerm, Snapshot
from patterns_app.views import schema
from patterns_app.views.addresses import LIBRARY, absolute
from patterns_app.views.caching import cached, date
from patterns_app.views.formats import plain_json
from patterns_app.views.formats.record import FORMATS, records
from patterns_app.views.openness import open_to_scripts
from patterns_app.views.routes import path_of
from patterns_app.views.wording import HEADINGS

PAGE: Final = 5_000
"""Most addresses on one page of the sitemap."""

CHUNK: Final = 100
"""Patterns of the dump that are held at a time."""

_LISTED: Final = [facet for facet, heading in HEADINGS.items() if heading.word]
_PLACES: Final = (
    "index",
    "browse",
    "about",
    "map",
    "map-list",
    "recent",
    *(HEADINGS[facet].word for facet in _LISTED),
    "api-root",
)
"""Pages that are no pattern's and no term's."""

_XML: Final = "application/xml; charset=utf-8"
_TEXT: Final = "text/plain; charset=utf-8"


@require_safe
@cached
def robots(request: HttpRequest) -> HttpResponse:
    """What crawlers should leave alone, and where the sitemap is. No query.

    Choices and ways between patterns have addresses without end, behind which nothing is that is not elsewhere.
    """
    places = (*map(reverse, ("admin:index", "edit-link", "navigator")), "/preview/", f"{reverse('path')}?")
    left = "".join(f"Disallow: {place}\n" for place in places)
    text = f"User-agent: *\n{left}\nSitemap: {absolute(reverse('sitemap'))}\n"
    response = HttpResponse(text, content_type=_TEXT)
    date(response)
    return response


@require_safe
@cached
def llms(request: HttpRequest) -> HttpResponse:
    """What this is and how to get it, for language models (https://llmstxt.org). One query."""
    newest = Snapshot.objects.light().order_by("-published_at", "slug").first()
    context = {
        "library": LIBRARY,
        "site": absolute(reverse("index")),
        "formats": [
            (entry.label, entry.suffix, entry.media_type, entry.address_of(newest) if newest else "")
            for entry in FORMATS
        ],
        **{name: absolute(reverse(name)) for name in ("dump", "feed", "schema", "sitemap", "mcp")},
        **{
            word: absolute(reverse(f"api-{name}"))
            for word, name in (("retrieve", "retrieve"), ("search", "search"), ("api", "root"), ("openapi", "openapi"))
        },
    }
    # Plain text, in which there is nothing to escape: addresses are all that comes from a pattern.
    response = HttpResponse(render_to_string("patterns/llms.txt", context), content_type=_TEXT)
    date(response, newest.published_at if newest else None)
    return response


@require_safe
@cached
def sitemap(request: HttpRequest) -> HttpResponse:
    """The index of the sitemap's pages. Two queries, of which one has a row for each page of patterns."""
    # By key: a pattern stays on its page, and no page has to count those before it.
    page = ExpressionWrapper(F("pattern_id") / Value(PAGE), output_field=IntegerField())
    pages = list(
        Snapshot.objects.order_by()
        .annotate(page=page)
        .values_list("page")
        .annotate(at=Max("published_at"))
        .order_by("page")
    )
    newest = max((at for _, at in pages), default=None)
    lists = range(math.ceil((len(_PLACES) + _terms().distinct().count()) / PAGE))
    context = {
        "pages": [
            *((absolute(reverse("sitemap-lists", args=[number])), newest) for number in lists),
            *((absolute(reverse("sitemap-page", args=[number])), at) for number, at in pages),
        ]
    }
    response = render(request, "patterns/sitemap_index.xml", context, content_type=_XML)
    date(response, newest)
    return response


@require_safe
@cached
def sitemap_lists(request: HttpRequest, number: str) -> HttpResponse:
    """At most 5,000 addresses of pages that are no pattern's: the library's own, then those of lists. Two queries.

    The later the page, the more index entries are passed over. A list is as old as the newest pattern in it.
    """
    first = int(number) * PAGE
    newest = Snapshot.objects.aggregate(at=Max("published_at"))["at"]
    found = [(reverse(name), newest) for name in _PLACES[first : first + PAGE]]
    after = max(first - len(_PLACES), 0)
    rows = _terms().annotate(at=Max("snapshot__published_at")).order_by("facet", "key")
    found += [(path_of(row["facet"], row["key"]), row["at"]) for row in rows[after : after + PAGE - len(found)]]
    if not found:
        raise Http404("The sitemap has no such page.")
    context = {"pages": [(absolute(path), at) for path, at in found]}
    response = render(request, "patterns/sitemap.xml", context, content_type=_XML)
    date(response, newest)
    return response


def _terms() -> Any:
    """The terms that have a list of their own, by facet and key."""
    return PublicTerm.objects.filter(facet__in=_LISTED).order_by().values("facet", "key")


@require_safe
@cached
def sitemap_page(request: HttpRequest, number: str) -> HttpResponse:
    """The addresses of at most 5,000 patterns. One query."""
    first = int(number) * PAGE
    within = Snapshot.objects.filter(pk__gte=first, pk__lt=first + PAGE)
    found = list(within.order_by("pk").values_list("slug", "published_at"))
    if not found:
        raise Http404("The sitemap has no such page.")
    context = {"pages": [(absolute(reverse("pattern", args=[slug])), at) for slug, at in found]}
    response = render(request, "patterns/sitemap.xml", context, content_type=_XML)
    date(response, *(at for _, at in found))
    return response


@open_to_scripts
@cached
def dump(request: HttpRequest) -> HttpResponseBase:
    """All public patterns as JSON Lines, each as its `.json`.

    Memory does not grow with the library: 100 patterns are held at a time, with two queries for each 100. Two queries
    say whether anything changed. What is published while it runs may or may not be in it; the ETag is that of the
    beginning, so that the next request gets the news.
    """
    response = StreamingHttpResponse(_lines(), content_type="application/jsonl; charset=utf-8")
    response["ETag"] = _state_of_all()
    date(response, Snapshot.objects.aggregate(at=Max("published_at"))["at"])
    return response


def _lines() -> Iterator[str]:
    after = 0
    everything = Snapshot.objects.light().select_related("revision").order_by("pk")
    while chunk := list(everything.filter(pk__gt=after)[:CHUNK]):
        yield "".join(map(plain_json.write_line, records(chunk)))
        after = chunk[-1].pk


def _state_of_all() -> str:
    """An ETag that changes with anything that a dump says. Reads a short row for each pattern, none is held."""
    state = hashlib.sha256(f"{READING} {absolute('')}".encode())
    columns = (
        "pk",
        "revision",
        "slug",
        "identifier",
        "title",
        "status",
        "successor",
        "first_published_at",
        "published_at",
        "history",
    )
    for row in Snapshot.objects.order_by("pk").values_list(*columns).iterator():
        state.update(repr(row).encode(errors="surrogatepass"))
    return f'"{state.hexdigest()[:32]}"'


@open_to_scripts
@cached
def pattern_schema(request: HttpRequest) -> HttpResponse:
    """The JSON Schema of the front matter. No query."""
    text = json.dumps(schema.of_front_matter(absolute(reverse("schema"))), ensure_ascii=False, indent=2) + "\n"
    response = HttpResponse(text, content_type="application/schema+json; charset=utf-8")
    date(response)
    return response
