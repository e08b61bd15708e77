"""The headings of safe HTML: their levels on the page, the ids by which they are linked, the contents they make."""

from __future__ import annotations

import html as entities
import re
from typing import Final, NamedTuple

ID_PREFIX: Final = "s-"
"""What all ids in a text begin with, so that none can take the name of something else on the page."""

ID_MOST: Final = 100
"""Characters of a heading that go into its id."""

_ID: Final = re.compile(r' id="([^"]*)"')
_OWN: Final = re.compile(r'(<[a-z][^>]*?) id="([^"]*)"')
_LEVEL: Final = re.compile(r"<(/?)h([1-6])\b")
_OPENING: Final = re.compile(r"<h([1-6])((?: [^>]*)?)>")
_LISTED: Final = re.compile(r'<h([23]) id="([^"]*)"[^>]*>(.*?)</h\1>', re.S)
_TAG: Final = re.compile(r"<[^>]*>")
_UNLINKED: Final = re.compile(r"[^\w\- ]")
_HEADED: Final = re.compile(r"(<h([1-6])\b[^>]*>)(.*?)(?=</h\2>)", re.S)
# Around the words there may be tags. A sign without a space behind it parts nothing: "24-hour library", "3.1 Whys".
_GUIDANCE: Final = re.compile(r"(?<!\s)\s*\(\d[^()<>]*\bwords\)(?P<closing>\s*(?:</[^>]*>)*)$", re.I)
_NUMBER: Final = re.compile(
    r"^(?P<opening>(?:<[^>]*>)*)(?P<word>Section\s+)?(?P<number>\d{1,3})\s*[.:)–—-]+\s+(?=\S)", re.I
)
_REFERRED_TO: Final = re.compile(r"\bSections?\s+\d", re.I)


class Heading(NamedTuple):
    """level: 2 or 3. title: its text, plain."""

    level: int
    id: str
    title: str


def contents(html: str) -> list[Heading]:
    """The headings of a rendered text in two levels, in its order; those that hold no words are left out."""
    found = (Heading(int(match[1]), match[2], text_of(match[3])) for match in _LISTED.finditer(html))
    return [heading for heading in found if heading.title]


def plain_heading(heading: str) -> str:
    """A heading, as text or safe HTML, without "Section 3:" before it and "(100–200 words)" behind it.

    >>> plain_heading("Section 3: Solution (200–400 words)")
    'Solution'
    """
    return _GUIDANCE.sub(r"\g<closing>", _NUMBER.sub(r"\g<opening>", heading))


def plainly_headed(html: str, top: int) -> str:
    """Headings by their names: the file's template numbers its sections, and says how long they should be.

    A number is a section's at `top`, behind the word, or where it counts on from the last one; those of steps below are
    the author's, and stay. So do all where the text refers to its sections by number. Ids must be in place, and stay.
    """
    is_referred_to = _REFERRED_TO.search(_HEADED.sub("", html)) is not None
    section, among_steps = 0, False

    def named(found: re.Match[str]) -> str:
        nonlocal section, among_steps
        opening, level, words = found.groups()
        number = _NUMBER.match(words)
        is_top = int(level) == top
        counts_on = not among_steps and number is not None and int(number["number"]) == section + 1 > 1
        among_steps = not is_top and (among_steps or (number is not None and not counts_on))
        if number and (is_top or number["word"] or counts_on):
            section = int(number["number"])
            if not is_referred_to:
                return opening + plain_heading(words)
        return opening + _GUIDANCE.sub(r"\g<closing>", words)

    return _HEADED.sub(named, html)


def text_of(html: str) -> str:
    """The words of safe HTML in one line."""
    return " ".join(entities.unescape(_TAG.sub(" ", html)).split())


def anchor_of(text: str) -> str:
    """The id that GitHub gives a heading, cut where it would be endless.

    >>> anchor_of("Section 1: What’s new?")
    'section-1-whats-new'
    """
    return _UNLINKED.sub("", text.lower()).replace(" ", "-")[:ID_MOST]


def levelled(html: str, top: int) -> str:
    """Headings whose levels say what stands below what: the highest at `top`, and none more than one below the last.

    A lone `# Title` above everything is the text's own title, and its sections do not stand below it.
    """
    levels = [int(level) for slash, level in _LEVEL.findall(html) if not slash]
    if not levels:
        return html
    counted = levels[1:] if levels[0] == 1 and len(levels) > 2 and 1 not in levels[1:] else levels
    moved = _outline(counted, top)
    if counted is not levels:
        moved.insert(0, top)
    if moved == levels:
        return html
    following, opened = iter(moved), list[int]()

    def move(found: re.Match[str]) -> str:
        if found[1]:
            # By way of another element a heading may stand in a heading.
            return f"</h{opened.pop()}"
        opened.append(next(following))
        return f"<h{opened[-1]}"

    return _LEVEL.sub(move, html)


def _outline(levels: list[int], top: int) -> list[int]:
    """Levels without gaps, in the same order: `## A`, `#### b`, `#### c` are 2, 3, 3."""
    above: list[int] = []
    moved = []
    for level in levels:
        while above and above[-1] >= level:
            above.pop()
        above.append(level)
        moved.append(min(6, top + len(above) - 1))
    return moved


def unnested(tag: str, html: str) -> str:
    """HTML without elements of a tag (a pattern) within others of it: what is in them stays."""
    depth = 0

    def kept(found: re.Match[str]) -> str:
        nonlocal depth
        depth += -1 if found[1] else 1
        return found[0] if depth == (0 if found[1] else 1) else ""

    return re.sub(rf"<(/?){tag}\b[^>]*>", kept, html)


def identified(html: str) -> str:
    """Each heading with an id made of its text, each id once; ids that nothing could link to are taken out."""
    taken: set[str] = set()

    def own(found: re.Match[str]) -> str:
        name = found[2]
        if name in taken or len(name) <= len(ID_PREFIX) or any(sign.isspace() for sign in name):
            return str(found[1])
        taken.add(name)
        return found[0]

    def named(found: re.Match[str]) -> str:
        level, attributes = found[1], found[2]
        if said := _ID.search(attributes):
            # Ids stand first, where `contents` looks for them.
            return f"<h{level}{said[0]}{attributes.replace(said[0], '', 1)}>"
        words = text_of(html[found.end() : html.find("</h", found.end())])
        return f'<h{level} id="{_free(anchor_of(words), taken, numbers)}"{attributes}>'

    if ' id="' in html:
        html = _OWN.sub(own, html)
    numbers: dict[str, int] = {}
    return _OPENING.sub(named, html)


def _free(anchor: str, taken: set[str], numbers: dict[str, int]) -> str:
    """An id that is not taken yet, and is from now on: with the lowest number that makes it one."""
    stem = ID_PREFIX + (anchor or "section")
    name = stem
    while name in taken:
        numbers[stem] = numbers.get(stem, 0) + 1
        name = f"{stem}-{numbers[stem]}"
    taken.add(name)
    return name
