"""What the public sees: one snapshot for each live pattern, and every address, id and URN that was ever public.

Only `publishing` writes here. A draft cannot leak from these tables, because it never enters them.
"""

from __future__ import annotations

import datetime
from typing import ClassVar, NamedTuple, Self

from django.db import models

from patterns_app.document.vocabulary import NAME_MAX, Status
from patterns_app.models.pattern import Pattern, score_constraint
from patterns_app.models.revision import Revision

LIVE: tuple[str, ...] = (Status.PUBLISHED.value, Status.DEPRECATED.value)
"""Statuses in which a pattern may be public. A deprecated one stays readable, and says so."""

URN_MAX = 45
"""Characters of a UUID as a URN."""

MAKING = 3
"""Number of the way in which snapshots, and all that is made with them, are made. Raise it with every change by which
an unchanged revision becomes another record: rendering, a column, what goes into terms, edges or the search."""


class Occasion(models.TextChoices):
    """What happened to a public pattern, as far as its readers are concerned."""

    PUBLISHED = "published", "first published"
    REVISED = "revised", "revised"
    DEPRECATED = "deprecated", "deprecated"
    RESTORED = "restored", "no longer deprecated"
    REPEATED = "repeated", "published again"


class Publication(NamedTuple):
    """One of the times that a pattern went public as something else than before.

    number: counts publications, not revisions: the numbers of those would tell of others that were never public.
    digest: SHA-256 of the text's bytes.
    """

    number: int
    at: datetime.datetime
    occasion: Occasion
    status: str
    version: str
    digest: str


def publication_row(at: datetime.datetime, *, status: str, version: str, digest: str) -> dict[str, str]:
    """One entry of `Snapshot.history`."""
    return {"at": at.isoformat(), "status": status, "version": version, "digest": digest}


class SnapshotQuerySet(models.QuerySet["Snapshot"]):
    """Adjectives for snapshots."""

    def outdated(self) -> Self:
        """Those made in an earlier way; `rebuild_snapshots` makes them anew."""
        return self.exclude(making=MAKING)

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
    urn = models.CharField(max_length=URN_MAX, blank=True, help_text="That of `PublicUrn`, at hand for lists.")
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
    published_at = models.DateTimeField(help_text="When this revision went public.")
    labels = models.JSONField(default=dict, blank=True, help_text="What each audience calls it.")
    sort_key = models.CharField(max_length=NAME_MAX, blank=True, help_text="The title, as titles are sorted.")
    history = models.JSONField(
        default=list, blank=True, help_text="What was public when, oldest first, since it was last out of sight."
    )
    making = models.PositiveSmallIntegerField(default=0, help_text="The way in which this record was made.")
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
        # What readers sort by. The key makes each order total, so that a page begins where the one before it ended.
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["sort_key", "pattern"], name="snapshot_by_title"),
            models.Index(fields=["published_at", "pattern"], name="snapshot_by_date"),
            models.Index(fields=["vitality", "pattern"], name="snapshot_by_vitality"),
            models.Index(fields=["confidence", "pattern"], name="snapshot_by_confidence"),
            models.Index(fields=["making"], name="snapshot_by_making"),
        ]

    def __str__(self) -> str:
        return self.title or self.slug

    @property
    def publications(self) -> list[Publication]:
        """Each time that it was published, newest first: since it is public without a break, and nothing before that.

        What was taken back stays so. Empty for a record that was made before there were histories.
        """
        found: list[Publication] = []
        row: dict[str, str]
        earlier: dict[str, str] | None = None
        for number, row in enumerate(self.history, 1):
            at = datetime.datetime.fromisoformat(row["at"])
            occasion = _occasion(row, earlier, is_first=at <= self.first_published_at)
            found.append(Publication(number, at, occasion, row["status"], row["version"], row["digest"]))
            earlier = row
        return found[::-1]

    def label_for(self, audience: str) -> str:
        """What an audience calls it, "" where it has no word of its own for it."""
        label = self.labels.get(audience, "") if audience else ""
        return "" if label == str(self) else label

    def name_for(self, audience: str) -> str:
        """What to call it before an audience: its label, else the title."""
        return self.label_for(audience) or str(self)


def _occasion(row: dict[str, str], earlier: dict[str, str] | None, *, is_first: bool) -> Occasion:
    if earlier is None:
        # What went public before there was a log is not known.
        return Occasion.PUBLISHED if is_first else Occasion.REVISED
    if row["status"] != earlier["status"]:
        return Occasion.DEPRECATED if row["status"] == Status.DEPRECATED else Occasion.RESTORED
    return Occasion.REPEATED if row["digest"] == earlier["digest"] else Occasion.REVISED


