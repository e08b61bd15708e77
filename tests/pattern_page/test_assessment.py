"""The assessment as a chart, and in numbers."""

from __future__ import annotations

import pytest

from patterns_app.views.page.chart import chart_of
from tests.desk import FULL
from tests.factories import make_document
from tests.pattern_page.looking import looked_at, make_public

pytestmark = pytest.mark.django_db


def test_a_pillar_without_a_score_has_no_bar_and_is_not_called_nothing() -> None:
    make_public(stakeholder_architecture=4.0, ownership=0.0, vitality=3.6, vitality_reasoning="It lives.")
    page = looked_at()
    bars = [said["width"] for tag, said in page.tags if tag == "rect" and said.get("class") in ("pillar", "vitality")]
    assert bars == ["96.0", "0.0", "86.4"]
    assert page.text("table").count("not scored") == 5
    assert "Vitality 3.6: sustaining. It lives." in page.text()


def test_the_chart_has_a_name_a_description_and_a_table_with_the_same_numbers() -> None:
    make_public(**FULL)
    page = looked_at()
    chart = next(said for tag, said in page.tags if tag == "svg" and said.get("class") == "chart")
    assert chart["role"] == "img"
    assert set(chart["aria-labelledby"].split()) <= {*page.ids}
    for row in ("Stakeholder architecture3", "Resilience3.5", "Composability2", "Vitality3.6"):
        assert row in "".join(page.words["table"])


def test_there_is_no_assessment_where_nothing_was_assessed() -> None:
    assert chart_of(make_document()) is None
    make_public()
    assert "assessment" not in looked_at().ids
