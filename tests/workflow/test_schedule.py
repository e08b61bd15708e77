"""What happens by itself: when, to which text, and once."""

from __future__ import annotations

import dataclasses
import datetime
import sys
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.core import mail
from pytest_django import DjangoCaptureOnCommitCallbacks as Commits

from patterns_app.document.reading import read
from patterns_app.models import Event, Notice, Pattern, Revision, Snapshot
from patterns_app.models.working_copy import document_of
from patterns_app.workflow import save_draft
from patterns_app.workflow.moves import Move, MoveRefused
from patterns_app.workflow.schedule import Due, publish_scheduled
from tests.databases import command, manage
from tests.factories import NOON, make_pattern
from tests.sync.folders import write_many
from tests.sync.test_concurrency import end, start
from tests.workflow.cast import PUBLISHES, WRITES, make_person, moved

HOUR = datetime.timedelta(hours=1)


@pytest.fixture
def ada(db: None) -> User:
    return make_person("ada", can=WRITES)


@pytest.fixture
def bo(db: None) -> User:
    return make_person("bo", can=PUBLISHES)


@pytest.fixture
def pattern(ada: User, bo: User) -> Pattern:
    """Handed in by ada, and scheduled by bo to be public after an hour and out of sight after three."""
    pattern = moved(make_pattern(author=ada), Move.SUBMIT, ada)
    return moved(pattern, Move.SCHEDULE, bo, publish_at=NOON + HOUR, expire_at=NOON + 3 * HOUR)


def edit(pattern: Pattern, author: User, title: str) -> None:
    document = dataclasses.replace(document_of(pattern), title=title)
    save_draft(pattern, document=document, author=author, at=NOON)


def said(due: list[Due]) -> list[tuple[str, str]]:
    return [(one.move.value, one.reason) for one in due]


def status(pattern: Pattern) -> str:
    pattern.refresh_from_db()
    assert read(pattern.text).document.status == pattern.status, "rows and text say the same"
    return pattern.status


def test_nothing_happens_before_its_time(pattern: Pattern) -> None:
    assert publish_scheduled(at=NOON + HOUR - datetime.timedelta(seconds=1)) == []
    assert status(pattern) == "review"


def test_what_is_due_goes_public_and_later_out_of_sight_once_each(pattern: Pattern) -> None:
    assert said(publish_scheduled(at=NOON + HOUR)) == [("publish", "")]
    assert status(pattern) == "published"
    assert Snapshot.objects.get().revision_id == pattern.head_id
    assert publish_scheduled(at=NOON + 2 * HOUR) == []
    assert said(publish_scheduled(at=NOON + 4 * HOUR)) == [("unpublish", "")]
    assert status(pattern) == "draft"
    assert not Snapshot.objects.exists()
    assert publish_scheduled(at=NOON + 5 * HOUR) == []
    assert not Pattern.objects.scheduled().exists()
    event = Event.objects.order_by("-number")[0]
    assert (event.actor_key, event.note) == (None, "As scheduled.")


def test_after_a_long_pause_a_pattern_goes_public_and_out_of_sight_in_one_run(pattern: Pattern) -> None:
    assert said(publish_scheduled(at=NOON + 9 * HOUR)) == [("publish", ""), ("unpublish", "")]
    assert status(pattern) == "draft"


def test_the_next_version_of_a_published_pattern_goes_public_in_its_time(ada: User, bo: User) -> None:
    pattern = moved(make_pattern(author=ada), Move.PUBLISH, bo)
    edit(pattern, bo, "Tool library")
    moved(pattern, Move.SCHEDULE, bo, publish_at=NOON + HOUR)
    assert Snapshot.objects.get().title == "Shared tool library"
    assert said(publish_scheduled(at=NOON + HOUR)) == [("publish", "")]
    assert Snapshot.objects.get().title == "Tool library"


def test_handing_in_what_is_scheduled_does_not_undo_its_approval(ada: User, bo: User) -> None:
    pattern = moved(make_pattern(author=ada), Move.SCHEDULE, bo, publish_at=NOON + HOUR)
    with pytest.raises(MoveRefused, match="approved and scheduled already"):
        moved(pattern, Move.SUBMIT, ada)
    assert said(publish_scheduled(at=NOON + HOUR)) == [("publish", "")]


def test_a_text_that_was_edited_after_its_approval_is_not_published_and_people_are_told(
    pattern: Pattern, ada: User, bo: User, django_capture_on_commit_callbacks: Commits
) -> None:
    gus = make_person("gus")
    edit(pattern, gus, "Not what bo read")
    mail.outbox.clear()
    with django_capture_on_commit_callbacks(execute=True):
        [due] = publish_scheduled(at=NOON + HOUR)
    assert "edited after it was approved" in due.reason
    assert status(pattern) == "review"
    assert not Snapshot.objects.exists()
    assert sorted(one.to[0] for one in mail.outbox) == ["ada@example.org", "bo@example.org"], "not gus"
    assert mail.outbox[0].subject == "Not done as scheduled: Not what bo read"
    assert "edited after it was approved" in str(mail.outbox[0].body)
    # It would fail the same way each minute.
    assert publish_scheduled(at=NOON + 2 * HOUR) == []
    assert not Pattern.objects.scheduled().exists(), "nor does it wait to go out of sight"
    event = Event.objects.order_by("-number")[0]
    assert (event.move, event.from_status, event.to_status) == ("missed", "review", "review")


