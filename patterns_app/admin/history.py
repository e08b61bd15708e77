"""The history of a pattern: revisions and events on one line of time, comparison of any two texts, and going back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.core.paginator import Page, Paginator
from django.db.models import Count, F, IntegerField, Value
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from patterns_app.admin.comparison import differences
from patterns_app.admin.difference import unified
from patterns_app.document.reading import read
from patterns_app.document.vocabulary import Status
from patterns_app.document.writing import EditRefused
from patterns_app.models import Event, Pattern, Revision
from patterns_app.models.rereading import ReadingOutdated
from patterns_app.views.preview import share
from patterns_app.workflow import IdentityTaken, StaleDraft
from patterns_app.workflow.moves import Move, live_snapshot
from patterns_app.workflow.provenance import provenance
from patterns_app.workflow.revisions import restore_revision

if TYPE_CHECKING:
    ModelAdmin = admin.ModelAdmin[Pattern]
else:
    ModelAdmin = admin.ModelAdmin

ENTRIES_A_PAGE = 50

_LABELS = {**{move.value: move.label for move in Move}, "import": "Import", "missed": "Missed schedule"}


class Entry(NamedTuple):
    """One thing that happened: a revision or an event. words: the event's move for people."""

    revision: Revision | None
    event: Event | None
    words: str


