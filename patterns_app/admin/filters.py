"""The filters of the list. Each asks one question of the database, and none looks up its choices in a large table."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, ClassVar

from django.contrib import admin
from django.db.models import Count, Exists, F, Model, OuterRef, QuerySet
from django.http import HttpRequest

from patterns_app.admin.states import State
from patterns_app.document.vocabulary import VITALITY_FLOORS, VitalityBand
from patterns_app.models import (
    Audience,
    Collection,
    Community,
    Contribution,
    Contributor,
    Domain,
    Entity,
    Keyword,
    Pattern,
    Relationship,
)
from patterns_app.models.structure import orphans
from patterns_app.models.typed import storable
from patterns_app.workflow.permissions import may_see_all, visible
from patterns_app.workflow.turns import may_review, own, sent_back_to, to_review

if TYPE_CHECKING:
    from patterns_app.models.pattern import PatternQuerySet

Lookups = Iterable[tuple[str, str]]


def as_key(value: str | None) -> int | None:
    """The primary key that a parameter means, None where it means none."""
    return int(value) if value and value.isascii() and value.isdigit() and len(value) < 19 else None


class StateFilter(admin.SimpleListFilter):
    """Where a pattern stands, in the words that the list says it with."""

    title = "state"
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin[Any]) -> Lookups:
        return [(state.value, state.label) for state in State]

    def queryset(self, request: HttpRequest, queryset: PatternQuerySet) -> QuerySet[Pattern]:  # type: ignore[override]
        state = next((state for state in State if state.value == self.value()), None)
        return state.pick(queryset) if state else queryset


class WorkFilter(admin.SimpleListFilter):
    """What waits for whoever looks, and what is theirs."""

    title = "my work"
    parameter_name = "work"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin[Any]) -> Lookups:
        to_do = [("review", "Waiting for my review")] if may_review(request.user) else []
        return [*to_do, ("sent-back", "Sent back to me"), ("mine", "Written by me")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        match self.value():
            case "review":
                return queryset.filter(pk__in=to_review(request.user).order_by().values("pk"))
            case "sent-back":
                return queryset.filter(pk__in=sent_back_to(request.user).order_by().values("pk"))
            case "mine":
                return queryset.filter(pk__in=own(request.user).order_by().values("pk"))
        return queryset


class ProblemsFilter(admin.SimpleListFilter):
    """Whether the checks found something in the text."""

    title = "problems"
    parameter_name = "problems"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin[Any]) -> Lookups:
        return [("some", "Some"), ("none", "None")]

    def queryset(self, request: HttpRequest, queryset: PatternQuerySet) -> QuerySet[Pattern]:  # type: ignore[override]
        match self.value():
            case "some":
                return queryset.problematic()
            case "none":
                return queryset.filter(problems=0)
        return queryset


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
    """Whether a pattern points at others, at some that nobody has written yet, or stands alone."""

    title = "relationships"
    parameter_name = "relationships"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin[Any]) -> Lookups:
        return [
            ("wanted", "Some targets are wanted"),
            ("resolved", "All targets exist"),
            ("none", "Points at none"),
            ("orphan", "Stands alone: none out, none in"),
        ]

    def queryset(self, request: HttpRequest, queryset: PatternQuerySet) -> QuerySet[Pattern]:  # type: ignore[override]
        own_links = Relationship.objects.filter(pattern=OuterRef("pk"))
        match self.value():
            case "wanted":
                return queryset.filter(Exists(own_links.wanted()))
            case "resolved":
                # All at once: two questions for each pattern are slow where few patterns have all their targets.
                links = Relationship.objects.order_by().values("pattern").annotate(all=Count("pk"), met=Count("target"))
                return queryset.filter(pk__in=links.filter(met=F("all")).values("pattern"))
            case "none":
                return queryset.filter(~Exists(own_links))
            case "orphan":
                return orphans(queryset)
        return queryset


class ChoiceFilter(admin.SimpleListFilter):
    """A choice from a list too long to be a row of links. Choosing keeps the rest of the address."""

    template = "admin/patterns_app/pattern/_choose.html"
    model: ClassVar[type[Model]]

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin[Any]) -> Lookups:
        # A name can be one that somebody's draft made.
        bearers = visible(request.user).filter(**{str(self.parameter_name): OuterRef("pk")})
        names = self.model._default_manager.filter(Exists(bearers)).order_by("name")
        return [*((str(name.pk), str(name)) for name in names), ("none", "None stated")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if self.value() == "none":
            return queryset.filter(**{f"{self.parameter_name}__isnull": True})
        key = as_key(self.value())
        return queryset if key is None else queryset.filter(**{str(self.parameter_name): key})

    @property
    def kept(self) -> list[tuple[str, str]]:
        return kept(self.request, str(self.parameter_name))


class DomainFilter(ChoiceFilter):
    title = parameter_name = "domain"
    model = Domain


class CollectionFilter(ChoiceFilter):
    title = parameter_name = "collection"
    model = Collection


def kept(request: HttpRequest, parameter: str) -> list[tuple[str, str]]:
    """The rest of the address, which stays when a filter is chosen; but for the page."""
    return [(name, str(request.GET[name])) for name in request.GET if name not in (parameter, "p", "e")]


def known_name(request: HttpRequest, model: type[Model], path: str, key: int) -> Model | None:
    """The name with a key, if a pattern that the person may see bears it. One query. path: from a pattern to it."""
    names = model._default_manager.filter(pk=key)
    if not may_see_all(request.user):
        names = names.filter(Exists(visible(request.user).filter(**{path: OuterRef("pk")})))
    return names.first()


class BearsName(admin.SimpleListFilter):
    """Patterns that bear one name, by its key. Only there while its parameter is in the address: names link to it."""

    model: ClassVar[type[Model]]
    path: ClassVar[str]

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin[Any]) -> Lookups:
        value = request.GET.get(str(self.parameter_name), "")
        key = as_key(value)
        return [] if key is None else [(value, str(known_name(request, self.model, self.path, key) or value))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if self.value() is None:
            return queryset
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


class ContributorFilter(admin.SimpleListFilter):
    """Somebody who is named as a contributor, by key (names link to it) or by what their name contains.

    There can be thousands, so none are listed: names are offered while one types, and the form works without that.
    """

    title = parameter_name = "contributor"
    template = "admin/patterns_app/dashboard/_type_ahead.html"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin[Any]) -> Lookups:
        # Never shown; without any the filter would not be there.
        return [("", "All")]

    @property
    def typed(self) -> str:
        """What stands in the field: the name, also where the address has its key."""
        key = as_key(self.value())
        name = None if key is None else known_name(self.request, Contributor, "contributors", key)
        return str(name or self.value() or "")

    @property
    def kept(self) -> list[tuple[str, str]]:
        return kept(self.request, str(self.parameter_name))

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        value = storable(self.value() or "")
        if not value:
            return queryset
        key = as_key(value)
        named = Contributor.objects.filter(name__icontains=value) if key is None else Contributor.objects.filter(pk=key)
        through = Contribution.objects.filter(contributor__in=named.values("pk")).order_by()
        return queryset.filter(pk__in=through.values("pattern"))
