"""The values of fields, built from YAML nodes, and the problems met on the way.

By hand, because a YAML loader would turn `1.10` into 1.1, `no` into False and a date into a day that has no spelling.
What a document says as a whole is for `reading` to judge.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from typing import Any, Final, TypeVar

from yaml import MappingNode, Node, ScalarNode, SequenceNode

from patterns_app.document.dialects import Field, Path, Shape
from patterns_app.document.frontmatter import FrontMatter, content_end, entries, scalar_text
from patterns_app.document.pattern import Community, ContextLabel, Contributor, Entity, InferredLink, Relationship
from patterns_app.document.problems import Problem, Severity, printable, shown
from patterns_app.document.vocabulary import NAME_MAX

MAX_ENTRIES: Final = 5_000
"""Most entries read from one list. The longest real one has 44 relationships; this bounds hostile files."""

TARGET_KEYS: Final = ("slug", "id", "target", "name")
CONTRIBUTOR_KEYS: Final = ("name", "handle", "id")

_NUMBER: Final = re.compile(r"[-+]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][-+]?[0-9]+)?")
_DATE: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}(?=[ T]|\Z)")

T = TypeVar("T")
Keyed = TypeVar("Keyed", Entity, Community)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a field stands in one file: its key path, key node and value node."""

    path: Path
    key: ScalarNode
    value: Node


