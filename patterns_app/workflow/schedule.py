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
from patterns_app.workflow.moves import Move, MoveRefused, Said, StaleMove, make_move
from patterns_app.workflow.notices import announce


class Due(NamedTuple):
    """What became of one pattern whose time had come. reason: why it could not be done, "" if it was."""

    pattern: Pattern
    move: Move
    reason: str


def publish_scheduled(*, at: datetime.datetime) -> list[Due]:
    """Do what is due by now; safe to run at any time and twice at once.

    Only the very text that was approved goes public: one edited since is not published, its schedule ends, and whoever
    handed it in is told. A pattern that somebody is moving just now is left for the next run.
    """
    done = []
    for pattern in Pattern.objects.filter(publish_at__lte=at).order_by("publish_at", "pk"):
        done.append(_do(pattern, Move.PUBLISH, at))
    for pattern in Pattern.objects.filter(expire_at__lte=at, status__in=LIVE).order_by("expire_at", "pk"):
        done.append(_do(pattern, Move.UNPUBLISH, at))
    return done


def _do(pattern: Pattern, move: Move, at: datetime.datetime) -> Due:
    try:
        if move is Move.PUBLISH and not pattern.is_approved:
            raise MoveRefused("It was edited after it was approved. Approve and schedule it again.")
        make_move(pattern, move, actor=None, at=at, said=Said(note="As scheduled."), as_command=True)
    except StaleMove as error:
        return Due(pattern, move, str(error))
    except (MoveRefused, EditRefused, ReadingOutdated) as error:
        _give_up(pattern, move, str(error), at)
        return Due(pattern, move, str(error))
    return Due(pattern, move, "")


def _give_up(pattern: Pattern, move: Move, reason: str, at: datetime.datetime) -> None:
    """End a schedule that cannot be kept, in the log and to those concerned: it would fail the same way each minute."""
    with transaction.atomic():
        ended = {"publish_at": None} if move is Move.PUBLISH else {"expire_at": None}
        same = Pattern.objects.filter(pk=pattern.pk, events_so_far=pattern.events_so_far)
        if not same.update(events_so_far=F("events_so_far") + 1, **ended):
            return
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
