"""Moves in the admin: the buttons of one pattern, a page to say what goes with a move, and the same for many."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone

from patterns_app.admin.comparison import FieldDifference, differences
from patterns_app.document.reading import read
from patterns_app.document.writing import EditRefused
from patterns_app.forms.move import MoveForm
from patterns_app.models import Pattern
from patterns_app.models.rereading import ReadingOutdated
from patterns_app.workflow.decisions import make_move
from patterns_app.workflow.moves import Move, MoveRefused, live_snapshot, possible_moves, refusal
from patterns_app.workflow.permissions import is_allowed

if TYPE_CHECKING:
    ModelAdmin = admin.ModelAdmin[Pattern]
else:
    ModelAdmin = admin.ModelAdmin

MOST_AT_ONCE = 500
"""Patterns that one bulk action moves at most: each is a transaction of its own, and somebody waits."""

IN_BULK = (
    Move.SUBMIT,
    Move.REQUEST_CHANGES,
    Move.APPROVE,
    Move.APPROVE_AND_PUBLISH,
    Move.PUBLISH,
    Move.SCHEDULE,
    Move.UNPUBLISH,
    Move.DEPRECATE,
    Move.ARCHIVE,
    Move.RESTORE,
    Move.ASSIGN,
)

TONES = {
    Move.APPROVE_AND_PUBLISH: "go",
    Move.PUBLISH: "go",
    Move.SUBMIT: "go",
    Move.REQUEST_CHANGES: "back",
    Move.UNPUBLISH: "away",
    Move.ARCHIVE: "away",
    Move.DEPRECATE: "away",
}


class Button(NamedTuple):
    """A move that can be made now, for a template."""

    move: Move
    url: str
    tone: str


class Result(NamedTuple):
    """What became of one pattern in a bulk action. reason: why nothing did, "" if it was done.

    seen: the state that the page shows, where nothing was done yet.
    """

    pattern: Pattern
    reason: str
    seen: str = ""


def buttons(pattern: Pattern, person: Any) -> list[Button]:
    """The moves that somebody can make now. No query, unless four eyes are asked for."""
    return [
        Button(move, move_url(pattern, move), TONES.get(move, ""))
        for move in possible_moves(pattern, person)
        # Under review, one button publishes: the one that says what it does.
        if not (move is Move.APPROVE_AND_PUBLISH and pattern.is_approved)
    ]


def move_url(pattern: Pattern, move: Move) -> str:
    return reverse("admin:patterns_app_pattern_move", args=[pattern.pk, move.value])


def unpublished(pattern: Pattern) -> list[FieldDifference]:
    """What the head says otherwise than the public text; empty if nothing is public. Two queries."""
    snapshot = live_snapshot(pattern)
    if snapshot is None or snapshot.revision_id == pattern.head_id:
        return []
    public = read(snapshot.revision.text, name=snapshot.slug).document
    return list(differences(public, read(pattern.text, name=pattern.slug).document))


class MovePages(ModelAdmin):
    """Pages and actions that make moves."""

    def move_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.move_view)
        return [path("<path:object_id>/move/<slug:name>/", view, name="patterns_app_pattern_move")]

    def move_view(self, request: HttpRequest, object_id: str, name: str) -> HttpResponse:
        """Say what goes with a move, and make it. The page was made for one state: another one refuses it."""
        pattern = self.get_object(request, unquote(object_id))
        if not self.has_view_or_change_permission(request, pattern):
            raise PermissionDenied
        move = next((move for move in Move if move.value == name), None)
        if pattern is None or move is None:
            raise Http404("There is no such pattern, or no such move.")
        if not _may(move, request):
            raise PermissionDenied
        here = reverse("admin:patterns_app_pattern_change", args=[pattern.pk])
        form = MoveForm(request.POST or None, move=move, actor=request.user, patterns=[pattern])
        why_not = refusal(move, pattern, request.user)
        # A form that is shown again for a slip of its own still decides on the state that the first page showed.
        seen = request.POST.get("seen") or _seen(pattern)
        if request.method == "POST" and form.is_valid():
            _as_seen(pattern, request)
            try:
                make_move(pattern, move, actor=_actor(request), at=timezone.now(), said=form.said())
            except (MoveRefused, EditRefused, ReadingOutdated) as error:
                form.add_error(None, str(error))
                pattern = Pattern.objects.get(pk=pattern.pk)
                seen = _seen(pattern)
            else:
                messages.success(request, f"{move.label}: “{pattern}” is now {_state(pattern)}.")
                may_still = self.has_view_or_change_permission(request, pattern)
                return HttpResponseRedirect(here if may_still else reverse("admin:index"))
        context = {
            **self.admin_site.each_context(request),
            "title": move.label,
            "subtitle": str(pattern),
            "opts": self.opts,
            "original": pattern,
            "move": move,
            "form": form,
            "why_not": "" if form.is_bound else why_not,
            "differences": unpublished(pattern) if move.permission in ("publish", "submit") else [],
            "seen": seen,
            "tone": TONES.get(move, ""),
            "media": self.media + form.media,
        }
        return TemplateResponse(request, "admin/patterns_app/pattern/move.html", context)

    # Many at once

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        actions: dict[str, Any] = super().get_actions(request)
        actions.pop("delete_selected", None)
        if "_popup" in request.GET:
            return actions
        for move in IN_BULK:
            if _may(move, request):
                name = f"move_{move.value.replace('-', '_')}"
                actions[name] = (partial(_bulk_action, move=move), name, f"{move.label} …")
        return actions

    def response_action(self, request: HttpRequest, queryset: QuerySet[Pattern], *args: Any) -> HttpResponse | None:
        """Django's, which does not expect keys made by hand that are no keys."""
        sent = request.POST.copy()
        keys = sent.getlist(ACTION_CHECKBOX_NAME)
        sent.setlist(ACTION_CHECKBOX_NAME, [key for key in keys if key.isascii() and key.isdigit() and len(key) < 19])
        request.POST = sent  # type: ignore[assignment]
        return super().response_action(request, queryset, *args)

    def bulk_view(self, request: HttpRequest, patterns: QuerySet[Pattern], move: Move) -> HttpResponse | None:
        """Ask for what goes with the move, show what will happen to each pattern, do it, say what became of each."""
        if not _may(move, request):
            raise PermissionDenied
        keys = list(patterns.order_by().values_list("pk", flat=True)[: MOST_AT_ONCE + 1])
        if len(keys) > MOST_AT_ONCE:
            messages.error(request, f"Choose at most {MOST_AT_ONCE} patterns at a time.")
            return None
        chosen = self.get_queryset(request).select_related("snapshot").filter(pk__in=keys).order_by("slug")
        chosen = chosen.defer("snapshot__html")
        found = [pattern for pattern in chosen if self.has_view_or_change_permission(request, pattern)]
        is_confirmed = "confirmed" in request.POST
        form = MoveForm(request.POST if is_confirmed else None, move=move, actor=request.user, patterns=found)
        results: list[Result] = []
        if is_confirmed and form.is_valid():
            results = list(self._moved(request, found, move, form))
        else:
            results = [
                Result(
                    pattern,
                    refusal(move, pattern, request.user),
                    request.POST.get(f"seen-{pattern.pk}") or _seen(pattern),
                )
                for pattern in found
            ]
        is_done = is_confirmed and form.is_valid()
        context = {
            **self.admin_site.each_context(request),
            "title": f"{move.label}: {len(found)} {'pattern' if len(found) == 1 else 'patterns'}",
            "opts": self.opts,
            "move": move,
            "form": form,
            "results": results,
            "possible": [result for result in results if not result.reason],
            "refused": [result for result in results if result.reason],
            "is_done": is_done,
            "action": request.POST.get("action", ""),
            "checkbox": ACTION_CHECKBOX_NAME,
            "tone": TONES.get(move, ""),
            "media": self.media + form.media,
        }
        return TemplateResponse(request, "admin/patterns_app/pattern/move_many.html", context)

    def _moved(self, request: HttpRequest, patterns: Iterable[Pattern], move: Move, form: MoveForm) -> Iterable[Result]:
        now = timezone.now()
        for pattern in patterns:
            _as_seen(pattern, request, f"seen-{pattern.pk}")
            try:
                make_move(pattern, move, actor=_actor(request), at=now, said=form.said())
            except (MoveRefused, EditRefused, ReadingOutdated) as error:
                yield Result(pattern, str(error))
            else:
                yield Result(pattern, "")


