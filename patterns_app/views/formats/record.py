"""`Record`: a public pattern with what its formats say of it, and of other public patterns."""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from typing import Final, NamedTuple

from django.db.models import Q
from django.urls import reverse

from patterns_app.document.pattern import PatternDocument
from patterns_app.document.reading import read
from patterns_app.models import Snapshot
from patterns_app.views.addresses import absolute


class Format(NamedTuple):
    """suffix: of its address; also the end of its address's name, `pattern-…`. label: what readers call it."""

    suffix: str
    media_type: str
    label: str

    @property
    def name(self) -> str:
        return f"pattern-{self.suffix}"

    def path_of(self, snapshot: Snapshot) -> str:
        return reverse(self.name, args=[snapshot.slug])

    def address_of(self, snapshot: Snapshot) -> str:
        return absolute(self.path_of(snapshot))


MARKDOWN: Final = Format("md", "text/markdown", "Markdown, the exact file")
# A suffix that ends in another one stands before it.
FORMATS: Final = (
    MARKDOWN,
    Format("csl.json", "application/vnd.citationstyles.csl+json", "CSL-JSON"),
    Format("json", "application/json", "JSON"),
    Format("jsonld", "application/ld+json", "JSON-LD"),
    Format("ttl", "text/turtle", "Turtle"),
    Format("bib", "application/x-bibtex", "BibTeX"),
)


class Record(NamedTuple):
    """targets: public patterns by each slug and id under which this one may name them."""

    snapshot: Snapshot
    document: PatternDocument
    targets: dict[str, Snapshot]
    successor: Snapshot | None

    @property
    def changed_at(self) -> datetime.datetime:
        """When the newest of what the record shows was published."""
        snapshot = self.snapshot
        others = [*self.targets.values(), *([self.successor] if self.successor else [])]
        return max(snapshot.published_at, snapshot.revision.created_at, *(other.published_at for other in others))


def records(snapshots: Iterable[Snapshot]) -> list[Record]:
    """Records of snapshots that come with their revisions. One query for all of them."""
    said = [(snapshot, read(snapshot.revision.text, name=snapshot.slug).document) for snapshot in snapshots]
    names = {name for _, document in said for name in _names(document)}
    successors = {snapshot.successor_id for snapshot, _ in said if snapshot.successor_id}
    found = _public(names, successors)
    by_name = {name: target for target in found for name in (target.identifier, target.slug) if name}
    by_pk = {target.pk: target for target in found}
    return [
        Record(
            snapshot,
            document,
            {name: by_name[name] for name in _names(document) if name in by_name},
            by_pk.get(snapshot.successor_id),
        )
        for snapshot, document in said
    ]


def _names(document: PatternDocument) -> set[str]:
    links, proposed = document.relationships, document.inferred_links
    return {entry.target for entry in links} | {link.target for link in proposed}


def _public(names: set[str], pks: set[int]) -> list[Snapshot]:
    asked = Q()
    if names:
        asked |= Q(slug__among=names) | Q(identifier__among=names)
    if pks:
        asked |= Q(pk__among=pks)
    return list(Snapshot.objects.light().filter(asked).order_by("slug")) if asked else []
