"""What a page reads from the public tables, in two queries of hand-written SQL: made by the ORM, they took longer to
put together than to run.
"""

from __future__ import annotations

import datetime
import json
from collections.abc import Iterable, Sequence
from typing import Any, Final, NamedTuple

from django.db import connection
from django.db.models import Q
from django.utils.dateparse import parse_datetime

from patterns_app.document.pattern import PatternDocument
from patterns_app.models import PublicAddress, Snapshot
from patterns_app.views.routes import path_of

_SNAPSHOT: Final = """
SELECT s.*, r.text AS revision_text, r.digest AS revision_digest, r.created_at AS revision_created_at
FROM patterns_app_snapshot s JOIN patterns_app_revision r ON r.id = s.revision_id
WHERE s.slug = %s
"""
_OTHER: Final = "s.pattern_id, s.slug, s.title, s.labels, s.status, s.published_at"
_SAID: Final = "e.is_inferred, e.kind, e.target_text, e.weight, e.strength, e.note, e.position"
# Two arms and no OR, so that each goes by its index.
_EDGES: Final = f"""
SELECT 0, {_SAID}, {_OTHER}
FROM patterns_app_publicedge e LEFT JOIN patterns_app_snapshot s ON s.pattern_id = e.target_id
WHERE e.source_id = %s
UNION ALL
SELECT 1, {_SAID}, {_OTHER}
FROM patterns_app_publicedge e JOIN patterns_app_snapshot s ON s.pattern_id = e.source_id
WHERE e.target_id = %s AND e.source_id <> %s
"""  # noqa: S608
_SUCCESSOR: Final = f"""
UNION ALL
SELECT 2, false, '', '', NULL, NULL, '', 0, {_OTHER} FROM patterns_app_snapshot s WHERE s.pattern_id = %s
"""  # noqa: S608
_MENTIONED: Final = """
UNION ALL
SELECT 3, false, '', a.slug, NULL, NULL, '', 0, {other}
FROM ({addresses}) a JOIN patterns_app_snapshot s ON s.pattern_id = a.pattern_id
"""
_OWN, _INCOMING, _SUCCEEDS, _IS_MENTIONED = range(4)


class Neighbour(NamedTuple):
    """Another public pattern. name: in the audience's words; title: its own, "" where that is the name."""

    pk: int
    name: str
    title: str
    path: str
    is_deprecated: bool


class Edge(NamedTuple):
    """A relationship from one end. to: the other end, None for a pattern that is not written yet."""

    is_own: bool
    is_inferred: bool
    kind: str
    written: str
    weight: float | None
    strength: float | None
    note: str
    position: int
    to: Neighbour | None


class Surroundings(NamedTuple):
    """The other public patterns that a page names. addresses: by the slug under which its text links to them."""

    edges: Sequence[Edge] = ()
    addresses: dict[str, str] = {}  # never changed
    successor: Neighbour | None = None
    newest: datetime.datetime | None = None


class PageRecord(NamedTuple):
    """A public record with its revision: the exact text, its digest, and when it was written."""

    snapshot: Snapshot
    text: str
    digest: str
    written_at: datetime.datetime


def record_at(slug: str) -> PageRecord | None:
    """The public record at an address, None where there is none. One query."""
    # What the query has besides a snapshot's columns comes as attributes.
    rows: Iterable[Any] = Snapshot.objects.raw(_SNAPSHOT, [slug])
    for row in rows:
        return PageRecord(row, row.revision_text, row.revision_digest, _moment(row.revision_created_at))
    return None


def _moment(said: Any) -> datetime.datetime:
    """A time as the database gave it: SQLite has no type for it."""
    at = parse_datetime(said) if isinstance(said, str) else said
    assert isinstance(at, datetime.datetime)  # noqa: S101 # for the type checker: Django wrote it
    return at if at.tzinfo else at.replace(tzinfo=datetime.UTC)


def surroundings_of(snapshot: Snapshot, mentioned: Sequence[str], audience: str) -> Surroundings:
    """Whatever else is public and belongs on a pattern's page. mentioned: slugs in its text. One query."""
    sql, asked = _EDGES, [snapshot.pk] * 3
    if snapshot.successor_id:
        sql, asked = sql + _SUCCESSOR, [*asked, snapshot.successor_id]
    if mentioned:
        known = PublicAddress.objects.filter(slug__among=mentioned).order_by().values("slug", "pattern_id")
        addresses, among = known.query.sql_with_params()
        sql, asked = sql + _MENTIONED.format(addresses=addresses, other=_OTHER), [*asked, *among]
    with connection.cursor() as cursor:
        cursor.execute(sql, asked)
        rows = cursor.fetchall()
    known_as: dict[int, Neighbour] = {}
    edges, named, successor = [], {}, None
    for arm, is_inferred, kind, written, weight, strength, note, position, pk, slug, title, labels, status, _ in rows:
        to = None
        if pk is not None and (to := known_as.get(pk)) is None:
            to = known_as[pk] = neighbour(pk, slug, title, labels, status, audience)
        if arm == _SUCCEEDS:
            successor = to
        elif arm == _IS_MENTIONED:
            named[written] = to.path if to else ""
        else:
            edges.append(Edge(arm == _OWN, bool(is_inferred), kind, written, weight, strength, note, position, to))
    newest = max((row[-1] for row in rows if row[-1] is not None), default=None)
    return Surroundings(edges, named, successor, None if newest is None else _moment(newest))


def surroundings_of_draft(document: PatternDocument, mentioned: Iterable[str]) -> Surroundings:
    """The same for what is not public: only what it says itself, and only of what is public. One query at most."""
    said = [
        (False, entry.kind, entry.target, entry.weight, None, entry.description) for entry in document.relationships
    ] + [
        (True, link.type, link.target, link.confidence, link.strength, link.reason) for link in document.inferred_links
    ]
    names = {*mentioned, *(entry[2] for entry in said)}
    found: dict[str, Neighbour] = {}
    if names:
        public = Snapshot.objects.light().filter(Q(slug__among=names) | Q(identifier__among=names)).order_by()
        for other in public:
            to = neighbour(other.pk, other.slug, other.title, other.labels, other.status, "")
            found |= {name: to for name in (other.identifier, other.slug) if name}
    edges = [Edge(True, *entry, position, found.get(entry[2])) for position, entry in enumerate(said)]
    return Surroundings(edges, {name: to.path for name, to in found.items()})


def neighbour(pk: int, slug: str, title: str, labels: Any, status: str, audience: str) -> Neighbour:
    """labels: as `Snapshot.labels`, or as text; they are only looked at for an audience."""
    own = title or slug
    label = ""
    if audience:
        label = (json.loads(labels) if isinstance(labels, str) else labels).get(audience, "")
    is_label = label not in ("", own)
    return Neighbour(
        pk, label if is_label else own, own if is_label else "", path_of("pattern", slug), status == "deprecated"
    )
