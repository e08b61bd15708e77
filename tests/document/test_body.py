"""The body: cut into preamble and sections without losing a character."""

from __future__ import annotations

import pytest
from hypothesis import given, settings

from patterns_app.document.body import ConfidenceNote, Section, confidence_note, opening_quote, split_body
from patterns_app.document.reading import read
from tests.document import library, strategies

EIGHT = ["Context", "Problem", "Solution", "Implementation", "Consequences", "Known Uses", "Cognitive Era", "Vitality"]


def headings(body: str) -> list[str]:
    return [section.heading for section in split_body(body)[1]]


@given(strategies.BODIES)
@settings(max_examples=300)
def test_preamble_and_sections_joined_are_the_body(body: str) -> None:
    preamble, sections = split_body(body)
    assert preamble + "".join(section.heading + section.text for section in sections) == body
    assert all(section.heading.lstrip(" ").startswith("#") for section in sections)
    assert all("\n" not in section.heading[:-1] for section in sections)
    assert split_body(preamble)[1] == () or sections == split_body(body)[1]


@pytest.mark.parametrize("path", library.texts())
def test_the_body_of_every_file_is_cut_without_losing_a_character(path: str) -> None:
    document = read(library.texts()[path]).document
    assert library.texts()[path].endswith(document.body)
    assert document.preamble + "".join(section.heading + section.text for section in document.sections) == document.body
    for section in document.sections:
        assert section.title == section.title.strip()
        assert section.heading.lstrip(" ").startswith("#")


@pytest.mark.parametrize(
    "name",
    [
        "repair-cafe-evening",
        "waiting-with-cake",
        "late-tools-gentle-steps",
        "machine-card",
        "failure-wall",
        "sweep-day",
    ],
)
def test_the_eight_sections_are_found_in_every_spelling_of_the_newer_generations(name: str) -> None:
    sections = read(library.example(name)).document.sections
    assert [section.number for section in sections] == [1, 2, 3, 4, 5, 6, 7, 8]
    assert [section.title.removesuffix(" Considerations") for section in sections] == EIGHT


def test_the_sections_of_the_oldest_generation_are_found_under_their_own_titles() -> None:
    sections = read(library.example("library-of-things")).document.sections
    assert [(section.number, section.title) for section in sections] == [
        (1, "Overview"),
        (2, "Core Principles"),
        (3, "Key Practices"),
        (4, "Implementation"),
        (5, "7 Pillars Assessment"),
        (6, "When to Use"),
        (7, "Anti-Patterns and Gotchas"),
        (8, "References"),
    ]


@pytest.mark.parametrize(
    ("heading", "number", "title"),
    [
        ("### Section 1: Context\n", 1, "Context"),
        ("### Section 4: Implementation (300-500 words)\n", 4, "Implementation"),
        ("### Section 4: Implementation (300–500 words)\r\n", 4, "Implementation"),
        ("## 2. Problem\n", 2, "Problem"),
        ("# 9. Resources & References", 9, "Resources & References"),
        ("# SECTION 3 – Solution\n", 3, "Solution"),
        ("### 3) Solution ###\n", 3, "Solution"),
        ("### 5. 7 Pillars Assessment\n", 5, "7 Pillars Assessment"),
        ("### 8. Commons Alignment Assessment (v2.0)\n", 8, "Commons Alignment Assessment (v2.0)"),
        ("## 4.Context\n", 4, "Context"),
        ("## 6 - Resources\n", 6, "Resources"),
        ("## 7 –\n", 7, ""),
        ("## 24-hour library\n", None, "24-hour library"),
        ("### 2-Series: Partial tests\n", None, "2-Series: Partial tests"),
        ("## 3.1. The 5 Whys\n", None, "3.1. The 5 Whys"),
        ("## 3.5 million members\n", None, "3.5 million members"),
        ("## 5–10 people\n", None, "5–10 people"),
        ("## 2:1 matching\n", None, "2:1 matching"),
        ("## Overview\n", None, "Overview"),
        ("   ## Overview  \t\n", None, "Overview"),
        ("## In C#\n", None, "In C#"),
        ("## In C# ##\n", None, "In C#"),
        ("## 3D printing\n", None, "3D printing"),
        ("## Section\n", None, "Section"),
        ("## 1984\n", None, "1984"),
        ("##\n", None, "##"),
        ("## ##\n", None, ""),
    ],
)
def test_a_heading_is_told_by_number_and_title(heading: str, number: int | None, title: str) -> None:
    ((found,)) = split_body(heading + "text\n")[1]
    assert found == Section(heading, "text\n") if heading.endswith("\n") else found.heading.startswith(heading)
    assert Section(heading, "").number == number
    assert Section(heading, "").title == title


