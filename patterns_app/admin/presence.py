"""Who else has a pattern open, and whether somebody saved it meanwhile: on the form, and for the script that asks."""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING, Any, cast

from django.contrib import admin
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.formats import date_format

from patterns_app.models import Pattern, Revision
from patterns_app.models.revision import Origin
from patterns_app.workflow.permissions import may_edit, may_see, may_see_all, visible
from patterns_app.workflow.presence import Present, forget_stale, leave, note, others, saved_since

if TYPE_CHECKING:
    from django.contrib.auth.models import User

    ModelAdmin = admin.ModelAdmin[Pattern]
else:
    ModelAdmin = admin.ModelAdmin

NEEDED = ("head_id", "status", "owner_id", "submitted_id")


class PresencePages(ModelAdmin):
    """The notice on the form, and the address its script asks each half minute."""

    def presence_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.presence_view)
        return [path("<path:object_id>/presence/", view, name="patterns_app_pattern_presence")]

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        pattern = context.get("original")
        if pattern is not None and may_see(request.user, pattern):
            context["presence"] = _opened(pattern, _user(request), timezone.now())
        answer: HttpResponse = super().render_change_form(request, context, *args, **kwargs)
        return answer

    def presence_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Who else is there, as JSON; a POST says that the sender is (or, with `leaving`, is no more).

        head: key of the revision that the sender's form shows. Five queries, besides those for session and permissions.
        """
        pattern = _seen_pattern(request, object_id)
        now = timezone.now()
        if request.method != "POST":
            return _answer(request, pattern, others(pattern, _user(request), at=now), now)
        if "leaving" in request.POST:
            leave(pattern, _user(request), seen_at=_moment(request.POST.get("seen", "")) or now)
            forget_stale(at=now)
            return HttpResponse(status=204)
        present = note(pattern, _user(request), at=now)
        forget_stale(at=now)
        return _answer(request, pattern, present, now)


def _user(request: HttpRequest) -> User:
    """Somebody of the staff: `admin_view` lets nobody else in."""
    return cast("User", request.user)


def _opened(pattern: Pattern, user: User, now: datetime.datetime) -> dict[str, Any]:
    """What the notice on the form needs. Two queries."""
    lines, _ = _said(note(pattern, user, at=now, is_opening=True), now)
    return {
        "url": reverse("admin:patterns_app_pattern_presence", args=[pattern.pk]),
        "head": pattern.head_id,
        "seen": now.isoformat(),
        "lines": lines,
    }


def _seen_pattern(request: HttpRequest, object_id: str) -> Pattern:
    """What is needed of the pattern, if whoever asks may see it."""
    try:
        found = visible(request.user).only(*NEEDED).filter(pk=Pattern._meta.pk.to_python(object_id)).first()
    except (ValidationError, OverflowError):
        found = None
    if found is not None:
        return found
    if may_see_all(request.user):
        raise Http404(f"There is no pattern {object_id}.")
    raise PermissionDenied


def _answer(request: HttpRequest, pattern: Pattern, present: list[Present], now: datetime.datetime) -> JsonResponse:
    """lines: sentences to show. heard: what to read out when it differs from the last time, without running times."""
    lines, heard = _said(present, now)
    asked = request.POST if request.method == "POST" else request.GET
    head = _key(asked.get("head", ""))
    saved = saved_since(pattern, head) if head is not None else None
    if saved is not None:
        line = _saved(saved, pattern, _user(request))
        lines, heard = [line, *lines], [line, *heard]
    return JsonResponse({"seen": now.isoformat(), "lines": lines, "heard": " ".join(heard)})


def _said(present: list[Present], now: datetime.datetime) -> tuple[list[str], list[str]]:
    lines = [
        f"{one.name} has this open since {_clock(one.opened_at)} (last seen {_ago(now - one.seen_at)})."
        for one in present
    ]
    return lines, [f"{name} has this open." for name in sorted(one.name for one in present)]


def _saved(revision: Revision, pattern: Pattern, user: User) -> str:
    """Who changed the pattern after the form was opened, and what that means for saving it."""
    when = _clock(revision.created_at)
    name = revision.author_name or "Somebody"
    whose = "theirs"
    if revision.author_id is not None and revision.author_id == user.pk:
        done, whose = f"You saved this at {when} in another window", "that one"
    elif revision.origin == Origin.IMPORT:
        done, whose = f"An import changed this at {when}", "what it says"
    elif revision.origin == Origin.WORKFLOW:
        done, whose = f"{name} changed the status at {when}", "what it says now"
    else:
        done = f"{name} saved this at {when}"
    if may_edit(user, pattern):
        return f"{done}; your save will be compared with {whose}."
    return f"{done}; open this page again to see it."


def _ago(time: datetime.timedelta) -> str:
    minutes = round(time.total_seconds() / 60)
    return "just now" if minutes < 1 else "a minute ago" if minutes == 1 else f"{minutes} minutes ago"


def _clock(when: datetime.datetime) -> str:
    local = timezone.localtime(when)
    return date_format(local, "H:i" if local.date() == timezone.localdate() else "H:i, j F")


def _key(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None


def _moment(text: str) -> datetime.datetime | None:
    try:
        when = parse_datetime(text)
    except ValueError:
        return None
    return when if when is not None and timezone.is_aware(when) else None
