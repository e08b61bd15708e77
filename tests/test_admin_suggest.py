"""Patterns suggested for the target of a relationship."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from patterns_app.admin.suggest import MOST, suggested
from patterns_app.publishing import publish_many
from patterns_app.workflow import save_draft
from patterns_app.workflow.permissions import is_allowed
from tests.factories import NOON, make_ada, make_cy, make_document, make_pattern, make_user

pytestmark = pytest.mark.django_db

ADDRESS = "/admin/patterns_app/pattern/suggest/"


def slugs(person: User, typed: str) -> list[str]:
    return [suggestion.slug for suggestion in suggested(person, typed)]


def make_dee() -> User:
    """Dee contributes: she sees what she wrote, and what is public."""
    return make_user("dee", can=("add_pattern",))


def test_the_very_name_comes_first_then_beginnings_then_words_then_the_rest() -> None:
    ada = make_ada()
    for slug in ("old-tools", "stools", "tool-shed", "tool", "tool-library-network"):
        make_pattern(slug=slug)
    assert slugs(ada, "tool") == ["tool", "tool-shed", "tool-library-network", "old-tools", "stools"]


def test_patterns_are_found_by_title_alias_slug_and_id() -> None:
    ada = make_ada()
    make_pattern(slug="rc", title="Repair café", aliases=("Mending table",), id="pat_01kjj4j5hcfy8at1kyx8kezg7c")
    for typed in ("rc", "repair caf", "café", "mending", "mending-table", "pat_01kjj4j5hcfy8at1kyx8kezg7c"):
        assert slugs(ada, typed) == ["rc"], typed
    [found] = suggested(ada, "mending")
    assert (found.title, found.alias) == ("Repair café", "Mending table")


def test_only_what_leads_there_is_exact() -> None:
    ada = make_ada()
    make_pattern(slug="repair-cafe", title="Repair café", aliases=("Mending table", "Fixing"))
    make_pattern(slug="workshop", aliases=("Fixing",))
    exact = {
        typed: [one.slug for one in suggested(ada, typed) if one.is_exact]
        for typed in ("repair-cafe", "Repair café", "mending table", "Mending", "fixing")
    }
    assert exact == {
        "repair-cafe": ["repair-cafe"],
        "Repair café": [],
        "mending table": ["repair-cafe"],
        "Mending": [],
        "fixing": [],
    }


def test_at_most_twelve_in_at_most_three_queries() -> None:
    ada, dee = make_ada(), make_dee()
    for number in range(30):
        make_pattern(slug=f"tool-{number}", author=dee, aliases=(f"Tooling {number}",))
    for person in (ada, dee):
        is_allowed(person, "view")
        with CaptureQueriesContext(connection) as captured:
            assert len(suggested(person, "tool")) == MOST
        assert len(captured) <= 3


def test_nothing_typed_finds_nothing() -> None:
    make_pattern()
    ada = make_ada()
    assert suggested(ada, "  ") == []
    assert suggested(ada, "\0") == []


def test_signs_that_mean_something_to_the_database_are_only_signs() -> None:
    make_pattern(slug="plain")
    make_pattern(slug="hundred", title="100% shared_use")
    ada = make_ada()
    assert slugs(ada, "%") == ["hundred"]
    assert slugs(ada, "d_u") == ["hundred"]


def test_a_contributor_is_offered_what_is_public_as_the_public_knows_it_and_her_own() -> None:
    dee, ada = make_dee(), make_ada()
    public = make_pattern(slug="street-party", title="Street party", status="published")
    publish_many([public.pk], at=NOON)
    make_pattern(slug="street-secret", title="Street secret")
    make_pattern(slug="street-mine", title="Street mine", aliases=("Lane",), author=dee)
    save_draft(
        public,
        document=make_document(slug="street-plot", title="Street plot", aliases=("Boulevard",), status="published"),
        author=ada,
        at=NOON,
    )
    assert set(slugs(ada, "street")) == {"street-plot", "street-secret", "street-mine"}
    assert set(slugs(dee, "street")) == {"street-party", "street-mine"}
    assert slugs(dee, "plot") == []
    assert slugs(dee, "boulevard") == []
    assert slugs(dee, "lane") == ["street-mine"]
    assert {one.title for one in suggested(dee, "street")} == {"Street party", "Street mine"}


def test_the_endpoint_answers_those_who_see_or_write_patterns(client: Client) -> None:
    make_pattern(slug="tool", title="Tool")
    assert client.get(ADDRESS, {"q": "tool"}).status_code == 302
    client.force_login(make_user("eve"))
    assert client.get(ADDRESS, {"q": "tool"}).status_code == 403
    client.force_login(make_cy())
    response = client.get(ADDRESS, {"q": "tool"})
    assert response.json() == {"results": [{"slug": "tool", "title": "Tool", "alias": "", "exact": True}]}
    assert "no-store" in response["Cache-Control"]
