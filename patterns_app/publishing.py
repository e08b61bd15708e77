"""The only writer of what the public sees: snapshots, their addresses, and what is made of them to find and list them.

Publishing one pattern is publishing many of one. Who may publish, and when, is for `workflow` and the importer to say.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from django.db import transaction

from patterns_app import caching, search
from patterns_app.catalogue import terms
from patterns_app.document.pattern import PatternDocument
from patterns_app.document.reading import read
from patterns_app.document.vocabulary import NAME_MAX
from patterns_app.graph import edges
from patterns_app.models import LIVE, MAKING, MapPlace, Pattern, PublicAddress, Snapshot
from patterns_app.models.bulk import chunks, insert_rows, wait_for_turn
from patterns_app.rendering import render
from patterns_app.search.query import name_form

BATCH = 200
"""Patterns of which texts and rendered bodies are held at a time."""

_STATED = ("pattern", "revision", "slug", "status", "successor", "first_published_at", "published_at")
_SAID = (
    "identifier", "title", "summary", "domain", "collection", "confidence", "vitality", "labels", "sort_key", "making",
    "html",
)  # fmt: skip


class AddressTaken(Exception):
    """Another pattern is still public under the slug."""

    def __init__(self, slug: str, holder: Snapshot) -> None:
        super().__init__(
            f"The address “{slug}” is still public: “{holder}” has it. Publish that pattern under its new slug, "
            "or unpublish it, first."
        )
        self.slug = slug


def publish_many(
    pks: Sequence[int], *, at: datetime.datetime, documents: Mapping[int, PatternDocument] | None = None
) -> dict[int, AddressTaken]:
    """Make the heads of patterns public as they are; what could not be, by key and with the reason.

    Call it inside a transaction, with the rows locked. Patterns whose status is not a public one are left alone.
    documents: what the heads say, where the caller knows it. A pattern that was public stays so since when it was; its
    new slug is the address, and the old one leads there. Slugs may be swapped among them. Four queries, and eight for
    each 200 patterns.
    """
    live = Pattern.objects.filter(pk__among=pks, status__in=LIVE, head__isnull=False).order_by()
    slugs = dict(live.values_list("pk", "slug"))
    refused = _refused(slugs)
    going = [pk for pk in slugs if pk not in refused]
    before = Snapshot.objects.filter(pk__among=going).order_by()
    since = dict(before.values_list("pk", "first_published_at"))
    # All of them before the first new one, which may have the slug of any.
    before.delete()
    for chunk in chunks(going, BATCH):
        _publish(chunk, at, documents or {}, since)
    if going:
        caching.purge()
    return refused


def _refused(slugs: Mapping[int, str]) -> dict[int, AddressTaken]:
    """Which of these patterns cannot have their slugs, and who has them. One query."""
    snapshots = Snapshot.objects.filter(slug__among=slugs.values()).order_by().only("slug", "title")
    holders = {snapshot.slug: snapshot for snapshot in snapshots}
    refused: dict[int, AddressTaken] = {}
    waiting = {pk: holders[slug] for pk, slug in slugs.items() if slug in holders and holders[slug].pk != pk}
    # Whoever is refused stays where it is public, in the way of the next.
    while stuck := [pk for pk, holder in waiting.items() if holder.pk not in slugs or holder.pk in refused]:
        for pk in stuck:
            refused[pk] = AddressTaken(slugs[pk], waiting.pop(pk))
    return refused


def _publish(
    pks: list[int],
    at: datetime.datetime,
    documents: Mapping[int, PatternDocument],
    since: Mapping[int, datetime.datetime],
) -> None:
    columns = ("pk", "slug", "status", "successor_id", "head_id", "head__text")
    rows: list[tuple[Any, ...]] = []
    entries: list[search.Entry] = []
    before = edges.alias_keys(pks)
    heads = Pattern.objects.filter(pk__among=pks).order_by().values_list(*columns)
    for pk, slug, status, successor, revision, text in heads:
        said = documents.get(pk) or read(text, name=slug).document
        entry = search.Entry(pk, slug, said, render(said.body))
        entries.append(entry)
        rows.append((pk, revision, slug, status, successor, since.get(pk, at), at, *_said(entry)))
    insert_rows(Snapshot, _STATED + _SAID, rows)
    _take_addresses({entry.slug: entry.pk for entry in entries})
    _index(entries, before)


def _said(entry: search.Entry) -> tuple[Any, ...]:
    """What a snapshot has from its revision alone, in the order of `_SAID`."""
    said = entry.document
    return (
        said.id,
        said.title,
        said.summary,
        said.domain,
        said.collection,
        said.confidence,
        said.vitality,
        {audience: label for audience, label in said.context_labels if label},
        name_form(said.title or entry.slug)[:NAME_MAX],
        MAKING,
        entry.html,
    )


def _index(entries: Sequence[search.Entry], before: Iterable[str]) -> None:
    """Make patterns found, listed and linked by what their snapshots say. before: see `edges.index_many`."""
    search.index_many(entries)
    terms.index_many((entry.pk, entry.document) for entry in entries)
    edges.index_many(((entry.pk, entry.slug, entry.document) for entry in entries), before)


def _take_addresses(addresses: Mapping[str, int]) -> None:
    """Remember slugs as public; whoever is public under a slug now has it, whoever had it before."""
    PublicAddress.objects.filter(slug__among=addresses).delete()
    insert_rows(PublicAddress, ("slug", "pattern"), addresses.items())


def retract_many(pks: Sequence[int]) -> int:
    """Take patterns out of the public's sight; how many were in it. Their addresses stay known (410, not 404)."""
    count = Snapshot.objects.filter(pk__among=pks).delete()[0]
    if count:
        before = edges.alias_keys(pks)
        search.remove_many(pks)
        terms.remove_many(pks)
        edges.remove_many(pks, before)
        MapPlace.objects.filter(snapshot__among=pks).delete()
        caching.purge()
    return count