class HistoryPages(ModelAdmin):
    """Django's log of admin actions gives way to revisions and events, which also know imports and schedules."""

    def history_urls(self) -> list[URLPattern]:
        base = "patterns_app_pattern"
        view = self.admin_site.admin_view
        return [
            path("<path:object_id>/revisions/<int:number>/", view(self.revision_view), name=f"{base}_revision"),
            path(
                "<path:object_id>/revisions/<int:number>/restore/",
                view(require_POST(self.restore_view)),
                name=f"{base}_restore",
            ),
            path("<path:object_id>/revisions/<int:number>/share/", view(self.share_view), name=f"{base}_share"),
            path("<path:object_id>/compare/", view(self.compare_view), name=f"{base}_compare"),
            path("<path:object_id>/provenance.json", view(self.provenance_view), name=f"{base}_provenance"),
        ]

    def _visible_pattern(self, request: HttpRequest, object_id: str) -> Pattern:
        pattern = self.get_object(request, unquote(object_id))
        if not self.has_view_or_change_permission(request, pattern):
            raise PermissionDenied
        if pattern is None:
            raise Http404(f"There is no pattern {object_id}.")
        return pattern

    def _context(self, request: HttpRequest, pattern: Pattern, title: str) -> dict[str, Any]:
        return {
            **self.admin_site.each_context(request),
            "title": title,
            "subtitle": str(pattern),
            "opts": self.opts,
            "original": pattern,
            "public": live_snapshot(pattern),
            "media": self.media,
        }

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Everything that happened, newest first, and who edited. Seven queries; no text is read."""
        pattern = self._visible_pattern(request, object_id)
        edits = pattern.revisions.order_by().exclude(author_name="").values_list("author_name")
        page = _timeline(pattern, request.GET.get("page"))
        context = {
            **self._context(request, pattern, "History"),
            "entries": _entries(pattern, page),
            "contributions": pattern.contributions.select_related("contributor").order_by("position"),
            "editors": edits.annotate(count=Count("pk")).order_by("-count", "author_name"),
            "page": page,
            "page_range": page.paginator.get_elided_page_range(page.number),
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
            **self._context(request, pattern, f"Revision {number}"),
            "revision": revision,
            "before": before,
            "after": self._number_after(pattern, number),
            "lines": list(unified(before.text, revision.text)) if before else [],
            "can_restore": revision.pk != pattern.head_id and self.has_change_permission(request, pattern),
        }
        return TemplateResponse(request, "admin/patterns_app/pattern/revision.html", context)

    def share_view(self, request: HttpRequest, object_id: str, number: int) -> HttpResponse:
        """A link by which somebody without an account sees one revision for some days. Four queries."""
        pattern = self._visible_pattern(request, object_id)
        revision = pattern.revisions.filter(number=number).first()
        if revision is None or pattern.status == Status.ARCHIVED:
            raise Http404(f"There is no revision {number} of “{pattern}” to share.")
        context = {
            **self._context(request, pattern, "Share a preview"),
            "revision": revision,
            "shared": share(revision, at=timezone.now()),
        }
        template = "admin/patterns_app/pattern/share.html"
        return TemplateResponse(request, template, context, headers={"Cache-Control": "no-store"})

    def _number_after(self, pattern: Pattern, number: int) -> int | None:
        later = Revision.objects.filter(pattern=pattern, number__gt=number)
        return later.order_by("number").values_list("number", flat=True).first()

    def compare_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Any two texts, field by field and line by line: by default what is public with the head. Four queries."""
        pattern = self._visible_pattern(request, object_id)
        snapshot = live_snapshot(pattern)
        numbers = list(pattern.revisions.values_list("number", flat=True))
        head = next((n for n in pattern.revisions.filter(pk=pattern.head_id or 0).values_list("number", flat=True)), 0)
        public = (
            next((n for n in pattern.revisions.filter(pk=snapshot.revision_id).values_list("number", flat=True)), 0)
            if snapshot
            else 0
        )
        base = _number(request.GET.get("from")) or public or next((n for n in numbers if n < head), head)
        other = _number(request.GET.get("to")) or head
        found = {revision.number: revision for revision in pattern.revisions.filter(number__in=(base, other))}
        if len(found) < len({base, other}):
            raise Http404(f"There are no such revisions of “{pattern}”.")
        old, new = found[base], found[other]
        said = [read(revision.text, name=pattern.slug).document for revision in (old, new)]
        context = {
            **self._context(request, pattern, "Compare"),
            "old": old,
            "new": new,
            "numbers": numbers,
            "head_number": head,
            "public_number": public,
            "differences": list(differences(*said)),
            "lines": list(unified(old.text, new.text)),
        }
        return TemplateResponse(request, "admin/patterns_app/pattern/compare.html", context)

    def restore_view(self, request: HttpRequest, object_id: str, number: int) -> HttpResponse:
        """Go back to what a revision says, as a new revision."""
        pattern = self._visible_pattern(request, object_id)
        if not self.has_change_permission(request, pattern):
            raise PermissionDenied
        revision = pattern.revisions.filter(number=number).first()
        if revision is None:
            raise Http404(f"There is no revision {number} of “{pattern}”.")
        author = request.user if request.user.is_authenticated else None
        head = _number(request.POST.get("head"))
        try:
            made = restore_revision(pattern, revision, author=author, at=timezone.now(), expected_head=head or None)
        except (EditRefused, StaleDraft, IdentityTaken, ReadingOutdated) as error:
            messages.error(request, str(error))
        else:
            said = f"“{pattern}” says again what revision {number} says." if made else "It says all of this already."
            messages.success(request, said)
        return HttpResponseRedirect(reverse("admin:patterns_app_pattern_history", args=[pattern.pk]))

    def provenance_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Revisions and events as PROV-JSON."""
        pattern = self._visible_pattern(request, object_id)
        answer = JsonResponse(provenance(pattern), json_dumps_params={"indent": 1, "ensure_ascii": False})
        answer["Content-Disposition"] = f'attachment; filename="{pattern.slug}.prov.json"'
        return answer


def _number(text: str | None) -> int:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 10 else 0


def _timeline(pattern: Pattern, number: str | None) -> Page[Any]:
    """(when, whether a revision, its number) of everything that happened, newest first."""

    def kind(is_revision: int) -> Value:
        return Value(is_revision, output_field=IntegerField())

    columns = ("when", "is_revision", "number")
    revisions = Revision.objects.filter(pattern=pattern).order_by().annotate(when=F("created_at"), is_revision=kind(1))
    events = Event.objects.filter(pattern=pattern).order_by().annotate(when=F("at"), is_revision=kind(0))
    both = revisions.values_list(*columns).union(events.values_list(*columns), all=True)
    # A move that changes the status makes its revision first.
    return Paginator(both.order_by("-when", "is_revision", "-number"), ENTRIES_A_PAGE).get_page(number)


def _entries(pattern: Pattern, page: Page[Any]) -> list[Entry]:
    rows = list(page)
    revisions = pattern.revisions.filter(number__in=[number for _, is_revision, number in rows if is_revision])
    found = {revision.number: revision for revision in revisions.defer("text")}
    events = Event.objects.filter(
        pattern=pattern, number__in=[number for _, is_revision, number in rows if not is_revision]
    )
    happened = {event.number: event for event in events}
    return [
        Entry(found.get(number), None, "")
        if is_revision
        else Entry(None, happened.get(number), _LABELS.get(happened[number].move, happened[number].move))
        for _, is_revision, number in rows
    ]
