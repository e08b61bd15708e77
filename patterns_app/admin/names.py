"""Names that patterns share. They are made by files and by forms that mention them, so they are read here, not edited:
a renamed domain would have to be written into every file that bears it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar
from urllib.parse import urlencode

from django.contrib import admin
from django.db.models import Count, IntegerField, Model, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from taggit.admin import Tag

from patterns_app.models import (
    Audience,
    Collection,
    Community,
    ContextLabel,
    Contribution,
    Contributor,
    Domain,
    Entity,
    Keyword,
    Pattern,
    PatternCommunity,
    PatternEntity,
    PatternKeyword,
)

if TYPE_CHECKING:
    ModelAdmin = admin.ModelAdmin[Any]
else:
    ModelAdmin = admin.ModelAdmin


# Keywords are tags of our own; taggit's stock ones would be an empty list that puzzles editors.
admin.site.unregister(Tag)


class ReadOnlyAdmin(ModelAdmin):
    """To be looked at: neither added nor changed nor deleted here."""

    actions = None
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER

    class Media:
        css: ClassVar = {"all": ["patterns_app/admin.css"]}

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class CountedAdmin(ReadOnlyAdmin):
    """A list of names with the number of patterns that bear each.

    rows, name: the table and its column that tie patterns to the name. parameter: of the list of patterns, to filter
    by it.
    """

    list_per_page = 100

    rows: ClassVar[type[Model]] = Pattern
    name: ClassVar[str]
    owner: ClassVar[str] = "pattern"
    parameter: ClassVar[str]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """With the number of patterns, counted by subquery, so that it is only counted for the names on the page."""
        rows = self.rows._default_manager.filter(**{self.name: OuterRef("pk")}).order_by().values(self.name)
        counted = rows.annotate(count=Count(self.owner, distinct=True)).values("count")
        names: QuerySet[Any] = super().get_queryset(request)
        names = names.annotate(pattern_count=Coalesce(Subquery(counted, output_field=IntegerField()), 0))
        return names

    @admin.display(description="patterns", ordering="pattern_count")
    def patterns_shown(self, obj: Any) -> SafeString:
        url = f"{reverse('admin:patterns_app_pattern_changelist')}?{urlencode({self.parameter: obj.pk})}"
        return format_html('<a href="{}">{}</a>', url, obj.pattern_count)


class NameAdmin(CountedAdmin):
    """A list of names that are only a name."""

    list_display = ("__str__", "patterns_shown")
    search_fields = ("name",)


@admin.register(Domain)
class DomainAdmin(NameAdmin):
    name = "domain"
    owner = "pk"
    parameter = "domain"


@admin.register(Collection)
class CollectionAdmin(NameAdmin):
    """The description is the one thing here that no file says, so it can be edited."""

    name = "collection"
    owner = "pk"
    parameter = "collection"
    fields = ("name", "description")
    readonly_fields = ("name",)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return admin.ModelAdmin.has_change_permission(self, request, obj)


@admin.register(Audience)
class AudienceAdmin(NameAdmin):
    rows = ContextLabel
    name = "audience"
    parameter = "audience"


@admin.register(Contributor)
class ContributorAdmin(NameAdmin):
    rows = Contribution
    name = "contributor"
    parameter = "contributor"


@admin.register(Keyword)
class KeywordAdmin(NameAdmin):
    rows = PatternKeyword
    name = "tag"
    owner = "content_object"
    parameter = "keyword"


@admin.register(Entity)
class EntityAdmin(CountedAdmin):
    list_display = ("__str__", "type", "key", "patterns_shown")
    search_fields = ("key", "label")
    rows = PatternEntity
    name = "entity"
    parameter = "entity"


@admin.register(Community)
class CommunityAdmin(CountedAdmin):
    list_display = ("__str__", "key", "patterns_shown")
    search_fields = ("key", "label")
    rows = PatternCommunity
    name = "community"
    parameter = "community"
