"""The form and the bytes: what a browser does to text must not reach the file."""

from __future__ import annotations

import pytest
from django.db import transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from patterns_app.document.body import Section
from patterns_app.document.reading import read
from patterns_app.forms.body import TypedSection, compose, restored
from patterns_app.forms.fields import kept, unbroken
from patterns_app.models import Pattern
from patterns_app.models.recording import Recorded, Signature, record
from patterns_app.models.revision import Origin
from patterns_app.models.working_copy import NameBook
from tests.browser import fields_of
from tests.factories import make_ada

FRONT = """\
---
slug: odd
title: 'Odd: "quoted" & <b>bold</b>'
aliases: ["a tail of spaces  ", " one in front", "a\\r\\nline", "tab\\there"]
summary: |
  First line.
    Indented, with a trailing space.\x20

  Last.
context_labels:
  tech: "  \\n led and trailed \\n"
  community: ""
ontology:
  commons_assessment: {resilience: 3.1415926535897931, ownership: 1e-07, autonomy: 5}
lifecycle: {status: mature, version: 1.10, confidence: 0}
relationships:
  enables: [{slug: far-away, weight: 0.1, typeid: pat_x}, {slug: "two\\nlines"}]
sources:
  - "Same."
  - "Same."
---
"""
BODIES = {
    "first newline": "\n\n> quote\n\n# One\n\ntext\n",
    "no final newline": "> quote\n# One\ntext\n# Two",
    "trailing spaces and tabs": "> quote  \n\t\n# One \t\n\tcode  \n\n\n",
    "form feed and odd spaces": "\f> quote\u00a0\u200b\n# One\u2028\ntext\u0085\n",
    "no sections": "just text\n",
    "empty": "",
    "crlf inside": "> quote\r\n# One\r\ntext\r\n# Two\ntext\n",
    "a lone carriage return": "> quote\n# One\nte\rxt\n",
    "a textarea that ends itself": "# One\n</textarea><b>&amp;\n",
}


def stored(text: str) -> Pattern:
    recorded = Recorded(None, text, read(text).document)
    with transaction.atomic():
        [(key, _)] = record([recorded], Signature(timezone.now(), Origin.IMPORT, None, ""), book=NameBook())
    return Pattern.objects.get(pk=key)


@pytest.fixture
def ada(client: Client, db: None) -> Client:
    """Ada's browser."""
    client.force_login(make_ada())
    return client


def sent(browser: Client, pattern: Pattern, **changes: str) -> str:
    """The text after the form was opened, changed and sent."""
    url = reverse("admin:patterns_app_pattern_change", args=[pattern.pk])
    fields = fields_of(browser.get(url).content, "pattern_form")
    response = browser.post(url, {**fields, **changes})
    assert response.status_code == 302, response.context["errors"]
    return Pattern.objects.get(pk=pattern.pk).text


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES)
def test_an_unchanged_form_leaves_every_byte(ada: Client, body: str, newline: str) -> None:
    text = FRONT.replace("\n", newline) + (body.replace("\n", newline) if "\r" not in body else body)
    pattern = stored(text)
    assert sent(ada, pattern) == text
    assert pattern.revisions.count() == 1


@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES)
def test_an_edited_title_leaves_the_body_alone(ada: Client, body: str) -> None:
    text = FRONT.replace("\n", "\r\n") + body
    after = sent(ada, stored(text), title="Even")
    assert after == text.replace("""'Odd: "quoted" & <b>bold</b>'""", "'Even'")


def test_an_edited_section_takes_the_line_ending_of_its_body(ada: Client) -> None:
    text = (FRONT + "> quote\n# One\nfirst\nsecond\n# Two\nlast").replace("\n", "\r\n")
    after = sent(ada, stored(text), **{"sections-0-text": "first\r\nsecond and\r\nthird\r\n"})
    assert after == text.replace("second", "second and\r\nthird")


def test_an_edited_heading_keeps_its_line_ending(ada: Client) -> None:
    text = (FRONT + "# One\ntext\n# Two").replace("\n", "\r\n")
    after = sent(ada, stored(text), **{"sections-0-heading": "# 1", "sections-1-heading": "# 2"})
    assert after == text.replace("# One", "# 1").replace("# Two", "# 2")


def test_lines_that_were_not_edited_keep_their_own_endings() -> None:
    assert restored("a\nb\r\nc\nd\n", "a\r\nb\r\nC\r\nd\r\n", "\n") == "a\nb\r\nC\nd\n"


def test_text_is_only_as_typed_where_it_was_typed() -> None:
    assert kept("a\r\nb", "a\r\nb") == "a\r\nb"
    assert kept("a\rb", "a\r\nb") == "a\rb"
    assert kept("a\r\nb", "a\r\nc") == "a\nc"


Texts = st.text(st.sampled_from("ab#> \t\r\n"), max_size=30)


@given(before=Texts, newline=st.sampled_from(["\n", "\r\n"]))
def test_a_text_that_went_through_a_browser_comes_back(before: str, newline: str) -> None:
    assert restored(before, unbroken(before).replace("\n", "\r\n"), newline) == before


@given(before=Texts, typed=Texts, newline=st.sampled_from(["\n", "\r\n"]))
def test_a_typed_text_says_what_was_typed(before: str, typed: str, newline: str) -> None:
    assert unbroken(restored(before, typed, newline)) == unbroken(typed)


SECTIONS = (Section("# One\n", "first\n\n"), Section("# Two\n", "second"))


def composed(*sections: TypedSection, preamble: str = "> quote\n\n") -> str:
    return compose(preamble=preamble, sections=sections, before="> quote\n\n", base=SECTIONS, newline="\n")


def test_a_section_that_moves_up_starts_a_line_of_its_own() -> None:
    two, one = TypedSection(1, "# Two", "second"), TypedSection(0, "# One", "first\r\n\r\n")
    assert composed(two, one) == "> quote\n\n# Two\nsecond\n\n# One\nfirst\n\n"


def test_a_new_section_is_set_off_by_a_blank_line() -> None:
    one, new = TypedSection(0, "# One", "first\r\n\r\n"), TypedSection(None, "# New", "text")
    two = TypedSection(1, "# Two", "second")
    assert composed(one, new, two) == "> quote\n\n# One\nfirst\n\n# New\ntext\n\n# Two\nsecond"
    assert composed(one, two, new) == "> quote\n\n# One\nfirst\n\n# Two\nsecond\n\n# New\ntext\n"


def test_a_preamble_typed_without_a_last_newline_does_not_swallow_the_heading() -> None:
    assert composed(TypedSection(0, "# One", "first\r\n\r\n"), preamble="> other") == "> other\n# One\nfirst\n\n"
