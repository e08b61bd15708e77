"""Markdown as the public sees it: what GitHub shows, and nothing that runs."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from patterns_app.rendering import render


@pytest.mark.parametrize(
    ("markdown", "html"),
    [
        ("A paragraph\n---\nand more\n", "<p>A paragraph</p>\n<hr>\n<p>and more</p>\n"),
        ("### Section 1\n\n#### Deeper\n", "<h2>Section 1</h2>\n<h3>Deeper</h3>\n"),
        ("~~gone~~\n", "<p><del>gone</del></p>\n"),
        ("- [x] done\n", '<ul>\n<li><input type="checkbox" checked="" disabled=""> done</li>\n</ul>\n'),
        ("```mermaid\ngraph TD\n```\n", '<pre><code class="language-mermaid">graph TD\n</code></pre>\n'),
        ("[Open](open-door.md)\n", '<p><a href="../open-door/" rel="noopener nofollow">Open</a></p>\n'),
        ('`href="#a" href="b.md"`\n', '<p><code>href="#a" href="b.md"</code></p>\n'),
        ("", ""),
    ],
)
def test_what_is_shown(markdown: str, html: str) -> None:
    assert render(markdown) == html


def test_the_confidence_note_below_the_quote_is_a_callout_of_its_own() -> None:
    for newline in ("\n", "\r\n"):
        html = render(newline.join(["> A drill.", "> [!NOTE] Confidence Rating: ★★ (Fair)", "> Well tried.", ""]))
        quote, callout = html.split("</blockquote>")
        assert "A drill." in quote
        assert 'class="markdown-alert markdown-alert-note"' in callout
        assert '<p class="markdown-alert-title">Confidence Rating: ★★ (Fair)</p>' in callout
        assert "Well tried." in callout


def test_a_footnote_leads_to_its_text_and_back() -> None:
    html = render("Said so.[^1]\n\n[^1]: By whom.\n")
    for target in re.findall(r'href="#([^"]+)"', html):
        assert f'id="{target}"' in html


@pytest.mark.parametrize(
    "markdown",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "[x](javascript:alert(1))",
        "<a href='data:text/html,x'>x</a>",
        "<svg onload=alert(1)>",
        "<iframe src=//evil></iframe>",
        "<style>*{display:none}</style>",
        "<input type=text name=password>",
        "<form action=//evil><button>x</button></form>",
        '<p style="position:fixed" class="site-header">x</p>',
    ],
)
def test_nothing_runs_and_nothing_passes_for_the_page_itself(markdown: str) -> None:
    html = render(markdown).lower()
    for evil in ("<script", "onerror", "onload", "javascript:", "data:", "<iframe", "<style", "<form", "<button"):
        assert evil not in html
    for evil in ("style=", "site-header", 'type="text"', "password"):
        assert evil not in html


@given(st.text())
def test_every_text_is_rendered_to_html_without_scripts(text: str) -> None:
    html = render(text)
    assert "<script" not in html
    assert not re.search(r"<[^>]+\son\w+\s*=", html)


def test_a_very_long_text_is_rendered() -> None:
    assert render("word *word* `word` " * 50_000).count("<em>") == 50_000
