"""Telling people what concerns them: notices are written with the move, and mailed after it is committed.

Nobody gets a notice of what they did themselves, and nobody who is not concerned: those who can review hear of what is
handed in (the one assigned, if somebody is), whoever wrote it hears what became of it. Whether somebody may still see
the pattern is asked when the mail goes, which can be a day later.
"""

from __future__ import annotations

import datetime
import logging
from collections import defaultdict
from collections.abc import Callable, Iterable
from functools import partial
from smtplib import SMTPDataError, SMTPRecipientsRefused, SMTPResponseException
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.mail import EmailMessage, get_connection
from django.db import transaction
from django.db.models import QuerySet
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.formats import date_format

from patterns_app.models import Event, MailChoice, MailPreference, Notice, Pattern
from patterns_app.workflow.permissions import may_see, may_see_all

if TYPE_CHECKING:
    from django.contrib.auth.models import AbstractBaseUser, User

log = logging.getLogger(__name__)

TO_REVIEWERS: Final = {"submit"}
TO_AUTHORS: Final = {
    "request-changes",
    "approve",
    "approve-and-publish",
    "publish",
    "schedule",
    "unpublish",
    "deprecate",
    "archive",
    "restore",
    "missed",
    "comment",
}
TO_PERSON: Final = {"assign"}


class Wording(NamedTuple):
    """How a mail about a move begins: its subject, and the sentence that goes on from who did it."""

    subject: str
    sentence: str


WORDINGS: Final = {
    "submit": Wording("For review: {}", "handed in “{}” for review."),
    "request-changes": Wording("Changes requested: {}", "requested changes to “{}”."),
    "approve": Wording("Approved: {}", "approved “{}”."),
    "approve-and-publish": Wording("Published: {}", "approved and published “{}”."),
    "publish": Wording("Published: {}", "published “{}”."),
    "schedule": Wording("Scheduled: {}", "scheduled “{}”."),
    "unpublish": Wording("No longer public: {}", "took “{}” out of the public's sight."),
    "deprecate": Wording("Deprecated: {}", "deprecated “{}”."),
    "archive": Wording("Archived: {}", "archived “{}”."),
    "restore": Wording("Restored: {}", "restored “{}”."),
    "assign": Wording("For you to review: {}", "asked you to review “{}”."),
    "comment": Wording("A word on: {}", "left a word on “{}”."),
    "missed": Wording("Not done as scheduled: {}", "could not do what was scheduled for “{}”."),
}
OTHER_WORDING: Final = Wording("News of: {}", "did something with “{}”.")

SUBJECT_MAX: Final = 200
"""Characters of a title that a subject line shows."""


# Writing


def announce(event: Event, *, pattern: Pattern, actor: AbstractBaseUser | None, person: User | None = None) -> None:
    """Write notices for those whom the event concerns, and mail them once it is committed.

    person: who was assigned. At most five queries, however many it concerns; none for an event that concerns nobody.
    """
    recipients = {user.pk: user for user in _concerned(event, pattern, actor, person) if user.is_active and user.email}
    if actor is not None:
        recipients.pop(actor.pk, None)
    if not recipients:
        return
    choices = dict(MailPreference.objects.filter(user__in=recipients).values_list("user_id", "choice"))
    notices = [
        Notice(recipient=user, event=event, choice=choices.get(pk, MailChoice.AT_ONCE))
        for pk, user in recipients.items()
        if choices.get(pk) != MailChoice.NEVER
    ]
    Notice.objects.bulk_create(notices)
    at_once = [notice.pk for notice in notices if notice.choice == MailChoice.AT_ONCE]
    if at_once and getattr(settings, "MAIL_AT_ONCE", True):
        transaction.on_commit(partial(_send_quietly, at_once), robust=True)


def _concerned(event: Event, pattern: Pattern, actor: AbstractBaseUser | None, person: User | None) -> Iterable[User]:
    users = get_user_model()._default_manager
    if event.move in TO_PERSON:
        return [person] if person else []
    if event.move in TO_REVIEWERS:
        assigned = users.filter(pk=pattern.assigned_to_id or 0, is_active=True)
        if actor is not None:
            assigned = assigned.exclude(pk=actor.pk)
        # An assignment to whoever hands it in, or to somebody who has left, must not keep it from the others.
        return list(assigned) or users.with_perm(
            "patterns_app.review_pattern",
            include_superusers=False,
            backend="django.contrib.auth.backends.ModelBackend",
        )
    if event.move in TO_AUTHORS:
        return users.filter(pk__in=_authors(event, pattern))
    return []


