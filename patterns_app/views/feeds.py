"""Atom feeds (RFC 4287) of what was published last: of the library, of a domain, of a collection."""

from __future__ import annotations

import datetime
import re
from typing import Any, Final, NamedTuple

from django.http import Http404, HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.urls import reverse
from django.views.decorators.http import require_safe

from patterns_app.document.pattern import PatternDocument
from patterns_app.document.reading import read
from patterns_app.models import Snapshot
from patterns_app.views.addresses import LIBRARY, absolute, address_of, urn_of
from patterns_app.views.caching import cached, date
from patterns_app.views.citation import License, authors_of, license_of
from patterns_app.views.formats.record import MARKDOWN

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
    """The same with whole texts. One query."""
    return _feed(LIBRARY, reverse("feed-full"), is_full=True)


@require_safe
@cached
def domain(request: HttpRequest, name: str) -> HttpResponse:
    """Of one domain; 404 for one that has nothing public. One query."""
    return _feed(f"{LIBRARY}: {name}", reverse("feed-domain", args=[name]), domain=name)


@require_safe
@cached
def collection(request: HttpRequest, name: str) -> HttpResponse:
    """Of one collection; 404 for one that has nothing public. One query."""
    return _feed(f"{LIBRARY}: {name}", reverse("feed-collection", args=[name]), collection=name)


def _feed(title: str, path: str, *, is_full: bool = False, **only: str) -> HttpResponse:
    chosen = Snapshot.objects.filter(**only) if is_full else Snapshot.objects.light().filter(**only)
    snapshots = list(chosen.select_related("revision").order_by("-published_at", "slug")[:ENTRIES])
    if only and not snapshots:
        raise Http404("Nothing public is there.")
    newest = snapshots[0].published_at if snapshots else None
    context: dict[str, Any] = {
        "title": title,
        "author": LIBRARY,
        "address": absolute(path),
        "site": absolute(reverse("index")),
        "updated": newest or datetime.datetime(2000, 1, 1, tzinfo=datetime.UTC),
        "entries": [_entry(snapshot, is_full) for snapshot in snapshots],
        "markdown_type": MARKDOWN.media_type,
    }
    xml = _NOT_XML.sub("", render_to_string("patterns/feed.xml", context))
    response = HttpResponse(xml, content_type="application/atom+xml; charset=utf-8")
    date(response, newest)
    return response


def _entry(snapshot: Snapshot, is_full: bool) -> Entry:
    document = read(snapshot.revision.text, name=snapshot.slug).document
    return Entry(
        snapshot,
        document,
        urn_of(snapshot),
        address_of(snapshot),
        MARKDOWN.address_of(snapshot),
        authors_of(document),
        license_of(document),
        snapshot.html if is_full else "",
    )
