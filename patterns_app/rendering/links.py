"""Where the links and pictures of safe HTML lead: to other patterns, to places in the text, elsewhere, or nowhere.

A text comes out of a folder of files that is not here. What it links to there becomes a pattern's page, where it is one
and is public, and else words with a title that says what is missing; never a link to a page that is not found.
"""

from __future__ import annotations

import html as entities
import re
from collections.abc import Mapping
from typing import Final
from urllib.parse import quote, unquote

from patterns_app.document.vocabulary import NAME_MAX, name_key
from patterns_app.rendering.headings import ID_PREFIX, unnested

NOT_HTML: Final = re.compile(
    "[\x00-\x08\x0b\x0e-\x1f\x7f-\x9f\ufdd0-\ufdef"
    + "".join(f"{chr(plane + 0xFFFE)}{chr(plane + 0xFFFF)}" for plane in range(0, 0x110000, 0x10000))
    + "]"
)
"""Characters that stand in no HTML: controls (but for white space), and what Unicode keeps for itself."""

_LINK: Final = re.compile(r"<a( [^>]*)?>(.*?)</a>", re.S)
_HREF: Final = re.compile(r' href="([^"]*)"')
_ID: Final = re.compile(r' id="([^"]*)"')
_PLACE: Final = re.compile(r'<[a-z][^>]*? id="([^"]*)"')
_PICTURE: Final = re.compile(r"<img( [^>]*)?>")
_SOURCE: Final = re.compile(r' src="([^"]*)"')
_WORDS: Final = re.compile(r' alt="([^"]*)"')
_ELSEWHERE: Final = re.compile(r"(?:https?:)?//|mailto:", re.I)
# A file beside this one or in another folder; a pattern's address; a bare slug. Not an index of a folder.
_FILE: Final = re.compile(r"(?:[^?#]*/)?(?!(?:readme|index)\.)([^/?#]+)\.(?:md|markdown)(?:\?[^#]*)?(#.*)?", re.I)
_ADDRESS: Final = re.compile(r"(?:\.\./|/patterns/)([^/?#.][^/?#]*)/?(#.*)?")
_SLUG: Final = re.compile(r"(?!pat_)([\w-]+)(#.*)?")
_OTHER: Final = re.compile(r'<a data-pattern="([^"]*)" href="[^"#]*(#[^"]*)?">(.*?)</a>', re.S)
# Links in double brackets, outside code and other links, and never within a tag.
_WIKI: Final = re.compile(
    r"<(?P<whole>pre|code|a)\b.*?</(?P=whole)>|<[^>]*>|\[\[(?P<name>[^\[\]|<>\n]+)(?:\|(?P<words>[^\[\]|<>\n]+))?\]\]",
    re.S,
)


def linked(html: str) -> str:
    """Links and pictures as they can be shown. Ids must be in place."""
    if "[[" in html:
        # What looks like code in code hides where a link begins.
        html = unnested("a", _WIKI.sub(_wiki, html))
    if "<a" in html:
        ids = set(_PLACE.findall(html)) if 'href="#' in html else set()
        html = _LINK.sub(lambda found: _link(found[1] or "", found[2], ids), html)
    if "<img" in html:
        html = _PICTURE.sub(_picture, html)
    return html


def mentioned(html: str) -> list[str]:
    """Slugs of the patterns that a rendered text links to, public or not, each once."""
    if "<a data-pattern=" not in html:
        return []
    return list(dict.fromkeys(entities.unescape(match[1]) for match in _OTHER.finditer(html)))


def resolved(html: str, addresses: Mapping[str, str]) -> str:
    """A rendered text whose links to other patterns lead to the addresses of those that have one; others are words.

    addresses: by slug as in `mentioned`.
    """
    if "<a data-pattern=" not in html:
        return html

    def link(found: re.Match[str]) -> str:
        address = addresses.get(entities.unescape(found[1]))
        if address is None:
            return f'<span class="unwritten" title="This pattern is not written yet">{found[3]}</span>'
        return f'<a href="{entities.escape(address)}{found[2] or ""}">{found[3]}</a>'

    return _OTHER.sub(link, html)


