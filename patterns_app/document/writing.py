"""Writing: the text of a `PatternDocument`, with every character kept that need not change.

`write(text, wanted)` replaces the spans of the fields in which `wanted` differs from what the text says, reads the
result again and compares. If it does not say what was meant, nothing is written: `EditRefused`.
"""

from __future__ import annotations

import dataclasses
import math
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from yaml import MappingNode, Node, ScalarNode, SequenceNode

from patterns_app.document import dialects
from patterns_app.document.dialects import FIELDS, Field, Path, Shape, Style
from patterns_app.document.frontmatter import (
    Entry,
    content_end,
    entries,
    is_alias,
    is_block_scalar,
    scalar_text,
    value_span,
)
from patterns_app.document.pattern import ContextLabel, PatternDocument
from patterns_app.document.pieces import Piece, identity_of, pieces_of, plain_text_of
from patterns_app.document.problems import Severity
from patterns_app.document.reading import Place, Reader, Reading, Unreadable, is_a_date, other_keys, read
from patterns_app.document.spelling import Spelling, spell, spell_number
from patterns_app.document.splicing import (
    CannotSplice,
    Edit,
    Render,
    after_colon,
    apply,
    block_column,
    edit_list,
    entry_edit,
    insert_key,
    line_end,
    line_start,
    next_line,
    plan_list,
    remove_keys,
    unified,
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
    changed field and one or two more.
    """
    first = reading = read(text, name=name)
    wanted = _ordered(wanted)
    earlier = _Precedents(precedents, name)
    for spec in FIELDS:
        value = value_of(wanted, spec)
        if value != value_of(reading.document, spec):
            reading = _write_field(reading, spec, value, name, earlier)
    result = reading.front.text
    if wanted.body != reading.document.body:
        result = _head(reading, wanted.body, earlier) + wanted.body
    try:
        said = reading if result == reading.front.text else read(result, name=name)
    except Unreadable as error:
        raise EditRefused("body", error.problem.message) from error
    for field in said.document.differs_from(wanted):
        # The body is compared as a whole: where its sections are cut is for the reader to say.
        if field not in ("preamble", "sections") or said.document.body != wanted.body:
            raise EditRefused(field, "read again, the file would say something else. Edit the file by hand.")
    if _others(said) != _others(first):
        raise EditRefused("other keys", "the change would have touched keys that were not edited.")
    if said.is_refused and not first.is_refused:
        problem = next(problem for problem in said.problems if problem.severity is Severity.ERROR)
        raise EditRefused(problem.key, problem.message)
    return result


def _head(reading: Reading, body: str, earlier: _Precedents) -> str:
    """The front matter and its fences for a body; without a body, the closing fence may be the end of the text."""
    front = reading.front
    if not body:
        for precedent in earlier.readings():
            if not precedent.document.body:
                return front.text[: front.end] + precedent.front.text[precedent.front.end :]
    head = front.text[: front.body]
    return head + front.newline if body and head[-1] not in "\r\n" else head


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

    def readings(self) -> Iterator[Reading]:
        for number, text in enumerate(self._texts):
            if number not in self._readings:
                try:
                    self._readings[number] = read(text, name=self._name)
                except Unreadable:
                    self._readings[number] = None
            if (reading := self._readings[number]) is not None:
                yield reading

    def saying(self, spec: Field, value: Any) -> Iterator[Reading]:
        """Readings of the earlier texts in which the field has the value."""
        return (reading for reading in self.readings() if value_of(reading.document, spec) == value)


def _write_field(reading: Reading, spec: Field, value: Any, name: str, earlier: _Precedents) -> Reading:
    """The reading of a text in which one more field has its wanted value."""
    for precedent in earlier.saying(spec, value):
        edits = _as_before(reading, precedent, spec)
        if edits and (result := _applied(reading, edits, spec, value, name)) is not None:
            return result
    reasons = []
    for way in (_Writer.edits, _Writer.rewrite):
        try:
            result = _applied(reading, way(_Writer(reading), spec, value), spec, value, name)
        except CannotSplice as error:
            reasons.append(str(error))
        else:
            if result is not None:
                return result
            reasons.append("the file would not say exactly this, or another field would change with it")
    raise EditRefused(spec.name, f"{reasons[0]}. Edit the file by hand.")


def _applied(reading: Reading, edits: list[Edit], spec: Field, value: Any, name: str) -> Reading | None:
    """The reading after the edits, or None if it does not give the field its value or changes anything else."""
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
    return result if _others(result) == _others(reading) else None


def _others(reading: Reading) -> list[tuple[str, str]]:
    """What the text says beside the fields, as it says it."""
    return [(key.path, key.source) for key in other_keys(reading)]


def _as_before(reading: Reading, precedent: Reading, spec: Field) -> list[Edit]:
    """Edits that spell a field as an earlier text did; none where that would take a later comment out."""
    place, before = reading.places.get((spec.name, spec.kind)), precedent.places.get((spec.name, spec.kind))
    if place is None:
        return _reinserted(reading, precedent, before) if before is not None else []
    if before is None:
        return _removal(reading, precedent, place)
    if place.path != before.path:
        return []
    return _restored(reading, (place.key, place.value), precedent, (before.key, before.value))


def _reinserted(reading: Reading, precedent: Reading, before: Place) -> list[Edit]:
    """Edits that put a key back that was taken out since, with its value as it stood."""
    mapping = _mappings(reading).get(before.path[:-1])
    if mapping is None or mapping.flow_style or not mapping.value:
        return []
    low, high = (
        after_colon(before.key, precedent.front.yaml),
        _extent((before.key, before.value), precedent.front.yaml)[1],
    )
    text = unified(precedent.front.yaml[low:high])

    def render(column: int, flow: bool) -> str:
        if column != before.key.start_mark.column:
            raise CannotSplice("the key would stand elsewhere")
        return text

    try:
        return _inserted(reading, mapping, before.path, render)
    except CannotSplice:
        return []


def _inserted(reading: Reading, mapping: MappingNode, path: Path, render: Render) -> list[Edit]:
    """Edits that put a new key into a mapping, behind those that the reference layout has before it."""
    existing = entries(mapping, reading.front)
    if path[-1] in existing:
        return []
    order = dialects.siblings(path[:-1])
    before = (
        [existing[name][0] for name in order[: order.index(path[-1])] if name in existing] if path[-1] in order else []
    )
    return insert_key(mapping, reading.front.yaml, path[-1], render, after=before[-1] if before else None)


def _restored(reading: Reading, entry: Entry, precedent: Reading, before: Entry) -> list[Edit]:
    """Edits that put a key and value back as they stood in an earlier text."""
    source, earlier = reading.front.yaml, precedent.front.yaml
    if entry[0].start_mark.column != before[0].start_mark.column:
        return []
    start, end = _extent(entry, source)
    low, high = _extent(before, earlier)
    is_list = not isinstance(entry[1], ScalarNode) or not isinstance(before[1], ScalarNode)
    in_source, in_earlier = Counter(_COMMENT.findall(source)), Counter(_COMMENT.findall(earlier))
    for wider, earlier_wider in (_unlike_end(source, end, earlier, high), (end, high)):
        now, blank_now = _asides(entry, source, end=wider)
        then, blank_then = _asides(before, earlier, end=earlier_wider)
        # A list's change may have taken comments with it. What was added later must never go, and what has only
        # moved (behind a key put in since) must not come twice.
        is_kept = now <= then if is_list else now == then
        is_new = all(in_source[aside] + count <= in_earlier[aside] for aside, count in (then - now).items())
        if is_kept and is_new and blank_now <= blank_then:
            text = earlier[low:earlier_wider]
            verbatim = reading.front.newline == precedent.front.newline
            return [Edit(start, wider, text if verbatim else unified(text), verbatim)]
    return []


def _unlike_end(source: str, end: int, earlier: str, high: int) -> tuple[int, int]:
    """The ends of two values, with what is behind and below them as far as it differs: line endings, comments, blanks.

    It may have moved there from within the value, or have gone with its last entry.
    """
    behind = (_BEHIND.match(source, end), _BEHIND.match(earlier, high))
    now, then = (_LINES.findall(match[0]) if match else [] for match in behind)
    while len(now) > 1 and len(then) > 1 and now[-1] == then[-1]:
        del now[-1], then[-1]
    return (end, high) if now == then else (end + len("".join(now)), high + len("".join(then)))


# The rest of a line, and the lines of comment below it.
_BEHIND = re.compile(r"[^\r\n]*(?:(?:\r\n|\n|\r)(?:[ \t]*+(?:#[^\r\n]*+)?(?=[\r\n]|\Z))?)*")
_LINES = re.compile(r"[^\r\n]*(?:\r\n|\n|\r)|[^\r\n]+")


def _extent(entry: Entry, source: str) -> tuple[int, int]:
    """From the key to the end of its value."""
    key, value = entry
    return int(key.start_mark.index), max(value_span(key, value, source)[1], after_colon(key, source))


def _asides(entry: Entry, source: str, *, end: int) -> tuple[Counter[str], int]:
    """The comments from a key to `end`, and the number of blank lines."""
    start = int(entry[0].start_mark.index)
    texts: list[tuple[int, int, str]] = []
    nodes: list[Node] = [*entry]
    seen: set[int] = set()
    while nodes:
        node = nodes.pop()
        first = int(node.start_mark.index)
        if id(node) in seen or not start <= first < end:
            continue  # an alias: its node stands elsewhere
        seen.add(id(node))
        if isinstance(node, MappingNode | SequenceNode):
            nodes += [part for pair in node.value for part in pair] if isinstance(node, MappingNode) else node.value
        elif is_block_scalar(node):
            texts.append((line_end(source, first), content_end(node, source), "\nx"))
        else:
            texts.append((first, content_end(node, source), "x"))
    between, position = "", start
    for first, last, filling in sorted(texts):
        between += source[position:first] + filling
        position = max(position, last)
    between += source[position:end]
    return Counter(_COMMENT.findall(between)), len(_BLANK.findall(between))


_COMMENT = re.compile(r"(?<=[ \t\r\n])#[^\r\n]*")
_BLANK = re.compile(r"(?:(?<=\n)|(?<=\r)(?!\n))[ \t]*(?=[\r\n])")


def _removal(reading: Reading, precedent: Reading, place: Place) -> list[Edit]:
    """Take out a key that the earlier text did not have, with the containers that were made for it."""
    front = reading.front
    now, was = _mappings(reading), _mappings(precedent)
    path = place.path
    while len(path) > 1 and len(now[path[:-1]].value) == 1 and not (path[:-1] in was and was[path[:-1]].value):
        path = path[:-1]
    mapping = now[path[:-1]]
    entry = entries(mapping, front)[path[-1]]
    before = entries(was.get(path[:-1]), precedent.front).get(path[-1])
    if before is not None:
        # An empty container was there.
        return _restored(reading, entry, precedent, before)
    if len(mapping.value) > 1:
        return remove_keys(mapping, front.yaml, [entry[0]])
    if mapping.flow_style:
        start, end = _extent(entry, front.yaml)
        return [Edit(start, end, "")]
    if len(path) == 1:
        start = line_start(front.yaml, int(entry[0].start_mark.index))
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
        comments, _ = _asides(entry, self.source, end=_extent(entry, self.source)[1])
        if comments and not isinstance(place.value, ScalarNode):
            raise CannotSplice("comments stand between the entries")

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
        return _inserted(self.reading, mapping, path[: depth + 1], render)

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


__all__ = ["EditRefused", "value_of", "write"]