def restate(pattern: Pattern, *, with_head: bool) -> None:
    """Say a live pattern's status and successor anew; the rest stays as it was published.

    with_head: the head differs from what is public in the word for its status only, so that it is what is public now.
    """
    new: dict[str, Any] = {"status": pattern.status, "successor": pattern.successor_id}
    if with_head:
        new["revision"] = pattern.head_id
    if Snapshot.objects.filter(pk=pattern.pk).update(**new):
        caching.purge()


def rebuild_snapshots(advance: Callable[[int], None] = lambda count: None, *, outdated_only: bool = False) -> int:
    """Make every snapshot anew from its own revision, after rendering or reading has changed; how many.

    outdated_only: those made in an earlier way. Nothing else becomes public by it. A transaction for each 200; killed
    in between, run it again.
    """
    count = 0
    chosen = Snapshot.objects.outdated() if outdated_only else Snapshot.objects.all()
    pks = list(chosen.order_by("pk").values_list("pk", flat=True))
    for chunk in chunks(pks, BATCH):
        with transaction.atomic():
            wait_for_turn()
            rebuilt, entries = [], []
            before = edges.alias_keys(chunk)
            snapshots = Snapshot.objects.filter(pk__among=chunk).order_by("pk").select_for_update(of=("self",))
            for snapshot in snapshots.defer("html").select_related("revision"):
                said = read(snapshot.revision.text, name=snapshot.slug).document
                entry = search.Entry(snapshot.pk, snapshot.slug, said, render(said.body))
                for name, value in zip(_SAID, _said(entry), strict=True):
                    setattr(snapshot, name, value)
                rebuilt.append(snapshot)
                entries.append(entry)
            Snapshot.objects.bulk_update(rebuilt, _SAID)
            _index(entries, before)
        count += len(rebuilt)
        advance(len(rebuilt))
    if count:
        caching.purge()
    return count
