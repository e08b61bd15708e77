"""The map of the whole library."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from patterns_app.views.caching import cached
from patterns_app.views.navigator import spoken


@require_safe
@spoken
@cached
def map(request: HttpRequest) -> HttpResponse:
    """The library as a graph."""
    return render(request, "patterns/map.html")