def _authors(event: Event, pattern: Pattern) -> set[int]:
    """Keys of those who wrote it or handed it in last; for a word on it, also of those who take part in the talk."""
    keys: set[int | None] = {pattern.owner_id, pattern.submitted_by_id}
    before = Event.objects.filter(pattern=pattern.pk, number__lt=event.number).order_by("number")
    last: dict[str, int | None] = {}
    for move, key in before.filter(move__in=("submit", "schedule", "comment")).values_list("move", "actor_key"):
        last[move] = key
        if move == event.move == "comment":
            keys.add(key)
    keys.add(last.get("submit"))
    if event.move == "comment":
        keys.add(pattern.assigned_to_id)
    if event.move == "missed":
        keys.add(last.get("schedule"))
    return {key for key in keys if key is not None}


def choose_mail(user: AbstractBaseUser, choice: MailChoice) -> None:
    """Let somebody have mail as they choose from now on, what is waiting for them included. Two queries or three."""
    with transaction.atomic():
        MailPreference.objects.update_or_create(user_id=user.pk, defaults={"choice": choice})
        waiting = Notice.objects.filter(recipient=user.pk, sent_at=None)
        if choice == MailChoice.NEVER:
            waiting.delete()
        else:
            waiting.update(choice=choice)


# Sending


def _ignore(address: str, subject: str) -> None:
    """Nobody wants to know."""


def _send_quietly(pks: list[int]) -> None:
    """Send; what cannot be sent now waits for the next `send_notices`, and is no reason for an error page."""
    try:
        send_at_once(pks)
    except OSError as error:
        log.warning("Mail could not be sent and waits for `manage.py send_notices`: %s", error)


def send_at_once(pks: Iterable[int] | None = None, *, told: Callable[[str, str], None] = _ignore) -> int:
    """Mail the notices that are wanted at once and were not sent, one mail each; how many.

    pks: only these. told: called with address and subject of every mail that went. Raises `OSError` when some could not
    be sent now: they wait, and every other one went, unless the server was out of reach. Run it as often as you like,
    twice at once too: each notice is sent by one sender. Killed in the middle of a mail, that mail may be lost; it is
    never sent twice. About five queries a mail.
    """
    waiting = Notice.objects.filter(choice=MailChoice.AT_ONCE, sent_at=None).order_by("pk")
    if pks is not None:
        waiting = waiting.filter(pk__among=list(pks))
    return _send(([pk] for pk in waiting.values_list("pk", flat=True)), _single, timezone.now(), told)


def send_digests(*, at: datetime.datetime, told: Callable[[str, str], None] = _ignore) -> int:
    """Mail everybody who wants it once a day what has gathered, in one mail; how many mails. All else as above."""
    waiting = Notice.objects.filter(choice=MailChoice.DAILY, sent_at=None).order_by("recipient", "pk")
    gathered: dict[int, list[int]] = defaultdict(list)
    for recipient, pk in waiting.values_list("recipient_id", "pk"):
        gathered[recipient].append(pk)
    return _send(gathered.values(), _digest, at, told)


def _send(
    parcels: Iterable[list[int]],
    written: Callable[[list[Notice]], EmailMessage],
    at: datetime.datetime,
    told: Callable[[str, str], None],
) -> int:
    """Send a mail for each list of notices of one person. Opens no connection while there is nothing to send."""
    parcels = list(parcels)
    if not parcels:
        return 0
    count = 0
    trouble: OSError | None = None
    with get_connection() as connection:
        for pks in parcels:
            notices = _readable(_claimed(pks, at))
            if not notices:
                continue
            mail = written(notices)
            try:
                is_sent = _is_accepted(connection, mail, notices)
            except (SMTPResponseException, SMTPRecipientsRefused) as error:
                # The server answers, only not to this one.
                trouble = error
                continue
            if is_sent:
                count += 1
                told(mail.to[0], str(mail.subject))
    if trouble is not None:
        raise trouble
    return count


def _claimed(pks: list[int], at: datetime.datetime) -> list[Notice]:
    """Those of the notices that nobody else is sending. They are marked as sent before they are."""
    with transaction.atomic():
        rows: QuerySet[Notice] = Notice.objects.filter(pk__among=pks, sent_at=None).order_by("pk")
        notices = list(rows.select_for_update(of=("self",)).select_related("recipient", "event__pattern"))
        Notice.objects.filter(pk__among=[notice.pk for notice in notices]).update(sent_at=at)
    return notices


