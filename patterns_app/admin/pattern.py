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
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, URLResolver, reverse
from django.utils import timezone

from patterns_app.admin.desk import Desk
from patterns_app.admin.difference import changed_lines
from patterns_app.admin.history import HistoryPages
from patterns_app.admin.keepsake import is_shown_again, told
from patterns_app.admin.listing import PatternList
from patterns_app.admin.mail import MailPages
from patterns_app.admin.moves import MovePages, buttons
from patterns_app.admin.presence import PresencePages
from patterns_app.admin.preview import PreviewPages
from patterns_app.admin.stale import conflicts, merged
from patterns_app.admin.suggest import SuggestPages
from patterns_app.admin.wanted import WantedPages
from patterns_app.document.pattern import PatternDocument
from patterns_app.document.reading import read
from patterns_app.document.writing import EditRefused
from patterns_app.models import Pattern, Revision
from patterns_app.models.rereading import ReadingOutdated
from patterns_app.workflow import IdentityTaken, StaleDraft, create_draft, save_draft
from patterns_app.workflow.moves import Move, is_ahead, live_snapshot
from patterns_app.workflow.permissions import is_allowed, may_edit, may_see, may_see_all

ON_THE_DESK = ("head", "snapshot", "owner", "assigned_to", "submitted_by", "approved_by", "successor__snapshot")
BODIES = ("snapshot__html", "successor__snapshot__html")


@admin.register(Pattern)
class PatternAdmin(
    HistoryPages, MovePages, WantedPages, PreviewPages, SuggestPages, PresencePages, MailPages, PatternList
):
    """Rows are never saved here: what the form says goes through `workflow.save_draft` or `create_draft`."""

    class Media:
        css: ClassVar = {"all": ["patterns_app/admin.css", "patterns_app/workflow.css"]}
        js: ClassVar = ["admin/js/jquery.init.js", "admin/js/inlines.js"]

    # Who may do what

    def has_view_permission(self, request: HttpRequest, obj: Pattern | None = None) -> bool:
        """Of no pattern in particular: whether there may be any. Contributors see what they wrote."""
        if obj is None:
            return may_see_all(request.user) or is_allowed(request.user, "add")
        return may_see(request.user, obj)

    def has_change_permission(self, request: HttpRequest, obj: Pattern | None = None) -> bool:
        if obj is None:
            return is_allowed(request.user, "change") or is_allowed(request.user, "add")
        return may_edit(request.user, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Pattern | None = None) -> bool:
        """Never: others may point at a pattern, and its file would come back with the next import. Archive it."""
        return False

    # The form

    def get_urls(self) -> list[URLResolver | URLPattern]:  # type: ignore[override]
        own = [*self.wanted_urls(), *self.preview_urls(), *self.suggest_urls(), *self.history_urls(), *self.move_urls()]
        return [*own, *self.presence_urls(), *self.mail_urls(), *super().get_urls()]

    def get_object(self, request: HttpRequest, object_id: str, from_field: Any = None) -> Pattern | None:
        """One pattern with its head, what is public of it and who is concerned, in one query."""
        try:
            key = Pattern._meta.pk.to_python(object_id)
            return (
                Pattern.objects.select_related(*ON_THE_DESK)
                .defer("snapshot__html", "successor__snapshot__html")
                .get(pk=key)
            )
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
        if request.method == "POST" and not is_shown_again(request) and desk.editor.is_valid():
            response = self._saved(request, pattern, desk)
            if response is not None:
                return told(request, response)
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
                text, before, head = desk.text, editor.before, desk.head
                if theirs := _resolving(request, pattern):
                    desk.conflicts = conflicts(desk.began, document, _said(theirs, pattern), request.POST)
                    desk.theirs = theirs
                    if not all(conflict.choice for conflict in desk.conflicts):
                        editor.refuse("Choose whose words to take where both of you changed the same field.")
                        return None
                    before, text, head = _said(theirs, pattern), theirs.text, theirs.pk
                    document = merged(document, before, desk.conflicts)
                revision = save_draft(
                    pattern, document=document, author=author, at=now, note=editor.note, expected_head=head
                )
                if revision is None:
                    messages.info(request, "Nothing changed.")
                else:
                    summary = _summary(document.differs_from(before), text, revision)
                    self.log_change(request, pattern, summary)
                    messages.success(request, f"“{pattern}” is saved: {summary}.")
                return self._answer(request, pattern, self.response_post_save_change)
        except EditRefused as refusal:
            editor.refuse(str(refusal), refusal.field)
        except StaleDraft as refusal:
            theirs = Revision.objects.select_related("author").get(pk=refusal.pattern.head_id or 0)
            mine = editor.document()
            desk.conflicts = conflicts(desk.began, mine, _said(theirs, refusal.pattern), {})
            desk.theirs = theirs
            editor.refuse(str(refusal))
        except (IdentityTaken, ReadingOutdated) as refusal:
            editor.refuse(str(refusal))
        return None

    def _answer(self, request: HttpRequest, pattern: Pattern, leave: Any) -> HttpResponse:
        """Where the button that was pressed leads."""
        if "_submit_for_review" in request.POST:
            return HttpResponseRedirect(
                reverse("admin:patterns_app_pattern_move", args=[pattern.pk, Move.SUBMIT.value])
            )
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
            "moves": buttons(pattern, request.user) if pattern else [],
            "snapshot": live_snapshot(pattern) if pattern else None,
            "is_ahead": pattern is not None and is_ahead(pattern),
            "can_submit": is_allowed(request.user, "submit"),
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


def _resolving(request: HttpRequest, pattern: Pattern) -> Revision | None:
    """The revision of somebody else that the choices on the form are about."""
    posted = request.POST.get("resolving", "")
    if not (posted.isascii() and posted.isdigit() and len(posted) < 19):
        return None
    return pattern.revisions.select_related("author").filter(pk=int(posted)).first()


def _said(revision: Revision, pattern: Pattern) -> PatternDocument:
    return read(revision.text, name=pattern.slug).document


def _summary(fields: Sequence[str], before: str, revision: Revision) -> str:
    """What a save did, such as “weight, summary (2 lines of the file)”."""
    lines = changed_lines(before, revision.text)
    named = ", ".join(field.replace("_", " ") for field in fields) or "what the rows said"
    return f"{named} ({lines} {'line' if lines == 1 else 'lines'} of the file changed)"
