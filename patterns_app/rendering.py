"""Markdown → safe HTML, as the public pages and the editors' preview show it. Knows no models.

comrak renders GitHub's dialect in compiled code, nh3 (ammonia) sanitises what came out: the text is data from
strangers, and may hold HTML of its own.
"""

from __future__ import annotations

import re
from typing import Final

import comrak
import nh3

ID_PREFIX: Final = "s-"
"""What all ids in a text begin with, so that none can take the name of something else on the page."""

_CLASSES: Final = {
    "div": {
        "markdown-alert",
        *(f"markdown-alert-{kind}" for kind in ("note", "tip", "important", "warning", "caution")),
    },
    "p": {"markdown-alert-title"},
    "ul": {"contains-task-list"},
    "li": {"task-list-item"},
}
_TAGS: Final = frozenset({
    "a", "abbr", "b", "blockquote", "br", "caption", "cite", "code", "col", "colgroup", "dd", "del", "details", "dfn",
    "div", "dl", "dt", "em", "figcaption", "figure", "h1", "h2", "h3", "h4", "h5", "h6", "hr", "i", "img", "input",
    "ins", "kbd", "li", "mark", "ol", "p", "pre", "q", "s", "samp", "section", "small", "span", "strong", "sub",
    "summary", "sup", "table", "tbody", "td", "tfoot", "th", "thead", "time", "tr", "u", "ul", "var",
})  # fmt: skip
_ATTRIBUTES: Final = {
    "*": {"id", "title", "lang", "dir"},
    "a": {"href"},
    "img": {"src", "alt", "width", "height"},
    "input": {"type", "checked", "disabled"},
    "ol": {"start"},
    "td": {"align", "colspan", "rowspan"},
    "th": {"align", "colspan", "rowspan", "scope"},
    "time": {"datetime"},
    "code": {"class"},
    "pre": {"class"},
}
_SCHEMES: Final = {"http", "https", "mailto"}


def _extensions() -> comrak.ExtensionOptions:
    options = comrak.ExtensionOptions()
    for name in ("alerts", "autolink", "footnotes", "strikethrough", "table", "tasklist"):
        setattr(options, name, True)
    return options


def _parsing() -> comrak.ParseOptions:
    options = comrak.ParseOptions()
    # `---` under a paragraph is a rule: authors divide sections with it, and never mean a heading.
    options.ignore_setext = True
    return options


def _writing() -> comrak.RenderOptions:
    options = comrak.RenderOptions()
    # HTML in the text passes here, and through the sanitiser next.
    options.unsafe_ = True
    return options


_EXTENSIONS, _PARSING, _WRITING = _extensions(), _parsing(), _writing()
_CLEANER: Final = nh3.Cleaner(
    tags=set(_TAGS),
    attributes={tag: set(names) for tag, names in _ATTRIBUTES.items()},
    allowed_classes={tag: set(names) for tag, names in _CLASSES.items()},
    url_schemes=set(_SCHEMES),
    link_rel="noopener nofollow",
    id_prefix=ID_PREFIX,
    strip_comments=True,
)
# The format puts the confidence note right below the opening quote, in the same `>` block. A blank line parts the two.
_NOTE_BELOW_QUOTE: Final = re.compile(r"^(>.*)(\r?\n)(?=> ?\[!(?:NOTE|TIP|IMPORTANT|WARNING|CAUTION)\])", re.MULTILINE)
_INPUT: Final = re.compile(r"<input(?![^>]*type=\"checkbox\")[^>]*>")
_OWN_LINK: Final = re.compile(rf'(<a [^>]*?href=")#(?!{ID_PREFIX})')
# In a folder of files patterns are linked by the file's name; beside each other in public, by address.
_FILE_LINK: Final = re.compile(r'(<a [^>]*?href=")(?:\./)?([^"/:#?]+)\.md(#[^"]*)?"')
_HEADING: Final = re.compile(r"<(/?)h([1-6])\b")


def render(markdown: str, *, top: int = 2) -> str:
    """Safe HTML for Markdown text. top: the level of heading that the text's highest one becomes (the page has h1).

    Raises nothing: any text is Markdown.
    """
    html = comrak.render_markdown(_NOTE_BELOW_QUOTE.sub(r"\1\2\2", markdown), _EXTENSIONS, _PARSING, _WRITING)
    clean = _INPUT.sub("", _CLEANER.clean(html))
    linked = _FILE_LINK.sub(r'\1../\2/\3"', _OWN_LINK.sub(rf"\1#{ID_PREFIX}", clean))
    return _levelled(linked, top)


def _levelled(html: str, top: int) -> str:
    """Headings moved together so that the highest stands at `top` and none is below 6."""
    levels = {int(level) for _, level in _HEADING.findall(html)}
    if not levels or (shift := top - min(levels)) == 0:
        return html
    return _HEADING.sub(lambda found: f"<{found[1]}h{max(1, min(6, int(found[2]) + shift))}", html)
