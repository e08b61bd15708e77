"""Which key path means which field, in every generation of the format.

A field is read from the first of its places that exists in the file and written back there; a new one goes to its
first place, the reference layout's. To teach the system another generation, add a place here.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import Final

from patterns_app.document.vocabulary import NAME_MAX, PILLARS, RelationshipKind

Path = tuple[str, ...]
"""Keys from the top of the front matter down to a value."""


class Group(enum.Enum):
    """The format's seven groups, each with its banner's words."""

    IDENTITY = "GROUP 1: CORE IDENTITY"
    NAVIGATOR = "GROUP 2: CONTEXTUAL TRANSLATION (The Navigator Engine)"
    ONTOLOGY = "GROUP 3: ONTOLOGY & SEARCH OPTIMIZATION (The RAG Fuel)"
    LIFECYCLE = "GROUP 4: LIFECYCLE & CONFIDENCE"
    RELATIONSHIPS = "GROUP 5: HARD RELATIONSHIPS (Human-Curated Graph)"
    GARDEN = "GROUP 6: GRAPH GARDEN (Machine-Written Graph)"
    PROVENANCE = "GROUP 7: PROVENANCE"


class Shape(enum.Enum):
    """What a field's value looks like in YAML."""

    TEXT = enum.auto()
    SCORE = enum.auto()
    STARS = enum.auto()
    TEXTS = enum.auto()
    LABELS = enum.auto()
    RELATIONSHIPS = enum.auto()
    ENTITIES = enum.auto()
    COMMUNITIES = enum.auto()
    INFERRED_LINKS = enum.auto()
    CONTRIBUTORS = enum.auto()


class Style(enum.Enum):
    """How the reference layout writes a text."""

    PLAIN = enum.auto()
    QUOTED = enum.auto()
    FOLDED = enum.auto()


@dataclass(frozen=True, slots=True)
class Field:
    """One field of the format.

    name: of the `PatternDocument` field ("relationships" for each of the kinds). required: the template demands it.
    limit: longest text in characters that rows can hold, None for any length. repeats: whether a list may say a thing
    twice.
    """

    name: str
    group: Group
    shape: Shape
    places: tuple[Path, ...]
    style: Style = Style.PLAIN
    required: bool = False
    limit: int | None = None
    is_date: bool = False
    repeats: bool = False
    kind: str = ""


def _paths(*dotted: str) -> tuple[Path, ...]:
    return tuple(tuple(path.split(".")) for path in dotted)


def _kind(kind: RelationshipKind) -> Field:
    return Field(
        "relationships",
        Group.RELATIONSHIPS,
        Shape.RELATIONSHIPS,
        _paths(f"relationships.{kind}", kind),
        kind=kind.value,
    )


_I, _N, _O, _L, _G, _P = (
    Group.IDENTITY,
    Group.NAVIGATOR,
    Group.ONTOLOGY,
    Group.LIFECYCLE,
    Group.GARDEN,
    Group.PROVENANCE,
)
_ASSESSMENT = "ontology.commons_assessment"
_HINTS = "ontology.search_hints"

# In the reference layout's order.
FIELDS: Final[tuple[Field, ...]] = (
    Field("id", _I, Shape.TEXT, _paths("id"), required=True, limit=NAME_MAX),
    Field("slug", _I, Shape.TEXT, _paths("slug"), required=True, limit=NAME_MAX),
    Field("title", _I, Shape.TEXT, _paths("title"), Style.QUOTED, required=True),
    Field("aliases", _I, Shape.TEXTS, _paths("aliases", "aliases_list"), Style.QUOTED, limit=NAME_MAX),
    Field("summary", _I, Shape.TEXT, _paths("summary"), Style.FOLDED, required=True),
    Field("context_labels", _N, Shape.LABELS, _paths("context_labels"), Style.QUOTED, required=True),
    Field(
        "domain",
        _O,
        Shape.TEXT,
        _paths("ontology.domain", "classification.domain", "domain"),
        required=True,
        limit=NAME_MAX,
    ),
    Field(
        "cross_domains",
        _O,
        Shape.TEXTS,
        _paths("ontology.cross_domains", "classification.commons_domain"),
        limit=NAME_MAX,
    ),
    Field("primary_tension", _O, Shape.TEXT, _paths(f"{_HINTS}.primary_tension"), Style.QUOTED, required=True),
    Field(
        "vector_keywords", _O, Shape.TEXTS, _paths(f"{_HINTS}.vector_keywords", "tags"), Style.QUOTED, limit=NAME_MAX
    ),
    *(Field(pillar, _O, Shape.SCORE, _paths(f"{_ASSESSMENT}.{pillar}"), required=True) for pillar in PILLARS),
    Field("vitality", _O, Shape.SCORE, _paths(f"{_ASSESSMENT}.vitality", "vitality_score")),
    Field("vitality_reasoning", _O, Shape.TEXT, _paths(f"{_ASSESSMENT}.vitality_reasoning"), Style.FOLDED),
    Field("overall_score", _O, Shape.SCORE, _paths(f"{_ASSESSMENT}.overall_score", "classification.commons_alignment")),
    Field("usage_stage", _L, Shape.TEXT, _paths("lifecycle.usage_stage"), limit=NAME_MAX),
    Field("adoption_stage", _L, Shape.TEXT, _paths("lifecycle.adoption_stage"), limit=NAME_MAX),
    Field("status", _L, Shape.TEXT, _paths("lifecycle.status", "classification.status", "status"), required=True),
    Field("version", _L, Shape.TEXT, _paths("lifecycle.version", "version"), Style.QUOTED, limit=NAME_MAX),
    Field("confidence", _L, Shape.STARS, _paths("lifecycle.confidence")),
    *(_kind(kind) for kind in RelationshipKind),
    Field("last_pruned", _G, Shape.TEXT, _paths("graph_garden.last_pruned"), limit=NAME_MAX, is_date=True),
    Field("entities", _G, Shape.ENTITIES, _paths("graph_garden.entities")),
    Field("communities", _G, Shape.COMMUNITIES, _paths("graph_garden.communities")),
    Field("inferred_links", _G, Shape.INFERRED_LINKS, _paths("graph_garden.inferred_links")),
    Field(
        "contributors",
        _P,
        Shape.CONTRIBUTORS,
        _paths("contributors", "provenance.contributors"),
        Style.QUOTED,
        required=True,
    ),
    Field("sources", _P, Shape.TEXTS, _paths("sources", "provenance.sources"), Style.QUOTED, repeats=True),
    Field("license", _P, Shape.TEXT, _paths("license", "provenance.license"), required=True, limit=NAME_MAX),
    Field("attribution", _P, Shape.TEXT, _paths("attribution", "provenance.attribution"), Style.QUOTED, required=True),
    Field("collection", _P, Shape.TEXT, _paths("collection"), limit=NAME_MAX),
    Field("created", _P, Shape.TEXT, _paths("created"), limit=NAME_MAX, is_date=True),
    Field("modified", _P, Shape.TEXT, _paths("modified", "last_updated"), limit=NAME_MAX, is_date=True),
)

CONTAINERS: Final[frozenset[Path]] = frozenset(
    place[:depth] for field in FIELDS for place in field.places for depth in range(1, len(place))
)
"""Every key path that only holds further keys, such as ("ontology", "search_hints")."""


def siblings(parent: Path) -> tuple[str, ...]:
    """The keys that may stand directly under `parent`, in the reference layout's order."""
    depth = len(parent)
    return tuple(
        dict.fromkeys(
            place[depth] for field in FIELDS for place in field.places if len(place) > depth and place[:depth] == parent
        )
    )
