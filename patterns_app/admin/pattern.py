"""Patterns in the admin: the list, and the form with everything of one pattern on it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar, cast

from django.contrib import admin, messages
from django.contrib.admin import helpers
from django.contrib.admin.templatetags.admin_urls import add_preserved_filters
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, URLResolver, reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString

from patterns_app.admin.desk import Desk
from patterns_app.admin.difference import changed_lines
from patterns_app.admin.history import HistoryPages
from patterns_app.admin.listing import (
    AudienceFilter,
    CommunityFilter,
    ConfidenceFilter,
    ContributorFilter,
    DomainFilter,
    EntityFilter,
    KeywordFilter,
    LookAheadPaginator,
    PatternChangeList,
    VitalityFilter,
    WantedFilter,
    search,
)
from patterns_app.admin.wanted import WantedPages
from patterns_app.document.writing import EditRefused
from patterns_app.models import Pattern, Revision
from patterns_app.models.rereading import ReadingOutdated
from patterns_app.workflow import IdentityTaken, StaleDraft, create_draft, save_draft

LONG_TEXTS = ("summary", "primary_tension", "vitality_reasoning", "attribution", "preamble")


@admin.register(Pattern)
class PatternAdmin(HistoryPages, WantedPages):
    """Rows are never saved here: what the form says goes through `workflow.save_draft` or `create_draft`."""

    list_display = ("name", "status_shown", "domain", "collection", "stars", "vitality_shown", "changed_shown")
    list_filter = (
        "status",
        VitalityFilter,
        ConfidenceFilter,
        WantedFilter,
        DomainFilter,
        "collection",
        AudienceFilter,
        KeywordFilter,
        EntityFilter,
        CommunityFilter,
        ContributorFilter,
    )
    list_select_related = ("domain", "collection")
    # Only what an index can sort by.
    sortable_by = ("name", "status_shown", "vitality_shown", "changed_shown")
    ordering = ("slug",)
    search_fields = ("title",)  # shows the search box; `get_search_results` says what is searched
    search_help_text = "Title, slug, aliases and context labels; or how the id begins."
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER
    paginator = LookAheadPaginator
    list_per_page = 50
    list_max_show_all = 50
    actions = None

    class Media:
        css: ClassVar = {"all": ["patterns_app/admin.css"]}
        js: ClassVar = ["admin/js/jquery.init.js", "admin/js/inlines.js"]

    # Who may do what

    def has_delete_permission(self, request: HttpRequest, obj: Pattern | None = None) -> bool:
        """Never: others may point at a pattern, and its file would come back with the next import. Archive it."""
        return False

    # The list

    def get_queryset(self, request: HttpRequest) -> QuerySet[Pattern]:
        return super().get_queryset(request).defer(*LONG_TEXTS)

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
        return LookAheadPaginator(queryset, per_page, orphans, allow_empty_first_page, page_number=number, rows=rows)

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[PatternChangeList]:
        return PatternChangeList

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Pattern], search_term: str
    ) -> tuple[QuerySet[Pattern], bool]:
        return search(queryset, search_term), False

    @admin.display(description="pattern", ordering="slug")
    def name(self, pattern: Pattern) -> SafeString:
        return format_html('{} <span class="slug">{}</span>', pattern, pattern.slug)

    @admin.display(description="status", ordering="status")
    def status_shown(self, pattern: Pattern) -> SafeString:
        return format_html('<span class="status status-{}">{}</span>', pattern.status, pattern.get_status_display())

    @admin.display(description="confidence", empty_value="–")
    def stars(self, pattern: Pattern) -> SafeString | None:
        if pattern.confidence is None:
            return None
        return format_html(
            '<span class="stars" role="img" aria-label="{} stars">{}</span>',
            pattern.confidence,
            "★" * pattern.confidence,
        )

    @admin.display(description="vitality", ordering="vitality", empty_value="–")
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

    # The form

    def get_urls(self) -> list[URLResolver | URLPattern]:  # type: ignore[override]
        return [*self.wanted_urls(), *self.history_urls(), *super().get_urls()]

    def get_object(self, request: HttpRequest, object_id: str, from_field: Any = None) -> Pattern | None:
        """One pattern with its head, in one query."""
        try:
            key = Pattern._meta.pk.to_python(object_id)
            return Pattern.objects.select_related("head").get(pk=key)
        except (Pattern.DoesNotExist, ValidationError, OverflowError):
            return None

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        pattern = None
        if object_id is None:
            if not self.has_add_permission(request):
                raise PermissionDenied
        else:
            pattern = self.get_object(request, unquote(object_id))
            is_post = request.method == "POST"
            if not (self.has_change_permission if is_post else self.has_view_or_change_permission)(request, pattern):
                raise PermissionDenied
            if pattern is None:
                messages.warning(request, f"There is no pattern {unquote(object_id)}.")
                return HttpResponseRedirect(reverse("admin:patterns_app_pattern_changelist"))
        desk = Desk.for_request(request, pattern)
        if request.method == "POST" and desk.editor.is_valid():
            response = self._saved(request, pattern, desk)
            if response is not None:
                return response
        if pattern is not None and not self.has_change_permission(request, pattern):
            desk.editor.freeze()
        return self._form_page(request, pattern, desk, form_url, extra_context or {})

    def _saved(self, request: HttpRequest, pattern: Pattern | None, desk: Desk) -> HttpResponse | None:
        """Save what the form says and answer; None, with the reason on the form, if it could not be saved."""
        editor = desk.editor
        now = timezone.now()
        author = request.user if request.user.is_authenticated else None
        try:
            document = editor.document()
            with transaction.atomic():
                if pattern is None:
                    made = create_draft(document=document, author=author, at=now, note=editor.note)
                    self.log_addition(request, made, editor.note or "Written.")
                    messages.success(request, f"“{made}” is made, as a {made.get_status_display().lower()}.")
                    return self._answer(request, made, self.response_post_save_add)
                text = desk.text
                revision = save_draft(
                    pattern, document=document, author=author, at=now, note=editor.note, expected_head=desk.head
                )
                if revision is None:
                    messages.info(request, "Nothing changed.")
                else:
                    summary = _summary(document.differs_from(editor.before), text, revision)
                    self.log_change(request, pattern, summary)
                    messages.success(request, f"“{pattern}” is saved: {summary}.")
                return self._answer(request, pattern, self.response_post_save_change)
        except EditRefused as refusal:
            editor.refuse(str(refusal), refusal.field)
        except (StaleDraft, IdentityTaken, ReadingOutdated) as refusal:
            editor.refuse(str(refusal))
        return None

    def _answer(self, request: HttpRequest, pattern: Pattern, leave: Any) -> HttpResponse:
        """Where the button that was pressed leads."""
        if "_continue" in request.POST:
            url = reverse("admin:patterns_app_pattern_change", args=[pattern.pk])
        elif "_addanother" in request.POST:
            url = reverse("admin:patterns_app_pattern_add")
        else:
            answer: HttpResponse = leave(request, pattern)
            return answer
        context: dict[str, Any] = {"preserved_filters": self.get_preserved_filters(request), "opts": self.opts}
        return HttpResponseRedirect(add_preserved_filters(context, url))

    def _form_page(
        self, request: HttpRequest, pattern: Pattern | None, desk: Desk, form_url: str, extra_context: dict[str, Any]
    ) -> HttpResponse:
        editor = desk.editor
        can_edit = pattern is None or self.has_change_permission(request, pattern)
        title = "Add pattern" if pattern is None else "Change pattern" if can_edit else "View pattern"
        context = {
            **self.admin_site.each_context(request),
            "title": title,
            "subtitle": str(pattern) if pattern else None,
            "adminform": helpers.AdminForm(cast("Any", editor.form), [], {}, model_admin=self),
            "inline_admin_formsets": [],
            "errors": helpers.AdminErrorList(cast("Any", editor.form), cast("Any", list(editor.parts.values()))),
            "desk": desk,
            "can_edit": can_edit,
            "object_id": None if pattern is None else str(pattern.pk),
            "original": pattern,
            "is_popup": False,
            "to_field": None,
            "media": self.media,
            "preserved_filters": self.get_preserved_filters(request),
            **extra_context,
        }
        return self.render_change_form(
            request, context, add=pattern is None, change=pattern is not None, form_url=form_url, obj=pattern
        )


def _summary(fields: Sequence[str], before: str, revision: Revision) -> str:
    """What a save did, such as “weight, summary (2 lines of the file)”."""
    lines = changed_lines(before, revision.text)
    named = ", ".join(field.replace("_", " ") for field in fields) or "what the rows said"
    return f"{named} ({lines} {'line' if lines == 1 else 'lines'} of the file changed)"
