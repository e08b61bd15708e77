"""The picture that stands beside a shared link: a pattern's name, and what it is about, on a card."""

from __future__ import annotations

import functools
import io
import unicodedata
from collections.abc import Iterator
from pathlib import Path
from typing import Final, NamedTuple

from PIL import Image, ImageChops, ImageColor, ImageDraw, ImageFont

SIZE: Final = (1200, 630)
"""Width and height in pixels: what those who show such cards crop least."""

_FONTS: Final = Path(__file__).resolve().parent.parent / "fonts"
_PLAIN, _BOLD = "DejaVuSansCondensed.ttf", "DejaVuSansCondensed-Bold.ttf"
# The light colours of site.css.
_PAPER, _INK, _QUIET, _ACCENT, _WARM = "#fdfcfa", "#22252b", "#5c6470", "#1d5c7a", "#8a4b14"
_COLOURS: Final = (_INK, _QUIET, _ACCENT, _WARM)
_SHADES: Final = 63
_LEFT, _RIGHT, _FOOT = 80, 1120, 540
_TITLE_SIZES: Final = (76, 68, 60, 52, 44)
_MOST_LINES: Final = 4
_TITLE_HEIGHT: Final = 245
"""Pixels, of letters alone."""
_LONGEST: Final = 400
"""Characters of a text that are looked at: more than any card holds."""


class Card(NamedTuple):
    """What a card says. titles: names in the order in which they are tried, by what can be written with the fonts."""

    titles: tuple[str, ...]
    above: str = ""
    beside: str = ""
    summary: str = ""
    stars: int | None = None
    foot: str = ""
    library: str = ""


