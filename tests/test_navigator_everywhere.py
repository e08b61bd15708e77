"""In every view the audience's words, and beside them the title."""

from __future__ import annotations

import pytest
from django.test import Client

from patterns_app.document.pattern import ContextLabel, Relationship
from patterns_app.publishing import publish_many
from patterns_app.views.navigator import linked
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


def test_an_apostrophe_in_an_address_is_no_place_in_a_page(client: Client) -> None:
    pattern = make_pattern(slug="people's-house", status="published")
    publish_many([pattern.pk], at=NOON)
    page = client.get("/browse/?audience=tech").content.decode()
    assert 'href="/patterns/people&#x27;s-house/?audience=tech"' in page


@pytest.mark.parametrize(
    ("address", "with_audience"),
    [
        ("/patterns/a&#x27;b/", "/patterns/a&#x27;b/?audience=tech"),
        ("/patterns/a&#39;b/#s-here", "/patterns/a&#39;b/?audience=tech#s-here"),
        ("?q=a&#x27;b&amp;sort=title#here", "?q=a&#x27;b&amp;sort=title&amp;audience=tech#here"),
        ("?q=a&sort=title", "?q=a&sort=title&amp;audience=tech"),
        ("/patterns/a&amp;b/", "/patterns/a&amp;b/?audience=tech"),
        ("/patterns/a&#x27;b.md", "/patterns/a&#x27;b.md"),
        ("#s-here", "#s-here"),
    ],
)
def test_a_link_names_the_audience_before_its_place(address: str, with_audience: str) -> None:
    assert linked(f'<a href="{address}">'.encode(), "tech").decode() == f'<a href="{with_audience}">'
