"""Links in the text, of public pages and of a preview."""

from __future__ import annotations

import dataclasses

import pytest
from django.test import Client

from patterns_app.document.body import Section
from patterns_app.document.pattern import (
    Relationship,
)
from patterns_app.models import Pattern
from patterns_app.models.working_copy import document_of
from patterns_app.publishing import publish_many, retract_many
from patterns_app.views.page import shown
from patterns_app.workflow import save_draft
from tests.desk import FULL
from tests.factories import NOON, make_document, make_pattern
from tests.pattern_page.looking import Page, get, looked_at, make_public

pytestmark = pytest.mark.django_db


def test_links_in_a_text_lead_to_public_patterns_and_are_words_otherwise() -> None:
    body = "[Door](open-door.md#hinge) [Secret](secret-plan.md) [Moved](old-name.md) [folder](docs/) [[Open door]]\n"
    renamed = make_public("old-name")
    said = dataclasses.replace(document_of(renamed), slug="new-name")
    save_draft(Pattern.objects.get(pk=renamed.pk), document=said, author=None, at=NOON)
    publish_many([renamed.pk], at=NOON)
    make_public("open-door")
    make_pattern(slug="secret-plan", title="A title nobody may know")
    make_public(sections=(Section("## Context\n", body),))
    html = get()
    page = Page(html)
    assert "/patterns/open-door/#s-hinge" in page.links
    assert "/patterns/new-name/" in page.links
    assert page.links.count("/patterns/open-door/") == 1
    assert "secret-plan" not in html.replace('"unwritten"', "")
    assert '<span class="unwritten" title="This pattern is not written yet">Secret</span>' in html
    assert "data-pattern" not in html
    retract_many([Pattern.objects.get(slug="open-door").pk])
    assert not [link for link in looked_at().links if "open-door" in link]


def test_no_link_of_any_page_of_the_example_library_is_broken() -> None:
    slugs = [f"p-{number}" for number in range(4)]
    for number, slug in enumerate(slugs):
        make_public(
            slug,
            **{
                **FULL,
                "id": "",
                "aliases": (),
                "relationships": (Relationship("enables", slugs[number - 1], 0.5), Relationship("tools", "unwritten")),
                "sections": (
                    Section("## A\n", f"[x]({slugs[number - 2]}.md) [y](unwritten.md) [z](#a) [q](img/x/)\n"),
                ),
            },
        )
    for slug in slugs:
        page = looked_at(slug)
        for link in page.links:
            if link.startswith("#"):
                assert link[1:] in page.ids
            elif link.startswith("/") and not link.startswith(("/about", "/map", "/recent", "/browse", "/domains")):
                assert Client().get(link.partition("#")[0]).status_code in (200, 301, 302), link


def test_the_page_of_a_document_without_a_snapshot_names_public_patterns_only() -> None:
    make_public("open-door", title="Open door")
    make_pattern(slug="secret-plan", title="A title nobody may know")
    page = shown(
        make_document(
            relationships=(Relationship("enables", "open-door"), Relationship("requires", "secret-plan")),
            sections=(Section("## A\n", "[a](open-door.md) [b](secret-plan.md)\n"),),
        )
    )
    said = f"{page.relationships}{page.body.text}"
    assert said.count('href="/patterns/open-door/"') == 2
    assert "A title nobody may know" not in said
    assert "/patterns/secret-plan/" not in said
