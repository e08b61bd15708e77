"""How facets and their values read, and the order in which they stand."""

from __future__ import annotations

from typing import Final, NamedTuple

from patterns_app.document.vocabulary import (
    ADOPTION_STAGES,
    USAGE_STAGES,
    RelationshipKind,
    VitalityBand,
    name_key,
)
from patterns_app.models import Facet


class Heading(NamedTuple):
    """A facet's name, for one value and for its list, and the words of its lists' addresses ("" for no list)."""

    one: str
    many: str
    word: str = ""


HEADINGS: Final = {
    Facet.DOMAIN: Heading("Domain", "Domains", "domains"),
    Facet.CROSS_DOMAIN: Heading("Reaches into", "Domains reached into"),
    Facet.COLLECTION: Heading("Collection", "Collections", "collections"),
    Facet.VITALITY: Heading("Vitality", "Vitality bands"),
    Facet.CONFIDENCE: Heading("Confidence", "Confidence"),
    Facet.RELATIONSHIP: Heading("Relationships", "Relationships"),
    Facet.USAGE_STAGE: Heading("Usage stage", "Usage stages"),
    Facet.ADOPTION_STAGE: Heading("Adoption stage", "Adoption stages"),
    Facet.AUDIENCE: Heading("Named for", "Audiences"),
    Facet.CONTRIBUTOR: Heading("Contributor", "Contributors", "contributors"),
    Facet.ENTITY: Heading("Entity", "Entities", "entities"),
    Facet.COMMUNITY: Heading("Community", "Communities", "communities"),
}

STARS: Final = ("no stars", "★", "★★", "★★★", "★★★★")

_KINDS: Final = {name_key(kind): kind for kind in RelationshipKind}

_ORDERS: Final = {
    Facet.VITALITY: [band.value for band in VitalityBand],
    Facet.CONFIDENCE: [str(stars) for stars in reversed(range(len(STARS)))],
    Facet.USAGE_STAGE: [name_key(stage) for stage in USAGE_STAGES],
    Facet.ADOPTION_STAGE: [name_key(stage) for stage in ADOPTION_STAGES],
    Facet.RELATIONSHIP: list(_KINDS),
}


def worded(facet: Facet, key: str, label: str) -> str:
    """How a value reads. label: as patterns write it."""
    if facet is Facet.CONFIDENCE and key.isdigit() and int(key) < len(STARS):
        return f"{STARS[int(key)]} {key} star{'' if key == '1' else 's'}" if int(key) else STARS[0]
    if facet is Facet.RELATIONSHIP and key in _KINDS:
        return _KINDS[key].label
    if facet in (Facet.USAGE_STAGE, Facet.ADOPTION_STAGE):
        return label.replace("_", " ")
    return label


def place_of(facet: Facet, key: str) -> int:
    """Where a value stands among those of its facet, if they have an order of their own; else all the same."""
    order = _ORDERS.get(facet, ())
    return order.index(key) if key in order else len(order)
