"""Lists of what is public: all of it narrowed by facets, by one term, and by date."""

from __future__ import annotations

from itertools import groupby
from typing import Any, Final
from urllib.parse import urlencode

from django.db.models import Max
from django.http import Http404, HttpRequest, HttpResponse, HttpResponsePermanentRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from patterns_app.catalogue import directory, narrowing, paging, shelves
from patterns_app.catalogue.paging import Page, Sort
from patterns_app.catalogue.terms import key_of
from patterns_app.document.vocabulary import NAME_MAX
from patterns_app.models import Facet, Snapshot
from patterns_app.models.typed import storable
from patterns_app.views.addresses import absolute
from patterns_app.views.asked import Asked, asked
from patterns_app.views.caching import cached, date
from patterns_app.views.facets import chips, groups
from patterns_app.views.navigator import audience_of, in_words_of, spoken
from patterns_app.views.tiles import tiles
from patterns_app.views.wording import HEADINGS

SORTS: Final = {
    Sort.TITLE: "Title",
    Sort.NEWEST: "Newest",
    Sort.VITALITY: "Vitality",
    Sort.CONFIDENCE: "Confidence",
}

REACHING: Final = 12
"""Patterns of other domains that a domain's page shows."""

_FOUND: Final = {
    Facet.ENTITY: "Found in the texts by machine.",
    Facet.COMMUNITY: "Formed by machines, but for those marked as curated.",
}
_CURATED: Final = "curated"


@require_safe
@spoken
@cached
def browse(request: HttpRequest) -> HttpResponse:
    """All of it, narrowed and sorted by the address. About eight queries, however many patterns there are."""
    said = asked(request.GET)
    left = narrowing.narrowed(said.chosen)
    page = paging.page(left.selection, said.sort, after=said.after, before=said.before)
    context = {
        **_list(said, page),
        "patterns": left.patterns,
        "groups": groups(said, left.facets),
        "chips": chips(said, left.facets),
        "whole": said.changed(chosen={}).address(reverse("browse")),
        "is_everything": not said.chosen and said.is_first and said.sort is Sort.TITLE,
        "canonical": absolute(said.address(reverse("browse"))),
    }
    response = render(request, "patterns/browse.html", context)
    date(response, left.newest_at)
    return response


@require_safe
@cached
def all_patterns(request: HttpRequest) -> HttpResponse:
    """To where one can browse. No query."""
    return HttpResponsePermanentRedirect(in_words_of(reverse("browse"), audience_of(request)))


@require_safe
@spoken
@cached
def term(request: HttpRequest, facet: Facet, key: str) -> HttpResponse:
    """What is listed under one term; 404 for one under which nothing public is. About eight queries."""
    found, shelf = directory.term(facet, key), shelves.current()
    reaching = narrowing.reaching_into(key, shelf) if facet is Facet.DOMAIN else None
    if found is None and not (reaching and reaching.patterns):
        return _in_other_words(facet, key)
    said = asked(request.GET)._replace(chosen={})
    left = narrowing.narrowed({facet: (key,)}, (), shelf)
    page = paging.page(left.selection, said.sort, after=said.after, before=said.before)
    beside = paging.page(reaching, Sort.TITLE, size=REACHING) if reaching and reaching.patterns else None
    own = reverse(facet.value, args=[key])
    context = {
        **_list(said, page, own),
        "term": found or directory.term(Facet.CROSS_DOMAIN, key),
        "facet": facet.value,
        "heading": HEADINGS[facet],
        "patterns": left.patterns,
        "machine_made": _machine_made(facet, found),
        "reaching": tiles(beside.snapshots) if beside else [],
        "reaching_count": reaching.patterns if reaching else 0,
        "all_reaching": Asked({Facet.CROSS_DOMAIN: (key,)}).address(reverse("browse")),
        "narrow": Asked({facet: (key,)}).address(reverse("browse")),
        "canonical": absolute(said.address(own)),
        "is_everything": said.is_first and said.sort is Sort.TITLE,
    }
    response = render(request, "patterns/term.html", context)
    date(response, left.newest_at)
    return response


