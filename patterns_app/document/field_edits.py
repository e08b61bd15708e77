"""Edits that give one field of a text another value, in the manners of that text."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from yaml import MappingNode, Node, ScalarNode, SequenceNode

from patterns_app.document.dialects import Field, Path, Shape, Style
from patterns_app.document.extents import asides_of, extent_of, inserted, mappings_of
from patterns_app.document.frontmatter import (
    entries,
    is_alias,
    scalar_text,
)
from patterns_app.document.pattern import ContextLabel
from patterns_app.document.pieces import Piece, identity_of, pieces_of, plain_text_of
from patterns_app.document.reading import Reading
from patterns_app.document.spelling import Spelling, spell, spell_number
from patterns_app.document.splicing import (
    CannotSplice,
    Edit,
    Render,
    block_column,
    edit_list,
    entry_edit,
    insert_key,
    plan_list,
    remove_keys,
    value_edit,
)
from patterns_app.document.values import Place, Reader, is_a_date


@dataclass(frozen=True, slots=True)
class FieldWriter:
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
        """The whole value anew; refused where that would lose a comment or what could not be read."""
        place = self.reading.places.get((spec.name, spec.kind))
        if place is None or spec.shape in (Shape.TEXT, Shape.SCORE, Shape.STARS):
            raise CannotSplice("there is no other way to write it")
        if value and not is_alias(place.key, place.value):
            self._check_nothing_is_lost(spec, place)
        return self._replace(spec, place, value)

    def _replace(self, spec: Field, place: Place, value: Any) -> list[Edit]:
        render = self.render(spec, value)
        column = int(place.key.start_mark.column)
        return value_edit(place.key, place.value, self.source, render(column, self._in_flow(place)))

    def _check_nothing_is_lost(self, spec: Field, place: Place) -> None:
        pairs = Reader(self.reading.front).pairs(spec, place)
        if isinstance(place.value, SequenceNode | MappingNode) and len(place.value.value) != len(pairs):
            raise CannotSplice("the list holds entries that cannot be read")
        for value, node in pairs:
            if isinstance(node, MappingNode) and spec.shape is not Shape.TEXTS:
                have = entries(node, self.reading.front)
                said = {piece.key for piece in _in_the_words_of(spec, pieces_of(spec, value), have)}
                if len(have) < len(node.value) or any(
                    key not in said and scalar_text(part) != "" for key, (_, part) in have.items()
                ):
                    raise CannotSplice("an entry holds more than can be read")
        entry = (place.key, place.value)
        comments, _ = asides_of(entry, self.source, end=extent_of(entry, self.source)[1])
        if comments and not isinstance(place.value, ScalarNode):
            raise CannotSplice("comments stand between the entries")

    def _in_flow(self, place: Place) -> bool:
        mappings = mappings_of(self.reading)
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
            text = self._number(value, place.value, whole=_is_whole(spec))
        elif not isinstance(place.value, ScalarNode) or scalar_text(place.value) == "":
            # Nothing to imitate: null, or an empty text.
            text = self._text(spec, value, column, flow)
        else:
            text = self._like(value, place.value, column, flow)
        return value_edit(place.key, place.value, self.source, " " + text)

    def _number(self, value: float | None, like: Node | None, *, whole: bool = False) -> str:
        if value is None:
            return "null"
        if not math.isfinite(value):
            raise CannotSplice(f"{value} is no number that a file can hold")
        model = like.value if isinstance(like, ScalarNode) and scalar_text(like) else ""
        text = spell_number(value, model, whole=whole)
        if isinstance(like, ScalarNode) and like.style in ("'", '"'):
            return f"{like.style}{text}{like.style}"
        return text

    def _like(self, value: str, node: Node, column: int, flow: bool) -> str:
        return spell(value, Spelling.of(node, self.source, parent_column=column, flow=flow))

    def _text(self, spec: Field, value: str, column: int, flow: bool) -> str:
        """A text as the reference layout has it, dates without quotes."""
        if not value:
            return '""'
        is_date = spec.is_date and is_a_date(value)
        return spell(value, dataclasses.replace(self._new(spec.style, column, flow), lexical=is_date))

    def _new(self, style: Style, column: int, flow: bool) -> Spelling:
        return Spelling.new(style, column=column, flow=flow, plain=self._quotes_sparingly)

    @property
    def _quotes_sparingly(self) -> bool:
        """Whether the file quotes only what it must, as dumped YAML does: nothing of it stands in double quotes."""
        for (name, _), place in self.reading.places.items():
            node = place.value
            if isinstance(node, SequenceNode | MappingNode) and node.value:
                last = node.value[-1]
                node = last[1] if isinstance(last, tuple) else last
            if name != "version" and isinstance(node, ScalarNode) and node.style == '"' and node.value:
                return False
        return ("title", "") in self.reading.places and bool(self.reading.document.title)

    def insert(self, spec: Field, value: Any) -> list[Edit]:
        """A field the file does not have, at the reference layout's place for it."""
        path = spec.places[0]
        mappings = mappings_of(self.reading)
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
        return inserted(self.reading, mapping, path[: depth + 1], render)

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
                    return " " + self._text(spec, value, column, flow)
                case Shape.SCORE | Shape.STARS:
                    return " " + self._number(value, None, whole=_is_whole(spec))
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
        if is_alias(place.key, mapping) or not isinstance(mapping, MappingNode) or not mapping.value:
            return self._replace(spec, place, wanted)
        keys = entries(mapping, self.reading.front)
        pairs = [(label, keys[label.audience][0]) for label, _ in Reader(self.reading.front).pairs(spec, place)]
        if not wanted and len(pairs) == len(mapping.value):
            return self._replace(spec, place, wanted)
        steps, gone = plan_list(pairs, wanted, lambda label: label.audience)
        before = {id(key): label for label, key in pairs}
        column = block_column(mapping, self.source)

        def update(key: Node, label: ContextLabel) -> list[Edit]:
            was = before[id(key)]
            node = keys[was.audience][1]
            in_flow = bool(mapping.flow_style)
            edits = []
            if was.audience != label.audience:
                start, end = int(key.start_mark.index), int(key.end_mark.index)
                edits.append(Edit(start, end, self._key(label.audience, in_flow)))
            if was.label != label.label:
                text = (
                    self._like(label.label, node, column, in_flow)
                    if was.label
                    else self._label(label.label, column, in_flow)
                )
                edits += value_edit(key, node, self.source, f" {text}")
            return edits

        def emit(label: ContextLabel, at: int, in_flow: bool) -> str:
            return f"{self._key(label.audience, in_flow)}: {self._label(label.label, at, in_flow)}"

        return edit_list(mapping, self.source, steps, gone, update=update, emit=emit)

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
                return max(block_column(node, self.source) - int(place.key.start_mark.column), 0)
        return 2

    def edit_entries(self, spec: Field, place: Place, wanted: Sequence[Any]) -> list[Edit]:
        sequence = place.value
        if not isinstance(sequence, SequenceNode):
            return self.rewrite(spec, wanted)
        reader = Reader(self.reading.front)
        pairs: list[tuple[Any, Node]] = reader.pairs(spec, place)
        is_read = len(pairs) + len(reader.repeated) == len(sequence.value)
        if is_alias(place.key, sequence) or not sequence.value or (not wanted and is_read):
            return self._replace(spec, place, wanted)
        before = {id(node): value for value, node in pairs}
        steps, gone = plan_list(pairs, list(wanted), lambda value: identity_of(spec, value))
        # Where an entry goes, what says the same again further down must not take its place.
        staying = {id(step.node or step.moved) for step in steps}
        staying -= {
            id(step.node)
            for step, value in zip(steps, wanted, strict=True)
            if step.node is not None and identity_of(spec, value) != identity_of(spec, before[id(step.node)])
        }
        gone += [again for first, again in reader.repeated if id(first) not in staying]
        model = next((node for node in reversed(sequence.value) if isinstance(node, MappingNode)), None)
        scalar = next((node for node in reversed(sequence.value) if isinstance(node, ScalarNode)), None)
        column = int(sequence.start_mark.column) if sequence.flow_style else block_column(sequence, self.source)

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
        # A relationship of its own is a mapping, as in the reference layout: it will get a weight one day.
        is_plain = spec.shape is Shape.TEXTS or (model is None and spec.shape is not Shape.RELATIONSHIPS)
        if text is not None and (scalar is not None or is_plain):
            if scalar is not None:
                return spell(
                    text,
                    dataclasses.replace(Spelling.of(scalar, self.source, parent_column=dash, flow=flow), lexical=False),
                )
            return spell(text, self._new(spec.style, dash, flow))
        if model is not None:
            pieces = _in_the_words_of(spec, pieces, entries(model, self.reading.front))
        if not pieces:
            raise CannotSplice("an entry says nothing")
        inner = dash + 2
        in_flow = flow or bool(model and model.flow_style)
        parts = [f"{self._key(piece.key, in_flow)}: {self._piece(piece, inner, in_flow, None)}" for piece in pieces]
        if in_flow:
            return "{" + ", ".join(parts) + "}"
        return ("\n" + " " * inner).join(parts)

    def _piece(self, piece: Piece, column: int, flow: bool, like: Node | None) -> str:
        if not isinstance(piece.value, str):
            return self._number(piece.value, like)
        if isinstance(like, ScalarNode) and scalar_text(like):
            return self._like(piece.value, like, column, flow)
        return spell(piece.value, self._new(piece.style, column, flow)) if piece.value else '""'

    def _update_entry(self, spec: Field, node: Node, before: Any, value: Any, column: int, flow: bool) -> list[Edit]:
        text = plain_text_of(spec, value)
        if not isinstance(node, MappingNode) or spec.shape is Shape.TEXTS:
            if text is not None and isinstance(node, ScalarNode):
                return entry_edit(node, self.source, self._like(text, node, column, flow))
            return entry_edit(node, self.source, self.emit(spec, value, column, flow, None))
        have = entries(node, self.reading.front)
        old = {piece.key: piece for piece in _in_the_words_of(spec, pieces_of(spec, before), have)}
        new = {piece.key: piece for piece in _in_the_words_of(spec, pieces_of(spec, value), have)}
        if len(node.value) == 1 and set(have) == set(old) and not set(have) & set(new):
            return entry_edit(node, self.source, self.emit(spec, value, column, flow, node))
        inner = block_column(node, self.source)
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
        gone = [have[key][0] for key in old if key not in new]
        return edits + (remove_keys(node, self.source, gone) if gone else [])


def _is_whole(spec: Field) -> bool:
    """Whether the reference layout writes the field's whole numbers without a point."""
    return spec.name not in ("vitality", "overall_score")


def _in_the_words_of(spec: Field, pieces: Sequence[Piece], have: dict[str, tuple[ScalarNode, Node]]) -> list[Piece]:
    """The pieces under the keys that a neighbouring entry uses (a target may stand under slug, id, target or name)."""
    if not pieces:
        raise CannotSplice("an entry says nothing")
    main = pieces[0]
    for key in main.synonyms:
        if key in have and scalar_text(have[key][1]) and key not in {piece.key for piece in pieces[1:]}:
            return [main.under(key), *pieces[1:]]
    return list(pieces)
