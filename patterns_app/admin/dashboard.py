"""The first page: which panels somebody gets, and what each is asked from.

One query a panel, however large the library is: no more rows are fetched than are worth counting.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from functools import partial
from typing import Final

from django.db.models.functions import Coalesce
from django.urls import reverse

from patterns_app.admin import panels as on
from patterns_app.admin.health import found_lately, recently_published
from patterns_app.admin.panels import COUNTED, Panel, list_url
from patterns_app.admin.states import State
from patterns_app.models import Relationship
from patterns_app.models.pattern import PatternQuerySet
from patterns_app.models.structure import orphans
from patterns_app.workflow.permissions import Person, is_allowed, may_see_all, visible
from patterns_app.workflow.turns import may_review, own_drafts, sent_back_to, to_review

_LOOKED_AT: Final = slice(COUNTED + 1)


def panels(person: Person, *, at: datetime.datetime) -> list[Panel]:
    """The panels for somebody: what they should do first, then what is under way, then what could be better.

    Only of patterns that they may see. A query each, and nine more for a look at a small library; none for somebody who
    has nothing to do with patterns.
    """
    if not (may_see_all(person) or is_allowed(person, "add")):
        return []
    return [*_to_do(person, at), *_under_way(person, at), *_to_mend(person, at)]


def _light(patterns: PatternQuerySet, *columns: str) -> PatternQuerySet:
    """The first of them, with no more of each than a line shows."""
    return patterns.only("slug", "title", *columns)[_LOOKED_AT]


def _to_do(person: Person, at: datetime.datetime) -> Iterator[Panel]:
    if may_review(person):
        panel = Panel("review", "Waiting for my review", list_url(work="review"), "Nothing waits for you.")
        waiting = to_review(person).order_by("submitted_at", "pk").select_related("submitted_by")
        columns = ("head", "approved", "submitted_at", "submitted_by__username")
        yield panel.filled(_light(waiting, *columns), partial(on.handed_in, at=at))
    if is_allowed(person, "add") or is_allowed(person, "change"):
        panel = Panel("sent-back", "Sent back to me", list_url(work="sent-back"), "Nothing was sent back to you.")
        returned = sent_back_to(person).order_by("-changed_at", "pk")
        yield panel.filled(
            _light(returned, "sent_back"), lambda pattern: on.pattern_entry(pattern, on.short(pattern.sent_back))
        )
        panel = Panel("drafts", "My drafts", list_url(work="mine", state=State.DRAFT), "You have no drafts.")
        drafts = own_drafts(person).order_by("-changed_at", "pk")
        yield panel.filled(
            _light(drafts, "changed_at"),
            lambda pattern: on.pattern_entry(pattern, f"changed {on.ago(pattern.changed_at, at)}"),
        )


def _under_way(person: Person, at: datetime.datetime) -> Iterator[Panel]:
    panel = Panel("scheduled", "Scheduled", list_url(state=State.SCHEDULED), "Nothing is scheduled.")
    scheduled = visible(person).scheduled().order_by(Coalesce("publish_at", "expire_at"), "pk")
    yield panel.filled(_light(scheduled, "publish_at", "expire_at"), partial(on.scheduled, at=at))
    nothing = "Nothing is public yet." if may_see_all(person) else "Nothing of yours is public yet."
    panel = Panel("published", "Recently published", reverse("admin:health_published"), nothing)
    yield panel.filled(recently_published(person)[_LOOKED_AT], partial(on.published, at=at))


def _to_mend(person: Person, at: datetime.datetime) -> Iterator[Panel]:
    seen = visible(person)
    panel = Panel("problems", "Problems found by checks", list_url(problems="some"), "The checks found nothing.")
    yield panel.filled(
        _light(seen.problematic().order_by("-problems", "pk"), "problems"),
        lambda pattern: on.pattern_entry(pattern, f"{pattern.problems} problem{'' if pattern.problems == 1 else 's'}"),
    )
    yield _wanted(person)
    panel = Panel("orphans", "Standing alone", list_url(relationships="orphan"), "Every pattern is related to another.")
    yield panel.filled(_light(orphans(seen).order_by("slug")), lambda pattern: on.pattern_entry(pattern, pattern.slug))
    if may_see_all(person):
        yield from _structure(at)


def _wanted(person: Person) -> Panel:
    links = Relationship.objects.wanted()
    url = reverse("admin:patterns_app_pattern_wanted")
    if not may_see_all(person):
        # The page of all names what others want.
        links, url = links.filter(pattern__owner=person.pk), ""
    panel = Panel("wanted", "Wanted patterns", url, "Nothing is wanted: every target exists.")
    add_url = reverse("admin:patterns_app_pattern_add") if is_allowed(person, "add") else ""
    return panel.filled(links.by_demand()[_LOOKED_AT], partial(on.wanted, add_url=add_url))


def _structure(at: datetime.datetime) -> Iterator[Panel]:
    found = found_lately(at=at)
    kept_at = found.at if found.is_kept else None
    keys = {key for statement in found.one_sided for key in (statement.source, statement.target)}
    keys |= {key for cycle in found.cycles for key in cycle.path[: on.STEPS_SHOWN]}
    titles = on.titles_of(keys)
    yield Panel(
        "one-sided",
        "Stated from one side only",
        reverse("admin:health_one_sided"),
        "Every statement is returned.",
        # What is gone since the look was made is left out.
        [on.one_sided(statement, titles) for statement in found.one_sided if statement.source in titles],
        found.one_sided_count,
        looked_at=kept_at,
    )
    yield Panel(
        "cycles",
        "Going in circles",
        reverse("admin:health_cycles"),
        "Nothing leads back to itself.",
        [on.cycle(cycle, titles) for cycle in found.cycles if cycle.path[0] in titles],
        found.cycle_count,
        looked_at=kept_at,
    )
