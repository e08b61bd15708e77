"""The one door through which a pattern moves: with its revision, its event, its notices and what the public sees of it.

Or with nothing of these: what is refused, or was decided on another state, leaves everything as it was.
"""

from __future__ import annotations

import dataclasses
import datetime
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

from django.db import transaction
from django.db.models import F

from patterns_app.document.problems import count_of
from patterns_app.document.reading import read
from patterns_app.document.vocabulary import Status, status_of
from patterns_app.document.writing import write
from patterns_app.models import LIVE, Event, Pattern, Revision
from patterns_app.models.bulk import wait_for_turn
from patterns_app.models.recording import Recorded, Signature, record
from patterns_app.models.rereading import ReadingOutdated, outdated
from patterns_app.models.revision import Origin
from patterns_app.models.working_copy import NameBook
from patterns_app.publishing import publish_many, restate, retract_many
from patterns_app.workflow.drafts import head_and_precedents, parted, usable
from patterns_app.workflow.moves import Ask, Move, MoveRefused, StaleMove, is_ahead, live_snapshot, refusal
from patterns_app.workflow.notices import announce

if TYPE_CHECKING:
    from django.contrib.auth.models import AbstractBaseUser, User


@dataclasses.dataclass(frozen=True, slots=True)
class Said:
    """What was said with a move. Times are aware; a schedule that names neither is refused."""

    note: str = ""
    publish_at: datetime.datetime | None = None
    expire_at: datetime.datetime | None = None
    successor: Pattern | None = None
    person: User | None = None

    def details(self) -> dict[str, str]:
        """For the event log: words that mean something when the rows they came from are gone."""
        found: dict[str, str] = {}
        for name in ("publish_at", "expire_at"):
            if (when := getattr(self, name)) is not None:
                found[name] = when.isoformat()
        if self.successor is not None:
            snapshot = live_snapshot(self.successor)
            found["successor"] = snapshot.slug if snapshot else self.successor.slug
        if self.person is not None:
            found["person"] = self.person.get_username()
        return found


def make_move(
    pattern: Pattern,
    move: Move,
    *,
    actor: AbstractBaseUser | None,
    at: datetime.datetime,
    said: Said = Said(),  # frozen
    as_command: bool = False,
) -> Event:
    """Move a pattern, as it was when `pattern` was fetched; the event that says so.

    actor: who does it. as_command: not asked whether they may, as for a schedule that somebody else set. Raises
    `StaleMove` if the pattern was moved or edited since it was fetched, else `MoveRefused`, `EditRefused` and
    `ReadingOutdated`; in each case nothing was written. About forty queries where the status changes, else ten.
    """
    before = dict(pattern.__dict__)
    try:
        return _made(pattern, move, actor, at, said, as_command=as_command)
    except Exception:
        # What was undone in the database is undone in the instance, too.
        pattern.__dict__.clear()
        pattern.__dict__.update(before)
        raise


def _made(
    pattern: Pattern,
    move: Move,
    actor: AbstractBaseUser | None,
    at: datetime.datetime,
    said: Said,
    *,
    as_command: bool,
) -> Event:
    with transaction.atomic():
        wait_for_turn()
        why_not = refusal(move, pattern, None if as_command else actor) or _unsaid(move, pattern, said, at)
        if why_not:
            raise StaleMove(pattern) if _is_stale(pattern) else MoveRefused(why_not)
        status = Status(pattern.status)
        to = move.steps[status]
        # From here on, whoever else decided on the same state finds another one.
        taken = Pattern.objects.filter(
            pk=pattern.pk, status=status, head=pattern.head_id, events_so_far=pattern.events_so_far
        ).update(events_so_far=F("events_so_far") + 1, **_effects(move, pattern, actor, at, said))
        if not taken:
            raise StaleMove(pattern)
        is_shown_whole = not is_ahead(pattern)
        if to is not status:
            _say_status(pattern, move, to, actor, at, said.note)
        event = _log(pattern, move, (status, to), actor, at, said)
        _show(pattern, move, at, is_shown_whole=is_shown_whole)
        announce(event, pattern=pattern, actor=actor, person=said.person)
    return event


def _is_stale(pattern: Pattern) -> bool:
    now = Pattern.objects.filter(pk=pattern.pk).values_list("status", "head_id", "events_so_far").first()
    return now != (pattern.status, pattern.head_id, pattern.events_so_far)


def _unsaid(move: Move, pattern: Pattern, said: Said, at: datetime.datetime) -> str:
    """What is missing or wrong in what was said with a move; "" if nothing."""
    if Ask.REASON in move.asks and not said.note.strip():
        return "Say why: the reason goes to whoever wrote it." if move is Move.REQUEST_CHANGES else "Write something."
    if Ask.PERSON in move.asks and said.person is None:
        return "Choose who is to review it."
    if said.successor is not None and said.successor.pk == pattern.pk:
        return "A pattern cannot be its own successor."
    if Ask.TIMES in move.asks:
        if said.publish_at is None and said.expire_at is None:
            return "Choose when to publish, or when to take it out of sight."
        for when in (said.publish_at, said.expire_at):
            if when is not None and when <= at:
                return "That time has passed."
        if said.publish_at and said.expire_at and said.expire_at <= said.publish_at:
            return "It would be out of sight before it is published."
        if said.publish_at and pattern.status == Status.PUBLISHED and not is_ahead(pattern):
            return "There is nothing to publish: what is public says all of it."
        if said.publish_at and pattern.status == Status.DEPRECATED:
            return "A deprecated pattern is public already. Restore it to publish a newer text."
        if said.expire_at and not said.publish_at and pattern.status not in LIVE:
            return "It is not public, so it cannot go out of sight. Choose when to publish it, too."
    return ""


