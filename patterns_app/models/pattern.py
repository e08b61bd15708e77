"""`Pattern`: one row a pattern, with everything of which a pattern has exactly one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Self

from django.conf import settings
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


def _person(help_text: str) -> models.ForeignKey[Any, Any]:
    return models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        editable=False,
        related_name="+",
        help_text=help_text,
    )


def _revision(help_text: str) -> models.ForeignKey[Any, Any]:
    return models.ForeignKey(
        "Revision", models.RESTRICT, null=True, blank=True, editable=False, related_name="+", help_text=help_text
    )


def _moment(help_text: str) -> models.DateTimeField[Any, Any]:
    return models.DateTimeField(null=True, blank=True, editable=False, help_text=help_text)


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

    def under_review(self) -> Self:
        """Handed in, and neither published nor sent back; also the next version of a published pattern."""
        return self.filter(Q(status=Status.REVIEW) | Q(submitted__isnull=False))

    def scheduled(self) -> Self:
        return self.filter(Q(publish_at__isnull=False) | Q(expire_at__isnull=False))

    def ahead(self) -> Self:
        """Public, with changes that are not."""
        return self.filter(snapshot__isnull=False).exclude(snapshot__revision=F("head"))

    def returned(self) -> Self:
        """Sent back with a reason, and not handed in again since."""
        return self.exclude(sent_back="")

    def approved(self) -> Self:
        """Under review, and exactly this text was approved."""
        return self.under_review().filter(approved__isnull=False, approved=F("head"))

    def shown_whole(self) -> Self:
        """Public, and what is public says all of it."""
        return self.filter(status=Status.PUBLISHED, snapshot__revision=F("head"))

    def held(self) -> Self:
        """Published by its word, and yet not public."""
        return self.filter(status=Status.PUBLISHED, snapshot__isnull=True)

    def problematic(self) -> Self:
        """Those in whose text the checks found something; archived ones are nobody's work."""
        return self.filter(problems__gt=0).exclude(status=Status.ARCHIVED)

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
    changed_at = models.DateTimeField(editable=False)
    problems = models.PositiveIntegerField(
        default=0, db_default=0, editable=False, help_text="Errors and warnings that reading the head's text gives."
    )
    # Workflow: written by `workflow` alone, and by an import that makes it void
    owner = _person("Whose pattern it is: who wrote it here. Empty for imported ones.")
    assigned_to = _person("Who is to review it.")
    submitted = _revision("The text that was handed in for review; empty while none is.")
    submitted_by = _person("Who handed it in.")
    submitted_at = _moment("When it was handed in.")
    sent_back = models.TextField(
        blank=True, editable=False, db_default="", help_text="Why it was sent back, until then."
    )
    approved = _revision("The text that was approved. Another head needs another approval.")
    approved_by = _person("Who approved it.")
    publish_at = models.DateTimeField(
        null=True, blank=True, editable=False, help_text="When the approved text goes public."
    )
    expire_at = models.DateTimeField(
        null=True, blank=True, editable=False, help_text="When the pattern stops being public."
    )
    successor = models.ForeignKey(
        "self",
        models.SET_NULL,
        null=True,
        blank=True,
        editable=False,
        related_name="+",
        help_text="What to use instead.",
    )
    events_so_far = models.PositiveIntegerField(
        default=0,
        db_default=0,
        editable=False,
        help_text="The number of the last event; a move that finds another one is stale.",
    )

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
            # With all that the list's filters by state ask of a pattern, so that they need not read its row.
            models.Index(fields=["status", "slug", "id", "head"], name="pattern_by_status"),
            models.Index(fields=["vitality", "id"], name="pattern_by_vitality"),
            models.Index(fields=["problems", "id"], name="pattern_by_problems"),
            models.Index(fields=["changed_at", "id"], name="pattern_by_change"),
            models.Index(fields=["publish_at"], condition=Q(publish_at__isnull=False), name="pattern_publish_at"),
            models.Index(fields=["expire_at"], condition=Q(expire_at__isnull=False), name="pattern_expire_at"),
            models.Index(fields=["owner"], condition=~Q(sent_back=""), name="pattern_sent_back"),
        ]
        permissions = [
            ("submit_pattern", "Can hand patterns in for review"),
            ("review_pattern", "Can review patterns: request changes, assign, withdraw"),
            ("publish_pattern", "Can approve, publish, schedule, unpublish and deprecate patterns"),
            ("archive_pattern", "Can archive and restore patterns"),
        ]

    def __str__(self) -> str:
        return self.title or self.slug

    @property
    def vitality_band(self) -> VitalityBand | None:
        """The band of `vitality` in words, None without one."""
        return None if self.vitality is None else vitality_band(self.vitality)

    @property
    def is_under_review(self) -> bool:
        """Whether it was handed in; a published pattern's next version can be, too."""
        return self.status == Status.REVIEW or self.submitted_id is not None

    @property
    def is_approved(self) -> bool:
        """Whether exactly this text was approved: an edit after it needs a new approval."""
        return self.approved_id is not None and self.approved_id == self.head_id

    @property
    def text(self) -> str:
        """The complete file text of the head revision; "" for a row that was never saved through a door. One query."""
        head: Revision | None = self.head
        return head.text if head else ""
