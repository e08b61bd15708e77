"""Where everything stands in a text: the fences, every YAML node and its exact span.

`yaml.compose` with libyaml gives each node's start and end in characters. Two of its ends lie too far: a block
collection "ends" where the next token starts (after comments and blank lines), and a block scalar takes trailing blank
lines with it. `content_end` says where the content really stops.

Knows YAML and text, but nothing of patterns.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass, field
from typing import Final

import yaml
from yaml import MappingNode, Node, ScalarNode, SequenceNode
from yaml._yaml import CParser

from patterns_app.document.problems import Problem, Severity, shown

MAX_TEXT: Final = 4 * 1024 * 1024
"""Longest file in characters. The largest real one has 337,000."""

MAX_FRONT_MATTER: Final = 512 * 1024
"""Longest front matter in characters; bounds what a hostile file can make the YAML parser do."""

_OPENING: Final = re.compile("\ufeff?---[ \t]*(?:\r\n|\n|\r|\\Z)")
_CLOSING: Final = re.compile("^---[ \t]*(?:\r\n|\n|\r|\\Z)", re.M)
_CLOSING_CR: Final = re.compile("(?:^|(?<=\r))---[ \t]*(?:\r\n|\n|\r|\\Z)", re.M)
_BREAK: Final = re.compile("\r\n|\n|\r")
_SPACE: Final = r"(?:[ \t\r\n]|#[^\r\n]*+)*+"  # between two tokens; possessive, or it would try every way to cut it
_COLON: Final = re.compile(_SPACE + ":")
_ALIAS: Final = re.compile(_SPACE + ":" + _SPACE + r"(\*[^\s,\]}]+)")
_NOTHING: Final = re.compile(_SPACE + r"\Z")
_LISTED_ALIAS: Final = re.compile(r"[ \t]*+(?:-[ \t]++)*+(\*[^\s,\]}]+)")
NULL_TAG: Final = "tag:yaml.org,2002:null"
STR_TAG: Final = "tag:yaml.org,2002:str"


_NULLS: Final = frozenset({"", "~", "null", "Null", "NULL"})
_TAGS: Final = {ScalarNode: STR_TAG, SequenceNode: "tag:yaml.org,2002:seq", MappingNode: "tag:yaml.org,2002:map"}


class _SpanLoader(CParser):
    """libyaml's parser with the least resolving that reading needs: null or text.

    The stock resolver tries a regular expression on every scalar, in Python, which is half the time of `compose`.
    """

    def resolve(self, kind: type[Node], value: str | None, implicit: tuple[bool, bool]) -> str:
        if kind is ScalarNode and implicit[0] and value in _NULLS:
            return NULL_TAG
        return _TAGS[kind]

    def descend_resolver(self, current_node: Node | None, current_index: Node | int | None) -> None: ...

    def ascend_resolver(self) -> None: ...


def compose(source: str) -> Node | None:
    """The YAML's root node with exact marks, untyped but for null. Raises `yaml.YAMLError`."""
    node: Node | None = _SpanLoader(source).get_single_node()
    return node


