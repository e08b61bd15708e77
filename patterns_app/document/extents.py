"""Where things stand in a text: how far a value reaches, which comments belong to it, where a new key goes."""

from __future__ import annotations

import re
from collections import Counter
from typing import Any

from yaml import MappingNode, Node, SequenceNode

from patterns_app.document import dialects
from patterns_app.document.dialects import Field, Path, Shape
from patterns_app.document.frontmatter import (
    Entry,
    content_end,
    entries,
    is_block_scalar,
    value_span,
)
from patterns_app.document.pattern import PatternDocument
from patterns_app.document.reading import Reading
from patterns_app.document.splicing import (
    Edit,
    Render,
    after_colon,
    insert_key,
    line_end,
)


def value_of(document: PatternDocument, spec: Field) -> Any:
    """A field's value; of relationships, those of the field's kind."""
    if spec.shape is Shape.RELATIONSHIPS:
        return tuple(entry for entry in document.relationships if entry.kind == spec.kind)
    return getattr(document, spec.name)


def mappings_of(reading: Reading) -> dict[Path, MappingNode]:
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


def extent_of(entry: Entry, source: str) -> tuple[int, int]:
    """From the key to the end of its value."""
    key, value = entry
    return int(key.start_mark.index), max(value_span(key, value, source)[1], after_colon(key, source))


def asides_of(entry: Entry, source: str, *, end: int) -> tuple[Counter[str], int]:
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
    return Counter(COMMENT.findall(between)), len(_BLANK.findall(between))


COMMENT = re.compile(r"(?<=[ \t\r\n])#[^\r\n]*")
_BLANK = re.compile(r"(?:(?<=\n)|(?<=\r)(?!\n))[ \t]*(?=[\r\n])")


def inserted(reading: Reading, mapping: MappingNode, path: Path, render: Render) -> list[Edit]:
    """Edits that put a new key into a mapping, behind those that the reference layout has before it."""
    existing = entries(mapping, reading.front)
    if path[-1] in existing:
        return []
    order = dialects.siblings(path[:-1])
    before = (
        [existing[name][0] for name in order[: order.index(path[-1])] if name in existing] if path[-1] in order else []
    )
    return insert_key(mapping, reading.front.yaml, path[-1], render, after=before[-1] if before else None)
