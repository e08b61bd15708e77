"""Everything of which a pattern has several: one table each, in the order the file has them.

`position` counts from 0 within the pattern (within pattern and kind for relationships).
"""

from __future__ import annotations

from typing import Any, ClassVar, Self

from django.db import models
from django.db.models import Count, Q
from taggit.models import ItemBase

from patterns_app.document.vocabulary import NAME_MAX, RelationshipKind
from patterns_app.models.names import Audience, Community, Contributor, Domain, Entity, Keyword
from patterns_app.models.pattern import Pattern, score_constraint

KIND_CHOICES = [(kind.value, kind.value.replace("_", " ")) for kind in RelationshipKind]


class Part(models.Model):
    """One of several things of a kind that a pattern has, in an order."""

    position = models.PositiveIntegerField(default=0)

    class Meta:
        abstract = True
        ordering: ClassVar[list[str]] = ["position"]


class Alias(Part):
    """Another name of the pattern, for search and for links."""

    pattern = models.ForeignKey(Pattern, models.CASCADE, related_name="aliases")
    name = models.CharField(max_length=NAME_MAX)
    key = models.CharField(
        max_length=NAME_MAX, db_index=True, editable=False, help_text="The name in slug form, by which links find it."
    )

    class Meta(Part.Meta):
        verbose_name_plural = "aliases"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["pattern", "name"], name="alias_once_a_pattern"),
        ]

    def __str__(self) -> str:
        return self.name


class ContextLabel(Part):
    """What one audience calls the pattern."""

    pattern = models.ForeignKey(Pattern, models.CASCADE, related_name="context_labels")
    audience = models.ForeignKey(Audience, models.PROTECT, related_name="context_labels")
    label = models.TextField(blank=True)

    class Meta(Part.Meta):
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["pattern", "audience"], name="context_label_once_an_audience"),
        ]

    def __str__(self) -> str:
        return self.label


class CrossDomain(Part):
    """A further domain the pattern reaches into."""

    pattern = models.ForeignKey(Pattern, models.CASCADE, related_name="cross_domain_rows")
    domain = models.ForeignKey(Domain, models.PROTECT, related_name="cross_domain_rows")

    class Meta(Part.Meta):
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["pattern", "domain"], name="cross_domain_once_a_pattern"),
        ]

    def __str__(self) -> str:
        return str(self.domain)


class PatternKeyword(ItemBase):
    """django-taggit's through-row, with the order the file has."""

    tag = models.ForeignKey(Keyword, models.CASCADE, related_name="items")
    content_object = models.ForeignKey(Pattern, models.CASCADE, related_name="keyword_rows")
    position = models.PositiveIntegerField(default=0)

    objects: ClassVar[models.Manager[PatternKeyword]] = models.Manager()

    class Meta:
        ordering: ClassVar[list[str]] = ["position"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["content_object", "tag"], name="keyword_once_a_pattern"),
        ]


class ResolvedBy(models.TextChoices):
    """What led from a target as written to the pattern it means."""

    NOTHING = "", "nothing (wanted)"
    SLUG = "slug", "slug"
    IDENTIFIER = "id", "id"
    ALIAS = "alias", "alias"


class LinkQuerySet(models.QuerySet[Any]):
    """Adjectives for rows that point at a pattern by name."""

    def wanted(self) -> Self:
        """Those whose target is not there (yet)."""
        return self.filter(target__isnull=True)

    def resolved(self) -> Self:
        return self.filter(target__isnull=False)

    def by_demand(self) -> models.QuerySet[Any, dict[str, Any]]:
        """Wanted patterns, most wanted first: rows of {target_text, wanted_by}. One query."""
        demand: models.QuerySet[Any, dict[str, Any]] = (
            self.wanted()
            .values("target_text")
            .annotate(wanted_by=Count("pattern", distinct=True))
            .order_by("-wanted_by", "target_text")
        )
        return demand


class Link(Part):
    """A row that points at a pattern by slug, by id or by an alias that only one pattern bears."""

    target_text = models.CharField(
        "target", max_length=NAME_MAX, help_text="Slug (or id, or alias) as the file writes it."
    )
    target_key = models.CharField(
        max_length=NAME_MAX, db_index=True, editable=False, help_text="The target in slug form, for aliases."
    )
    resolved_by = models.CharField(max_length=8, choices=ResolvedBy.choices, blank=True, editable=False)

    objects = LinkQuerySet.as_manager()

    class Meta(Part.Meta):
        abstract = True


