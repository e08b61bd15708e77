"""The admin's site: its first page is the dashboard, and it has the pages on the library's health.

Outside the package `admin`: Django makes the site before it imports what registers with it, and importing that package
registers. So the pages are imported when they are asked for.
"""

from __future__ import annotations

from typing import Any

from django.contrib.admin import AdminSite
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, URLResolver
from django.utils import timezone


class DeskSite(AdminSite):
    """Django's admin, with what waits for whoever logs in on its first page.

    Whoever logs in gets a mark in the browser, by which public pages know that there may be a way from them to here.
    """

    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        from patterns_app.views.edit import mark

        response = super().login(request, extra_context)
        if self.has_permission(request):
            mark(request, response)
        return response

    def logout(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> TemplateResponse:
        from patterns_app.views.edit import unmark

        response = super().logout(request, extra_context)
        unmark(response)
        return response

    def index(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> TemplateResponse:
        from patterns_app.admin.dashboard import panels

        context = {"panels": panels(request.user, at=timezone.now()), **(extra_context or {})}
        return super().index(request, context)

    def get_urls(self) -> list[URLResolver | URLPattern]:
        from patterns_app.admin.health import health_urls

        return [*health_urls(self), *super().get_urls()]
