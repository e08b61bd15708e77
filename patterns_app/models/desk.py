"""What editors leave on the desk for each other: who has a pattern open, and notices of what concerns them."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models

from patterns_app.models.event import Event
from patterns_app.models.pattern import Pattern


class Presence(models.Model):
    """Somebody has a pattern open. Only a courtesy: what keeps saves apart is the head they were made from."""

    pattern = models.ForeignKey(Pattern, models.CASCADE, related_name="presences")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    opened_at = models.DateTimeField(help_text="When the form was opened.")
    seen_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["pattern", "user"], name="presence_once"),
        ]

    def __str__(self) -> str:
        return f"{self.user} at {self.pattern_id}"


class MailChoice(models.TextChoices):
    """When somebody wants to be told."""

    AT_ONCE = "at_once", "at once, one mail each"
    DAILY = "daily", "once a day, all in one mail"
    NEVER = "never", "not at all"


class MailPreference(models.Model):
    """When one person wants mail. Without a row: at once."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, models.CASCADE, primary_key=True, related_name="+")
    choice = models.CharField(max_length=16, choices=MailChoice.choices, default=MailChoice.AT_ONCE)

    def __str__(self) -> str:
        return f"{self.user}: {self.get_choice_display()}"


class Notice(models.Model):
    """Something one person should know, written in the transaction in which it happened and sent after it."""

    recipient = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    event = models.ForeignKey(Event, models.CASCADE, related_name="notices")
    choice = models.CharField(max_length=16, choices=MailChoice.choices)
    sent_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["recipient", "event"], name="notice_once"),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["choice"], condition=models.Q(sent_at=None), name="notice_waiting"),
        ]

    def __str__(self) -> str:
        return f"{self.event} for {self.recipient}"