class _Sheet:
    """A picture as one mask for each colour: 63 shades of four colours on paper are a palette, which is a third of the
    work and half of the bytes of full colour. Texts never lie over each other."""

    def __init__(self) -> None:
        self.masks = {colour: Image.new("L", SIZE) for colour in _COLOURS}
        self.pens = {colour: ImageDraw.Draw(mask) for colour, mask in self.masks.items()}

    def write(self, place: tuple[int, int], text: str, colour: str, font: ImageFont.FreeTypeFont) -> None:
        self.pens[colour].text(place, text, fill=255, font=font)

    def png(self) -> bytes:
        palette = list(ImageColor.getrgb(_PAPER))
        whole = Image.new("L", SIZE)
        for number, (colour, mask) in enumerate(self.masks.items()):
            first = number * _SHADES
            whole = ImageChops.add(
                whole, mask.point([first + max(1, n * _SHADES // 255) if n > 3 else 0 for n in range(256)])
            )
            palette += _shades(colour)
        whole.putpalette(palette)
        buffer = io.BytesIO()
        whole.save(buffer, "PNG", compress_level=2)
        return buffer.getvalue()


def _shades(colour: str) -> list[int]:
    """From just off the paper to the colour itself, three numbers each."""
    ends = list(zip(ImageColor.getrgb(_PAPER), ImageColor.getrgb(colour), strict=True))
    return [round(paper + (full - paper) * n / _SHADES) for n in range(1, _SHADES + 1) for paper, full in ends]


def png_of(card: Card) -> bytes:
    """The card as a PNG. A text in a script that the fonts lack is left out, never written as empty boxes."""
    sheet = _Sheet()
    sheet.pens[_ACCENT].rectangle((0, 0, 20, SIZE[1]), fill=255)
    sheet.pens[_QUIET].line((_LEFT, _FOOT, _RIGHT, _FOOT), fill=60, width=2)
    small, width = _font(_PLAIN, 30), _RIGHT - _LEFT
    sheet.write((_LEFT, 62), _cut(writable(card.above), small, width), _ACCENT, small)
    title = next((said for name in card.titles if (said := writable(name))), writable(card.library))
    bottom = _write_title(sheet, title, 122)
    if beside := writable(card.beside):
        sheet.write((_LEFT, bottom + 4), _cut(beside, small, width), _QUIET, small)
        bottom += 46
    _write_summary(sheet, writable(card.summary), bottom + 20)
    _write_foot(sheet, card)
    return sheet.png()


def writable(text: str) -> str:
    """A text as far as the fonts have it: without pictograms and signs of control; "" if they lack one of its letters.

    Half of a word in another script would be worse than none.
    """
    said = []
    for sign in unicodedata.normalize("NFC", text[:_LONGEST]):
        if sign.isspace():
            said.append(" ")
        elif _has(sign):
            said.append(sign)
        elif unicodedata.category(sign)[0] in "LN":
            return ""
    return " ".join("".join(said).split())


@functools.lru_cache(maxsize=4096)
def _has(sign: str) -> bool:
    """Whether the fonts have a glyph with ink for it; what they lack leaves a blank in these files."""
    return unicodedata.category(sign)[0] not in "CM" and _font(_PLAIN, 30).getmask(sign).getbbox() is not None


@functools.cache
def _font(name: str, size: int) -> ImageFont.FreeTypeFont:
    # The plain layout is the same on every machine; the scripts that would need more are not in these files.
    return ImageFont.truetype(_FONTS / name, size, layout_engine=ImageFont.Layout.BASIC)


def _write_title(sheet: _Sheet, title: str, top: int) -> int:
    """Write it as large as it fits; where it ends."""
    for size in _TITLE_SIZES:
        font = _font(_BOLD, size)
        lines = list(_lines(title, font, _RIGHT - _LEFT, _MOST_LINES))
        # The last size has to do, and says "…" if it does not.
        if len(lines) * size <= _TITLE_HEIGHT and not (lines and lines[-1].endswith("…") and title[-1:] != "…"):
            break
    for line in lines:
        sheet.write((_LEFT, top), line, _INK, font)
        top += round(size * 1.18)
    return top


def _write_summary(sheet: _Sheet, summary: str, top: int) -> None:
    font, leading = _font(_PLAIN, 32), 44
    for line in _lines(summary, font, _RIGHT - _LEFT, min((_FOOT - 16 - top) // leading, 3)):
        sheet.write((_LEFT, top), line, _QUIET, font)
        top += leading


def _write_foot(sheet: _Sheet, card: Card) -> None:
    left, top, font = _LEFT, _FOOT + 24, _font(_PLAIN, 30)
    if stars := "★" * (card.stars or 0):
        sheet.write((left, top), stars, _WARM, font)
        left += round(font.getlength(stars)) + 28
    library = writable(card.library)
    right = _RIGHT - round(font.getlength(library))
    sheet.write((right, top), library, _INK, font)
    sheet.write((left, top), _cut(writable(card.foot), font, right - left - 28), _QUIET, font)


def _lines(text: str, font: ImageFont.FreeTypeFont, width: float, most: int) -> Iterator[str]:
    """The text in lines of at most `width` pixels, `most` of them; the last one then ends in "…"."""
    words, space = text.split(), font.getlength(" ")
    for _ in range(most - 1):
        line, taken = [], -space
        while words and (long := taken + space + font.getlength(words[0])) <= width:
            line.append(words.pop(0))
            taken = long
        if words and not line:
            # One word longer than a line is parted where the line ends.
            fits = _fitting(words[0], font, width)
            line.append(words[0][:fits])
            words[0] = words[0][fits:]
        if line:
            yield " ".join(line)
    if words and most > 0:
        yield _cut(" ".join(words), font, width)


def _cut(text: str, font: ImageFont.FreeTypeFont, width: float) -> str:
    """The text, or as much of it as fits into one line, and "…"."""
    if font.getlength(text) <= width:
        return text
    return text[: _fitting(text, font, width - font.getlength("…"))].rstrip() + "…"


def _fitting(text: str, font: ImageFont.FreeTypeFont, width: float) -> int:
    """How many of its letters fit, at least one."""
    short, long = 1, len(text) + 1
    while short < long - 1:
        middle = (short + long) // 2
        short, long = (middle, long) if font.getlength(text[:middle]) <= width else (short, middle)
    return short
