"""The admin's site: its first page is the dashboard, and it has the pages on the library's health.

Outside the package `admin`: Django makes the site before it imports what registers with it, and importing that package
registers. So the pages are imported when they are asked for.
"""

from __future__ import annotations

from typing import Any

from django.contrib.admin import AdminSite
from django.http import HttpRequest
from django.template.response import TemplateResponse
from django.urls import URLPattern, URLResolver
from django.utils import timezone


class DeskSite(AdminSite):
    """Django's admin, with what waits for whoever logs in on its first page."""

    def index(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> TemplateResponse:
        from patterns_app.admin.dashboard import panels

        context = {"panels": panels(request.user, at=timezone.now()), **(extra_context or {})}
        return super().index(request, context)

    def get_urls(self) -> list[URLResolver | URLPattern]:
        from patterns_app.admin.health import health_urls

        return [*health_urls(self), *super().get_urls()]
