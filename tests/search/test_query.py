"""Queries, taken apart: words, phrases, minus, fields, and whatever else somebody types."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from patterns_app.search.query import LONGEST, MOST_TERMS, Term, fold, parse
from patterns_app.search.similarity import grams, similarity


def words(*terms: str) -> tuple[Term, ...]:
    return tuple(Term(tuple(term.split())) for term in terms)


def test_words_phrases_minus_and_fields() -> None:
    query = parse('Tool "lending library" -drill -"old ladder" title:shed keyword:"public good"')
    assert query.terms == words("tool", "lending library")
    assert query.excluded == words("drill", "old ladder")
    assert query.fields == (Term(("shed",), "title"), Term(("public", "good"), "keywords"))
    assert query.name == "tool lending library"


@pytest.mark.parametrize(
    ("typed", "plainly"),
    [
        ("“open source” saw", '"open source" saw'),
        ("„open source“", '"open source"'),
        ("saw –drill −lathe", "saw -drill -lathe"),
        ("saw – drill", "saw drill"),
        ('saw -"open source', 'saw -"open source"'),
        ('saw "open source', 'saw "open source"'),
        ("title: open saw", "title:open saw"),
        ('title: "open source"', 'title:"open source"'),
    ],
)
def test_signs_are_read_as_they_are_meant(typed: str, plainly: str) -> None:
    assert parse(typed)[1:] == parse(plainly)[1:]


def test_a_loosened_query_is_of_words_that_stand_anywhere() -> None:
    loose = parse('"the open source" title:saw "not for" -drill').loosened()
    assert loose.terms == words("open", "source", "saw")
    assert (loose.fields, loose.excluded) == ((), words("drill"))


def test_what_a_hyphen_joins_hangs_together_only_to_be_left_out_or_in_a_field() -> None:
    query = parse("decision-making -self-help title:tool-shed")
    assert query.terms == words("decision", "making")
    assert query.excluded == words("self help")
    assert query.fields == (Term(("tool", "shed"), "title"),)
    assert query.name == "decision making"


@pytest.mark.parametrize(
    ("typed", "terms"),
    [
        ('"', ()),
        ('tool "shed', words("tool", "shed")),
        ("tool*", words("tool")),
        ("NEAR(tool shed)", words("near", "tool", "shed")),
        ("tool OR shed", words("tool", "shed")),
        ("price:high", words("price", "high")),
        ("http://tool.example", words("http", "tool", "example")),
        ("Repair-Café", words("repair", "cafe")),
        ("to\0ol", words("ol")),
        ("- -- :", ()),
        ("🔧", ()),
        ("the of and", ()),
    ],
)
def test_anything_else_is_words(typed: str, terms: tuple[Term, ...]) -> None:
    assert parse(typed).terms == terms


def test_stop_words_are_in_names_only() -> None:
    query = parse("the rules of the house")
    assert query.terms == words("rules", "house")
    assert query.name == "the rules of the house"


@pytest.mark.parametrize(
    ("typed", "terms"),
    [
        ("we're losing volunteers", words("losing", "volunteers")),
        ("I’m burned out", words("burned")),
        ("they'll say it isn't theirs, and won’t pay", words("say", "pay")),
        ("people dont trust us", words("people", "trust")),
        ("O'Reilly's list", words("o", "reilly", "list")),
        ("re-use", words("re", "use")),
        # Where they are all there is, they are what is meant.
        ("us", words("us")),
        ("dont us", words("dont", "us")),
        ('"trust us"', (Term(("trust", "us")),)),
    ],
)
def test_what_is_contracted_need_not_occur(typed: str, terms: tuple[Term, ...]) -> None:
    assert parse(typed).terms == terms


def test_a_name_keeps_what_is_contracted() -> None:
    assert parse("We're Us").name == "we re us"


def test_a_name_of_signs_alone_is_kept() -> None:
    assert parse("★").name == "★"


def test_a_long_query_is_cut() -> None:
    query = parse(" ".join(f"word{number}" for number in range(10_000)))
    assert len(query.typed) <= LONGEST
    assert len(query.terms) <= MOST_TERMS


@given(st.text())
def test_any_text_is_a_query(typed: str) -> None:
    query = parse(typed)
    for term in (*query.terms, *query.fields, *query.excluded):
        assert all(word == fold(word) and word for word in term.words)


@given(st.text(), st.text())
def test_similarity_is_a_share_and_has_no_direction(one: str, other: str) -> None:
    one, other = fold(one), fold(other)
    assert 0 <= similarity(one, other) == similarity(other, one) <= 1
    assert similarity(one, one) == (1 if grams(one) else 0)
