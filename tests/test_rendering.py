"""Markdown as the public sees it: what GitHub shows, and nothing that runs."""

from __future__ import annotations

import re

import html5lib
import pytest
from hypothesis import given
from hypothesis import strategies as st

from patterns_app.rendering import Heading, contents, mentioned, plain_heading, render, resolved, text_of
from patterns_app.search.excerpts import excerpt, marker


@pytest.mark.parametrize(
    ("markdown", "html"),
    [
        ("A paragraph\n---\nand more\n", "<p>A paragraph</p>\n<hr>\n<p>and more</p>\n"),
        ("### Section 1\n\n#### Deeper\n", '<h2 id="s-section-1">Section 1</h2>\n<h3 id="s-deeper">Deeper</h3>\n'),
        ("~~gone~~\n", "<p><del>gone</del></p>\n"),
        (
            "- [x] done\n",
            '<ul>\n<li><input aria-label="done" type="checkbox" checked="" disabled=""> done</li>\n</ul>\n',
        ),
        ("```py\nx\n```\n", '<pre tabindex="0"><code class="language-py">x\n</code></pre>\n'),
        ("[Open](open-door.md)\n", '<p><a data-pattern="open-door" href="../open-door/">Open</a></p>\n'),
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
        '<pre class="site-header">x</pre>',
        '<code class="site-header">x</code>',
        '<code title="y" class="language-py site-header">x</code>',
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


# Headings


def test_a_heading_has_the_id_that_github_gives_it_and_each_id_is_there_once() -> None:
    html = render("## What’s *new* in C#?\n\n## Same\n\n## Same\n\n## Same-1\n\n## ★\n\n## إصلاح 修理\n")
    ids = re.findall(r'<h2 id="([^"]*)"', html)
    assert ids == ["s-whats-new-in-c", "s-same", "s-same-1", "s-same-1-1", "s-section", "s-إصلاح-修理"]


@given(
    st.lists(st.sampled_from(["# A\n", "## A\n", "A\n\n", '<p id="a">x</p>\n\n', '<h3 id="a-1">A</h3>\n\n', "> # A\n"]))
)
def test_no_id_is_given_twice(pieces: list[str]) -> None:
    html = render("".join(pieces))
    ids = re.findall(r' id="([^"]*)"', html)
    assert len(ids) == len(set(ids))
    assert len(re.findall("<h[1-6]", html)) == len(re.findall('<h[1-6] id="s-', html))


def test_the_contents_have_two_levels_and_plain_titles() -> None:
    html = render(
        "### 1. Context & more (100–200 words)\n\n#### `Where` <b>it</b> is\n\n##### deeper\n\n"
        "### Section 2 – Problem\n"
    )
    assert contents(html) == [
        Heading(2, "s-1-context--more-100200-words", "Context & more"),
        Heading(3, "s-where-it-is", "Where it is"),
        Heading(2, "s-section-2--problem", "Problem"),
    ]


def shown_headings(markdown: str) -> list[str]:
    html = render(markdown)
    titles = [heading.title for heading in contents(html)]
    assert titles == [text_of(words) for words in re.findall(r"<h[23][^>]*>(.*?)</h[23]>", html)], "as in the contents"
    return titles


def test_sections_are_headed_by_their_names_and_keep_the_ids_of_their_whole_headings() -> None:
    html = render("### Section 1: Context (100–200 words)\n\na [b](#section-2-problem)\n\n### 2. **Problem**\n")
    assert '<h2 id="s-section-1-context-100200-words">Context</h2>' in html
    assert '<h2 id="s-2-problem"><strong>Problem</strong></h2>' in html
    assert shown_headings("## 9. Last\n\n## Section 10 – Very last\n") == ["Last", "Very last"]


def test_the_numbers_of_steps_are_the_authors_and_stay() -> None:
    steps = "### 1. Ask\n\n### 2. Wait\n\n### 3. Ask again (10 words)\n"
    assert shown_headings(f"## Practices\n\n{steps}") == ["Practices", "1. Ask", "2. Wait", "3. Ask again"]
    assert shown_headings(f"## 2. Practices\n\n{steps}")[1:] == ["1. Ask", "2. Wait", "3. Ask again"]


def test_a_section_one_level_too_deep_is_a_section_if_it_counts_on() -> None:
    assert shown_headings("## 7. Era\n\n### 8. Assessment\n\n## 9. Resources\n") == ["Era", "Assessment", "Resources"]
    assert shown_headings("## Draft\n\n### Section 1: Context\n") == ["Draft", "Context"]


def test_sections_that_the_text_refers_to_by_number_keep_them() -> None:
    text = "## Section 1: Context (100 words)\n\nSee Section 2.\n\n## Section 2: Problem\n"
    assert shown_headings(text) == ["Section 1: Context", "Section 2: Problem"]


@pytest.mark.parametrize("piece", [" ", "(1 ", "<b>", "1. ", "(9 words) ", "# "])
def test_a_heading_of_a_million_signs_takes_no_time_to_speak_of(piece: str) -> None:
    # Without a limit it would take hours, if a sign were looked at again for each other one.
    assert render(f"## 1. {piece * 200_000}x\n").count("<h2") == 1


def test_a_lone_first_title_does_not_push_the_sections_down() -> None:
    assert re.findall("<h[1-6]", render("# Title\n\n## A\n\n### a\n\n## B\n")) == ["<h2", "<h2", "<h3", "<h2"]
    assert re.findall("<h[1-6]", render("# A\n\n## a\n\n# B\n")) == ["<h2", "<h3", "<h2"]


@pytest.mark.parametrize(
    ("heading", "plain"),
    [
        ("Section 3: Solution (200-400 words)", "Solution"),
        ("10) Last", "Last"),
        ("4. <strong>Impact</strong> &amp; more (300–500 words)", "<strong>Impact</strong> &amp; more"),
        ("<em>Section 4: Impact (1 word, 2 words)</em>", "<em>Impact</em>"),
        ("7.", "7."),
        ("24-hour library", "24-hour library"),
        ("3.1. The five whys", "3.1. The five whys"),
        ("2030 and after", "2030 and after"),
        ("Words (of 3 words more)", "Words (of 3 words more)"),
    ],
)
def test_numbers_and_guidance_are_no_part_of_a_heading(heading: str, plain: str) -> None:
    assert plain_heading(heading) == plain


def test_an_excerpt_knows_the_id_of_the_section_it_is_from() -> None:
    html = render("Before.\n\n### Section 1: Context\n\nA ladder.\n")
    assert excerpt(html, "", marker(["ladder"]))[:2] == ("Context", "s-section-1-context")
    assert excerpt(html, "", marker(["before"]))[:2] == ("", "")


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ([2, 4, 4, 5, 3, 2], [2, 3, 3, 4, 3, 2]),
        ([4, 4, 2, 3], [2, 2, 2, 3]),
        ([1, 3, 5, 3], [2, 2, 3, 2]),
        ([1, 2, 3, 4, 5, 6, 1], [2, 3, 4, 5, 6, 6, 2]),
    ],
)
def test_no_heading_stands_more_than_one_level_below_the_last(written: list[int], shown: list[int]) -> None:
    html = render("".join(f"{'#' * level} H\n\n" for level in written))
    assert [int(level) for level in re.findall("<h([1-6])", html)] == shown
    assert [int(level) for level in re.findall("</h([1-6])", html)] == shown


