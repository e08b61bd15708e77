"""`Revision`: the complete text of a pattern at a moment. Never changed, only added."""

from __future__ import annotations

import hashlib
from typing import ClassVar

from django.conf import settings
from django.db import models

from patterns_app.models.pattern import Pattern


def digest_of(text: str) -> str:
    """SHA-256 of the file's bytes (its text in UTF-8, byte order mark included), in hexadecimal."""
    return hashlib.sha256(text.encode()).hexdigest()


class Origin(models.TextChoices):
    """How a revision came about."""

    IMPORT = "import", "import"
    ADMIN = "admin", "admin"
    WORKFLOW = "workflow", "workflow"
    ROWS = "rows", "changed rows"
    MERGE = "merge", "merge"
    ROLLBACK = "rollback", "rollback"


class Revision(models.Model):
    """One complete file text, immutable, with who, when, whence and why."""

    pattern = models.ForeignKey(Pattern, models.CASCADE, related_name="revisions")
    number = models.PositiveIntegerField(help_text="Counts from 1 within the pattern.")
    digest = models.CharField(max_length=64, db_index=True, help_text="SHA-256 of the bytes.")
    fingerprint = models.CharField(
        max_length=64, help_text="What the text says, as a digest; equal when two texts say the same."
    )
    created_at = models.DateTimeField()
    author = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    author_name = models.CharField(max_length=255, blank=True, help_text="Outlives the account.")
    origin = models.CharField(max_length=16, choices=Origin.choices)
    note = models.TextField(blank=True)
    # Last, so that reading the columns before it does not walk through the text's pages.
    text = models.TextField()

    class Meta:
        ordering: ClassVar[list[str]] = ["-number"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["pattern", "number"], name="revision_number_once"),
        ]

    def __str__(self) -> str:
        return f"#{self.number}"
