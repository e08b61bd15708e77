"""Public addresses: a list of what is published, and a page for each pattern. They read snapshots only."""

from __future__ import annotations

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, HttpResponsePermanentRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.cache import patch_cache_control
from django.views.decorators.http import require_safe

from patterns_app.document.reading import read
from patterns_app.models import PublicAddress, Snapshot
from patterns_app.views.page import shown

PATTERNS_A_PAGE = 60


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """What is published, by title. Two queries."""
    snapshots = Snapshot.objects.light().only("slug", "title", "summary", "status", "confidence", "domain")
    page = Paginator(snapshots.order_by("slug"), PATTERNS_A_PAGE).get_page(request.GET.get("page"))
    return render(request, "patterns/index.html", {"page": page})


@require_safe
def pattern(request: HttpRequest, slug: str) -> HttpResponse:
    """One published pattern. An old address leads to the new one; one that was public once is gone, not unknown.

    Three queries.
    """
    snapshot = Snapshot.objects.select_related("revision", "successor__snapshot").filter(slug=slug).first()
    if snapshot is None:
        return _elsewhere(request, slug)
    document = read(snapshot.revision.text, name=snapshot.slug).document
    successor = snapshot.successor
    context = {
        "snapshot": snapshot,
        "shown": shown(document, body=snapshot.html),
        "successor": getattr(successor, "snapshot", None) if successor else None,
    }
    response = render(request, "patterns/pattern.html", context)
    patch_cache_control(response, public=True, max_age=60)
    return response


def _elsewhere(request: HttpRequest, slug: str) -> HttpResponse:
    address = PublicAddress.objects.filter(slug=slug).first()
    if address is None:
        raise Http404(f"There is no pattern at “{slug}”.")
    now = Snapshot.objects.filter(pk=address.pattern_id).values_list("slug", flat=True).first()
    if now:
        return HttpResponsePermanentRedirect(reverse("pattern", args=[now]))
    return render(request, "patterns/gone.html", {"slug": slug}, status=410)
