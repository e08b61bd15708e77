"""Any document has a page: well formed, in two queries, however much it says."""

from __future__ import annotations

import dataclasses
import re

import pytest
from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from hypothesis import assume, given, settings

from patterns_app.document.body import Section
from patterns_app.document.pattern import (
    InferredLink,
    PatternDocument,
    Relationship,
)
from patterns_app.models import Pattern, PublicEdge, Snapshot
from patterns_app.publishing import publish_many
from patterns_app.views.page import record_at
from patterns_app.views.page.records import surroundings_of
from patterns_app.workflow import create_draft
from tests.desk import FULL
from tests.document.strategies import documents
from tests.factories import NOON
from tests.pattern_page.looking import get, looked_at, make_public

pytestmark = pytest.mark.django_db


@settings(max_examples=60)
@given(documents())
def test_the_page_of_every_document_that_can_be_published_is_well_formed(document: PatternDocument) -> None:
    slug = document.slug if document.slug.strip() else "some-slug"
    with transaction.atomic():
        try:
            said = dataclasses.replace(document, slug=slug, status="published")
            pattern = create_draft(document=said, author=None, at=NOON)
        except (ValueError, ValidationError):
            transaction.set_rollback(True)
            assume(False)
        assert publish_many([pattern.pk], at=NOON) == {}
        pages = [looked_at(slug), looked_at(slug, "corporate")]
        transaction.set_rollback(True)
    for page in pages:
        assert [tag for tag, _ in page.tags].count("h1") == 1
        assert len(page.ids) == len(set(page.ids))
        assert all(said.get("style") is None and "onclick" not in said for _, said in page.tags)
        missing = {link[1:] for link in page.links if link.startswith("#")} - {*page.ids}
        assert not missing


def test_a_page_takes_two_queries_for_any_number_of_relationships_labels_and_links_in_its_text() -> None:
    def queries(count: int) -> int:
        slug = f"with-{count}"
        links = "".join(f"[x](other-{number}.md) [y](unwritten-{number}.md) " for number in range(count))
        named = make_public(
            slug,
            relationships=tuple(Relationship("enables", f"other-{number}", 0.5) for number in range(count)),
            inferred_links=tuple(InferredLink(f"other-{number}", "similar", 0.5) for number in range(count)),
            sections=(Section("## Context\n", f"{links}\n"),),
            **{name: FULL[name] for name in ("context_labels", "entities", "communities", "contributors", "sources")},
        )
        Pattern.objects.filter(pk=named.pk).update(successor=others[0])
        Snapshot.objects.filter(pk=named.pk).update(successor=others[0], status="deprecated")
        with CaptureQueriesContext(connection) as captured:
            page = get(slug, "corporate")
        assert page.count("Other 1") > 2
        return len(captured)

    others = [
        make_public(
            f"other-{number}", relationships=tuple(Relationship("requires", f"with-{count}") for count in (2, 40))
        )
        for number in range(40)
    ]
    assert queries(2) == queries(40) == 2


def test_the_edges_of_a_pattern_are_found_by_indexes() -> None:
    pks = [make_public(f"house-{number}", relationships=(Relationship("enables", "door"),)).pk for number in range(3)]
    record = record_at("house-1")
    assert record
    with CaptureQueriesContext(connection) as captured:
        surroundings_of(record.snapshot, ["house-2"], "")
    [query] = captured.captured_queries
    assert len(pks) == 3
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            # So few rows are read one after the other, unless that is forbidden.
            cursor.execute("SET LOCAL enable_seqscan = off")
            cursor.execute(f"EXPLAIN {query['sql']}")
        else:
            cursor.execute(f"EXPLAIN QUERY PLAN {query['sql']}")
        plan = "\n".join(str(row[-1]) for row in cursor.fetchall())
    assert "Seq Scan" not in plan, plan
    assert not re.search(r"SCAN (e|s|a)\b|SCAN patterns_app_public", plan), plan


def test_a_giant_pattern_is_rendered_once_and_shown_with_short_contents() -> None:
    paragraph = "A *word* and [another](open-door.md) with `code` | and more. " * 20
    sections = tuple(
        Section(f"## {number}. Part\n", f"{paragraph}\n\n### Below\n\n#### Deeper\n\n{paragraph}\n\n")
        for number in range(140)
    )
    make_public("open-door")
    make_public(sections=sections)
    record = record_at("shared-tool-library")
    assert record
    assert len(record.text) > 337_000
    html = get()
    assert len(html) < 3 * len(record.text)
    contents = html[
        html.index('<nav aria-label="Contents"') : html.index("</nav>", html.index('aria-label="Contents"'))
    ]
    assert contents.count("<li") == 140 * 2 + 2
    assert "Deeper" not in contents
    assert html.count("/patterns/open-door/") >= 140 * 40
    assert PublicEdge.objects.count() == 0
