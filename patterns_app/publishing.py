"""The only writer of what the public sees: snapshots, their addresses, and what is made of them to find and list them.

Publishing one pattern is publishing many of one. Who may publish, and when, is for `workflow` and the importer to say.
"""

from __future__ import annotations

import datetime
import uuid
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from django.db import models, transaction
from typeid import TypeID

from patterns_app import caching, search
from patterns_app.catalogue import terms
from patterns_app.document.pattern import PatternDocument
from patterns_app.document.reading import read
from patterns_app.document.vocabulary import NAME_MAX, TYPEID
from patterns_app.graph import edges
from patterns_app.models import (
    LIVE,
    MAKING,
    MapPlace,
    Pattern,
    PublicAddress,
    PublicEdge,
    PublicIdentifier,
    PublicTerm,
    PublicUrn,
    Revision,
    SearchName,
    SearchText,
    Snapshot,
)
from patterns_app.models.bulk import chunks, insert_rows, wait_for_turn
from patterns_app.models.publication import publication_row
from patterns_app.models.recalling import recalled
from patterns_app.rendering import render
from patterns_app.search.query import name_form

BATCH = 200
"""Patterns of which texts and rendered bodies are held at a time."""

_STATED = ("pattern", "revision", "slug", "status", "successor", "first_published_at", "published_at", "history")
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
    new slug is the address, and the old one leads there. Slugs may be swapped among them. Four queries, and at most 22
    for each 200 patterns; three more where a snapshot was made before snapshots had a history.
    """
    live = Pattern.objects.filter(pk__among=pks, status__in=LIVE, head__isnull=False).order_by()
    slugs = dict(live.values_list("pk", "slug"))
    refused = _refused(slugs)
    going = [pk for pk in slugs if pk not in refused]
    before = Snapshot.objects.filter(pk__among=going).order_by()
    past = _past(before, at)
    if past:
        # All of them before the first new one, which may have the slug of any.
        before.delete()
    for chunk in chunks(going, BATCH):
        _publish(chunk, at, documents or {}, past)
    if going:
        caching.purge()
    return refused


class _Past(NamedTuple):
    """What a snapshot leaves to the one that takes its place."""

    first_published_at: datetime.datetime
    history: list[dict[str, str]]


def _past(snapshots: models.QuerySet[Snapshot], at: datetime.datetime) -> dict[int, _Past]:
    past = {pk: _Past(*row) for pk, *row in snapshots.values_list("pk", "first_published_at", "history")}
    if untold := [pk for pk, was in past.items() if not was.history]:
        past |= {pk: past[pk]._replace(history=told) for pk, told in recalled(untold, until=at).items()}
    return past


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
    past: Mapping[int, _Past],
) -> None:
    columns = ("pk", "slug", "status", "successor_id", "head_id", "head__digest", "head__text")
    rows: list[tuple[Any, ...]] = []
    entries: list[search.Entry] = []
    before = edges.alias_keys([pk for pk in pks if pk in past])
    heads = Pattern.objects.filter(pk__among=pks).order_by().values_list(*columns)
    for pk, slug, status, successor, revision, digest, text in heads:
        said = documents.get(pk) or read(text, name=slug).document
        entry = search.Entry(pk, slug, said, render(said.body))
        entries.append(entry)
        first, earlier = past.get(pk, (at, []))
        history = [*earlier, publication_row(at, status=status, version=said.version, digest=digest)]
        rows.append((pk, revision, slug, status, successor, first, at, history, *_said(entry)))
    urns = _urns(entries)
    insert_rows(Snapshot, (*_STATED, *_SAID, "urn"), ((*row, urns[row[0]]) for row in rows))
    _take_addresses({entry.slug: entry.pk for entry in entries})
    _take_identifiers({entry.document.id: entry.pk for entry in entries if entry.document.id})
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
    """Remember slugs as public; whoever is public under a slug now has it, whoever had it before. One query."""
    PublicAddress.objects.bulk_create(
        [PublicAddress(slug=slug, pattern_id=pk) for slug, pk in addresses.items()],
        update_conflicts=True,
        unique_fields=["slug"],
        update_fields=["pattern"],
    )


def _take_identifiers(identifiers: Mapping[str, int]) -> None:
    """Remember ids as public, in the same way. One query, none for no id."""
    PublicIdentifier.objects.bulk_create(
        [PublicIdentifier(identifier=identifier, pattern_id=pk) for identifier, pk in identifiers.items()],
        update_conflicts=True,
        unique_fields=["identifier"],
        update_fields=["pattern"],
    )


def _urns(entries: Sequence[search.Entry]) -> dict[int, str]:
    """The URN that each has had since it was first public, or has from now on. Two queries."""
    wishes = {entry.pk: _wished_urns(entry.document.id, entry.slug) for entry in entries}
    wished = {urn for wish in wishes.values() for urn in wish}
    known = PublicUrn.objects.filter(models.Q(pattern__among=list(wishes)) | models.Q(urn__among=wished))
    urns = dict(known.values_list("pattern", "urn"))
    taken = set(urns.values())
    new: dict[int, str] = {}
    for pk, wish in wishes.items():
        if pk not in urns:
            # Both may be another pattern's, which had the id and the slug before this one.
            new[pk] = next((urn for urn in wish if urn not in taken), None) or uuid.uuid4().urn
            taken.add(new[pk])
    insert_rows(PublicUrn, ("pattern", "urn"), new.items())
    return urns | new


def _wished_urns(identifier: str, slug: str) -> list[str]:
    """Names that the same file gets in every library, best first: the UUID that a TypeID is, and one of the slug."""
    of_slug = uuid.uuid5(uuid.NAMESPACE_URL, f"pattern:{slug}").urn
    return [TypeID.from_string(identifier).uuid.urn, of_slug] if TYPEID.fullmatch(identifier) else [of_slug]


def retract_many(pks: Sequence[int]) -> int:
    """Take patterns out of the public's sight; how many were in it. Their addresses stay known (410, not 404)."""
    count = Snapshot.objects.filter(pk__among=pks).delete()[0]
    if count:
        _unindex(pks)
        caching.purge()
    return count


