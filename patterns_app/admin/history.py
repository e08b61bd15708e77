"""Revisions of a pattern: the list of them, and one with its text and what it changed. For reading only."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path

from patterns_app.admin.difference import unified
from patterns_app.models import Pattern, Revision

if TYPE_CHECKING:
    ModelAdmin = admin.ModelAdmin[Pattern]
else:
    ModelAdmin = admin.ModelAdmin

REVISIONS_A_PAGE = 50


class HistoryPages(ModelAdmin):
    """Django's log of admin actions gives way to the revisions, which also know imports, merges and rollbacks."""

    def history_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.revision_view)
        return [path("<path:object_id>/revisions/<int:number>/", view, name="patterns_app_pattern_revision")]

    def _visible_pattern(self, request: HttpRequest, object_id: str) -> Pattern:
        pattern = self.get_object(request, unquote(object_id))
        if not self.has_view_or_change_permission(request, pattern):
            raise PermissionDenied
        if pattern is None:
            raise Http404(f"There is no pattern {object_id}.")
        return pattern

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """All revisions, newest first. Three queries; no text is read."""
        pattern = self._visible_pattern(request, object_id)
        revisions = pattern.revisions.defer("text").select_related("author")
        page = Paginator(revisions, REVISIONS_A_PAGE).get_page(request.GET.get("page"))
        context = {
            **self.admin_site.each_context(request),
            "title": "History",
            "subtitle": str(pattern),
            "opts": self.opts,
            "original": pattern,
            "page": page,
            "page_range": page.paginator.get_elided_page_range(page.number),
            "media": self.media,
            **(extra_context or {}),
        }
        return TemplateResponse(request, "admin/patterns_app/pattern/object_history.html", context)

    def revision_view(self, request: HttpRequest, object_id: str, number: int) -> HttpResponse:
        """One revision: what it changed in the file, and the whole text. Five queries."""
        pattern = self._visible_pattern(request, object_id)
        revisions = pattern.revisions.select_related("author")
        revision = revisions.filter(number=number).first()
        if revision is None:
            raise Http404(f"There is no revision {number} of “{pattern}”.")
        before = revisions.filter(number__lt=number).first()
        context = {
            **self.admin_site.each_context(request),
            "title": f"Revision {number}",
            "subtitle": str(pattern),
            "opts": self.opts,
            "original": pattern,
            "revision": revision,
            "before": before,
            "after": self._number_after(pattern, number),
            "lines": list(unified(before.text, revision.text)) if before else [],
            "media": self.media,
        }
        return TemplateResponse(request, "admin/patterns_app/pattern/revision.html", context)

    def _number_after(self, pattern: Pattern, number: int) -> int | None:
        later = Revision.objects.filter(pattern=pattern, number__gt=number)
        return later.order_by("number").values_list("number", flat=True).first()
