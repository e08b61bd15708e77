"""Two texts, line by line: how many lines differ, and a unified difference to show."""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from typing import NamedTuple


class DiffLine(NamedTuple):
    """A line of a unified difference. kind: "added", "removed", "place" (where in the file) or "" (as it was)."""

    kind: str
    text: str


def changed_lines(before: str, after: str) -> int:
    """How many lines a change touched: a line that was replaced counts once."""
    old, new = before.split("\n"), after.split("\n")
    # Most edits are local, and the matcher is slow where many lines are alike.
    while old and new and old[-1] == new[-1]:
        del old[-1], new[-1]
    same = 0
    while same < min(len(old), len(new)) and old[same] == new[same]:
        same += 1
    matcher = difflib.SequenceMatcher(a=old[same:], b=new[same:], autojunk=len(new) - same > 1_000)
    return sum(
        max(old_end - old_start, end - start)
        for tag, old_start, old_end, start, end in matcher.get_opcodes()
        if tag != "equal"
    )


_KINDS = {"+": "added", "-": "removed", "@": "place"}


def unified(before: str, after: str) -> Iterator[DiffLine]:
    """The lines that differ with three lines around them. A carriage return is shown as ␍, or it could not be seen."""
    lines = difflib.unified_diff(before.split("\n"), after.split("\n"), lineterm="")
    for number, line in enumerate(lines):
        # The first two lines would name files.
        if number > 1:
            yield DiffLine(_KINDS.get(line[0], ""), line.replace("\r", "␍"))
