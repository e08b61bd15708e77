"""The map of the whole library, what it is drawn from, and a plain list of the same."""

from __future__ import annotations

import json
from typing import NamedTuple

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from patterns_app.graph.drawing import drawing
from patterns_app.graph.paths import Step, steps_from
from patterns_app.models import Snapshot
from patterns_app.views.caching import cached, compressed
from patterns_app.views.navigator import audience_of, spoken
from patterns_app.views.openness import open_to_scripts

PATTERNS_A_PAGE = 60

LINKS_SHOWN = 40
"""Relationships of one pattern that the list shows; the pattern's page has the others."""


@require_safe
@spoken
@cached
def map(request: HttpRequest) -> HttpResponse:
    """The library as a graph: the page only, which asks for `data` by itself. One query."""
    return render(request, "patterns/map.html", {"count": Snapshot.objects.count()})


@open_to_scripts
@compressed
@cached
def data(request: HttpRequest) -> HttpResponse:
    """All that the map shows, as JSON; see `graph.drawing`. Four queries."""
    said = json.dumps(drawing(audience_of(request)), ensure_ascii=False, separators=(",", ":"))
    return HttpResponse(said, content_type="application/json")


class Tie(NamedTuple):
    """A relationship as a row of the list shows it."""

    step: Step
    other: Snapshot


class Row(NamedTuple):
    """A pattern with what it is linked to. more: how many relationships are not shown."""

    pattern: Snapshot
    ties: list[Tie]
    more: int


@require_safe
@spoken
@cached
def as_list(request: HttpRequest) -> HttpResponse:
    """The same as the map for who reads it as a list: all patterns by title, with their relationships. Four queries.

    Where a page's patterns have more relationships than are read, nobody is said to have no more than is shown.
    """
    shown = Snapshot.objects.order_by("sort_key", "pk").only("slug", "title", "labels", "domain", "status")
    page = Paginator(shown, PATTERNS_A_PAGE).get_page(request.GET.get("page"))
    patterns = list(page.object_list)
    steps, is_all = steps_from([pattern.pk for pattern in patterns])
    around = {step.end for step in steps}
    others = Snapshot.objects.filter(pk__among=around).only("slug", "title", "labels").order_by().in_bulk()
    ties: dict[int, dict[tuple[int, str, bool], Tie]] = {pattern.pk: {} for pattern in patterns}
    known = [step for step in steps if step.end in others]
    for step in sorted(known, key=lambda step: (step.cost, others[step.end].slug, step.kind)):
        # Both ends may say the same; the stronger counts.
        ties[step.start].setdefault((step.end, step.verb, step.is_inferred), Tie(step, others[step.end]))
    rows = []
    for pattern in patterns:
        own = list(ties[pattern.pk].values())
        rows.append(Row(pattern, own[:LINKS_SHOWN], len(own[LINKS_SHOWN:])))
    return render(request, "patterns/map_list.html", {"page": page, "rows": rows, "is_all": is_all})
