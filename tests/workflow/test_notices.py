"""Who is told what, when and how often."""

from __future__ import annotations

import contextlib
import datetime
import smtplib
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import Permission, User
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend as Postbox
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from pytest_django import DjangoCaptureOnCommitCallbacks as Commits
from pytest_django import Settings

from patterns_app.models import Event, MailChoice, Notice, Pattern
from patterns_app.workflow.decisions import make_move
from patterns_app.workflow.moves import Move, MoveRefused
from patterns_app.workflow.notices import choose_mail, send_at_once, send_digests
from tests.databases import command, manage
from tests.factories import NOON, make_pattern
from tests.sync.folders import write_many
from tests.sync.test_concurrency import end, start
from tests.workflow.cast import EDITS, PUBLISHES, WRITES, make_person, moved

pytestmark = pytest.mark.django_db

HERE = "tests.workflow.test_notices"


class Strike(Postbox):
    """A mail server that cannot be reached."""

    def open(self) -> bool:
        raise ConnectionRefusedError("nobody answers")


class Picky(Postbox):
    """A mail server that takes no mail to some people, with the code it answers."""

    codes: dict[str, int] = {}

    def send_messages(self, messages: Any) -> int:
        for message in messages:
            for address in message.to:
                if code := self.codes.get(address):
                    raise smtplib.SMTPRecipientsRefused({address: (code, b"no")})
        return super().send_messages(messages)


@pytest.fixture
def picky(settings: Settings) -> Iterator[dict[str, int]]:
    """What the server answers to mail for whom."""
    settings.EMAIL_BACKEND = f"{HERE}.Picky"
    Picky.codes = {}
    yield Picky.codes
    Picky.codes = {}


@pytest.fixture
def ada() -> User:
    """Ada writes, and edits what is hers."""
    return make_person("ada", can=WRITES)


@pytest.fixture
def bo() -> User:
    """Bo reviews and publishes."""
    return make_person("bo", can=PUBLISHES)


@pytest.fixture
def pattern(ada: User) -> Pattern:
    return make_pattern(author=ada)


@pytest.fixture
def told(django_capture_on_commit_callbacks: Commits) -> Callable[..., list[str]]:
    """Makes a move and says to whom mail went."""

    def told(pattern: Pattern, move: Move, actor: User | None, note: str = "", **said: Any) -> list[str]:
        before = len(mail.outbox)
        with django_capture_on_commit_callbacks(execute=True):
            moved(pattern, move, actor, note, **said)
        return sorted(one.to[0].partition("@")[0] for one in mail.outbox[before:])

    return told


Told = Callable[..., list[str]]


def handed_in(pattern: Pattern, by: User) -> None:
    moved(pattern, Move.SUBMIT, by)


# Who


def test_those_who_review_hear_of_what_is_handed_in_and_nobody_else(
    pattern: Pattern, ada: User, bo: User, told: Told
) -> None:
    make_person("dee", can=WRITES)
    make_person("eve", can=EDITS, is_active=False)
    make_person("fay", can=EDITS, email="")
    make_person("cy", can=("view_pattern",))
    User.objects.create_superuser("root", email="root@example.org")
    assert told(pattern, Move.SUBMIT, ada) == ["bo"]


def test_nobody_hears_of_what_they_did_themselves(bo: User, told: Told) -> None:
    pattern = make_pattern(author=bo)
    assert told(pattern, Move.SUBMIT, bo) == []
    assert told(pattern, Move.APPROVE_AND_PUBLISH, bo) == []


def test_whoever_is_assigned_hears_of_it_and_then_alone_of_what_is_handed_in(
    pattern: Pattern, ada: User, bo: User, told: Told
) -> None:
    gus = make_person("gus")
    assert told(pattern, Move.ASSIGN, bo, person=gus) == ["gus"]
    assert told(pattern, Move.SUBMIT, ada) == ["gus"]


def test_an_assignment_to_somebody_who_has_left_keeps_it_from_nobody(
    pattern: Pattern, ada: User, bo: User, told: Told
) -> None:
    gus = make_person("gus")
    moved(pattern, Move.ASSIGN, bo, person=gus)
    User.objects.filter(pk=gus.pk).update(is_active=False)
    assert told(pattern, Move.SUBMIT, ada) == ["bo"]


