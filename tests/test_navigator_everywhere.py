"""In every view the audience's words, and beside them the title."""

from __future__ import annotations

import pytest
from django.test import Client

from patterns_app.document.pattern import ContextLabel, Relationship
from patterns_app.publishing import publish_many
from tests.factories import NOON, make_pattern

pytestmark = pytest.mark.django_db

VIEWS = [
    "/", "/browse/", "/recent/", "/domains/neighbourhood/", "/patterns/house/", "/patterns/door/", "/map/list/",
    "/map/data.json",
    "/search/?q=door", "/search/suggest/?q=door", "/path/?from=house&to=door", "/api/patterns", "/api/search?q=door",
    "/api/graph?from=house", "/api/graph", "/api/patterns/house/relationships", "/patterns/doorr/",
]  # fmt: skip


@pytest.mark.parametrize("view", VIEWS)
def test_a_view_says_the_label_and_the_title(client: Client, view: str) -> None:
    door = make_pattern(
        slug="door", title="Door", status="published", context_labels=(ContextLabel("tech", "Portcullis"),)
    )
    house = make_pattern(
        slug="house", title="House", status="published", relationships=(Relationship("enables", "door"),)
    )
    publish_many([door.pk, house.pk], at=NOON)
    said = client.get(view + ("&" if "?" in view else "?") + "audience=tech").content.decode()
    assert "Portcullis" in said
    assert "Door" in said
