"""Narrowing a search narrows it to what the lists have under that name."""

from __future__ import annotations

import pytest
from django.test import Client

from patterns_app.publishing import publish_many
from tests.factories import NOON, make_pattern

pytestmark = pytest.mark.django_db


def test_two_spellings_of_a_domain_are_one_in_search_and_feed_as_in_lists(client: Client) -> None:
    pks = [
        make_pattern(slug=slug, domain=domain, status="published").pk
        for slug, domain in (("door", "Green Finance"), ("gate", "green finance"), ("hatch", "Green finance"))
    ]
    publish_many(pks, at=NOON)
    listed = client.get("/domains/green-finance/").content.decode()
    assert all(f"/patterns/{slug}/" in listed for slug in ("door", "gate", "hatch"))
    found = client.get("/api/search?q=neighbours&domain=green-finance").json()
    assert found["total"] == 3
    feed = client.get("/feeds/domain/Green Finance/", follow=True).content.decode()
    assert all(f"/patterns/{slug}/" in feed for slug in ("door", "gate", "hatch"))
