"""The words of the format: relationship kinds, statuses, pillars, vitality bands, audiences.

Sources: the pattern template of commons.engineering (seven pillars, vitality bands, relationship kinds) and SKOS
(https://www.w3.org/TR/skos-reference/) for what `broader` and `narrower` mean.
"""

from __future__ import annotations

import enum
import re
from typing import Final


class RelationshipKind(enum.StrEnum):
    """A kind of human-curated relationship, with how it reads from either end.

    `label` reads from the pattern that states it to its target, `reverse_label` from the target back.
    `enables` and `requires` are not each other's inverse, so neither borrows the other's word.
    """

    label: str
    reverse_label: str

    GENERALIZES_FROM = "generalizes_from", "broader", "narrower"
    SPECIALIZES_TO = "specializes_to", "narrower", "broader"
    ENABLES = "enables", "enables", "enabled by"
    REQUIRES = "requires", "requires", "required by"
    ALTERNATIVES = "alternatives", "alternative", "alternative"
    COMPLEMENTARY = "complementary", "complements", "complemented by"
    TOOLS = "tools", "tool", "tool of"
    RELATED = "related", "related", "related"
    MANIFESTS_AS = "manifests_as", "manifests as", "manifestation of"
    GOVERNED_BY = "governed_by", "governed by", "governs"

    def __new__(cls, value: str, label: str, reverse_label: str) -> RelationshipKind:
        member = str.__new__(cls, value)
        member._value_ = value
        member.label = label
        member.reverse_label = reverse_label
        return member


class Status(enum.StrEnum):
    """Where a pattern stands in its life."""

    DRAFT = "draft"
    REVIEW = "review"
    PUBLISHED = "published"
    DEPRECATED = "deprecated"
    ARCHIVED = "archived"


STATUS_WORDS: Final[dict[str, Status]] = {
    **{status.value: status for status in Status},
    # Other libraries' words. The file keeps its own word until the state really changes.
    "stable": Status.PUBLISHED,
    "mature": Status.PUBLISHED,
    "active": Status.PUBLISHED,
    "revised": Status.DRAFT,
}


def status_of(word: str) -> Status:
    """The state that a file's own word means; an unknown or missing word means draft."""
    return STATUS_WORDS.get(word.strip().casefold(), Status.DRAFT)


PILLARS: Final = (
    "stakeholder_architecture",
    "value_creation",
    "resilience",
    "ownership",
    "autonomy",
    "composability",
    "fractal_value",
)


class VitalityBand(enum.StrEnum):
    """What a vitality score from 0 to 5 means in words (lower bounds 4.5, 3.5 and 2.0)."""

    GENERATIVE = "generative"
    SUSTAINING = "sustaining"
    FUNCTIONAL = "functional"
    EXTRACTIVE = "extractive"


VITALITY_FLOORS: Final = (
    (4.5, VitalityBand.GENERATIVE),
    (3.5, VitalityBand.SUSTAINING),
    (2.0, VitalityBand.FUNCTIONAL),
)


def vitality_band(vitality: float) -> VitalityBand:
    """The band a vitality from 0 to 5 falls into. Below 2.0 is extractive and calls for a review."""
    for floor, band in VITALITY_FLOORS:
        if vitality >= floor:
            return band
    return VitalityBand.EXTRACTIVE


# The audiences of the reference layout, in its order. Others are welcome: an audience is a row, not a column.
REFERENCE_AUDIENCES: Final = ("corporate", "government", "activist", "tech", "academic")

USAGE_STAGES: Final = ("recognition", "ideation", "design", "implementation", "application", "operation", "foundation")
ADOPTION_STAGES: Final = (
    "seed",
    "emerging",
    "early_adopters",
    "growth",
    "early_majority",
    "mainstream",
    "mature",
    "established",
)

# The reference layout's eight sections and the words each should have (from, to).
SECTION_GUIDANCE: Final = (
    ("Context", 100, 200),
    ("Problem", 100, 200),
    ("Solution", 200, 400),
    ("Implementation", 300, 500),
    ("Consequences", 200, 300),
    ("Known Uses", 200, 300),
    ("Cognitive Era", 150, 250),
    ("Vitality", 200, 300),
)

NAME_MAX: Final = 255
"""Longest name (alias, audience, domain, keyword, target, handle …) in characters; longer ones stay in the text only.
PostgreSQL cannot index entries over 2,704 bytes, and no name in 6,000 real files comes near."""

PATH_MAX: Final = 600
"""Longest path of a file inside its library, in characters; the same limit of PostgreSQL's indexes."""

TYPEID: Final = re.compile(r"pat_[0-7][0-9abcdefghjkmnpqrstvwxyz]{25}")
"""`pat_` and 26 characters of Crockford's base32, the first 0–7 (https://github.com/jetify-com/typeid)."""

PLACEHOLDER_IDS: Final = frozenset({"pat_placeholder", "placeholder", "pat_xxx", "todo", "tbd"})


def is_placeholder(identifier: str) -> bool:
    """Whether an `id` is a stand-in that was never replaced, and so identifies nothing."""
    return identifier.strip().casefold() in PLACEHOLDER_IDS


_NOT_WORD = re.compile(r"[^\w]+|_+", re.UNICODE)


def name_key(name: str) -> str:
    """The form in which names are compared: case-folded, every run of other signs one hyphen.

    >>> name_key("Value Chain  Orchestration")
    'value-chain-orchestration'
    """
    folded = name.casefold().strip()
    # A name of signs alone ("★") is compared as it stands.
    return _NOT_WORD.sub("-", folded).strip("-") or folded