class Relationship(Link):
    """A human-curated, directed, optionally weighted relationship between patterns.

    A target that is not (yet) a pattern is wanted: `target` is null until one arrives.
    """

    pattern = models.ForeignKey(Pattern, models.CASCADE, related_name="relationships")
    kind = models.CharField(max_length=32, choices=KIND_CHOICES)
    target = models.ForeignKey(Pattern, models.SET_NULL, null=True, blank=True, editable=False, related_name="incoming")
    weight = models.FloatField(null=True, blank=True, help_text="0–1; empty where the file states none.")
    description = models.TextField(blank=True)
    facts = models.JSONField(default=list, blank=True, help_text="What else the entry says: a list of [key, text].")

    class Meta(Part.Meta):
        ordering: ClassVar[list[str]] = ["kind", "position"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["pattern", "kind", "target_text"],
                name="relationship_once",
                violation_error_message="This pattern already states this relationship.",
            ),
            models.CheckConstraint(
                condition=Q(kind__in=[kind.value for kind in RelationshipKind]), name="relationship_kind_known"
            ),
            score_constraint("weight", 1, "relationship"),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["target_text"], name="relationship_target_text"),
            # Wanted patterns by demand.
            models.Index(fields=["target_text", "pattern"], condition=Q(target=None), name="relationship_wanted"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.target_text}"


class InferredLink(Link):
    """A link a machine proposes, with its confidence (0–1) or its strength (0–5), never both scales mixed."""

    pattern = models.ForeignKey(Pattern, models.CASCADE, related_name="inferred_links")
    target = models.ForeignKey(
        Pattern, models.SET_NULL, null=True, blank=True, editable=False, related_name="inferred_incoming"
    )
    type = models.TextField(blank=True)
    confidence = models.FloatField(null=True, blank=True, help_text="0–1")
    strength = models.FloatField(null=True, blank=True, help_text="3–5; an older scale")
    reason = models.TextField(blank=True)

    class Meta(Part.Meta):
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["pattern", "target_text", "type"], name="inferred_link_once"),
            score_constraint("confidence", 1, "inferred_link"),
            score_constraint("strength", 5, "inferred_link"),
        ]
        indexes: ClassVar[list[models.Index]] = [models.Index(fields=["target_text"], name="inferred_link_target_text")]

    def __str__(self) -> str:
        return f"{self.type or 'link'} {self.target_text}"


class PatternEntity(Part):
    """An entity in a pattern, worded as this pattern's file words it."""

    pattern = models.ForeignKey(Pattern, models.CASCADE, related_name="entity_rows")
    entity = models.ForeignKey(Entity, models.PROTECT, related_name="pattern_rows")
    identifier = models.CharField(
        "id", max_length=NAME_MAX, blank=True, help_text="Empty where the file has plain text."
    )
    type = models.TextField(blank=True)
    label = models.TextField(blank=True)
    relevance = models.FloatField(null=True, blank=True, help_text="0–1")

    class Meta(Part.Meta):
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["pattern", "entity"], name="entity_once_a_pattern"),
            score_constraint("relevance", 1, "pattern_entity"),
        ]

    def __str__(self) -> str:
        return self.label or self.identifier


class PatternCommunity(Part):
    """A pattern's membership in a community, worded as this pattern's file words it."""

    pattern = models.ForeignKey(Pattern, models.CASCADE, related_name="community_rows")
    community = models.ForeignKey(Community, models.PROTECT, related_name="pattern_rows")
    identifier = models.CharField(
        "id", max_length=NAME_MAX, blank=True, help_text="Empty where the file has plain text."
    )
    label = models.TextField(blank=True)
    source = models.TextField(blank=True, help_text="taxonomy, inferred, curated, academic …")
    confidence = models.FloatField(null=True, blank=True, help_text="0–1")

    class Meta(Part.Meta):
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["pattern", "community"], name="community_once_a_pattern"),
            score_constraint("confidence", 1, "pattern_community"),
        ]

    def __str__(self) -> str:
        return self.label or self.identifier


class Contribution(Part):
    """Who is named as a contributor, in which role."""

    pattern = models.ForeignKey(Pattern, models.CASCADE, related_name="contributions")
    contributor = models.ForeignKey(Contributor, models.PROTECT, related_name="contributions")
    role = models.TextField(blank=True)

    class Meta(Part.Meta):
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["pattern", "contributor", "role"], name="contribution_once"),
        ]

    def __str__(self) -> str:
        return str(self.contributor)


class Source(Part):
    """A citation."""

    pattern = models.ForeignKey(Pattern, models.CASCADE, related_name="sources")
    citation = models.TextField()

    def __str__(self) -> str:
        return self.citation


class Section(Part):
    """A section of the body: its heading line to the character, and the text up to the next."""

    pattern = models.ForeignKey(Pattern, models.CASCADE, related_name="sections")
    heading = models.TextField(help_text="The whole heading line, such as “### Section 1: Context”.")
    number = models.PositiveSmallIntegerField(null=True, blank=True, editable=False)
    title = models.TextField(blank=True, editable=False)
    text = models.TextField(blank=True)

    class Meta(Part.Meta):
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["pattern", "position"], name="section_position_once"),
        ]

    def __str__(self) -> str:
        return self.title or self.heading
