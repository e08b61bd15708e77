"""Links to names that a pattern had, and to aliases that sound like its title."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest
from django.test import Client

from patterns_app.document.pattern import Relationship
from patterns_app.models import Pattern, PublicEdge
from patterns_app.models.working_copy import document_of
from patterns_app.publishing import publish_many, rebuild_snapshots, retract_many
from patterns_app.workflow import save_draft
from tests.factories import NOON, make_pattern

pytestmark = pytest.mark.django_db


def public(slug: str, *targets: str, **fields: Any) -> Pattern:
    links = tuple(Relationship("enables", target) for target in targets)
    pattern = make_pattern(**{"slug": slug, "status": "published", "relationships": links, **fields})
    assert publish_many([pattern.pk], at=NOON) == {}
    return pattern


def rename(pattern: Pattern, slug: str) -> None:
    said = dataclasses.replace(document_of(pattern), slug=slug)
    save_draft(Pattern.objects.get(pk=pattern.pk), document=said, author=None, at=NOON)
    publish_many([pattern.pk], at=NOON)


def leads_to(source: Pattern) -> int | None:
    return PublicEdge.objects.get(source=source.pk).target_id


def test_a_link_by_an_old_slug_leads_there_again_when_the_pattern_comes_back() -> None:
    door = public("door")
    rename(door, "gate")
    house = public("house", "door")
    assert leads_to(house) == door.pk
    retract_many([door.pk])
    publish_many([door.pk], at=NOON)
    found = leads_to(house)
    rebuild_snapshots()
    assert leads_to(house) == door.pk
    assert found == door.pk


def test_an_alias_that_is_the_title_in_other_letters_is_an_address_and_the_end_of_a_link(client: Client) -> None:
    door = public("pat-012", title="Shared tool library", aliases=("shared-tool-library",))
    house = public("house", "shared-tool-library")
    assert client.get("/patterns/shared-tool-library/").status_code == 301
    assert leads_to(house) == door.pk
