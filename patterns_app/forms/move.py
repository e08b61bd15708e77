"""What is said with a move: a reason, times, a successor, a person. Only what the move asks for is on the form."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

from django import forms
from django.contrib.auth import get_user_model
from django.contrib.auth.models import User
from django.db.models import Q

from patterns_app.models import Pattern, Snapshot
from patterns_app.workflow.decisions import Said
from patterns_app.workflow.moves import Ask, Move

if TYPE_CHECKING:
    from patterns_app.workflow.permissions import Person

REASON_MAX: Final = 4_000
PEOPLE_SHOWN: Final = 500


class Moment(forms.SplitDateTimeField):
    """A day and a time in the site's time zone."""

    widget = forms.SplitDateTimeWidget

    def __init__(self, **kwargs: Any) -> None:
        widget = forms.SplitDateTimeWidget(date_attrs={"type": "date"}, time_attrs={"type": "time"})
        super().__init__(required=False, widget=widget, **kwargs)


class MoveForm(forms.Form):
    """What somebody says with one move, for one pattern or for many at once."""

    note = forms.CharField(
        label="In your words",
        required=False,
        max_length=REASON_MAX,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="It stands in the history, and in the mail to those concerned.",
    )
    publish_at = Moment(label="Publish")
    expire_at = Moment(label="Out of sight", help_text="Empty: it stays.")
    successor = forms.CharField(
        label="What to use instead",
        required=False,
        help_text="The slug of the pattern that takes its place.",
    )
    person = forms.ModelChoiceField(label="Who", queryset=User.objects.none(), required=False)

    def __init__(self, data: Any = None, *, move: Move, actor: Person, patterns: Sequence[Pattern] = ()) -> None:
        super().__init__(data)
        self.move = move
        self.actor = actor
        self.patterns = patterns
        if Ask.REASON in move.asks:
            self.fields["note"].required = True
            self.fields["note"].error_messages["required"] = "Say why: it goes to whoever wrote it."
        for name, ask in (("publish_at", Ask.TIMES), ("expire_at", Ask.TIMES), ("successor", Ask.SUCCESSOR)):
            if ask not in move.asks:
                del self.fields[name]
        if Ask.PERSON in move.asks:
            chooser = self.fields["person"]
            chooser.required = True
            chooser.queryset = reviewers()  # type: ignore[attr-defined] # the field is a ModelChoiceField
        else:
            del self.fields["person"]

    def clean_successor(self) -> Pattern | None:
        slug = self.cleaned_data["successor"].strip()
        if not slug:
            return None
        # The public will be sent there, and so will whoever wrote the old one: only what both may see.
        snapshots = Snapshot.objects.light().filter(Q(slug=slug) | Q(identifier=slug)).select_related("pattern")
        found = snapshots.first()
        if found is None:
            raise forms.ValidationError(f"No public pattern is “{slug}”. Write the slug, as in its address.")
        return found.pattern

    def said(self) -> Said:
        """What was said, for `make_move`."""
        values = self.cleaned_data
        return Said(
            note=values["note"].strip(),
            publish_at=values.get("publish_at"),
            expire_at=values.get("expire_at"),
            successor=values.get("successor"),
            person=values.get("person"),
        )


def reviewers() -> Any:
    """Active people who may review, by name."""
    users = get_user_model()._default_manager.with_perm(
        "patterns_app.review_pattern", backend="django.contrib.auth.backends.ModelBackend"
    )
    return users.order_by(get_user_model().USERNAME_FIELD)[:PEOPLE_SHOWN]
