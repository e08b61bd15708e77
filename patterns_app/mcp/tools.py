"""What an agent can ask of the library. Every text comes with its address, its license and who is to be credited."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Annotated, Any, Final, Literal, NamedTuple

from django.http import Http404
from ninja import Field, Schema
from pydantic import ConfigDict, ValidationError

from patterns_app.api import answers, neighbourhood
from patterns_app.document.pattern import PatternDocument
from patterns_app.document.reading import read
from patterns_app.document.vocabulary import NAME_MAX, RelationshipKind
from patterns_app.models import Facet, Revision, Snapshot
from patterns_app.models.typed import storable
from patterns_app.views.citation import citation_of, license_of
from patterns_app.views.formats import plain_json
from patterns_app.views.formats.record import records


class Unanswered(Exception):
    """Why a tool has no answer, so that the agent can ask otherwise."""


class _Asked(Schema):
    model_config = ConfigDict(extra="forbid")


class FindPatterns(_Asked):
    """Arguments of find_patterns."""

    query: str = Field(min_length=1, max_length=1_000, description='Words, "phrases", -minus, title:word.')
    audience: str = Field("", max_length=NAME_MAX, description="In whose words; list_collections names audiences.")
    domain: str = Field("", max_length=NAME_MAX, description="Only of this domain, by name or key.")
    collection: str = Field("", max_length=NAME_MAX, description="Only of this collection, by name or key.")
    limit: int = Field(10, ge=1, le=10, description="Most patterns to say.")


class GetPattern(_Asked):
    """Arguments of get_pattern."""

    slug: str = Field(min_length=1, max_length=NAME_MAX, description="As find_patterns gives it.")
    as_: Literal["markdown", "json"] = Field(
        "markdown", alias="as", description="The exact file, or all of its fields with resolved relationships."
    )


class TraverseGraph(_Asked):
    """Arguments of traverse_graph."""

    slug: str = Field(min_length=1, max_length=NAME_MAX, description="The pattern to begin at.")
    depth: int = Field(1, ge=1, le=neighbourhood.DEPTH, description="Steps from there.")
    kinds: list[Annotated[str, Field(max_length=NAME_MAX)]] = Field(
        default_factory=list, max_length=50, description=f"Only these: {', '.join(RelationshipKind)}. Empty for all."
    )
    direction: Literal["both", "out", "in"] = Field("both", description="“out”: from who states a relationship.")


class ListCollections(_Asked):
    """list_collections takes no arguments."""


class Answer(NamedTuple):
    """texts: for the model. data: the same as an object, None where it is a text only."""

    texts: list[str]
    data: dict[str, Any] | None = None


class Tool(NamedTuple):
    """asked: its arguments. description: for the model, which decides by it."""

    name: str
    title: str
    description: str
    asked: type[_Asked]
    answer: Callable[[Any], Answer]

    def call(self, arguments: dict[str, Any]) -> Answer:
        """Raises `Unanswered`."""
        try:
            return self.answer(self.asked.model_validate(arguments))
        except ValidationError as error:
            problems = (f"{'.'.join(map(str, entry['loc']))}: {entry['msg']}" for entry in error.errors())
            raise Unanswered("; ".join(problems)) from None
        except (Http404, answers.Gone) as error:
            raise Unanswered(str(error)) from None


def _find_patterns(asked: FindPatterns) -> Answer:
    """The queries of the search, and one for the licenses."""
    found, shown = answers.found_for(
        asked.query,
        audience=answers.audience_meant(storable(asked.audience)),
        domain=storable(asked.domain),
        collection=storable(asked.collection),
    )
    texts = dict(Revision.objects.filter(pk__in=[one.revision_id for one in shown]).values_list("pk", "text"))
    hits = [
        {**hit, **_credit(snapshot, read(texts[snapshot.revision_id], name=snapshot.slug).document)}
        for hit, snapshot in zip(found["hits"], shown, strict=True)
        if snapshot.revision_id in texts
    ]
    return _object({"total": found["total"], "how": found["how"], "patterns": hits[: asked.limit]})


def _get_pattern(asked: GetPattern) -> Answer:
    snapshot = answers.public_now(asked.slug)
    if asked.as_ == "json":
        [record] = records([snapshot])
        return _object({**plain_json.as_data(record), **_credit(snapshot, record.document)})
    text = snapshot.revision.text
    credit = {**answers.named(snapshot), **_credit(snapshot, read(text, name=snapshot.slug).document)}
    return Answer([json.dumps(credit, ensure_ascii=False), text])


def _traverse_graph(asked: TraverseGraph) -> Answer:
    which = neighbourhood.chosen(kinds=[storable(kind) for kind in asked.kinds])
    start = answers.public_now(asked.slug)
    graph = neighbourhood.around(start, which, depth=asked.depth, direction=asked.direction)
    return _object({"from": answers.named(start), "nodes": graph.nodes, "edges": graph.edges, "is_cut": graph.is_cut})


def _list_collections(asked: ListCollections) -> Answer:
    facets = {"collections": Facet.COLLECTION, "domains": Facet.DOMAIN, "audiences": Facet.AUDIENCE}
    return _object({name: answers.terms(facet) for name, facet in facets.items()})


def _credit(snapshot: Snapshot, document: PatternDocument) -> dict[str, str | None]:
    license = license_of(document)
    return {
        "license": license.name if license else None,
        "license_address": (license.address if license else "") or None,
        "attribution": document.attribution or citation_of(snapshot, document),
    }


def _object(said: dict[str, Any]) -> Answer:
    return Answer([json.dumps(said, ensure_ascii=False)], said)


TOOLS: Final = (
    Tool(
        "find_patterns",
        "Find patterns",
        "Searches the pattern library: by name, then by words. Each hit has a slug for the other tools, a summary, an "
        "excerpt, its address, its license and whom to credit.",
        FindPatterns,
        _find_patterns,
    ),
    Tool(
        "get_pattern",
        "Get a pattern",
        "The whole of one pattern: problem, tension, solution, consequences, relationships. Credit it by the address, "
        "license and attribution that come with it.",
        GetPattern,
        _get_pattern,
    ),
    Tool(
        "traverse_graph",
        "Traverse the graph",
        "Which patterns lie around one, by the relationships that people state (broader, narrower, enables, requires "
        "…), up to three steps.",
        TraverseGraph,
        _traverse_graph,
    ),
    Tool(
        "list_collections",
        "List collections",
        "The library's collections, domains and audiences, each with how many patterns it has.",
        ListCollections,
        _list_collections,
    ),
)
