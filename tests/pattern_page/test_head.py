"""What stands above the text, and the contents beside it."""

from __future__ import annotations

import re

import pytest

from patterns_app.document.body import Section
from tests.desk import FULL
from tests.pattern_page.looking import Page, get, looked_at, make_public

pytestmark = pytest.mark.django_db


def test_the_head_says_what_it_is_and_the_problem_is_headed_by_its_tension() -> None:
    make_public(**{**FULL, "preamble": "> A drill.\n> [!NOTE] Confidence Rating: ★★ (Fair)\n> Well tried.\n\n---\n"})
    html = get()
    page = Page(html)
    head = html[html.index('<header class="pattern-head') : html.index("</header>", html.index("pattern-head"))]
    for words in (
        "Also called Tool shed, Borrowing shop",
        "★★☆",
        "version 0.1",
        "A drill.",
        "Well tried.",
        "published",
    ):
        assert words in head
    assert "<hr>" not in head
    assert page.text("hgroup") == "ProblemOwning vs. using"
    assert html.count("Owning vs. using") == 1
    assert page.text("h1") == "Shared tool library"


def test_a_tension_without_a_problem_below_it_stands_in_the_head() -> None:
    make_public(primary_tension="Now <vs.> then", sections=())
    assert "Now &lt;vs.&gt; then" in get()


def test_the_contents_follow_the_text_in_two_levels_without_numbers_and_guidance() -> None:
    sections = (
        Section("### Section 1: Context (100–200 words)\n", "One.\n\n#### Where\n\n##### Too deep\n\n"),
        Section("### Section 2: Context\n", "Two.\n"),
    )
    make_public(sections=sections)
    html = get()
    contents = html[
        html.index('<nav aria-label="Contents"') : html.index("</nav>", html.index('aria-label="Contents"'))
    ]
    entries = re.findall(r'<a href="#([^"]*)">([^<]*)</a>', contents)
    assert entries == [
        ("s-section-1-context-100200-words", "Context"),
        ("s-where", "Where"),
        ("s-section-2-context", "Context"),
        ("provenance", "Provenance"),
        ("formats", "Cite and copy"),
    ]
    assert {anchor for anchor, _ in entries} <= {*Page(html).ids}


def test_a_heading_that_says_the_title_over_again_is_left_out() -> None:
    make_public(
        title="Tool library",
        preamble="# Tool Library Pattern\n\n",
        sections=(Section("## A\n", "a [up](#tool-library-pattern)\n"), Section("## B\n", "b\n")),
    )
    page = looked_at()
    assert page.text("h1") == "Tool library"
    assert "Tool Library Pattern" not in page.text()
    assert [tag for tag, said in page.tags if said.get("id") in ("s-a", "s-b")] == ["h2", "h2"]
    assert "#s-tool-library-pattern" in page.links


def test_what_stood_below_a_heading_that_is_left_out_stands_below_the_title() -> None:
    make_public(
        title="Tool library",
        preamble="",
        sections=(Section("## Tool library\n", "\n### 1. A\n\na\n\n#### C\n\n### 2. B\n\nb\n"),),
    )
    page = looked_at()
    assert [tag for tag, said in page.tags if said.get("id") in ("s-1-a", "s-c", "s-2-b")] == ["h2", "h3", "h2"]
    assert {"#s-1-a", "#s-2-b"} <= set(page.links), "the contents know them"


def test_an_opening_that_holds_the_first_heading_is_not_cut_in_two() -> None:
    make_public(preamble="> quote\n> # Heading in it\n\ntext\n", sections=())
    page = looked_at()
    assert "Heading in it" in page.text("blockquote")


def test_a_summary_that_the_text_opens_with_is_not_said_twice() -> None:
    make_public("twice", summary="A drill is used\n  for minutes.", preamble="> A *drill* is used for minutes.\n\n")
    make_public("once", summary="A drill is used for years.", preamble="> A drill is used for minutes.\n\n")
    assert 'class="lead"' not in get("twice")
    assert '<p class="lead">A drill is used for years.</p>' in get("once")