def test_owner_and_whoever_handed_it_in_hear_what_became_of_it(
    pattern: Pattern, ada: User, bo: User, told: Told
) -> None:
    gus = make_person("gus")
    handed_in(pattern, gus)
    assert told(pattern, Move.REQUEST_CHANGES, bo, "Name the sources.") == ["ada", "gus"]
    handed_in(pattern, gus)
    for move in (
        Move.APPROVE,
        Move.APPROVE_AND_PUBLISH,
        Move.DEPRECATE,
        Move.RESTORE,
        Move.UNPUBLISH,
        Move.ARCHIVE,
        Move.RESTORE,
        Move.PUBLISH,
    ):
        assert told(pattern, move, bo) == ["ada", "gus"], move
    assert told(pattern, Move.SCHEDULE, bo, expire_at=NOON + datetime.timedelta(days=1)) == ["ada", "gus"]


def test_a_word_goes_to_all_who_take_part_in_the_talk(pattern: Pattern, ada: User, bo: User, told: Told) -> None:
    gus, hal = make_person("gus"), make_person("hal")
    make_person("ida")
    moved(pattern, Move.ASSIGN, bo, person=gus)
    assert told(pattern, Move.COMMENT, hal, "Is this one or two?") == ["ada", "gus"]
    assert told(pattern, Move.COMMENT, ada, "One.") == ["gus", "hal"]
    handed_in(pattern, ada)
    assert told(pattern, Move.REQUEST_CHANGES, bo, "Two.") == ["ada"], "a word said earlier asks for nothing but words"


def test_who_may_not_see_the_pattern_hears_nothing(pattern: Pattern, ada: User, bo: User, told: Told) -> None:
    gus = make_person("gus")
    moved(pattern, Move.COMMENT, gus, "Fine.")
    gus.user_permissions.clear()
    assert told(pattern, Move.COMMENT, bo, "Not quite.") == ["ada"]
    assert not Notice.objects.filter(recipient=gus).exists()
    # May review, but may see no pattern.
    make_person("hal", can=("review_pattern",))
    assert told(pattern, Move.SUBMIT, ada) == ["bo"]


def test_whether_somebody_may_see_it_is_asked_when_the_mail_goes(pattern: Pattern, ada: User, bo: User) -> None:
    choose_mail(bo, MailChoice.DAILY)
    gus = make_person("gus")
    choose_mail(gus, MailChoice.DAILY)
    handed_in(pattern, ada)
    assert Notice.objects.count() == 2
    gus.user_permissions.clear()
    assert send_digests(at=NOON) == 1
    User.objects.filter(pk=bo.pk).update(is_active=False)
    moved(pattern, Move.WITHDRAW, ada)
    handed_in(pattern, ada)
    assert send_digests(at=NOON) == 0
    assert [one.to for one in mail.outbox] == [["bo@example.org"]]
    assert not Notice.objects.filter(sent_at=None).exists()


# When


