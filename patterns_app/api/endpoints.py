"""The API's operations: parameters, answers and their status codes, as the OpenAPI description lists them."""

from __future__ import annotations

from typing import Any, Final, Literal

from django.http import Http404, HttpRequest, HttpResponse, HttpResponsePermanentRedirect, JsonResponse
from django.urls import reverse
from ninja import NinjaAPI
from ninja.errors import ValidationError
from ninja.operation import Operation
from ninja.params.functions import Path, Query
from ninja.renderers import JSONRenderer

from patterns_app.api import answers, neighbourhood, retrieval, schemas
from patterns_app.document.vocabulary import NAME_MAX, VitalityBand
from patterns_app.models import Facet
from patterns_app.models.typed import storable
from patterns_app.views.addresses import LIBRARY
from patterns_app.views.caching import date
from patterns_app.views.formats import plain_json

MOST: Final = 100
"""Most patterns on a page."""

MOST_EDGES: Final = 500
"""Most relationships on a page of the whole graph."""

Q_MAX: Final = 1_000
"""Longest query, in characters."""

DESCRIPTION: Final = """
What is published in the library, to read. Nothing needs a key, and any site may ask. Every answer has an ETag and a
date: send them back as If-None-Match or If-Modified-Since, and 304 is the answer while nothing changed. HEAD works
wherever GET does. Parameters that are not listed are ignored. An error is an object with a sentence under `detail`.
Each pattern and each passage states its license and who is to be credited.
""".strip()


class _Api(NinjaAPI):
    """Operations go by their functions' names, for the clients that are generated from the description."""

    def get_openapi_operation_id(self, operation: Operation) -> str:
        return operation.view_func.__name__


class _Renderer(JSONRenderer):
    """JSON as short as it goes, with letters as they are."""

    charset = "utf-8"
    json_dumps_params = {"ensure_ascii": False, "separators": (",", ":")}


api: Final = _Api(
    title=LIBRARY,
    version="1",
    description=DESCRIPTION,
    urls_namespace="api",
    # Addresses, caches and the page for people are in `serving`.
    docs_url=None,
    openapi_url=None,
    renderer=_Renderer(),
)

_Slug: Any = Path(..., min_length=1, max_length=NAME_MAX, description="A pattern's slug.")


def _text(description: str, **more: Any) -> Any:
    return Query("", max_length=NAME_MAX, description=description, **more)


_Audience = _text("For whom: an audience's name, whose labels stand beside the titles.")
_Typed = Query(..., min_length=1, max_length=Q_MAX, description='Words, "phrases", -minus, title:word.')
_Domain = _text("A domain's name or key.")
_Collection = _text("A collection's name or key.")
_Vitality: Any = Query(None, description="What the vitality score means in words.")
_Kinds = _text("Kinds of relationship, separated by commas; empty for all.")
_Weight = Query(0.0, ge=0, le=1, allow_inf_nan=False, description="Without relationships below this weight or of none.")
_Inferred = Query(False, description="Whether to add what machines propose.")

Answer = dict[str, Any] | HttpResponse


def _responses(schema: Any, *codes: int) -> dict[int, Any]:
    """What every operation may answer, and the codes that are its own."""
    said: dict[int, Any] = {200: schema, 304: None, 422: schemas.Problem}
    return {**said, **{code: None if code == 301 else schemas.Problem for code in codes}}