def _machine_made(facet: Facet, term: directory.Term | None) -> str:
    """How a machine came by a term; "" where people did."""
    if facet is Facet.COMMUNITY and term and [source for source, _ in term.details] == [_CURATED]:
        return ""
    return _FOUND.get(facet, "")


def _in_other_words(facet: Facet, key: str) -> HttpResponse:
    """To the list of a name that is written in another way; raises Http404 if there is none."""
    meant = key_of(key)
    if meant and meant != key and directory.term(facet, meant):
        return HttpResponsePermanentRedirect(reverse(facet.value, args=[meant]))
    raise Http404("Nothing public is there.")


def _list(said: Asked, page: Page, path: str = "") -> dict[str, Any]:
    """The patterns, the orders they can have, and the pages on either side."""
    path = path or reverse("browse")
    return {
        "tiles": tiles(page.snapshots),
        "sorts": [(label, said.changed(sort=sort).address(path), sort is said.sort) for sort, label in SORTS.items()],
        "before": said.changed(before=page.before).address(path) if page.before else "",
        "further": said.changed(after=page.after).address(path) if page.after else "",
        "start": said.changed().address(path),
    }


@require_safe
@spoken
@cached
def terms(request: HttpRequest, facet: Facet) -> HttpResponse:
    """All terms of a facet with their numbers of patterns. Three queries."""
    said = request.GET
    by_patterns = said.get("sort") == "patterns"
    after = _term_place(said.get("after", ""))
    before = None if after else _term_place(said.get("before", ""))
    letter = key_of(said.get("from", ""))[:1] if not (after or before or by_patterns) else ""
    page = directory.listed(facet, by_patterns=by_patterns, after=after, before=before, letter=letter)
    sort = {"sort": "patterns"} if by_patterns else {}
    place = {name: _token(*at) for name, at in (("after", after), ("before", before)) if at}
    ends = (page.entries[0], page.entries[-1]) if page.entries else None
    context = {
        "heading": HEADINGS[facet],
        "entries": [(entry, reverse(facet.value, args=[entry.key])) for entry in page.entries],
        "by_patterns": by_patterns,
        "machine_made": _FOUND.get(facet, ""),
        "before": _asking({**sort, "before": _token(ends[0].patterns, ends[0].key)}) if ends and page.before else "",
        "further": _asking({**sort, "after": _token(ends[1].patterns, ends[1].key)}) if ends and page.after else "",
        "letters": "abcdefghijklmnopqrstuvwxyz" if not by_patterns and (page.before or page.after) else "",
        "is_first": not (place or letter),
        "letter": letter,
        "canonical": absolute(request.path + _asking({**sort, **place, **({"from": letter} if letter else {})})),
    }
    response = render(request, "patterns/terms.html", context)
    date(response, _newest_at())
    return response


def _asking(said: dict[str, str]) -> str:
    return f"?{urlencode(said)}" if said else ""


def _token(patterns: int, key: str) -> str:
    return f"{patterns}.{key}"


def _term_place(text: str) -> tuple[int, str] | None:
    patterns, _, key = storable(text).partition(".")
    if not (patterns.isascii() and patterns.isdigit() and len(patterns) < 10 and key):
        return None
    return int(patterns), key[:NAME_MAX]


@require_safe
@spoken
@cached
def recent(request: HttpRequest) -> HttpResponse:
    """What was published last, by day. Three queries."""
    said = asked(request.GET)._replace(chosen={}, sort=Sort.NEWEST)
    page = paging.page(None, Sort.NEWEST, after=said.after, before=said.before)
    days = groupby(tiles(page.snapshots), lambda tile: tile.snapshot.published_at.date())
    path = reverse("recent")
    context = {
        "days": [(day, list(of_day)) for day, of_day in days],
        "before": said.changed(before=page.before).address(path, usual=Sort.NEWEST) if page.before else "",
        "further": said.changed(after=page.after).address(path, usual=Sort.NEWEST) if page.after else "",
        "is_first": not page.before,
        "start": path,
        "canonical": absolute(said.address(path, usual=Sort.NEWEST) if page.before else path),
    }
    response = render(request, "patterns/recent.html", context)
    date(response, _newest_at())
    return response


def _newest_at() -> Any:
    return Snapshot.objects.aggregate(at=Max("published_at"))["at"]
