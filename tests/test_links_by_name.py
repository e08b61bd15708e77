"""Links to names that a pattern had, and to aliases that sound like its title."""

from __future__ import annotations

import pytest
from django.test import Client

from patterns_app.models import Pattern, PublicEdge
from patterns_app.publishing import publish_many, rebuild_snapshots, retract_many
from tests.factories import NOON
from tests.published import public, rename

pytestmark = pytest.mark.django_db


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
