"""A page for each public pattern, read from its snapshot only."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, HttpResponsePermanentRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.cache import patch_vary_headers
from django.views.decorators.http import require_safe

from patterns_app.document.reading import read
from patterns_app.models import Snapshot
from patterns_app.views.addresses import moved_to
from patterns_app.views.caching import cached, date
from patterns_app.views.formats.record import Format
from patterns_app.views.formats.serving import wanted, written
from patterns_app.views.navigator import audience_of, spoken
from patterns_app.views.page import PageRecord, copying_of, record_at, shown


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
    if entry := wanted(request):
        response = _formatted(request, slug, entry)
        # Data that is public and hangs on no cookie: a script on any site may read it, and be led to it.
        response["Access-Control-Allow-Origin"] = "*"
        return response
    record = record_at(slug)
    return _elsewhere(request, slug) if record is None else _page(request, record)


def _formatted(request: HttpRequest, slug: str, entry: Format) -> HttpResponse:
    snapshot = Snapshot.objects.light().select_related("revision").filter(slug=slug).first()
    if snapshot is None:
        return _elsewhere(request, slug)
    response = written(snapshot, entry)
    response["Content-Location"] = entry.address_of(snapshot)
    return response


def _page(request: HttpRequest, record: PageRecord) -> HttpResponse:
    document = read(record.text, name=record.snapshot.slug).document
    page = shown(document, snapshot=record.snapshot, audience=audience_of(request))
    context = {"snapshot": record.snapshot, "shown": page, "copying": copying_of(record, document)}
    response = render(request, "patterns/pattern.html", context)
    date(response, record.snapshot.published_at, record.written_at, page.newest)
    return response


def _elsewhere(request: HttpRequest, slug: str) -> HttpResponse:
    moved = moved_to(slug)
    if moved is None:
        return render(request, "patterns/gone.html", {"slug": slug}, status=410)
    return HttpResponsePermanentRedirect(reverse("pattern", args=[moved[1]]))
