"""The parts of which a pattern has several: each a list of rows that can be added to, taken from and put in order."""

from __future__ import annotations

import json
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from django import forms
from django.forms.formsets import ORDERING_FIELD_NAME

from patterns_app.document.dialects import FIELDS
from patterns_app.document.pieces import identity_of
from patterns_app.document.values import MAX_ENTRIES
from patterns_app.forms.rows import (
    AliasRow,
    CommunityRow,
    ContextLabelRow,
    ContributorRow,
    CrossDomainRow,
    EntityRow,
    InferredLinkRow,
    KeywordRow,
    RelationshipRow,
    Row,
    SectionRow,
    SourceRow,
)
from patterns_app.forms.widgets import CheckBox, NumberInput

if TYPE_CHECKING:
    RowFormSet = forms.BaseFormSet[Row]
else:
    RowFormSet = forms.BaseFormSet

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
        Part(
            "aliases",
            AliasRow,
            "Aliases",
            "Add an alias",
            "Other names, for search and for links.",
            _identity("aliases"),
        ),
        Part(
            "context_labels",
            ContextLabelRow,
            "Context labels",
            "Add an audience",
            "What each audience calls this pattern: a name or a whole sentence.",
            lambda entry: str(entry.audience),
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
            "A target is a slug, an id or an alias. One that no pattern bears yet is a wanted pattern.",
            lambda entry: (entry.kind, entry.target),
            "This relationship stands here twice: same kind, same target. Keep one of the two.",
        ),
        Part(
            "entities",
            EntityRow,
            "Entities",
            "Add an entity",
            "Concepts, practices, … found in the text.",
            _identity("entities"),
        ),
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
        Part(
            "contributors",
            ContributorRow,
            "Contributors",
            "Add a contributor",
            "People by handle or by name.",
            _identity("contributors"),
        ),
        Part("sources", SourceRow, "Sources", "Add a source", "One citation each."),
        Part(
            "sections",
            SectionRow,
            "Sections",
            "Add a section",
            "Each section is a heading line and the Markdown below it.",
        ),
    )
}


class PartFormSet(RowFormSet):
    """The rows of one part. `before` are the entries that the rows were made from."""

    part: ClassVar[Part]

    ordering_widget = NumberInput
    deletion_widget = CheckBox

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
        """The rows that count, in the order asked for.

        A row that takes another's number goes before it when it moved up, after it when it moved down.
        """
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
        part.row,
        formset=PartFormSet,
        extra=0,
        can_order=True,
        can_delete=True,
        max_num=MAX_ENTRIES,
        absolute_max=MAX_ENTRIES,
    )
    made.part = part
    return made


FORMSETS: dict[str, type[PartFormSet]] = {name: formset_for(part) for name, part in PARTS.items()}
