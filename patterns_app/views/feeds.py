"""Atom feeds (RFC 4287) of what was published last: of the library, of a domain, of a collection."""

from __future__ import annotations

import datetime
import re
from typing import Any, Final, NamedTuple

from django.http import Http404, HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.urls import reverse
from django.views.decorators.http import require_safe

from patterns_app.catalogue.terms import key_of
from patterns_app.document.pattern import PatternDocument
from patterns_app.document.reading import read
from patterns_app.models import Facet, PublicAddress, PublicTerm, Snapshot
from patterns_app.rendering import mentioned, resolved
from patterns_app.views.addresses import LIBRARY, absolute, address_of, urn_of
from patterns_app.views.caching import cached, date
from patterns_app.views.citation import License, authors_of, license_of
from patterns_app.views.formats.record import MARKDOWN
from patterns_app.views.routes import list_path, path_of

ENTRIES: Final = 50
"""Patterns in a feed."""

_NOT_XML: Final = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""Characters that XML cannot say in any way."""


class Entry(NamedTuple):
    """A pattern in a feed. urn: its name for good. html: its body, "" in a feed of summaries."""

    snapshot: Snapshot
    document: PatternDocument
    urn: str
    address: str
    markdown: str
    authors: list[str]
    license: License | None
    html: str


@require_safe
@cached
def recent(request: HttpRequest) -> HttpResponse:
    """Summaries of what was published last. One query."""
    return _feed(LIBRARY, reverse("feed"))


@require_safe
@cached
def recent_full(request: HttpRequest) -> HttpResponse:
    """The same with whole texts. Two queries."""
    return _feed(LIBRARY, reverse("feed-full"), is_full=True)


@require_safe
@cached
def domain(request: HttpRequest, name: str) -> HttpResponse:
    """Of one domain; 404 for one that has nothing public. One query."""
    path = reverse("feed-domain", args=[name])
    return _feed(f"{LIBRARY}: {name}", path, page=list_path(Facet.DOMAIN, name), facet=Facet.DOMAIN, name=name)


@require_safe
@cached
def collection(request: HttpRequest, name: str) -> HttpResponse:
    """Of one collection; 404 for one that has nothing public. One query."""
    path = reverse("feed-collection", args=[name])
    return _feed(f"{LIBRARY}: {name}", path, page=list_path(Facet.COLLECTION, name), facet=Facet.COLLECTION, name=name)


def _feed(
    title: str, path: str, *, page: str = "", is_full: bool = False, facet: Facet | None = None, name: str = ""
) -> HttpResponse:
    chosen = Snapshot.objects.all() if is_full else Snapshot.objects.light()
    if facet:
        listed = PublicTerm.objects.filter(facet=facet, key=key_of(name))
        chosen = chosen.filter(pk__in=listed.values("snapshot"))
    snapshots = list(chosen.select_related("revision").order_by("-published_at", "slug")[:ENTRIES])
    if facet and not snapshots:
        raise Http404("Nothing public is there.")
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
    """Whole texts, in which links to other patterns lead to those that are public, and others are words. One query."""
    slugs = {slug for snapshot in snapshots for slug in mentioned(snapshot.html)}
    public = PublicAddress.objects.filter(slug__among=slugs, pattern__snapshot__isnull=False)
    pairs = public.values_list("slug", "pattern__snapshot__slug") if slugs else ()
    addresses = {slug: absolute(path_of("pattern", now)) for slug, now in pairs}
    return [resolved(snapshot.html, addresses) for snapshot in snapshots]


def _entry(snapshot: Snapshot, html: str) -> Entry:
    document = read(snapshot.revision.text, name=snapshot.slug).document
    return Entry(
        snapshot,
        document,
        urn_of(snapshot),
        address_of(snapshot),
        MARKDOWN.address_of(snapshot),
        authors_of(document),
        license_of(document),
        html,
    )
