"""The commands that a clock runs: what they print where, and how they end."""

from __future__ import annotations

import dataclasses
import datetime
import io
import os
import subprocess

import pytest
from django.contrib.auth.models import User
from django.core import mail
from django.core.management import CommandError, call_command
from django.utils import timezone
from pytest_django import Settings

from patterns_app.graph import layout
from patterns_app.models import (
    MailChoice,
    MapPlace,
    Notice,
    Pattern,
    PublicEdge,
    PublicTerm,
    Revision,
    SearchName,
    SearchText,
    Snapshot,
)
from patterns_app.models.working_copy import document_of
from patterns_app.workflow import save_draft
from patterns_app.workflow.moves import Move
from patterns_app.workflow.notices import choose_mail
from tests.databases import ROOT, command
from tests.factories import NOON, make_pattern
from tests.published import public
from tests.workflow.cast import PUBLISHES, WRITES, make_person, moved

pytestmark = pytest.mark.django_db


def run(name: str, *arguments: str) -> tuple[int, str, str]:
    """Exit status, standard output, standard error."""
    out, err = io.StringIO(), io.StringIO()
    code = 0
    try:
        call_command(name, *arguments, stdout=out, stderr=err, no_color=True)
    except SystemExit as ended:
        code = int(ended.code or 0)
    except CommandError as error:
        code = error.returncode
        err.write(str(error))
    return code, out.getvalue(), err.getvalue()


@pytest.fixture
def ada() -> User:
    return make_person("ada", can=WRITES)


@pytest.fixture
def bo() -> User:
    return make_person("bo", can=PUBLISHES)


@pytest.fixture
def pattern(ada: User, bo: User) -> Pattern:
    """Handed in, so that a notice waits for bo."""
    return moved(make_pattern(author=ada), Move.SUBMIT, ada)


# send_notices


def test_send_notices_sends_what_waits_and_says_how_many(pattern: Pattern) -> None:
    assert run("send_notices") == (0, "", "1 mail was sent.\n")
    assert run("send_notices") == (0, "", "")
    assert len(mail.outbox) == 1


def test_send_notices_lists_mails_when_asked_to_say_more_and_nothing_when_asked_to_be_silent(
    pattern: Pattern, ada: User
) -> None:
    assert run("send_notices", "-v", "2") == (
        0,
        "bo@example.org: For review: Shared tool library\n",
        "1 mail was sent.\n",
    )
    moved(make_pattern(author=ada, slug="another"), Move.SUBMIT, ada)
    assert run("send_notices", "-v", "0") == (0, "", "")
    assert len(mail.outbox) == 2


def test_digests_go_with_digest_only(ada: User, bo: User) -> None:
    choose_mail(bo, MailChoice.DAILY)
    for slug in ("one", "other"):
        moved(make_pattern(author=ada, slug=slug), Move.SUBMIT, ada)
    assert run("send_notices") == (0, "", "")
    assert run("send_notices", "--digest", "-v", "2")[1] == "bo@example.org: 2 things about your patterns\n"


def test_a_mail_server_that_does_not_answer_ends_send_notices_with_1_and_what_to_expect(
    pattern: Pattern, settings: Settings
) -> None:
    settings.EMAIL_BACKEND = "tests.workflow.test_notices.Strike"
    code, out, err = run("send_notices")
    assert (code, out) == (1, "")
    assert err == "Some mail could not be sent and waits for the next run: nobody answers\n"
    assert run("send_notices", "-v", "0") == (1, "", "")
    assert Notice.objects.filter(sent_at=None).count() == 1


# publish_scheduled


def test_publish_scheduled_prints_a_line_for_each_pattern(pattern: Pattern, bo: User) -> None:
    soon = timezone.now() + datetime.timedelta(minutes=1)
    moved(pattern, Move.SCHEDULE, bo, publish_at=soon)
    assert run("publish_scheduled") == (0, "", "")
    Pattern.objects.update(publish_at=NOON)
    assert run("publish_scheduled") == (0, "publish: shared-tool-library\n", "")
    assert run("publish_scheduled") == (0, "", "")
    moved(pattern, Move.SCHEDULE, bo, expire_at=soon)
    Pattern.objects.update(expire_at=NOON)
    assert run("publish_scheduled") == (0, "unpublish: shared-tool-library\n", "")