def test_a_schedule_that_cannot_be_kept_does_not_stop_the_others(ada: User, bo: User) -> None:
    for number in range(3):
        pattern = moved(make_pattern(author=ada, slug=f"pattern-{number}"), Move.SUBMIT, ada)
        moved(pattern, Move.SCHEDULE, bo, publish_at=NOON + HOUR)
    edit(Pattern.objects.get(slug="pattern-1"), bo, "Edited")
    assert [bool(due.reason) for due in publish_scheduled(at=NOON + HOUR)] == [False, True, False]
    assert list(Snapshot.objects.values_list("slug", flat=True)) == ["pattern-0", "pattern-2"]


def test_an_address_that_is_taken_ends_the_schedule_with_the_reason(pattern: Pattern, bo: User) -> None:
    other = moved(make_pattern(slug="another"), Move.PUBLISH, bo)
    document = dataclasses.replace(document_of(other), slug="moved-away")
    save_draft(other, document=document, author=bo, at=NOON)
    Snapshot.objects.filter(pk=other.pk).update(slug=pattern.slug)
    [due] = publish_scheduled(at=NOON + HOUR)
    assert "still public" in due.reason
    assert status(pattern) == "review"


def test_a_program_that_reads_more_than_the_rows_hold_makes_schedules_wait(pattern: Pattern) -> None:
    fingerprint = Revision.objects.get(pk=pattern.head_id or 0).fingerprint
    Revision.objects.filter(pk=pattern.head_id or 0).update(fingerprint="00" + fingerprint[2:])
    [due] = publish_scheduled(at=NOON + HOUR)
    assert "reread_patterns" in due.reason
    assert not Event.objects.filter(move="missed").exists()
    Revision.objects.filter(pk=pattern.head_id or 0).update(fingerprint=fingerprint)
    assert said(publish_scheduled(at=NOON + HOUR)) == [("publish", "")]


def test_what_was_not_public_at_the_end_of_its_time_can_be_published_afterwards(
    pattern: Pattern, ada: User, bo: User
) -> None:
    moved(pattern, Move.REQUEST_CHANGES, bo, "Not yet.")
    assert publish_scheduled(at=NOON + 4 * HOUR) == []
    moved(pattern, Move.PUBLISH, bo, at=NOON + 5 * HOUR)
    assert publish_scheduled(at=NOON + 6 * HOUR) == []
    assert status(pattern) == "published"


def test_a_pattern_that_was_moved_since_it_was_found_is_left_alone(
    pattern: Pattern, bo: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    from patterns_app.workflow import schedule

    do = schedule._do

    def moved_meanwhile(pattern: Pattern, move: Move, at: datetime.datetime) -> Due | None:
        moved(pattern, Move.UNSCHEDULE, bo)
        return do(pattern, move, at)

    monkeypatch.setattr(schedule, "_do", moved_meanwhile)
    assert publish_scheduled(at=NOON + HOUR) == []
    assert status(pattern) == "review"
    edit(pattern, bo, "Edited")
    moved(pattern, Move.SCHEDULE, bo, publish_at=NOON + HOUR)
    edit(pattern, bo, "Edited again")
    assert publish_scheduled(at=NOON + HOUR) == []
    assert not Event.objects.filter(move="missed").exists(), "who cancelled it needs not be told that it failed"


def test_two_runs_at_once_publish_everything_once(database: str, tmp_path: Path) -> None:
    count = 30
    library = write_many(tmp_path / "lib", count)
    assert manage(database, "import_patterns", "--no-publish", library).returncode == 0
    [(code, _, err)] = end([start(database, [sys.executable, "-m", "tests.workflow.scheduling", "schedule"])])
    assert code == 0, err
    ended = end([start(database, command("publish_scheduled")) for _ in range(3)])
    lines = [line for _, out, _ in ended for line in out.splitlines()]
    for code, _, err in ended:
        assert (code, err) == (0, "")
    assert sorted(lines) == sorted(f"publish: pattern-{number}" for number in range(count))
    [(code, out, err)] = end([start(database, [sys.executable, "-m", "tests.workflow.scheduling", "count"])])
    assert (code, out) == (0, f"{count} {count} {count} 0 0"), err


def test_a_notice_of_what_is_published_by_schedule_names_the_library(
    pattern: Pattern, django_capture_on_commit_callbacks: Commits
) -> None:
    mail.outbox.clear()
    with django_capture_on_commit_callbacks(execute=True):
        publish_scheduled(at=NOON + HOUR)
    [sent] = mail.outbox
    assert sent.to == ["ada@example.org"]
    assert str(sent.body).startswith("The library published “Shared tool library”.\n\nAs scheduled.")
    assert Notice.objects.filter(event__move="publish").count() == 1
