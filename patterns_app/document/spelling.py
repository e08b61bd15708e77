"""How a value is spelled in YAML: in the style of what it replaces, or as the reference layout would.

Each spelling is tried alone with the parser before it is offered, so that a text that looks like a number, starts with
`@` or holds a colon gets quotes without a list of YAML's rules being kept here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any, Final

import yaml
from yaml import Node, ScalarNode

from patterns_app.document.dialects import Style
from patterns_app.document.frontmatter import STR_TAG, compose, content_end

_BREAK: Final = re.compile(r"(?<=\S) (?=\S)")
# Everything that a double-quoted scalar must escape: its own signs, C0 and C1 controls, the line breaks YAML 1.1 also
# knows, the byte order mark, and halves of surrogate pairs.
_ESCAPED: Final = re.compile('["\\\\\x00-\x1f\x7f-\x9f\u2028\u2029\ufeff\ud800-\udfff\ufffe\uffff]')
_SEPARATOR: Final = re.compile("[\x85\u2028\u2029]")
_SHORT: Final = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\t": "\\t", "\r": "\\r"}
_stock: Final[Any] = yaml.CSafeLoader("")


def looks_like_text(plain: str) -> bool:
    """Whether a YAML 1.1 reader takes an unquoted scalar for a text, not for a number, a date, a yes or a null."""
    return bool(_stock.resolve(ScalarNode, plain, (True, False)) == STR_TAG)


@dataclass(frozen=True, slots=True)
class Spelling:
    """A way to write a text.

    style: "" plain, "'" or '"' quoted, ">" or "|" block. indent: columns before each continuation line. width: longest
    line in columns, None to keep it on one line. column: where the first line starts. flow: within [] or {}.
    lexical: an unquoted number or date stays unquoted (`version: 1.0`). keeps: a block keeps the blank lines below it.
    """

    style: str
    indent: int
    width: int | None = None
    column: int = 0
    flow: bool = False
    lexical: bool = False
    keeps: bool = False

    @classmethod
    def of(cls, node: Node, source: str, *, parent_column: int, flow: bool) -> Spelling:
        """The spelling of an existing scalar, to write its successor alike."""
        style = (node.style or "") if isinstance(node, ScalarNode) else ""
        start, end = int(node.start_mark.index), content_end(node, source)
        lines = re.split("\r\n|\n|\r", source[start:end])
        rest = [line for line in lines[1:] if line.strip()]
        indent = parent_column + 2
        width = None
        if rest:
            indent = min(len(line) - len(line.lstrip(" ")) for line in rest)
            column = 0 if style in (">", "|") else int(node.start_mark.column)
            lengths = [len(line) for line in rest] + ([column + len(lines[0])] if style not in (">", "|") else [])
            # A single line may be as long as it likes; several say where their author breaks.
            width = max(lengths) if len(lengths) > 1 else None
        lexical = isinstance(node, ScalarNode) and not style and not looks_like_text(node.value)
        keeps = style in (">", "|") and "+" in lines[0].split("#")[0]
        return cls(style, max(indent, parent_column + 1), width, int(node.start_mark.column), flow, lexical, keeps)

    @classmethod
    def new(cls, style: Style, *, column: int, flow: bool, plain: bool = False) -> Spelling:
        """The reference layout's spelling for a key at `column`; `plain` for files that quote only what they must."""
        if style is Style.PLAIN or plain:
            return cls("", column + 2, None, column, flow)
        return cls(">" if style is Style.FOLDED and not flow else '"', column + 2, None, column, flow)


def spell(value: str, spelling: Spelling) -> str:
    """`value` in YAML, with "\\n" line endings; the nearest spelling to the one asked for that says exactly `value`."""
    for candidate in _candidates(value, spelling):
        if _says(candidate, value, spelling):
            return candidate
    return _double(value, replace(spelling, width=None))


