"""Numbers in brackets that stand for a source: `[3]` leads to the paragraph that begins with `[3]`."""

from __future__ import annotations

import re
from typing import Final

from patterns_app.rendering.headings import ID_PREFIX

_DEFINED: Final = re.compile(r"<(p|li)>\[(\d{1,3})\](?!\()")
# Outside code, headings and links, and never within a tag.
_CITED: Final = re.compile(
    r"<(?P<whole>pre|code|a|h[1-6])\b.*?</(?P=whole)>"
    r"|(?P<defined><(?:p|li) id=\"[^\"]*\">\[\d{1,3}\])|<[^>]*>|\[(?P<number>\d{1,3})\]",
    re.S,
)


def cited(html: str) -> str:
    """A text whose citations lead to its own references. One without references stays as it is.

    The last paragraph or list entry that begins with a number is its reference.
    """
    places = {found[2]: found.start() for found in _DEFINED.finditer(html)}
    if not places:
        return html
    last = set(places.values())

    def defined(found: re.Match[str]) -> str:
        if found.start() not in last:
            return found[0]
        return f'<{found[1]} id="{_id(found[2])}">[{found[2]}]'

    def link(found: re.Match[str]) -> str:
        number = found["number"]
        if number is None or number not in places:
            return found[0]
        return f'<a class="citation-link" href="#{_id(number)}">[{number}]</a>'

    return _CITED.sub(link, _DEFINED.sub(defined, html))


def _id(number: str) -> str:
    # Two hyphens: no heading's id is made so by `anchor_of`, which an author may write all the same.
    return f"{ID_PREFIX}reference--{number}"