# Links


def test_links_within_a_text_lead_to_its_headings_and_elsewhere_are_words() -> None:
    html = render(
        "## S-curve\n\n[a](#s-curve) [b](#S-Curve) [c](#nowhere) [d]() <a name='x'>e</a> <i id='here'></i>[f](#here)\n"
    )
    assert html.count('<a href="#s-s-curve"') == 2
    assert '<span class="missing-link" title="There is no such place in this text">c</span> d e' in html
    assert '<a href="#s-here"' in html


@pytest.mark.parametrize(
    ("target", "slug"),
    [
        ("open-door.md", "open-door"),
        ("./open-door.md", "open-door"),
        ("../lending/open-door.md#part", "open-door"),
        ("lending/open%20door.markdown", "open door"),
        ("open-door", "open-door"),
        ("../open-door/", "open-door"),
        ("/patterns/open-door/", "open-door"),
        ("t%C3%BCr.md", "tür"),
    ],
)
def test_a_link_to_another_file_is_one_to_the_pattern_in_it(target: str, slug: str) -> None:
    html = render(f"[Door]({target})\n")
    assert mentioned(html) == [slug]
    assert '<a href="/somewhere/' in resolved(html, {slug: "/somewhere/"})
    assert "<a" not in resolved(html, {})
    assert '<span class="unwritten" title="This pattern is not written yet">Door</span>' in resolved(html, {})


@pytest.mark.parametrize(
    "target", ["README.md", "docs/", "/etc/", "img/a.png", "../..", "https.www.example.org/x", "..%2F.md"]
)
def test_a_link_to_what_is_not_here_is_words_that_say_so(target: str) -> None:
    html = render(f"[Words]({target})\n")
    assert "<a" not in html
    assert '<span class="missing-link" title="This part of the original library is not here: ' in html


