"""Reading: text → `PatternDocument` and the problems met on the way.

Here a file's fields are found and the document as a whole is judged; `values` reads each field. Whatever cannot be used
is a problem with its line; the text keeps it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Final

from yaml import MappingNode, Node, ScalarNode

from patterns_app.document.body import confidence_note, split_body
from patterns_app.document.dialects import CONTAINERS, FIELDS, Path, Shape
from patterns_app.document.frontmatter import FrontMatter, Unreadable, entries, scalar_text, split, value_span
from patterns_app.document.pattern import PatternDocument, Relationship
from patterns_app.document.problems import Problem, Severity, shown
from patterns_app.document.values import Place, Reader
from patterns_app.document.vocabulary import NAME_MAX, STATUS_WORDS, TYPEID, is_placeholder

_UNSAFE_SLUG: Final = re.compile(r"[/\\\x00-\x1f\x7f]|^\.")
_USUAL_SLUG: Final = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")


@dataclass(slots=True)
class Reading:
    """What one text says, and where.

    places: by (field name, relationship kind or ""). problems are in the order met; their paths are empty, since a
    text does not know its file.
    """

    document: PatternDocument
    front: FrontMatter
    places: dict[tuple[str, str], Place]
    problems: list[Problem]

    @property
    def is_refused(self) -> bool:
        """Whether a problem keeps the text from being a pattern at all."""
        return any(problem.severity is Severity.ERROR for problem in self.problems)


def read(text: str, *, name: str = "") -> Reading:
    """What a pattern file's text says.

    `name` is the file's name without suffix: the slug of a file that states none. Raises `Unreadable` for a text
    without usable front matter; every lesser trouble is in `Reading.problems`. Costs one libyaml pass and no more than
    a walk over the known keys.
    """
    front = split(text)
    reader = Reader(front)
    places = _places(front)
    values: dict[str, Any] = {}
    relationships: list[Relationship] = []
    for spec in FIELDS:
        place = places.get((spec.name, spec.kind))
        if place is None:
            continue
        value = reader.value(spec, place)
        if spec.shape is Shape.RELATIONSHIPS:
            relationships += value
        else:
            values[spec.name] = value
    preamble, sections = split_body(text[front.body :])
    values.update(relationships=tuple(relationships), preamble=preamble, sections=sections)
    _check_identity(reader, values, places, name)
    _check_required(reader, places)
    document = PatternDocument(**values)
    _check_meaning(reader, document, places)
    return Reading(document, front, places, reader.problems)


def _places(front: FrontMatter) -> dict[tuple[str, str], Place]:
    """The first existing place of each field. Raises `Unreadable` for a key that stands twice."""
    mappings: dict[Path, dict[str, tuple[ScalarNode, Node]]] = {(): entries(front.root, front)}
    for path in sorted(CONTAINERS, key=len):
        entry = mappings.get(path[:-1], {}).get(path[-1])
        if entry is not None:
            mappings[path] = entries(entry[1], front)
    places: dict[tuple[str, str], Place] = {}
    for spec in FIELDS:
        for path in spec.places:
            mapping = mappings.get(path[:-1])
            if mapping is not None and (entry := mapping.get(path[-1])) is not None:
                places[spec.name, spec.kind] = Place(path, *entry)
                break
    return places


def _check_identity(reader: Reader, values: dict[str, Any], places: dict[tuple[str, str], Place], name: str) -> None:
    place = places.get(("id", ""))
    node = place.value if place else None
    identifier = values.get("id", "")
    if identifier and is_placeholder(identifier):
        reader.problem(
            node,
            "id",
            "placeholder-id",
            f"{shown(identifier)} is a placeholder; the pattern has no id until one is made.",
        )
        values["id"] = ""
    elif identifier and not TYPEID.fullmatch(identifier):
        reader.problem(
            node,
            "id",
            "not-a-typeid",
            f"{shown(identifier)} is not a TypeID (pat_ and 26 characters); it is kept.",
        )
    place = places.get(("slug", ""))
    node = place.value if place else None
    slug = values.get("slug", "")
    if not slug and name:
        values["slug"] = slug = name
        reader.problem(node, "slug", "no-slug", f"The file states no slug; {shown(name)}, its name, is used.")
    if _UNSAFE_SLUG.search(slug) or len(slug) > NAME_MAX:
        reader.problem(
            node,
            "slug",
            "unsafe-slug",
            f"The slug {shown(slug)} cannot be an address: use lower-case letters, digits and hyphens.",
            Severity.ERROR,
        )
    elif slug and not _USUAL_SLUG.fullmatch(slug):
        reader.problem(
            node,
            "slug",
            "unusual-slug",
            f"The slug {shown(slug)} is not lower-case words joined by hyphens; it is kept.",
        )


def _check_required(reader: Reader, places: dict[tuple[str, str], Place]) -> None:
    missing = [".".join(spec.places[0]) for spec in FIELDS if spec.required and (spec.name, spec.kind) not in places]
    if missing:
        reader.problem(None, missing[0], "missing", f"The format also asks for {', '.join(missing)}.", Severity.NOTICE)


def _check_meaning(reader: Reader, document: PatternDocument, places: dict[tuple[str, str], Place]) -> None:
    status = document.status
    place = places.get(("status", ""))
    if status and status.strip().casefold() not in STATUS_WORDS and place:
        known = ", ".join(STATUS_WORDS)
        reader.problem(
            place.value,
            ".".join(place.path),
            "unknown-status",
            f"{shown(status)} is no status ({known}); it counts as draft.",
        )
    if document.confidence is not None and (note := confidence_note(document.preamble)) and note.stars is not None:
        place = places["confidence", ""]
        if note.stars != document.confidence:
            reader.problem(
                place.value,
                "lifecycle.confidence",
                "stars-differ",
                f"confidence is {document.confidence}, but the note in the body shows {note.stars} stars.",
                Severity.NOTICE,
            )


@dataclass(frozen=True, slots=True)
class OtherKey:
    """Something a file says that is no field: its key path, the source of its value, its line."""

    path: str
    source: str
    line: int


def other_keys(reading: Reading) -> list[OtherKey]:
    """Everything in the front matter that no field was read from, for showing; it stays in the text untouched."""
    front = reading.front
    source = front.yaml
    used = {place.path for place in reading.places.values()}
    found: list[OtherKey] = []

    def walk(node: Node | None, path: Path) -> None:
        for name, (key, value) in entries(node, front).items():
            here = (*path, name)
            if here in used:
                continue
            if here in CONTAINERS and (isinstance(value, MappingNode) or not value.value or scalar_text(value) == ""):
                walk(value, here)  # an empty one has nothing to show
            else:
                start, end = int(key.start_mark.index), value_span(key, value, source)[1]
                found.append(OtherKey(".".join(here), source[start:end], front.line_of(key)))

    walk(front.root, ())
    return found


__all__ = ["OtherKey", "Reading", "Unreadable", "other_keys", "read"]
