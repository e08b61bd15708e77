"""`PatternEditor`: a document in, a document out, and a person in between.

Everything a pattern says is on one form: one `PatternForm` and a formset for each of its parts. Nothing here saves;
`document()` is what the form says, for one of the doors in `workflow`.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any, Final

from patterns_app.document.body import Section, split_body
from patterns_app.document.pattern import ContextLabel, Contributor, PatternDocument
from patterns_app.document.vocabulary import REFERENCE_AUDIENCES, SECTION_GUIDANCE, RelationshipKind, Status
from patterns_app.forms.body import compose
from patterns_app.forms.parts import FORMSETS, PartFormSet
from patterns_app.forms.pattern import PatternForm, new_id
from patterns_app.models import Pattern

USUAL_LICENSE: Final = "CC-BY-SA-4.0"

_KIND_ORDER: Final = {kind.value: number for number, kind in enumerate(RelationshipKind)}


def blank_document(*, contributor: str, title: str = "", slug: str = "") -> PatternDocument:
    """What the form of a new pattern starts with: an id, the reference audiences, its eight headings, usual license."""
    return PatternDocument(
        id=new_id(),
        slug=slug,
        title=title,
        context_labels=tuple(ContextLabel(audience, "") for audience in REFERENCE_AUDIENCES),
        status=Status.DRAFT.value,
        version="0.1",
        contributors=(Contributor(contributor),),
        license=USUAL_LICENSE,
        sections=tuple(
            Section(f"### Section {number}: {title}\n", "")
            for number, (title, _, _) in enumerate(SECTION_GUIDANCE, start=1)
        ),
    )


class PatternEditor:
    """The forms of one pattern.

    before: the document they are made from. pattern: whose it is, None for a new one. head: the revision that says
    `before`. newline: the file's line ending. names_others: whether the person may know all other patterns' titles.
    data: what was posted.
    """

    def __init__(
        self,
        *,
        before: PatternDocument,
        pattern: Pattern | None = None,
        head: int | None = None,
        newline: str = "\n",
        names_others: bool = True,
        data: Mapping[str, Any] | None = None,
    ) -> None:
        self.before = before
        self.is_new = pattern is None
        self.newline = newline
        self.form = PatternForm(before=before, pattern=pattern, head=head, names_others=names_others, data=data)
        self.parts: dict[str, PartFormSet] = {
            name: formset(before=getattr(before, name), is_new=self.is_new, data=data)
            for name, formset in FORMSETS.items()
        }

    def is_valid(self) -> bool:
        """Whether all of it can be used. Every form is looked at, so that all errors are shown at once."""
        return all([self.form.is_valid(), *[part.is_valid() for part in self.parts.values()]])

    def refuse(self, message: str, field: str | None = None) -> None:
        """Show why what was typed could not be saved, beside the field if there is one."""
        self.form.add_error(field if field in self.form.fields else None, message)

    def freeze(self) -> None:
        """Show everything, let nothing be edited."""
        for form in (self.form, *(row for part in self.parts.values() for row in part.forms)):
            for field in form.fields.values():
                field.disabled = True

    @property
    def note(self) -> str:
        note: str = self.form.cleaned_data["note"]
        return note.strip()

    def document(self) -> PatternDocument:
        """What the forms say. Equal to `before` if nothing was changed."""
        values = self.form.values()
        for name, part in self.parts.items():
            values[name] = part.entries()
        values["relationships"] = tuple(sorted(values["relationships"], key=lambda entry: _KIND_ORDER[entry.kind]))
        body = compose(
            preamble=self.form.cleaned_data["preamble"],
            sections=values.pop("sections"),
            before=self.before.preamble,
            base=() if self.is_new else self.before.sections,
            newline=self.newline,
        )
        # A heading typed within a text starts a section, as it will when the file is read.
        values["preamble"], values["sections"] = split_body(body)
        if self.is_new:
            values["id"] = values["id"] or new_id()
            values["context_labels"] = tuple(label for label in values["context_labels"] if label.label)
        return dataclasses.replace(self.before, **values)
