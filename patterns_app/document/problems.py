"""Errors as data: what is wrong, where it stands, and what to do about it."""

from __future__ import annotations

import enum
from collections.abc import Iterable
from typing import NamedTuple


def printable(text: str) -> str:
    """A text on one line: line endings, control characters and bidi controls as Python would escape them."""
    return "".join(sign if sign.isprintable() else repr(sign)[1:-1] for sign in text)


def shown(text: str) -> str:
    """A piece of a file for a message: in quotation marks, on one line, 80 characters at most.

    >>> shown("the kind no")
    '“the kind no”'
    """
    return f"“{printable(text[:80])}…”" if len(text) > 80 else f"“{printable(text)}”"


class Severity(enum.StrEnum):
    """How much a problem weighs.

    ERROR: the file cannot go in. WARNING: it goes in, but a value of it could not be used as written.
    NOTICE: worth knowing; nothing is wrong with the file.
    """

    ERROR = "error"
    WARNING = "warning"
    NOTICE = "notice"


class Problem(NamedTuple):
    """One thing that is wrong with one file.

    path: the file, relative to its library ("" while the text has no file).
    line: 1-based line in the file; 0 where no line is meant (a missing file, say).
    key: dotted key path in the front matter ("lifecycle.confidence"), or "".
    code: a stable, hyphenated name to search and filter by.
    """

    path: str
    line: int
    key: str
    code: str
    severity: Severity
    message: str

    def __str__(self) -> str:
        """`path:line: severity: message [code]`, the form that editors and CI systems can jump to."""
        where = f"{self.path or '<text>'}:{self.line}" if self.line else (self.path or "<text>")
        return f"{where}: {self.severity}: {self.message} [{self.code}]"


def count_of(problems: Iterable[Problem]) -> int:
    """How many of them somebody should mend: errors and warnings."""
    return sum(problem.severity is not Severity.NOTICE for problem in problems)
