"""Spelling: whatever the style, the YAML says exactly the text, and it is the style asked for wherever that can be."""

from __future__ import annotations

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from patterns_app.document.dialects import Style
from patterns_app.document.frontmatter import split
from patterns_app.document.spelling import Spelling, looks_like_text, spell, spell_number
from tests.document import strategies

STYLES = ["", "'", '"', ">", "|"]


def said(yaml_text: str, flow: bool, indent: int) -> str:
    """What another YAML reader makes of it, in a place like the one it is for."""
    pad = " " * (indent - 2)
    source = f"{pad}key: [{yaml_text}]\n" if flow else f"{pad}key: {yaml_text}\n{pad}next: x\n"
    value = yaml.load(source, yaml.CSafeLoader)["key"]
    return str(value[0] if flow else value)


@given(
    st.one_of(st.sampled_from(strategies.NASTY), st.text(st.characters(exclude_categories=["Cs"]), max_size=40)),
    st.sampled_from(STYLES),
    st.sampled_from([None, 8, 20, 80]),
    st.sampled_from([2, 4, 9]),
    st.booleans(),
)
@settings(max_examples=400)
def test_any_text_is_said_exactly_in_any_style(
    text: str, style: str, width: int | None, indent: int, flow: bool
) -> None:
    spelled = spell(text, Spelling(style, indent, width, 5, flow))
    assert said(spelled, flow, indent) == text
    # No reader that cuts lines elsewhere than YAML does may be led astray.
    assert not any(sign in spelled for sign in "\r\x85\u2028\u2029")


@pytest.mark.parametrize("text", ["no", "1.10", "null", "~", "", "2026-03-02", "0x1F", "12:30:45", "=", "<<", "true"])
def test_a_text_that_looks_like_something_else_gets_quotes(text: str) -> None:
    assert spell(text, Spelling("", 2)) == f"'{text}'"
    assert spell(text, Spelling('"', 2)) == f'"{text}"'


@pytest.mark.parametrize("text", ["no", "1.10", "2026-03-02", "0x1F"])
def test_it_stays_without_quotes_where_its_predecessor_had_none(text: str) -> None:
    assert spell(text, Spelling("", 2, lexical=True)) == text


@pytest.mark.parametrize("text", ["null", "~", "", "a: b", "# x", " x"])
def test_what_would_be_read_as_something_else_gets_quotes_in_any_case(text: str) -> None:
    assert spell(text, Spelling("", 2, lexical=True)) == f"'{text}'"


@pytest.mark.parametrize(
    ("text", "style", "spelled"),
    [
        ("plain words", "", "plain words"),
        ("it's", "", "it's"),
        ("it's: x", "", "'it''s: x'"),
        ("a\nb", "", '"a\\nb"'),
        ("it's", "'", "'it''s'"),
        ("a\nb", "'", '"a\\nb"'),
        ('say "x" \\ y', '"', '"say \\"x\\" \\\\ y"'),
        ("tab\there", '"', '"tab\\there"'),
        ("\x07\x9f\u2028\ufeff", '"', '"\\x07\\x9f\\u2028\\ufeff"'),
        ("emoji 🧵", '"', '"emoji 🧵"'),
        ("one", ">", ">-\n  one"),
        ("one\n", ">", ">\n  one"),
        ("one\ntwo", ">", ">-\n  one\n\n  two"),
        ("one\n\ntwo", ">", ">-\n  one\n\n\n  two"),
        ("one\n  two", ">", "|-\n  one\n    two"),
        (" one", ">", '" one"'),
        ("one\n\n", ">", '"one\\n\\n"'),
        ("", ">", '""'),
        ("one\ntwo\n", "|", "|\n  one\n  two"),
        ("one\rtwo", "|", '"one\\rtwo"'),
    ],
)
def test_the_nearest_style_that_can_say_it_is_taken(text: str, style: str, spelled: str) -> None:
    assert spell(text, Spelling(style, 2)) == spelled


