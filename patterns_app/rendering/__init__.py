"""Markdown → safe HTML, as the public pages and the editors' preview show it. Knows no models.

comrak renders GitHub's dialect in compiled code, nh3 (ammonia) sanitises what came out: the text is data from
strangers, and may hold HTML of its own. What is done to the HTML after that relies on how nh3 writes it: every `<` and
`>` of text and of attributes' values is escaped, every value stands in double quotes, every element is closed.

`headings`, `links`, `citations` ← `markdown`.
"""

from patterns_app.rendering.headings import ID_PREFIX, Heading, contents, levelled, plain_heading, text_of
from patterns_app.rendering.links import mentioned, resolved
from patterns_app.rendering.markdown import render

__all__ = [
    "ID_PREFIX",
    "Heading",
    "contents",
    "levelled",
    "mentioned",
    "plain_heading",
    "render",
    "resolved",
    "text_of",
]
