"""What scripts of other sites may read: data that is public, the same for everybody, and hangs on no cookie."""

from __future__ import annotations

import functools
from collections.abc import Callable
from http import HTTPStatus
from typing import Any, Final

from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase

from patterns_app.views.missing import missing

View = Callable[..., HttpResponseBase]

_SAFE: Final = "GET, HEAD, OPTIONS"


def _refused() -> HttpResponse:
    return HttpResponse("Only to read.", status=HTTPStatus.METHOD_NOT_ALLOWED, content_type="text/plain; charset=utf-8")


def open_to_scripts(view: View, *, refused: Callable[[], HttpResponse] = _refused) -> View:
    """A view only to read, from every site, also with conditions (`If-None-Match`), of which browsers ask first.

    A script learns no more than anybody, for it is never asked who it is. refused: the answer to who would write.
    """

    @functools.wraps(view)
    def inner(request: HttpRequest, /, *args: Any, **kwargs: Any) -> HttpResponseBase:
        response: HttpResponseBase
        if request.method == "OPTIONS":
            response = HttpResponse(status=HTTPStatus.NO_CONTENT)
            response["Allow"] = response["Access-Control-Allow-Methods"] = _SAFE
            response["Access-Control-Allow-Headers"] = "If-None-Match, If-Modified-Since"
            response["Access-Control-Max-Age"] = "86400"
        elif request.method not in ("GET", "HEAD"):
            response = refused()
            response["Allow"] = _SAFE
        else:
            try:
                response = view(request, *args, **kwargs)
            except Http404 as error:
                # Without the header below, a script could not tell it from a site that is down.
                response = missing(request, error)
        response["Access-Control-Allow-Origin"] = "*"
        response["Access-Control-Expose-Headers"] = "ETag"
        return response

    return inner
