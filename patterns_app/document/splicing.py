"""Changing YAML by replacing spans: set, insert and remove keys, and turn one list into another entry by entry.

Works on one front matter's source and gives edits; applying them is the caller's. Nothing here knows which keys mean
what. Positions are characters into the YAML source; new text has "\\n" line endings, made the file's own at the end.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass
from typing import Final, Generic, NamedTuple, TypeVar

from yaml import MappingNode, Node, ScalarNode, SequenceNode

from patterns_app.document.frontmatter import colon_end, content_end, is_alias, is_block_scalar, value_span

_ANCHOR: Final = re.compile(r"&\S+")
_PROPERTIES: Final = re.compile(r"(?:[&!]\S*(?:\s|#[^\r\n]*+)*+)+")
_NEXT_DASH: Final = re.compile(r"(?:[ \t]*+(?:#[^\r\n]*+)?(?:\r\n|\n|\r))* *+(?=-\s)")
_NEXT_ALIAS: Final = re.compile(r"(?:[\s,]|#[^\r\n]*+)*+(\*[^\s,\]}]+)")
_HEADER_COMMENT: Final = re.compile(r"[ \t]+#[^\r\n]*")

V = TypeVar("V")


class Edit(NamedTuple):
    """Replace `source[start:end]` with `text`. verbatim: its line endings are the file's own already."""

    start: int
    end: int
    text: str
    verbatim: bool = False


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
        result += [source[position : edit.start], edit.text if edit.verbatim else edit.text.replace("\n", newline)]
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


def collection_start(node: MappingNode | SequenceNode, source: str) -> int:
    """Index of a collection's bracket, first dash or first key, behind an anchor and a tag of its own."""
    start = _index(node)
    first = node.value[0] if node.value else None
    if _index(first[0] if isinstance(first, tuple) else first or node) == start and first is not None:
        return start  # what stands there belongs to the first key
    properties = _PROPERTIES.match(source, start)
    return properties.end() if properties else start


def block_column(node: MappingNode | SequenceNode, source: str) -> int:
    """Column of a block collection's dashes or keys."""
    start = collection_start(node, source)
    return start - line_start(source, start)


def after_colon(key: Node, source: str) -> int:
    """Index just behind a key's colon."""
    end = colon_end(key, source)
    if end is None:
        raise CannotSplice("a key stands there without a colon")
    return end


def value_edit(key: Node, value: Node, source: str, text: str) -> list[Edit]:
    """Put `text` (as a `Render` gives it) in place of a mapping's value, keeping its anchor and the comments around it.

    A comment on the line of the key stays on that line: behind a value, behind `>-`, or behind the colon of a block.
    """
    colon = after_colon(key, source)
    start, end = value_span(key, value, source)
    head, lines = text, ""
    if text.startswith(("\n", " >", " |")):
        head, _, lines = text.partition("\n")
        lines = f"\n{lines}"
    if start == end:
        start = end = colon
    first = line_start(source, start)
    if first > colon:
        # The value begins on a line of its own, perhaps below a comment.
        above = first - (2 if source.startswith("\r\n", first - 2) else 1)
        rest = line_end(source, end)
        if source[end:rest].strip(" \t") and isinstance(value, ScalarNode):
            above = start  # and has a comment behind it, which stays on that line
        else:
            end = rest
        return [Edit(colon, colon, head), Edit(above, end, lines)]
    if not is_alias(key, value) and (anchor := _ANCHOR.match(source, start)):
        start = anchor.end()
    elif start > colon and head:
        head = head.removeprefix(" ")
    else:
        start = colon
    if not is_alias(key, value) and is_block_scalar(value):
        return [Edit(start, end, head + _header_comment(value, source) + lines)]
    rest = line_end(source, end)
    return [Edit(start, end, head), *([Edit(rest, rest, lines)] if lines else [])]


def entry_edit(node: Node, source: str, text: str) -> list[Edit]:
    """Put `text` in place of a list's entry, keeping its anchor and the comments around it."""
    start, end = _index(node), content_end(node, source)
    if anchor := _ANCHOR.match(source, start):
        start, text = anchor.end(), f" {text}"
    if is_block_scalar(node):
        head, line_break, lines = text.partition("\n")
        text = head + _header_comment(node, source) + line_break + lines
    return [Edit(start, end, text)]


def _header_comment(node: Node, source: str) -> str:
    """The comment behind the `>` or `|` of a block scalar, with the space before it."""
    comment = _HEADER_COMMENT.search(source, _index(node), line_end(source, _index(node)))
    return comment[0] if comment else ""