@api.get("/patterns", response=_responses(schemas.Patterns), url_name="api-patterns", summary="List patterns")
def list_patterns(
    request: HttpRequest,
    response: HttpResponse,
    domain: str = _Domain,
    collection: str = _Collection,
    status: Literal["", "published", "deprecated"] = Query("", description="Deprecated ones stay readable."),
    audience: str = _text("Only patterns that this audience has a word of its own for, which stands beside the title."),
    after: str = _text("The slug of the last pattern of the page before."),
    limit: int = Query(50, ge=1, le=MOST, description="Patterns on the page."),
) -> Answer:
    """By slug, page by page: `next` leads on."""
    asked = {"domain": domain, "collection": collection, "status": status, "audience": audience}
    asked = {name: storable(said) for name, said in asked.items()}
    asked["audience"] = answers.audience_meant(asked["audience"])
    found = answers.patterns(**asked, after=storable(after), limit=limit)
    date(response, *(snapshot.published_at for snapshot in found))
    following = None
    if len(found) > limit:
        following = answers.next_page("api-patterns", {**asked, "limit": limit, "after": found[limit - 1].slug})
    return {
        "patterns": [answers.in_short(snapshot, asked["audience"]) for snapshot in found[:limit]],
        "next": following,
    }


@api.get(
    "/patterns/{slug}",
    response=_responses(schemas.PatternRecord, 301, 404, 410),
    url_name="api-pattern",
    summary="Get a pattern",
)
def get_pattern(request: HttpRequest, response: HttpResponse, slug: str = _Slug) -> Answer:
    """Everything that the published text says, with its relationships resolved. An old slug leads to the new one."""
    record = answers.record_of(slug)
    date(response, record.changed_at)
    return plain_json.as_data(record)


@api.get(
    "/patterns/{slug}/relationships",
    response=_responses(schemas.Relationships, 301, 404, 410),
    url_name="api-relationships",
    summary="List a pattern's relationships",
)
def list_relationships(
    request: HttpRequest, response: HttpResponse, slug: str = _Slug, audience: str = _Audience
) -> Answer:
    """What it states of others, and what others state of it; proposals of machines say that they are."""
    snapshot = answers.public(slug)
    whose = answers.audience_meant(storable(audience))
    found, is_cut, newest = answers.relationships(snapshot, whose)
    date(response, snapshot.published_at, newest)
    return {"pattern": answers.labelled(snapshot, whose), "relationships": found, "is_cut": is_cut}


@api.get(
    "/graph", response=_responses(schemas.GraphPart, 404, 410), url_name="api-graph", summary="Walk or list the graph"
)
def get_graph(
    request: HttpRequest,
    response: HttpResponse,
    start: str = _text("The slug of the pattern to begin at; empty for the whole graph.", alias="from"),
    depth: int = Query(1, ge=1, le=neighbourhood.DEPTH, description="Steps from there."),
    direction: Literal["both", "out", "in"] = Query("both", description="“out”: from who states a relationship."),
    kinds: str = _Kinds,
    min_weight: float = _Weight,
    inferred: bool = _Inferred,
    audience: str = _Audience,
    after: int = Query(0, ge=0, le=2**63 - 1, description="Of the whole graph: taken from `next`."),
    limit: int = Query(
        200,
        ge=1,
        le=MOST_EDGES,
        description="Of the whole graph: relationships on the page, about: one pattern's are not parted.",
    ),
) -> Answer:
    """With `from`, what lies around that pattern; without, all relationships, page by page."""
    named = [storable(kind) for kind in kinds.split(",") if storable(kind)]
    which = neighbourhood.chosen(kinds=named, min_weight=min_weight, inferred=inferred)
    following, whose = None, answers.audience_meant(storable(audience))
    if start:
        begin = answers.public_now(start)
        graph = neighbourhood.around(begin, which, depth=depth, direction=direction, audience=whose)
    else:
        graph, last = neighbourhood.page(which, after=after, limit=limit, audience=whose)
        if last is not None:
            asked = {"kinds": ",".join(named), "min_weight": min_weight or "", "inferred": "true" if inferred else ""}
            following = answers.next_page("api-graph", {**asked, "audience": whose, "limit": limit, "after": last})
    date(response, graph.newest)
    return {"nodes": graph.nodes, "edges": graph.edges, "is_cut": graph.is_cut, "next": following}


