"""What the arrival of files means for status, review and the public: the merge into a library was their review."""

from __future__ import annotations

import datetime
import enum
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from django.db.models import F, Q

from patterns_app.document.pattern import PatternDocument
from patterns_app.document.problems import count_of
from patterns_app.document.reading import read
from patterns_app.document.vocabulary import Status
from patterns_app.document.writing import write
from patterns_app.models import LIVE, Event, Pattern, Snapshot
from patterns_app.models.bulk import insert_rows
from patterns_app.models.recording import Recorded, Signature, record
from patterns_app.models.revision import Origin
from patterns_app.models.working_copy import NameBook
from patterns_app.publishing import AddressTaken, publish_many, retract_many
from patterns_app.workflow.decisions import NO_REVIEW

if TYPE_CHECKING:
    from django.contrib.auth.models import AbstractBaseUser

_COLUMNS = (
    "pattern", "slug", "number", "move", "from_status", "to_status", "at", "actor_key", "actor_name",
    "revision_number", "revision_digest", "note", "details",
)  # fmt: skip


UNPUBLISHED = (Status.DRAFT, Status.REVIEW)


class Publication(enum.Enum):
    """What an import does to what the public sees."""

    FOLLOW = "publish what the files call published"
    DRAFTS_TOO = "publish drafts, too"
    HOLD = "publish nothing"


def settle(
    documents: Mapping[int, PatternDocument],
    *,
    at: datetime.datetime,
    actor: AbstractBaseUser | None,
    publication: Publication,
) -> tuple[list[int], dict[int, AddressTaken]]:
    """Let review and publication follow texts that an import has just recorded: (published, refused with reasons).

    documents: what the new heads say, by pattern. A review of the text before is void; what is no longer published
    goes out of sight; what is published goes public, unless held. Call it in the import's transaction. The number of
    queries does not depend on the number of patterns.
    """
    patterns = Pattern.objects.filter(pk__among=documents).order_by()
    review = Q(submitted__isnull=False) | Q(approved__isnull=False) | Q(publish_at__isnull=False) | ~Q(sent_back="")
    patterns.filter(review).update(
        submitted=None,
        submitted_by=None,
        submitted_at=None,
        approved=None,
        approved_by=None,
        publish_at=None,
        sent_back="",
    )
    public = dict(Snapshot.objects.filter(pk__among=documents).order_by().values_list("pk", "status"))
    status = dict(patterns.values_list("pk", "status"))
    gone = [pk for pk in public if status[pk] not in LIVE]
    retract_many(gone)
    live = [pk for pk in documents if status[pk] in LIVE] if publication is not Publication.HOLD else []
    refused = publish_many(live, at=at, documents=documents) if live else {}
    published = [pk for pk in live if pk not in refused]
    _log([*published, *gone], public, at, actor, "import")
    return published, refused


def publish_drafts(
    pks: Sequence[int], *, at: datetime.datetime, actor: AbstractBaseUser | None
) -> tuple[list[int], dict[int, AddressTaken]]:
    """Publish what is a draft, in review or held among these patterns: (published, refused with reasons).

    The word for the status changes in the text of those that had another, as a revision. Call it in a transaction.
    """
    drafts = Pattern.objects.filter(pk__among=pks, status__in=UNPUBLISHED).order_by("pk")
    rows = list(drafts.values_list("pk", "slug", "status", "head__text"))
    before = {pk: status for pk, _, status, _ in rows}
    recorded, said_before = [], []
    for pk, slug, _, text in rows:
        document = read(text, name=slug).document
        said_before.append(document)
        new = write(text, replace(document, status=Status.PUBLISHED.value), name=slug)
        reading = read(new, name=slug)
        recorded.append(Recorded(pk, new, reading.document, problems=count_of(reading.problems)))
    if recorded:
        signature = Signature(at, Origin.WORKFLOW, actor, "Published by an import (--publish).")
        record(recorded, signature, book=NameBook(), fields=frozenset({"status"}), before=said_before)
        Pattern.objects.filter(pk__among=list(before)).update(**NO_REVIEW, publish_at=None, sent_back="")
    held = Pattern.objects.filter(pk__among=pks, status=Status.PUBLISHED, snapshot__isnull=True).exclude(
        pk__among=list(before)
    )
    before.update(held.order_by().values_list("pk", "status"))
    refused = publish_many(list(before), at=at)
    published = [pk for pk in before if pk not in refused]
    _log(published, before, at, actor, "publish")
    return published, refused


def _log(
    pks: Sequence[int], before: Mapping[int, str], at: datetime.datetime, actor: AbstractBaseUser | None, move: str
) -> None:
    """One event for each pattern. before: its status till now, as far as known."""
    if not pks:
        return
    patterns = Pattern.objects.filter(pk__among=pks).order_by()
    patterns.update(events_so_far=F("events_so_far") + 1)
    columns = ("pk", "slug", "status", "events_so_far", "head__number", "head__digest")
    who = (actor.pk, actor.get_username()[:255]) if actor else (None, "")
    insert_rows(
        Event,
        _COLUMNS,
        [
            (pk, slug, number, move, before.get(pk, status), status, at, *who, revision, digest, "", {})
            for pk, slug, status, number, revision, digest in patterns.values_list(*columns)
        ],
    )
