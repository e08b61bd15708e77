"""Going back to an earlier text, and letting old texts go."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import TYPE_CHECKING

from django.db import IntegrityError, transaction

from patterns_app.document.problems import count_of
from patterns_app.document.reading import read
from patterns_app.document.vocabulary import status_of
from patterns_app.document.writing import write
from patterns_app.models import Event, LibraryFile, Pattern, Revision, Snapshot
from patterns_app.models.bulk import CHUNK, chunks, wait_for_turn
from patterns_app.models.recording import Recorded, Signature, record
from patterns_app.models.rereading import ReadingOutdated, outdated
from patterns_app.models.revision import Origin
from patterns_app.models.working_copy import NameBook
from patterns_app.workflow.drafts import StaleDraft, identity_taken, parted, record_rows, usable

if TYPE_CHECKING:
    from django.contrib.auth.models import AbstractBaseUser

SHOWING = ("publish", "approve-and-publish", "import", "deprecate", "restore")
"""Moves that may have made a revision public."""

KEEP_LAST = 20
"""Revisions of each pattern that always stay, newest first."""

PATTERNS_AT_ONCE = 1_000


def restore_revision(
    pattern: Pattern,
    revision: Revision,
    *,
    author: AbstractBaseUser | None,
    at: datetime.datetime,
    expected_head: int | None = None,
) -> Revision | None:
    """Make the pattern say again what an earlier revision says, as a new revision; None if it does already.

    The text is the earlier one byte for byte, but for the word for the status where the pattern has moved since: it
    moves by moves only. What a script changed past the history is taken into it first. expected_head: key of the
    revision that the editor saw; another head raises `StaleDraft`. Also raises `ReadingOutdated`, `EditRefused` and
    `IdentityTaken`; in each case nothing was written. About forty queries.
    """
    if revision.pattern_id != pattern.pk:
        raise ValueError(f"Revision {revision.pk} is of another pattern.")
    document = None
    try:
        with transaction.atomic():
            wait_for_turn()
            locked = Pattern.objects.select_for_update(of=("self",)).get(pk=pattern.pk)
            if expected_head is not None and locked.head_id != expected_head:
                raise StaleDraft(locked)
            if outdated().filter(pk=locked.pk).exists():
                raise ReadingOutdated
            if parted([locked.pk]):
                record_rows([locked.pk], at=at, author=author)
                locked.refresh_from_db()
            base = locked.text
            before = read(base, name=locked.slug).document
            text = _under_status(revision.text, before.status, base, name=locked.slug)
            if text == base:
                return None
            reading = usable(text, name=locked.slug)
            document = reading.document
            [(_, head)] = record(
                [Recorded(locked.pk, text, document, problems=count_of(reading.problems))],
                Signature(at, Origin.ROLLBACK, author, f"Back to revision {revision.number}."),
                book=NameBook(),
                fields=frozenset(document.differs_from(before)),
                before=[before],
            )
    except IntegrityError as error:
        if document is None:
            raise
        raise identity_taken(document, pattern.pk, error) from error
    pattern.refresh_from_db()
    return Revision.objects.get(pk=head)


def _under_status(text: str, status: str, base: str, *, name: str) -> str:
    """The text as it is where it names the state that `status` names, else with that word instead of its own."""
    document = read(text, name=name).document
    if status_of(document.status) is status_of(status):
        return text
    return write(text, replace(document, status=status), name=name, precedents=[base])


def thin_revisions(
    *,
    at: datetime.datetime,
    keep_last: int = KEEP_LAST,
    is_dry_run: bool = False,
    advance: Callable[[int], None] = lambda count: None,
) -> int:
    """Let old revisions go that nobody will miss; how many.

    Always kept: the head, the first, everything that was ever public or is what a file and its pattern have in common,
    what is handed in or approved, the last `keep_last`, whatever is younger than a day, of each day (UTC) the last one,
    and of each person the last one: it says that they have a part in the text (`permissions.wrote`). A transaction for
    each thousand patterns; no text is read. advance: called with how many patterns were done.
    """
    gone = 0
    for pks in chunks(Pattern.objects.order_by("pk").values_list("pk", flat=True), PATTERNS_AT_ONCE):
        with transaction.atomic():
            if not is_dry_run:
                # A save between looking and deleting could make one of them needed.
                wait_for_turn()
            old = _dispensable(pks, keep_last=keep_last, recent=at - datetime.timedelta(days=1))
            if not is_dry_run:
                for some in chunks(old, CHUNK):
                    # Django fetches what it deletes, and texts are long.
                    Revision.objects.filter(pk__among=some).only("pk").delete()
        gone += len(old)
        advance(len(pks))
    return gone


def _dispensable(pks: list[int], *, keep_last: int, recent: datetime.datetime) -> list[int]:
    """Keys of the revisions of these patterns that may go. Five queries."""
    kept, shown = _pointed_at(pks), _shown(pks)
    old: list[int] = []
    pattern, place, day = None, 0, None
    people: set[int | None] = {None}
    rows = Revision.objects.filter(pattern__among=pks).order_by("pattern_id", "-number")
    columns = ("pk", "pattern_id", "number", "created_at", "author_id")
    for pk, of, number, created_at, author in rows.values_list(*columns).iterator(chunk_size=CHUNK):
        if of != pattern:
            pattern, place, day, people = of, 0, None, {None}
        place += 1
        is_last_of_person = author not in people
        people.add(author)
        is_last_of_day = created_at.date() != day
        day = created_at.date()
        is_kept = place <= keep_last or is_last_of_day or is_last_of_person or number == 1 or created_at > recent
        if not (is_kept or pk in kept or (of, number) in shown):
            old.append(pk)
    return old


def _pointed_at(pks: list[int]) -> set[int | None]:
    """Keys of the revisions that some row needs."""
    kept: set[int | None] = set()
    for row in Pattern.objects.filter(pk__among=pks).order_by().values_list("head_id", "submitted_id", "approved_id"):
        kept.update(row)
    needing: Iterable[Iterable[int]] = (
        Snapshot.objects.filter(pk__among=pks).order_by().values_list("revision_id", flat=True),
        LibraryFile.objects.filter(pattern__among=pks).order_by().values_list("revision_id", flat=True),
    )
    return kept.union(*needing)


def _shown(pks: list[int]) -> set[tuple[int | None, int | None]]:
    """(pattern's key, number) of the revisions that were public at some time."""
    events = Event.objects.filter(pattern__among=pks, move__in=SHOWING).order_by()
    return set(events.values_list("pattern_id", "revision_number"))
