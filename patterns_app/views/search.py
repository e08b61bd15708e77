"""The page of hits, and suggestions while somebody types. They ask `search`, which knows nothing but snapshots."""

from __future__ import annotations

import contextlib
from typing import Final, NamedTuple

from django.http import HttpRequest, HttpResponse, JsonResponse, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from patterns_app import search
from patterns_app.document.vocabulary import NAME_MAX, VitalityBand
from patterns_app.models import Facet
from patterns_app.models.typed import storable
from patterns_app.views.addresses import absolute
from patterns_app.views.caching import cached
from patterns_app.views.navigator import spoken
from patterns_app.views.wording import worded

STARS: Final = frozenset("01234")


class Choice(NamedTuple):
    """A value of a facet, and the address that narrows to it, or widens again where it is chosen."""

    label: str
    hits: int
    address: str
    is_chosen: bool


class Group(NamedTuple):
    """A facet as the page shows it."""

    label: str
    choices: list[Choice]


@require_safe
@spoken
@cached
def results(request: HttpRequest) -> HttpResponse:
    """Public patterns for `?q=`, narrowed by `domain`, `collection`, `vitality` and `confidence`, page by page."""
    asked = request.GET
    audiences = search.audiences()
    audience = _text(asked, "audience")
    audience = audience if audience in audiences else ""
    found = search.find(_text(asked, "q"), audience=audience, narrowing=_narrowing(asked), page=_number(asked, "page"))
    groups = [
        Group(facet.name.capitalize(), [_choice(asked, facet.name, value) for value in facet.values])
        for facet in found.facets
        if facet.values
    ]
    context = {
        "typed": found.query.typed,
        "found": found,
        "groups": groups,
        "is_narrowed": any(choice.is_chosen for group in groups for choice in group.choices)
        or _narrowing(asked) != search.Narrowing(),
        "whole": _address(asked, domain="", collection="", vitality="", confidence=""),
        "audience": audience,
        "audiences": audiences,
        "before": _address(asked, page=str(found.page - 1)) if found.page > 1 else "",
        "further": _address(asked, page=str(found.page + 1)) if found.page < found.pages else "",
        "bound": search.BOUND,
        # One page to search engines: what others typed is nothing to find.
        "canonical": absolute(reverse("search")),
    }
    return render(request, "patterns/search.html", context)


@require_safe
@cached
def suggestions(request: HttpRequest) -> JsonResponse:
    """At most eight patterns that `?q=`, still being typed, may mean, as JSON."""
    rows = [
        {**one._asdict(), "url": reverse("pattern", args=[one.slug])}
        for one in search.suggest(_text(request.GET, "q"), audience=_text(request.GET, "audience"))
    ]
    return JsonResponse({"results": rows})


def _text(asked: QueryDict, name: str) -> str:
    return storable(asked.get(name, ""))


def _number(asked: QueryDict, name: str) -> int:
    text = asked.get(name, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 7 else 1


def _narrowing(asked: QueryDict) -> search.Narrowing:
    """What is asked for, as far as it can be."""
    band = None
    with contextlib.suppress(ValueError):
        band = VitalityBand(_text(asked, "vitality"))
    stars = _text(asked, "confidence")
    return search.Narrowing(
        _text(asked, "domain")[:NAME_MAX],
        _text(asked, "collection")[:NAME_MAX],
        band,
        int(stars) if stars in STARS else None,
    )


def _choice(asked: QueryDict, name: str, value: search.FacetValue) -> Choice:
    label = worded(Facet.CONFIDENCE, value.value, value.value) if name == "confidence" else value.value
    address = _address(asked, **{name: "" if value.is_chosen else value.value})
    return Choice(label, value.hits, address, value.is_chosen)


def _address(asked: QueryDict, **changes: str) -> str:
    """The page's address with other parameters; from the first page on, unless a page is named."""
    changed = QueryDict(mutable=True)
    for name in ("q", "audience", "domain", "collection", "vitality", "confidence", "page"):
        value = changes.get(name, "" if name == "page" else _text(asked, name))
        if value:
            changed[name] = value
    return f"?{changed.urlencode()}"
