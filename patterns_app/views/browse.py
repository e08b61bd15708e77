"""Lists of what is public: all of it narrowed by facets, and one list for each domain, collection, contributor …"""

from __future__ import annotations

from django.core.paginator import Paginator
from django.db.models import Max
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from patterns_app.models import Facet, PublicTerm, Snapshot
from patterns_app.views.caching import cached, date
from patterns_app.views.navigator import spoken

PATTERNS_A_PAGE = 60


@require_safe
@spoken
@cached
def browse(request: HttpRequest) -> HttpResponse:
    """What is published, by title. Three queries."""
    snapshots = Snapshot.objects.light().only("slug", "title", "summary", "status", "confidence", "domain")
    page = Paginator(snapshots.order_by("slug"), PATTERNS_A_PAGE).get_page(request.GET.get("page"))
    response = render(request, "patterns/browse.html", {"page": page})
    date(response, Snapshot.objects.aggregate(at=Max("published_at"))["at"])
    return response


@require_safe
@spoken
@cached
def term(request: HttpRequest, facet: Facet, key: str) -> HttpResponse:
    """What is listed under one term; 404 for one under which nothing public is."""
    pks = PublicTerm.objects.filter(facet=facet, key=key).values("snapshot")
    page = Paginator(Snapshot.objects.light().filter(pk__in=pks).order_by("slug"), PATTERNS_A_PAGE).get_page(
        request.GET.get("page")
    )
    if not page.object_list:
        raise Http404("Nothing public is there.")
    return render(request, "patterns/browse.html", {"page": page})


@require_safe
@spoken
@cached
def recent(request: HttpRequest) -> HttpResponse:
    """What was published last."""
    return render(request, "patterns/recent.html")
