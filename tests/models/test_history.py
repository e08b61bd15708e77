"""What was public when: kept by each publication, and recalled from the log where a snapshot was made before that."""

from __future__ import annotations

import dataclasses
import datetime
import random
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from patterns_app.models import Pattern, Revision, Snapshot
from patterns_app.models.recalling import recalled
from patterns_app.models.working_copy import document_of
from patterns_app.publishing import publish_many, rebuild_snapshots, restate
from patterns_app.workflow import save_draft
from patterns_app.workflow.decisions import make_move
from patterns_app.workflow.moves import Move, refusal
from patterns_app.workflow.revisions import thin_revisions
from tests.factories import NOON, make_pattern

pytestmark = pytest.mark.django_db

HOUR = datetime.timedelta(hours=1)
FILE = "---\nslug: shed\ntitle: Shed\nstatus: {status}\nversion: '{version}'\n---\nA shed.\n"


def now_of(pattern: Pattern) -> Pattern:
    return Pattern.objects.get(pk=pattern.pk)


def edit(pattern: Pattern, *, at: datetime.datetime = NOON, **changes: Any) -> None:
    document = dataclasses.replace(document_of(pattern), **changes)
    save_draft(now_of(pattern), document=document, author=None, at=at)


def go(pattern: Pattern, move: Move, *, at: datetime.datetime = NOON) -> None:
    make_move(now_of(pattern), move, actor=None, at=at, as_command=True)


def said(pattern: Pattern) -> list[tuple[int, str, str, str]]:
    """(number, day and hour, what happened, version) of each publication, newest first."""
    publications = Snapshot.objects.get(pk=pattern.pk).publications
    return [(entry.number, f"{entry.at:%dT%H}", entry.occasion.value, entry.version) for entry in publications]


def digests(pattern: Pattern) -> list[str]:
    """Of what was public, oldest first."""
    return [entry["digest"] for entry in Snapshot.objects.get(pk=pattern.pk).history]


def forget() -> None:
    """Make snapshots look as those of an earlier version."""
    Snapshot.objects.update(history=[], making=2)


# Kept


def test_each_publication_is_kept_with_its_day_version_and_text() -> None:
    pattern = make_pattern(version="0.1")
    go(pattern, Move.PUBLISH, at=NOON)
    first = now_of(pattern).head_id
    edit(pattern, version="0.2", at=NOON + HOUR)
    edit(pattern, version="0.3", at=NOON + 2 * HOUR)
    go(pattern, Move.PUBLISH, at=NOON + 3 * HOUR)
    assert said(pattern) == [(2, "01T15", "revised", "0.3"), (1, "01T12", "published", "0.1")]
    of_revisions = dict(Revision.objects.values_list("pk", "digest"))
    assert digests(pattern) == [of_revisions[first or 0], of_revisions[now_of(pattern).head_id or 0]]


def test_what_was_never_public_has_no_trace_in_it_not_even_a_gap() -> None:
    pattern = make_pattern()
    go(pattern, Move.PUBLISH)
    for number in range(5):
        edit(pattern, version=f"1.{number}", title="Nobody may know")
    edit(pattern, version="2.0", title="Known")
    go(pattern, Move.PUBLISH)
    assert [number for number, *_ in said(pattern)] == [2, 1]
    history = str(Snapshot.objects.get().history)
    for revision in Revision.objects.filter(text__contains="Nobody may know"):
        assert revision.digest not in history
    assert "1.4" not in history


def test_what_was_taken_back_stays_so_when_the_pattern_is_public_again() -> None:
    pattern = make_pattern(version="0.1")
    go(pattern, Move.PUBLISH, at=NOON)
    go(pattern, Move.UNPUBLISH, at=NOON + HOUR)
    edit(pattern, version="0.2")
    go(pattern, Move.PUBLISH, at=NOON + 2 * HOUR)
    assert said(pattern) == [(1, "01T14", "published", "0.2")]
    forget()
    rebuild_snapshots()
    assert said(pattern) == [(1, "01T14", "published", "0.2")]


def test_a_deprecation_is_told_and_so_is_its_end() -> None:
    pattern = make_pattern(version="0.1")
    go(pattern, Move.PUBLISH, at=NOON)
    go(pattern, Move.DEPRECATE, at=NOON + HOUR)
    go(pattern, Move.RESTORE, at=NOON + 2 * HOUR)
    assert [entry[2] for entry in said(pattern)] == ["restored", "deprecated", "published"]
    assert digests(pattern)[-1] == Snapshot.objects.get().revision.digest


def test_a_deprecation_does_not_tell_of_the_edits_that_wait() -> None:
    pattern = make_pattern(version="0.1")
    go(pattern, Move.PUBLISH, at=NOON)
    [public] = digests(pattern)
    edit(pattern, version="0.2")
    go(pattern, Move.DEPRECATE, at=NOON + HOUR)
    told = [(2, "01T13", "deprecated", "0.1"), (1, "01T12", "published", "0.1")]
    assert (said(pattern), digests(pattern)) == (told, [public, public])
    forget()
    rebuild_snapshots()
    assert (said(pattern), digests(pattern)) == (told, [public, public])


def test_the_same_text_published_again_is_called_that() -> None:
    pattern = make_pattern(status="published")
    publish_many([pattern.pk], at=NOON)
    publish_many([pattern.pk], at=NOON + HOUR)
    assert [entry[2] for entry in said(pattern)] == ["repeated", "published"]