class PublicAddress(models.Model):
    """A slug under which a pattern is or was public: old ones lead to the new one for good."""

    slug = models.CharField(max_length=NAME_MAX, unique=True)
    pattern = models.ForeignKey(Pattern, models.CASCADE, related_name="addresses")

    class Meta:
        verbose_name_plural = "public addresses"
        ordering: ClassVar[list[str]] = ["slug"]

    def __str__(self) -> str:
        return self.slug


class PublicIdentifier(models.Model):
    """An id under which a pattern is or was public: `/id/…/` leads from it to the pattern for good.

    Of several it leads to the one that was published with it last.
    """

    identifier = models.CharField("id", max_length=NAME_MAX, unique=True)
    pattern = models.ForeignKey(Pattern, models.CASCADE, related_name="+")

    def __str__(self) -> str:
        return self.identifier


class PublicUrn(models.Model):
    """A public pattern's name for good, whatever becomes of its slug and its id, and also after it was taken back.

    It is made when the pattern is first public, and never again: feed readers know an entry by nothing else.
    """

    pattern = models.OneToOneField(Pattern, models.CASCADE, primary_key=True, related_name="+")
    urn = models.CharField(max_length=URN_MAX, unique=True)

    def __str__(self) -> str:
        return self.urn


class Facet(models.TextChoices):
    """By what public patterns are listed, and a reader narrows."""

    DOMAIN = "domain"
    CROSS_DOMAIN = "cross_domain"
    COLLECTION = "collection"
    AUDIENCE = "audience"
    USAGE_STAGE = "usage_stage"
    ADOPTION_STAGE = "adoption_stage"
    CONFIDENCE = "confidence"
    VITALITY = "vitality"
    RELATIONSHIP = "relationship"
    CONTRIBUTOR = "contributor"
    ENTITY = "entity"
    COMMUNITY = "community"


class PublicTerm(models.Model):
    """One thing under which a public pattern is listed: its domain, a contributor, its vitality band …

    Like the rows of the search these follow snapshots but do not hold them; `catalogue` writes them for `publishing`.
    """

    snapshot = models.ForeignKey(Snapshot, models.DO_NOTHING, db_constraint=False, related_name="+", db_index=False)
    facet = models.CharField(max_length=16, choices=Facet.choices)
    key = models.CharField(max_length=NAME_MAX, help_text="The name as it stands in an address.")
    label = models.CharField(max_length=NAME_MAX, help_text="As the pattern says it.")
    detail = models.CharField(max_length=NAME_MAX, blank=True, help_text="A contributor's role, an entity's type …")

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["snapshot", "facet", "key"], name="public_term_once_a_snapshot"),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["facet", "key", "snapshot"], name="public_term_by_key"),
        ]

    def __str__(self) -> str:
        return self.label


class PublicEdge(models.Model):
    """One relationship that a public pattern states, or that a machine proposes in its garden.

    `target` is the public pattern that it leads to, null as long as there is none. `graph` writes these for
    `publishing`, and resolves them anew whenever a name becomes public or ceases to be.
    """

    source = models.ForeignKey(Snapshot, models.DO_NOTHING, db_constraint=False, related_name="+")
    target = models.ForeignKey(Snapshot, models.DO_NOTHING, db_constraint=False, null=True, related_name="+")
    is_inferred = models.BooleanField(default=False, help_text="A machine's proposal, not a person's statement.")
    kind = models.CharField(
        max_length=NAME_MAX, help_text="A relationship kind; of a proposal its type, if it has one."
    )
    target_text = models.CharField(max_length=NAME_MAX, help_text="Slug, id or alias, as the pattern writes it.")
    target_key = models.CharField(max_length=NAME_MAX, db_index=True, help_text="The same as names are compared.")
    weight = models.FloatField(null=True, help_text="0–1; of a proposal the machine's confidence.")
    strength = models.FloatField(null=True, help_text="Of a proposal: 3–5, a scale of its own.")
    note = models.TextField(blank=True, help_text="The description, or the machine's reason.")
    position = models.PositiveIntegerField(help_text="In the order of the file.")

    class Meta:
        indexes: ClassVar[list[models.Index]] = [
            # What people state, counted by where it leads.
            models.Index(fields=["target"], condition=models.Q(is_inferred=False), name="public_edge_stated"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.target_text}"


class MapPlace(models.Model):
    """Where a public pattern lies on the map, in a square from 0 to 1; `graph.layout` writes them."""

    snapshot = models.OneToOneField(
        Snapshot, models.DO_NOTHING, db_constraint=False, primary_key=True, related_name="+"
    )
    x = models.FloatField()
    y = models.FloatField()

    def __str__(self) -> str:
        return f"{self.x:.3f}, {self.y:.3f}"