class Unreadable(Exception):
    """A text that cannot be read as a pattern at all; `problem` says why and where."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem)
        self.problem = problem


def _unreadable(line: int, code: str, message: str, key: str = "") -> Unreadable:
    return Unreadable(Problem("", line, key, code, Severity.ERROR, message))


@dataclass(frozen=True, slots=True)
class FrontMatter:
    """A text cut at its fences.

    `text[start:end]` is the YAML, `text[body:]` the body; `line` is the 1-based line on which the YAML starts. Node
    marks count from `start`. newline: the line ending of the opening fence, which new lines take.
    """

    text: str
    start: int
    end: int
    body: int
    line: int
    newline: str
    root: MappingNode | None
    _starts: list[int] = field(default_factory=list, repr=False, compare=False)

    @property
    def yaml(self) -> str:
        return self.text[self.start : self.end]

    def line_of(self, node: Node) -> int:
        """1-based line of the node in the whole text (libyaml also counts U+2028 and U+0085, which editors do not)."""
        if not self._starts:
            # Once for all nodes: a hostile file has a problem on each of its 100,000 lines.
            self._starts.extend(match.end() for match in _BREAK.finditer(self.text, 0, self.body))
        return 1 + bisect_right(self._starts, self.start + int(node.start_mark.index))


def line_at(text: str, index: int) -> int:
    """1-based line of a character, counting CRLF, LF and CR as one line ending each."""
    before = text[:index]
    return 1 + before.count("\n") + before.count("\r") - before.count("\r\n")


def split(text: str) -> FrontMatter:
    """Cut a text at its fences and compose the YAML between.

    Raises `Unreadable` where there is no front matter, no closing fence, YAML that cannot be parsed, or YAML that is
    not a mapping. Costs one pass of libyaml over the front matter.
    """
    if len(text) > MAX_TEXT:
        raise _unreadable(
            1,
            "too-large",
            f"The file has {len(text):,} characters; at most {MAX_TEXT:,} are read. Split it or move data out.",
        )
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise _unreadable(
            line_at(text, error.start),
            "not-unicode",
            "Half a character (a lone surrogate) stands here; remove it (it cannot be stored).",
        ) from error
    nul = text.find("\0")
    if nul >= 0:
        raise _unreadable(
            line_at(text, nul),
            "nul-character",
            "A NUL character stands here; remove it (it cannot be stored or shown).",
        )
    opening = _OPENING.match(text)
    if not opening:
        raise _unreadable(1, "no-front-matter", "The file does not start with front matter (a line that is just ---).")
    closing = (_CLOSING_CR if "\r" in text else _CLOSING).search(text, opening.end())
    if not closing:
        raise _unreadable(
            1, "no-closing-fence", "The front matter that starts here is never closed by a line that is just ---."
        )
    start, end = opening.end(), closing.start()
    if end - start > MAX_FRONT_MATTER:
        raise _unreadable(
            1,
            "front-matter-too-large",
            f"The front matter has {end - start:,} characters; at most {MAX_FRONT_MATTER:,} are read.",
        )
    try:
        root = compose(text[start:end])
    except yaml.YAMLError as error:
        raise _yaml_problem(error, text, start) from error
    if root is not None and not isinstance(root, MappingNode):
        if isinstance(root, ScalarNode) and root.tag == NULL_TAG:
            root = None
        else:
            line = line_at(text, start + int(root.start_mark.index))
            raise _unreadable(line, "not-a-mapping", "The front matter is not a list of `key: value` lines.")
    fence = opening[0]
    # A new "\r" in front of a "\n" would make one line ending of two.
    is_cr = fence.endswith("\r") and "\n" not in text[start:end]
    newline = "\r\n" if fence.endswith("\r\n") else "\r" if is_cr else "\n"
    return FrontMatter(text, start, end, closing.end(), 2, newline, root)


def _yaml_problem(error: yaml.YAMLError, text: str, start: int) -> Unreadable:
    if isinstance(error, yaml.MarkedYAMLError):
        # By index: libyaml's lines also end at U+2028 and U+0085.
        lines = [
            line_at(text, start + int(mark.index))
            for mark in (error.context_mark, error.problem_mark)
            if mark is not None
        ] or [2]
        reason = " ".join(part for part in (error.context, error.problem) if part)
        if lines[0] != lines[-1]:
            reason += f" (it began on line {lines[0]})"
        return _unreadable(
            lines[-1], "yaml", f"The front matter is not valid YAML: {reason}. Correct this line or the one above it."
        )
    # libyaml counts bytes here.
    before = text[start:].encode()[: getattr(error, "position", None) or 0].decode(errors="ignore")
    line = line_at(text, start + len(before))
    reason = getattr(error, "reason", None) or str(error)
    return _unreadable(line, "yaml", f"The front matter holds a character that YAML does not allow: {reason}.")


Entry = tuple[ScalarNode, Node]
"""A mapping's key and value."""


def entries(node: Node | None, front: FrontMatter) -> dict[str, Entry]:
    """A mapping node as a dict of its keys, in order; empty for anything else.

    Raises `Unreadable` for a key that stands twice, since YAML leaves open which value counts.
    """
    if not isinstance(node, MappingNode):
        return {}
    found: dict[str, Entry] = {}
    for key, value in node.value:
        if not isinstance(key, ScalarNode):
            continue
        name = key.value
        if name in found:
            first = front.line_of(found[name][0])
            raise _unreadable(
                front.line_of(key),
                "duplicate-key",
                f"The key {shown(name)} stands here and on line {first}; keep one of the two.",
                name,
            )
        found[name] = (key, value)
    return found


