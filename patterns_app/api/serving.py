"""Where the API is, what caches and other sites are told of it, and the page that explains it to people."""

from __future__ import annotations

import json
from http import HTTPStatus
from typing import Any, Final, NamedTuple

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import URLPattern, path, re_path, reverse
from django.utils.safestring import SafeString, mark_safe
from django.views.decorators.http import require_safe

from patterns_app.api.endpoints import api, problem
from patterns_app.rendering import render as markdown
from patterns_app.views.addresses import absolute
from patterns_app.views.caching import as_get, cached, date
from patterns_app.views.navigator import spoken
from patterns_app.views.openness import View, open_to_scripts

PREFIX: Final = "api/"


def machine(view: View) -> View:
    """A view for programs: only to read, cached as pages are, with errors as JSON, and open to every site's scripts."""
    return open_to_scripts(cached(as_get(view)), refused=_refused)


def _refused() -> HttpResponse:
    return problem("Only to read: GET, HEAD and OPTIONS.", HTTPStatus.METHOD_NOT_ALLOWED)


def description() -> dict[str, Any]:
    """The API's OpenAPI description."""
    said: dict[str, Any] = api.get_openapi_schema(path_prefix=reverse("api-root"))
    # Whoever puts the description elsewhere still asks here.
    said["servers"] = [{"url": absolute("")}]
    return said


def openapi(request: HttpRequest) -> HttpResponse:
    """The same for programs. No query."""
    response = HttpResponse(json.dumps(description(), ensure_ascii=False), content_type="application/json")
    date(response)
    return response


class Operation(NamedTuple):
    """An operation as the page shows it. said: as the description has it."""

    name: str
    method: str
    address: str
    description: SafeString
    said: dict[str, Any]


def _html(text: str) -> SafeString:
    # Sanitised where it is rendered, besides being our own.
    return mark_safe(markdown(text))  # noqa: S308


@require_safe
@spoken
@cached
def page(request: HttpRequest) -> HttpResponse:
    """The same for people. No query."""
    said = description()
    operations = [
        Operation(one["operationId"], method.upper(), address, _html(one["description"]), one)
        for address, methods in said["paths"].items()
        for method, one in methods.items()
    ]
    context = {"description": _html(said["info"]["description"]), "operations": operations}
    response = render(request, "patterns/api.html", context)
    date(response)
    return response


def unknown(request: HttpRequest) -> HttpResponse:
    return problem(f"There is nothing at {request.path}; {reverse('api-root')} lists what there is.", 404)


def _operations() -> list[URLPattern]:
    """The addresses of the operations, under names of their own instead of a namespace."""
    return [
        path(f"{PREFIX}{entry.pattern}", machine(entry.callback), name=entry.name)
        for entry in api.urls[0]
        if isinstance(entry, URLPattern) and entry.name != "api-root"
    ]


urlpatterns: Final = [
    path(PREFIX, page, name="api-root"),
    path(f"{PREFIX}openapi.json", machine(openapi), name="api-openapi"),
    *_operations(),
    re_path(rf"^{PREFIX}.*$", machine(unknown)),
]
