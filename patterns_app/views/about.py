"""What the library is, and the words of its format."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from patterns_app.views.caching import cached, date
from patterns_app.views.formats.record import FORMATS
from patterns_app.views.glossary import AUDIENCES, PARTS
from patterns_app.views.navigator import spoken


@require_safe
@spoken
@cached
def about(request: HttpRequest) -> HttpResponse:
    """What a pattern is, and the glossary of the format. No query."""
    response = render(request, "patterns/about.html", {"parts": PARTS, "audiences": AUDIENCES, "formats": FORMATS})
    date(response)
    return response
