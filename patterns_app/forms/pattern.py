"""The form of everything of which a pattern has exactly one."""

from __future__ import annotations

import json
from typing import Any, Final

from django import forms
from django.utils.text import slugify
from typeid import TypeID

from patterns_app.document.pattern import PatternDocument
from patterns_app.document.problems import Severity
from patterns_app.document.reading import Unreadable, read
from patterns_app.document.vocabulary import NAME_MAX, is_placeholder
from patterns_app.forms.fields import Line, Number, Stars, Text, kept
from patterns_app.forms.widgets import HiddenInput
from patterns_app.models import Pattern

NOTE_MAX: Final = 500
"""Longest note about a change, in characters."""


class PatternForm(forms.Form):
    """Field names are the document's, but for `head` and `seen` (the revision that the form was made from, and the
    fingerprint of the document it showed), `mint` and `note`. The status is not on it: moves change it.
    """

    head = forms.IntegerField(required=False, widget=HiddenInput)
    seen = forms.CharField(required=False, widget=HiddenInput)

    id = Line(
        label="Id",
        max_length=NAME_MAX,
        help_text="The permanent id (pat_ and 26 characters). Once others know it, it never changes.",
    )
    mint = forms.BooleanField(label="Make an id for this pattern", required=False)
    slug = Line(
        max_length=NAME_MAX, help_text="Words in lower case joined by hyphens; also the file's name and the address."
    )
    title = Line(help_text="The official title.")
    summary = Text(rows=3, help_text="One or two sentences.")

    domain = Line(max_length=NAME_MAX, known="domains", help_text="The one main field of practice.")
    primary_tension = Text(rows=2, help_text="“A vs. B”: the conflict the pattern resolves.")
    stakeholder_architecture = Number(upper=5)
    value_creation = Number(upper=5)
    resilience = Number(upper=5)
    ownership = Number(upper=5)
    autonomy = Number(upper=5)
    composability = Number(upper=5)
    fractal_value = Number(upper=5)
    vitality = Number(
        upper=5,
        help_text="From 4.5 generative, from 3.5 sustaining, from 2 functional; below, extractive and due for review.",
    )
    vitality_reasoning = Text(rows=3, help_text="One to three sentences.")
    overall_score = Number(upper=5, help_text="As the author means it. The computed means below never replace it.")

    usage_stage = Line(max_length=NAME_MAX, known="usage-stages")
    adoption_stage = Line(max_length=NAME_MAX, known="adoption-stages")
    version = Line(max_length=NAME_MAX, help_text="Text, not a number: 1.10 is not 1.1.")
    confidence = Stars(help_text="Stars, 1 to 3.")

    last_pruned = Line(max_length=NAME_MAX, help_text="The day a machine last tended the garden: YYYY-MM-DD.")

    license = Line(max_length=NAME_MAX, help_text="An SPDX identifier, such as CC-BY-SA-4.0.")
    attribution = Text(rows=1, help_text="The credit line.")
    collection = Line(
        max_length=NAME_MAX, known="collections", help_text="A named set of patterns, usually one book or body of work."
    )
    created = Line(max_length=NAME_MAX, help_text="YYYY-MM-DD.")
    modified = Line(max_length=NAME_MAX, help_text="YYYY-MM-DD.")

    preamble = Text(
        rows=4,
        is_markdown=True,
        help_text="What stands above the first section: opening quote and confidence note, in Markdown.",
    )

    note = Line(
        label="What did you change? (optional)",
        max_length=NOTE_MAX,
        help_text="One line for the history. Optional.",
    )

    def __init__(
        self,
        *,
        before: PatternDocument,
        pattern: Pattern | None,
        head: int | None = None,
        names_others: bool = True,
        data: Any = None,
    ) -> None:
        """before: the document the form is made from. pattern: whose it is; None for a new one. names_others: whether
        who fills the form in may know the titles of all other patterns.
        """
        initial: dict[str, Any] = {name: getattr(before, name) for name in SINGLE}
        initial.update(head=head, seen=before.fingerprint())
        super().__init__(data, initial=initial)
        self.before = before
        self.pattern = pattern
        self.names_others = names_others
        if before.id or pattern is None:
            del self.fields["mint"]
        if pattern is None:
            self.fields["title"].required = True
            self.fields["slug"].help_text = "Left empty, it is made from the title."

    def _is_as_before(self, name: str) -> bool:
        """Whether a text says what it said. What a file already says is never refused, only what is typed."""
        before: str = getattr(self.before, name)
        return self.pattern is not None and kept(before, self.cleaned_data[name]) == before

    def clean_title(self) -> str:
        title: str = self.cleaned_data["title"]
        if not title.strip() and not self._is_as_before("title"):
            raise forms.ValidationError("A pattern needs a title.")
        return title

    def clean_slug(self) -> str:
        slug: str = self.cleaned_data["slug"]
        if self._is_as_before("slug") or (self.pattern is None and not slug):
            return slug
        if not slug.strip():
            raise forms.ValidationError("A pattern needs a slug: words in lower case joined by hyphens.")
        if refusal := _refusal_of_slug(slug):
            raise forms.ValidationError(refusal)
        self._refuse_taken(slug=slug)
        return slug

    def clean_id(self) -> str:
        identifier: str = self.cleaned_data["id"]
        if self._is_as_before("id") or not identifier:
            return identifier
        if is_placeholder(identifier):
            raise forms.ValidationError(f"“{identifier}” is a placeholder and identifies nothing.")
        self._refuse_taken(identifier=identifier)
        return identifier

    def _refuse_taken(self, **identity: str) -> None:
        others = Pattern.objects.filter(**identity)
        if self.pattern is not None:
            others = others.exclude(pk=self.pattern.pk)
        if other := others.only("title", "slug").first():
            name = "id" if "identifier" in identity else "slug"
            bearer = f"“{other}” ({other.slug})" if self.names_others else "Another pattern"
            raise forms.ValidationError(f"{bearer} has this {name} already.")

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if self.pattern is None and cleaned.get("title") and cleaned.get("slug") == "":
            cleaned["slug"] = free_slug(cleaned["title"])
            if not cleaned["slug"]:
                self.add_error("slug", "Write a slug: none can be made from this title.")
        return cleaned

    def values(self) -> dict[str, Any]:
        """The document's single fields as the form says them, but for the preamble (it belongs to the body)."""
        values: dict[str, Any] = {}
        for name in SINGLE:
            typed = self.cleaned_data[name]
            values[name] = kept(getattr(self.before, name), typed) if isinstance(typed, str) else typed
        if self.cleaned_data.get("mint") and not values["id"]:
            values["id"] = new_id()
        del values["preamble"]
        return values


SINGLE: Final = tuple(name for name in PatternForm.base_fields if name not in ("head", "seen", "mint", "note"))
"""The document's fields that hold one value, in the form's order."""


def new_id() -> str:
    """A fresh TypeID: `pat_` and a UUIDv7."""
    return str(TypeID(prefix="pat"))


def free_slug(title: str) -> str:
    """A slug made from a title that no pattern has yet: with -2, -3 … where it is taken. One query.

    "" for a title without a letter that can be used.
    """
    slug = slugify(title)[: NAME_MAX - 10].strip("-_")
    if not slug:
        return ""
    taken = set(Pattern.objects.filter(slug__startswith=slug).values_list("slug", flat=True))
    number = 2
    free = slug
    while free in taken:
        free = f"{slug}-{number}"
        number += 1
    return free


def _refusal_of_slug(slug: str) -> str:
    """Why a file with this slug would be refused; "" if it would not. Reading is asked, so that there is one rule."""
    try:
        problems = read(f"---\nslug: {json.dumps(slug)}\n---\n").problems
    except Unreadable as error:
        return error.problem.message
    errors = [problem for problem in problems if problem.key == "slug" and problem.severity is Severity.ERROR]
    return errors[0].message if errors else ""
