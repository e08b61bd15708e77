"""The way from a public page to its form, for whoever may go it.

A public page is the same for everybody, and caches keep it. So the page does not know who reads it: a script (edit.js)
asks here, and only where the desk has left its mark in the browser.
"""

from __future__ import annotations

from typing import Final

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.views.decorators.http import require_safe

from patterns_app.models import Pattern
from patterns_app.models.typed import storable
from patterns_app.workflow.permissions import may_edit, may_see

MARK: Final = "desk"
"""The cookie that says that somebody logged in here. It proves nothing and is good for nothing else."""


@require_safe
def link(request: HttpRequest) -> HttpResponse:
    """`?slug=` of a public page as {"href", "label"} for who may see its pattern on the desk, else {}.

    No query for a stranger, else five at most.
    """
    said: dict[str, str] = {}
    if request.user.is_authenticated and request.user.is_staff:
        slug = storable(request.GET.get("slug", ""))
        pattern = Pattern.objects.filter(snapshot__slug=slug).first()
        if pattern is not None and may_see(request.user, pattern):
            said = {
                "href": reverse("admin:patterns_app_pattern_change", args=[pattern.pk]),
                "label": "Edit" if may_edit(request.user, pattern) else "See on the desk",
            }
    response = JsonResponse(said)
    response["Cache-Control"] = "private, no-store"
    return response


def mark(request: HttpRequest, response: HttpResponseBase) -> None:
    """Leave the mark for as long as the session lasts."""
    response.set_cookie(
        MARK, "1", max_age=settings.SESSION_COOKIE_AGE, samesite="Lax", secure=settings.SESSION_COOKIE_SECURE
    )


def unmark(response: HttpResponseBase) -> None:
    response.delete_cookie(MARK, samesite="Lax")
