"""The search finds what somebody has in mind: floors over the example library, on committed queries."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import call_command

from tests.search.quality import MARKS, Item, items, measure, misspelt, rank_of, written

KNOWN = Path(__file__).with_name("known_items.jsonl")
OWN_WORDS = "own words"

pytestmark = pytest.mark.django_db


def test_known_items_of_the_example_library_are_found() -> None:
    call_command("import_patterns", str(settings.BASE_DIR / "fixtures/patterns"), "--publish", "-v0", workers=1)
    known = written(KNOWN)
    assert [item for item in known if item.kind != OWN_WORDS] == items(), "write the file anew: --write"
    figures = measure(known)
    for kind, (name, mark) in {**MARKS, OWN_WORDS: ("hit@10", 1.0)}.items():
        missed = [item.query for item in known if item.kind == kind and rank_of(item) != 1]
        assert figures[kind].value(name) >= mark, f"{kind}: {figures[kind]}, {missed}"
    assert figures[OWN_WORDS].mrr_10 >= 0.6, figures[OWN_WORDS]


def test_a_typing_error_is_in_each_long_word_and_always_the_same() -> None:
    title = "Tool Library of Neighbours"
    wrong = misspelt(title)
    assert wrong == misspelt(title)
    pairs = zip(title.split(), wrong.split(), strict=True)
    assert [one == other for one, other in pairs] == [True, False, True, False]


def test_an_item_that_is_not_there_has_no_rank() -> None:
    assert rank_of(Item("title", "Nothing of the kind", ("nothing",))) == 0
