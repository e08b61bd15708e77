"""The place in a text where the words of a query stand, cut out, marked, and with the name of its section."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from patterns_app.rendering import text_of
from patterns_app.search.indexing import BODY_MOST

LENGTH: Final = 240
"""Characters of an excerpt, about."""

ENOUGH: Final = 3
"""Different words that make a place good enough to look no further."""

LOOKED_AT: Final = BODY_MOST
"""Characters of a body in which the words are looked for: no fewer than are in the index."""

SOON: Final = 8_000
"""Characters after which a place with any of the words will do."""

MOST_PLACES: Final = 10
"""Of one word in one section, that are compared."""

_HEADING: Final = re.compile(r'<h([1-6])(?: id="([^"]*)")?[^>]*>(.*?)</h\1>', re.S)
_ENDING: Final = re.compile(r"(?:ations?|ingly|ings?|edly|ies|ely|ed|es|ly|s|y|e)$")


def _plain_letters() -> dict[str, str]:
    """Letters with marks to those without, letter for letter, so that places in both texts are the same."""
    table = {"ς": "σ"}
    for code in range(0xC0, 0x2000):
        parts = unicodedata.normalize("NFKD", chr(code))
        if len(parts) > 1 and parts[0].isalpha() and all(map(unicodedata.combining, parts[1:])):
            table[chr(code)] = parts[0]
    return table


_PLAIN: Final = _plain_letters()
_MARKED: Final = re.compile(f"[{''.join(_PLAIN)}]")


class Excerpt(NamedTuple):
    """A piece of text as safe HTML. section, anchor: the heading above it and its id, "" before the first."""

    section: str
    anchor: str
    text: SafeString


class Marker(NamedTuple):
    """What finds the words of a query, and what other endings make of them. stems: of each word, folded."""

    stems: tuple[str, ...]
    pattern: re.Pattern[str]

    def places(self, text: str) -> Iterator[re.Match[str]]:
        return self.pattern.finditer(_plain(text))


def _plain(text: str) -> str:
    """The text with plain letters for accented ones, as long as it was."""
    # A text has few of them, if any, so to replace each is quicker than to translate all.
    for sign in () if text.isascii() else set(_MARKED.findall(text)):
        text = text.replace(sign, _PLAIN[sign])
    return text


def marker(words: Sequence[str]) -> Marker | None:
    """For folded words; None where there is nothing to mark."""
    stems = sorted({_stem(word) for word in words if len(word) > 1}, key=len, reverse=True)
    if not stems:
        return None
    spellings = [spelling for stem in stems for spelling in _spellings(stem)]
    return Marker(tuple(stems), re.compile(rf"\b({'|'.join(map(re.escape, spellings))})\w{{0,5}}", re.I))


def _spellings(stem: str) -> set[str]:
    """How a text may write a folded stem: the one letter that is folded to two."""
    return {stem, stem.replace("ss", "ß")}


def _stem(word: str) -> str:
    stem = _ENDING.sub("", word)
    return stem if len(stem) > 2 else word


def excerpt(html: str, summary: str, words: Marker | None) -> Excerpt:
    """The best place for the words in a body (safe HTML), else the summary."""
    html = html[:LOOKED_AT]
    if words and (place := _densest(words, html)):
        section, at = place
        heading = section.heading
        title, anchor = (text_of(heading[3]), heading[2] or "") if heading else ("", "")
        return Excerpt(title, anchor, marked(_around(html, section, at), words))
    return Excerpt("", "", marked(_cut(summary, 0), words))


def marked(text: str, words: Marker | None) -> SafeString:
    """The text as safe HTML, with the words in <mark>."""
    if words is None:
        return escape(text)
    parts: list[str] = []
    last = 0
    for match in words.places(text):
        parts.append(f"{escape(text[last : match.start()])}<mark>{escape(text[match.start() : match.end()])}</mark>")
        last = match.end()
    # Escaped piece by piece, with nothing of ours between but <mark>.
    return mark_safe("".join(parts) + escape(text[last:]))  # noqa: S308


class _Section(NamedTuple):
    """A stretch of HTML, and the heading above it."""

    start: int
    end: int
    heading: re.Match[str] | None


def _sections(html: str) -> list[_Section]:
    headings = list(_HEADING.finditer(html))
    starts = [0, *(heading.end() for heading in headings)]
    ends = [*(heading.start() for heading in headings), len(html)]
    return [_Section(*part) for part in zip(starts, ends, (None, *headings), strict=True)]


def _densest(words: Marker, html: str) -> tuple[_Section, int] | None:
    """The section where most different words stand together, and where in the HTML they do; None where none occurs.

    The words are looked for in the HTML as it is: to take its tags out takes longer than all else.
    """
    enough = min(len(words.stems), ENOUGH)
    most, best = 0, None
    for section in _sections(html):
        if best and section.start > SOON:
            break
        # Letter for letter: the one sign that grows in lower case (İ) has a plain form.
        folded = _plain(html[section.start : section.end]).lower()
        found = sorted(place for stem in words.stems for place in _places(folded, stem))
        for number, (at, _) in enumerate(found):
            end = at + LENGTH * 3 // 2
            together = len({stem for place, stem in found[number : number + 30] if place < end})
            if together > most:
                most, best = together, (section, section.start + at)
                if together >= enough:
                    return best
    return best


def _places(folded: str, stem: str) -> Iterator[tuple[int, str]]:
    """Where words begin so, outside tags; not all of many."""
    for spelling in _spellings(stem):
        at = folded.find(spelling)
        for _ in range(MOST_PLACES):
            if at < 0:
                break
            before = folded[at - 1] if at else " "
            # "&" begins an entity, and a tag has no end yet. A "<" of the text itself is written as an entity.
            if not (before.isalnum() or before in "_&") and folded.rfind("<", 0, at) <= folded.rfind(">", 0, at):
                yield at, stem
            at = folded.find(spelling, at + len(spelling))


def _around(html: str, section: _Section, at: int) -> str:
    """The text around a place in a section."""
    start, end = max(section.start, at - LENGTH * 2), min(section.end, at + LENGTH * 4)
    is_begun, is_broken_off = start > section.start, end < section.end
    # A tag may be cut in two at either end.
    opened, closed = html.find("<", start, at), html.find(">", start, at)
    if closed >= 0 and (opened < 0 or closed < opened):
        start = closed + 1
    if html.rfind("<", at, end) > html.rfind(">", at, end):
        end = html.rfind("<", at, end)
    text, place = text_of(html[start:end]), len(text_of(html[start:at]))
    return _cut(text, place, is_begun=is_begun, is_broken_off=is_broken_off)


def _cut(text: str, at: int, *, is_begun: bool = False, is_broken_off: bool = False) -> str:
    """The text around a place, from word to word, with dots where it was cut: here, or before or behind already."""
    start = max(at - LENGTH // 4, 0)
    if start or is_begun:
        start = text.find(" ", start, at + 1) + 1 or at
    end = start + LENGTH
    if end < len(text) or is_broken_off:
        end = max(text.rfind(" ", start, end), at + 1)
        is_broken_off = True
    return f"{'… ' if start or is_begun else ''}{text[start:end]}{' …' if is_broken_off else ''}"
