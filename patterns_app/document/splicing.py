"""Changing YAML by replacing spans: set, insert and remove keys, and turn one list into another entry by entry.

Works on one front matter's source and gives edits; applying them is the caller's. Nothing here knows which keys mean
what. Positions are characters into the YAML source; new text has "\\n" line endings, made the file's own at the end.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass
from typing import Generic, NamedTuple, TypeVar

from yaml import MappingNode, Node, SequenceNode

from patterns_app.document.frontmatter import content_end, value_span

V = TypeVar("V")


class Edit(NamedTuple):
    """Replace `source[start:end]` with `text`."""

    start: int
    end: int
    text: str


class CannotSplice(Exception):
    """The source is written in a way that this change cannot be made in without touching more."""


Render = Callable[[int, bool], str]
"""(column of the key, within {} or []) → what follows `key:`, with its leading space or line ending."""


def apply(source: str, edits: Iterable[Edit], newline: str) -> str:
    """The source with all edits made. Edits at one position keep their order; overlapping ones are refused."""
    result, position = [], 0
    for edit in sorted(edits, key=lambda edit: (edit.start, edit.end)):
        if edit.start < position:
            raise CannotSplice("two changes overlap")
        result += [source[position : edit.start], edit.text.replace("\n", newline)]
        position = edit.end
    result.append(source[position:])
    return "".join(result)


def line_start(source: str, index: int) -> int:
    while index > 0 and source[index - 1] not in "\r\n":
        index -= 1
    return index


def line_end(source: str, index: int) -> int:
    while index < len(source) and source[index] not in "\r\n":
        index += 1
    return index


def next_line(source: str, index: int) -> int:
    """Index just after the line ending of the line that `index` is on."""
    index = line_end(source, index)
    if source.startswith("\r\n", index):
        return index + 2
    return min(index + 1, len(source))


def _index(node: Node) -> int:
    return int(node.start_mark.index)


def value_edit(key: Node, value: Node, source: str, text: str) -> list[Edit]:
    """Put `text` (as a `Render` gives it) in place of a mapping's value."""
    colon = source.index(":", int(key.end_mark.index)) + 1
    start, end = value_span(key, value, source)
    if start == end:
        return [Edit(colon, colon, text)]
    if text.startswith("\n") or source[colon:start].strip(" \t"):
        # Between one line and a block: keep a comment that stands behind the colon.
        rest = line_end(source, colon)
        if start > rest:
            # What follows was a block and stays one only if the new text is.
            head = [] if text.startswith("\n") else [Edit(colon, colon, text)]
            return [*head, Edit(rest, end, text if text.startswith("\n") else "")]
        return [Edit(colon, end, text)]
    anchor = _anchor_length(source, start)
    return [Edit(start + anchor, end, text.removeprefix(" "))]


def _anchor_length(source: str, start: int) -> int:
    if source[start] != "&":
        return 0
    end = start
    while end < len(source) and not source[end].isspace():
        end += 1
    while end < len(source) and source[end] in " \t":
        end += 1
    return end - start


def insert_key(mapping: MappingNode, source: str, key: str, render: Render, *, after: Node | None) -> list[Edit]:
    """A new key behind the key node `after`, or in front of all."""
    column = int(mapping.start_mark.column)
    pairs = list(mapping.value)
    if mapping.flow_style:
        text = f"{key}:{render(column, True)}"
        if not pairs:
            start = _index(mapping) + 1
            return [Edit(start, start, text)]
        if after is None:
            start = _index(pairs[0][0])
            return [Edit(start, start, text + ", ")]
        end = _value_end(pairs, after, source)
        return [Edit(end, end, ", " + text)]
    pad = " " * column
    if after is None:
        start = _index(pairs[0][0])
        return [Edit(start, start, f"{key}:{render(column, False)}\n{pad}")]
    end = line_end(source, max(_value_end(pairs, after, source), int(after.end_mark.index)))
    return [Edit(end, end, f"\n{pad}{key}:{render(column, False)}")]


def _value_end(pairs: Sequence[tuple[Node, Node]], key: Node, source: str) -> int:
    """Where the value of one of a mapping's keys ends."""
    value = next(value for one, value in pairs if one is key)
    return value_span(key, value, source)[1]


def remove_key(mapping: MappingNode, source: str, key: Node) -> list[Edit]:
    """Take a key and its value out; not the last one of its mapping, which would leave nothing to read."""
    pairs = list(mapping.value)
    number = next(number for number, pair in enumerate(pairs) if pair[0] is key)
    if len(pairs) == 1:
        raise CannotSplice("the only key of a mapping cannot be taken out")
    start, end = _index(key), max(_value_end(pairs, key, source), int(key.end_mark.index) + 1)
    following = _index(pairs[number + 1][0]) if number + 1 < len(pairs) else None
    if mapping.flow_style:
        if following is not None:
            return [Edit(start, following, "")]
        return [Edit(_value_end(pairs, pairs[number - 1][0], source), end, "")]
    first = line_start(source, start)
    if source[first:start].strip(" "):
        # `- slug: x`: the key shares its line with the dash, which stays.
        if following is None:
            raise CannotSplice("the only key of an entry cannot be taken out")
        return [Edit(start, following, "")]
    return [Edit(first, next_line(source, end), "")]