def insert_key(mapping: MappingNode, source: str, key: str, render: Render, *, after: Node | None) -> list[Edit]:
    """A new key behind the key node `after`, or in front of all."""
    column = block_column(mapping, source)
    pairs = list(mapping.value)
    if mapping.flow_style:
        text = f"{key}:{render(column, True)}"
        if not pairs:
            start = collection_start(mapping, source) + 1
            return [Edit(start, start, text)]
        if after is None:
            start = _index(pairs[0][0])
            return [Edit(start, start, text + ", ")]
        end = _value_end(pairs, after, source)
        return [Edit(end, end, ", " + text)]
    pad = " " * column
    if after is None:
        start = collection_start(mapping, source)
        return [Edit(start, start, f"{key}:{render(column, False)}\n{pad}")]
    # A line of its own: the line above keeps its ending, whichever it is.
    start = next_line(source, max(_value_end(pairs, after, source), int(after.end_mark.index)))
    return [Edit(start, start, f"{pad}{key}:{render(column, False)}\n")]


def _value_end(pairs: Sequence[tuple[Node, Node]], key: Node, source: str) -> int:
    """Where the value of one of a mapping's keys ends."""
    value = next(value for one, value in pairs if one is key)
    return value_span(key, value, source)[1]


def remove_keys(mapping: MappingNode, source: str, keys: Iterable[Node]) -> list[Edit]:
    """Take keys and their values out; not all of a mapping's, which would leave nothing to read."""
    pairs = list(mapping.value)
    leaving = {id(key) for key in keys}
    if len(leaving) == len(pairs):
        raise CannotSplice("the only key of a mapping cannot be taken out")
    spans = [(_index(key), max(_value_end(pairs, key, source), int(key.end_mark.index) + 1)) for key, _ in pairs]
    last_kept = max(number for number, (key, _) in enumerate(pairs) if id(key) not in leaving)
    edits: list[Edit] = []
    moves_up = False
    for number, (key, _) in enumerate(pairs):
        if id(key) not in leaving:
            moves_up = False
            continue
        start, end = spans[number]
        following = spans[number + 1][0] if number < last_kept else end
        first = line_start(source, start)
        if mapping.flow_style:
            # With the comma behind it, or before it where nothing is left behind it.
            edits.append(Edit(start, following, "") if number < last_kept else Edit(spans[number - 1][1], end, ""))
        elif not moves_up and not source[first:start].strip(" "):
            edits.append(Edit(first, next_line(source, end), ""))
        else:
            # `- slug: x`: the dash stays and the next key moves up to it, unless a comment stands between.
            moves_up = "#" not in source[end:following]
            edits.append(Edit(start, following if moves_up else end, ""))
    return edits


