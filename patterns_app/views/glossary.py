"""The words of the format and what they mean. The words are those of `document.vocabulary`; one without a meaning here
is an error when this is imported."""

from __future__ import annotations

from typing import Final, NamedTuple

from patterns_app.document.vocabulary import (
    ADOPTION_STAGES,
    PILLARS,
    REFERENCE_AUDIENCES,
    SECTION_GUIDANCE,
    STATUS_WORDS,
    USAGE_STAGES,
    VITALITY_FLOORS,
    RelationshipKind,
    Status,
    VitalityBand,
)


class Entry(NamedTuple):
    """A word, what else is to be said beside it, and what it means."""

    word: str
    beside: str
    meaning: str


class Part(NamedTuple):
    """Words of one sort. key: as it stands in the page's address."""

    key: str
    heading: str
    about: str
    entries: list[Entry]


_STARS: Final = (
    ("★", "A proposal: plausible, seen once or argued for."),
    ("★★", "Likely: seen at work in several places, with details still open."),
    ("★★★", "Held to be true: found again and again, and for reasons that are understood."),
)

_BANDS: Final = {
    VitalityBand.GENERATIVE: "It makes more life than it takes: those who use it are able to do more because of it.",
    VitalityBand.SUSTAINING: "It keeps alive what is there.",
    VitalityBand.FUNCTIONAL: "It does its work, and little beyond it.",
    VitalityBand.EXTRACTIVE: "It lives on what it does not renew. The editors should look at it again.",
}

_PILLARS: Final = {
    "stakeholder_architecture": "Who has rights and duties in it, people and others, now and later.",
    "value_creation": "What it makes for whom, beyond money.",
    "resilience": "How well it bears shocks and changes, and learns from them.",
    "ownership": "Whether those who depend on it hold it.",
    "autonomy": "How well its parts can act and decide for themselves.",
    "composability": "How easily it is put together with others.",
    "fractal_value": "Whether it works likewise at a smaller and at a larger scale.",
}

_KINDS: Final = {
    RelationshipKind.GENERALIZES_FROM: "The target is the broader pattern, of which this is a case.",
    RelationshipKind.SPECIALIZES_TO: "The target is a narrower pattern, a case of this.",
    RelationshipKind.ENABLES: "The target becomes possible by this.",
    RelationshipKind.REQUIRES: "The target has to be there first.",
    RelationshipKind.ALTERNATIVES: "The target is another answer to the same problem.",
    RelationshipKind.COMPLEMENTARY: "The target goes well with it.",
    RelationshipKind.TOOLS: "The target is used in it.",
    RelationshipKind.RELATED: "The target has something to do with it; older patterns say no more.",
    RelationshipKind.MANIFESTS_AS: "The target is a form that it takes.",
    RelationshipKind.GOVERNED_BY: "The target rules it.",
}

_STATUSES: Final = {
    Status.DRAFT: "Being written. Nobody but the editors sees it.",
    Status.REVIEW: "Waiting for another pair of eyes. Nobody but the editors sees it.",
    Status.PUBLISHED: "Public.",
    Status.DEPRECATED: "Still public, but no longer recommended; it may name what to use instead.",
    Status.ARCHIVED: "Taken back. Its address says so.",
}

_USAGE: Final = {
    "recognition": "seeing that there is a problem",
    "ideation": "looking for answers",
    "design": "choosing and shaping one",
    "implementation": "building it",
    "application": "using it",
    "operation": "keeping it going",
    "foundation": "the ground on which others stand",
}

_ADOPTION: Final = {
    "seed": "an idea",
    "emerging": "first trials",
    "early_adopters": "some use it, and tell of it",
    "growth": "more and more use it",
    "early_majority": "many use it who wait until others have",
    "mainstream": "most know it",
    "mature": "long in use, and settled",
    "established": "taken for granted",
}

_SECTIONS: Final = {
    "Context": "Where and when one meets the problem.",
    "Problem": "What pulls in which directions.",
    "Solution": "What to do, in essence.",
    "Implementation": "How to do it, step by step.",
    "Consequences": "What one gains by it, and what it costs.",
    "Known Uses": "Where it is at work.",
    "Cognitive Era": "What changes when machines think along.",
    "Vitality": "Signs of life and signs of decay.",
}


def _bands() -> list[Entry]:
    floors = {band: f"{floor} and more" for floor, band in VITALITY_FLOORS}
    lowest = f"below {min(floor for floor, _ in VITALITY_FLOORS)}"
    return [Entry(band.value, floors.get(band, lowest), _BANDS[band]) for band in VitalityBand]


def _statuses() -> list[Entry]:
    others: dict[Status, list[str]] = {status: [] for status in Status}
    for word, status in STATUS_WORDS.items():
        if word != status.value:
            others[status].append(word)
    return [
        Entry(status.value, f"also {', '.join(others[status])}" if others[status] else "", _STATUSES[status])
        for status in Status
    ]


def _kinds() -> list[Entry]:
    return [
        Entry(kind.label, f"from the other end: {kind.reverse_label}; in files: {kind.value}", _KINDS[kind])
        for kind in RelationshipKind
    ]


PARTS: Final = (
    Part(
        "sections",
        "The eight sections",
        "What stands in a pattern, in this order. Some leave one out or have others.",
        [Entry(name, f"{least}–{most} words", _SECTIONS[name]) for name, least, most in SECTION_GUIDANCE],
    ),
    Part(
        "confidence",
        "Confidence",
        "How sure its authors are that it holds.",
        [Entry(word, f"{len(word)} of 3", meaning) for word, meaning in _STARS],
    ),
    Part(
        "vitality",
        "Vitality",
        "A number from 0 to 5 that the authors give and reason, and the band that it falls into.",
        _bands(),
    ),
    Part(
        "pillars",
        "The seven pillars",
        "How much of a commons it is: seven numbers from 0 to 5.",
        [Entry(pillar.replace("_", " "), "", _PILLARS[pillar]) for pillar in PILLARS],
    ),
    Part(
        "relationships",
        "Relationships",
        "People state them, mostly with a weight from 0 to 1. A pattern's page shows those that it states, and those "
        "by which others lead to it.",
        _kinds(),
    ),
    Part(
        "statuses",
        "Statuses",
        "Where a pattern stands in its life.",
        _statuses(),
    ),
    Part(
        "usage-stages",
        "Usage stages",
        "When in the work one needs it. Authors may have other words.",
        [Entry(stage.replace("_", " "), "", _USAGE[stage]) for stage in USAGE_STAGES],
    ),
    Part(
        "adoption-stages",
        "Adoption stages",
        "How far it has come in the world. Authors may have other words.",
        [Entry(stage.replace("_", " "), "", _ADOPTION[stage]) for stage in ADOPTION_STAGES],
    ),
)

AUDIENCES: Final = REFERENCE_AUDIENCES