@pytest.mark.parametrize(
    "body",
    [
        "### 1. A\n```\n### 2. not a heading\n```\n### 2. B\n",
        "### 1. A\n~~~ text\n### 2. not a heading\n```\n~~~\n### 2. B\n",
        "### 1. A\n````\n```\n### 2. not a heading\n````\n### 2. B\n",
        "### 1. A\n   ```python\n### 2. not a heading\n   ```   \n### 2. B\n",
        "### 1. A\n```mermaid\ngraph TD\n### 2. not a heading\n``` not the end\n```\n### 2. B\n",
        "### 1. A\n    ### 2. code, four spaces in\n### 2. B\n",
        "### 1. A\n#2. no space\n### 2. B\n",
        "### 1. A\n####### seven\n### 2. B\n",
        "### 1. A\n`### 2. inline` ```\n### 2. B\n",
        "### 1. A\n``` has ` in its info, so it is no fence\n### 2. B\n",
    ],
)
def test_what_looks_like_a_heading_but_is_none_does_not_cut(body: str) -> None:
    assert headings(body) == ["### 1. A\n", "### 2. B\n"]


def test_a_fence_that_is_never_closed_runs_to_the_end() -> None:
    assert headings("### 1. A\n```\n### 2. B\n### 3. C\n") == ["### 1. A\n"]


def test_the_level_that_counts_is_that_of_the_numbered_headings_or_the_shallowest_used_twice() -> None:
    assert headings("# Title\n## 1. A\n### deeper\n## 2. B\n") == ["## 1. A\n", "## 2. B\n"]
    assert headings("# Title\n## A\n### deeper\n### deeper\n## B\n") == ["## A\n", "## B\n"]
    assert headings("# Only\n### deeper\n") == ["# Only\n"]


def test_a_shallower_heading_ends_the_section_before_it() -> None:
    assert headings("# Title\n### 1. A\n### 2. B\n# Appendix\ntext\n") == ["### 1. A\n", "### 2. B\n", "# Appendix\n"]


def test_a_body_without_headings_is_all_preamble() -> None:
    assert split_body("") == ("", ())
    assert split_body("just\n---\ntext") == ("just\n---\ntext", ())
    assert split_body("\r\n#no\r\n") == ("\r\n#no\r\n", ())


def test_crlf_stays_with_the_heading() -> None:
    assert split_body("a\r\n## B\r\nc\r\n") == ("a\r\n", (Section("## B\r\n", "c\r\n"),))


@pytest.mark.parametrize(
    ("preamble", "quote"),
    [
        ("> One line.\n", "One line."),
        ("\n\n> Two\n> lines.\n\ntext\n", "Two lines."),
        (">No space.\r\n> CRLF.\r\n", "No space. CRLF."),
        ("> A quote.\n> [!NOTE] Confidence Rating: ★★ (Medium)\n> Why.\n---\n", "A quote."),
        ("> A quote.\n>\n> [!NOTE] Confidence Rating: ★★ (Medium)\n", "A quote."),
        ("> A quote.\n\n> [!NOTE] Confidence Rating: ★★ (Medium)\n", "A quote."),
        ("> [!NOTE] Confidence Rating: ★★ (Medium)\n> Why.\n\n> A quote.\n", "A quote."),
        (">\n> A quote\n>\n> in two paragraphs.\n", "A quote in two paragraphs."),
        ("No quote.\n\n> [!NOTE] Confidence Rating: ★★ (Medium)\n> Why.\n", ""),
        ("", ""),
    ],
)
def test_the_opening_quote_is_the_first_that_is_not_the_note(preamble: str, quote: str) -> None:
    assert opening_quote(preamble) == quote


@pytest.mark.parametrize(
    ("line", "stars", "label"),
    [
        ("> [!NOTE] Confidence Rating: ★★★ (Established)", 3, "Established"),
        ("> [!NOTE] Confidence Rating: ★★☆ (Observed)", 2, "Observed"),
        ("> [!NOTE] Confidence Rating: ★★ (Medium)", 2, "Medium"),
        ("> [!NOTE] Confidence Rating: ★★★ (High)", 3, "High"),
        ("[!NOTE] Confidence Rating: ★★★ (Established)", 3, "Established"),
        ("> [!NOTE] Confidence Rating: 2/5 (Observed)", 2, "Observed"),
        ("> [!NOTE] Confidence Rating: ★★★★ (High)", 4, "High"),
        ("> [!NOTE] Confidence Rating: ★★ (Low)", 2, "Low"),
        (">[!note] confidence: ⭐⭐", 2, ""),
        ("> [!NOTE] Confidence Rating: high", None, ""),
        ("> [!NOTE] Confidence Rating:", None, ""),
    ],
)
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_the_confidence_note_is_read_in_every_spelling(line: str, stars: int | None, label: str, newline: str) -> None:
    mark = "> " if line.startswith(">") else ""
    preamble = f"> Quote.\n\n{line}\n{mark}It was\n{mark}seen.\n\n---\n\nAfter.\n".replace("\n", newline)
    assert confidence_note(preamble) == ConfidenceNote(stars, label, "It was seen.")


@pytest.mark.parametrize(
    "preamble", ["", "> Confidence Rating: ★★\n", "> [!NOTE] Something else\n", "x [!NOTE] Confidence: ★\n"]
)
def test_what_is_not_the_note_is_not_read_as_one(preamble: str) -> None:
    assert confidence_note(preamble) is None


def test_the_note_of_the_examples_is_read() -> None:
    note = confidence_note(read(library.example("failure-wall")).document.preamble)
    assert note is not None
    assert note.stars == 3
    assert note.text
    assert opening_quote(read(library.example("machine-card")).document.preamble) == (
        "The manual is in the office. The finger is at the saw."
    )
