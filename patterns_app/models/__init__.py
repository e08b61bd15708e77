"""Rows: the working copy that editors change, the revisions that remember every text, and where files were last seen.

Direction of dependency inside the package: `names` ← `pattern` ← `parts`, `revision` ← `library`, `publication`,
`event` ← `desk`, `working_copy`, `recalling`.
Nothing here writes files, moves a status or publishes; integrity is in constraints, because bulk writes skip `save()`.
"""

# With it `__among` can be asked of every field, whoever asks.
from patterns_app.models.bulk import Among
from patterns_app.models.desk import MailChoice, MailPreference, Notice, Presence
from patterns_app.models.event import Event
from patterns_app.models.library import Library, LibraryFile
from patterns_app.models.names import Audience, Collection, Community, Contributor, Domain, Entity, Keyword
from patterns_app.models.parts import (
    Alias,
    ContextLabel,
    Contribution,
    CrossDomain,
    InferredLink,
    PatternCommunity,
    PatternEntity,
    PatternKeyword,
    Relationship,
    Section,
    Source,
)
from patterns_app.models.pattern import Pattern
from patterns_app.models.publication import (
    LIVE,
    MAKING,
    Facet,
    MapPlace,
    Occasion,
    PublicAddress,
    Publication,
    PublicEdge,
    PublicIdentifier,
    PublicTerm,
    PublicUrn,
    Snapshot,
)
from patterns_app.models.revision import Revision
from patterns_app.models.searching import SearchName, SearchText

__all__ = [
    "LIVE",
    "MAKING",
    "Alias",
    "Among",
    "Audience",
    "Collection",
    "Community",
    "ContextLabel",
    "Contribution",
    "Contributor",
    "CrossDomain",
    "Domain",
    "Entity",
    "Event",
    "Facet",
    "InferredLink",
    "Keyword",
    "Library",
    "LibraryFile",
    "MailChoice",
    "MailPreference",
    "MapPlace",
    "Notice",
    "Occasion",
    "Pattern",
    "PatternCommunity",
    "PatternEntity",
    "PatternKeyword",
    "Presence",
    "PublicAddress",
    "PublicEdge",
    "PublicIdentifier",
    "PublicTerm",
    "PublicUrn",
    "Publication",
    "Relationship",
    "Revision",
    "SearchName",
    "SearchText",
    "Section",
    "Snapshot",
    "Source",
]
