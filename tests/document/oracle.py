"""What a change should have done to a text, found out without the code under test.

Where things stand is told by libyaml's events (an alias is an event of its own, with its own marks), what a front
matter says besides one key by PyYAML's own loader, and lines are cut by hand.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import yaml

Path = tuple[str, ...]

_LINE = re.compile("[^\r\n]*(?:\r\n|\n|\r)|[^\r\n]+")
_COMMENT = re.compile(r"(?:^|(?<=[\s]))#[^\r\n]*")


def lines_of(text: str) -> list[str]:
    """Lines with their endings: CRLF, LF or CR, and nothing else that Python would also cut at."""
    return _LINE.findall(text)


@lru_cache(maxsize=4)
def front_matter(text: str) -> tuple[int, int]:
    """Start and end of the YAML between the fences."""
    lines = lines_of(text)
    closing = next(number for number in range(1, len(lines)) if lines[number].rstrip(" \t\r\n") == "---")
    start = len(lines[0])
    return start, start + sum(len(line) for line in lines[1:closing])


@dataclass
class Thing:
    """A node with its exact place in the source: nothing behind its last character counts.

    pairs and items are empty for what is not a mapping or a sequence.
    """

    start: int
    end: int
    value: str = ""
    style: str = ""
    is_flow: bool = False
    is_alias: bool = False
    pairs: list[tuple[Thing, Thing]] = field(default_factory=list)
    items: list[Thing] = field(default_factory=list)

    def get(self, key: str) -> tuple[Thing, Thing] | None:
        return next((pair for pair in self.pairs if pair[0].value == key and not pair[0].pairs), None)


@lru_cache(maxsize=16)
def things(source: str) -> Thing | None:
    """The root of a YAML source; None if it is empty."""
    events: Iterator[Any] = iter(yaml.parse(source, yaml.CSafeLoader))

    def build(event: Any) -> Thing:
        start, end = event.start_mark.index, event.end_mark.index
        if isinstance(event, yaml.AliasEvent):
            return Thing(start, end, str(event.anchor), is_alias=True)
        if isinstance(event, yaml.ScalarEvent):
            thing = Thing(start, end, event.value, event.style or "")
            if thing.style in ("|", ">"):
                thing.end = _block_scalar_end(source, thing)
            return thing
        thing = Thing(start, end, "{}", is_flow=bool(event.flow_style))
        parts: list[Thing] = []
        closing = next(events)
        while not isinstance(closing, yaml.MappingEndEvent | yaml.SequenceEndEvent):
            parts.append(build(closing))
            closing = next(events)
        if isinstance(closing, yaml.MappingEndEvent):
            thing.pairs = list(zip(parts[::2], parts[1::2], strict=True))
        else:
            thing.items = parts
        if thing.is_flow:
            thing.end = closing.end_mark.index  # type: ignore[union-attr]
        elif parts:
            thing.end = max(parts[-1].end, parts[-2].end if thing.pairs else 0)
        return thing

    for event in events:
        if isinstance(event, yaml.ScalarEvent | yaml.MappingStartEvent | yaml.SequenceStartEvent | yaml.AliasEvent):
            return build(event)
    return None


def _block_scalar_end(source: str, thing: Thing) -> int:
    """Without the last line's ending, and without blank lines that are not part of the value."""
    text = source[thing.start : thing.end]
    header = lines_of(text)[0]
    # A line of more spaces than the text is indented by is text, and the value shows it.
    ends_in_spaces = thing.value.rstrip("\n").endswith((" ", "\t")) and not text.rstrip("\r\n").endswith(
        text.rstrip() + thing.value.rstrip("\n")[len(thing.value.rstrip()) :]
    )
    if "+" in header.split("#")[0] or ends_in_spaces:
        return thing.start + len(re.sub(r"(?:\r\n|\n|\r)\Z", "", text))
    return thing.start + max(len(text.rstrip()), len(header.rstrip("\r\n")))


def extent(text: str, path: Path) -> tuple[int, int] | None:
    """First line, and the line after the last, of a key and its value. None if the file has no such key."""
    start, end = front_matter(text)
    here = things(text[start:end])
    pair = None
    for key in path:
        pair = here.get(key) if here else None
        if pair is None:
            return None
        here = pair[1]
    assert pair is not None
    return _line(text, start + pair[0].start), _line(text, start + max(pair[0].end, pair[1].end)) + 1


def host(text: str, path: Path) -> tuple[int, int] | None:
    """Lines of the innermost thing that a new value at a key path goes into, if it is more than the file itself."""
    start, end = front_matter(text)
    root = things(text[start:end])
    if root and root.is_flow:
        return _line(text, start + root.start), _line(text, start + root.end - 1) + 1
    return next((found for depth in range(len(path) - 1, 0, -1) if (found := extent(text, path[:depth]))), None)


def _line(text: str, index: int) -> int:
    """0-based number of the line on which a character stands."""
    return len(lines_of(text[:index] + "x")) - 1


@lru_cache(maxsize=4)
def comments(text: str) -> Counter[str]:
    """Every comment in the front matter."""
    start, end = front_matter(text)
    source = text[start:end]
    between, position = "", 0

    def walk(thing: Thing) -> None:
        nonlocal between, position
        for part in [*(part for pair in thing.pairs for part in pair), *thing.items]:
            walk(part)
        if thing.style in ("|", ">"):
            header = lines_of(source[thing.start :])[0].rstrip("\r\n")
            between += source[position : thing.start + len(header)] + "\n"
        elif thing.pairs or thing.items or thing.is_flow:
            return
        else:
            between += source[position : thing.start] + "x"
        position = thing.end

    if root := things(source):
        walk(root)
    return Counter(_COMMENT.findall(between + source[position:]))


@lru_cache(maxsize=4)
def loaded(text: str) -> Any:
    """The front matter as PyYAML reads it, every scalar as text and every alias as its name."""
    start, end = front_matter(text)

    def plain(thing: Thing) -> Any:
        if thing.is_alias:
            return f"*{thing.value}"
        if thing.pairs:
            return {str(plain(key)): plain(value) for key, value in thing.pairs}
        if thing.items:
            return [plain(item) for item in thing.items]
        return thing.value

    root = things(text[start:end])
    return plain(root) if root and root.pairs else {}


def at(tree: Any, path: Path) -> Any:
    """What stands at a key path of a loaded front matter."""
    for key in path:
        tree = tree[key]
    return tree


def without(tree: Any, path: Path) -> Any:
    """A loaded front matter without one key, and without the mappings that only held it."""
    if not isinstance(tree, dict):
        return tree
    rest = {key: value for key, value in tree.items() if key != path[0]}
    if len(path) > 1 and path[0] in tree:
        inner = without(tree[path[0]], path[1:])
        if inner not in ({}, "{}", "[]", "", "null", "~"):
            rest[path[0]] = inner
    return rest
