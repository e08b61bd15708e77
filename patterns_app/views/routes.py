"""Paths of this site by a route and the one word in it: what `reverse` says, quicker where there are many."""

from __future__ import annotations

import functools
from typing import Final
from urllib.parse import quote

from django.urls import get_script_prefix, reverse

from patterns_app.catalogue.terms import key_of
from patterns_app.models import Facet

# As `reverse` has it: sub-delimiters of RFC 3986, and what else may stand in a part of a path.
_SAFE: Final = "!$&'()*+,;=~:@"


def path_of(route: str, word: str) -> str:
    """The path of a route that takes one word with no slash in it."""
    return f"{_base(get_script_prefix(), route)}{quote(word, safe=_SAFE)}/"


def list_path(facet: Facet, name: str) -> str:
    """The path of the list of what has a name, "" for a name that makes no address."""
    key = key_of(name)
    return path_of(facet.value, key) if key else ""


@functools.cache
def _base(prefix: str, route: str) -> str:
    return reverse(route, args=["-"]).removesuffix("-/")
