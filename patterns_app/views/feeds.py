"""Atom feeds (RFC 4287) of what was published last: of the library, of a domain, of a collection."""

from __future__ import annotations

import datetime
import re
from typing import Any, Final, NamedTuple

from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponsePermanentRedirect
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.html import escape

from patterns_app.catalogue.narrowing import labels_of
from patterns_app.catalogue.terms import key_of
from patterns_app.document.pattern import PatternDocument
from patterns_app.document.reading import read
from patterns_app.models import Facet, PublicAddress, PublicTerm, Snapshot
from patterns_app.rendering import mentioned, resolved
from patterns_app.views.addresses import LIBRARY, absolute, address_of
from patterns_app.views.caching import cached, date
from patterns_app.views.citation import License, authors_of, license_of
from patterns_app.views.formats.record import MARKDOWN
from patterns_app.views.openness import open_to_scripts
from patterns_app.views.routes import path_of

ENTRIES: Final = 50
"""Patterns in a feed."""

# Every `<` of a text is escaped, so that this is a tag.
_PLACE: Final = re.compile(r'(<a\b[^>]* href=")#')
_NOT_XML: Final = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""Characters that XML cannot say in any way."""


class Entry(NamedTuple):
    """A pattern in a feed. urn: its name for good, see `PublicUrn`. html: its body, "" in a feed of summaries."""

    snapshot: Snapshot
    document: PatternDocument
    urn: str
    address: str
    markdown: str
    authors: list[str]
    license: License | None
    html: str


@open_to_scripts
@cached
def recent(request: HttpRequest) -> HttpResponse:
    """Summaries of what was published last. One query."""
    return _feed(LIBRARY, reverse("feed"), Snapshot.objects.light())


@open_to_scripts
@cached
def recent_full(request: HttpRequest) -> HttpResponse:
    """The same with whole texts. Two queries."""
    return _feed(LIBRARY, reverse("feed-full"), Snapshot.objects.all(), is_full=True)


@open_to_scripts
@cached
def domain(request: HttpRequest, name: str) -> HttpResponse:
    """Of one domain; 404 for one that has nothing public. Two queries."""
    return _of_term("feed-domain", Facet.DOMAIN, name)


@open_to_scripts
@cached
def collection(request: HttpRequest, name: str) -> HttpResponse:
    """Of one collection; 404 for one that has nothing public. Two queries."""
    return _of_term("feed-collection", Facet.COLLECTION, name)


def _of_term(route: str, facet: Facet, name: str) -> HttpResponse:
    """A feed has one address, as its list has; who writes the name in another way is led there."""
    key = key_of(name)
    found = labels_of([(facet.value, key)]) if key else {}
    if not found:
        raise Http404("Nothing public is there.")
    path = reverse(route, args=[key])
    if key != name:
        return HttpResponsePermanentRedirect(path)
    listed = PublicTerm.objects.filter(facet=facet, key=key)
    chosen = Snapshot.objects.light().filter(pk__in=listed.values("snapshot"))
    return _feed(f"{LIBRARY}: {found[facet.value, key]}", path, chosen, page=path_of(facet.value, key))


def _feed(title: str, path: str, chosen: QuerySet[Snapshot], *, page: str = "", is_full: bool = False) -> HttpResponse:
    snapshots = list(chosen.select_related("revision").order_by("-published_at", "slug")[:ENTRIES])
    newest = snapshots[0].published_at if snapshots else None
    texts = _texts(snapshots) if is_full else [""] * len(snapshots)
    context: dict[str, Any] = {
        "title": title,
        "author": LIBRARY,
        "address": absolute(path),
        "page": absolute(page or reverse("index")),
        "updated": newest or datetime.datetime(2000, 1, 1, tzinfo=datetime.UTC),
        "entries": [_entry(snapshot, html) for snapshot, html in zip(snapshots, texts, strict=True)],
        "markdown_type": MARKDOWN.media_type,
    }
    xml = _NOT_XML.sub("", render_to_string("patterns/feed.xml", context))
    response = HttpResponse(xml, content_type="application/atom+xml; charset=utf-8")
    date(response, newest)
    return response


def _texts(snapshots: list[Snapshot]) -> list[str]:
    """Whole texts for readers elsewhere, who may know no base: every address is a whole one. One query.

    Links to other patterns lead to those that are public, and others are words.
    """
    slugs = {slug for snapshot in snapshots for slug in mentioned(snapshot.html)}
    public = PublicAddress.objects.filter(slug__among=slugs, pattern__snapshot__isnull=False)
    pairs = public.values_list("slug", "pattern__snapshot__slug") if slugs else ()
    addresses = {slug: absolute(path_of("pattern", now)) for slug, now in pairs}
    return [_whole(resolved(snapshot.html, addresses), address_of(snapshot)) for snapshot in snapshots]


def _whole(html: str, address: str) -> str:
    """A text whose links to places in it begin with its address."""
    return _PLACE.sub(lambda found: f"{found[1]}{escape(address)}#", html)


def _entry(snapshot: Snapshot, html: str) -> Entry:
    document = read(snapshot.revision.text, name=snapshot.slug).document
    return Entry(
        snapshot,
        document,
        snapshot.urn,
        address_of(snapshot),
        MARKDOWN.address_of(snapshot),
        authors_of(document),
        license_of(document),
        html,
    )
