"""A pattern's life as a table of moves: from which status to which, who may, what is said, and why one cannot be made.

Nothing is changed here: `decisions.make_move` makes a move.
"""

from __future__ import annotations

import enum
from typing import Any

from patterns_app.document.vocabulary import Status
from patterns_app.models import Pattern, Snapshot
from patterns_app.workflow.permissions import is_allowed, is_four_eyes, is_owner, may_see, wrote

DRAFT, REVIEW, PUBLISHED, DEPRECATED, ARCHIVED = Status


class Ask(enum.Flag):
    """What has to be said with a move, or can be."""

    NOTHING = 0
    NOTE = enum.auto()
    REASON = enum.auto()  # a note that must be there
    TIMES = enum.auto()
    SUCCESSOR = enum.auto()
    PERSON = enum.auto()


class Move(enum.Enum):
    """What can happen to a pattern.

    Each is (value, label, from which status to which, the permission for it, what is said with it, in words).
    """

    label: str
    steps: dict[Status, Status]
    permission: str
    asks: Ask
    explanation: str

    def __init__(
        self, value: str, label: str, steps: dict[Status, Status], permission: str, asks: Ask, explanation: str
    ) -> None:
        self._value_ = value
        self.label = label
        self.steps = steps
        self.permission = permission
        self.asks = asks
        self.explanation = explanation

    SUBMIT = (
        "submit",
        "Submit for review",
        {DRAFT: REVIEW, PUBLISHED: PUBLISHED},
        "submit",
        Ask.NOTE,
        "Hands the text to the reviewers. What is public stays as it is.",
    )
    WITHDRAW = (
        "withdraw",
        "Withdraw",
        {REVIEW: DRAFT, PUBLISHED: PUBLISHED},
        "submit",
        Ask.NOTE,
        "Takes it out of review, to go on writing.",
    )
    REQUEST_CHANGES = (
        "request-changes",
        "Request changes",
        {REVIEW: DRAFT, PUBLISHED: PUBLISHED},
        "review",
        Ask.REASON,
        "Sends it back with what has to change.",
    )
    APPROVE = (
        "approve",
        "Approve",
        {REVIEW: REVIEW, PUBLISHED: PUBLISHED},
        "publish",
        Ask.NOTE,
        "Says that exactly this text may be published. An edit after it needs a new approval.",
    )
    APPROVE_AND_PUBLISH = (
        "approve-and-publish",
        "Approve and publish",
        {REVIEW: PUBLISHED, PUBLISHED: PUBLISHED},
        "publish",
        Ask.NOTE,
        "Makes exactly this text public.",
    )
    PUBLISH = (
        "publish",
        "Publish now",
        {DRAFT: PUBLISHED, REVIEW: PUBLISHED, PUBLISHED: PUBLISHED},
        "publish",
        Ask.NOTE,
        "Makes exactly this text public.",
    )
    SCHEDULE = (
        "schedule",
        "Schedule",
        {DRAFT: DRAFT, REVIEW: REVIEW, PUBLISHED: PUBLISHED, DEPRECATED: DEPRECATED},
        "publish",
        Ask.NOTE | Ask.TIMES,
        "Approves this text, publishes it at a time, or takes it out of sight at a time, or both.",
    )
    UNSCHEDULE = (
        "unschedule",
        "Cancel the schedule",
        {status: status for status in Status},
        "publish",
        Ask.NOTE,
        "Nothing happens by itself any more.",
    )
    UNPUBLISH = (
        "unpublish",
        "Unpublish",
        {PUBLISHED: DRAFT, DEPRECATED: DRAFT},
        "publish",
        Ask.NOTE,
        "Takes it out of the public's sight; it becomes a draft again.",
    )
    DEPRECATE = (
        "deprecate",
        "Deprecate",
        {PUBLISHED: DEPRECATED},
        "publish",
        Ask.NOTE | Ask.SUCCESSOR,
        "It stays public, and says that it should no longer be used, and what to use instead.",
    )
    ARCHIVE = (
        "archive",
        "Archive",
        {DRAFT: ARCHIVED, REVIEW: ARCHIVED, PUBLISHED: ARCHIVED, DEPRECATED: ARCHIVED},
        "archive",
        Ask.NOTE,
        "Puts it away: not public, not edited, kept with its whole history.",
    )
    RESTORE = (
        "restore",
        "Restore",
        {ARCHIVED: DRAFT, DEPRECATED: PUBLISHED},
        "archive",
        Ask.NOTE,
        "Brings an archived pattern back as a draft; a deprecated one is simply published again.",
    )
    ASSIGN = (
        "assign",
        "Assign",
        {DRAFT: DRAFT, REVIEW: REVIEW, PUBLISHED: PUBLISHED, DEPRECATED: DEPRECATED},
        "review",
        Ask.NOTE | Ask.PERSON,
        "Says who is to review it.",
    )
    COMMENT = (
        "comment",
        "Comment",
        {status: status for status in Status},
        "",
        Ask.REASON,
        "Leaves a word in the history, for whoever works on it.",
    )

    def __str__(self) -> str:
        return self.label