@pytest.mark.parametrize(
    "target", ["https://example.org/a.md", "http://example.org/", "//example.org/x", "mailto:a@example.org"]
)
def test_a_link_elsewhere_stays(target: str) -> None:
    assert f'<a href="{target}" rel="noopener nofollow">x</a>' in render(f"[x]({target})\n")


def test_double_brackets_are_links_but_not_in_code_and_not_in_titles() -> None:
    html = render('[[Open Door]] [[open-door|the door]] `[[code]]` <b title="[[title]]">b</b> [[1]](http://a.b)\n')
    assert mentioned(html) == ["open-door"]
    assert "<code>[[code]]</code>" in html
    assert 'title="[[title]]"' in html
    assert ">the door</a>" in html
    assert '<a href="http://a.b" rel="noopener nofollow">[1]</a>' in html


def test_what_looks_like_a_mark_of_ours_in_a_text_is_none() -> None:
    text = (
        '<a data-pattern="secret" href="https://a.b">x</a> data-pattern="y" \\<a data-pattern="z" href="../z/">z</a>\n'
    )
    assert mentioned(render(text)) == []
    html = render('`<a data-pattern="z" href="../z/">` set id="a b" and href="#q"\n')
    assert mentioned(html) == []
    assert 'set id="a b" and href="#q"' in html


def test_pictures_of_other_hosts_are_links_and_missing_ones_say_what_they_show() -> None:
    html = render(
        '![A shed](https://x.org/shed.png) ![](https://x.org/a%20b.png?v=1) ![A "map"](img/map.png) ![](img/x.png)\n'
    )
    assert "<img" not in html
    assert '<a class="image-link" href="https://x.org/shed.png" rel="noopener nofollow">A shed</a>' in html
    assert ">a b.png</a>" in html
    assert '<span class="missing-image" title="This picture is not here">A &quot;map&quot;</span>' in html
    assert ">x.png</span>" in html


def test_a_picture_in_a_link_is_its_words() -> None:
    html = render("[![Build](https://x.org/b.svg)](https://x.org/ci) [![](img/a.png)](door.md)\n")
    assert '<a href="https://x.org/ci" rel="noopener nofollow">Build</a>' in html
    assert '<a data-pattern="door" href="../door/">a.png</a>' in html


# Figures, tables, citations


def test_a_diagram_is_a_figure_with_its_source() -> None:
    html = render("```mermaid\ngraph TD; A-->B\n```\n")
    assert '<figure class="diagram"><figcaption>Diagram (Mermaid source)</figcaption>' in html
    assert "graph TD; A--&gt;B" in html


def test_a_table_scrolls_in_a_frame_and_aligns_by_class() -> None:
    html = render("|a|b|\n|:-:|--:|\n|1|2|\n")
    assert html.startswith('<div class="table-frame" role="group" aria-label="Table" tabindex="0"><table>')
    assert '<td class="align-right">2</td>' in html
    assert "align=" not in html.replace("class=", "")


def test_a_citation_leads_to_its_reference() -> None:
    html = render("Said [1], twice [1][2], and `[1]`.\n\n## Sources\n\n[1] By whom.\n")
    assert html.count('<a class="citation-link" href="#s-reference--1">[1]</a>') == 2
    assert '<p id="s-reference--1">[1] By whom.</p>' in html
    assert "[2]" in html
    assert "<code>[1]</code>" in html
    assert render("Said [1].\n") == "<p>Said [1].</p>\n"


@pytest.mark.parametrize(
    "markdown",
    [
        "a <object> b",
        "<p id='x'><b id='y'>> <object>\n&#x3c;script>",
        "> <a href='//a.b'>k <q> <object>\n\n<a href='//c.d'>q</a>",
        "<a href='//a.b'><dl><dt>- <pre><code class='<table><a href='x'><tr><td>y</code></pre>",
        "##### a <a>\n<h2>b</h2></a>",
        "a\x01\x7f\x85\ufdd0\uffff\U0010ffff b &#1; &#xfdd0; &#x10ffff;",
        "<a href=' https://a.b/?c=d&e '>e</a>",
    ],
)
def test_what_is_shown_is_valid_however_it_is_written(markdown: str) -> None:
    html = render(markdown)
    parser = html5lib.HTMLParser(namespaceHTMLElements=False)
    tree = parser.parse(f"<!doctype html><title>t</title><main>{html}</main><footer></footer>")
    assert parser.errors == []
    assert [element.tag for element in tree.find("body")] == ["main", "footer"]
    ids = [element.get("id") for element in tree.iter() if element.get("id") is not None]
    assert len(ids) == len(set(ids))
    assert not re.search('="[^"]*(?<= )" rel|=" ', html)


