"""Telling people what concerns them: notices are written with the move, and mailed after it is committed.

Nobody gets a notice of what they did themselves, and nobody who is not concerned: those who can review hear of what is
handed in (the one assigned, if somebody is), whoever wrote it hears what became of it.
"""

from __future__ import annotations

import datetime
import logging
from collections import defaultdict
from collections.abc import Iterable
from functools import partial
from typing import TYPE_CHECKING, Final

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.mail import EmailMessage, get_connection
from django.db import transaction
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.formats import date_format

from patterns_app.models import Event, MailChoice, MailPreference, Notice, Pattern

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

SUBJECTS: Final = {
    "submit": "For review: {}",
    "request-changes": "Changes requested: {}",
    "approve": "Approved: {}",
    "approve-and-publish": "Published: {}",
    "publish": "Published: {}",
    "schedule": "Scheduled: {}",
    "unpublish": "No longer public: {}",
    "deprecate": "Deprecated: {}",
    "archive": "Archived: {}",
    "restore": "Restored: {}",
    "assign": "For you to review: {}",
    "comment": "A word on: {}",
    "missed": "Not published as scheduled: {}",
}


def announce(event: Event, *, pattern: Pattern, actor: AbstractBaseUser | None, person: User | None = None) -> None:
    """Write notices for those whom the event concerns, and mail them once it is committed.

    person: who was assigned. Three queries; none for an event that concerns nobody.
    """
    recipients = {user.pk: user for user in _concerned(event.move, pattern, person)}
    if actor is not None:
        recipients.pop(actor.pk, None)
    recipients = {pk: user for pk, user in recipients.items() if user.is_active and user.email}
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


def _concerned(move: str, pattern: Pattern, person: User | None) -> Iterable[User]:
    if move in TO_PERSON:
        return [person] if person else []
    users = get_user_model()._default_manager
    if move in TO_REVIEWERS:
        if pattern.assigned_to_id:
            return users.filter(pk=pattern.assigned_to_id)
        return users.with_perm(
            "patterns_app.review_pattern",
            include_superusers=False,
            backend="django.contrib.auth.backends.ModelBackend",
        )
    if move in TO_AUTHORS:
        handed_in = Event.objects.filter(pattern=pattern.pk, move="submit").values("actor_key")[:1]
        return users.filter(
            pk__in=[pattern.owner_id, pattern.submitted_by_id, *handed_in.values_list("actor_key", flat=True)]
        )
    return []


def _send_quietly(pks: list[int]) -> None:
    """Send; what cannot be sent now waits for the next `send_notices`, and is no reason for an error page."""
    try:
        send_at_once(pks)
    except OSError as error:
        log.warning("Mail could not be sent and waits for `manage.py send_notices`: %s", error)


def send_at_once(pks: Iterable[int] | None = None) -> int:
    """Mail the notices that are wanted at once and were not sent, one mail each; how many. pks: only these.

    Raises `OSError` when the mail server cannot be reached; what was sent before stays marked as sent.
    """
    waiting = Notice.objects.filter(choice=MailChoice.AT_ONCE, sent_at=None).order_by("pk")
    if pks is not None:
        waiting = waiting.filter(pk__in=list(pks))
    count = 0
    with get_connection() as connection:
        for notice in waiting.select_related("recipient", "event"):
            # Marked first: two senders at once never send one mail twice.
            if not Notice.objects.filter(pk=notice.pk, sent_at=None).update(sent_at=timezone.now()):
                continue
            mail = EmailMessage(_subject(notice.event), _text(notice.event), to=[notice.recipient.email])
            try:
                connection.send_messages([mail])
            except OSError:
                Notice.objects.filter(pk=notice.pk).update(sent_at=None)
                raise
            count += 1
    return count


def send_digests(*, at: datetime.datetime) -> int:
    """Mail everybody who wants it once a day what has gathered, in one mail; how many mails. Raises as above."""
    waiting = Notice.objects.filter(choice=MailChoice.DAILY, sent_at=None).select_related("recipient", "event")
    gathered: dict[int, list[Notice]] = defaultdict(list)
    for notice in waiting.order_by("recipient", "pk"):
        gathered[notice.recipient_id].append(notice)
    count = 0
    with get_connection() as connection:
        for notices in gathered.values():
            pks = [notice.pk for notice in notices]
            if Notice.objects.filter(pk__in=pks, sent_at=None).update(sent_at=at) != len(pks):
                continue
            many = len(notices) != 1
            subject = f"{len(notices)} thing{'s' if many else ''} about your patterns"
            text = "\n\n".join(f"{_subject(notice.event)}\n{_text(notice.event)}" for notice in notices)
            try:
                connection.send_messages([EmailMessage(subject, text, to=[notices[0].recipient.email])])
            except OSError:
                Notice.objects.filter(pk__in=pks).update(sent_at=None)
                raise
            count += 1
    return count


def _subject(event: Event) -> str:
    title = event.pattern.title if event.pattern else event.slug
    return SUBJECTS.get(event.move, "{}").format(" ".join(title.split())[:200] or event.slug)


def _text(event: Event) -> str:
    """Who did what, why, and where to go on."""
    lines = [f"{event.actor_name or 'The library'}, {date_format(event.at, 'j F Y, H:i e')}"]
    if event.note:
        lines += ["", event.note]
    for name, value in event.details.items():
        lines.append(f"{name.replace('_', ' ')}: {value}")
    if address := _address(event):
        lines += ["", address]
    return "\n".join(lines)


def _address(event: Event) -> str:
    if event.pattern_id is None:
        return ""
    try:
        path = reverse("admin:patterns_app_pattern_change", args=[event.pattern_id])
    except NoReverseMatch:
        return ""
    return f"{getattr(settings, 'SITE_URL', '').rstrip('/')}{path}"
