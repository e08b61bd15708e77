"""Who has a pattern open, and whether somebody saved it meanwhile.

Only a courtesy among editors: what keeps their saves apart is the head that each was made from (`drafts`). So nothing
here ever stands in the way of opening or saving; a row that is missing or left over misleads nobody for long.
"""

from __future__ import annotations

import datetime
import logging
from typing import TYPE_CHECKING, Final, NamedTuple

from django.db import OperationalError

from patterns_app.models import Pattern, Presence, Revision

if TYPE_CHECKING:
    from django.contrib.auth.models import AbstractBaseUser

log = logging.getLogger(__name__)

LASTS: Final = datetime.timedelta(minutes=2)
"""For how long somebody who was seen is taken to be there. The page asks each half minute, a hidden one each minute."""


class Present(NamedTuple):
    """Somebody else who has the pattern open."""

    name: str
    opened_at: datetime.datetime
    seen_at: datetime.datetime


def note(pattern: Pattern, user: AbstractBaseUser, *, at: datetime.datetime, is_opening: bool = False) -> list[Present]:
    """Note that somebody has the pattern open; who else has. Two queries. Whether they may see it is for the caller.

    is_opening: they open it now, else it was open already.
    """
    seen = Presence(pattern_id=pattern.pk, user_id=user.pk, opened_at=at, seen_at=at)
    changed = ["opened_at", "seen_at"] if is_opening else ["seen_at"]
    try:
        Presence.objects.bulk_create(
            [seen], update_conflicts=True, unique_fields=["pattern", "user"], update_fields=changed
        )
    except OperationalError as error:
        # SQLite has one writer at a time, and an import can be long. Opening a pattern does not depend on this.
        log.info("It could not be noted who has a pattern open: %s", error)
    return others(pattern, user, at=at)


def others(pattern: Pattern, user: AbstractBaseUser, *, at: datetime.datetime) -> list[Present]:
    """Who else was seen with the pattern open just now, the last seen first. One query."""
    present = Presence.objects.filter(pattern=pattern.pk, seen_at__gt=at - LASTS).exclude(user=user.pk)
    return [
        Present(presence.user.get_full_name() or presence.user.get_username(), presence.opened_at, presence.seen_at)
        for presence in present.select_related("user").order_by("-seen_at", "pk")
    ]


def leave(pattern: Pattern, user: AbstractBaseUser, *, seen_at: datetime.datetime) -> None:
    """Somebody closed the pattern whom that page saw last at `seen_at`. One query.

    Whoever was seen since has it open in another window, or again: a page says good-bye after the next one has come.
    """
    Presence.objects.filter(pattern=pattern.pk, user=user.pk, seen_at__lte=seen_at).delete()


def forget_stale(*, at: datetime.datetime) -> None:
    """Let go of everybody who was not seen lately, on whatever pattern. One query."""
    Presence.objects.filter(seen_at__lte=at - LASTS).delete()


def saved_since(pattern: Pattern, head: int) -> Revision | None:
    """The newest revision, without its text, if the pattern says something newer than the revision with key `head`.

    One query if so, else none. pattern: as it is now.
    """
    if pattern.head_id is None or pattern.head_id == head:
        return None
    return Revision.objects.defer("text").filter(pk=pattern.head_id).first()
