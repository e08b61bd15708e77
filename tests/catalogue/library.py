"""A library of many small public patterns, and what its documents say, asked one by one."""

from __future__ import annotations

import datetime
import random
from collections.abc import Iterable
from typing import NamedTuple

from patterns_app.catalogue.terms import key_of
from patterns_app.document.pattern import Community, ContextLabel, Contributor, Entity, PatternDocument, Relationship
from patterns_app.models import Facet, Pattern
from patterns_app.publishing import publish_many
from tests.factories import NOON, make_document, make_pattern

DOMAINS = ("Finance & Economics", "finance economics", "governance", "Ökologie", "")
BANDS = ((4.5, "generative"), (3.5, "sustaining"), (2.0, "functional"), (0.0, "extractive"))


class Published(NamedTuple):
    pk: int
    document: PatternDocument
    at: datetime.datetime


def publish(documents: Iterable[PatternDocument], at: datetime.datetime = NOON) -> list[Published]:
    """Make documents public as they are."""
    found = []
    for document in documents:
        said = {name: getattr(document, name) for name in document.__dataclass_fields__}
        found.append(Published(make_pattern(**said).pk, document, at))
    pks = [one.pk for one in found]
    Pattern.objects.filter(pk__in=pks).update(status="published")
    publish_many(pks, at=at)
    return found


def make_library(count: int) -> list[Published]:
    """Patterns with and without everything, many of them alike in what they are sorted by."""
    dice = random.Random(7)
    kinds = ("enables", "requires", "tools")
    found: list[Published] = []
    for day in range(3):
        documents = []
        for number in range(count // 3):
            slug = f"pattern-{day}-{number}"
            documents.append(
                make_document(
                    slug=slug,
                    # Titles repeat, and differ by case and accents only.
                    title=dice.choice(["Open door", "open dóor", "Zebra", "Árbol", f"Title {number}"]),
                    domain=dice.choice(DOMAINS),
                    cross_domains=tuple(dice.sample(["governance", "care"], dice.randrange(3))),
                    collection=dice.choice(["street", "", ""]),
                    confidence=dice.choice([None, 1, 2, 3]),
                    vitality=dice.choice([None, 0.5, 2.0, 3.5, 3.5, 4.4, 5.0]),
                    usage_stage=dice.choice(["design", "", "early_bird"]),
                    adoption_stage=dice.choice(["growth", ""]),
                    context_labels=tuple(
                        ContextLabel(audience, f"{slug} for {audience}")
                        for audience in dice.sample(["tech", "activist"], dice.randrange(3))
                    ),
                    contributors=tuple(Contributor(name, "author") for name in dice.sample(["ada", "bo"], 1)),
                    entities=(Entity("", "concept", dice.choice(["Trust", "Care"])),),
                    communities=(Community("", dice.choice(["Sharing", "Mending"]), "inferred"),),
                    relationships=tuple(
                        Relationship(kind, "open-door", 0.5) for kind in sorted(dice.sample(kinds, dice.randrange(3)))
                    ),
                )
            )
        found += publish(documents, NOON - datetime.timedelta(days=day))
    return found


def keys_of(document: PatternDocument, facet: Facet) -> set[str]:
    """What a document has of a facet, as addresses say it."""
    vitality = document.vitality
    said: dict[Facet, Iterable[str]] = {
        Facet.DOMAIN: [document.domain],
        Facet.CROSS_DOMAIN: document.cross_domains,
        Facet.COLLECTION: [document.collection],
        Facet.AUDIENCE: [label.audience for label in document.context_labels],
        Facet.USAGE_STAGE: [document.usage_stage],
        Facet.ADOPTION_STAGE: [document.adoption_stage],
        Facet.CONFIDENCE: [] if document.confidence is None else [str(document.confidence)],
        Facet.VITALITY: [] if vitality is None else [next(band for floor, band in BANDS if vitality >= floor)],
        Facet.RELATIONSHIP: [entry.kind for entry in document.relationships],
        Facet.CONTRIBUTOR: [person.name for person in document.contributors],
        Facet.ENTITY: [entity.label for entity in document.entities],
        Facet.COMMUNITY: [community.label for community in document.communities],
    }
    return {key_of(name) for name in said[facet] if name}
