"""Previews, through the renderer of the public pages: of a piece of Markdown while it is typed, and of a whole pattern
as its form says it. Nothing is saved, and nothing of it is public.
"""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Final

from django.contrib import admin
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed, JsonResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path

from patterns_app.admin.desk import Desk
from patterns_app.models import Pattern
from patterns_app.rendering import render
from patterns_app.views.page import shown
from patterns_app.workflow.permissions import is_allowed, may_see, may_see_all

if TYPE_CHECKING:
    ModelAdmin = admin.ModelAdmin[Pattern]
else:
    ModelAdmin = admin.ModelAdmin

LONGEST: Final = 500_000
"""Longest text that is rendered while somebody types, in characters. The longest body seen has 340,000."""

UNSEEN: Final = {"Cache-Control": "no-store"}


class PreviewPages(ModelAdmin):
    """Previews, for those who may see or write patterns."""

    def preview_urls(self) -> list[URLPattern]:
        own = self.admin_site.admin_view
        return [
            path("preview/", own(self.preview_text_view), name="patterns_app_pattern_preview_text"),
            path("add/preview/", own(self.preview_new_view), name="patterns_app_pattern_preview_new"),
            path("<path:object_id>/preview/", own(self.preview_view), name="patterns_app_pattern_preview"),
        ]

    def preview_text_view(self, request: HttpRequest) -> HttpResponse:
        """Posted Markdown (`text`) as {"html": …}; {"error": …} for one that is too long. No query of its own."""
        if not (may_see_all(request.user) or is_allowed(request.user, "add")):
            raise PermissionDenied
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        text = request.POST.get("text", "")
        if len(text) > LONGEST:
            error = (
                f"Too long to preview while typing: {len(text):,} of at most {LONGEST:,} characters. It can be saved."
            )
            return JsonResponse({"error": error}, status=HTTPStatus.REQUEST_ENTITY_TOO_LARGE, headers=UNSEEN)
        return JsonResponse({"html": render(text)}, headers=UNSEEN)

    def preview_new_view(self, request: HttpRequest) -> HttpResponse:
        """A pattern that is not saved yet, as its form says it."""
        if not is_allowed(request.user, "add"):
            raise PermissionDenied
        return self._preview(request, None)

    def preview_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """A pattern as its form says it, if a form was posted, else as it was saved last."""
        pattern = self.get_object(request, unquote(object_id))
        if pattern is None:
            if not (may_see_all(request.user) or is_allowed(request.user, "add")):
                raise PermissionDenied
            raise Http404(f"There is no pattern {object_id}.")
        if not may_see(request.user, pattern):
            raise PermissionDenied
        return self._preview(request, pattern)

    def _preview(self, request: HttpRequest, pattern: Pattern | None) -> HttpResponse:
        desk = Desk.for_request(request, pattern)
        context = {"pattern": pattern, "title": desk.document.title or "New pattern", "media": self.media}
        if request.method != "POST":
            document = desk.document
        elif desk.editor.is_valid():
            document = desk.editor.document()
        else:
            template, status = "admin/patterns_app/pattern/preview_refused.html", HTTPStatus.UNPROCESSABLE_ENTITY
            return TemplateResponse(
                request, template, {**context, "editor": desk.editor}, status=status, headers=UNSEEN
            )
        template = "admin/patterns_app/pattern/preview.html"
        return TemplateResponse(request, template, {**context, "shown": shown(document)}, headers=UNSEEN)
