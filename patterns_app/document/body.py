"""The Markdown body: preamble (opening quote, confidence note) and sections, cut without losing a character.

Authors head their sections in many ways (`### Section 1: Context`, `## 1. Overview`, `# Overview`), so the level that
counts is the one the numbered headings stand at, or else the shallowest level used more than once. Headings inside
fenced code are text.
"""

from __future__ import annotations

import re
from typing import Final, NamedTuple

# A fence or an ATX heading, up to three spaces in (CommonMark 0.31, sections 4.2 and 4.5).
_MARK: Final = re.compile(
    r"^ {0,3}(?:(?P<fence>`{3,}|~{3,})(?P<info>[^\n]*)|(?P<hashes>#{1,6})(?=[ \t\r\n]|\Z)[^\n]*)$", re.M
)
# None of these may go back over a run of spaces or signs: a hostile line has millions of them.
# A dash within a word, and a point or colon between digits, belong to the title: "24-hour library", "3.1 Roles", "2:1".
_HEADING: Final = re.compile(
    r"^ {0,3}#{1,6}[ \t]+"
    r"(?:(?:Section[ \t]+)?(?P<number>\d{1,3})[ \t]*(?:[.:)][.:)–—-]*(?!\d)|[–—-][.:)–—-]*(?=\s|\Z))[ \t]*)?"
    r"(?P<title>.*)",
    re.I | re.S,
)
_GUIDANCE: Final = re.compile(r"\(\d+\s*[-–]\s*\d+\s+words\)$", re.I)
_NOTE: Final = re.compile(
    r"^(?P<quoted>>?)[ \t]*\[!NOTE\][ \t]*Confidence(?: Rating)?:"
    r"(?P<rating>[^\n(]*)(?:\((?P<label>[^)\n]*)\)[ \t\r]*)?$",
    re.M | re.I,
)
_STARS: Final = re.compile("[★⭐]")
_FRACTION: Final = re.compile(r"(\d)\s*/\s*\d")


class Section(NamedTuple):
    """One section. heading: its whole heading line with the line ending; text: what follows, to the next heading."""

    heading: str
    text: str

    @property
    def number(self) -> int | None:
        """The number in the heading (`### Section 4: …`, `## 4. …`), or None."""
        match = _HEADING.match(self.heading)
        return int(match["number"]) if match and match["number"] else None

    @property
    def title(self) -> str:
        """The heading without number, hashes and "(100–200 words)"."""
        match = _HEADING.match(self.heading)
        if not match:
            return self.heading.strip()
        title: str = match["title"].strip()
        # Closing hashes have a space before them: the title of `## In C#` is "In C#".
        opened = title.rstrip("#")
        if not opened or opened[-1] in " \t":
            title = opened.rstrip()
        return _GUIDANCE.sub("", title).rstrip()


class ConfidenceNote(NamedTuple):
    """The note under the opening quote. stars: as counted in the note, or None; label: "Medium" …; text: why."""

    stars: int | None
    label: str
    text: str


def split_body(body: str) -> tuple[str, tuple[Section, ...]]:
    """Cut a body into preamble and sections; joined again they are the same characters."""
    headings = _headings(body)
    if not headings:
        return body, ()
    section_level = _section_level(headings)
    first = next(start for start, level, _ in headings if level == section_level)
    # A shallower heading after the first section ends that section; one before it is the page's own title.
    starts = [start for start, level, _ in headings if level <= section_level and start >= first]
    sections = []
    for start, end in zip(starts, [*starts[1:], len(body)], strict=True):
        line_end = body.find("\n", start, end)
        cut = end if line_end < 0 else line_end + 1
        sections.append(Section(body[start:cut], body[cut:end]))
    return body[:first], tuple(sections)


def _headings(body: str) -> list[tuple[int, int, bool]]:
    """(start, level, numbered) of each heading outside fenced code."""
    found: list[tuple[int, int, bool]] = []
    fence = ""
    for match in _MARK.finditer(body):
        mark: str | None = match["fence"]
        if mark:
            if not fence:
                # An info string with a backtick makes it inline code, not a fence.
                if mark[0] == "~" or "`" not in match["info"]:
                    fence = mark
            elif mark[0] == fence[0] and len(mark) >= len(fence) and not match["info"].strip():
                fence = ""
        elif not fence:
            heading = _HEADING.match(match[0])
            found.append((match.start(), len(match["hashes"]), bool(heading and heading["number"])))
    return found


def _section_level(headings: list[tuple[int, int, bool]]) -> int:
    for _, level, numbered in headings:
        if numbered:
            return level
    levels = [level for _, level, _ in headings]
    for level in sorted(set(levels)):
        if levels.count(level) > 1:
            return level
    return min(levels)


def opening_quote(preamble: str) -> str:
    """The text of the first block quote that is not the confidence note, without its `>` marks; "" if there is none."""
    lines: list[str] = []
    in_note = False
    for line in preamble.split("\n"):
        stripped = line.strip()
        if not stripped.startswith(">"):
            if lines:
                break
            in_note = False
            continue
        content = stripped[1:].strip()
        if content.startswith("[!"):
            if lines:
                break
            in_note = True
        if content and not in_note:
            lines.append(content)
    return " ".join(lines)


def confidence_note(preamble: str) -> ConfidenceNote | None:
    """The `[!NOTE] Confidence Rating: ★★ (Medium)` note and the explanation below it, or None.

    Eight spellings of the rating occur; hollow stars (☆) do not count, `2/5` counts as two.
    """
    match = _NOTE.search(preamble)
    if not match:
        return None
    rating = match["rating"]
    stars: int | None = len(_STARS.findall(rating)) or None
    if stars is None and (fraction := _FRACTION.search(rating)):
        stars = int(fraction[1])
    lines: list[str] = []
    for line in preamble[match.end() :].split("\n")[1:]:
        stripped = line.strip()
        if not stripped or stripped == "---" or (match["quoted"] and not stripped.startswith(">")):
            break
        lines.append(stripped.removeprefix(">").strip() if match["quoted"] else stripped)
    return ConfidenceNote(stars, (match["label"] or "").strip(), " ".join(lines))
