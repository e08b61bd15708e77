"""`PatternDocument`: what a pattern file says, typed and frozen, in the format's seven groups and the body.

Values are as the text says them. A value the text says in a way that cannot be used (a weight of 7, a list where a
title belongs) is absent here, reported as a `Problem`, and left alone in the text.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
from dataclasses import dataclass
from typing import NamedTuple

from patterns_app.document.body import Section
from patterns_app.document.vocabulary import PILLARS, name_key

READING = 2
"""Number of the way in which texts are read. Raise it with every change by which an unchanged text says something else:
a new field, a further place of one, another cut of the body. Rows made by an earlier way are read again then."""


class ContextLabel(NamedTuple):
    """What one audience calls the pattern."""

    audience: str
    label: str


class Relationship(NamedTuple):
    """One human-curated, directed, optionally weighted relationship.

    kind: a `RelationshipKind` value. target: slug, id or name, as written. weight: 0–1, None where none is stated.
    facts: whatever else the entry says, as (key, text) pairs in the file's order.
    """

    kind: str
    target: str
    weight: float | None = None
    description: str = ""
    facts: tuple[tuple[str, str], ...] = ()


class Entity(NamedTuple):
    """A concept, practice, … that a machine found. relevance: 0–1. id is "" for an entry that is plain text."""

    id: str
    type: str
    label: str
    relevance: float | None = None

    @property
    def key(self) -> str:
        return self.id or name_key(self.label)


class Community(NamedTuple):
    """A cluster the pattern belongs to. source: taxonomy, inferred, curated …; confidence: 0–1."""

    id: str
    label: str
    source: str = ""
    confidence: float | None = None

    @property
    def key(self) -> str:
        return self.id or name_key(self.label)


class InferredLink(NamedTuple):
    """A link a machine proposes. confidence: 0–1, or strength: 3–5; two scales that are never mixed."""

    target: str
    type: str = ""
    confidence: float | None = None
    strength: float | None = None
    reason: str = ""


class Contributor(NamedTuple):
    """A person by handle or name, and the role the file gives them ("" where it gives none)."""

    name: str
    role: str = ""


@dataclass(frozen=True, slots=True)
class PatternDocument:
    """One pattern. Field names are the format's; text that is missing, null or empty is ""."""

    # Group 1: core identity
    id: str = ""
    slug: str = ""
    title: str = ""
    aliases: tuple[str, ...] = ()
    summary: str = ""
    # Group 2: the Navigator
    context_labels: tuple[ContextLabel, ...] = ()
    # Group 3: ontology and search; pillars, vitality and overall score are 0–5
    domain: str = ""
    cross_domains: tuple[str, ...] = ()
    primary_tension: str = ""
    vector_keywords: tuple[str, ...] = ()
    stakeholder_architecture: float | None = None
    value_creation: float | None = None
    resilience: float | None = None
    ownership: float | None = None
    autonomy: float | None = None
    composability: float | None = None
    fractal_value: float | None = None
    vitality: float | None = None
    vitality_reasoning: str = ""
    overall_score: float | None = None
    # Group 4: lifecycle. status and version are the file's own words; confidence is 0–4 stars
    usage_stage: str = ""
    adoption_stage: str = ""
    status: str = ""
    version: str = ""
    confidence: int | None = None
    # Group 5: human-curated relationships, kind after kind, each in the file's order
    relationships: tuple[Relationship, ...] = ()
    # Group 6: the graph garden
    last_pruned: str = ""
    entities: tuple[Entity, ...] = ()
    communities: tuple[Community, ...] = ()
    inferred_links: tuple[InferredLink, ...] = ()
    # Group 7: provenance
    contributors: tuple[Contributor, ...] = ()
    sources: tuple[str, ...] = ()
    license: str = ""
    attribution: str = ""
    collection: str = ""
    created: str = ""
    modified: str = ""
    # Body: exactly the characters after the closing fence, cut before each section's heading
    preamble: str = ""
    sections: tuple[Section, ...] = ()

    @property
    def body(self) -> str:
        """The Markdown after the front matter, to the character."""
        return self.preamble + "".join(section.heading + section.text for section in self.sections)

    @property
    def pillars(self) -> tuple[float | None, ...]:
        """The seven pillars' scores in the format's order."""
        return tuple(getattr(self, pillar) for pillar in PILLARS)

    def fingerprint(self) -> str:
        """64 hexadecimal digits that differ whenever two documents say different things.

        The first two are `READING`: a fingerprint taken by another way of reading is equal to none of this one.
        """
        said = [getattr(self, name) for name in FIELD_NAMES]
        text = json.dumps(said, ensure_ascii=False, separators=(",", ":"))
        digest = hashlib.sha256(text.encode(errors="surrogatepass")).hexdigest()
        return f"{READING:02x}{digest[:62]}"

    def differs_from(self, other: PatternDocument) -> tuple[str, ...]:
        """Names of the fields in which the two documents differ, in the format's order."""
        return tuple(name for name in FIELD_NAMES if getattr(self, name) != getattr(other, name))


FIELD_NAMES: tuple[str, ...] = tuple(field.name for field in dataclasses.fields(PatternDocument))
