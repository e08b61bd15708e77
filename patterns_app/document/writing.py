"""Writing: the text of a `PatternDocument`, with every character kept that need not change.

`write(text, wanted)` replaces the spans of the fields in which `wanted` differs from what the text says, reads the
result again and compares. If it does not say what was meant, nothing is written: `EditRefused`.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from yaml import MappingNode, Node, ScalarNode, SequenceNode

from patterns_app.document import dialects
from patterns_app.document.dialects import FIELDS, Field, Path, Shape, Style
from patterns_app.document.frontmatter import content_end, entries, scalar_text, value_span
from patterns_app.document.pattern import ContextLabel, PatternDocument
from patterns_app.document.pieces import Piece, identity_of, pieces_of, plain_text_of
from patterns_app.document.reading import Place, Reader, Reading, Unreadable, other_keys, read
from patterns_app.document.spelling import Spelling, spell, spell_number
from patterns_app.document.splicing import (
    CannotSplice,
    Edit,
    Render,
    apply,
    edit_list,
    insert_key,
    line_start,
    next_line,
    plan_list,
    remove_key,
    value_edit,
)
from patterns_app.document.vocabulary import RelationshipKind


class EditRefused(Exception):
    """A change that could not be written so that reading the result says what was meant. Nothing was changed.

    field: the `PatternDocument` field at fault.
    """

    def __init__(self, field: str, reason: str) -> None:
        super().__init__(f"“{field.replace('_', ' ')}” could not be changed: {reason}")
        self.field = field


def write(text: str, wanted: PatternDocument, *, name: str = "", precedents: Sequence[str] = ()) -> str:
    """`text`, changed where `wanted` says otherwise and nowhere else.

    precedents: earlier texts of the same pattern, newest first. A value that goes back to what one of them said is
    spelled as it was there, so that changing a value and changing it back gives the first bytes again. `name` as in
    `read`. Raises `EditRefused`, and `Unreadable` for a text that is no pattern file. Costs one libyaml pass for each
    changed field and two more.
    """
    reading = read(text, name=name)
    other = [(key.path, key.source) for key in other_keys(reading)]
    wanted = _ordered(wanted)
    earlier = _Precedents(precedents, name)
    for spec in FIELDS:
        value = value_of(wanted, spec)
        if value != value_of(reading.document, spec):
            reading = _write_field(reading, spec, value, name, earlier)
    front = reading.front
    result = front.text
    if wanted.body != reading.document.body:
        head = front.text[: front.body]
        if wanted.body and head[-1] not in "\r\n":
            head += front.newline
        result = head + wanted.body
    if result == text:
        return text
    said = read(result, name=name)
    for field in said.document.differs_from(wanted):
        # The body is compared as a whole: where its sections are cut is for the reader to say.
        if field not in ("preamble", "sections") or said.document.body != wanted.body:
            raise EditRefused(field, "read again, the file would say something else. Edit the file by hand.")
    if [(key.path, key.source) for key in other_keys(said)] != other:
        raise EditRefused("other keys", "the change would have touched keys that were not edited.")
    return result


def value_of(document: PatternDocument, spec: Field) -> Any:
    """A field's value; of relationships, those of the field's kind."""
    if spec.shape is Shape.RELATIONSHIPS:
        return tuple(entry for entry in document.relationships if entry.kind == spec.kind)
    return getattr(document, spec.name)


_KIND_ORDER = {kind.value: number for number, kind in enumerate(RelationshipKind)}


def _ordered(document: PatternDocument) -> PatternDocument:
    """Relationships kind after kind, as reading gives them."""
    ordered = tuple(sorted(document.relationships, key=lambda entry: _KIND_ORDER.get(entry.kind, len(_KIND_ORDER))))
    return document if ordered == document.relationships else dataclasses.replace(document, relationships=ordered)


class _Precedents:
    """Earlier texts, read when first asked for."""

    def __init__(self, texts: Sequence[str], name: str) -> None:
        self._texts = texts
        self._name = name
        self._readings: dict[int, Reading | None] = {}

    def saying(self, spec: Field, value: Any) -> Iterable[Reading]:
        """Readings of the earlier texts in which the field has the value."""
        for number, text in enumerate(self._texts):
            if number not in self._readings:
                try:
                    self._readings[number] = read(text, name=self._name)
                except Unreadable:
                    self._readings[number] = None
            reading = self._readings[number]
            if reading is not None and value_of(reading.document, spec) == value:
                yield reading


def _write_field(reading: Reading, spec: Field, value: Any, name: str, earlier: _Precedents) -> Reading:
    """The reading of a text in which one more field has its wanted value."""
    for precedent in earlier.saying(spec, value):
        edits = _as_before(reading, precedent, spec)
        if edits and (result := _applied(reading, edits, spec, value, name)) is not None:
            return result
    try:
        edits = _Writer(reading).edits(spec, value)
        result = _applied(reading, edits, spec, value, name)
        if result is None:
            # An entry-by-entry change did not come out; the whole value at once may.
            result = _applied(reading, _Writer(reading).rewrite(spec, value), spec, value, name)
    except CannotSplice as error:
        raise EditRefused(spec.name, f"{error}. Edit the file by hand.") from error
    if result is None:
        raise EditRefused(spec.name, "no way of writing it says exactly this. Edit the file by hand.")
    return result


def _applied(reading: Reading, edits: list[Edit], spec: Field, value: Any, name: str) -> Reading | None:
    """The reading after the edits, or None if it does not give the field its value or changes another one."""
    front = reading.front
    try:
        source = apply(front.yaml, edits, front.newline)
        result = read(front.text[: front.start] + source + front.text[front.end :], name=name)
    except (CannotSplice, Unreadable):
        return None
    for other in FIELDS:
        expected = value if other is spec else value_of(reading.document, other)
        if value_of(result.document, other) != expected:
            return None
    return result


def _as_before(reading: Reading, precedent: Reading, spec: Field) -> list[Edit]:
    """Edits that spell a field as an earlier text did; none where the two texts have it in different places."""
    place, before = reading.places.get((spec.name, spec.kind)), precedent.places.get((spec.name, spec.kind))
    source, earlier = reading.front.yaml, precedent.front.yaml
    if place is None:
        return []
    if before is None:
        return _removal(reading, precedent, place)
    if place.path != before.path or place.key.start_mark.column != before.key.start_mark.column:
        return []
    start, end = _extent(place, source)
    low, high = _extent(before, earlier)
    return [Edit(start, end, earlier[low:high].replace("\r\n", "\n"))]


def _extent(place: Place, source: str) -> tuple[int, int]:
    """From the key to the end of its value."""
    colon = source.index(":", int(place.key.end_mark.index)) + 1
    return int(place.key.start_mark.index), max(value_span(place.key, place.value, source)[1], colon)


def _removal(reading: Reading, precedent: Reading, place: Place) -> list[Edit]:
    """Take out a key that the earlier text did not have, with the containers that were made for it."""
    front = reading.front
    mappings = _mappings(reading)
    was = _mappings(precedent)
    path = place.path
    while len(path) > 1 and len(mappings[path[:-1]].value) == 1 and path[:-1] not in was:
        path = path[:-1]
    mapping = mappings[path[:-1]]
    key = entries(mapping, front)[path[-1]][0]
    if len(mapping.value) > 1:
        return remove_key(mapping, front.yaml, key)
    if len(path) == 1:
        start = line_start(front.yaml, int(key.start_mark.index))
        return [Edit(start, next_line(front.yaml, content_end(mapping, front.yaml)), "")]
    return []


def _mappings(reading: Reading) -> dict[Path, MappingNode]:
    """The containers that exist, by path; () is the whole front matter."""
    front = reading.front
    found: dict[Path, MappingNode] = {}
    if front.root is not None:
        found[()] = front.root
        for path in sorted(dialects.CONTAINERS, key=len):
            if (
                path[:-1] in found
                and (entry := entries(found[path[:-1]], front).get(path[-1]))
                and isinstance(entry[1], MappingNode)
            ):
                found[path] = entry[1]
    return found


@dataclass(frozen=True, slots=True)
class _Writer:
    """Edits for one field of one text."""

    reading: Reading

    @property
    def source(self) -> str:
        return self.reading.front.yaml

    # Whole fields

    def edits(self, spec: Field, value: Any) -> list[Edit]:
        place = self.reading.places.get((spec.name, spec.kind))
        if place is None:
            return self.insert(spec, value)
        match spec.shape:
            case Shape.TEXT | Shape.SCORE | Shape.STARS:
                return self.replace_scalar(spec, place, value)
            case Shape.LABELS:
                return self.edit_labels(spec, place, value)
            case _:
                return self.edit_entries(spec, place, value)

    def rewrite(self, spec: Field, value: Any) -> list[Edit]:
        """The whole value anew, refused where it holds something that could not be read."""
        place = self.reading.places.get((spec.name, spec.kind))
        if place is None or spec.shape in (Shape.TEXT, Shape.SCORE, Shape.STARS):
            raise CannotSplice("the result would not say what was meant")
        readable = len(Reader(self.reading.front).pairs(spec, place))
        if isinstance(place.value, SequenceNode | MappingNode) and len(place.value.value) != readable:
            raise CannotSplice("the list holds entries that cannot be read")
        flow = self._in_flow(place)
        return value_edit(
            place.key, place.value, self.source, self.render(spec, value)(int(place.key.start_mark.column), flow)
        )

    def _in_flow(self, place: Place) -> bool:
        mappings = _mappings(self.reading)
        return any(
            mappings[place.path[:depth]].flow_style
            for depth in range(len(place.path))
            if place.path[:depth] in mappings
        )

    def replace_scalar(self, spec: Field, place: Place, value: Any) -> list[Edit]:
        if isinstance(place.value, MappingNode | SequenceNode) and place.value.value:
            raise CannotSplice("the file has a list or mapping where a single value belongs")
        column = int(place.key.start_mark.column)
        flow = self._in_flow(place)
        if spec.shape is not Shape.TEXT:
            text = self._number(value, place.value, whole=spec.shape is Shape.STARS)
        elif not isinstance(place.value, ScalarNode) or scalar_text(place.value) == "":
            # Nothing to imitate: null, or an empty text.
            text = spell(value, self._new(spec.style, column, flow)) if value else '""'
        else:
            text = self._like(value, place.value, column, flow)
        return value_edit(place.key, place.value, self.source, " " + text)

    def _number(self, value: float | None, like: Node | None, *, whole: bool = False) -> str:
        if value is None:
            return "null"
        model = like.value if isinstance(like, ScalarNode) and scalar_text(like) else ""
        text = spell_number(value, model, whole=whole)
        if isinstance(like, ScalarNode) and like.style in ("'", '"'):
            return f"{like.style}{text}{like.style}"
        return text

    def _like(self, value: str, node: Node, column: int, flow: bool) -> str:
        return spell(value, Spelling.of(node, self.source, parent_column=column, flow=flow))

    def _new(self, style: Style, column: int, flow: bool) -> Spelling:
        return Spelling.new(style, column=column, flow=flow, plain=self._quotes_sparingly)

    @property
    def _quotes_sparingly(self) -> bool:
        """Whether the file quotes only what it must, as dumped YAML does."""
        place = self.reading.places.get(("title", ""))
        return place is not None and isinstance(place.value, ScalarNode) and not place.value.style

    def insert(self, spec: Field, value: Any) -> list[Edit]:
        """A field the file does not have, at the reference layout's place for it."""
        path = spec.places[0]
        mappings = _mappings(self.reading)
        depth = max((depth for depth in range(len(path)) if path[:depth] in mappings), default=0)
        rest = path[depth:]
        render = self._nested(rest[1:], self.render(spec, value))
        if () not in mappings:
            end = len(self.source)
            return [Edit(end, end, f"{rest[0]}:{render(0, False)}\n")]
        mapping = mappings[path[:depth]]
        existing = entries(mapping, self.reading.front)
        if rest[0] in existing:
            key, node = existing[rest[0]]
            if (isinstance(node, ScalarNode) and scalar_text(node) != "") or (
                isinstance(node, SequenceNode) and node.value
            ):
                raise CannotSplice(f"the file has something else under {'.'.join(path[: depth + 1])}")
            return value_edit(key, node, self.source, render(int(key.start_mark.column), bool(mapping.flow_style)))
        if not mapping.value and path[:depth]:
            # An empty {} becomes a block.
            parent = mappings[path[: depth - 1]]
            key, node = entries(parent, self.reading.front)[path[depth - 1]]
            whole = self._nested(rest, self.render(spec, value))
            return value_edit(key, node, self.source, whole(int(key.start_mark.column), bool(parent.flow_style)))
        order = dialects.siblings(path[:depth])
        before = [existing[name][0] for name in order[: order.index(rest[0])] if name in existing]
        return insert_key(mapping, self.source, rest[0], render, after=before[-1] if before else None)

    def _nested(self, path: Path, inner: Render) -> Render:
        if not path:
            return inner
        deeper = self._nested(path[1:], inner)

        def render(column: int, flow: bool) -> str:
            if flow:
                return f" {{{path[0]}:{deeper(column, True)}}}"
            return f"\n{' ' * (column + 2)}{path[0]}:{deeper(column + 2, False)}"

        return render

    def render(self, spec: Field, value: Any) -> Render:
        """The field's whole value as the reference layout writes it, in this file's manners."""

        def rendered(column: int, flow: bool) -> str:
            match spec.shape:
                case Shape.TEXT:
                    return " " + (spell(value, self._new(spec.style, column, flow)) if value else '""')
                case Shape.SCORE | Shape.STARS:
                    whole = spec.shape is Shape.STARS or spec.name not in ("vitality", "overall_score")
                    return " " + self._number(value, None, whole=whole)
                case Shape.LABELS:
                    return self._render_labels(value, column, flow)
                case _:
                    return self._render_list(spec, value, column, flow)

        return rendered

    # Context labels

    def _render_labels(self, labels: tuple[ContextLabel, ...], column: int, flow: bool) -> str:
        if not labels:
            return " {}"
        inner = column + 2
        lines = [f"{self._key(label.audience, flow)}: {self._label(label.label, inner, flow)}" for label in labels]
        if flow:
            return " {" + ", ".join(lines) + "}"
        return "".join(f"\n{' ' * inner}{line}" for line in lines)

    def _key(self, key: str, flow: bool) -> str:
        return spell(key, Spelling("", 2, flow=flow))

    def _label(self, label: str, column: int, flow: bool) -> str:
        return spell(label, self._new(Style.QUOTED, column, flow)) if label else '""'

    def edit_labels(self, spec: Field, place: Place, wanted: tuple[ContextLabel, ...]) -> list[Edit]:
        mapping = place.value
        if not wanted or not isinstance(mapping, MappingNode) or not mapping.value:
            return self.rewrite(spec, wanted)
        pairs = Reader(self.reading.front).labels(mapping, "context_labels")
        current = {label.audience: (label.label, node) for label, node in pairs}
        kept = [label.audience for label in wanted if label.audience in current]
        if kept != [audience for audience in current if audience in set(kept)] or not kept:
            return self.rewrite(spec, wanted)
        keys = entries(mapping, self.reading.front)
        column = int(mapping.start_mark.column)
        flow = bool(mapping.flow_style)
        edits: list[Edit] = []
        previous: Node | None = None
        for audience, label in wanted:
            if audience in current:
                key, node = keys[audience]
                previous = key
                if current[audience][0] != label:
                    text = (
                        self._like(label, node, column, flow)
                        if current[audience][0]
                        else self._label(label, column, flow)
                    )
                    edits += value_edit(key, node, self.source, " " + text)
            else:

                def render(inner: int, in_flow: bool, label: str = label) -> str:
                    return " " + self._label(label, inner, in_flow)

                edits += insert_key(mapping, self.source, self._key(audience, flow), render, after=previous)
        gone = set(current) - {label.audience for label in wanted}
        for audience in gone:
            edits += remove_key(mapping, self.source, keys[audience][0])
        return edits

    # Lists

    def _render_list(self, spec: Field, values: Sequence[Any], column: int, flow: bool) -> str:
        if not values:
            return " []"
        if flow or (self._is_inline(spec) and not any(pieces_of(spec, value)[1:] for value in values)):
            return " [" + ", ".join(self.emit(spec, value, column, True, None) for value in values) + "]"
        dash = column + self._list_indent()
        return "".join(f"\n{' ' * dash}- {self.emit(spec, value, dash, False, None)}" for value in values)

    def _is_inline(self, spec: Field) -> bool:
        """Whether a new list of texts goes in brackets: as the reference layout does, unless this file never does."""
        if spec.shape not in (Shape.TEXTS, Shape.CONTRIBUTORS) or spec.name == "sources":
            return False
        values = [
            place.value
            for place in self.reading.places.values()
            if isinstance(place.value, SequenceNode) and place.value.value
        ]
        texts = [node for node in values if isinstance(node.value[0], ScalarNode)]
        return not texts or any(node.flow_style for node in texts)

    def _list_indent(self) -> int:
        """Columns between a key and the dashes of its list, as this file has it."""
        for place in self.reading.places.values():
            node = place.value
            if isinstance(node, SequenceNode) and node.value and not node.flow_style:
                return max(int(node.start_mark.column) - int(place.key.start_mark.column), 0)
        return 2

    def edit_entries(self, spec: Field, place: Place, wanted: Sequence[Any]) -> list[Edit]:
        sequence = place.value
        if not isinstance(sequence, SequenceNode) or not sequence.value:
            return self.rewrite(spec, wanted)
        pairs: list[tuple[Any, Node]] = Reader(self.reading.front).pairs(spec, place)
        unreadable = len(sequence.value) - len(pairs)
        if not wanted and not unreadable:
            return self.rewrite(spec, wanted)
        steps, gone = plan_list(pairs, list(wanted), lambda value: identity_of(spec, value))
        if not unreadable and gone and not any(step.node for step in steps):
            return self.rewrite(spec, wanted)
        before = {id(node): value for value, node in pairs}
        model = next((node for node in reversed(sequence.value) if isinstance(node, MappingNode)), None)
        scalar = next((node for node in reversed(sequence.value) if isinstance(node, ScalarNode)), None)
        column = int(sequence.start_mark.column)

        def update(node: Node, value: Any) -> list[Edit]:
            return self._update_entry(spec, node, before[id(node)], value, column, bool(sequence.flow_style))

        def emit(value: Any, dash: int, flow: bool) -> str:
            return self.emit(spec, value, dash, flow, model, scalar)

        return edit_list(sequence, self.source, steps, gone, update=update, emit=emit)

    def emit(
        self,
        spec: Field,
        value: Any,
        dash: int,
        flow: bool,
        model: MappingNode | None,
        scalar: ScalarNode | None = None,
    ) -> str:
        """An entry for a dash at a column, in the manner of its neighbours: `model` a mapping, `scalar` a text."""
        pieces = pieces_of(spec, value)
        text = plain_text_of(spec, value)
        if text is not None and (model is None or scalar is not None or spec.shape is Shape.TEXTS):
            if scalar is not None:
                return spell(
                    text,
                    dataclasses.replace(Spelling.of(scalar, self.source, parent_column=dash, flow=flow), lexical=False),
                )
            style = Style.PLAIN if spec.shape is Shape.RELATIONSHIPS else spec.style
            return spell(text, self._new(style, dash, flow))
        if model is not None:
            pieces = _in_the_words_of(spec, pieces, entries(model, self.reading.front))
        inner = dash + 2
        in_flow = flow or bool(model and model.flow_style)
        parts = [f"{piece.key}: {self._piece(piece, inner, in_flow, None)}" for piece in pieces]
        if in_flow:
            return "{" + ", ".join(parts) + "}"
        return ("\n" + " " * inner).join(parts)

    def _piece(self, piece: Piece, column: int, flow: bool, like: Node | None) -> str:
        if isinstance(piece.value, float):
            return self._number(piece.value, like)
        if isinstance(like, ScalarNode) and scalar_text(like):
            return self._like(piece.value, like, column, flow)
        return spell(piece.value, self._new(piece.style, column, flow)) if piece.value else '""'

    def _update_entry(self, spec: Field, node: Node, before: Any, value: Any, column: int, flow: bool) -> list[Edit]:
        start, end = int(node.start_mark.index), content_end(node, self.source)
        text = plain_text_of(spec, value)
        if not isinstance(node, MappingNode):
            if text is not None and isinstance(node, ScalarNode):
                return [Edit(start, end, self._like(text, node, column, flow))]
            return [Edit(start, end, self.emit(spec, value, column, flow, None))]
        have = entries(node, self.reading.front)
        old = {piece.key: piece for piece in _in_the_words_of(spec, pieces_of(spec, before), have)}
        new = {piece.key: piece for piece in _in_the_words_of(spec, pieces_of(spec, value), have)}
        inner = int(node.start_mark.column)
        in_flow = flow or bool(node.flow_style)
        edits: list[Edit] = []
        previous: Node | None = None
        for key, piece in new.items():
            if key in have:
                previous = have[key][0]
                if key not in old or old[key].value != piece.value:
                    edits += value_edit(*have[key], self.source, " " + self._piece(piece, inner, in_flow, have[key][1]))
            else:

                def render(at: int, inside: bool, piece: Piece = piece) -> str:
                    return " " + self._piece(piece, at, inside, None)

                edits += insert_key(
                    node, self.source, self._key(key, in_flow), render, after=previous or node.value[-1][0]
                )
        for key in old:
            if key not in new:
                edits += remove_key(node, self.source, have[key][0])
        return edits


def _in_the_words_of(spec: Field, pieces: Sequence[Piece], have: dict[str, tuple[ScalarNode, Node]]) -> list[Piece]:
    """The pieces under the keys that a neighbouring entry uses (a target may stand under slug, id, target or name)."""
    main = pieces[0]
    for key in main.synonyms:
        if key in have and scalar_text(have[key][1]):
            return [main.under(key), *pieces[1:]]
    return list(pieces)


__all__ = ["EditRefused", "value_of", "write"]
