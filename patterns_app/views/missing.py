"""What is said where nothing is."""

from __future__ import annotations

import logging
import re
from typing import Any, Final

from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from patterns_app import search
from patterns_app.catalogue import directory
from patterns_app.catalogue.paging import rows_of
from patterns_app.catalogue.terms import key_of
from patterns_app.views.formats.record import FORMATS
from patterns_app.views.navigator import audience_of, linked
from patterns_app.views.preview import is_preview
from patterns_app.views.wording import HEADINGS

log = logging.getLogger(__name__)

NEAR: Final = 6
"""What is offered instead, at most."""

LONGEST: Final = 120
"""Characters of a name that are looked for."""

# Whoever looks for "wp-login.php" wants no pattern; but below that of the patterns an address may be of any form.
_NAME: Final = re.compile(rf"[^.\x00]{{2,{LONGEST}}}")
_OF_A_PATTERN: Final = re.compile(r"[^\x00]{2,}")
_ENDING: Final = re.compile(rf"\.(?:{'|'.join(re.escape(entry.suffix) for entry in FORMATS)}|html?)$", re.I)
_PLACE: Final = re.compile(r"/([^/]+)/[^/]+/?")
_FACETS: Final = {heading.word: facet for facet, heading in HEADINGS.items() if heading.word}


def missing(request: HttpRequest, exception: Exception) -> HttpResponse:
    """404, with what of the same kind may have been meant: patterns, or the terms of a list; elsewhere nothing.

    Twenty queries at most; none is needed to answer.
    """
    last = request.path_info.rstrip("/").rpartition("/")[2]
    found = _PLACE.fullmatch(request.path_info)
    kind = found[1] if found else ""
    is_pattern = kind == "patterns" and _OF_A_PATTERN.fullmatch(last) is not None
    name = ""
    if is_pattern:
        name = _ENDING.sub("", last)[:LONGEST]
    elif _NAME.fullmatch(last) and not is_preview(request):
        # The last part of a preview's address is a key, which belongs into no other address.
        name = last
    context = {"asked": last, "is_pattern": is_pattern, "words": _words(name), **_near(kind, name, request)}
    response = render(request, "404.html", context, status=404)
    # It may be published any moment.
    response["Cache-Control"] = "no-cache"
    response.content = linked(response.content, audience_of(request))
    return response


def _words(name: str) -> str:
    return " ".join(re.split(r"[-_\s]+", name)).strip()


def _near(kind: str, name: str, request: HttpRequest) -> dict[str, Any]:
    """What is near a name among what its kind of address leads to."""
    try:
        if kind == "patterns" and name:
            return {"near": rows_of(search.keys(_words(name), audience=audience_of(request), most=NEAR))}
        if (facet := _FACETS.get(kind)) and (key := key_of(name)):
            near = directory.near(facet, key, most=NEAR)
            terms = [(label, reverse(facet.value, args=[key])) for key, label in near]
            return {"heading": HEADINGS[facet], "near_terms": terms, "all_terms": reverse(kind)}
    except DatabaseError:
        log.exception("Nothing near “%s” could be looked up.", name)
    return {}