@dataclass(frozen=True, slots=True)
class Step(Generic[V]):
    """One place of the wanted list: an entry that is there already, one there in other words, or a new one.

    node: the existing entry to keep or change, None for a new one. value: what it should say, None to keep it.
    moved: an existing entry elsewhere that says `value` already, whose own characters are used.
    """

    node: Node | None
    value: V | None
    moved: Node | None = None


def plan_list(
    old: Sequence[tuple[V, Node]], new: Sequence[V], identity: Callable[[V], Hashable]
) -> tuple[list[Step[V]], list[Node]]:
    """How the old entries become the new ones with the fewest touched: (steps in the new order, nodes to take out).

    Entries are the same where their identities are; of those in between, pairs are changed in place.
    """
    old_keys = [identity(value) for value, _ in old]
    new_keys = [identity(value) for value in new]
    by_key = dict(zip(old_keys, old, strict=True))
    steps: list[Step[V]] = []
    gone: list[Node] = []
    for tag, i1, i2, j1, j2 in difflib.SequenceMatcher(None, old_keys, new_keys, autojunk=False).get_opcodes():
        if tag == "equal":
            for (value, node), wanted in zip(old[i1:i2], new[j1:j2], strict=True):
                steps.append(Step(node, None if value == wanted else wanted))
            continue
        leaving = [old[i][1] for i in range(i1, i2) if old_keys[i] not in new_keys]
        gone += [old[i][1] for i in range(i1, i2) if old_keys[i] in new_keys]
        for j in range(j1, j2):
            if new_keys[j] in by_key:
                value, node = by_key[new_keys[j]]
                steps.append(Step(None, new[j], node if value == new[j] else None))
            elif leaving:
                steps.append(Step(leaving.pop(0), new[j]))
            else:
                steps.append(Step(None, new[j]))
        gone += leaving
    return steps, gone


def edit_list(
    sequence: SequenceNode,
    source: str,
    steps: Sequence[Step[V]],
    gone: Sequence[Node],
    *,
    update: Callable[[Node, V], list[Edit]],
    emit: Callable[[V, int, bool], str],
) -> list[Edit]:
    """Edits that carry the steps out in a list that is not empty and will not be.

    update(node, value): edits that make an entry say the value. emit(value, column, flow): an entry's text, for a dash
    at `column` or within brackets. Raises `CannotSplice` for lists written on one line with something else.
    """
    if sequence.flow_style:
        return _edit_flow_list(sequence, source, steps, gone, update=update, emit=emit)
    column = int(sequence.start_mark.column)
    spans = {id(node): _lines_of(node, source, column) for node in sequence.value}
    edits = [Edit(*spans[id(node)], "") for node in gone]
    position = spans[id(sequence.value[0])][0]
    for step in steps:
        if step.node is not None:
            if step.value is not None:
                edits += update(step.node, step.value)
            position = spans[id(step.node)][1]
        elif step.moved is not None:
            edits.append(Edit(position, position, _unified(source[slice(*spans[id(step.moved)])])))
        elif step.value is not None:
            edits.append(Edit(position, position, f"{' ' * column}- {emit(step.value, column, False)}\n"))
    return edits


def _unified(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _lines_of(node: Node, source: str, column: int) -> tuple[int, int]:
    """The whole lines of a block list's entry, dash and line ending included."""
    dash = source.rindex("-", 0, max(_index(node), 1))
    first = line_start(source, dash)
    if source[first:dash].strip(" ") or dash - first != column:
        raise CannotSplice("a list shares its line with something else")
    return first, next_line(source, max(content_end(node, source), dash + 1))


def _edit_flow_list(
    sequence: SequenceNode,
    source: str,
    steps: Sequence[Step[V]],
    gone: Sequence[Node],
    *,
    update: Callable[[Node, V], list[Edit]],
    emit: Callable[[V, int, bool], str],
) -> list[Edit]:
    nodes = list(sequence.value)
    if not gone and all(step.node is not None for step in steps):
        return [
            edit
            for step in steps
            if step.node is not None and step.value is not None
            for edit in update(step.node, step.value)
        ]
    if len(nodes) != sum(step.node is not None for step in steps) + len(gone):
        raise CannotSplice("the list holds entries that cannot be read")
    start, end = _index(sequence) + 1, int(sequence.end_mark.index) - 1
    spans = {id(node): (_index(node), content_end(node, source)) for node in nodes}
    edges = [start, *(spans[id(node)][1] for node in nodes)]
    glue = {id(node): source[edge : spans[id(node)][0]] for node, edge in zip(nodes, edges, strict=False)}
    column = int(sequence.start_mark.column)
    text = ""
    for number, step in enumerate(steps):
        first_glue = glue[id(nodes[0])]
        if number == 0:
            text += first_glue
        else:
            text += glue[id(step.node)] if step.node is not None and step.node is not nodes[0] else ", "
        kept = step.node if step.node is not None else step.moved
        if kept is not None:
            low, high = spans[id(kept)]
            own = source[low:high]
            if step.node is not None and step.value is not None:
                own = apply(own, [Edit(e.start - low, e.end - low, e.text) for e in update(kept, step.value)], "\n")
            text += own
        elif step.value is not None:
            text += emit(step.value, column, True)
    return [Edit(start, end, _unified(text) + _unified(source[edges[-1] : end]))]
