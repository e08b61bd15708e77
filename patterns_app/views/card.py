"""What others show of a shared link: a picture of the pattern it leads to, and the words beside it (OpenGraph)."""

from __future__ import annotations

from http import HTTPStatus
from typing import Final

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponsePermanentRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from patterns_app.document.vocabulary import vitality_band
from patterns_app.models import Snapshot
from patterns_app.views.addresses import LIBRARY, moved_to
from patterns_app.views.caching import SHARED, STALE, cached, date
from patterns_app.views.navigator import audience_of
from patterns_app.views.picture import Card, png_of

BROWSER: Final = 24 * 3600
"""Seconds for which a reader's own copy of a picture is shown. Caches in front of the site keep it no longer than a
page, so that the picture of a pattern that was taken back goes with it."""

_ABOUT: Final = "Reusable answers to recurring problems, and how they hang together."


def context(request: HttpRequest) -> dict[str, str]:
    """For all templates: the site's address without a path, as `_card.html` has to write whole addresses."""
    return {"site": settings.SITE_URL.rstrip("/")}


@require_safe
def card(request: HttpRequest, slug: str) -> HttpResponseBase:
    """The picture of a public pattern, in the words of `?audience=`. One query; 30 ms where there is no copy."""
    return _kept_long(_card(request, slug))


@require_safe
def library_card(request: HttpRequest) -> HttpResponseBase:
    """The picture of the library, for every other page. No query."""
    return _kept_long(_library_card(request))


def _kept_long(response: HttpResponseBase) -> HttpResponseBase:
    is_shown = response.status_code in (HTTPStatus.OK, HTTPStatus.NOT_MODIFIED)
    if is_shown and "no-store" not in response["Cache-Control"]:
        said = f"public, max-age={BROWSER}, s-maxage={SHARED}, stale-while-revalidate={STALE}"
        response["Cache-Control"] = said
    return response


@cached
def _card(request: HttpRequest, slug: str) -> HttpResponse:
    snapshot = Snapshot.objects.light().filter(slug=slug).first()
    if snapshot is None:
        moved = moved_to(slug)
        if moved is None:
            return render(request, "patterns/gone.html", {"slug": slug}, status=HTTPStatus.GONE)
        asked = request.META["QUERY_STRING"]
        address = reverse("card", args=[moved[1]])
        return HttpResponsePermanentRedirect(f"{address}?{asked}" if asked else address)
    audience = audience_of(request)
    label = snapshot.label_for(audience)
    foot = [
        "deprecated" if snapshot.status == "deprecated" else "",
        "" if snapshot.vitality is None else f"vitality: {vitality_band(snapshot.vitality)}",
        f"in the words of {audience}" if label else "",
    ]
    said = Card(
        titles=(label, str(snapshot), snapshot.slug.replace("-", " ")),
        above=snapshot.domain,
        beside=str(snapshot) if label else "",
        summary=snapshot.summary,
        stars=snapshot.confidence,
        foot="  ·  ".join(part for part in foot if part),
        library=LIBRARY,
    )
    response = HttpResponse(png_of(said), content_type="image/png")
    date(response, snapshot.published_at)
    return response


@cached
def _library_card(request: HttpRequest) -> HttpResponse:
    response = HttpResponse(png_of(Card((LIBRARY,), summary=_ABOUT)), content_type="image/png")
    date(response)
    return response