def test_a_block_that_kept_the_blank_lines_below_it_still_may() -> None:
    assert spell("one\n\n", Spelling("|", 2, keeps=True)) == "|+\n  one\n"
    assert spell("one\n\n", Spelling("|", 2)) == '"one\\n\\n"'


def test_a_wrapped_text_is_wrapped_again_at_the_same_width() -> None:
    words = "a text of some length that its author wrapped at forty columns, which is narrow"
    folded = spell(words, Spelling(">", 4, 40))
    assert folded == (
        ">-\n    a text of some length that its\n    author wrapped at forty columns,\n    which is narrow"
    )
    assert max(map(len, spell(words, Spelling("'", 4, 40, 10)).split("\n"))) <= 40
    assert "\n" not in spell(words, Spelling(">", 4)).removeprefix(">-\n")


@pytest.mark.parametrize(
    ("yaml_text", "expected"),
    [
        ("k: plain\n", Spelling("", 2, None, 3)),
        ("k: 'x'\n", Spelling("'", 2, None, 3)),
        ("k: 1.10\n", Spelling("", 2, None, 3, lexical=True)),
        ("k: >-\n    one line, as long as it likes\n", Spelling(">", 4, None, 3)),
        ("k: >\n   a few words\n   and more\n", Spelling(">", 3, 14, 3)),
        ("k: |+\n  x\n\n", Spelling("|", 2, None, 3, keeps=True)),
        ('k: "wrapped\n  here"\n', Spelling('"', 2, 11, 3)),
        ("k: &a >-\r\n    x\r\n", Spelling(">", 4, None, 3)),
    ],
)
def test_the_spelling_of_what_stands_there_is_recognised(yaml_text: str, expected: Spelling) -> None:
    front = split(f"---\n{yaml_text}---\n")
    assert front.root is not None
    ((_, node),) = front.root.value
    assert Spelling.of(node, front.yaml, parent_column=0, flow=False) == expected


def test_a_new_text_is_spelled_as_the_reference_layout_does() -> None:
    assert spell("x", Spelling.new(Style.PLAIN, column=2, flow=False)) == "x"
    assert spell("x", Spelling.new(Style.QUOTED, column=2, flow=False)) == '"x"'
    assert spell("x", Spelling.new(Style.FOLDED, column=2, flow=False)) == ">-\n    x"
    assert spell("x", Spelling.new(Style.FOLDED, column=2, flow=True)) == '"x"'
    assert spell("x", Spelling.new(Style.FOLDED, column=2, flow=False, plain=True)) == "x"


def test_half_a_character_is_spelled_so_that_reading_refuses_it() -> None:
    assert spell("\ud800", Spelling("", 2)) == '"\\ud800"'


@pytest.mark.parametrize(
    ("number", "like", "whole", "spelled"),
    [
        (4.0, "", False, "4.0"),
        (4.0, "", True, "4"),
        (4.0, "3", False, "4"),
        (4.0, "3.5", True, "4.0"),
        (3.5, "3", True, "3.5"),
        (0.1, "", False, "0.1"),
        (1e-07, "", False, "0.0000001"),
        (2 / 3, "1", False, "0.6666666666666666"),
        (0.0, "", False, "0.0"),
        (-0.0, "", False, "0.0"),
    ],
)
def test_a_number_is_spelled_without_exponent_in_the_manner_of_its_predecessor(
    number: float, like: str, whole: bool, spelled: str
) -> None:
    assert spell_number(number, like, whole=whole) == spelled


@given(st.floats(0, 5))
def test_any_score_is_spelled_so_that_it_reads_back_equal(number: float) -> None:
    assert float(spell_number(number)) == number
    assert "e" not in spell_number(number)


def test_what_a_yaml_1_1_reader_takes_for_text_is_known() -> None:
    assert looks_like_text("words")
    assert not looks_like_text("no")
    assert not looks_like_text("1.10")
    assert not looks_like_text("")
