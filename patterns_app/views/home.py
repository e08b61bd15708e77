"""The way in."""

from __future__ import annotations

from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from patterns_app.catalogue.front import front
from patterns_app.views.caching import cached, date
from patterns_app.views.navigator import spoken
from patterns_app.views.tiles import tiles


@require_safe
@spoken
@cached
def index(request: HttpRequest) -> HttpResponse:
    """What this is, and the doors into it. See `front` for the queries."""
    found = front()
    here = reverse("index")
    context = {
        "front": found,
        "newest": tiles(found.newest),
        "vital": tiles(found.vital),
        "linked": [
            (tile, count)
            for tile, (_, count) in zip(tiles(snapshot for snapshot, _ in found.linked), found.linked, strict=True)
        ],
        "audiences": [
            (value.label, f"{reverse('navigator')}?{urlencode({'to': value.label, 'next': here})}")
            for value in found.audiences.values
        ],
    }
    response = render(request, "patterns/index.html", context)
    date(response, found.newest_at)
    return response