@dataclass(slots=True)
class Reader:
    """Reads the values of one front matter, collecting problems.

    repeated: (first, again) for each entry that is not used because its list has it already.
    """

    front: FrontMatter
    problems: list[Problem] = field(default_factory=list)
    repeated: list[tuple[Node, Node]] = field(default_factory=list)

    def problem(
        self, node: Node | None, key: str, code: str, message: str, severity: Severity = Severity.WARNING
    ) -> None:
        line = self.front.line_of(node) if node is not None else 1
        self.problems.append(Problem("", line, key, code, severity, message))

    def value(self, spec: Field, place: Place) -> Any:
        """A field's value as `PatternDocument` holds it (for relationships: a list of one kind's)."""
        key = ".".join(place.path)
        match spec.shape:
            case Shape.TEXT:
                return self.text(place.value, key, spec.limit, spec.is_date)
            case Shape.SCORE:
                return self.number(place.value, key, 5)
            case Shape.STARS:
                stars = self.number(place.value, key, 4)
                if stars is not None and stars != int(stars):
                    self.problem(
                        place.value, key, "not-whole", f"{key} is {stars}, but stars are whole; it is not used."
                    )
                    return None
                return None if stars is None else int(stars)
            case _:
                pairs = self.pairs(spec, place)
                values = [value for value, _ in pairs]
                return values if spec.shape is Shape.RELATIONSHIPS else tuple(values)

    def pairs(self, spec: Field, place: Place) -> list[tuple[Any, Node]]:
        """A list field's readable entries, each with the node it was read from. (For labels: the value's node.)"""
        key = ".".join(place.path)
        if spec.shape is Shape.LABELS:
            return self.labels(place.value, key)
        readers: dict[Shape, Callable[[Node, str], tuple[Any, Hashable] | None]] = {
            Shape.TEXTS: lambda node, key: self.listed_text(node, key, spec),
            Shape.RELATIONSHIPS: lambda node, key: self.relationship(node, key, spec.kind),
            Shape.ENTITIES: self.entity,
            Shape.COMMUNITIES: self.community,
            Shape.INFERRED_LINKS: self.inferred_link,
            Shape.CONTRIBUTORS: self.contributor,
        }
        return self.unique(place.value, key, readers[spec.shape], repeats=spec.repeats)

    # Scalars

    def text(self, node: Node, key: str, limit: int | None = None, is_date: bool = False) -> str:
        text = scalar_text(node)
        if text is None:
            shape = "list" if isinstance(node, SequenceNode) else "mapping"
            self.problem(node, key, "not-text", f"{key} should be a text, but a {shape} stands here; it is not used.")
            return ""
        if limit is not None and len(text) > limit:
            self.problem(
                node, key, "too-long", f"{key} has {len(text)} characters, at most {limit} can be used; shorten it."
            )
            return ""
        if "\0" in text:
            self.problem(
                node,
                key,
                "nul-character",
                f"{key} holds a NUL character (written \\0), which cannot be stored; remove it.",
            )
            return ""
        if is_date and text and not is_a_date(text):
            self.problem(
                node, key, "not-a-date", f"{key} is {shown(text)}, which is no date (YYYY-MM-DD); it is kept as text."
            )
        return text

    def number(self, node: Node, key: str, upper: int) -> float | None:
        """A number from 0 to `upper`, else None and a problem."""
        text = scalar_text(node)
        if text == "":
            return None
        if text is None or not _NUMBER.fullmatch(text.strip()):
            self.problem(
                node, key, "not-a-number", f"{key} should be a number from 0 to {upper}; what stands here is not used."
            )
            return None
        number = float(text)
        if not 0 <= number <= upper:
            self.problem(
                node, key, "out-of-range", f"{key} is {shown(text)}, but must be from 0 to {upper}; it is not used."
            )
            return None
        # Not -0.0, which equals 0.0 and yet has another fingerprint.
        return number + 0.0

    # Lists

    def unique(
        self, node: Node, key: str, reader: Callable[[Node, str], tuple[T, Hashable] | None], *, repeats: bool
    ) -> list[tuple[T, Node]]:
        """Each entry of a list once; a second one with the same identity is a problem and stays in the text only."""
        if isinstance(node, SequenceNode):
            nodes = list(node.value)
        elif isinstance(node, ScalarNode) and scalar_text(node) == "":
            return []
        else:
            self.problem(
                node, key, "not-a-list", f"{key} should be a list; what stands here is read as its only entry."
            )
            nodes = [node]
        if len(nodes) > MAX_ENTRIES:
            self.problem(
                node, key, "too-many", f"{key} has {len(nodes)} entries; only the first {MAX_ENTRIES} are used."
            )
            del nodes[MAX_ENTRIES:]
        found: list[tuple[T, Node]] = []
        seen: dict[Hashable, Node] = {}
        for item in nodes:
            result = reader(item, key)
            if result is None:
                continue
            value, identity = result
            if not repeats and identity in seen:
                first = self.front.line_of(seen[identity])
                self.problem(
                    item, key, "duplicate-entry", f"{key} already says this on line {first}; the second is not used."
                )
                self.repeated.append((seen[identity], item))
                continue
            seen.setdefault(identity, item)
            found.append((value, item))
        return found

    def listed_text(self, node: Node, key: str, spec: Field) -> tuple[str, Hashable] | None:
        text = scalar_text(node)
        if text is None:
            # An unquoted colon makes a mapping of what its author meant as text: show the very characters.
            source = self.front.yaml
            text = source[int(node.start_mark.index) : content_end(node, source)]
            if "\n" in text or not text:
                self.problem(
                    node, key, "not-text", f"An entry of {key} should be a text; it is not used. Put it in quotes."
                )
                return None
            self.problem(
                node, key, "not-text", f"An entry of {key} is not a text (a colon without quotes?); put it in quotes."
            )
        return self._name(node, key, text, spec.limit)

    def _name(self, node: Node, key: str, text: str, limit: int | None = NAME_MAX) -> tuple[str, Hashable] | None:
        if not text.strip():
            self.problem(node, key, "empty-entry", f"An entry of {key} is empty; it is not used.")
            return None
        if limit is not None and len(text) > limit:
            self.problem(
                node,
                key,
                "too-long",
                f"An entry of {key} has {len(text)} characters, at most {limit} can be used; shorten it.",
            )
            return None
        if "\0" in text:
            self.problem(
                node,
                key,
                "nul-character",
                f"An entry of {key} holds a NUL character, which cannot be stored; remove it.",
            )
            return None
        return text, text

    def labels(self, node: Node, key: str) -> list[tuple[ContextLabel, Node]]:
        if not isinstance(node, MappingNode):
            if not (isinstance(node, ScalarNode) and scalar_text(node) == "") and not (
                isinstance(node, SequenceNode) and not node.value
            ):
                self.problem(
                    node,
                    key,
                    "not-a-mapping",
                    f"{key} should be lines of `audience: label`; what stands here is not used.",
                )
            return []
        found = []
        for audience, (key_node, value) in entries(node, self.front).items():
            if self._name(key_node, key, audience) is None:
                continue
            path = f"{key}.{printable(audience)}"
            if scalar_text(value) is None:
                self.problem(value, path, "not-text", f"{path} should be a text; it is not used.")
            else:
                found.append((ContextLabel(audience, self.text(value, path)), value))
        return found

    # Entries

    def _parts(self, node: Node, key: str) -> dict[str, Node] | None:
        """A mapping entry's values by key; None, with a problem, for a list."""
        if isinstance(node, MappingNode):
            return {name: value for name, (_, value) in entries(node, self.front).items()}
        self.problem(node, key, "not-an-entry", f"An entry of {key} is a list; it is not used.")
        return None

    def _part(self, parts: dict[str, Node], part: str, key: str) -> str:
        return self.text(parts[part], f"{key}.{part}") if part in parts else ""

    def _number(self, parts: dict[str, Node], part: str, key: str, upper: int) -> float | None:
        return self.number(parts[part], f"{key}.{part}", upper) if part in parts else None

    def relationship(self, node: Node, key: str, kind: str) -> tuple[Relationship, Hashable] | None:
        if isinstance(node, ScalarNode):
            name = self._name(node, key, scalar_text(node) or "")
            return name and (Relationship(kind, name[0]), name[1])
        parts = self._parts(node, key)
        if parts is None:
            return None
        target_key = target_key_of(parts)
        name = self._name(node, key, (scalar_text(parts[target_key]) or "") if target_key else "")
        if name is None:
            return None
        facts = []
        for part, value in parts.items():
            if (
                part not in (target_key, "weight", "description")
                and (fact := scalar_text(value)) is not None
                and "\0" not in fact
            ):
                facts.append((part, fact))
        weight = self._number(parts, "weight", key, 1)
        return Relationship(kind, name[0], weight, self._part(parts, "description", key), tuple(facts)), name[0]

    def entity(self, node: Node, key: str) -> tuple[Entity, Hashable] | None:
        if isinstance(node, ScalarNode):
            name = self._name(node, key, scalar_text(node) or "")
            return name and self._keyed(node, key, Entity("", "", name[0]))
        parts = self._parts(node, key)
        if parts is None:
            return None
        relevance = self._number(parts, "relevance", key, 1)
        identifier, kind, label = (self._part(parts, part, key) for part in ("id", "type", "label"))
        return self._keyed(node, key, Entity(identifier, kind, label, relevance))

    def community(self, node: Node, key: str) -> tuple[Community, Hashable] | None:
        if isinstance(node, ScalarNode):
            name = self._name(node, key, scalar_text(node) or "")
            return name and self._keyed(node, key, Community("", name[0]))
        parts = self._parts(node, key)
        if parts is None:
            return None
        confidence = self._number(parts, "confidence", key, 1)
        identifier, label, source = (self._part(parts, part, key) for part in ("id", "label", "source"))
        return self._keyed(node, key, Community(identifier, label, source, confidence))

    def _keyed(self, node: Node, key: str, entry: Keyed) -> tuple[Keyed, Hashable] | None:
        name = self._name(node, key, entry.key)
        return name and (entry, name[1])

    def inferred_link(self, node: Node, key: str) -> tuple[InferredLink, Hashable] | None:
        if isinstance(node, ScalarNode):
            name = self._name(node, key, scalar_text(node) or "")
            return name and (InferredLink(name[0]), (name[0], ""))
        parts = self._parts(node, key)
        if parts is None:
            return None
        target_key = target_key_of(parts, ("target", "slug", "id"))
        name = self._name(node, key, (scalar_text(parts[target_key]) or "") if target_key else "")
        if name is None:
            return None
        link = InferredLink(
            name[0],
            self._part(parts, "type", key),
            self._number(parts, "confidence", key, 1),
            self._number(parts, "strength", key, 5),
            self._part(parts, "reason", key),
        )
        return link, (link.target, link.type)

    def contributor(self, node: Node, key: str) -> tuple[Contributor, Hashable] | None:
        if isinstance(node, ScalarNode):
            name = self._name(node, key, scalar_text(node) or "")
            return name and (Contributor(name[0]), (name[0], ""))
        parts = self._parts(node, key)
        if parts is None:
            return None
        name_key = target_key_of(parts, CONTRIBUTOR_KEYS)
        name = self._name(node, key, (scalar_text(parts[name_key]) or "") if name_key else "")
        if name is None:
            return None
        contributor = Contributor(name[0], self._part(parts, "role", key))
        return contributor, contributor


def is_a_date(text: str) -> bool:
    """Whether a text is a day, or a moment that begins with one."""
    if not _DATE.match(text):
        return False
    try:
        datetime.date.fromisoformat(text[:10])
    except ValueError:
        return False
    return True


def target_key_of(parts: dict[str, Node], keys: tuple[str, ...] = TARGET_KEYS) -> str | None:
    """The key under which an entry names what it points at: the first of `keys` with a text."""
    for key in keys:
        if key in parts and scalar_text(parts[key]):
            return key
    return None