def _readable(notices: list[Notice]) -> list[Notice]:
    """The notices, all of one person, that the person may still read; the others are let go."""
    if not notices:
        return []
    person = notices[0].recipient
    found = [notice for notice in notices if person.is_active and person.email and _may_read(person, notice.event)]
    if len(found) != len(notices):
        Notice.objects.filter(pk__among=[notice.pk for notice in notices if notice not in found]).delete()
    return found


def _may_read(person: User, event: Event) -> bool:
    return may_see(person, event.pattern) if event.pattern else may_see_all(person)


def _is_accepted(connection: Any, mail: EmailMessage, notices: list[Notice]) -> bool:
    """Send one mail; False if it can never be sent. What could not be sent now is free again, and raises."""
    try:
        connection.send_messages([mail])
    except Exception as error:
        if _is_final(error):
            log.warning("Mail to %s will never be taken and was given up: %s", mail.to[0], error)
            return False
        Notice.objects.filter(pk__among=[notice.pk for notice in notices]).update(sent_at=None)
        raise
    return True


def _is_final(error: Exception) -> bool:
    """Whether trying again would fail the same way: an address that is none, or a refusal for good."""
    if isinstance(error, SMTPRecipientsRefused):
        return all(code >= 500 for code, _ in error.recipients.values())
    return isinstance(error, ValueError) or (isinstance(error, SMTPDataError) and error.smtp_code >= 500)


# Wording


def _single(notices: list[Notice]) -> EmailMessage:
    [notice] = notices
    return _mail(notice.recipient, _subject(notice.event), _text(notice.event))


def _digest(notices: list[Notice]) -> EmailMessage:
    subject = f"{len(notices)} thing{'s' if len(notices) != 1 else ''} about your patterns"
    text = f"\n\n{'-' * 40}\n\n".join(_text(notice.event) for notice in notices)
    return _mail(notices[0].recipient, subject, text)


def _mail(recipient: User, subject: str, text: str) -> EmailMessage:
    if choose := _link("admin:patterns_app_pattern_mail"):
        text = f"{text}\n\n-- \nMail at once, once a day, or not at all: {choose}\n"
    # So that no answering machine answers.
    return EmailMessage(subject, text, to=[recipient.email], headers={"Auto-Submitted": "auto-generated"})


def _title(event: Event) -> str:
    """On one line, whatever is in it: it goes into a header."""
    return " ".join((event.pattern.title if event.pattern else "").split()) or " ".join(event.slug.split())


def _subject(event: Event) -> str:
    title = _title(event)
    shown = title if len(title) <= SUBJECT_MAX else f"{title[: SUBJECT_MAX - 1]}…"
    return WORDINGS.get(event.move, OTHER_WORDING).subject.format(shown)


def _text(event: Event) -> str:
    """Who did what, why, and where to go on."""
    sentence = WORDINGS.get(event.move, OTHER_WORDING).sentence.format(_title(event))
    parts = [f"{event.actor_name or 'The library'} {sentence}"]
    if event.note.strip():
        parts.append(event.note.strip())
    if details := _details(event):
        parts.append("\n".join(details))
    if event.pattern_id is not None and (address := _link("admin:patterns_app_pattern_change", event.pattern_id)):
        parts.append(address)
    parts.append(_moment(event.at))
    return "\n\n".join(parts)


def _details(event: Event) -> list[str]:
    """What else was decided, a line each."""
    lines = []
    for name, words in (("publish_at", "Goes public"), ("expire_at", "Goes out of sight")):
        if when := parse_datetime(str(event.details.get(name, ""))):
            lines.append(f"{words}: {_moment(when)}")
    if successor := event.details.get("successor"):
        lines.append(f"Use instead: {successor}")
    return lines


def _moment(when: datetime.datetime) -> str:
    return date_format(timezone.localtime(when), "j F Y, H:i T")


def _link(name: str, *arguments: object) -> str:
    """The address of a page of the admin; "" where there is no admin."""
    try:
        path = reverse(name, args=arguments)
    except NoReverseMatch:
        return ""
    return f"{getattr(settings, 'SITE_URL', '').rstrip('/')}{path}"
