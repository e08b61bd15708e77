"""The body put together again from the texts of a form: preamble, headings, section texts.

What was not edited keeps its very characters, line endings included. What was edited takes the body's own line ending,
and a heading always starts a line of its own.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Sequence
from typing import NamedTuple

from patterns_app.document.body import Section
from patterns_app.forms.fields import unbroken

_ENDING = re.compile(r"\r\n|\r|\n")
_LINE = re.compile(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+")
_HEADING = re.compile(r" {0,3}#{1,6}(?:[ \t][^\r\n]*)?")


class TypedSection(NamedTuple):
    """A section as typed. base: its index among the sections the form was made from; None for a new one."""

    base: int | None
    heading: str
    text: str


def is_heading(line: str) -> bool:
    """Whether a line starts a section: one to six hashes and a space (CommonMark's ATX heading)."""
    return _HEADING.fullmatch(line) is not None


def without_line_ending(heading: str) -> str:
    return heading.rstrip("\r\n")


def newline_of(body: str, otherwise: str) -> str:
    """The line ending a body uses; `otherwise` where it has none."""
    first = _ENDING.search(body)
    return first[0] if first else otherwise


def restored(before: str, typed: str, newline: str) -> str:
    """`typed` with the body's line endings; each line that `before` had too keeps its own."""
    typed = unbroken(typed)
    if typed == unbroken(before):
        return before
    if set(_ENDING.findall(before)) <= {newline}:
        return typed.replace("\n", newline)
    old, new = _LINE.findall(before), _LINE.findall(typed)
    matcher = difflib.SequenceMatcher(a=[unbroken(line) for line in old], b=new, autojunk=False)
    lines: list[str] = []
    for tag, old_start, old_end, start, end in matcher.get_opcodes():
        lines += old[old_start:old_end] if tag == "equal" else [line.replace("\n", newline) for line in new[start:end]]
    text = "".join(lines)
    # A carriage return kept before a line that is only a line feed would be one line ending with it.
    return text if unbroken(text) == typed else typed.replace("\n", newline)


def compose(
    *, preamble: str, sections: Sequence[TypedSection], before: str, base: Sequence[Section], newline: str
) -> str:
    """The body that a form says.

    before, base: preamble and sections that the form was made from. newline: the file's line ending, for a body that
    has none yet. A section that is new, or that follows another one than before, gets a blank line above it.
    """
    newline = newline_of(before + "".join(section.heading + section.text for section in base), newline)
    gap = newline if base and all(section.text.startswith(("\n", "\r")) for section in base) else ""
    body = restored(before, preamble, newline)
    previous: int | None = -1
    for section in sections:
        if body and not body.endswith(("\n", "\r")):
            body += newline
        is_in_place = section.base is not None and previous is not None and section.base == previous + 1
        if body.strip("\r\n") and not is_in_place and not body.endswith((newline * 2, "\n\n")):
            body += newline
        old = base[section.base] if section.base is not None else Section(newline, "")
        text = restored(old.text, section.text, newline)
        ending = old.heading[len(without_line_ending(old.heading)) :] or (newline if text else "")
        if section.base is None and text:
            text = (gap if not text.startswith(("\n", "\r")) else "") + text
            text += "" if text.endswith(("\n", "\r")) else newline
        body += unbroken(section.heading) + ending + text
        previous = section.base
    return body
