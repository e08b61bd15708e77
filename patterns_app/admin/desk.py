"""What the page of one pattern shows: its form in the format's groups, and what can only be read.

Costs nothing until it is shown: a form that is saved at once asks only for what the form is made of.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from statistics import fmean
from typing import Any, Final, NamedTuple, cast

from django.contrib.admin.helpers import Fieldset
from django.db.models import Q, Value, Window
from django.db.models.functions import RowNumber
from django.http import HttpRequest
from django.urls import reverse

from patterns_app.admin.stale import Conflict
from patterns_app.document.pattern import PatternDocument
from patterns_app.document.problems import Problem
from patterns_app.document.reading import OtherKey, Reading, other_keys, read
from patterns_app.document.vocabulary import (
    ADOPTION_STAGES,
    PILLARS,
    REFERENCE_AUDIENCES,
    SECTION_GUIDANCE,
    USAGE_STAGES,
    VITALITY_FLOORS,
    RelationshipKind,
    VitalityBand,
    vitality_band,
)
from patterns_app.forms import Lead, PatternEditor, RelationshipRow, blank_document
from patterns_app.models import Audience, Collection, ContextLabel, Domain, Pattern, Relationship, Revision, Snapshot
from patterns_app.models.names import Name
from patterns_app.models.typed import storable
from patterns_app.models.working_copy import document_of
from patterns_app.workflow.permissions import Person, may_see, may_see_all, visible

KNOWN_SHOWN: Final = 200
"""Most known names offered for one kind of name."""

INCOMING_SHOWN: Final = 200

_KINDS: Final = {kind.value: kind for kind in RelationshipKind}


class Group(NamedTuple):
    """One of the format's groups, or the body. blocks: names of field sets, parts and panels, in the order shown."""

    key: str
    title: str
    description: str
    blocks: tuple[str, ...]
    is_machine_written: bool = False


FIELD_SETS: Final[dict[str, tuple[str, tuple[str | tuple[str, ...], ...]]]] = {
    "identity": ("", ("title", "slug", "id", "mint", "summary")),
    "domain": ("", ("domain",)),
    "tension": ("", ("primary_tension",)),
    "assessment": ("Commons assessment", (PILLARS, "vitality", "vitality_reasoning", "overall_score")),
    "lifecycle": ("", ("confidence", "usage_stage", "adoption_stage", "version")),
    "garden": ("", ("last_pruned",)),
    "provenance": ("", ("license", "attribution", "collection", ("created", "modified"))),
    "preamble": ("", ("preamble",)),
}
"""A heading and lines of fields, by name."""

LAYOUTS: Final = {"aliases": "chips", "cross_domains": "chips", "vector_keywords": "chips", "sections": "stack"}
"""How the rows of a part are laid out: side by side, one below the other, else as a table."""

GROUPS: Final = (
    Group("identity", "1 Core identity", "", ("identity", "aliases")),
    Group(
        "navigator",
        "2 Contextual translation",
        "The Navigator: the same pattern in the words of each audience.",
        ("context_labels",),
    ),
    Group(
        "ontology",
        "3 Ontology and search",
        "",
        ("domain", "cross_domains", "tension", "vector_keywords", "assessment", "means"),
    ),
    Group("lifecycle", "4 Lifecycle and confidence", "", ("lifecycle",)),
    Group("relationships", "5 Relationships", "Curated by people. Weights from 0 to 1.", ("relationships", "incoming")),
    Group(
        "garden",
        "6 Graph garden",
        "Written by a machine. What you change here, the next tending of the garden may change again.",
        ("garden", "entities", "communities", "inferred_links"),
        is_machine_written=True,
    ),
    Group("provenance", "7 Provenance", "", ("contributors", "sources", "provenance")),
    Group("body", "Body", "Markdown, as it stands in the file.", ("preamble", "sections")),
)


@dataclass(frozen=True, slots=True)
class Block:
    """Something within a group. kind: "fields", "part" or the name of a panel; content: what its template shows."""

    kind: str
    content: Any
    layout: str = ""


@dataclass(frozen=True, slots=True)
class ShownGroup:
    """A group with its blocks, and whether something in it has to be corrected."""

    group: Group
    blocks: list[Block]
    has_errors: bool
    count: int


class Mean(NamedTuple):
    """A mean computed from the assessment, beside what the author wrote."""

    name: str
    value: float
    is_as_stated: bool


class Incoming(NamedTuple):
    """A relationship that another pattern states with this one."""

    pattern: Pattern
    stated: str
    reads_here: str
    weight: float | None


