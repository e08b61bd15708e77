"""Where a pattern stands, in words a person understands: what lists say, and what they can be filtered by.

The status alone does not say whether something waits, was sent back, or is public as it stands.
"""

from __future__ import annotations

import enum
from collections.abc import Callable

from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from patterns_app.document.vocabulary import Status
from patterns_app.models import LIVE, Pattern
from patterns_app.models.pattern import PatternQuerySet
from patterns_app.workflow.moves import live_snapshot

Pick = Callable[[PatternQuerySet], PatternQuerySet]


class State(enum.StrEnum):
    """A word for where a pattern stands; a pattern can have two, such as published and in review again."""

    label: str
    pick: Pick

    DRAFT = "draft", "Draft", lambda patterns: patterns.drafts().filter(sent_back="")
    SENT_BACK = "sent-back", "Sent back", PatternQuerySet.returned
    IN_REVIEW = "in-review", "In review", PatternQuerySet.under_review
    APPROVED = "approved", "In review, approved", PatternQuerySet.approved
    PUBLISHED = "published", "Published", PatternQuerySet.shown_whole
    AHEAD = "unpublished-changes", "Published, with unpublished changes", PatternQuerySet.ahead
    HELD = "held", "Published, but held back", PatternQuerySet.held
    SCHEDULED = "scheduled", "Scheduled", PatternQuerySet.scheduled
    DEPRECATED = "deprecated", "Deprecated", lambda patterns: patterns.filter(status=Status.DEPRECATED)
    ARCHIVED = "archived", "Archived", lambda patterns: patterns.filter(status=Status.ARCHIVED)

    def __new__(cls, value: str, label: str, pick: Pick) -> State:
        member = str.__new__(cls, value)
        member._value_ = value
        member.label = label
        member.pick = pick
        return member


_BY_STATUS = {
    Status.DRAFT: State.DRAFT,
    Status.REVIEW: State.IN_REVIEW,
    Status.PUBLISHED: State.PUBLISHED,
    Status.DEPRECATED: State.DEPRECATED,
    Status.ARCHIVED: State.ARCHIVED,
}


def states_of(pattern: Pattern) -> list[State]:
    """The words for a pattern, the main one first. No query where its snapshot was fetched with it."""
    found = [_BY_STATUS[Status(pattern.status)]]
    if pattern.status in LIVE:
        snapshot = live_snapshot(pattern)
        if snapshot is None:
            found[0] = State.HELD
            if pattern.status == Status.DEPRECATED:
                found.append(State.DEPRECATED)
        elif snapshot.revision_id != pattern.head_id:
            found.append(State.AHEAD)
    if pattern.is_under_review:
        found = [state for state in found if state is not State.IN_REVIEW]
        found.append(State.APPROVED if pattern.is_approved else State.IN_REVIEW)
    if pattern.sent_back:
        found = [state for state in found if state is not State.DRAFT]
        found.append(State.SENT_BACK)
    if pattern.publish_at or pattern.expire_at:
        found.append(State.SCHEDULED)
    return found


def shown(pattern: Pattern) -> SafeString:
    """The words as they stand in a list, and how many problems the checks found.

    What is not public yet links to what changes when it is.
    """
    words = [_shown(state, pattern) for state in states_of(pattern)]
    if pattern.problems:
        many = "" if pattern.problems == 1 else "s"
        words.append(format_html('<span class="status-problems">{} problem{}</span>', pattern.problems, many))
    return format_html_join(" ", "{}", ((word,) for word in words))


def _shown(state: State, pattern: Pattern) -> SafeString:
    match state:
        case State.AHEAD:
            url = reverse("admin:patterns_app_pattern_compare", args=[pattern.pk])
            title = "Compare with what is public"
            return format_html('<a class="status-ahead" href="{}" title="{}">with unpublished changes</a>', url, title)
        case State.HELD:
            return format_html(
                '<span class="status status-held" title="{}">{}</span>',
                "Its status says so, and nothing is public.",
                state.label,
            )
        case State.SCHEDULED:
            return format_html_join(
                " ",
                '<span class="status status-scheduled" title="{}">{} <time datetime="{}">{}</time></span>',
                (
                    (date_format(timezone.localtime(when), "DATETIME_FORMAT"), word, when.isoformat(), _short(when))
                    for word, when in (("goes public", pattern.publish_at), ("expires", pattern.expire_at))
                    if when
                ),
            )
        case State.SENT_BACK:
            return format_html(
                '<span class="status status-sent-back" title="{}">{}</span>', pattern.sent_back, state.label
            )
    word = state.label
    if pattern.status in LIVE and state in (State.IN_REVIEW, State.APPROVED):
        word = f"Next version {word[0].lower()}{word[1:]}"
    return format_html('<span class="status status-{}">{}</span>', state.value, word)


def _short(when: object) -> str:
    return date_format(timezone.localtime(when), "j M, H:i")  # type: ignore[arg-type]
