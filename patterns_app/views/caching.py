"""What public responses tell caches: an ETag, a date, for how long a copy is good; and 304 for who has it already.

The ETag is made of the very bytes, so it changes with everything a response shows, also with what is said of other
patterns in it. The date is that of the last change of anything public, for a date of what is shown cannot tell what is
not shown any more. HTTP counts in seconds, so the date is the first full second after the change: whoever has a copy
of that second or a later one has it as it is now, even where several things happened within one second.
"""

from __future__ import annotations

import datetime
import functools
import hashlib
import time
from collections.abc import Callable
from http import HTTPStatus
from pathlib import Path
from typing import Any, Concatenate, Final, ParamSpec, cast

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase, HttpResponseRedirectBase, StreamingHttpResponse
from django.middleware.gzip import GZipMiddleware
from django.utils.cache import get_conditional_response, has_vary_header, patch_cache_control, patch_vary_headers
from django.utils.decorators import decorator_from_middleware
from django.utils.http import http_date, parse_http_date_safe

from patterns_app import caching
from patterns_app.views.navigator import audience_of, in_words_of, linked

P = ParamSpec("P")

BROWSER: Final = 60
"""Seconds for which a reader's own copy is shown without asking."""

SHARED: Final = 300
"""Seconds for which a cache in front of the site answers by itself: the longest that a pattern which was taken back is
still served, but for the one reader whose request fetches the news."""

LONG: Final = 100_000
"""Bytes of a long page."""

STALE: Final = 600
"""Seconds more in which such a cache may show its copy while it fetches the news behind the reader's back."""


def cached(
    view: Callable[Concatenate[HttpRequest, P], HttpResponseBase],
) -> Callable[Concatenate[HttpRequest, P], HttpResponseBase]:
    """A public view whose responses may be kept, the same for every reader, and are kept here for a minute.

    No query of its own, and none at all where a copy is fresh.
    """

    @functools.wraps(view)
    def inner(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        generation, what = caching.current_generation(), f"{settings.SITE_URL} {request.get_full_path()}"
        # Few addresses hang on what a client accepts, and every browser accepts something else.
        negotiated = f"{what} {request.headers.get('Accept', '')}"
        response: HttpResponseBase | None = caching.kept(what, generation) or caching.kept(negotiated, generation)
        if response is None:
            began = int(time.time())
            response = _dated(view(request, *args, **kwargs), audience_of(request))
            if response.status_code == HTTPStatus.OK:
                # None may be dated in the future.
                response["Last-Modified"] = http_date(min(_unchanged_since(response, generation), began))
            if caching.is_over(generation):
                # It may show what was taken back while it was made, and a cache in front was told to drop its copies
                # already.
                response["Cache-Control"] = "private, no-store"
            elif _is_worth_keeping(request, response):
                caching.keep(negotiated if has_vary_header(response, "Accept") else what, response, generation)
        if response.status_code != HTTPStatus.OK:
            return response
        return _conditional(request, response, _unchanged_since(response, generation))

    return inner


def _unchanged_since(response: HttpResponseBase, generation: str) -> int:
    """The first full second in which a response has been what it is, in seconds since 1970. It may not be over yet."""
    shown = parse_http_date_safe(response.get("Last-Modified", "")) or 0
    return max(shown, int(caching.changed_at(generation)) + 1)


def _is_worth_keeping(request: HttpRequest, response: HttpResponseBase) -> bool:
    """Whole pages are. A long one only at its plain address, for with parameters anybody could fill the memory."""
    if type(response) is not HttpResponse or response.status_code != HTTPStatus.OK:
        return False
    return len(response.content) <= LONG or not request.GET


def _dated(response: HttpResponseBase, audience: str) -> HttpResponseBase:
    """A new response, with its audience in its links and all that caches need to know."""
    if response.status_code in (HTTPStatus.NOT_FOUND, HTTPStatus.GONE):
        # What is not there may be published any moment.
        response["Cache-Control"] = "no-cache"
    else:
        patch_cache_control(response, public=True, max_age=BROWSER, s_maxage=SHARED, stale_while_revalidate=STALE)
    if isinstance(response, HttpResponse):
        if response.get("Content-Type", "").startswith("text/html"):
            response.content = linked(response.content, audience)
        if response.status_code == HTTPStatus.OK and "ETag" not in response:
            response["ETag"] = etag_of(response.content)
        if audience and isinstance(response, HttpResponseRedirectBase):
            response["Location"] = in_words_of(response["Location"], audience)
    return response


def _conditional(request: HttpRequest, response: HttpResponseBase, date: int) -> HttpResponseBase:
    """The response, or 304 for who has it already: by its ETag, or as it was at this date or later."""
    # It reads the headers only, which every response has.
    plain = cast(HttpResponse, response)
    conditional = get_conditional_response(request, response.get("ETag"), date, plain) or plain
    return _without_body(conditional) if request.method == "HEAD" else conditional


def _without_body(response: HttpResponseBase) -> HttpResponseBase:
    """What HEAD gets instead of a response."""
    if response.streaming:
        # Otherwise the server runs through the whole of it to throw it away. Its length stays unsaid.
        return StreamingHttpResponse((), headers=dict(response.items()))
    if isinstance(response, HttpResponse):
        # Some servers complain of a body that they must not send. Its length is that of the whole all the same.
        length = str(len(response.content))
        response.content = b""
        if response.status_code == HTTPStatus.OK:
            response["Content-Length"] = length
    return response


def as_get(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """A view for which HEAD is GET: what goes around it leaves the body out."""

    @functools.wraps(view)
    def inner(request: HttpRequest, /, *args: Any, **kwargs: Any) -> HttpResponseBase:
        asked, request.method = request.method, "GET"
        try:
            return view(request, *args, **kwargs)
        finally:
            request.method = asked

    return inner


class _Gzip(GZipMiddleware):
    # Bytes at random would hide the length of a secret. Here is none, and GET would differ from HEAD.
    max_random_bytes = 0


def compressed(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """A `cached` view whose responses are compressed for whoever takes that; 304 and HEAD say the same of them."""
    zipped = as_get(decorator_from_middleware(_Gzip)(view))

    @functools.wraps(view)
    def inner(request: HttpRequest, /, *args: Any, **kwargs: Any) -> HttpResponseBase:
        response = zipped(request, *args, **kwargs)
        patch_vary_headers(response, ["Accept-Encoding"])
        etag = response.get("ETag", "")
        if etag.startswith('"'):
            # One for both forms, compressed and not.
            response["ETag"] = f"W/{etag}"
        return _without_body(response) if request.method == "HEAD" else response

    return inner


def etag_of(content: bytes) -> str:
    """A strong ETag."""
    return f'"{hashlib.sha256(content).hexdigest()[:32]}"'


def date(response: HttpResponseBase, *at: datetime.datetime | None) -> None:
    """Say when what a response shows last changed: at the newest of these times; without any, with the software."""
    times = [moment.timestamp() for moment in at if moment is not None]
    response["Last-Modified"] = http_date(max(times, default=_installed_at()))


@functools.cache
def _installed_at() -> float:
    """When the newest module of the app was written, in seconds since 1970."""
    return max(path.stat().st_mtime for path in Path(__file__).resolve().parent.parent.rglob("*.py"))