NO_REVIEW: Final[dict[str, None]] = {
    "submitted": None,
    "submitted_by": None,
    "submitted_at": None,
    "approved": None,
    "approved_by": None,
}
NO_SCHEDULE: Final[dict[str, None]] = {"publish_at": None, "expire_at": None}


def _effects(
    move: Move, pattern: Pattern, actor: AbstractBaseUser | None, at: datetime.datetime, said: Said
) -> dict[str, Any]:
    """What a move writes on the pattern's row, beside its status."""
    person = actor.pk if actor else None
    approved = {"approved": pattern.head_id, "approved_by": person}
    match move:
        case Move.SUBMIT:
            handed_in = {"submitted": pattern.head_id, "submitted_by": person, "submitted_at": at}
            return {**NO_REVIEW, **handed_in, "sent_back": ""}
        case Move.WITHDRAW:
            return {**NO_REVIEW, **_schedule_that_ends(pattern)}
        case Move.REQUEST_CHANGES:
            return {**NO_REVIEW, **_schedule_that_ends(pattern), "sent_back": said.note}
        case Move.APPROVE:
            return approved
        case Move.APPROVE_AND_PUBLISH | Move.PUBLISH:
            return {**NO_REVIEW, "sent_back": "", "publish_at": None, "successor": None}
        case Move.SCHEDULE:
            times = {"publish_at": said.publish_at, "expire_at": said.expire_at}
            return {**approved, **times} if said.publish_at and not pattern.is_approved else times
        case Move.UNSCHEDULE:
            return NO_SCHEDULE
        case Move.UNPUBLISH:
            return {**NO_REVIEW, **NO_SCHEDULE, "successor": None}
        case Move.DEPRECATE:
            return {**NO_REVIEW, "publish_at": None, "successor": said.successor.pk if said.successor else None}
        case Move.ARCHIVE:
            return {**NO_REVIEW, **NO_SCHEDULE, "sent_back": ""}
        case Move.RESTORE:
            return {"successor": None}
        case Move.ASSIGN:
            return {"assigned_to": said.person.pk if said.person else None}
    return {}


def _schedule_that_ends(pattern: Pattern) -> dict[str, None]:
    """What a text out of review is no longer scheduled for. What is public may still go out of sight at its time."""
    return {"publish_at": None} if pattern.status in LIVE else NO_SCHEDULE


def _say_status(
    pattern: Pattern, move: Move, to: Status, actor: AbstractBaseUser | None, at: datetime.datetime, note: str
) -> None:
    """Write the new status into the text, as a revision of its own, unless the file's own word means it already."""
    if outdated().filter(pk=pattern.pk).exists():
        raise ReadingOutdated
    if parted([pattern.pk]):
        raise MoveRefused(
            f"A script changed rows of “{pattern}” past its history. Open it, look at what it says and save it first."
        )
    base, earlier = head_and_precedents(pattern)
    before = read(base, name=pattern.slug).document
    wanted = dataclasses.replace(before, status=_word_for(to, [base, *earlier], pattern.slug))
    text = write(base, wanted, name=pattern.slug, precedents=earlier)
    reading = usable(text, name=pattern.slug)
    said = f"{move.label}: {note}" if note else move.label
    [(_, head)] = record(
        [Recorded(pattern.pk, text, reading.document, problems=count_of(reading.problems))],
        Signature(at, Origin.WORKFLOW, actor, said),
        book=NameBook(),
        fields=frozenset({"status"}),
        before=[before],
    )
    # A review is about the text as it now is: the word for its status is part of it.
    Pattern.objects.filter(pk=pattern.pk, submitted=pattern.head_id).update(submitted=head)
    Pattern.objects.filter(pk=pattern.pk, approved=pattern.head_id).update(approved=head)


def _word_for(status: Status, texts: Sequence[str], slug: str) -> str:
    """The word that the newest of the texts had for a status: another library's, or none at all for a draft."""
    for text in texts:
        word = read(text, name=slug).document.status
        if status_of(word) is status:
            return word
    return status.value


def _log(
    pattern: Pattern,
    move: Move,
    step: tuple[Status, Status],
    actor: AbstractBaseUser | None,
    at: datetime.datetime,
    said: Said,
) -> Event:
    """Bring the instance up to date, and write the event."""
    pattern.refresh_from_db()
    # The instance may know a snapshot that is no more.
    pattern._state.fields_cache.pop("snapshot", None)
    head = Revision.objects.filter(pk=pattern.head_id or 0).values_list("number", "digest").first()
    number, digest = head or (None, "")
    return Event.objects.create(
        pattern=pattern,
        slug=pattern.slug,
        number=pattern.events_so_far,
        move=move.value,
        from_status=step[0],
        to_status=step[1],
        at=at,
        actor_key=actor.pk if actor else None,
        actor_name=actor.get_username() if actor else "",
        revision_number=number,
        revision_digest=digest,
        note=said.note,
        details=said.details(),
    )


def _show(pattern: Pattern, move: Move, at: datetime.datetime, *, is_shown_whole: bool) -> None:
    """Let the public see what the move means to it. is_shown_whole: nothing was unpublished before the move."""
    if move in (Move.APPROVE_AND_PUBLISH, Move.PUBLISH):
        for reason in publish_many([pattern.pk], at=at).values():
            raise MoveRefused(str(reason))
    elif pattern.status not in LIVE:
        retract_many([pattern.pk])
    elif move in (Move.DEPRECATE, Move.RESTORE):
        restate(pattern, at=at, with_head=is_shown_whole)
