"""The list of patterns: a paginator that never counts everything, filters, and the search.

All of it must hold at 100,000 patterns: columns that sort have an index, filters ask one question each.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar

from django.contrib import admin
from django.core.paginator import Paginator
from django.db.models import Exists, Model, OuterRef, Q, QuerySet
from django.http import HttpRequest

from patterns_app.document.vocabulary import VITALITY_FLOORS, VitalityBand
from patterns_app.models import (
    Alias,
    Audience,
    Community,
    ContextLabel,
    Contributor,
    Entity,
    Keyword,
    Pattern,
    Relationship,
)

if TYPE_CHECKING:
    from patterns_app.models.pattern import PatternQuerySet

    PatternPaginator = Paginator[Pattern]
else:
    PatternPaginator = Paginator

PAGES_AHEAD = 10
"""How many pages after the one shown the paginator looks for."""

SEARCH_WORDS = 8
"""Most words of a search that are looked for."""


class LookAheadPaginator(PatternPaginator):
    """Counts no further than a few pages past the one shown, so that no request counts the whole table.

    `count` is exact up to there; `is_open_ended` says that there are more. Made for one page: number it when making it.
    """

    def __init__(self, *args: Any, page_number: int = 1, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.bound = (max(page_number, 1) + PAGES_AHEAD) * self.per_page

    @cached_property
    def _found(self) -> int:
        rows: QuerySet[Pattern] = self.object_list  # type: ignore[assignment]
        return rows.order_by()[: self.bound + 1].count()

    @cached_property
    def count(self) -> int:  # type: ignore[override]
        return min(self._found, self.bound)

    @property
    def is_open_ended(self) -> bool:
        """Whether there is more than was counted."""
        return self._found > self.bound


def search(patterns: QuerySet[Pattern], term: str) -> QuerySet[Pattern]:
    """Patterns in which every word of the term occurs: in title, slug, an alias or a context label, or begins the id.

    Adds no query and no duplicate, since what has many rows is asked for by subquery.
    """
    for word in term.split()[:SEARCH_WORDS]:
        patterns = patterns.filter(
            Q(title__icontains=word)
            | Q(slug__icontains=word)
            | Q(identifier__startswith=word)
            | Q(pk__in=Alias.objects.filter(name__icontains=word).values("pattern"))
            | Q(pk__in=ContextLabel.objects.filter(label__icontains=word).values("pattern"))
        )
    return patterns


Lookups = Iterable[tuple[str, str]]


class VitalityFilter(admin.SimpleListFilter):
    """Vitality in the format's bands."""

    title = "vitality"
    parameter_name = "vitality"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin[Any]) -> Lookups:
        floors = {band: f"from {floor}" for floor, band in VITALITY_FLOORS}
        below = f"below {VITALITY_FLOORS[-1][0]}"
        return [*((band.value, f"{band.capitalize()} ({floors.get(band, below)})") for band in VitalityBand), ("none", "None stated")]

    def queryset(self, request: HttpRequest, queryset: PatternQuerySet) -> QuerySet[Pattern]:  # type: ignore[override]
        value = self.value()
        if value == "none":
            return queryset.filter(vitality__isnull=True)
        return queryset.vital(VitalityBand(value)) if value in set(VitalityBand) else queryset


class ConfidenceFilter(admin.SimpleListFilter):
    """Stars. The choices are fixed, so that none have to be looked up in the table."""

    title = "confidence"
    parameter_name = "confidence"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin[Any]) -> Lookups:
        return [*((str(stars), "★" * stars) for stars in (1, 2, 3)), ("other", "Other"), ("none", "None stated")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        match self.value():
            case "1" | "2" | "3" as stars:
                return queryset.filter(confidence=int(stars))
            case "other":
                return queryset.filter(confidence__in=(0, 4))
            case "none":
                return queryset.filter(confidence__isnull=True)
        return queryset


class WantedFilter(admin.SimpleListFilter):
    """Whether a pattern points at others that nobody has written yet."""

    title = "relationships"
    parameter_name = "relationships"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin[Any]) -> Lookups:
        return [("wanted", "Some targets are wanted"), ("resolved", "All targets exist"), ("none", "None at all")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        own = Relationship.objects.filter(pattern=OuterRef("pk"))
        match self.value():
            case "wanted":
                return queryset.filter(Exists(own.wanted()))
            case "resolved":
                return queryset.filter(Exists(own), ~Exists(own.wanted()))
            case "none":
                return queryset.filter(~Exists(own))
        return queryset


class BearsName(admin.SimpleListFilter):
    """Patterns that bear one name, by its key. Only there while its parameter is in the address: names link to it."""

    model: ClassVar[type[Model]]
    path: ClassVar[str]

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin[Any]) -> Lookups:
        key = request.GET.get(str(self.parameter_name), "")
        name = self.model._default_manager.filter(pk=int(key)).first() if key.isascii() and key.isdigit() else None
        return [(key, str(name))] if name else []

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        through = Pattern.objects.filter(**{self.path: self.value()}).order_by()
        return queryset.filter(pk__in=through.values("pk"))


class AudienceFilter(BearsName):
    title = parameter_name = "audience"
    model = Audience
    path = "context_labels__audience"


class KeywordFilter(BearsName):
    title = parameter_name = "keyword"
    model = Keyword
    path = "keyword_rows__tag"


class EntityFilter(BearsName):
    title = parameter_name = "entity"
    model = Entity
    path = "entity_rows__entity"


class CommunityFilter(BearsName):
    title = parameter_name = "community"
    model = Community
    path = "community_rows__community"


class ContributorFilter(BearsName):
    title = parameter_name = "contributor"
    model = Contributor
    path = "contributions__contributor"