def _wiki(found: re.Match[str]) -> str:
    if not found["name"]:
        return found[0]
    # Not sooner than here is it seen whether it is a name at all.
    slug = name_key(entities.unescape(found["name"]).strip())
    if not slug or len(slug) > NAME_MAX:
        return found[0]
    return f'<a href="{entities.escape(quote(slug))}.md">{found["words"] or found["name"]}</a>'


def _link(attributes: str, content: str, ids: set[str]) -> str:
    # A picture in a link is its words: a link in a link is none.
    content = _PICTURE.sub(lambda found: _words_of(found[1] or "") or "picture", content)
    said = _HREF.search(attributes)
    if said is None or not said[1].strip():
        return _plain(attributes, content)
    target = entities.unescape(said[1]).strip()
    if _ELSEWHERE.match(target):
        there = f' href="{entities.escape(target)}"'
        return f"<a{attributes.replace(said[0], there, 1)}>{content}</a>"
    if target.startswith("#"):
        if place := _place(unquote(target[1:]), ids):
            there = f' href="#{place}"'
            return f"<a{attributes.replace(said[0], there, 1)}>{content}</a>"
        return _plain(attributes, content, "There is no such place in this text")
    if meant := _pattern(target):
        slug, place = meant
        href = entities.escape(f"../{quote(slug)}/{place}")
        return f'<a data-pattern="{entities.escape(slug)}" href="{href}">{content}</a>'
    return _plain(attributes, content, f"This part of the original library is not here: {target[:NAME_MAX]}")


def _plain(attributes: str, content: str, title: str = "") -> str:
    """What was to be a link, as words that may be linked to."""
    kept = _ID.search(attributes)
    said = f' class="missing-link" title="{entities.escape(title)}"' if title else ""
    if not kept and not said:
        return content
    return f"<span{kept[0] if kept else ''}{said}>{content}</span>"


def _place(name: str, ids: set[str]) -> str:
    for place in (f"{ID_PREFIX}{name}", f"{ID_PREFIX}{name.lower()}", name):
        escaped = entities.escape(place)
        if escaped in ids:
            return escaped
    return ""


def _pattern(target: str) -> tuple[str, str] | None:
    """(slug, place in it) of the pattern that a relative address may mean."""
    for form in (_FILE, _ADDRESS, _SLUG):
        if found := form.fullmatch(target):
            slug = unquote(found[1])
            if slug.strip(".") and "/" not in slug and not NOT_HTML.search(slug) and len(slug) <= NAME_MAX:
                place = unquote((found[2] or "")[1:])
                return slug, f"#{ID_PREFIX}{quote(place.removeprefix(ID_PREFIX))}" if place else ""
    return None


def _picture(found: re.Match[str]) -> str:
    attributes = found[1] or ""
    source = _SOURCE.search(attributes)
    words = _words_of(attributes)
    if source and _ELSEWHERE.match(source[1]):
        # Pictures of other hosts would tell them who reads what.
        return f'<a class="image-link" href="{source[1]}" rel="noopener nofollow">{words or "picture"}</a>'
    return f'<span class="missing-image" title="This picture is not here">{words or "picture"}</span>'


def _words_of(attributes: str) -> str:
    """What a picture shows, in words: its alternative text, else the name of its file. Escaped as it was."""
    alternative, source = _WORDS.search(attributes), _SOURCE.search(attributes)
    if alternative and alternative[1].strip():
        return alternative[1]
    name = entities.unescape(source[1]).partition("?")[0].rstrip("/").rpartition("/")[2] if source else ""
    return entities.escape(NOT_HTML.sub("\ufffd", unquote(name)))