class Desk:
    """One pattern on somebody's desk. text: the file the form was made from; head: its revision, 0 where there is none.

    person: whose desk it is. Of patterns that they may not see it shows no more than the public does.
    """

    def __init__(
        self,
        *,
        editor: PatternEditor,
        person: Person,
        pattern: Pattern | None,
        text: str,
        head: int,
        reading: Reading | None,
    ) -> None:
        self.editor = editor
        self.person = person
        self.pattern = pattern
        self.text = text
        self.head = head
        self.reading = reading
        # Of a save that would undo somebody else's: what differs, and their revision.
        self.conflicts: list[Conflict] = []
        self.is_base_lost = False
        self.theirs: Revision | None = None

    @classmethod
    def for_request(cls, request: HttpRequest, pattern: Pattern | None) -> Desk:
        """The desk with what was posted on it, if anything was.

        The form is compared with the revision it was made from, so that a stale one is read as it was meant.
        """
        data = request.POST if request.method == "POST" else None
        if pattern is None:
            prefill = {name: storable(request.GET.get(name, "")) for name in ("title", "slug")}
            blank = blank_document(contributor=request.user.get_username(), **prefill)
            editor = PatternEditor(before=blank, names_others=may_see_all(request.user), data=data)
            return cls(editor=editor, person=request.user, pattern=None, text="", head=0, reading=None)
        head = pattern.head_id or 0
        text = pattern.text
        is_base_lost = False
        if data is not None:
            posted = data.get("head", "")
            head = int(posted) if posted.isascii() and posted.isdigit() and len(posted) < 19 else 0
            if head != pattern.head_id:
                revision = Revision.objects.filter(pattern=pattern, pk=head).first()
                # A form can lie open until its revision was thinned out.
                is_base_lost = revision is None
                text = revision.text if revision else text
        reading = read(text, name=pattern.slug) if text else None
        if (
            reading
            and data is not None
            and (text != pattern.text or data.get("seen") == reading.document.fingerprint())
        ):
            before = reading.document
        else:
            # Rows that were changed without a door say more than the text does.
            before = document_of(pattern)
        newline = reading.front.newline if reading else "\n"
        editor = PatternEditor(
            before=before,
            pattern=pattern,
            head=head,
            newline=newline,
            names_others=may_see_all(request.user),
            data=data,
        )
        desk = cls(editor=editor, person=request.user, pattern=pattern, text=text, head=head, reading=reading)
        desk.is_base_lost = is_base_lost
        return desk

    @property
    def began(self) -> PatternDocument | None:
        """What the form was made from; None where that revision is gone."""
        return None if self.is_base_lost else self.editor.before

    @property
    def document(self) -> PatternDocument:
        return self.editor.before

    # The form

    @cached_property
    def groups(self) -> list[ShownGroup]:
        """The groups in the format's order. One query, for what relationships led to."""
        self._resolve_targets()
        return [self._shown(group) for group in GROUPS]

    def _shown(self, group: Group) -> ShownGroup:
        form, parts = self.editor.form, self.editor.parts
        blocks: list[Block] = []
        has_errors = False
        count = 0
        for name in group.blocks:
            if name in FIELD_SETS:
                heading, lines = FIELD_SETS[name]
                lines = tuple(line for line in lines if not isinstance(line, str) or line in form.fields)
                blocks.append(Block("fields", Fieldset(cast("Any", form), heading, fields=cast("Any", lines))))
                flat = {field for line in lines for field in ([line] if isinstance(line, str) else line)}
                has_errors |= bool(flat & set(form.errors))
            elif name in parts:
                part = parts[name]
                blocks.append(Block("part", part, LAYOUTS.get(name, "table")))
                has_errors |= part.is_bound and (any(part.errors) or bool(part.non_form_errors()))
                count += len(part.before)
            elif self.pattern is not None or name == "means":
                blocks.append(Block(name, None))
        return ShownGroup(group, blocks, has_errors, count)

    def _resolve_targets(self) -> None:
        if self.pattern is None:
            return
        sees_all = may_see_all(self.person)
        stored = self.pattern.relationships.select_related("target" if sees_all else "target__snapshot")
        columns = ("pattern", "kind", "target_text", "resolved_by", "target__slug", "target__title", "target__owner")
        stored = stored.only(*columns, *(() if sees_all else ("target__snapshot__title",)))
        found = {(link.kind, link.target_text): self._lead(link) for link in stored}
        for row in self.editor.parts["relationships"].forms:
            if isinstance(row, RelationshipRow) and row.before is not None:
                row.lead = found.get((row.before.kind, row.before.target))

    def _lead(self, link: Relationship) -> Lead:
        """Where a relationship leads. A draft that the person may not see is, for them, still wanted."""
        target = link.target
        if target is None:
            return Lead()
        if may_see(self.person, target):
            return Lead(target.pk, str(target), link.resolved_by)
        snapshot: Snapshot | None = getattr(target, "snapshot", None)
        return Lead(None, str(snapshot), link.resolved_by) if snapshot else Lead()

    @cached_property
    def known(self) -> dict[str, list[str]]:
        """Names to offer while typing, by the name of their list. One query."""
        public, own = Snapshot.objects.order_by(), visible(self.person).order_by()
        labels = ContextLabel.objects.filter(pattern__in=own).order_by()
        models: dict[str, tuple[type[Name], Q]] = {
            "domains": (Domain, Q(name__in=public.values("domain")) | Q(pk__in=own.values("domain"))),
            "audiences": (Audience, Q(pk__in=labels.values("audience"))),
            "collections": (Collection, Q(name__in=public.values("collection")) | Q(pk__in=own.values("collection"))),
        }
        lists = []
        for key, (model, is_known) in models.items():
            # A name can be one that somebody's draft made.
            names = model._default_manager.filter(Q() if may_see_all(self.person) else is_known).order_by()
            names = names.annotate(place=Window(RowNumber(), order_by="name")).filter(place__lte=KNOWN_SHOWN)
            lists.append(names.annotate(of=Value(key)).values_list("of", "name"))
        known: dict[str, list[str]] = {key: [] for key in models}
        for key, name in lists[0].union(*lists[1:], all=True):
            known[key].append(name)
        known = {key: sorted(names) for key, names in known.items()}
        known["audiences"] = list(dict.fromkeys([*REFERENCE_AUDIENCES, *known["audiences"]]))
        known["usage-stages"] = list(USAGE_STAGES)
        known["adoption-stages"] = list(ADOPTION_STAGES)
        return known

    @property
    def guidance(self) -> list[str]:
        """How long each of the reference layout's sections should be."""
        return [f"{title} {low}–{high}" for title, low, high in SECTION_GUIDANCE]

    @property
    def for_script(self) -> dict[str, Any]:
        """What the scripts of the form want to know: whose form it is, where to ask, how long sections should be …"""
        return {
            "bound": self.editor.form.is_bound,
            "urls": {
                "suggest": reverse("admin:patterns_app_pattern_suggest"),
                "preview": reverse("admin:patterns_app_pattern_preview_text"),
            },
            "user": self.person.pk,
            "pattern": self.pattern.pk if self.pattern else None,
            "words": {title.casefold(): [low, high] for title, low, high in SECTION_GUIDANCE},
            "bands": [*VITALITY_FLOORS, (0, VitalityBand.EXTRACTIVE)],
            "pillars": PILLARS,
        }

    # What can only be read

    @property
    def problems(self) -> list[Problem]:
        """What reading the file has to say, in the order of its lines."""
        return sorted(self.reading.problems, key=lambda problem: problem.line) if self.reading else []

    @cached_property
    def other_keys(self) -> list[OtherKey]:
        return other_keys(self.reading) if self.reading else []

    @property
    def band(self) -> str:
        return "" if self.document.vitality is None else vitality_band(self.document.vitality)

    @property
    def means(self) -> list[Mean]:
        """The mean of the seven pillars, and of these with vitality. Empty while a pillar has no score."""
        pillars = [score for score in self.document.pillars if score is not None]
        if len(pillars) < len(PILLARS):
            return []
        computed = {"seven pillars": fmean(pillars)}
        if self.document.vitality is not None:
            computed["pillars and vitality"] = fmean([*pillars, self.document.vitality])
        return [Mean(name, mean, self._is_stated(mean)) for name, mean in computed.items()]

    def _is_stated(self, mean: float) -> bool:
        """Whether the author's overall score is the mean, to the digits that the author gives (one at least)."""
        stated = self.document.overall_score
        if stated is None:
            return False
        digits = max(len(repr(stated).partition(".")[2]), 1)
        return bool(abs(stated - mean) <= 0.5 * 10**-digits + 1e-9)

    @cached_property
    def incoming(self) -> list[Incoming]:
        """What points here from patterns that the person may see. One query."""
        return list(self._incoming())

    def _incoming(self) -> Iterator[Incoming]:
        links = Relationship.objects.filter(target=self.pattern).select_related("pattern")
        if not may_see_all(self.person):
            # What a public pattern's next version states is no more public than the rest of that version.
            links = links.filter(pattern__in=visible(self.person))
        links = links.only("kind", "weight", "pattern__slug", "pattern__title").order_by("kind", "pattern__slug")
        for link in links[:INCOMING_SHOWN]:
            kind = _KINDS[link.kind]
            yield Incoming(link.pattern, kind.value.replace("_", " "), kind.reverse_label, link.weight)
