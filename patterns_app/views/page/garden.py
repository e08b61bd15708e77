"""What a machine found in a pattern, and proposes: marked as such wherever it is shown."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from django.utils.safestring import SafeString

from patterns_app.document.pattern import PatternDocument
from patterns_app.models import Facet
from patterns_app.views.page.lists import Named, groups_list, terms_list
from patterns_app.views.page.records import Edge
from patterns_app.views.page.relationships import number, proposed
from patterns_app.views.routes import list_path


class Garden(NamedTuple):
    """The lists of a garden as safe HTML, "" where there is none.

    proposals: of this pattern's garden; returned: those of others that lead here; more: of these, not shown.
    """

    entities: SafeString
    communities: SafeString
    proposals: SafeString
    returned: SafeString
    returned_count: int
    more: int
    pruned: str


def garden_of(document: PatternDocument, edges: Sequence[Edge]) -> Garden | None:
    """The garden of a pattern, None where nothing grows."""
    entities = [
        _named(Facet.ENTITY, entry.label or entry.id, entry.type, entry.relevance) for entry in document.entities
    ]
    communities = [
        _named(Facet.COMMUNITY, entry.label or entry.id, entry.source, entry.confidence)
        for entry in document.communities
    ]
    proposals, returned, more = proposed(edges)
    if not (entities or communities or proposals or returned):
        return None
    return Garden(
        terms_list(entities),
        terms_list(communities),
        groups_list(proposals, level=4),
        groups_list(returned, level=4),
        sum(len(group.links) for group in returned) + more,
        more,
        document.last_pruned.strip(),
    )


def _named(facet: Facet, name: str, kind: str, share: float | None) -> Named:
    detail = ", ".join(part for part in (kind.replace("_", " ").strip(), number(share)) if part)
    return Named(name, list_path(facet, name), detail)
