"""One text from Markdown to the HTML that is stored and shown."""

from __future__ import annotations

import re
from typing import Final

import comrak
import nh3

from patterns_app.rendering.citations import cited
from patterns_app.rendering.headings import ID_PREFIX, identified, levelled, plainly_headed, unnested
from patterns_app.rendering.links import NOT_HTML, linked

_CLASSES: Final = {
    "div": {
        "markdown-alert",
        *(f"markdown-alert-{kind}" for kind in ("note", "tip", "important", "warning", "caution")),
    },
    "p": {"markdown-alert-title"},
    "ul": {"contains-task-list"},
    "li": {"task-list-item"},
    "section": {"footnotes"},
    "sup": {"footnote-ref"},
    "a": {"footnote-backref"},
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
    "img": {"src", "alt"},
    "input": {"type", "checked", "disabled"},
    "ol": {"start"},
    "td": {"align", "colspan", "rowspan"},
    "th": {"align", "colspan", "rowspan", "scope"},
    "time": {"datetime"},
    "code": {"class"},
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


def _cleaner(id_prefix: str | None) -> nh3.Cleaner:
    return nh3.Cleaner(
        tags=set(_TAGS),
        attributes={tag: set(names) for tag, names in _ATTRIBUTES.items()},
        allowed_classes={tag: set(names) for tag, names in _CLASSES.items()},
        url_schemes=set(_SCHEMES),
        link_rel="noopener nofollow",
        id_prefix=id_prefix,
        strip_comments=True,
    )


_CLEANER, _STEADIER = _cleaner(ID_PREFIX), _cleaner(None)
_READINGS: Final = 4
"""Times that HTML is read again at most, until it says the same."""

# The format puts the confidence note right below the opening quote, in the same `>` block. A blank line parts the two.
_NOTE_BELOW_QUOTE: Final = re.compile(r"^(>.*)(\r?\n)(?=> ?\[!(?:NOTE|TIP|IMPORTANT|WARNING|CAUTION)\])", re.MULTILINE)
_INPUT: Final = re.compile(r"<input(?![^>]*type=\"checkbox\")[^>]*>")
_BOX: Final = re.compile(r"<input\b([^>]*)")
_DIAGRAM: Final = re.compile(r'<pre tabindex="0"><code class="language-mermaid">[^<]*</code></pre>')
_ENDS_OPEN: Final = re.compile(r'(<[a-z][a-z0-9]*(?: [a-z-]+="[^"]*")* [a-z-]+="[^"]*)="')
_NO_LANGUAGE: Final = re.compile(r'(<code\b[^>]*?) class="(?!language-[^\s"]+")[^"]*"')
_ALIGNED: Final = re.compile(r'<t([dh])([^>]*?) align="(left|right|center)"')


def render(markdown: str, *, top: int = 2) -> str:
    """Safe HTML for Markdown text. top: the level of heading that the text's highest one becomes (the page has h1).

    Raises nothing: any text is Markdown.
    """
    html = comrak.render_markdown(_NOTE_BELOW_QUOTE.sub(r"\1\2\2", markdown), _EXTENSIONS, _PARSING, _WRITING)
    clean = _INPUT.sub("", _safe(NOT_HTML.sub("", html), is_mixed="<" in markdown))
    return _framed(linked(plainly_headed(identified(cited(levelled(clean, top))), top)))


def _safe(html: str, *, is_mixed: bool) -> str:
    """Clean HTML that a browser reads as it stands. is_mixed: whether some of it may be the author's own.

    Where an element is taken out, what was in it may stand where it cannot (a paragraph in a paragraph), and read again
    it is another thing. Nearly all texts are steady at once.
    """
    clean = _CLEANER.clean(html)
    for _ in range(_READINGS if is_mixed else 0):
        again = _STEADIER.clean(clean)
        if again == clean:
            break
        clean = again
    # Written as entities they come out here. Never left out: what is around them was clean with them.
    clean = NOT_HTML.sub("\ufffd", clean)
    # By way of a table a link may stand in a link, and a heading in a heading by way of a link.
    clean = unnested("h[1-6]", unnested("a", clean))
    # A value that ends in ` id=` would pass for the beginning of an id, together with the quote that closes it.
    while '="' in clean and (ended := _ENDS_OPEN.sub(r'\1&#61;"', clean)) != clean:
        clean = ended
    # Of code the class says the language; another one could make it look like a part of the page.
    return _NO_LANGUAGE.sub(r"\1", clean) if "<code" in clean else clean


def _framed(html: str) -> str:
    """What may be wider than the page in frames that scroll, with the keyboard too; diagrams as figures."""
    if 'class="footnote-backref"' in html:
        html = html.replace('class="footnote-backref"', 'class="footnote-backref" aria-label="Back to the text"')
    if "<input" in html:
        html = _BOX.sub(
            lambda found: f'<input aria-label="{"done" if "checked" in found[1] else "to do"}"{found[1]}', html
        )
    if "<pre" in html:
        html = html.replace("<pre>", '<pre tabindex="0">')
        # The library that draws them is none of this site's; the source of a flow chart can be read.
        html = _DIAGRAM.sub(
            r'<figure class="diagram"><figcaption>Diagram (Mermaid source)</figcaption>\g<0></figure>', html
        )
    if "<table" in html:
        html = _ALIGNED.sub(r'<t\1\2 class="align-\3"', html)
        html = html.replace("<table", '<div class="table-frame" role="group" aria-label="Table" tabindex="0"><table')
        html = html.replace("</table>", "</table></div>")
    return html
