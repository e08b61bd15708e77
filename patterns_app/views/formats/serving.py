"""Who asks for which format, and the answer."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import Final

from django.http import Http404, HttpRequest, HttpResponse, HttpResponsePermanentRedirect
from django.http.request import MediaType
from django.shortcuts import render
from django.urls import reverse

from patterns_app.models import PublicIdentifier, Snapshot
from patterns_app.views.addresses import moved_to
from patterns_app.views.caching import cached, date
from patterns_app.views.formats import bibtex, jsonld, plain_json, turtle
from patterns_app.views.formats.record import FORMATS, MARKDOWN, Format, Record, records
from patterns_app.views.openness import open_to_scripts

_WRITERS: Final[dict[str, Callable[[Record], str]]] = {
    "csl.json": bibtex.write_csl,
    "json": plain_json.write,
    "jsonld": jsonld.write,
    "ttl": turtle.write,
    "bib": bibtex.write,
}
_HTML: Final = "text/html"
# JSON first: of all that "application/*" may mean it is the likeliest.
_OFFERED: Final = (_HTML, "application/json", *(entry.media_type for entry in FORMATS if entry.suffix != "json"))
_BY_TYPE: Final = {entry.media_type: entry for entry in FORMATS}


def wanted(request: HttpRequest) -> Format | None:
    """The format that the request's Accept header prefers to a page, if any."""
    return _preferred(request.headers.get("Accept", "*/*"))


@functools.lru_cache(maxsize=256)
def _preferred(accept: str) -> Format | None:
    """By RFC 9110: the range that names a type most closely says how welcome it is, and 0 that it is not.

    Of types that are equally welcome the one that is named more closely, then sooner. What a range says besides, a
    charset or a profile, plays no part: a format comes in one way only. Whoever welcomes nothing gets the page, too.
    """
    ranges = [MediaType(said) for said in accept.split(",") if said.strip()]
    rated = [(_welcome(media_type, ranges), media_type) for media_type in _OFFERED]
    best, media_type = max(rated, key=lambda pair: pair[0])
    return _BY_TYPE.get(media_type) if best[0] > 0 else None


def _welcome(offered: str, ranges: Sequence[MediaType]) -> tuple[float, int, int]:
    """(quality, how closely a type is named, minus its place in the header)."""
    main, _, sub = offered.partition("/")
    closest, found = -1, (0.0, 0, 0)
    for place, said in enumerate(ranges):
        match (said.main_type.lower(), said.sub_type.lower()):
            case (a, b) if (a, b) == (main, sub):
                closeness = 2
            case (a, "*") if a == main:
                closeness = 1
            case ("*", "*"):
                closeness = 0
            case _:
                continue
        if closeness > closest:
            closest, found = closeness, (float(said.quality), closeness, -place)
    return found


def written(snapshot: Snapshot, entry: Format) -> HttpResponse:
    """A snapshot that comes with its revision, in a format. At most two queries, none for the exact file."""
    if entry is MARKDOWN:
        # What a file says does not change with the patterns that it names.
        text, changed_at = snapshot.revision.text, max(snapshot.published_at, snapshot.revision.created_at)
    else:
        [record] = records([snapshot])
        text, changed_at = _WRITERS[entry.suffix](record), record.changed_at
    response = HttpResponse(text.encode(), content_type=f"{entry.media_type}; charset=utf-8")
    date(response, changed_at)
    return response


@open_to_scripts
@cached
def format(request: HttpRequest, slug: str, suffix: str) -> HttpResponse:
    """One pattern in one format.

    A pattern whose slug is the whole last part of the address comes first: it is led to its page. Old addresses lead to
    the new one in the same format; 410 for a pattern that was taken back. At most four queries.
    """
    asked = f"{slug}.{suffix}"
    # (slug, format), the longest suffix first: "a.csl.json" may be the JSON of "a.csl".
    readings = [
        (asked.removesuffix(f".{entry.suffix}"), entry) for entry in FORMATS if asked.endswith(f".{entry.suffix}")
    ]
    slugs = [asked, *(name for name, _ in readings)]
    found = {
        snapshot.slug: snapshot
        for snapshot in Snapshot.objects.light().select_related("revision").filter(slug__in=slugs)
    }
    if asked in found:
        return HttpResponsePermanentRedirect(reverse("pattern", args=[asked]))
    for name, entry in readings:
        if name in found:
            return written(found[name], entry)
    moved = moved_to(*slugs)
    if moved is None:
        return render(request, "patterns/gone.html", {"slug": slug}, status=410)
    old, new = moved
    if old == asked:
        return HttpResponsePermanentRedirect(reverse("pattern", args=[new]))
    return HttpResponsePermanentRedirect(reverse(dict(readings)[old].name, args=[new]))


@open_to_scripts
@cached
def permanent(request: HttpRequest, identifier: str) -> HttpResponse:
    """The address that outlives every change of slug or id; 410 for a pattern that was taken back. Two queries at most.

    Whoever has the id now comes before whoever had it. What a draft calls itself plays no part.
    """
    having = Snapshot.objects.filter(identifier=identifier).order_by("-published_at", "slug")
    slug = having.values_list("slug", flat=True).first()
    if slug is None:
        had = PublicIdentifier.objects.filter(identifier=identifier)
        found: Sequence[str | None] = list(had.values_list("pattern__snapshot__slug", flat=True))
        if not found:
            raise Http404(f"There is no pattern with the id “{identifier}”.")
        [slug] = found
    if slug is None:
        return render(request, "patterns/gone.html", {"slug": identifier}, status=410)
    return HttpResponsePermanentRedirect(reverse("pattern", args=[slug]))