def _bulk_action(
    modeladmin: MovePages, request: HttpRequest, patterns: QuerySet[Pattern], *, move: Move
) -> HttpResponse | None:
    return modeladmin.bulk_view(request, patterns, move)


def _may(move: Move, request: HttpRequest) -> bool:
    """Whether somebody may make the move on any pattern at all."""
    if move is Move.WITHDRAW:
        return is_allowed(request.user, "submit") or is_allowed(request.user, "review")
    return not move.permission or is_allowed(request.user, move.permission)


def _actor(request: HttpRequest) -> Any:
    return request.user if request.user.is_authenticated else None


def _seen(pattern: Pattern) -> str:
    """The state that a page shows, for its form to carry."""
    return f"{pattern.status}.{pattern.head_id or 0}.{pattern.events_so_far}"


def _as_seen(pattern: Pattern, request: HttpRequest, name: str = "seen") -> None:
    """Set the pattern to the state that the page showed, so that a move decided on another one is refused as stale."""
    status, _, numbers = request.POST.get(name, "").partition(".")
    head, _, events = numbers.partition(".")
    if head.isascii() and head.isdigit() and events.isascii() and events.isdigit() and len(numbers) < 40:
        seen = (status, int(head), int(events))
        if seen != (pattern.status, pattern.head_id or 0, pattern.events_so_far):
            # Only that it differs matters; the refusal's sentence is about the pattern as it is.
            pattern.events_so_far = -1


def _state(pattern: Pattern) -> str:
    if pattern.status == "published" and pattern.is_under_review:
        return "published, with changes under review"
    return "in review" if pattern.status == "review" else pattern.status


__all__ = ["Button", "MovePages", "Result", "buttons", "move_url", "unpublished"]
