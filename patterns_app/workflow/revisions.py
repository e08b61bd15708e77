"""Going back to an earlier text, and letting old texts go."""

from __future__ import annotations

import datetime
from dataclasses import replace
from typing import TYPE_CHECKING

from django.db import transaction

from patterns_app.document.reading import read
from patterns_app.document.vocabulary import status_of
from patterns_app.models import Event, LibraryFile, Pattern, Revision, Snapshot
from patterns_app.models.bulk import chunks, wait_for_turn
from patterns_app.models.revision import Origin
from patterns_app.workflow.drafts import save_draft

if TYPE_CHECKING:
    from django.contrib.auth.models import AbstractBaseUser

PUBLISHING = ("publish", "approve-and-publish", "import")
"""Moves that may have made a revision public."""

KEEP_LAST = 20
"""Revisions of each pattern that always stay, newest first."""


def restore_revision(
    pattern: Pattern,
    revision: Revision,
    *,
    author: AbstractBaseUser | None,
    at: datetime.datetime,
    expected_head: int | None = None,
) -> Revision | None:
    """Make the pattern say again what an earlier revision says, as a new revision; None if it does already.

    The status stays as it is: it moves by moves only. Raises as `save_draft` does.
    """
    document = read(revision.text, name=pattern.slug).document
    head = read(pattern.text, name=pattern.slug).document
    if status_of(document.status) is not status_of(head.status):
        document = replace(document, status=head.status)
    return save_draft(
        pattern,
        document=document,
        author=author,
        at=at,
        note=f"Back to revision {revision.number}.",
        expected_head=expected_head,
        origin=Origin.ROLLBACK,
    )


def thin_revisions(*, at: datetime.datetime, keep_last: int = KEEP_LAST, is_dry_run: bool = False) -> int:
    """Let old revisions go that nobody will miss; how many.

    Always kept: the head, the first, everything that was ever public or is what a file and its pattern have in common,
    what is handed in or approved, the last `keep_last`, whatever is younger than a day, and of each day the last one.
    A transaction for each thousand patterns.
    """
    gone = 0
    recent = at - datetime.timedelta(days=1)
    for pks in chunks(Pattern.objects.order_by("pk").values_list("pk", flat=True), 1_000):
        with transaction.atomic():
            wait_for_turn()
            kept = _needed(pks)
            old: list[int] = []
            rows = Revision.objects.filter(pattern__among=pks).order_by("pattern_id", "-number")
            place, pattern, day = 0, 0, None
            for pk, of, number, created_at in rows.values_list("pk", "pattern_id", "number", "created_at"):
                place, day = (place + 1, day) if of == pattern else (0, None)
                pattern = of
                is_last_of_day = created_at.date() != day
                day = created_at.date()
                if place < keep_last or is_last_of_day or number == 1 or created_at > recent or pk in kept:
                    continue
                old.append(pk)
            gone += len(old)
            if not is_dry_run:
                Revision.objects.filter(pk__among=old).delete()
    return gone


def _needed(pks: list[int]) -> set[int | None]:
    """Keys of the revisions that something points at or that were public. Four queries."""
    kept: set[int | None] = set()
    for row in Pattern.objects.filter(pk__among=pks).values_list("head_id", "submitted_id", "approved_id"):
        kept.update(row)
    kept.update(Snapshot.objects.filter(pk__among=pks).values_list("revision_id", flat=True))
    kept.update(LibraryFile.objects.filter(pattern__among=pks).values_list("revision_id", flat=True))
    published = Event.objects.filter(pattern__among=pks, move__in=PUBLISHING)
    numbers = set(published.values_list("pattern_id", "revision_number"))
    if numbers:
        revisions = Revision.objects.filter(pattern__among={pattern for pattern, _ in numbers})
        kept.update(
            pk
            for pk, pattern, number in revisions.values_list("pk", "pattern_id", "number")
            if (pattern, number) in numbers
        )
    return kept
