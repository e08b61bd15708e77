"""What happens by itself: approved texts go public when their time has come, and patterns go out of sight."""

from __future__ import annotations

import datetime
from typing import NamedTuple

from django.db import transaction
from django.db.models import F

from patterns_app.document.vocabulary import Status
from patterns_app.document.writing import EditRefused
from patterns_app.models import LIVE, Event, Pattern
from patterns_app.models.rereading import ReadingOutdated
from patterns_app.workflow.decisions import Said, make_move
from patterns_app.workflow.moves import Move, MoveRefused, StaleMove
from patterns_app.workflow.notices import announce


class Due(NamedTuple):
    """What became of one pattern whose time had come. reason: why it could not be done, "" if it was."""

    pattern: Pattern
    move: Move
    reason: str


def publish_scheduled(*, at: datetime.datetime) -> list[Due]:
    """Do what is due by now; safe to run at any time and twice at once.

    Only the very text that was approved goes public: one edited since is not published, its schedule ends, and whoever
    handed it in or scheduled it is told. A pattern that somebody is moving just now is left for the next run, and not
    in the answer. A transaction for each pattern.
    """
    done = []
    for pattern in Pattern.objects.filter(publish_at__lte=at).order_by("publish_at", "pk"):
        done.append(_do(pattern, Move.PUBLISH, at))
    expired = Pattern.objects.filter(expire_at__lte=at)
    # Evaluated only now: what has just been published may be over already.
    for pattern in expired.filter(status__in=LIVE).order_by("expire_at", "pk"):
        done.append(_do(pattern, Move.UNPUBLISH, at))
    # What is not public when it should go out of sight must not go as soon as somebody publishes it.
    expired.exclude(status__in=LIVE).filter(publish_at=None).update(expire_at=None)
    return [due for due in done if due is not None]


def _do(pattern: Pattern, move: Move, at: datetime.datetime) -> Due | None:
    """One move; None if it is not for us any more."""
    decided_on = _state(pattern)
    try:
        if move is Move.PUBLISH and not pattern.is_approved:
            raise MoveRefused("It was edited after it was approved. Approve and schedule it again.")
        make_move(pattern, move, actor=None, at=at, said=Said(note="As scheduled."), as_command=True)
    except StaleMove:
        return None
    except ReadingOutdated as error:
        # Nothing about the pattern: it goes with the first run after `reread_patterns`.
        return Due(pattern, move, str(error))
    except (MoveRefused, EditRefused) as error:
        # The refused move may have left on the instance what was rolled back in the database.
        now = Pattern.objects.get(pk=pattern.pk)
        if _state(now) != decided_on or not _has_given_up(now, move, str(error), at):
            return None
        return Due(now, move, str(error))
    return Due(pattern, move, "")


def _state(pattern: Pattern) -> tuple[str, int | None, int]:
    return pattern.status, pattern.head_id, pattern.events_so_far


def _has_given_up(pattern: Pattern, move: Move, reason: str, at: datetime.datetime) -> bool:
    """End a schedule that cannot be kept, in the log and to those concerned: it would fail the same way each minute.

    False if somebody was quicker and the reason may be none any more.
    """
    with transaction.atomic():
        ended: dict[str, None] = {"publish_at": None} if move is Move.PUBLISH else {"expire_at": None}
        if pattern.status not in LIVE:
            ended["expire_at"] = None
        same = Pattern.objects.filter(pk=pattern.pk, head=pattern.head_id, events_so_far=pattern.events_so_far)
        if not same.update(events_so_far=F("events_so_far") + 1, **ended):
            return False
        event = Event.objects.create(
            pattern=pattern,
            slug=pattern.slug,
            number=pattern.events_so_far + 1,
            move="missed",
            from_status=Status(pattern.status),
            to_status=Status(pattern.status),
            at=at,
            note=f"{move.label}: {reason}",
        )
        announce(event, pattern=pattern, actor=None)
    return True