@api.get("/search", response=_responses(schemas.Hits), url_name="api-search", summary="Search patterns")
def search_patterns(
    request: HttpRequest,
    response: HttpResponse,
    q: str = _Typed,
    audience: str = _Audience,
    domain: str = _Domain,
    collection: str = _Collection,
    vitality: VitalityBand | None = _Vitality,
    confidence: int | None = Query(None, ge=0, le=4, description="Stars."),
    page: int = Query(1, ge=1, le=MOST, description="Ten hits each."),
) -> Answer:
    """The very name first, then patterns with all words, and wider where there is none."""
    asked: dict[str, Any] = {
        "audience": answers.audience_meant(storable(audience)),
        "domain": storable(domain),
        "collection": storable(collection),
        "vitality": vitality,
        "confidence": confidence,
    }
    found, shown = answers.found_for(q, **asked, page=page)
    date(response, *(snapshot.published_at for snapshot in shown))
    following = None
    if page < found["pages"]:
        following = answers.next_page("api-search", {"q": q, **asked, "page": page + 1})
    return {**found, "next": following}


@api.get("/retrieve", response=_responses(schemas.Passages), url_name="api-retrieve", summary="Retrieve passages")
def retrieve_passages(
    request: HttpRequest,
    response: HttpResponse,
    q: str = _Typed,
    audience: str = _Audience,
    limit: int = Query(8, ge=1, le=50, description="Passages."),
    max_chars: int = Query(2_000, ge=100, le=20_000, description="Most characters of a passage."),
) -> Answer:
    """Single sections for retrieval-augmented generation, each with its address, license and score.

    The search chooses the patterns, BM25 among their sections the passages.
    """
    whose = answers.audience_meant(storable(audience))
    found, shown = retrieval.passages(q, audience=whose, limit=limit, max_chars=max_chars)
    date(response, *(snapshot.published_at for snapshot in shown))
    return {"passages": found}


def _terms(facet: Facet, response: HttpResponse) -> Answer:
    date(response, answers.newest())
    return {"terms": answers.terms(facet)}


@api.get("/domains", response=_responses(schemas.Terms), url_name="api-domains", summary="List domains")
def list_domains(request: HttpRequest, response: HttpResponse) -> Answer:
    """Each with how many patterns are in it."""
    return _terms(Facet.DOMAIN, response)


@api.get("/collections", response=_responses(schemas.Terms), url_name="api-collections", summary="List collections")
def list_collections(request: HttpRequest, response: HttpResponse) -> Answer:
    """Each with how many patterns are in it."""
    return _terms(Facet.COLLECTION, response)


@api.get("/audiences", response=_responses(schemas.Terms), url_name="api-audiences", summary="List audiences")
def list_audiences(request: HttpRequest, response: HttpResponse) -> Answer:
    """Each with how many patterns it has a word of its own for."""
    return _terms(Facet.AUDIENCE, response)


def problem(detail: str, status: int) -> JsonResponse:
    """Why there is no answer."""
    return JsonResponse({"detail": detail}, status=status, json_dumps_params={"ensure_ascii": False})


@api.exception_handler(Http404)
def _unknown(request: HttpRequest, error: Http404) -> HttpResponse:
    return problem(str(error), 404)


@api.exception_handler(answers.Gone)
def _gone(request: HttpRequest, error: answers.Gone) -> HttpResponse:
    return problem(str(error), 410)


@api.exception_handler(answers.Moved)
def _moved(request: HttpRequest, error: answers.Moved) -> HttpResponse:
    where = reverse(getattr(request.resolver_match, "url_name", ""), args=[error.slug])
    asked = request.META.get("QUERY_STRING", "")
    return HttpResponsePermanentRedirect(f"{where}?{asked}" if asked else where)


@api.exception_handler(ValidationError)
def _unfit(request: HttpRequest, error: ValidationError) -> HttpResponse:
    return problem("; ".join(f"{entry['loc'][-1]}: {entry['msg']}" for entry in error.errors), 422)
