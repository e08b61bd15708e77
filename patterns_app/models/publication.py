"""What the public sees: one snapshot for each live pattern, and every address that was ever public.

Only `publishing` writes here. A draft cannot leak from these tables, because it never enters them.
"""

from __future__ import annotations

from typing import ClassVar, Self

from django.db import models

from patterns_app.document.vocabulary import NAME_MAX, Status
from patterns_app.models.pattern import Pattern, score_constraint
from patterns_app.models.revision import Revision

LIVE: tuple[str, ...] = (Status.PUBLISHED.value, Status.DEPRECATED.value)
"""Statuses in which a pattern may be public. A deprecated one stays readable, and says so."""


class SnapshotQuerySet(models.QuerySet["Snapshot"]):
    """Adjectives for snapshots."""

    def light(self) -> Self:
        """Without the rendered text, for lists."""
        return self.defer("html")


class Snapshot(models.Model):
    """A public record of one pattern as one revision says it; the working copy may have moved on since."""

    pattern = models.OneToOneField(Pattern, models.CASCADE, primary_key=True, related_name="snapshot")
    revision = models.ForeignKey(
        Revision, models.RESTRICT, related_name="+", help_text="The text that is public, for as long as it is."
    )
    slug = models.CharField(max_length=NAME_MAX, unique=True, help_text="The public address.")
    identifier = models.CharField("id", max_length=NAME_MAX, blank=True, db_index=True)
    title = models.TextField()
    summary = models.TextField(blank=True)
    status = models.CharField(max_length=16, help_text="Published or deprecated.")
    domain = models.CharField(max_length=NAME_MAX, blank=True)
    collection = models.CharField(max_length=NAME_MAX, blank=True)
    confidence = models.PositiveSmallIntegerField(null=True, blank=True)
    vitality = models.FloatField(null=True, blank=True)
    successor = models.ForeignKey(
        Pattern, models.SET_NULL, null=True, blank=True, related_name="+", help_text="What to use instead."
    )
    first_published_at = models.DateTimeField()
    published_at = models.DateTimeField(db_index=True, help_text="When this revision went public.")
    html = models.TextField(blank=True, help_text="The body as safe HTML.")

    objects = SnapshotQuerySet.as_manager()

    class Meta:
        ordering: ClassVar[list[str]] = ["slug"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(condition=models.Q(status__in=LIVE), name="snapshot_status_live"),
            models.CheckConstraint(condition=~models.Q(slug=""), name="snapshot_slug_not_empty"),
            score_constraint("confidence", 4, "snapshot"),
            score_constraint("vitality", 5, "snapshot"),
        ]

    def __str__(self) -> str:
        return self.title or self.slug


class PublicAddress(models.Model):
    """A slug under which a pattern is or was public: old ones lead to the new one for good."""

    slug = models.CharField(max_length=NAME_MAX, unique=True)
    pattern = models.ForeignKey(Pattern, models.CASCADE, related_name="addresses")

    class Meta:
        verbose_name_plural = "public addresses"
        ordering: ClassVar[list[str]] = ["slug"]

    def __str__(self) -> str:
        return self.slug
