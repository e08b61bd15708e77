"""The list of patterns: its columns, and a paginator that never counts everything.

All of it must hold at 100,000 patterns: columns that sort have an index, filters (`filters`) ask one question each, the
search (`searching`) asks what indexes can answer.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar, cast

from django.contrib import admin, messages
from django.contrib.admin.views.main import ORDER_VAR, SEARCH_VAR, ChangeList
from django.core.paginator import Page, Paginator
from django.db import OperationalError, connection, transaction
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from psycopg.errors import QueryCanceled

from patterns_app.admin import states
from patterns_app.admin.filters import (
    AudienceFilter,
    CollectionFilter,
    CommunityFilter,
    ConfidenceFilter,
    ContributorFilter,
    DomainFilter,
    EntityFilter,
    KeywordFilter,
    ProblemsFilter,
    StateFilter,
    VitalityFilter,
    WantedFilter,
    WorkFilter,
)
from patterns_app.admin.searching import HELP, search, words
from patterns_app.models import Pattern
from patterns_app.workflow.permissions import visible

if TYPE_CHECKING:
    ModelAdmin = admin.ModelAdmin[Pattern]
    PatternPaginator = Paginator[Pattern]
else:
    ModelAdmin = admin.ModelAdmin
    PatternPaginator = Paginator

PAGES_AHEAD = 10
"""How many pages after the one shown the paginator looks at."""

PATIENCE = 5
"""Seconds for a search through texts."""

UNSAID = format_html('<span class="is-unsaid">{}</span>', "–")
"""Stands where a pattern says nothing; where there is no room for columns it is left out."""

LONG_TEXTS = ("summary", "primary_tension", "vitality_reasoning", "attribution", "preamble")


class LookAheadPaginator(PatternPaginator):
    """Pages of a list of which nobody knows the end.

    One query fetches the keys of the page shown and of a few pages after it, another the rows of the page by their
    keys. So nothing is ever counted, a filter is asked once, and rows before the page are passed over cheaply. `count`
    is exact as far as was looked; `is_open_ended` says that there is more.
    """

    def __init__(
        self, *args: Any, page_number: int = 1, rows: QuerySet[Pattern], patience: int = 0, **kwargs: Any
    ) -> None:
        """rows: the patterns without any filter, with all that a list shows of them.

        patience: seconds after which PostgreSQL is not waited for any longer and nothing is found; 0 for ever.
        """
        super().__init__(*args, **kwargs)
        self.page_number = max(page_number, 1)
        self.rows = rows
        self.patience = patience
        self.gave_up = False
        self._start = (self.page_number - 1) * self.per_page
        self._reach = (1 + PAGES_AHEAD) * self.per_page

    @cached_property
    def _keys(self) -> list[int]:
        """Keys from the first row of the page on, one more than is looked at."""
        found = cast("QuerySet[Pattern]", self.object_list)
        keys = found.values_list("pk", flat=True)[self._start : self._start + self._reach + 1]
        if not self.patience or connection.vendor != "postgresql":
            return list(keys)
        try:
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute(f"SET LOCAL statement_timeout = {self.patience * 1000:d}")
                return list(keys)
        except OperationalError as error:
            if not isinstance(error.__cause__, QueryCanceled):
                raise
            self.gave_up = True
            return []

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
    """A list that asks for its rows once, also when they fit on one page, and in an order that an index has."""

    def get_ordering(self, request: HttpRequest, queryset: QuerySet[Any]) -> list[Any]:
        """Where there are problems, the worst first, unless another order is asked for.

        The tie-breaker goes the same way as what it breaks the ties of, so that one index serves both ways.
        """
        if ORDER_VAR not in request.GET and request.GET.get(ProblemsFilter.parameter_name) == "some":
            return ["-problems", "-pk"]
        ordering = list(super().get_ordering(request, queryset))
        first, *rest = ordering
        is_tied = (
            isinstance(first, str) and first.lstrip("-") != "slug" and rest in (["slug"], ["-pk"], ["slug", "-pk"])
        )
        if isinstance(first, str) and is_tied:
            sign = "-" if first.startswith("-") else ""
            return [first, f"{sign}{'slug' if first.endswith('status') else 'pk'}"]
        return ordering

    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        if not isinstance(self.paginator, LookAheadPaginator):
            return
        if self.paginator.gave_up:
            messages.warning(
                request,
                f"Looking through the texts took longer than {self.paginator.patience} seconds, so it was given up. "
                "Add a word of the title, or a filter: then there are fewer to look through.",
            )
        if self.paginator.page_number == 1:
            self.result_list = cast("QuerySet[Pattern]", self.paginator.shown)


class PatternList(ModelAdmin):
    """What the list shows, finds and can be filtered by."""

    list_display = ("name", "state_shown", "placed", "stars", "vitality_shown", "changed_shown")
    list_filter = (
        WorkFilter,
        StateFilter,
        ProblemsFilter,
        DomainFilter,
        CollectionFilter,
        ContributorFilter,
        ConfidenceFilter,
        VitalityFilter,
        WantedFilter,
        AudienceFilter,
        KeywordFilter,
        EntityFilter,
        CommunityFilter,
    )
    list_select_related = ("domain", "collection", "snapshot")
    # Only what an index can sort by.
    sortable_by = ("name", "state_shown", "vitality_shown", "changed_shown")
    ordering = ("slug",)
    search_fields = ("title",)  # shows the search box; `get_search_results` says what is searched
    search_help_text = HELP
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER
    paginator = LookAheadPaginator
    list_per_page = 50
    list_max_show_all = 50

    class Media:
        css: ClassVar = {"all": ["patterns_app/dashboard.css"]}

    def get_queryset(self, request: HttpRequest) -> QuerySet[Pattern]:
        return visible(request.user).order_by(*self.ordering).defer(*LONG_TEXTS)

    def get_paginator(
        self,
        request: HttpRequest,
        queryset: QuerySet[Any],
        per_page: int,
        orphans: int = 0,
        allow_empty_first_page: bool = True,
    ) -> LookAheadPaginator:
        asked = request.GET.get("p", "")
        number = int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 9 else 1
        rows = self.get_queryset(request).select_related(*self.list_select_related)
        rows = rows.defer(*LONG_TEXTS, "snapshot__html", "snapshot__summary")
        # There is no index on texts.
        patience = PATIENCE if words(request.GET.get(SEARCH_VAR, ""))[1] else 0
        return LookAheadPaginator(
            queryset, per_page, orphans, allow_empty_first_page, page_number=number, rows=rows, patience=patience
        )

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[PatternChangeList]:
        return PatternChangeList

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Pattern], search_term: str
    ) -> tuple[QuerySet[Pattern], bool]:
        return search(queryset, search_term), False

    @admin.display(description="pattern", ordering="slug")
    def name(self, pattern: Pattern) -> SafeString:
        return format_html('{} <span class="slug">{}</span>', pattern, pattern.slug)

    @admin.display(description="state", ordering="status")
    def state_shown(self, pattern: Pattern) -> SafeString:
        return states.shown(pattern)

    @admin.display(description="domain", empty_value=UNSAID)
    def placed(self, pattern: Pattern) -> SafeString | None:
        """The domain and, below, the collection."""
        if pattern.collection is None:
            return format_html("{}", pattern.domain) if pattern.domain else None
        return format_html(
            '{} <span class="quiet" title="Collection">{}</span>', pattern.domain or "", pattern.collection
        )

    @admin.display(description="stars", empty_value=UNSAID)
    def stars(self, pattern: Pattern) -> SafeString | None:
        if pattern.confidence is None:
            return None
        return format_html(
            '<span class="stars" role="img" aria-label="{} stars">{}</span>',
            pattern.confidence,
            "★" * pattern.confidence,
        )

    @admin.display(description="vitality", ordering="vitality", empty_value=UNSAID)
    def vitality_shown(self, pattern: Pattern) -> SafeString | None:
        if pattern.vitality is None:
            return None
        return format_html('{} <span class="quiet">{}</span>', pattern.vitality, pattern.vitality_band)

    @admin.display(description="changed", ordering="changed_at")
    def changed_shown(self, pattern: Pattern) -> SafeString:
        changed_at = timezone.localtime(pattern.changed_at)
        return format_html(
            '<time datetime="{}" title="{}">{}</time>',
            changed_at.isoformat(),
            date_format(changed_at, "DATETIME_FORMAT"),
            date_format(changed_at, "j M Y"),
        )
