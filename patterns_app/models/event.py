"""`Event`: the log of what happened to patterns. Only added to; stands on its own when users and revisions are gone."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from patterns_app.document.vocabulary import NAME_MAX
from patterns_app.models.pattern import STATUS_CHOICES, Pattern


class Event(models.Model):
    """One move of one pattern: who, when, from where to where, on which text, and why.

    People and revisions are written down by name, number and digest, not pointed at: neither has to exist any more.
    """

    pattern = models.ForeignKey(Pattern, models.SET_NULL, null=True, related_name="events")
    slug = models.CharField(max_length=NAME_MAX, help_text="The pattern's slug at the time.")
    number = models.PositiveIntegerField(help_text="Counts from 1 within the pattern.")
    move = models.CharField(max_length=32)
    from_status = models.CharField(max_length=16, choices=STATUS_CHOICES)
    to_status = models.CharField(max_length=16, choices=STATUS_CHOICES)
    at = models.DateTimeField(db_index=True)
    actor_key = models.BigIntegerField(null=True, help_text="The account's key at the time; null for a command.")
    actor_name = models.CharField(max_length=255, blank=True)
    revision_number = models.PositiveIntegerField(null=True, help_text="The revision that the move was about.")
    revision_digest = models.CharField(max_length=64, blank=True, help_text="SHA-256 of its bytes.")
    note = models.TextField(blank=True, help_text="The reason, in the actor's words.")
    details = models.JSONField(default=dict, help_text="What else was decided: a time, a successor, a person.")

    class Meta:
        ordering: ClassVar[list[str]] = ["-at", "-pk"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["pattern", "number"], name="event_number_once"),
        ]

    def __str__(self) -> str:
        return f"{self.move} {self.slug}"
