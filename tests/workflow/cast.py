"""Who takes part in the life of a pattern, and what they do, in the fewest words."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.models import User

from patterns_app.models import Pattern
from patterns_app.workflow.decisions import Said, make_move
from patterns_app.workflow.moves import Move
from tests.factories import NOON, make_user

WRITES = ("add_pattern", "submit_pattern")
EDITS = (*WRITES, "view_pattern", "change_pattern", "review_pattern")
PUBLISHES = (*EDITS, "publish_pattern", "archive_pattern")


def make_person(name: str, *, can: tuple[str, ...] = EDITS, **fields: Any) -> User:
    """Somebody with a mail address."""
    return make_user(name, can=can, **{"email": f"{name}@example.org", **fields})


def moved(pattern: Pattern, move: Move, actor: User | None, note: str = "", **said: Any) -> Pattern:
    """The pattern as it is now, after the move."""
    pattern = Pattern.objects.get(pk=pattern.pk)
    make_move(
        pattern, move, actor=actor, at=said.pop("at", NOON), said=Said(note=note, **said), as_command=actor is None
    )
    return pattern