def test_a_rebuild_leaves_histories_as_they_are() -> None:
    pattern = make_pattern(status="published")
    publish_many([pattern.pk], at=NOON)
    edit(pattern, title="Shed")
    publish_many([pattern.pk], at=NOON + HOUR)
    before = Snapshot.objects.get().history
    rebuild_snapshots()
    assert Snapshot.objects.get().history == before


# Recalled


def test_a_snapshot_made_before_there_were_histories_is_outdated_and_gets_its_own_from_the_log() -> None:
    patterns = [make_pattern(slug=slug, version="0.1") for slug in ("shed", "door")]
    for pattern in patterns:
        go(pattern, Move.PUBLISH, at=NOON)
        edit(pattern, version="0.2")
        go(pattern, Move.PUBLISH, at=NOON + HOUR)
    before = dict(Snapshot.objects.values_list("pk", "history"))
    forget()
    assert Snapshot.objects.get(pk=patterns[0].pk).publications == []
    assert rebuild_snapshots(outdated_only=True) == 2
    assert dict(Snapshot.objects.values_list("pk", "history")) == before
    assert rebuild_snapshots(outdated_only=True) == 0


@pytest.mark.parametrize("move", [Move.PUBLISH, Move.DEPRECATE])
def test_who_is_published_or_restated_before_the_rebuild_loses_nothing(move: Move) -> None:
    pattern = make_pattern(version="0.1")
    go(pattern, Move.PUBLISH, at=NOON)
    edit(pattern, version="0.2")
    go(pattern, Move.PUBLISH, at=NOON + HOUR)
    forget()
    if move is Move.PUBLISH:
        edit(pattern, version="0.3")
    go(pattern, move, at=NOON + 2 * HOUR)
    newest = (3, "01T14", "revised", "0.3") if move is Move.PUBLISH else (3, "01T14", "deprecated", "0.2")
    assert said(pattern) == [newest, (2, "01T13", "revised", "0.2"), (1, "01T12", "published", "0.1")]


def test_where_the_log_knows_nothing_what_is_public_is_all_that_is_told() -> None:
    pattern = make_pattern(status="published", version="0.1")
    publish_many([pattern.pk], at=NOON)
    edit(pattern, version="0.2")
    publish_many([pattern.pk], at=NOON + HOUR)
    forget()
    rebuild_snapshots()
    assert said(pattern) == [(1, "01T13", "revised", "0.2")]


def test_files_that_arrive_are_publications_and_those_that_are_held_are_none(tmp_path: Path) -> None:
    file = tmp_path / "shed.md"

    def arrives(version: str, status: str, *options: str) -> None:
        file.write_text(FILE.format(version=version, status=status))
        call_command("import_patterns", tmp_path, "--theirs", *options, verbosity=0)

    arrives("0", "draft")
    arrives("1", "draft", "--publish")
    arrives("2", "published")
    arrives("3", "published", "--no-publish")
    arrives("4", "deprecated")
    before = Snapshot.objects.get().history
    assert [entry["version"] for entry in before] == ["1", "2", "4"]
    assert [entry["status"] for entry in before] == ["published", "published", "deprecated"]
    forget()
    rebuild_snapshots()
    assert Snapshot.objects.get().history == before
    arrives("5", "draft")
    arrives("6", "published")
    forget()
    rebuild_snapshots()
    assert [entry["version"] for entry in Snapshot.objects.get().history] == ["6"]


def test_recalling_many_costs_no_more_queries_than_recalling_a_few() -> None:
    def queries(prefix: str, number: int) -> int:
        pks = []
        for place in range(number):
            pattern = make_pattern(slug=f"{prefix}-{place}")
            go(pattern, Move.PUBLISH)
            edit(pattern, version="0.2")
            go(pattern, Move.PUBLISH)
            pks.append(pattern.pk)
        forget()
        with CaptureQueriesContext(connection) as captured:
            assert {len(told) for told in recalled(pks).values()} == {2}
        return len(captured)

    assert queries("few", 2) == queries("many", 12) == 3


MOVES = (Move.PUBLISH, Move.DEPRECATE, Move.RESTORE, Move.UNPUBLISH, Move.ARCHIVE)


@pytest.mark.parametrize("seed", range(8))
def test_what_is_kept_is_what_was_seen_and_what_the_log_tells(seed: int) -> None:
    """Any life of a pattern: its history says what the public saw, in that order; recalled it says the same."""
    rng = random.Random(seed)
    pattern = make_pattern(version="0")
    seen: list[tuple[str, str]] = []
    for step in count(1):
        at = NOON + step * HOUR
        with transaction.atomic():
            if rng.random() < 0.4:
                edit(pattern, version=str(step), at=at)
            elif possible := [move for move in MOVES if not refusal(move, now_of(pattern), None)]:
                go(pattern, rng.choice(possible), at=at)
                if rng.random() < 0.2:
                    thin_revisions(at=at + 48 * HOUR, keep_last=0)
        snapshot = Snapshot.objects.filter(pk=pattern.pk).select_related("revision").first()
        if snapshot is None:
            seen = []
        elif not seen or seen[-1] != (snapshot.revision.digest, snapshot.status):
            seen.append((snapshot.revision.digest, snapshot.status))
        if snapshot:
            assert [(entry["digest"], entry["status"]) for entry in snapshot.history] == seen
            assert recalled([pattern.pk]) == {pattern.pk: snapshot.history}
        if step == 40:
            break


def test_restating_what_is_not_public_tells_nothing() -> None:
    pattern = make_pattern(status="published")
    restate(pattern, at=NOON, with_head=True)
    assert not Snapshot.objects.exists()
    assert recalled([pattern.pk]) == {}