def test_publish_scheduled_ends_with_1_when_something_could_not_be_done(pattern: Pattern, bo: User) -> None:
    moved(pattern, Move.SCHEDULE, bo, publish_at=NOON + datetime.timedelta(hours=1))
    document = dataclasses.replace(document_of(pattern), title="Edited")
    save_draft(pattern, document=document, author=bo, at=NOON)
    code, out, err = run("publish_scheduled")
    assert (code, out) == (1, "")
    assert err.startswith("shared-tool-library: error: Publish now: It was edited after it was approved.")
    assert run("publish_scheduled") == (0, "", ""), "those concerned have been told"


def test_silent_publish_scheduled_says_nothing(pattern: Pattern, bo: User) -> None:
    moved(pattern, Move.SCHEDULE, bo, publish_at=NOON + datetime.timedelta(hours=1))
    assert run("publish_scheduled", "-v", "0") == (0, "", "")
    assert Snapshot.objects.count() == 1


# thin_revisions


def test_thin_revisions_says_how_many_went_and_how_many_would(pattern: Pattern, bo: User) -> None:
    for number in range(30):
        document = dataclasses.replace(document_of(pattern), title=f"Shed {number}")
        save_draft(pattern, document=document, author=bo, at=NOON + datetime.timedelta(minutes=number))
    before = Revision.objects.count()
    assert run("thin_revisions", "--dry-run") == (0, "", f"{before - 22} revisions would go (nothing was deleted).\n")
    assert Revision.objects.count() == before
    assert run("thin_revisions", "--keep-last", "2") == (0, "", f"{before - 4} revisions deleted.\n")
    assert run("thin_revisions", "-v", "0") == (0, "", "")
    # The first, what was handed in, the last two.
    assert Revision.objects.count() == 4


@pytest.mark.parametrize("number", ["-1", "-20"])
def test_thin_revisions_refuses_a_number_that_is_none(number: str) -> None:
    code, out, err = run("thin_revisions", f"--keep-last={number}")
    assert (code, out) == (2, "")
    assert "--keep-last" in err


# rebuild_snapshots


def test_rebuild_snapshots_says_how_many(pattern: Pattern, bo: User) -> None:
    assert run("rebuild_snapshots") == (0, "", "0 snapshots were rebuilt.\n")
    moved(pattern, Move.APPROVE_AND_PUBLISH, bo)
    Snapshot.objects.update(html="old")
    assert run("rebuild_snapshots") == (0, "", "1 snapshot was rebuilt.\n")
    assert Snapshot.objects.get().html != "old"
    assert run("rebuild_snapshots", "-v", "0") == (0, "", "")


def test_rebuild_snapshots_drops_what_no_public_pattern_has() -> None:
    door = public("door", "tool-shed")
    gone = [public("shed", "door", aliases=("Tool shed",)), public("hut", "door")]
    kept = public("barn", aliases=("Tool shed",))
    layout.lay_out()
    edge = PublicEdge.objects.filter(source=door.pk)
    pks = [pattern.pk for pattern in gone]
    # A hand in the database.
    Snapshot.objects.filter(pk__in=pks)._raw_delete("default")
    edge.update(target=pks[0])
    rows = [(model, f"{name}__in") for model, name in (
        (PublicTerm, "snapshot"), (PublicEdge, "source"), (PublicEdge, "target"), (MapPlace, "snapshot"),
        (SearchName, "snapshot"), (SearchText, "snapshot"),
    )]  # fmt: skip
    assert all(model._default_manager.filter(**{name: pks}).exists() for model, name in rows)
    assert run("rebuild_snapshots", "--outdated") == (0, "", "")
    assert run("rebuild_snapshots") == (
        0,
        "",
        "2 snapshots were rebuilt.\n"
        "What search, lists, links and map still had of 2 patterns that are not public was dropped.\n",
    )
    assert not any(model._default_manager.filter(**{name: pks}).exists() for model, name in rows)
    assert [one.target_id for one in edge] == [kept.pk], "an alias that another one had, too, is now one's alone"
    assert MapPlace.objects.count() == 2
    assert run("rebuild_snapshots") == (0, "", "2 snapshots were rebuilt.\n")


@pytest.mark.parametrize("name", ["send_notices", "publish_scheduled", "thin_revisions", "rebuild_snapshots"])
def test_misuse_ends_with_2_and_needs_no_secret(name: str) -> None:
    environment = {key: value for key, value in os.environ.items() if key != "SECRET_KEY"}
    done = subprocess.run(
        command(name, "--no-such-option"), cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 2
    assert "unrecognized arguments" in done.stderr
