"""The list of patterns: a paginator that never counts everything, filters, and the search.

All of it must hold at 100,000 patterns: columns that sort have an index, filters ask one question each.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar, cast

from django.contrib import admin
from django.contrib.admin.views.main import ChangeList
from django.core.paginator import Page, Paginator
from django.db.models import Exists, Model, OuterRef, Q, QuerySet
from django.http import HttpRequest

from patterns_app.document.vocabulary import VITALITY_FLOORS, VitalityBand
from patterns_app.models import (
    Alias,
    Audience,
    Community,
    ContextLabel,
    Contributor,
    Domain,
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
"""How many pages after the one shown the paginator looks at."""

SEARCH_WORDS = 8
"""Most words of a search that are looked for."""


class LookAheadPaginator(PatternPaginator):
    """Pages of a list of which nobody knows the end.

    One query fetches the keys of the page shown and of a few pages after it, another the rows of the page by their
    keys. So nothing is ever counted, a filter is asked once, and rows before the page are passed over cheaply. `count`
    is exact as far as was looked; `is_open_ended` says that there is more.
    """

    def __init__(self, *args: Any, page_number: int = 1, rows: QuerySet[Pattern], **kwargs: Any) -> None:
        """rows: the patterns without any filter, with all that a list shows of them."""
        super().__init__(*args, **kwargs)
        self.page_number = max(page_number, 1)
        self.rows = rows
        self._start = (self.page_number - 1) * self.per_page
        self._reach = (1 + PAGES_AHEAD) * self.per_page

    @cached_property
    def _keys(self) -> list[int]:
        """Keys from the first row of the page on, one more than is looked at."""
        found = cast("QuerySet[Pattern]", self.object_list)
        return list(found.values_list("pk", flat=True)[self._start : self._start + self._reach + 1])

    @cached_property
    def count(self) -> int:
        return self._start + min(len(self._keys), self._reach)

    @property
    def is_open_ended(self) -> bool:
        """Whether there is more than was looked at."""
        return len(self._keys) > self._reach

    @cached_property
    def shown(self) -> list[Pattern]:
        """The rows of the page that the paginator was made for."""
        keys = self._keys[: self.per_page]
        found = {pattern.pk: pattern for pattern in self.rows.filter(pk__in=keys).order_by()}
        return [found[key] for key in keys if key in found]

    def page(self, number: int | str) -> Page[Pattern]:
        number = self.validate_number(number)
        return Page(self.shown, number, self) if number == self.page_number else super().page(number)


class PatternChangeList(ChangeList):
    """A list that asks for its rows once, also when they fit on one page."""

    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        if isinstance(self.paginator, LookAheadPaginator) and self.paginator.page_number == 1:
            self.result_list = cast("QuerySet[Pattern]", self.paginator.shown)


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
        bands = [(band.value, f"{band.capitalize()} ({floors.get(band, below)})") for band in VitalityBand]
        return [*bands, ("none", "None stated")]

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


class DomainFilter(admin.SimpleListFilter):
    """A choice from a list, since libraries have hundreds of domains."""

    title = "domain"
    parameter_name = "domain"
    template = "admin/patterns_app/pattern/_choose.html"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin[Any]) -> Lookups:
        used = Domain.objects.filter(Exists(Pattern.objects.filter(domain=OuterRef("pk"))))
        choices = [(str(domain.pk), str(domain)) for domain in used]
        return [*choices, ("none", "None stated")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        value = self.value() or ""
        if value == "none":
            return queryset.filter(domain__isnull=True)
        return queryset.filter(domain=int(value)) if value.isascii() and value.isdigit() else queryset

    @property
    def kept(self) -> list[tuple[str, str]]:
        """The rest of the address, which stays when a domain is chosen; but for the page."""
        others = [name for name in self.request.GET if name not in (self.parameter_name, "p", "e")]
        return [(name, str(self.request.GET[name])) for name in others]


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
