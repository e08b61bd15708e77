"""What the search looks at: the names and the words of everything public, and nothing else.

Only `search` writes here, on behalf of `publishing`. The rows follow snapshots but do not hold them: a snapshot may go
first, and whoever reads these rows joins them with snapshots. On SQLite two FTS5 tables follow by triggers, on
PostgreSQL two generated `tsvector` columns (migration 0005); whoever alters these tables on SQLite makes the triggers
anew, because Django makes the tables anew.
"""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from patterns_app.document.vocabulary import NAME_MAX
from patterns_app.models.publication import Snapshot


class SearchName(models.Model):
    """One name of a public pattern: title, alias, slug, id, or what one audience calls it."""

    class Kind(models.TextChoices):
        TITLE = "title"
        ALIAS = "alias"
        SLUG = "slug"
        ID = "id"
        LABEL = "label"

    snapshot = models.ForeignKey(Snapshot, models.DO_NOTHING, db_constraint=False, related_name="+")
    name = models.CharField(max_length=NAME_MAX, help_text="As the pattern says it.")
    key = models.CharField(max_length=NAME_MAX, help_text="As names are compared: folded, words parted by one space.")
    kind = models.CharField(max_length=8, choices=Kind.choices)
    audience = models.CharField(max_length=NAME_MAX, blank=True, help_text="Of a label: who calls it so.")

    class Meta:
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["key"], name="search_name_key"),
            models.Index(fields=["audience"], condition=~models.Q(audience=""), name="search_name_audience"),
        ]

    def __str__(self) -> str:
        return self.name


class SearchText(models.Model):
    """The words of a public pattern, folded, by what they weigh."""

    snapshot = models.OneToOneField(
        Snapshot, models.DO_NOTHING, db_constraint=False, primary_key=True, related_name="+"
    )
    title = models.TextField()
    aliases = models.TextField(blank=True)
    summary = models.TextField(blank=True, help_text="With the primary tension.")
    keywords = models.TextField(blank=True)
    labels = models.TextField(blank=True)
    domain = models.TextField(blank=True)
    collection = models.TextField(blank=True)
    body = models.TextField(blank=True)

    def __str__(self) -> str:
        return self.title
