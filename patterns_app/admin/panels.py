"""What a panel of the dashboard is made of, and how patterns and findings read on a line of it."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from itertools import islice
from typing import Any, Final, NamedTuple, TypeVar
from urllib.parse import urlencode

from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.text import Truncator
from django.utils.timesince import timesince

from patterns_app.document.vocabulary import name_key
from patterns_app.models import Pattern, Snapshot
from patterns_app.models.structure import Cycle, OneSided

SHOWN: Final = 8
"""Most entries of a panel."""

COUNTED: Final = 100
"""As far as a panel counts; beyond, it says "more than"."""

STEPS_SHOWN: Final = 6
"""Most patterns of a cycle that are named on one line."""

T = TypeVar("T")


class Entry(NamedTuple):
    """A line of a panel. url: "" for nowhere to go; is_urgent: somebody should have acted."""

    text: str
    url: str
    detail: str = ""
    is_urgent: bool = False


@dataclass
class Panel:
    """What one panel shows. url: where the whole list is; empty: what it says when there is nothing.

    looked_at: when it was found out, for what is kept for a while.
    """

    key: str
    title: str
    url: str
    empty: str
    entries: list[Entry] = field(default_factory=list)
    count: int = 0
    is_more: bool = False
    looked_at: datetime.datetime | None = None

    @property
    def count_shown(self) -> str:
        return f"more than {self.count:,}" if self.is_more else f"{self.count:,}"

    def filled(self, found: Iterable[T], entry: Callable[[T], Entry]) -> Panel:
        """With the first of what was found, of which at most one more than is counted is looked at."""
        rows = list(islice(found, COUNTED + 1))
        self.entries = [entry(row) for row in rows[:SHOWN]]
        self.count, self.is_more = min(len(rows), COUNTED), len(rows) > COUNTED
        return self


def list_url(**filters: str) -> str:
    """The list of patterns, filtered."""
    return f"{reverse('admin:patterns_app_pattern_changelist')}?{urlencode(filters)}"


def pattern_url(pk: int) -> str:
    return reverse("admin:patterns_app_pattern_change", args=[pk])


def pattern_entry(pattern: Pattern, detail: str = "", *, is_urgent: bool = False) -> Entry:
    return Entry(str(pattern), pattern_url(pattern.pk), detail, is_urgent)


def handed_in(pattern: Pattern, at: datetime.datetime) -> Entry:
    """Needs `submitted_by` fetched."""
    by = f" by {pattern.submitted_by}" if pattern.submitted_by else ""
    when = f" {ago(pattern.submitted_at, at)}" if pattern.submitted_at else ""
    said = f"handed in{by}{when}" if by or when else "in review"
    return pattern_entry(pattern, f"approved, to be published; {said}" if pattern.is_approved else said)


def scheduled(pattern: Pattern, at: datetime.datetime) -> Entry:
    times = [
        (word, when) for word, when in (("public", pattern.publish_at), ("out of sight", pattern.expire_at)) if when
    ]
    said = ", ".join(f"{word} {moment(when)}" for word, when in times)
    is_late = any(when < at for _, when in times)
    return pattern_entry(pattern, f"{said} (overdue)" if is_late else said, is_urgent=is_late)


def published(snapshot: Snapshot, at: datetime.datetime) -> Entry:
    """Needs `pattern` fetched: the title is the one that is public."""
    return Entry(str(snapshot), pattern_url(snapshot.pk), ago(snapshot.published_at, at))


def wanted(row: Mapping[str, Any], add_url: str) -> Entry:
    target, times = row["target_text"], row["wanted_by"]
    # A target that is a slug says how the pattern is to be found, any other is rather its title.
    prefill = {"slug": target} if target == name_key(target) else {"title": target}
    return Entry(target, f"{add_url}?{urlencode(prefill)}" if add_url else "", f"wanted by {times:,}")


def titles_of(keys: Iterable[int]) -> dict[int, str]:
    """What patterns are called, by key; those that are gone are not among them. One query."""
    found = Pattern.objects.filter(pk__in=set(keys)).order_by().only("title", "slug")
    return {pattern.pk: str(pattern) for pattern in found}


def one_sided(statement: OneSided, titles: Mapping[int, str]) -> Entry:
    target = short(titles.get(statement.target, "?"), 60)
    said, missing = statement.kind.replace("_", " "), statement.missing.replace("_", " ")
    return Entry(
        titles.get(statement.source, "?"),
        pattern_url(statement.source),
        f"{said} “{target}”, which does not say “{missing}”",
    )


def cycle(found: Cycle, titles: Mapping[int, str]) -> Entry:
    names = [short(titles.get(key, "?"), 40) for key in found.path]
    if len(names) > STEPS_SHOWN:
        names = [*names[: STEPS_SHOWN - 1], "…"]
    word = "requires" if found.graph == "requires" else "is narrower than"
    way = f" {word} ".join([f"“{name}”" for name in [*names[1:], names[0]]])
    tangled = f" ({found.size} are tangled)" if found.size > len(found.path) else ""
    return Entry(titles.get(found.path[0], "?"), pattern_url(found.path[0]), f"{word} {way}{tangled}")


def short(text: str, length: int = 140) -> str:
    return Truncator(" ".join(text.split())).chars(length)


def ago(when: datetime.datetime, at: datetime.datetime) -> str:
    """Such as "3 days ago"."""
    if at - when < datetime.timedelta(minutes=1):
        return "just now"
    return f"{timesince(when, at, depth=1)} ago"


def moment(when: datetime.datetime) -> str:
    return date_format(timezone.localtime(when), "j M Y, H:i")
