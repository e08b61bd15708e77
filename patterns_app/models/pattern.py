"""`Pattern`: one row a pattern, with everything of which a pattern has exactly one."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Self

from django.db import models
from django.db.models import F, Q
from taggit.managers import TaggableManager

from patterns_app.document.vocabulary import NAME_MAX, PILLARS, VITALITY_FLOORS, Status, VitalityBand, vitality_band
from patterns_app.models.names import Audience, Collection, Community, Contributor, Domain, Entity

if TYPE_CHECKING:
    from patterns_app.models.revision import Revision

STATUS_CHOICES = [(status.value, status.value.capitalize()) for status in Status]


def score_constraint(field: str, upper: int, table: str = "pattern") -> models.CheckConstraint:
    """`field` is null or within 0–`upper`."""
    return models.CheckConstraint(
        condition=Q(**{f"{field}__isnull": True}) | Q(**{f"{field}__gte": 0, f"{field}__lte": upper}),
        name=f"{table}_{field}_0_{upper}",
        violation_error_message=f"{field.replace('_', ' ').capitalize()} must be between 0 and {upper}.",
    )


class PatternQuerySet(models.QuerySet["Pattern"]):
    """Adjectives for patterns."""

    def published(self) -> Self:
        return self.filter(status=Status.PUBLISHED)

    def drafts(self) -> Self:
        return self.filter(status=Status.DRAFT)

    def vital(self, band: VitalityBand) -> Self:
        """Patterns whose vitality is in the band; those without a vitality are in none."""
        ceiling = None
        for floor, name in VITALITY_FLOORS:
            if name is band:
                found = self.filter(vitality__gte=floor)
                return found if ceiling is None else found.filter(vitality__lt=ceiling)
            ceiling = floor
        return self.filter(vitality__lt=ceiling)

    def mismatched(self) -> Self:
        """Patterns whose stored head is not of the pattern: never any, and a test keeps it so."""
        return self.exclude(head__pattern=F("pk"))


class Pattern(models.Model):  # type: ignore[django-manager-missing] # taggit, which has no types, hides one
    """A reusable answer to a recurring problem: the working copy that editors change.

    Its complete text is `head.text`; reading that text gives exactly what the rows say. Rows are written through
    `workflow.save_draft` and the importer only, so that the two never part.
    """

    # Group 1: core identity
    identifier = models.CharField(
        "id",
        max_length=NAME_MAX,
        blank=True,
        help_text="The permanent id (pat_…). It never changes; empty where the file has none.",
    )
    slug = models.CharField(
        max_length=NAME_MAX, unique=True, help_text="Words in lower case joined by hyphens; also the file's name."
    )
    title = models.TextField(help_text="The official title.")
    summary = models.TextField(blank=True, help_text="One or two sentences.")
    # Group 3: ontology and search
    domain = models.ForeignKey(Domain, models.PROTECT, null=True, blank=True, related_name="patterns")
    primary_tension = models.TextField(blank=True, help_text="“A vs. B”: the conflict the pattern resolves.")
    stakeholder_architecture = models.FloatField(null=True, blank=True)
    value_creation = models.FloatField(null=True, blank=True)
    resilience = models.FloatField(null=True, blank=True)
    ownership = models.FloatField(null=True, blank=True)
    autonomy = models.FloatField(null=True, blank=True)
    composability = models.FloatField(null=True, blank=True)
    fractal_value = models.FloatField(null=True, blank=True)
    vitality = models.FloatField(null=True, blank=True, help_text="0.0–5.0")
    vitality_reasoning = models.TextField(blank=True, help_text="One to three sentences.")
    overall_score = models.FloatField(
        null=True, blank=True, help_text="As the author wrote it; never overwritten by a computed mean."
    )
    # Group 4: lifecycle and confidence
    usage_stage = models.CharField(max_length=NAME_MAX, blank=True)
    adoption_stage = models.CharField(max_length=NAME_MAX, blank=True)
    status = models.CharField(max_length=16, choices=STATUS_CHOICES, default=Status.DRAFT.value)
    status_word = models.TextField(
        blank=True, help_text="The file's own word for the status; rewritten only when the status really changes."
    )
    version = models.CharField(max_length=NAME_MAX, blank=True, help_text="Text, not a number: 1.10 is not 1.1.")
    confidence = models.PositiveSmallIntegerField(null=True, blank=True, help_text="Stars, 1–3.")
    # Group 6: the graph garden
    last_pruned = models.CharField(max_length=NAME_MAX, blank=True, help_text="The date as the file writes it.")
    # Group 7: provenance
    license = models.CharField(max_length=NAME_MAX, blank=True, help_text="An SPDX identifier, such as CC-BY-SA-4.0.")
    attribution = models.TextField(blank=True, help_text="The credit line.")
    collection = models.ForeignKey(Collection, models.PROTECT, null=True, blank=True, related_name="patterns")
    created = models.CharField(max_length=NAME_MAX, blank=True, help_text="The date as the file writes it.")
    modified = models.CharField(max_length=NAME_MAX, blank=True, help_text="The date as the file writes it.")
    # Body, before the first section
    preamble = models.TextField(blank=True, help_text="Opening quote and confidence note, as Markdown.")
    # History
    head = models.ForeignKey(
        "Revision",
        models.RESTRICT,
        null=True,
        related_name="+",
        editable=False,
        help_text="The revision whose text says what these rows say.",
    )
    changed_at = models.DateTimeField(db_index=True, editable=False)

    audiences = models.ManyToManyField(Audience, through="ContextLabel", related_name="patterns")
    cross_domains = models.ManyToManyField(Domain, through="CrossDomain", related_name="cross_patterns")
    entities = models.ManyToManyField(Entity, through="PatternEntity", related_name="patterns")
    communities = models.ManyToManyField(Community, through="PatternCommunity", related_name="patterns")
    contributors = models.ManyToManyField(Contributor, through="Contribution", related_name="patterns")
    keywords = TaggableManager(through="patterns_app.PatternKeyword", blank=True, verbose_name="vector keywords")

    objects = PatternQuerySet.as_manager()

    class Meta:
        ordering: ClassVar[list[str]] = ["slug"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["identifier"],
                condition=~Q(identifier=""),
                name="pattern_identifier_unique",
                violation_error_message="Another pattern has this id.",
            ),
            models.CheckConstraint(condition=~Q(slug=""), name="pattern_slug_not_empty"),
            models.CheckConstraint(
                condition=Q(status__in=[status.value for status in Status]), name="pattern_status_known"
            ),
            score_constraint("confidence", 4),
            score_constraint("vitality", 5),
            score_constraint("overall_score", 5),
            *(score_constraint(pillar, 5) for pillar in PILLARS),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["status", "slug"], name="pattern_status_slug"),
            models.Index(fields=["vitality"], name="pattern_vitality"),
        ]

    def __str__(self) -> str:
        return self.title or self.slug

    @property
    def vitality_band(self) -> VitalityBand | None:
        """The band of `vitality` in words, None without one."""
        return None if self.vitality is None else vitality_band(self.vitality)

    @property
    def text(self) -> str:
        """The complete file text of the head revision; "" for a row that was never saved through a door. One query."""
        head: Revision | None = self.head
        return head.text if head else ""
