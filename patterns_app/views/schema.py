"""The JSON Schema (draft 2020-12) of a pattern file's front matter, made of the format's own declarations.

It is for editors with completion and for quick checks. `check_patterns` says more: it knows lines, and what texts mean.
"""

from __future__ import annotations

from typing import Any, Final, NamedTuple

from patterns_app.document.dialects import FIELDS, Field, Shape
from patterns_app.document.values import MAX_ENTRIES, TARGET_KEYS
from patterns_app.document.vocabulary import (
    ADOPTION_STAGES,
    NAME_MAX,
    PILLARS,
    REFERENCE_AUDIENCES,
    STATUS_WORDS,
    USAGE_STAGES,
    RelationshipKind,
)

DRAFT: Final = "https://json-schema.org/draft/2020-12/schema"
Schema = dict[str, Any]

# Whatever YAML makes of them, the format takes numbers, booleans and nothing for texts: `version: 1.10` is "1.10".
_TEXT: Final[Schema] = {"type": ["string", "number", "boolean", "null"]}
_NAME: Final[Schema] = {"type": ["string", "number", "boolean"], "minLength": 1, "maxLength": NAME_MAX}
_EXAMPLES: Final[dict[str, list[str]]] = {
    "status": list(STATUS_WORDS),
    "usage_stage": list(USAGE_STAGES),
    "adoption_stage": list(ADOPTION_STAGES),
    "id": ["pat_01kf6ggpvyemjr017c8012jj65"],
    "license": ["CC-BY-SA-4.0"],
}


class _Generation(NamedTuple):
    """Files of one way of writing. mark: the key by which they are told; lacks: fields that they never had."""

    name: str
    mark: str
    lacks: frozenset[str]


_UNJUDGED: Final = frozenset({"context_labels", "primary_tension", *PILLARS})
_EARLIER: Final = (
    _Generation("v1", "classification", _UNJUDGED | {"summary"}),
    _Generation(
        "A site copy", "vitality_score", _UNJUDGED | {"id", "status", "contributors", "license", "attribution"}
    ),
)
_REFERENCE: Final = "All others have the seven groups. They have to say what the format asks for, at any of its places."


def of_front_matter(address: str) -> Schema:
    """The schema of all generations of front matter, under its own address. Further keys are kept, so they are allowed.

    Each has to say what the format asks of its generation. The places of earlier ones are marked deprecated.
    """
    root: Schema = {
        "$schema": DRAFT,
        "$id": address,
        "title": "Front matter of a pattern",
        "description": "What is required hangs on the generation of the file, which its keys tell. A new file has the "
        "seven groups of the reference layout; a deprecated key is where earlier generations say the same.",
        "type": "object",
        "properties": {},
    }
    for field in FIELDS:
        for place in field.places:
            _put(root, place, _of(field), of=field)
    asked = root
    for generation in _EARLIER:
        asked["if"] = {"required": [generation.mark]}
        said = f"{generation.name}, told by its “{generation.mark}”, has no {', '.join(sorted(generation.lacks))}."
        asked["then"] = _asked(said, generation.lacks)
        asked["else"] = asked = {}
    asked.update(_asked(_REFERENCE, frozenset()))
    return root


def _put(root: Schema, place: tuple[str, ...], said: Schema, *, of: Field) -> None:
    """Describe a field at one of its places."""
    holder = root
    for depth, key in enumerate(place):
        # Of the whole file it depends, see `_asked`.
        if depth and of.required and len(of.places) == 1:
            required = holder.setdefault("required", [])
            if key not in required:
                required.append(key)
        properties = holder.setdefault("properties", {})
        if depth < len(place) - 1:
            holder = properties.setdefault(key, {"type": ["object", "null"]})
        elif place == of.places[0]:
            properties[key] = said
        else:
            # A key that is one field's old place may be another one's own.
            note = f"Where earlier generations say what is now “{'.'.join(of.places[0])}”."
            description = f"{said.get('description', '')} {note}".strip()
            properties.setdefault(key, {**said, "description": description, "deprecated": True})


def _asked(said: str, lacks: frozenset[str]) -> Schema:
    """What has to be said somewhere in a file whose generation lacks some fields."""
    required: list[str] = []
    anywhere: list[Schema] = []
    for field in FIELDS:
        if not field.required or field.name in lacks:
            continue
        if len(field.places) > 1:
            anywhere.append({"title": field.name, "anyOf": [_stated(place) for place in field.places]})
        elif field.places[0][0] not in required:
            required.append(field.places[0][0])
    return {"description": said, "required": required, "allOf": anywhere}


def _stated(place: tuple[str, ...]) -> Schema:
    key, *within = place
    return {"required": [key], **({"properties": {key: _stated(tuple(within))}} if within else {})}


def _of(field: Field) -> Schema:
    said: Schema
    match field.shape:
        case Shape.TEXT:
            said = {**_TEXT, **({"maxLength": field.limit} if field.limit else {})}
            if field.is_date:
                said["description"] = "A date, such as 2026-03-01."
            if field.name in _EXAMPLES:
                said["examples"] = _EXAMPLES[field.name]
        case Shape.SCORE:
            said = {"type": ["number", "null"], "minimum": 0, "maximum": 5}
        case Shape.STARS:
            said = {"type": ["integer", "null"], "minimum": 0, "maximum": 4}
        case Shape.TEXTS:
            said = _list({**_NAME} if field.limit else {**_TEXT})
        case Shape.LABELS:
            audiences = dict.fromkeys(REFERENCE_AUDIENCES, _TEXT)
            said = {"type": ["object", "null"], "properties": audiences, "additionalProperties": _TEXT}
        case Shape.RELATIONSHIPS:
            parts = {
                **dict.fromkeys(TARGET_KEYS, _TEXT),
                "weight": _from_to(1),
                "description": _TEXT,
            }
            said = _list(_entry(parts, TARGET_KEYS))
            kind = next(kind for kind in RelationshipKind if kind.value == field.kind)
            said["description"] = f"{kind.label.capitalize()}; the target reads: {kind.reverse_label}."
        case Shape.ENTITIES:
            said = _list(
                _entry({"id": _TEXT, "type": _TEXT, "label": _TEXT, "relevance": _from_to(1)}, ("id", "label"))
            )
        case Shape.COMMUNITIES:
            parts = {"id": _TEXT, "label": _TEXT, "source": _TEXT, "confidence": _from_to(1)}
            said = _list(_entry(parts, ("id", "label")))
        case Shape.INFERRED_LINKS:
            keys = ("target", "slug", "id")
            texts = dict.fromkeys((*keys, "type", "reason"), _TEXT)
            said = _list(_entry({**texts, "confidence": _from_to(1), "strength": _from_to(5)}, keys))
        case Shape.CONTRIBUTORS:
            keys = ("name", "handle", "id")
            said = _list(_entry(dict.fromkeys((*keys, "role"), _TEXT), keys))
    return said


def _from_to(maximum: int) -> Schema:
    return {"type": ["number", "null"], "minimum": 0, "maximum": maximum}


def _list(entry: Schema) -> Schema:
    return {"type": ["array", "null"], "items": entry, "maxItems": MAX_ENTRIES}


def _entry(parts: dict[str, Schema], names: tuple[str, ...]) -> Schema:
    """A plain name, or a mapping that has one of the keys by which the entry is known."""
    mapping = {"type": "object", "properties": parts, "anyOf": [{"required": [name]} for name in names]}
    return {"anyOf": [_NAME, mapping]}
