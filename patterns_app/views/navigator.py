"""The Navigator: one library in the words of whoever reads it.

A reader chooses an audience once. The choice is kept in a cookie; every page says it in its address (`?audience=tech`),
so that a page is the same for everybody who asks for that address, and caches may keep it. A page asked for without an
audience by a reader who has chosen one leads to the address that has it.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable
from typing import Concatenate, Final, ParamSpec
from urllib.parse import quote, unquote, urlencode

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.cache import patch_vary_headers
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from patterns_app import caching, search
from patterns_app.document.vocabulary import NAME_MAX, name_key
from patterns_app.models.typed import storable

P = ParamSpec("P")

PARAMETER: Final = "audience"
COOKIE: Final = "audience"
KEPT: Final = 365 * 24 * 3600
"""Seconds for which a choice is remembered."""

# Links to pages of the library: those of the site's own paths and relative ones, not files, and not elsewhere.
# An apostrophe is written “&#x27;”, which begins no place in a page.
_LINK: Final = re.compile(
    rb'(<a\b[^>]*?\shref=")((?:/(?!/|static/|admin/|api/)|\.\./|\?)(?:&#\w+;|[^"#])*)(#[^"]*)?(")'
)


def audience_of(request: HttpRequest) -> str:
    """In whose words a page is asked for; "" for the library's own."""
    return storable(request.GET.get(PARAMETER, ""))[:NAME_MAX]


def context(request: HttpRequest) -> dict[str, str]:
    """For all templates: the audience, where another one is chosen, and what an address begins with that is for all."""
    site = settings.SITE_URL.rstrip("/")
    return {"audience": audience_of(request), "here": request.get_full_path(), "site": site}


def spoken(
    view: Callable[Concatenate[HttpRequest, P], HttpResponseBase],
) -> Callable[Concatenate[HttpRequest, P], HttpResponseBase]:
    """A page for readers, in the words of the audience that its address names; its links name that audience too.

    It goes around `cached`, for what it decides hangs on the reader's cookie. No query of its own, but one a minute for
    an audience in capitals or with other signs than letters: its address leads to the one in the library's spelling.
    """

    @functools.wraps(view)
    def inner(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        if PARAMETER in request.GET:
            asked = audience_of(request)
            if (spelled := _spelled(asked)) != asked:
                return HttpResponseRedirect(in_words_of(request.get_full_path(), spelled))
            return view(request, *args, **kwargs)
        if chosen := unquote(request.COOKIES.get(COOKIE, ""))[:NAME_MAX]:
            response: HttpResponseBase = HttpResponseRedirect(in_words_of(request.get_full_path(), chosen))
            response["Cache-Control"] = "private, no-store"
        else:
            response = view(request, *args, **kwargs)
        patch_vary_headers(response, ["Cookie"])
        return response

    return inner


def _spelled(audience: str) -> str:
    """An audience as patterns write it, or as it stands."""
    if audience == name_key(audience):
        # Nearly all are written as they are compared.
        return audience
    what, generation = f"audience {audience}", caching.current_generation()
    spelled: str | None = caching.kept(what, generation)
    if spelled is None:
        spelled = search.audience_named(audience) or audience
        caching.keep(what, spelled, generation)
    return spelled


def linked(content: bytes, audience: str) -> bytes:
    """A page's links to other pages, with the audience in them. An address that names one already stays as it is."""
    if not audience:
        return content
    said = urlencode({PARAMETER: audience}).encode()

    def with_audience(found: re.Match[bytes]) -> bytes:
        address: bytes = found[2]
        path, _, query = address.partition(b"?")
        # A last part with a dot is a file: an exact source, a feed, a picture.
        if b"audience=" in query or (path and not path.endswith(b"/")):
            return found[0]
        join = b"&amp;" if query else b"" if address.endswith(b"?") else b"?"
        return found[1] + address + join + said + (found[3] or b"") + found[4]

    return _LINK.sub(with_audience, content)


def in_words_of(address: str, audience: str) -> str:
    """An address of a page with an audience in it; without one, if that is ""."""
    address, mark, place = address.partition("#")
    path, _, query = address.partition("?")
    asked = QueryDict(query, mutable=True)
    if audience:
        asked[PARAMETER] = audience
    else:
        asked.pop(PARAMETER, None)
    return f"{path}?{asked.urlencode()}{mark}{place}" if asked else f"{path}{mark}{place}"


@require_safe
@never_cache
def choose(request: HttpRequest) -> HttpResponse:
    """Without `?to=`, the audiences to choose from. With it, the choice is remembered and leads back to `?next=`.

    `?to=` with nothing is the library's own words; with an audience that no pattern has a word for, one chooses again.
    At most one query.
    """
    back = request.GET.get("next", "")
    if not url_has_allowed_host_and_scheme(back, allowed_hosts=None):
        back = reverse("index")
    said = storable(request.GET.get("to", ""))[:NAME_MAX]
    audience = search.audience_named(said) if said else ""
    if "to" not in request.GET or (said and not audience):
        choices = [(name, f"?{urlencode({'to': name, 'next': back})}") for name in ("", *search.audiences())]
        context = {"choices": choices, "back": back, "chosen": _last(back), "unknown": said}
        response: HttpResponse = render(request, "patterns/navigator.html", context)
        response.content = linked(response.content, audience_of(request))
        return response
    response = HttpResponseRedirect(in_words_of(back, audience))
    if audience:
        # A header holds no letters but Latin ones.
        response.set_cookie(COOKIE, quote(audience), max_age=KEPT, samesite="Lax", secure=request.is_secure())
    else:
        response.delete_cookie(COOKIE, samesite="Lax")
    return response


def _last(address: str) -> str:
    return QueryDict(address.partition("#")[0].partition("?")[2]).get(PARAMETER, "")