@dataclass(frozen=True, slots=True)
class Step(Generic[V]):
    """One place of the wanted list: an entry that is there already, one there in other words, or a new one.

    node: the existing entry to keep or change, None for a new one. value: what it should say, None to keep it.
    moved: where the entry stood before, if it stood elsewhere; its own characters are used.
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
    staying = set(new_keys)
    steps: list[Step[V]] = []
    gone: list[Node] = []
    for tag, i1, i2, j1, j2 in difflib.SequenceMatcher(None, old_keys, new_keys, autojunk=False).get_opcodes():
        if tag == "equal":
            for (value, node), wanted in zip(old[i1:i2], new[j1:j2], strict=True):
                steps.append(Step(node, None if value == wanted else wanted))
            continue
        leaving = [old[i][1] for i in range(i1, i2) if old_keys[i] not in staying]
        gone += [old[i][1] for i in range(i1, i2) if old_keys[i] in staying]
        for j in range(j1, j2):
            if new_keys[j] in by_key:
                value, node = by_key[new_keys[j]]
                steps.append(Step(None, None if value == new[j] else new[j], node))
            elif leaving:
                steps.append(Step(leaving.pop(0), new[j]))
            else:
                steps.append(Step(None, new[j]))
        gone += leaving
    return steps, gone


def edit_list(
    collection: SequenceNode | MappingNode,
    source: str,
    steps: Sequence[Step[V]],
    gone: Sequence[Node],
    *,
    update: Callable[[Node, V], list[Edit]],
    emit: Callable[[V, int, bool], str],
) -> list[Edit]:
    """Edits that carry the steps out in a list that is not empty.

    A mapping is the list of its keys' nodes. update(node, value): edits that make an entry say the value. emit(value,
    column, flow): an entry's text, for a dash or key at `column` or within brackets. Raises `CannotSplice` where an
    entry shares its line with something else, and where entries in brackets have comments.
    """
    if not gone and all(step.node is not None for step in steps):
        return [
            edit
            for step in steps
            if step.node is not None and step.value is not None
            for edit in update(step.node, step.value)
        ]
    if collection.flow_style:
        return _edit_flow_list(collection, source, steps, gone, update=update, emit=emit)
    column = block_column(collection, source)
    spans = _entry_lines(collection, source, column)
    dash = "- " if isinstance(collection, SequenceNode) else ""
    edits = [Edit(*spans[id(node)], "") for node in gone]
    position = _comments_start(source, min(spans.values())[0])
    for step in steps:
        if step.node is not None:
            if step.value is not None:
                edits += update(step.node, step.value)
            position = spans[id(step.node)][1]
        elif step.moved is not None:
            low, high = spans[id(step.moved)]
            if step.value is None:
                edits.append(Edit(position, position, source[low:high], verbatim=True))
            else:
                text = _part(source, low, high, update(step.moved, step.value))
                edits.append(Edit(position, position, unified(text)))
        elif step.value is not None:
            edits.append(Edit(position, position, f"{' ' * column}{dash}{emit(step.value, column, False)}\n"))
    return edits


def _part(source: str, low: int, high: int, edits: Iterable[Edit]) -> str:
    """A part of the source, with the edits within it made."""
    return apply(source[low:high], [edit._replace(start=edit.start - low, end=edit.end - low) for edit in edits], "\n")


def unified(text: str) -> str:
    """A text with "\\n" for every line ending."""
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _comments_start(source: str, index: int) -> int:
    """Start of the lines of comment directly above a line."""
    while index > 0:
        above = line_start(source, index - (2 if source.startswith("\r\n", index - 2) else 1))
        if not source[above:index].lstrip(" ").startswith("#"):
            break
        index = above
    return index


def _entries(collection: SequenceNode | MappingNode) -> list[tuple[Node, Node | None]]:
    """(item, None) of a sequence, (key, value) of a mapping."""
    if isinstance(collection, MappingNode):
        return list(collection.value)
    if len({id(node) for node in collection.value}) < len(collection.value):
        raise CannotSplice("the list says an entry again by an alias")
    return [(node, None) for node in collection.value]


def _entry_lines(collection: SequenceNode | MappingNode, source: str, column: int) -> dict[int, tuple[int, int]]:
    """The whole lines of a block collection's entries, dash and line ending included, by the node's `id`."""
    spans: dict[int, tuple[int, int]] = {}
    position = collection_start(collection, source)
    for node, value in _entries(collection):
        if value is None:
            if spans:
                dash = _NEXT_DASH.match(source, position)
                if dash is None:
                    raise CannotSplice("a list goes on in a way that cannot be followed")
                position = dash.end()
            start, end = position, position + 1
            if _index(node) > start:
                end = max(content_end(node, source), end)
        else:
            start, end = _index(node), max(value_span(node, value, source)[1], after_colon(node, source))
        first = line_start(source, start)
        if source[first:start] != " " * column:
            raise CannotSplice("a list shares its line with something else")
        position = next_line(source, end)
        spans[id(node)] = (first, position)
    return spans


def _entry_spans(collection: SequenceNode | MappingNode, source: str) -> list[tuple[int, int]]:
    """Start and end of each entry in brackets."""
    spans: list[tuple[int, int]] = []
    position = collection_start(collection, source) + 1
    for node, value in _entries(collection):
        if value is not None:
            spans.append((_index(node), value_span(node, value, source)[1]))
        elif _index(node) >= position:
            spans.append((_index(node), content_end(node, source)))
        elif alias := _NEXT_ALIAS.match(source, position):
            spans.append(alias.span(1))
        position = spans[-1][1] if spans else position
    return spans


def _with_unread(nodes: Sequence[Node], steps: Sequence[Step[V]], gone: Sequence[Node]) -> list[Step[V]]:
    """The steps, with the entries that they know nothing of kept behind the entry that each stands behind."""
    known = {id(step.node) for step in steps if step.node is not None}
    leaving = {id(node) for node in gone}
    behind: dict[int, list[Step[V]]] = {}
    last = 0
    for node in nodes:
        if id(node) in known:
            last = id(node)
        elif id(node) not in leaving:
            behind.setdefault(last, []).append(Step(node, None))
    found = behind.get(0, [])
    for step in steps:
        found += [step, *(behind.get(id(step.node), ()) if step.node is not None else ())]
    return found


def _edit_flow_list(
    collection: SequenceNode | MappingNode,
    source: str,
    steps: Sequence[Step[V]],
    gone: Sequence[Node],
    *,
    update: Callable[[Node, V], list[Edit]],
    emit: Callable[[V, int, bool], str],
) -> list[Edit]:
    nodes = [node for node, _ in _entries(collection)]
    steps = _with_unread(nodes, steps, gone)
    all_spans = _entry_spans(collection, source)
    spans = {id(node): span for node, span in zip(nodes, all_spans, strict=True)}
    start, end = collection_start(collection, source) + 1, int(collection.end_mark.index) - 1
    edges = [start, *(span[1] for span in all_spans)]
    glue = {id(node): source[edge : spans[id(node)][0]] for node, edge in zip(nodes, edges, strict=False)}
    tail = source[edges[-1] : end]
    if "#" in tail or any("#" in text for text in glue.values()):
        raise CannotSplice("comments stand within the brackets")
    column = int(collection.start_mark.column)
    text = ""
    for number, step in enumerate(steps):
        if number == 0:
            text += glue[id(nodes[0])]
        else:
            text += glue[id(step.node)] if step.node is not None and step.node is not nodes[0] else ", "
        kept = step.node if step.node is not None else step.moved
        if kept is not None:
            text += _part(source, *spans[id(kept)], update(kept, step.value) if step.value is not None else [])
        elif step.value is not None:
            text += emit(step.value, column, True)
    return [Edit(start, end, unified(text + tail))]