def _candidates(value: str, spelling: Spelling) -> Iterator[str]:
    one_line = replace(spelling, width=None)
    # What YAML 1.1 takes for the end of a line and editors do not is safe only as an escape.
    style = '"' if _SEPARATOR.search(value) else spelling.style
    match style:
        case ">" | "|":
            # Blank lines may follow in the file, which would become part of a value that keeps them.
            if value and not spelling.flow and (spelling.keeps or _chomped(value)[1] != "+"):
                if style == ">":
                    yield _folded(value, spelling)
                yield _literal(value, spelling)
        case "":
            if "\n" not in value:
                yield _wrapped(value, spelling)
                yield value
                yield _single(value, one_line)
        case "'":
            yield _single(value, spelling)
            yield _single(value, one_line)
        case _:
            yield _double(value, spelling)
    yield _double(value, one_line)


def _says(candidate: str, value: str, spelling: Spelling) -> bool:
    pad = " " * max(spelling.indent - 2, 0)
    probe = f"[{candidate}]" if spelling.flow else f"{pad}k: {candidate}\n"
    try:
        root = compose(probe)
    except (yaml.YAMLError, UnicodeEncodeError):
        return False
    if root is None or len(root.value) != 1:
        return False
    node = root.value[0] if spelling.flow else root.value[0][1]
    if not isinstance(node, ScalarNode) or node.value != value or node.tag != STR_TAG:
        return False
    if node.style or not value:
        return bool(node.style)
    return spelling.lexical or looks_like_text(value)


def _fill(text: str, spelling: Spelling, first: int) -> list[str]:
    """The text in lines of at most `width` columns, broken at single spaces only, so that folding joins it again."""
    if spelling.width is None:
        return [text]
    lines, line, room = [], "", spelling.width - first
    for word in _BREAK.split(text):
        if line and len(line) + 1 + len(word) > room:
            lines.append(line)
            line, room = word, spelling.width - spelling.indent
        else:
            line = f"{line} {word}" if line else word
    return [*lines, line]


def _wrapped(value: str, spelling: Spelling) -> str:
    return ("\n" + " " * spelling.indent).join(_fill(value, spelling, spelling.column))


def _single(value: str, spelling: Spelling) -> str:
    if "\n" in value:
        return _double(value, spelling)
    return _wrapped("'" + value.replace("'", "''") + "'", spelling)


def _double(value: str, spelling: Spelling) -> str:
    return _wrapped('"' + _ESCAPED.sub(_escape, value) + '"', spelling)


def _escape(match: re.Match[str]) -> str:
    sign = match[0]
    code = ord(sign)
    return _SHORT.get(sign) or (f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}")


def _chomped(value: str) -> tuple[str, str]:
    """A block scalar's text and its chomping sign."""
    kept = value.rstrip("\n")
    ends = len(value) - len(kept)
    return (kept, "-") if ends == 0 else (kept, "") if ends == 1 and kept else (value[:-1], "+")


def _folded(value: str, spelling: Spelling) -> str:
    text, chomping = _chomped(value)
    pad = " " * spelling.indent
    lines: list[str] = []
    for number, paragraph in enumerate(text.split("\n")):
        if number:
            lines.append("")
        if paragraph:
            lines += [pad + line for line in _fill(paragraph, spelling, spelling.indent)]
    return "\n".join([">" + chomping, *lines])


def _literal(value: str, spelling: Spelling) -> str:
    text, chomping = _chomped(value)
    pad = " " * spelling.indent
    return "\n".join(["|" + chomping, *(pad + line if line else "" for line in text.split("\n"))])


def spell_number(number: float, like: str = "", *, whole: bool = False) -> str:
    """A number without exponent: `4.0` if what it replaces has a point, `4` if it has none (or `whole` and no model).

    >>> spell_number(4.0, "3.5"), spell_number(4.0, "3"), spell_number(0.9)
    ('4.0', '4', '0.9')
    """
    if number == int(number):
        with_point = "." in like if like else not whole
        return f"{int(number)}.0" if with_point else str(int(number))
    return format(Decimal(repr(number)), "f")
