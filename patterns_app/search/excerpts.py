"""The place in a text where the words of a query stand, cut out, marked, and with the name of its section."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from patterns_app.rendering import plain_heading, text_of

LENGTH: Final = 240
"""Characters of an excerpt, about."""

ENOUGH: Final = 3
"""Different words that make a place good enough to look no further."""

LOOKED_AT: Final = 30_000
"""Characters of a body in which the words are looked for."""

_HEADING: Final = re.compile(r'<h([1-6])(?: id="([^"]*)")?[^>]*>(.*?)</h\1>', re.S)
_ACCENTED: Final = re.compile("[\u00c0-\u024f]")
_ENDING: Final = re.compile(r"(?:ations?|ingly|ings?|edly|ies|ely|ed|es|ly|s|y|e)$")


def _plain_letters() -> dict[int, str]:
    """Accented letters to plain ones, letter for letter, so that places in both texts are the same."""
    table = {}
    for code in range(0xC0, 0x250):
        base = unicodedata.normalize("NFKD", chr(code))[0]
        if base.isascii() and base.isalpha():
            table[code] = base
    return table


_PLAIN: Final = _plain_letters()


class Excerpt(NamedTuple):
    """A piece of text as safe HTML. section, anchor: the heading above it and its id, "" before the first."""

    section: str
    anchor: str
    text: SafeString


class Marker(NamedTuple):
    """What finds the words of a query, and what other endings make of them. distinct: how many words."""

    pattern: re.Pattern[str]
    distinct: int

    def places(self, text: str) -> Iterator[re.Match[str]]:
        # Few texts have accents, and to look for one is quicker than to translate none.
        return self.pattern.finditer(text.translate(_PLAIN) if _ACCENTED.search(text) else text)


def marker(words: Sequence[str]) -> Marker | None:
    """For folded words; None where there is nothing to mark."""
    stems = sorted({_stem(word) for word in words if len(word) > 1}, key=len, reverse=True)
    if not stems:
        return None
    return Marker(re.compile(rf"\b({'|'.join(map(re.escape, stems))})\w{{0,5}}", re.I), len(stems))


def _stem(word: str) -> str:
    stem = _ENDING.sub("", word)
    return stem if len(stem) > 2 else word


def excerpt(html: str, summary: str, words: Marker | None) -> Excerpt:
    """The best place for the words in a body (safe HTML), else the summary."""
    best: tuple[int, str, str, str, int] | None = None
    if words:
        for section, anchor, text in _sections(html[:LOOKED_AT]):
            count, at = _densest(words, text)
            if count and (best is None or count > best[0]):
                best = count, section, anchor, text, at
                if count >= min(words.distinct, ENOUGH):
                    break
    if best is None:
        return Excerpt("", "", marked(_cut(summary, 0), words))
    _, section, anchor, text, at = best
    return Excerpt(section, anchor, marked(_cut(text, at), words))


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


def _sections(html: str) -> Iterator[tuple[str, str, str]]:
    """(heading, its id, text) of each section."""
    title, anchor, start = "", "", 0
    for match in _HEADING.finditer(html):
        yield title, anchor, text_of(html[start : match.start()])
        title, anchor, start = plain_heading(text_of(match[3])), match[2] or "", match.end()
    # A tag may be cut in two where the text was cut.
    last = html[start:]
    yield title, anchor, text_of(last if last.rfind(">") >= last.rfind("<") else last[: last.rfind("<")])


def _densest(words: Marker, text: str) -> tuple[int, int]:
    """How many different words stand together somewhere, and where that begins."""
    found = [(match.start(), match[1].lower()) for match in words.places(text)]
    best, place = 0, 0
    for number, (start, _) in enumerate(found[:200]):
        together = {word for at, word in found[number : number + 30] if at < start + LENGTH}
        if len(together) > best:
            best, place = len(together), start
            if best == words.distinct:
                break
    return best, place


def _cut(text: str, at: int) -> str:
    """The text around a place, from word to word, with dots where it was cut."""
    start = max(at - LENGTH // 4, 0)
    if start:
        start = text.find(" ", start) + 1 or at
    end = start + LENGTH
    if end < len(text):
        end = max(text.rfind(" ", start, end), at + 1)
    return f"{'… ' if start else ''}{text[start:end]}{' …' if end < len(text) else ''}"
