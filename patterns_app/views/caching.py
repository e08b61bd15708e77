"""What public responses tell caches: an ETag, a date, for how long a copy is good; and 304 for who has it already.

The ETag is made of the very bytes, so it changes with everything a response shows, also with what is said of other
patterns in it. The date is that of the newest thing shown. It cannot tell that a neighbour was taken back: a client
that asks by date alone learns of that with the next publication, one that sends the ETag at once.
"""

from __future__ import annotations

import datetime
import functools
import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Concatenate, Final, ParamSpec, cast

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase, StreamingHttpResponse
from django.utils.cache import get_conditional_response, patch_cache_control
from django.utils.http import http_date, parse_http_date_safe

P = ParamSpec("P")

BROWSER: Final = 60
"""Seconds for which a reader's own copy is shown without asking."""

SHARED: Final = 300
"""Seconds for which a cache in front of the site answers by itself: the longest that a pattern which was taken back is
still served, but for the one reader whose request fetches the news."""

STALE: Final = 600
"""Seconds more in which such a cache may show its copy while it fetches the news behind the reader's back."""


def cached(
    view: Callable[Concatenate[HttpRequest, P], HttpResponseBase],
) -> Callable[Concatenate[HttpRequest, P], HttpResponseBase]:
    """A public view whose responses may be kept, the same for every reader. No query of its own."""

    @functools.wraps(view)
    def inner(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        response = view(request, *args, **kwargs)
        patch_cache_control(response, public=True, max_age=BROWSER, s_maxage=SHARED, stale_while_revalidate=STALE)
        if response.status_code != 200:
            return response
        if "ETag" not in response and isinstance(response, HttpResponse):
            response["ETag"] = etag_of(response.content)
        date = parse_http_date_safe(response.get("Last-Modified", ""))
        # It reads the headers only, which every response has.
        plain = cast(HttpResponse, response)
        conditional = get_conditional_response(request, response.get("ETag"), date, plain) or plain
        if request.method == "HEAD" and conditional.streaming:
            # Otherwise the server runs through the whole of it to throw it away. Its length stays unsaid.
            return StreamingHttpResponse((), headers=dict(conditional.items()))
        return conditional

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
