"""A public pattern as lists show it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from patterns_app.catalogue.terms import key_of
from patterns_app.document.vocabulary import VitalityBand, vitality_band
from patterns_app.models import Snapshot
from patterns_app.views.wording import STARS


class Tile(NamedTuple):
    """One pattern in a list. domain: its domain's key, "" if it has no list. stars: "" without a confidence."""

    snapshot: Snapshot
    domain: str
    stars: str
    band: VitalityBand | None

    @property
    def is_new(self) -> bool:
        """Whether it is public as it was first published."""
        return self.snapshot.first_published_at == self.snapshot.published_at


def tiles(snapshots: Iterable[Snapshot]) -> list[Tile]:
    """A tile each. No query."""
    return [
        Tile(
            snapshot,
            key_of(snapshot.domain),
            STARS[snapshot.confidence] if snapshot.confidence else "",
            None if snapshot.vitality is None else vitality_band(snapshot.vitality),
        )
        for snapshot in snapshots
    ]
