"""Rows of a form, one for each entry of a list in the document.

A row knows the entry it was made from (`before`) and gives the entry it now says. Names of audiences, domains,
keywords and targets are texts, as in the file: a name that no other pattern uses yet is made when the form is saved.
"""

from __future__ import annotations

from typing import Any, ClassVar, NamedTuple

from django import forms
from django.forms.formsets import DELETION_FIELD_NAME, ORDERING_FIELD_NAME

from patterns_app.document import pattern as document
from patterns_app.document.values import TARGET_KEYS
from patterns_app.document.vocabulary import NAME_MAX, RelationshipKind
from patterns_app.forms.body import TypedSection, is_heading, without_line_ending
from patterns_app.forms.fields import Line, Number, Text, kept
from patterns_app.forms.widgets import HiddenInput, Select

EMPTY = "This is empty. To take the entry out, tick “Delete”."


class Row(forms.Form):
    """One entry. `before` is the document's entry that the row was made from, None for a new one.

    names: the fields of the entry (of a `PatternDocument` part), in their order; the first is the one that must say
    something unless `asks_for` names others, of which one must.
    """

    names: ClassVar[tuple[str, ...]] = ("text",)
    asks_for: ClassVar[tuple[str, ...]] = ()

    base = forms.IntegerField(required=False, min_value=0, widget=HiddenInput)

    before: Any = None

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        asked = self.asks_for or self.names[:1]
        if not any(name in self.errors for name in asked) and not any(cleaned.get(name, "").strip() for name in asked):
            self.add_error(asked[0], EMPTY)
        return cleaned

    @classmethod
    def shown(cls, entry: Any, name: str) -> Any:
        """What an input shows of an entry of the document."""
        return getattr(entry, name)

    def value(self, name: str) -> Any:
        """What the row says for one field of the entry: the entry's own characters unless something was typed."""
        typed = self.cleaned_data[name]
        if not isinstance(typed, str):
            return typed
        return kept("" if self.before is None else self.shown(self.before, name), typed)

    def entry(self) -> Any:
        """The entry as the row now says it."""
        raise NotImplementedError

    @property
    def columns(self) -> list[forms.BoundField]:
        """The fields to show, in the entry's order."""
        return [self[name] for name in self.names]

    @property
    def note(self) -> str:
        """What else the entry says, for reading."""
        return ""

    @property
    def order(self) -> forms.BoundField:
        return self[ORDERING_FIELD_NAME]

    @property
    def deletion(self) -> forms.BoundField:
        return self[DELETION_FIELD_NAME]

    @property
    def is_deleted(self) -> bool:
        return bool(self.cleaned_data.get(DELETION_FIELD_NAME))

    @property
    def is_stored(self) -> bool:
        """Whether the row stands for an entry the pattern has, which can be deleted (a new row is just taken away)."""
        return self.before is not None


class TextRow(Row):
    """An entry that is only a text."""

    @classmethod
    def shown(cls, entry: Any, name: str) -> Any:
        return entry

    def entry(self) -> str:
        return str(self.value("text"))


class AliasRow(TextRow):
    text = Line(label="Other name", max_length=NAME_MAX)


class CrossDomainRow(TextRow):
    text = Line(label="Domain", max_length=NAME_MAX, known="domains")


class KeywordRow(TextRow):
    text = Line(label="Phrase", max_length=NAME_MAX)


class SourceRow(TextRow):
    text = Text(label="Citation", rows=1)


class ContextLabelRow(Row):
    names = ("audience", "label")

    audience = Line(max_length=NAME_MAX, known="audiences")
    label = Text(rows=1)

    def entry(self) -> document.ContextLabel:
        return document.ContextLabel(self.value("audience"), self.value("label"))


class Lead(NamedTuple):
    """Where a target leads, and `by` what. title: "" for a wanted pattern; pk: None where there is no page to go to."""

    pk: int | None = None
    title: str = ""
    by: str = ""


class RelationshipRow(Row):
    names = ("kind", "target", "description", "weight")
    asks_for = ("target",)

    kind = forms.ChoiceField(
        choices=[("", "—"), *((kind.value, kind.value.replace("_", " ")) for kind in RelationshipKind)],
        widget=Select,
        error_messages={"required": "Choose a kind.", "invalid_choice": "Choose one of the kinds."},
    )
    target = Line(max_length=NAME_MAX, names_pattern=True)
    weight = Number(upper=1)
    description = Text(rows=1)

    # Where the stored target leads. Set by whoever shows the form.
    lead: Lead | None = None

    def entry(self) -> document.Relationship:
        target = self.value("target")
        facts = self.before.facts if self.before else ()
        if self.before and target != self.before.target:
            # These name the old target in another way; everything else the entry says stays.
            facts = tuple(fact for fact in facts if fact[0] not in (*TARGET_KEYS, "typeid"))
        return document.Relationship(self.value("kind"), target, self.value("weight"), self.value("description"), facts)

    @property
    def note(self) -> str:
        return " · ".join(f"{key}: {text}" for key, text in self.before.facts) if self.before else ""


class EntityRow(Row):
    names = ("label", "type", "id", "relevance")
    asks_for = ("label", "id")

    label = Line()
    type = Line()
    id = Line(max_length=NAME_MAX)
    relevance = Number(upper=1)

    def entry(self) -> document.Entity:
        return document.Entity(*(self.value(name) for name in document.Entity._fields))


class CommunityRow(Row):
    names = ("label", "id", "source", "confidence")
    asks_for = ("label", "id")

    label = Line()
    id = Line(max_length=NAME_MAX)
    source = Line()
    confidence = Number(upper=1)

    def entry(self) -> document.Community:
        return document.Community(*(self.value(name) for name in document.Community._fields))


class InferredLinkRow(Row):
    names = ("target", "type", "reason", "confidence", "strength")

    target = Line(max_length=NAME_MAX, names_pattern=True)
    type = Line()
    confidence = Number(upper=1)
    strength = Number(upper=5)
    reason = Text(rows=1)

    def entry(self) -> document.InferredLink:
        return document.InferredLink(*(self.value(name) for name in document.InferredLink._fields))


class ContributorRow(Row):
    names = ("name", "role")

    name = Line(max_length=NAME_MAX)
    role = Line()

    def entry(self) -> document.Contributor:
        return document.Contributor(self.value("name"), self.value("role"))


class SectionRow(Row):
    """A section of the body. What it says is put together with its neighbours, so its entry is what was typed."""

    names = ("heading", "text")

    heading = Line()
    text = Text(rows=6, is_markdown=True)

    @classmethod
    def shown(cls, entry: Any, name: str) -> Any:
        return without_line_ending(entry.heading) if name == "heading" else entry.text

    def clean_heading(self) -> str:
        heading: str = self.cleaned_data["heading"]
        is_as_before = self.before is not None and heading == self.shown(self.before, "heading")
        if heading.strip() and not is_as_before and not is_heading(heading):
            raise forms.ValidationError(
                "A heading is one line that starts with one to six # and a space: “### Section 1: Context”."
            )
        return heading

    def entry(self) -> TypedSection:
        base = None if self.before is None else self.cleaned_data["base"]
        return TypedSection(base, self.value("heading"), self.cleaned_data["text"])
