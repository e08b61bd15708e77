"""A rendered body as its page shows it: the opening apart, the tension over the problem, the contents beside it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final, NamedTuple

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from patterns_app.document.pattern import PatternDocument
from patterns_app.document.vocabulary import name_key
from patterns_app.rendering import Heading, contents, levelled, plain_heading, resolved, text_of

LONGEST_OPENING: Final = 4_000
"""Characters of HTML before the first heading that are an opening, with quote and confidence note, and no text."""

_FIRST: Final = re.compile(r"<h[1-6] id=")
_OPENED: Final = re.compile(r"<(?!hr|br|input|col\b)[a-z]")
_PROBLEM: Final = re.compile(r"(?:the )?problem(?: statement)?", re.I)


class ShownBody(NamedTuple):
    """opening: what stands before the first heading, safe HTML as `text` is. tension: "" if it stands in the text.
    summary: "" if the opening says it.
    """

    opening: SafeString
    text: SafeString
    contents: list[Heading]
    tension: str
    summary: str


def shown_body(html: str, document: PatternDocument, addresses: Mapping[str, str]) -> ShownBody:
    """A rendered body (`rendering.render`) for its page. addresses: see `rendering.resolved`."""
    headings = contents(html)
    html = resolved(html, addresses)
    opening, text = _parted(html)
    headings, text = _untitled(headings, text, document.title)
    tension = document.primary_tension.strip()
    if tension and (
        problem := next((heading for heading in headings if _PROBLEM.fullmatch(plain_heading(heading.title))), None)
    ):
        text, tension = _headed(text, problem, tension), ""
    summary = " ".join(document.summary.split())
    # Many a file opens with its own summary.
    summary = "" if summary in text_of(opening) else summary
    # What `rendering` made is safe, and what was added here is escaped.
    return ShownBody(mark_safe(opening), mark_safe(text), headings, tension, summary)  # noqa: S308


def _parted(html: str) -> tuple[str, str]:
    found = _FIRST.search(html)
    if found is None or found.start() > LONGEST_OPENING:
        return "", html
    opening = html[: found.start()]
    if len(_OPENED.findall(opening)) != opening.count("</"):
        # The heading stands in something that would be cut in two.
        return "", html
    rest = html[found.start() :]
    while (shorter := opening.rstrip().removesuffix("<hr>")) != opening:
        opening = shorter
    return opening, rest


def _untitled(headings: list[Heading], text: str, title: str) -> tuple[list[Heading], str]:
    """The text without a first heading that says the title of the page over again."""
    if not headings or not text.startswith(f'<h2 id="{headings[0].id}"'):
        return headings, text
    if name_key(headings[0].title).removesuffix("-pattern") != name_key(title).removesuffix("-pattern"):
        return headings, text
    end = text.find("</h2>") + len("</h2>")
    # Headings that stood below it stand below nothing now.
    rest = levelled(text[end:], 2)
    if rest != text[end:]:
        headings = [headings[0], *contents(rest)]
    # Links to it lead to where it was.
    return headings[1:], f'<span id="{headings[0].id}"></span>{rest}'


def _headed(text: str, problem: Heading, tension: str) -> str:
    """The text with the tension in the heading of the problem."""
    start = text.find(f'<h{problem.level} id="{problem.id}"')
    end = text.find(f"</h{problem.level}>", start)
    if start < 0 or end < 0:
        return text
    end += len("</h2>")
    said = f'<hgroup class="problem">{text[start:end]}<p class="tension">{escape(tension)}</p></hgroup>'
    return text[:start] + said + text[end:]