class MoveRefused(Exception):
    """The move cannot be made; the sentence says why and what to do."""


class StaleMove(MoveRefused):
    """The pattern is not any more what the move was decided on."""

    def __init__(self, pattern: Pattern) -> None:
        super().__init__(
            f"“{pattern}” changed after you looked at it, so nothing was done. Look at it again and decide anew."
        )


def refusal(move: Move, pattern: Pattern, person: Any) -> str:
    """Why somebody cannot make a move now; "" if they can. Under four eyes two queries for approvals, else none."""
    if person is not None and not _has_permission(move, pattern, person):
        return "You are not allowed to do this."
    status = Status(pattern.status)
    if status not in move.steps:
        froms = " or ".join(step.value for step in move.steps)
        return f"Only a {froms} pattern can go this way; this one is {status.value}."
    if why_not := _unfit(move, pattern, status):
        return why_not
    if person is not None and is_four_eyes() and _needs_other_eyes(move, pattern) and wrote(person, pattern):
        return "Somebody else has to approve it: you have a part in the text."
    return ""


def _has_permission(move: Move, pattern: Pattern, person: Any) -> bool:
    if not may_see(person, pattern):
        return False
    if not move.permission:
        return True
    if move is Move.SUBMIT and not (is_owner(person, pattern) or is_allowed(person, "change")):
        return False
    if move is Move.WITHDRAW:
        is_theirs = is_owner(person, pattern) or pattern.submitted_by_id == person.pk
        return is_allowed(person, "review") or (is_theirs and is_allowed(person, "submit"))
    return is_allowed(person, move.permission)


def _unfit(move: Move, pattern: Pattern, status: Status) -> str:
    """What about the pattern itself, beyond its status, stands in the way of a move."""
    match move:
        case Move.SUBMIT:
            if pattern.is_under_review:
                return "It is under review already."
            if pattern.is_approved and pattern.publish_at is not None:
                return "Exactly this text is approved and scheduled already."
            if status is PUBLISHED and not is_ahead(pattern):
                return "There is nothing to review: what is public says all of it."
        case Move.WITHDRAW | Move.REQUEST_CHANGES | Move.APPROVE | Move.APPROVE_AND_PUBLISH:
            if not pattern.is_under_review:
                return "It is not under review."
            if move is Move.APPROVE and pattern.is_approved:
                return "Exactly this text is approved already."
        case Move.PUBLISH:
            if pattern.is_under_review and not pattern.is_approved:
                return "It is under review: approve it, or request changes."
            if status is PUBLISHED and not is_ahead(pattern):
                return "There is nothing to publish: what is public says all of it."
        case Move.UNSCHEDULE:
            if pattern.publish_at is None and pattern.expire_at is None:
                return "Nothing is scheduled."
    return ""


def _needs_other_eyes(move: Move, pattern: Pattern) -> bool:
    if move in (Move.APPROVE, Move.APPROVE_AND_PUBLISH):
        return True
    # An approval by somebody else, of exactly this text, has been given.
    return move in (Move.PUBLISH, Move.SCHEDULE) and not pattern.is_approved


def is_ahead(pattern: Pattern) -> bool:
    """Whether the head says something that is not public. One query, unless the snapshot was fetched with it."""
    snapshot = live_snapshot(pattern)
    return snapshot is None or snapshot.revision_id != pattern.head_id


def live_snapshot(pattern: Pattern) -> Snapshot | None:
    """What the public sees of the pattern, None for nothing."""
    try:
        return pattern.snapshot
    except Snapshot.DoesNotExist:
        return None


def possible_moves(pattern: Pattern, person: Any) -> list[Move]:
    """The moves that somebody can make now, in the table's order."""
    return [move for move in Move if not refusal(move, pattern, person)]
