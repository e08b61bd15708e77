"""Where a pattern comes from, and what to copy."""

from __future__ import annotations

import pytest

from patterns_app.document.pattern import (
    ContextLabel,
)
from patterns_app.models import Snapshot
from patterns_app.publishing import retract_many
from tests.desk import FULL
from tests.pattern_page.looking import Page, get, looked_at, make_public

pytestmark = pytest.mark.django_db


def test_provenance_says_who_whence_when_and_under_which_license() -> None:
    sources = ("A. Lender, Things (2014). https://example.org/things.", "<b>by hand</b>")
    make_public(**{**FULL, "sources": sources, "created": "2026-01-28 00:00:00+00:00", "modified": "2026-02-01"})
    html = get()
    page = Page(html)
    for said in ("ada , bo (reviewer)", "CC BY-SA 4.0", "by the neighbours", "1 March 2026", "2026-02-01"):
        assert said.replace(" ,", ",") in page.text()
    assert "2026-01-28 00:00" not in html
    assert "https://example.org/things" in page.links
    assert "<b>by hand" not in html
    digest = Snapshot.objects.select_related("revision").get().revision.digest
    assert digest[:12] in page.text("dd")


def test_the_credit_names_title_author_source_and_license_in_one_line() -> None:
    make_public(**FULL)
    html = get()
    assert (
        "“Shared tool library” by ada &amp; bo, Pattern library, http://localhost:8000/patterns/shared-tool-library/, "
        "is licensed under CC BY-SA 4.0 (https://creativecommons.org/licenses/by-sa/4.0/). "
        "Attribution: by the neighbours"
    ) in html
    page = Page(html)
    assert "@misc{shared-tool-library," in page.text("pre")
    assert "&quot;type&quot;: &quot;webpage&quot;" in html
    buttons = [said for tag, said in page.tags if tag == "button" and said.get("class") == "copy"]
    assert all("hidden" in said for said in buttons), "nothing copies without a script"
    assert {said.get("data-copies") for said in buttons} - {None} <= {*page.ids}
    assert {said.get("data-fetches") for said in buttons} - {None} == {"/patterns/shared-tool-library.md"}


def test_a_deprecated_pattern_names_its_successor_in_the_words_of_the_audience() -> None:
    better = make_public("better", title="Better", context_labels=(ContextLabel("tech", "Next major"),))
    old = make_public("old")
    Snapshot.objects.filter(pk=old.pk).update(status="deprecated", successor=better)
    assert "Deprecated. Use Better instead." in looked_at("old").text()
    assert "Deprecated. Use Next major Better instead." in looked_at("old", "tech").text()
    retract_many([better.pk])
    assert "It should no longer be used." in looked_at("old").text()
