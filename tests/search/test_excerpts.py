"""Where an excerpt is cut, from HTML as pages have it."""

from __future__ import annotations

import html as entities
import re

import pytest
from django.utils.safestring import SafeString
from hypothesis import given
from hypothesis import strategies as st

from patterns_app.rendering import render
from patterns_app.search.excerpts import LENGTH, Excerpt, excerpt, marker
from patterns_app.search.query import fold


def cut(markdown: str, *words: str, summary: str = "") -> Excerpt:
    return excerpt(render(markdown), summary, marker(words))


def test_the_place_where_most_words_stand_together_is_shown_with_its_heading() -> None:
    found = cut("Ladders.\n\n## One\n\nA ladder.\n\n## Two\n\nShared ladders and tools.\n", "ladder", "tool", "share")
    assert (found.section, found.anchor) == ("Two", "s-two")
    assert found.text == "<mark>Shared</mark> <mark>ladders</mark> and <mark>tools</mark>."


@pytest.mark.parametrize(
    "markdown",
    [
        "# Lathes\n\nNothing.\n",
        "[here](https://lathe.example/lathe)\n",
        "Q&A\n",
        "unlathed\n",
    ],
)
def test_words_in_headings_addresses_entities_and_within_other_words_are_no_place(markdown: str) -> None:
    assert cut(markdown, "lathe", "amp", summary="The summary.") == Excerpt("", "", SafeString("The summary."))


def test_a_long_text_is_cut_between_words_and_never_within_a_tag() -> None:
    found = cut("**word** [other](https://example.org/a) " * 100 + "lathe " + "*more* `code` " * 100, "lathe")
    text = found.text.replace("<mark>", "").replace("</mark>", "")
    assert "<mark>lathe</mark>" in found.text
    assert text.startswith("… ")
    assert text.endswith(" …")
    assert set(text.split()) <= {"…", "word", "other", "lathe", "more", "code"}
    assert len(text) <= LENGTH + 4


def test_a_word_that_stands_far_behind_is_found_and_an_early_place_is_not_given_up_for_a_late_one() -> None:
    far = "Nothing.\n\n" * 1_000
    assert cut(f"# One\n\n{far}# Two\n\nA lathe.\n", "lathe").section == "Two"
    assert cut(f"# One\n\nA lathe.\n\n{far}# Two\n\nA lathe and a drill.\n", "lathe", "drill").section == "One"


def test_a_word_at_the_very_end_of_a_long_text_is_found() -> None:
    found = cut(f"# One\n\n{'Nothing. ' * 20_000}\n\n# Two\n\nA lathe.\n", "lathe")
    assert (found.section, found.text) == ("Two", "A <mark>lathe</mark>.")


@pytest.mark.parametrize(
    ("text", "marked"),
    [
        ("Eine Straße.", "Eine <mark>Straße</mark>."),
        ("Một nước việt.", "Một nước <mark>việt</mark>."),
        ("Στην Ελλάδα.", "Στην <mark>Ελλάδα</mark>."),
        ("Λόγος.", "<mark>Λόγος</mark>."),
        ("Мой дом.", "<mark>Мой</mark> дом."),
    ],
)
def test_words_are_marked_as_they_are_compared(text: str, marked: str) -> None:
    words = [fold(word) for word in ("straße", "việt", "Ελλάδα", "λόγος", "мой")]
    assert cut(text, *words).text == marked


def test_accents_do_not_matter_and_stay() -> None:
    assert cut("İzmir'de bir kafé.\n", "kafe").text == "İzmir&#x27;de bir <mark>kafé</mark>."


PIECES = st.sampled_from(
    ["lathe ", "Lathes, ", "&lt;", "*a* ", "**b", "`<c>` ", "\n\n## h\n\n", "é", "[x](y.md) ", "> "]
)


@given(st.lists(PIECES, max_size=60))
def test_every_excerpt_is_part_of_the_text_and_holds_a_word_of_it(pieces: list[str]) -> None:
    html = render("".join(pieces))
    found = excerpt(html, "", marker(["lathe"]))
    said = entities.unescape(re.sub("</?mark>", "", found.text)).removeprefix("… ").removesuffix(" …")
    assert "<" not in re.sub("</?mark>", "", found.text)
    whole = " ".join(entities.unescape(re.sub("<[^>]*>", " ", html)).split())
    assert said in whole
    assert found.text == "" or "<mark>" in found.text
