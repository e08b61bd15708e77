"""What is said where nothing is."""

from __future__ import annotations

import logging
import re
from typing import Final

from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from patterns_app import search
from patterns_app.catalogue.paging import rows_of
from patterns_app.models import Snapshot
from patterns_app.views.navigator import audience_of, linked

log = logging.getLogger(__name__)

NEAR: Final = 6
"""Patterns that are offered instead."""

# Whoever looks for "wp-login.php" wants no pattern.
_NAME: Final = re.compile(r"[^.\x00]{2,120}")
_PATTERN: Final = re.compile(r"/patterns/[^/]+/?")


def missing(request: HttpRequest, exception: Exception) -> HttpResponse:
    """404, with the patterns that may have been meant. Twenty queries at most; none is needed to answer."""
    last = request.path_info.rstrip("/").rpartition("/")[2]
    name = last if _NAME.fullmatch(last) else ""
    context = {
        "name": name,
        "is_pattern": _PATTERN.fullmatch(request.path_info) is not None,
        "near": _near(name, audience_of(request)) if name else [],
        "words": _words(name),
    }
    response = render(request, "404.html", context, status=404)
    response.content = linked(response.content, audience_of(request))
    return response


def _words(name: str) -> str:
    return " ".join(re.split(r"[-_\s]+", name)).strip()


def _near(name: str, audience: str) -> list[Snapshot]:
    try:
        return rows_of(search.keys(_words(name), audience=audience, most=NEAR))
    except DatabaseError:
        log.exception("Nothing near “%s” could be looked up.", name)
        return []
