"""The parts of which a pattern has several, as rows of a form: a row for each entry of the document, in its order.

A row knows the entry it was made from (`before`) and gives the entry it now says. Names of audiences, domains,
keywords and targets are texts, as in the file: a name that no other pattern uses yet is made when the form is saved.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from django import forms
from django.forms.formsets import DELETION_FIELD_NAME, ORDERING_FIELD_NAME

from patterns_app.document import pattern as document
from patterns_app.document.dialects import FIELDS
from patterns_app.document.pieces import identity_of
from patterns_app.document.reading import MAX_ENTRIES, TARGET_KEYS
from patterns_app.document.vocabulary import NAME_MAX, RelationshipKind
from patterns_app.forms.body import TypedSection, is_heading, without_line_ending
from patterns_app.forms.fields import Line, Number, Text, kept

if TYPE_CHECKING:
    from patterns_app.models import Relationship

    RowFormSet = forms.BaseFormSet["Row"]
else:
    RowFormSet = forms.BaseFormSet

EMPTY = "This is empty. To take the entry out, tick “Delete”."


class Row(forms.Form):
    """One entry. `before` is the document's entry that the row was made from, None for a new one.

    names: the fields of the entry (of a `PatternDocument` part), in their order; the first is the one that must say
    something unless `asks_for` names others, of which one must.
    """

    names: ClassVar[tuple[str, ...]] = ("text",)
    asks_for: ClassVar[tuple[str, ...]] = ()

    base = forms.IntegerField(required=False, min_value=0, widget=forms.HiddenInput)

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


class RelationshipRow(Row):
    names = ("kind", "target", "description", "weight")
    asks_for = ("target",)

    kind = forms.ChoiceField(
        choices=[("", "—"), *((kind.value, kind.value.replace("_", " ")) for kind in RelationshipKind)],
        error_messages={"required": "Choose a kind.", "invalid_choice": "Choose one of the kinds."},
    )
    target = Line(max_length=NAME_MAX)
    weight = Number(upper=1)
    description = Text(rows=1)

    # The row as it is stored, which knows what the target led to. Set by whoever shows the form.
    stored: Relationship | None = None

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

    target = Line(max_length=NAME_MAX)
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
    text = Text(rows=6)

    @classmethod
    def shown(cls, entry: Any, name: str) -> Any:
        return without_line_ending(entry.heading) if name == "heading" else entry.text

    def clean_heading(self) -> str:
        heading: str = self.cleaned_data["heading"]
        is_as_before = self.before is not None and heading == self.shown(self.before, "heading")
        if heading.strip() and not is_as_before and not is_heading(heading):
            raise forms.ValidationError("A heading is one line that starts with one to six # and a space: “### Section 1: Context”.")
        return heading

    def entry(self) -> TypedSection:
        base = None if self.before is None else self.cleaned_data["base"]
        return TypedSection(base, self.value("heading"), self.cleaned_data["text"])


_FIELD = {spec.name: spec for spec in reversed(FIELDS)}


def _identity(part: str) -> Callable[[Any], Hashable]:
    return lambda entry: identity_of(_FIELD[part], entry)


@dataclass(frozen=True, slots=True)
class Part:
    """A list of a document, and how its rows are headed.

    name: of the `PatternDocument` field. identity: what may stand only once, None where entries may repeat.
    repeated: what to say of an entry that stands twice.
    """

    name: str
    row: type[Row]
    title: str
    add: str
    help: str = ""
    identity: Callable[[Any], Hashable] | None = None
    repeated: str = "This stands here twice. Keep one of the two."


PARTS: dict[str, Part] = {
    part.name: part
    for part in (
        Part("aliases", AliasRow, "Aliases", "Add an alias", "Other names, for search and for links.", _identity("aliases")),
        Part(
            "context_labels",
            ContextLabelRow,
            "Context labels",
            "Add an audience",
            "What each audience calls this pattern: a name or a whole sentence.",
            _identity("context_labels"),
            "This audience has a label already. Keep one of the two.",
        ),
        Part(
            "cross_domains",
            CrossDomainRow,
            "Cross domains",
            "Add a domain",
            "Further domains the pattern reaches into.",
            _identity("cross_domains"),
        ),
        Part(
            "vector_keywords",
            KeywordRow,
            "Vector keywords",
            "Add a keyword",
            "Phrases by which a search should find the pattern.",
            _identity("vector_keywords"),
        ),
        Part(
            "relationships",
            RelationshipRow,
            "Relationships",
            "Add a relationship",
            "A target is a slug (or an id, or an alias). It may be a pattern that nobody has written yet: then it is wanted.",
            lambda entry: (entry.kind, entry.target),
            "This relationship stands here twice: same kind, same target. Keep one of the two.",
        ),
        Part("entities", EntityRow, "Entities", "Add an entity", "Concepts, practices, … found in the text.", _identity("entities")),
        Part(
            "communities",
            CommunityRow,
            "Communities",
            "Add a community",
            "Clusters this pattern belongs to, and who said so.",
            _identity("communities"),
        ),
        Part(
            "inferred_links",
            InferredLinkRow,
            "Inferred links",
            "Add an inferred link",
            "Links a machine proposes, with a confidence from 0 to 1 or, on an older scale, a strength from 3 to 5.",
            _identity("inferred_links"),
        ),
        Part("contributors", ContributorRow, "Contributors", "Add a contributor", "People by handle or by name.", _identity("contributors")),
        Part("sources", SourceRow, "Sources", "Add a source", "One citation each."),
        Part("sections", SectionRow, "Sections", "Add a section", "Each section is a heading line and the Markdown below it."),
    )
}


class PartFormSet(RowFormSet):
    """The rows of one part. `before` are the entries that the rows were made from."""

    part: ClassVar[Part]

    def __init__(self, *, before: Sequence[Any], is_new: bool, data: Any = None) -> None:
        self.before = before
        self.is_new = is_new
        row = self.part.row
        initial = [{name: row.shown(entry, name) for name in row.names} for entry in before]
        if not is_new:
            initial = [{"base": index, **values} for index, values in enumerate(initial)]
        super().__init__(data, prefix=self.part.name, initial=initial)

    def add_fields(self, form: Row, index: int | None) -> None:
        super().add_fields(form, index)
        number = self._base_of(form, index)
        form.before = None if number is None else self.before[number]

    def _base_of(self, form: Row, index: int | None) -> int | None:
        """The number of the entry that a row was made from; None for a new row and for one that is made up."""
        if self.is_new or index is None:
            return None
        posted = form.data.get(form.add_prefix("base"), "") if form.is_bound else str(index)
        return int(posted) if posted.isascii() and posted.isdigit() and int(posted) < len(self.before) else None

    def clean(self) -> None:
        """Each entry once, said on the row that repeats it."""
        if self.part.identity is None:
            return
        seen: set[Hashable] = set()
        for row in self.rows():
            if row.errors:
                continue
            identity = self.part.identity(row.entry())
            if identity in seen:
                row.add_error((row.asks_for or row.names)[0], self.part.repeated)
            seen.add(identity)

    def rows(self) -> list[Row]:
        """The rows that count, in the order asked for. A row moved to another's number goes before it when it moved up."""
        placed = []
        for index, row in enumerate(self.forms):
            if row.is_deleted or (index >= self.initial_form_count() and not row.has_changed()):
                continue
            was = row.fields[ORDERING_FIELD_NAME].initial
            now = row.cleaned_data.get(ORDERING_FIELD_NAME) if row.is_valid() else was
            if was is None:
                place = (now is None, now or 0, 0, index)
            else:
                now = was if now is None else now
                place = (False, now, (now > was) - (now < was), index)
            placed.append((place, row))
        return [row for _, row in sorted(placed, key=lambda pair: pair[0])]

    def entries(self) -> tuple[Any, ...]:
        return tuple(row.entry() for row in self.rows())

    @property
    def for_script(self) -> str:
        """What Django's script for inlines wants to know, as JSON."""
        options = {"prefix": self.prefix, "addText": self.part.add, "deleteText": "Remove"}
        return json.dumps({"name": f"#{self.prefix}", "options": options})


def formset_for(part: Part) -> type[PartFormSet]:
    """The formset class of a part."""
    made: type[PartFormSet] = forms.formset_factory(  # type: ignore[assignment]
        part.row, formset=PartFormSet, extra=0, can_order=True, can_delete=True, max_num=MAX_ENTRIES, absolute_max=MAX_ENTRIES
    )
    made.part = part
    return made


FORMSETS: dict[str, type[PartFormSet]] = {name: formset_for(part) for name, part in PARTS.items()}

__all__ = ["FORMSETS", "PARTS", "Part", "PartFormSet", "Row"]
