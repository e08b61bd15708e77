"""One pattern as readers see it: what a document says, with nothing but public knowledge of other patterns."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from django.db.models import Q

from patterns_app.document.pattern import PatternDocument
from patterns_app.document.vocabulary import PILLARS, RelationshipKind, VitalityBand, vitality_band
from patterns_app.models import Snapshot
from patterns_app.rendering import render

_KINDS = {kind.value: kind for kind in RelationshipKind}


class Link(NamedTuple):
    """A relationship to a public pattern, or to a name that nobody has published a pattern under."""

    target: Snapshot | None
    written: str
    weight: float | None
    description: str


class LinkGroup(NamedTuple):
    """The relationships of one kind, under the word by which it reads from here."""

    label: str
    links: list[Link]


class Score(NamedTuple):
    """One number of the assessment, 0–5."""

    name: str
    value: float


class ShownPattern(NamedTuple):
    """What a pattern's page shows. body: safe HTML."""

    document: PatternDocument
    body: str
    groups: list[LinkGroup]
    scores: list[Score]
    band: VitalityBand | None


def shown(document: PatternDocument, *, body: str | None = None) -> ShownPattern:
    """The page of a document. body: its rendered body, where it was rendered before. One query.

    Names of other patterns come from what is public of them; a draft's title cannot show through.
    """
    return ShownPattern(
        document,
        render(document.body) if body is None else body,
        list(_groups(document)),
        [Score(name.replace("_", " ").capitalize(), value) for name, value in _pillars(document) if value is not None],
        None if document.vitality is None else vitality_band(document.vitality),
    )


def _pillars(document: PatternDocument) -> Iterator[tuple[str, Any]]:
    for pillar in PILLARS:
        yield pillar, getattr(document, pillar)


def _groups(document: PatternDocument) -> Iterator[LinkGroup]:
    targets = _public({entry.target for entry in document.relationships})
    for kind in RelationshipKind:
        links = [
            Link(targets.get(entry.target), entry.target, entry.weight, entry.description)
            for entry in document.relationships
            if _KINDS.get(entry.kind) is kind
        ]
        if links:
            yield LinkGroup(kind.label, links)


def _public(names: Iterable[str]) -> dict[str, Snapshot]:
    """Public patterns by slug and by id, as far as they are among the names."""
    wanted = list(names)
    if not wanted:
        return {}
    found = Snapshot.objects.light().filter(Q(slug__among=wanted) | Q(identifier__among=wanted))
    return {name: snapshot for snapshot in found for name in (snapshot.identifier, snapshot.slug) if name}