@pytest.mark.parametrize(
    "markdown",
    [
        """<b title="x id=">, a" " onmouseover=alert(1) z</b>""",
        """<h2 lang="x id=" title=" onclick=alert(1) ">, a" " onclick=alert(1) z</h2>""",
        """<a title="x href=" id="y">a" " onclick=alert(1) z</a>""",
        """<a title="x id=" href="x.md">a" " onclick=alert(1) z</a>""",
        """<img title="x src=" alt="y">a" " onclick=alert(1) z""",
        """<img alt="x alt=" title="x alt=" src="//a.b/c id=">a" " onclick=alert(1) z""",
        """<td title="x align=">left" " onclick=alert(1) z""",
        """<table><td title="x align=" lang="y id=">left" " onclick=alert(1) z""",
        """<p title="a id= id=" lang=" id=">b" " onclick=alert(1) z</p>""",
        """<input type="checkbox" title="x type=">b" " onclick=alert(1) z""",
    ],
)
def test_a_value_that_looks_like_an_attribute_is_none(markdown: str) -> None:
    html = render(markdown)
    for shown in (html, resolved(html, {"x": "/patterns/x/"})):
        tree = html5lib.parse(shown, namespaceHTMLElements=False)
        said = {name for element in tree.iter() for name in element.attrib}
        assert said <= {"id", "title", "lang", "rel", "href", "class", "type", "aria-label", "role", "tabindex"} | {
            "data-pattern"
        }
        assert "onclick=alert(1)" in "".join(tree.itertext()) or "onmouseover" in "".join(tree.itertext())


def test_links_in_links_and_headings_in_headings_are_words() -> None:
    html = render("<div><a href='//a.b'>x\n\n|a|\n|-|\n|[y](//c.d)|\n")
    assert html.count("<a ") == html.count("</a>") == 1
    assert "<td>y</td>" in html
    html = render("<pre>\n<a>\n\n<pre>x</pre> [[foo|bar]] [[foo]]\n")
    assert re.findall("</?a", html) in ([], ["<a", "</a"], ["<a", "</a"] * 2)
    html = render("##### a <a>\n<h2>b</h2></a>")
    assert len(re.findall("<h[1-6]", html)) == len(re.findall("</h[1-6]", html)) >= 1


HOSTILE = st.lists(
    st.sampled_from(
        [
            "[a](b.md)", "[[a]]", "![a](b.png)", "[1]", "\n\n[1] x", "<a href='#x'>", "</a>",
            "<h2 id=x title='<h3>'>", "</h2>", "<p title='\"><a data-pattern='>", "<img src=x alt='\">'>", "`",
            "```mermaid\n", "\n# h\n", "|a|\n|-|\n", "> ", "&quot;", "<td align=right>",
            "<b title=' id='>", "<a title=' href='>", '" "',
            "<table>", "\n\n", "<b>", "<details><summary>", "<!--", "<svg>", "<pre>",
        ]
    ),
    max_size=14,
)  # fmt: skip


@given(HOSTILE)
def test_whatever_is_written_every_element_is_closed_where_it_was_opened(pieces: list[str]) -> None:
    html = render("".join(pieces))
    for shown in (html, resolved(html, {"a": "/patterns/a/"})):
        opened: list[str] = []
        for slash, tag, rest in re.findall(r"<(/?)([a-z][a-z0-9]*)((?: [a-z-]+(?:=\"[^\"<>]*\")?)*)>", shown):
            assert ' data-pattern="' not in rest or shown is html
            if slash:
                assert opened.pop() == tag
            elif tag not in ("br", "hr", "input", "col", "img"):
                opened.append(tag)
        assert opened == []
        # Nothing else looks like a tag.
        assert shown.count("<") == len(re.findall(r"</?[a-z][a-z0-9]*(?: [a-z-]+(?:=\"[^\"<>]*\")?)*>", shown))


def test_a_giant_text_is_rendered_without_going_over_it_again_and_again() -> None:
    text = "".join(f"## Same\n\n[a](#same-{n}) [b](b-{n}.md) [[c]] [1] <b id=x>y</b>\n\n" for n in range(5_000))
    html = render(f"{text}[1] x\n")
    assert len(re.findall(' id="s-same', html)) == 5_000
    assert len(mentioned(html)) == 5_001