def test_mail_goes_after_the_commit_and_not_at_all_if_there_is_none(
    pattern: Pattern, ada: User, bo: User, django_capture_on_commit_callbacks: Commits
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        handed_in(pattern, ada)
        assert mail.outbox == []
    assert len(mail.outbox) == 1
    with django_capture_on_commit_callbacks(execute=True):
        with contextlib.suppress(RuntimeError), transaction.atomic():
            moved(pattern, Move.REQUEST_CHANGES, bo, "No.")
            raise RuntimeError
        with pytest.raises(MoveRefused):
            moved(pattern, Move.SUBMIT, ada)
    assert len(mail.outbox) == 1
    assert Notice.objects.count() == 1


def test_who_wants_no_mail_gets_none(pattern: Pattern, ada: User, bo: User, told: Told) -> None:
    choose_mail(bo, MailChoice.NEVER)
    assert told(pattern, Move.SUBMIT, ada) == []
    assert not Notice.objects.exists()


def test_who_wants_it_daily_gets_all_of_it_in_one_mail(pattern: Pattern, ada: User, bo: User, told: Told) -> None:
    choose_mail(bo, MailChoice.DAILY)
    other = make_pattern(author=ada, slug="repair-cafe")
    assert told(pattern, Move.SUBMIT, ada, "The first one.") == []
    assert told(other, Move.SUBMIT, ada) == []
    assert send_at_once() == 0
    assert send_digests(at=NOON) == 1
    assert send_digests(at=NOON) == 0
    [digest] = mail.outbox
    assert digest.subject == "2 things about your patterns"
    assert digest.to == ["bo@example.org"]
    body = str(digest.body)
    assert body.index("The first one.") < body.index("“Repair cafe”")


def test_another_choice_holds_for_what_is_waiting_too(pattern: Pattern, ada: User, bo: User) -> None:
    choose_mail(bo, MailChoice.DAILY)
    handed_in(pattern, ada)
    choose_mail(bo, MailChoice.AT_ONCE)
    assert send_digests(at=NOON) == 0
    assert Notice.objects.get().choice == MailChoice.AT_ONCE
    choose_mail(bo, MailChoice.NEVER)
    assert not Notice.objects.exists()
    assert (send_at_once(), send_digests(at=NOON)) == (0, 0)


def test_with_mail_at_once_off_everything_waits_for_the_command(
    pattern: Pattern, ada: User, bo: User, told: Told, settings: Settings
) -> None:
    settings.MAIL_AT_ONCE = False
    assert told(pattern, Move.SUBMIT, ada) == []
    assert send_at_once() == 1


# When the server does not answer


def test_a_broken_mail_server_breaks_no_move_and_what_was_not_sent_waits(
    pattern: Pattern, ada: User, bo: User, told: Told, settings: Settings
) -> None:
    working = settings.EMAIL_BACKEND
    settings.EMAIL_BACKEND = f"{HERE}.Strike"
    assert told(pattern, Move.SUBMIT, ada) == []
    pattern.refresh_from_db()
    assert pattern.status == "review"
    with pytest.raises(OSError, match="nobody answers"):
        send_at_once()
    settings.EMAIL_BACKEND = working
    assert send_at_once() == 1
    assert send_at_once() == 0


def test_whatever_goes_wrong_with_mail_goes_wrong_after_the_move(
    pattern: Pattern, ada: User, bo: User, settings: Settings
) -> None:
    settings.EMAIL_BACKEND = "nowhere.Backend"
    handed_in(pattern, ada)
    hooks: list[Any] = [*connection.run_on_commit]
    [(_, send, is_robust)] = hooks
    assert is_robust, "Django logs what it raises and goes on"
    with pytest.raises(ImportError):
        send()
    assert Notice.objects.filter(sent_at=None).count() == 1


@pytest.mark.parametrize(("code", "waits"), [(450, 1), (550, 0)])
def test_an_address_that_is_refused_keeps_mail_from_nobody_else(
    pattern: Pattern, ada: User, bo: User, told: Told, picky: dict[str, int], code: int, waits: int
) -> None:
    make_person("gus")
    picky["bo@example.org"] = code
    assert told(pattern, Move.SUBMIT, ada) == ["gus"]
    assert Notice.objects.filter(sent_at=None).count() == waits, "what is refused for good is given up"
    if waits:
        with pytest.raises(OSError, match="no"):
            send_at_once()
        picky.clear()
    assert send_at_once() == waits


def test_a_mail_that_another_sender_took_is_not_sent_again(pattern: Pattern, ada: User, bo: User) -> None:
    """The other sender takes one between the moment we look and the moment we send."""
    gus = make_person("gus")
    for person in (bo, gus):
        choose_mail(person, MailChoice.DAILY)
    handed_in(pattern, ada)
    handed_in(make_pattern(author=ada, slug="repair-cafe"), ada)
    taken = Notice.objects.filter(recipient=gus).order_by("pk")[:1].get()
    sent: list[str] = []

    def told(address: str, subject: str) -> None:
        if not sent:
            Notice.objects.filter(pk=taken.pk).update(sent_at=NOON)
        sent.append(subject)

    assert send_digests(at=NOON, told=told) == 2
    assert sent == ["2 things about your patterns", "1 thing about your patterns"], "the rest of it still goes"


def test_two_senders_at_once_send_every_mail_once(
    database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MAIL_AT_ONCE", "0")
    monkeypatch.setenv("EMAIL_URL", f"filemail:///{tmp_path}/mails")
    count = 30
    library = write_many(tmp_path / "lib", count)
    assert manage(database, "import_patterns", library).returncode == 0
    [(code, _, err)] = end([start(database, [sys.executable, "-m", "tests.workflow.scheduling", "submit"])])
    assert code == 0, err
    ended = end([start(database, command("send_notices", "-v", "2")) for _ in range(3)])
    assert [code for code, _, _ in ended] == [0, 0, 0], ended
    said = sorted(line for _, out, _ in ended for line in out.splitlines())
    assert said == sorted(f"bo@example.org: For review: Pattern {number}" for number in range(count))
    mails = "".join(file.read_text() for file in (tmp_path / "mails").iterdir())
    assert mails.count("\nSubject: ") == count


# What


def test_a_mail_says_who_did_what_why_and_where_to_go_on(
    pattern: Pattern, ada: User, bo: User, told: Told, settings: Settings
) -> None:
    settings.SITE_URL = "https://patterns.example.org/"
    handed_in(pattern, ada)
    told(pattern, Move.REQUEST_CHANGES, bo, "Name the sources.\n\nAnd the place.")
    [sent] = mail.outbox
    assert sent.subject == "Changes requested: Shared tool library"
    assert sent.body == (
        "bo requested changes to “Shared tool library”.\n\n"
        "Name the sources.\n\nAnd the place.\n\n"
        f"https://patterns.example.org/admin/patterns_app/pattern/{pattern.pk}/change/\n\n"
        "1 March 2026, 12:00 UTC\n\n"
        "-- \nMail at once, once a day, or not at all: "
        "https://patterns.example.org/admin/patterns_app/pattern/mail/\n"
    )
    assert sent.extra_headers["Auto-Submitted"] == "auto-generated"


def test_a_mail_says_what_else_was_decided(pattern: Pattern, ada: User, bo: User, told: Told) -> None:
    later = NOON + datetime.timedelta(days=3, minutes=5)
    told(pattern, Move.SCHEDULE, bo, publish_at=later)
    assert "Goes public: 4 March 2026, 12:05 UTC" in str(mail.outbox[-1].body)
    moved(pattern, Move.PUBLISH, bo)
    told(pattern, Move.DEPRECATE, bo, successor=make_pattern(slug="repair-cafe"))
    assert "Use instead: repair-cafe" in str(mail.outbox[-1].body)


@pytest.mark.parametrize("gap", ["\n", "\r\n", "\r", "\x0b", "\x0c", "\x85", "\u2028"])
def test_a_title_cannot_add_headers_to_a_mail(ada: User, bo: User, told: Told, gap: str) -> None:
    pattern = make_pattern(author=ada)
    Pattern.objects.filter(pk=pattern.pk).update(title=f"Tools{gap}Bcc: eve@example.org")
    assert told(pattern, Move.COMMENT, bo, "Really?") == ["ada"]
    [sent] = mail.outbox
    assert sent.subject == "A word on: Tools Bcc: eve@example.org"
    assert sent.message()["Bcc"] is None
    assert sent.recipients() == ["ada@example.org"]


def test_a_long_title_is_cut_in_the_subject(ada: User, bo: User, told: Told) -> None:
    told(make_pattern(author=ada, title="x" * 5_000), Move.SUBMIT, ada)
    assert mail.outbox[0].subject == f"For review: {'x' * 199}…"


def test_every_move_that_is_mailed_has_words_of_its_own() -> None:
    from patterns_app.workflow import notices

    mailed = notices.TO_AUTHORS | notices.TO_PERSON | notices.TO_REVIEWERS
    assert mailed == set(notices.WORDINGS)
    assert mailed - {"missed"} <= {move.value for move in Move}


# What it costs


def test_telling_many_costs_as_many_queries_as_telling_one(pattern: Pattern, ada: User, bo: User) -> None:
    def queries(slug: str) -> int:
        one = make_pattern(author=ada, slug=slug)
        with CaptureQueriesContext(
            connection,
        ) as captured:
            make_move(one, Move.SUBMIT, actor=ada, at=NOON)
        return len(captured)

    queries("warm-up")
    few = queries("few")
    for number in range(20):
        make_person(f"reviewer-{number}")
    assert queries("many") == few
    assert Notice.objects.filter(event=Event.objects.get(slug="many")).count() == 21


def test_a_permission_through_a_group_counts(pattern: Pattern, ada: User, told: Told) -> None:
    from django.contrib.auth.models import Group

    group = Group.objects.create(name="Reviewers of the street")
    group.permissions.set(Permission.objects.filter(codename__in=EDITS))
    make_person("gus", can=()).groups.add(group)
    assert told(pattern, Move.SUBMIT, ada) == ["gus"]
