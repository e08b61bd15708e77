"""The types of the API's answers, which its OpenAPI description is made of. The types say what is there; `answers`,
`neighbourhood` and `retrieval` put it there."""

from __future__ import annotations

from typing import Annotated, Any, Literal, get_args, get_origin, get_type_hints

from ninja import Field, Schema
from pydantic import create_model

from patterns_app.document.pattern import FIELD_NAMES, InferredLink, PatternDocument, Relationship

Moment = Annotated[str, Field(json_schema_extra={"format": "date-time"})]


class Problem(Schema):
    """Why there is no answer."""

    detail: str = Field(description="A sentence for people.")


class Named(Schema):
    """A pattern as others name it."""

    slug: str
    title: str
    address: str = Field(description="Of its page.")


class Labelled(Named):
    """The same, for an audience."""

    label: str | None = Field(description="What the audience that was asked for calls it.")


class InShort(Named):
    """A pattern in a list."""

    api_address: str = Field(description="Of everything about it.")
    id: str | None = Field(description="Its TypeID, which outlives every change of slug.")
    label: str | None = Field(description="What the audience that was asked for calls it.")
    summary: str
    domain: str | None
    collection: str | None
    status: Literal["published", "deprecated"]
    confidence: int | None = Field(description="Stars, 0–4.")
    vitality: float | None = Field(description="0–5.")
    first_published_at: Moment
    published_at: Moment


class Patterns(Schema):
    """A page of patterns, by slug."""

    patterns: list[InShort]
    next: str | None = Field(description="The address of the next page, null on the last.")


class Statement(Schema):
    """What a relationship says besides its ends."""

    kind: str
    is_inferred: bool = Field(description="A machine's proposal, not a person's statement.")
    weight: float | None = Field(description="0–1; of a proposal the machine's confidence.")
    strength: float | None = Field(description="Of a proposal: 3–5, a scale of its own.")
    note: str = Field(description="The description, or the machine's reason.")


class Related(Statement):
    """A relationship as seen from one pattern."""

    direction: Literal["out", "in"] = Field(description="Whether this pattern states it, or the other one.")
    reads: str = Field(description="In words, from this pattern to the other: “broader”, “enabled by” …")
    target: str = Field(description="Where it leads to, as the one that states it writes it.")
    pattern: Labelled | None = Field(description="The other pattern, null where nothing public has that name.")


class Relationships(Schema):
    """All relationships of one pattern, its own first."""

    pattern: Labelled
    relationships: list[Related]
    is_cut: bool = Field(description="Whether more lead here than are listed.")


class Node(InShort):
    """A pattern in the graph."""

    depth: int | None = Field(description="Steps from where the walk began; null where there was no walk.")


class Edge(Statement):
    """A relationship between two public patterns, by their slugs."""

    source: str
    target: str


class GraphPart(Schema):
    """Patterns and the relationships between them."""

    nodes: list[Node]
    edges: list[Edge]
    is_cut: bool = Field(description="Whether more lie around there than are said.")
    next: str | None = Field(description="The address of the next page of the whole graph, null on the last.")


class Hit(InShort):
    """A pattern that a query found."""

    found_as: str | None = Field(description="Its name that was typed, where that is not its title.")
    section: str | None = Field(description="Where the excerpt is from; null for the summary or the opening.")
    section_address: str | None = Field(description="Of that section on the pattern's page.")
    excerpt: str = Field(description="Plain text around the words.")


class Count(Schema):
    """A value, and how many have it."""

    name: str
    count: int


class FacetCounts(Schema):
    """What hits can be narrowed by."""

    name: str
    values: list[Count]


class Hits(Schema):
    """A page of hits, best first."""

    how: Literal["nothing", "all", "any", "similar"] = Field(
        description="How wide one had to look: for all words, for any of them, or for names that are spelt alike."
    )
    total: int
    is_more: bool = Field(description="Whether there are more than `total`.")
    page: int
    pages: int
    hits: list[Hit] = Field(description="None beyond the last page.")
    next: str | None = Field(description="The address of the next page, null on the last.")
    facets: list[FacetCounts]


class Passage(Schema):
    """One section of a pattern, with all that quoting it takes."""

    pattern: Labelled
    section: str | None = Field(description="The section's title, null for the opening.")
    address: str = Field(description="Of the section on the pattern's page, where it has one.")
    text: str = Field(description="Markdown, cut between words.")
    is_cut: bool
    license: str | None
    license_address: str | None
    attribution: str = Field(description="Who is to be credited.")
    score: float = Field(description="A share of the best passage's, 0–1.")


class Passages(Schema):
    """Passages, best first."""

    passages: list[Passage]


class Term(Count):
    """A domain, collection or audience, and how many patterns are listed there."""

    key: str = Field(description="As it stands in addresses.")


class Terms(Schema):
    """All of one sort, by key."""

    terms: list[Term]


class Published(Schema):
    """One time that a pattern was published, since it is public without a break."""

    number: int = Field(description="Counts the times, from 1.")
    at: Moment
    occasion: Literal["published", "revised", "deprecated", "restored", "repeated"] = Field(
        description="Published for the first time, with another text, as deprecated, no longer so, or just the same."
    )
    status: Literal["published", "deprecated"]
    version: str = Field(description="As the text said it.")
    sha256: str = Field(description="Of the text.")


def _as_said(said: Any) -> Any:
    """The type of a field's JSON: a tuple is an array, a named tuple in it an object."""
    if get_origin(said) is not tuple:
        return said
    inner = get_args(said)[0]
    return list[_entry(inner)] if hasattr(inner, "_fields") else list[inner]  # type: ignore[misc,valid-type]


def _entry(inner: Any) -> type[Schema]:
    fields: dict[str, Any] = {name: (said, ...) for name, said in get_type_hints(inner).items()}
    if inner is Relationship:
        fields |= {"facts": (dict[str, str], ...), "reads": (str, ...)}
    if inner in (Relationship, InferredLink):
        fields["pattern"] = (
            Named | None,
            Field(description="Where it leads, null where nothing public has that name."),
        )
    made: type[Schema] = create_model(f"Pattern{inner.__name__}", __base__=Schema, **fields)
    return made


_HINTS = get_type_hints(PatternDocument)
_ADDED: dict[str, Any] = {
    "address": (str, ...),
    "permanent_address": (str | None, ...),
    "public_status": (Literal["published", "deprecated"], ...),
    "successor": (Named | None, Field(description="What to use instead.")),
    "first_published_at": (Moment, ...),
    "published_at": (Moment, ...),
    "sha256": (str, Field(description="Of the exact text.")),
    "publications": (list[Published], Field(description="What was public when, newest first.")),
    "license_address": (str | None, ...),
    "formats": (dict[str, str], Field(description="Addresses of the pattern in other formats, by suffix.")),
}
_SAID: dict[str, Any] = {name: (_as_said(_HINTS[name]), ...) for name in FIELD_NAMES}
PatternRecord: type[Schema] = create_model("PatternRecord", __base__=Schema, **_ADDED, **_SAID)
PatternRecord.__doc__ = "Everything that the published text says, under the format's own names, and where it leads."