def content_end(node: Node, source: str) -> int:
    """Where the node's content stops, as an index into the YAML: never in trailing comments or blank lines."""
    floor = 0
    while isinstance(node, MappingNode | SequenceNode) and not node.flow_style and node.value:
        start, end = int(node.start_mark.index), int(node.end_mark.index)
        last = node.value[-1]
        if isinstance(last, tuple):
            key, node = last
            key_end = int(key.end_mark.index)
            if int(node.start_mark.index) < key_end:
                return value_span(key, node, source)[1]
            floor = key_end + 1
        else:
            node, floor = last, start + 1
            # An alias stands for a node elsewhere; anything else is all that there is before the list's end.
            is_elsewhere = int(node.start_mark.index) <= start
            if is_elsewhere or not _NOTHING.match(source, int(node.end_mark.index), end):
                alias_end = _last_alias_end(source, start, end)
                if alias_end or is_elsewhere:
                    return alias_end or floor
    end = int(node.end_mark.index)
    return max(floor, _block_scalar_end(node, source) if is_block_scalar(node) else end)


def is_block_scalar(node: Node) -> bool:
    """Whether a node is text below a `>` or `|`."""
    return isinstance(node, ScalarNode) and node.style in ("|", ">")


def _block_scalar_end(node: Node, source: str) -> int:
    start, end = int(node.start_mark.index), int(node.end_mark.index)
    header_end = _line_end(source, start)
    lines = _BREAK.split(source[header_end:end])[1:]
    if not lines:
        return header_end
    if lines[-1].strip(" \t"):
        return end  # the file's last line
    # The line ending of the last line belongs to the layout, not to the value.
    end -= len(lines.pop())
    end -= 2 if source.startswith("\r\n", end - 2) else 1
    if "+" in source[start:header_end].split("#", 1)[0]:
        return end  # "keep" makes blank lines part of the value
    indent = min((len(line) - len(line.lstrip(" ")) for line in lines if line.strip()), default=len(source))
    while lines and not lines[-1].strip(" ") and len(lines[-1]) <= indent:
        end -= len(lines.pop())
        end -= 2 if source.startswith("\r\n", end - 2) else 1
    return max(end, header_end)


def _last_alias_end(source: str, start: int, end: int) -> int:
    """Where the last `*name` between two indexes ends that is all of a list's entry; 0 if there is none."""
    while end > start:
        first = end
        while first > start and source[first - 1] not in "\r\n":
            first -= 1
        if alias := _LISTED_ALIAS.match(source, first):
            return alias.end()
        end = first - 1
    return 0


def _line_end(source: str, index: int) -> int:
    """Index of the line ending (or the end of the text) at or after `index`."""
    while index < len(source) and source[index] not in "\r\n":
        index += 1
    return index


def colon_end(key: Node, source: str) -> int | None:
    """Index just after the colon that follows a key; None for a key that stands alone."""
    colon = _COLON.match(source, int(key.end_mark.index))
    return colon.end() if colon else None


def is_alias(key: Node, value: Node) -> bool:
    """Whether a mapping's value is written as `*name`: its node, that of the anchor, stands further up."""
    return int(value.start_mark.index) < int(key.end_mark.index)


def value_span(key: Node, value: Node, source: str) -> tuple[int, int]:
    """Start and end of a mapping's value in the YAML.

    A value written as an alias (`*name`) shares the node of its anchor, whose marks lie elsewhere: its span is that of
    the alias. An empty value is an empty span just after the colon.
    """
    if is_alias(key, value):
        alias = _ALIAS.match(source, int(key.end_mark.index))
        return alias.span(1) if alias else (int(key.end_mark.index),) * 2
    return int(value.start_mark.index), content_end(value, source)


def scalar_text(node: Node | None) -> str | None:
    """A scalar's text as written (`1.10` stays "1.10", `no` stays "no"), "" for null, None for a collection."""
    if not isinstance(node, ScalarNode):
        return "" if node is None else None
    if node.tag == NULL_TAG and not node.style:
        return ""
    return str(node.value)


def items(node: Node | None) -> list[Node]:
    """A sequence node's items; empty for anything else."""
    return list(node.value) if isinstance(node, SequenceNode) else []
