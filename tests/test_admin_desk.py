"""What the page of a pattern shows beside its form."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse
from django.utils.html import escape

from patterns_app.document.body import Section
from patterns_app.models.working_copy import document_of
from tests.desk import FULL, address, edited, messages_of, text_of
from tests.factories import make_ada, make_pattern

pytestmark = pytest.mark.django_db


@pytest.fixture
def ada(client: Client) -> Client:
    """Ada's browser."""
    client.force_login(make_ada())
    return client


def test_relationships_show_where_they_lead(ada: Client) -> None:
    target = make_pattern(slug="repair-cafe", title="Repair café", aliases=("Trust",))
    page = ada.get(address(make_pattern(**FULL))).content.decode()
    assert f'<a href="{address(target)}">Repair café</a>' in page
    assert "by alias" in page
    assert '<span class="wanted">wanted</span>' in page


def test_a_pattern_shows_what_points_at_it(ada: Client) -> None:
    pattern = make_pattern(slug="repair-cafe")
    pointing = make_pattern(**FULL)
    page = ada.get(address(pattern)).content.decode()
    assert f'<a href="{address(pointing)}">Shared tool library</a>' in page
    assert "enabled by" in page


def test_problems_of_the_file_and_keys_the_format_does_not_know_are_shown(ada: Client) -> None:
    pattern = make_pattern()
    text = (
        text_of(pattern).replace("---\n", "---\nring: [1, 2] # inner\n", 1).replace("confidence: null", "confidence: 9")
    )
    pattern.revisions.update(text=text)
    response = ada.get(address(pattern))
    assert [key.path for key in response.context["desk"].other_keys] == ["ring"]
    assert b"<pre>ring: [1, 2]</pre>" in response.content
    [problem] = [problem for problem in response.context["desk"].problems if problem.code == "out-of-range"]
    assert problem.key == "lifecycle.confidence"
    assert escape(problem.message) in response.content.decode()


def test_the_computed_means_stand_beside_the_overall_score(ada: Client) -> None:
    desk = ada.get(address(make_pattern(**FULL))).context["desk"]
    assert [(mean.name, round(mean.value, 3), mean.is_as_stated) for mean in desk.means] == [
        ("seven pillars", 3.214, True),
        ("pillars and vitality", 3.263, False),
    ]
    assert desk.band == "sustaining"


def test_a_pattern_that_does_not_exist_leads_back_to_the_list(ada: Client) -> None:
    response = ada.get(reverse("admin:patterns_app_pattern_change", args=["12345"]), follow=True)
    assert "There is no pattern 12345." in messages_of(response)
    assert ada.get(reverse("admin:patterns_app_pattern_change", args=["x"])).status_code == 302


def test_patterns_are_archived_never_deleted(ada: Client) -> None:
    pattern = make_pattern()
    assert b"deletelink" not in ada.get(address(pattern)).content
    assert ada.post(reverse("admin:patterns_app_pattern_delete", args=[pattern.pk]), {"post": "yes"}).status_code == 403


def test_a_section_typed_into_another_becomes_a_section(ada: Client) -> None:
    pattern = make_pattern()
    edited(ada, pattern, **{"sections-1-text": "Tools are dear.\r\n\r\n### Section 3: Solution\r\nLend them.\r\n"})
    assert document_of(pattern).sections[2] == Section("### Section 3: Solution\n", "Lend them.\n")