def _unindex(pks: Sequence[int]) -> None:
    """Make patterns found, listed, linked and mapped nowhere any more."""
    before = edges.alias_keys(pks)
    search.remove_many(pks)
    terms.remove_many(pks)
    edges.remove_many(pks, before)
    MapPlace.objects.filter(snapshot__among=pks).delete()


def drop_leftovers() -> int:
    """Drop what search, lists, links and map still have of patterns without a snapshot; of how many patterns.

    Publishing leaves none; a hand in the database may.
    """
    rows: list[tuple[type[models.Model], str]] = [
        (SearchName, "snapshot"),
        (SearchText, "snapshot"),
        (PublicTerm, "snapshot"),
        (PublicEdge, "source"),
        (PublicEdge, "target"),
        (MapPlace, "snapshot"),
    ]
    pks: set[int] = set()
    with transaction.atomic():
        wait_for_turn()
        for model, name in rows:
            left = model._default_manager.filter(
                ~models.Exists(Snapshot.objects.filter(pk=models.OuterRef(name))), **{f"{name}__isnull": False}
            )
            pks.update(left.order_by().values_list(name, flat=True).distinct())
        if pks:
            _unindex(sorted(pks))
            caching.purge()
    return len(pks)


def restate(pattern: Pattern, *, at: datetime.datetime, with_head: bool) -> None:
    """Say a live pattern's status and successor anew; the rest stays as it was published.

    with_head: the head differs from what is public in the word for its status only, so that it is what is public now.
    """
    snapshot = Snapshot.objects.light().filter(pk=pattern.pk).first()
    if snapshot is None:
        return
    history = snapshot.history or recalled([pattern.pk], until=at)[pattern.pk]
    digest = history[-1]["digest"]
    if with_head:
        snapshot.revision = Revision.objects.defer("text").get(pk=pattern.head_id or 0)
        digest = snapshot.revision.digest
    snapshot.status, snapshot.successor_id = pattern.status, pattern.successor_id
    row = publication_row(at, status=pattern.status, version=history[-1]["version"], digest=digest)
    snapshot.history = [*history, row]
    snapshot.save(update_fields=["revision", "status", "successor", "history"])
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
            locked = Snapshot.objects.filter(pk__among=chunk).order_by("pk").select_for_update(of=("self",))
            snapshots = list(locked.light().select_related("revision"))
            told = recalled([snapshot.pk for snapshot in snapshots if not snapshot.history])
            for snapshot in snapshots:
                said = read(snapshot.revision.text, name=snapshot.slug).document
                entry = search.Entry(snapshot.pk, snapshot.slug, said, render(said.body))
                for name, value in zip(_SAID, _said(entry), strict=True):
                    setattr(snapshot, name, value)
                snapshot.history = told.get(snapshot.pk, snapshot.history)
                rebuilt.append(snapshot)
                entries.append(entry)
            Snapshot.objects.bulk_update(rebuilt, (*_SAID, "history"))
            _index(entries, before)
        count += len(rebuilt)
        advance(len(rebuilt))
    if count:
        caching.purge()
    return count
