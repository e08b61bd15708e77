"""Public addresses: a list of what is published, and a page for each pattern. They read snapshots only."""

from __future__ import annotations

from django.db.models import Max
from django.http import HttpRequest, HttpResponse, HttpResponsePermanentRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.cache import patch_vary_headers
from django.views.decorators.http import require_safe

from patterns_app.document.reading import read
from patterns_app.models import Snapshot
from patterns_app.views.addresses import LIBRARY, address_of, moved_to, permanent_address_of
from patterns_app.views.caching import cached, date
from patterns_app.views.citation import authors_of, citation_of, license_of
from patterns_app.views.formats.record import FORMATS
from patterns_app.views.formats.serving import wanted, written
from patterns_app.views.navigator import spoken
from patterns_app.views.page import shown


@require_safe
@spoken
@cached
def index(request: HttpRequest) -> HttpResponse:
    """The way in. Two queries."""
    response = render(request, "patterns/index.html", {"count": Snapshot.objects.count()})
    date(response, Snapshot.objects.aggregate(at=Max("published_at"))["at"])
    return response


@require_safe
@spoken
@cached
def pattern(request: HttpRequest, slug: str) -> HttpResponse:
    """One published pattern, as a page or in the format that the client prefers.

    An old address leads to the new one; one that was public once is gone, not unknown. Two queries for a page.
    """
    response = _pattern(request, slug)
    patch_vary_headers(response, ["Accept"])
    return response


def _pattern(request: HttpRequest, slug: str) -> HttpResponse:
    snapshot = Snapshot.objects.select_related("revision", "successor__snapshot").filter(slug=slug).first()
    if snapshot is None:
        return _elsewhere(request, slug)
    if entry := wanted(request):
        response = written(snapshot, entry)
        response["Content-Location"] = entry.address_of(snapshot)
        return response
    document = read(snapshot.revision.text, name=snapshot.slug).document
    successor = getattr(snapshot.successor, "snapshot", None)
    page = shown(document, body=snapshot.html)
    context = {
        "snapshot": snapshot,
        "shown": page,
        "successor": successor,
        "address": address_of(snapshot),
        "permanent_address": permanent_address_of(snapshot),
        "library": LIBRARY,
        "formats": [(entry, entry.path_of(snapshot)) for entry in FORMATS],
        "citation": citation_of(snapshot, document),
        "authors": authors_of(document),
        "license": license_of(document),
    }
    response = render(request, "patterns/pattern.html", context)
    targets = [link.target.published_at for group in page.groups for link in group.links if link.target]
    newest = [snapshot.published_at, snapshot.revision.created_at, *targets]
    date(response, *newest, successor.published_at if successor else None)
    return response


def _elsewhere(request: HttpRequest, slug: str) -> HttpResponse:
    moved = moved_to(slug)
    if moved is None:
        return render(request, "patterns/gone.html", {"slug": slug}, status=410)
    return HttpResponsePermanentRedirect(reverse("pattern", args=[moved[1]]))
