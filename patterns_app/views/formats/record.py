"""`Record`: a public pattern with what its formats say of it, and of other public patterns."""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from typing import Final, NamedTuple

from django.urls import reverse

from patterns_app.document.pattern import PatternDocument
from patterns_app.document.reading import read
from patterns_app.models import PublicEdge, Snapshot
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
    """targets: public patterns by the slug, id or alias by which this one names them."""

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
    """Records of snapshots that come with their revisions. One query, and one if any has a successor."""
    snapshots = list(snapshots)
    targets: dict[int, dict[str, Snapshot]] = {snapshot.pk: {} for snapshot in snapshots}
    edges = PublicEdge.objects.filter(source__among=list(targets), target__isnull=False).order_by()
    for edge in edges.select_related("target").defer("target__html"):
        if edge.target:
            targets[edge.source_id][edge.target_text] = edge.target
    pks = {snapshot.successor_id for snapshot in snapshots if snapshot.successor_id}
    successors = Snapshot.objects.light().in_bulk(pks) if pks else {}
    return [
        Record(
            snapshot,
            read(snapshot.revision.text, name=snapshot.slug).document,
            targets[snapshot.pk],
            successors.get(snapshot.successor_id),
        )
        for snapshot in snapshots
    ]


def when(said: str) -> datetime.date | datetime.datetime | None:
    """The day or the moment that a file states, None for what is neither."""
    for kind in (datetime.date, datetime.datetime):
        try:
            return kind.fromisoformat(said.strip())
        except ValueError:
            continue
    return None
