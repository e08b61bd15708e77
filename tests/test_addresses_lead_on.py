"""What a page says of a link, its data formats say too; and a redirect keeps the reader's words."""

from __future__ import annotations

import pytest
from django.test import Client

from patterns_app.document.pattern import ContextLabel
from patterns_app.publishing import retract_many
from tests.published import public, rename

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("name", ["old-door", "way-in"])
def test_a_link_by_an_old_slug_or_an_alias_leads_to_the_same_pattern_in_every_format(client: Client, name: str) -> None:
    door = public("old-door", aliases=("Way in",))
    rename(door, "door")
    public("house", name)
    assert b'href="/patterns/door/"' in client.get("/patterns/house/").content
    [of_api] = client.get("/api/patterns/house/relationships").json()["relationships"]
    assert of_api["pattern"]["slug"] == "door"
    [of_file] = client.get("/patterns/house.json").json()["relationships"]
    assert of_file["pattern"] is not None
    assert of_file["pattern"]["slug"] == "door"
    assert "/patterns/door/" in client.get("/patterns/house.ttl").content.decode()


@pytest.mark.parametrize("address", ["/patterns/old-door/", "/patterns/way-in/", "/id/pat_01kjj4j5hcfy8at1kyx8kezg7c/"])
def test_an_address_that_leads_on_keeps_the_audience(client: Client, address: str) -> None:
    door = public(
        "old-door",
        id="pat_01kjj4j5hcfy8at1kyx8kezg7c",
        aliases=("Way in",),
        context_labels=(ContextLabel("tech", "Entry point"),),
    )
    rename(door, "door")
    response = client.get(f"{address}?audience=tech", follow=True)
    assert response.redirect_chain[-1][0].endswith("?audience=tech")


@pytest.mark.parametrize(
    "address", ["/map/", "/map/data.json", "/map/list/", "/search/?q=door", "/search/suggest/?q=do", "/path/"]
)
def test_every_public_address_says_when_it_last_changed(client: Client, address: str) -> None:
    public("door")
    response = client.get(address)
    assert response.status_code == 200
    assert "ETag" in response
    assert "Last-Modified" in response


def test_an_audience_in_any_script_can_be_chosen(client: Client) -> None:
    response = client.get("/navigator/", {"to": "разработчики", "next": "/"})
    # What a server writes on the wire.
    for morsel in response.cookies.values():
        morsel.output(header="").encode("latin-1")


def test_the_permanent_address_of_what_was_taken_back_says_that_it_is_gone(client: Client) -> None:
    door = public("door", id="pat_01kjj4j5hcfy8at1kyx8kezg7c")
    retract_many([door.pk])
    assert client.get("/patterns/door/").status_code == 410
    assert client.get("/id/pat_01kjj4j5hcfy8at1kyx8kezg7c/").status_code == 410
