"""What readers and programs asked of the library in their own way: audiences, pages of hits, ways between patterns."""

from __future__ import annotations

import re

import pytest
from django.test import Client

from patterns_app.document.pattern import ContextLabel, Relationship
from tests.published import public

pytestmark = pytest.mark.django_db


@pytest.fixture
def door() -> None:
    public("door", title="Door", context_labels=(ContextLabel("tech", "Portcullis"),))


def test_an_audience_in_capitals_is_none_or_the_same_one(client: Client, door: None) -> None:
    """Either way, but not a list of patterns that it has a word for, without the word."""
    listed = client.get("/api/patterns?audience=Tech").json()["patterns"]
    assert [one["label"] for one in listed] in ([], ["Portcullis"])


def test_a_page_of_hits_behind_the_last_is_empty(client: Client) -> None:
    for number in range(11):
        public(f"bench-{number}", title=f"Bench {number}")
    pages = [client.get(f"/api/search?q=bench&page={page}").json() for page in (1, 2, 3)]
    assert [len(page["hits"]) for page in pages] == [10, 1, 0]


def test_the_choice_of_an_audience_keeps_that_of_its_address(client: Client, door: None) -> None:
    page = client.get("/navigator/?audience=tech").content.decode()
    assert 'href="/browse/?audience=tech"' in page


def test_a_place_on_the_page_stays_behind_the_audience(client: Client, door: None) -> None:
    response = client.get("/navigator/?to=tech&next=/patterns/door/%23problem")
    assert response["Location"] == "/patterns/door/?audience=tech#problem"


def test_a_hit_is_headed_by_the_audiences_word(client: Client, door: None) -> None:
    page = client.get("/search/?q=door&audience=tech").content.decode()
    heading = re.search(r'<h2><a href="/patterns/door/[^"]*">(.*?)</a>', page)
    assert heading
    assert heading[1].startswith("Portcullis")


def test_two_patterns_of_one_title_can_be_told_apart(client: Client) -> None:
    public("bench-in-town", title="Bench", domain="streets")
    public("bench-at-home", title="Bench", domain="gardens")
    page = client.get("/path/?from=Bench").content.decode()
    texts = {
        re.sub(r"<[^>]*>|\s+", " ", entry).strip()
        for entry in re.findall(r"(?s)<li>(.*?)</li>", page)
        if "Bench" in entry
    }
    assert len(texts) == 2


def test_a_way_begins_at_a_title_in_whatever_case(client: Client) -> None:
    public("safety", title="Psychological Safety")
    public("resilience", title="Shame Resilience", aliases=("Psychological Safety Culture",))
    page = client.get("/path/?from=PSYCHOLOGICAL+SAFETY").content.decode()
    assert "Which one is" not in page


def test_a_narrowed_search_does_not_speak_for_the_whole_library(client: Client) -> None:
    public("bench", title="Bench", summary="A safe place to mend.", domain="streets")
    public("lamp", title="Lamp", summary="A place with light.", domain="gardens")
    page = client.get("/search/?q=safe+place&domain=gardens").content.decode()
    assert "Lamp" in page
    assert "No pattern has all of these words" not in page


def test_an_audience_in_other_letters_leads_to_the_librarys_own(client: Client, door: None) -> None:
    response = client.get("/patterns/door/?audience=TECH&x=1")
    assert (response.status_code, response["Location"]) == (302, "/patterns/door/?audience=tech&x=1")
    # Nobody has a word for these: they are left as they are.
    assert client.get("/patterns/door/?audience=Nobody").status_code == 200
    assert client.get("/api/search?q=door&audience=TECH").json()["hits"][0]["label"] == "Portcullis"


def test_an_audience_that_no_pattern_has_a_word_for_is_not_remembered(client: Client, door: None) -> None:
    response = client.get("/navigator/?to=nobody&next=/browse/")
    assert (response.status_code, response.cookies.get("audience")) == (200, None)
    assert "No pattern has a word of its own for “nobody”" in response.content.decode()
    assert client.get("/navigator/?to=Tech&next=/browse/").cookies["audience"].value == "tech"


def test_pages_of_hits_lead_from_one_to_the_next(client: Client) -> None:
    for number in range(11):
        public(f"bench-{number}", title=f"Bench {number}")
    first = client.get("/api/search?q=bench").json()
    last = client.get(first["next"]).json()
    assert (len(first["hits"]), len(last["hits"]), last["next"]) == (10, 1, None)


def test_whoever_asks_for_a_way_again_means_the_same_patterns(client: Client) -> None:
    public("bench-in-town", title="Bench")
    public("bench-at-home", title="Bench")
    public("lamp", title="Lamp")
    page = client.get("/path/?from=bench-in-town&to=lamp").content.decode()
    assert re.findall(r'name="(?:from|to)" value="([^"]*)"', page) == ["bench-in-town", "Lamp"]


def test_who_shortens_the_address_of_a_pattern_can_browse(client: Client) -> None:
    response = client.get("/patterns/?audience=tech")
    assert (response.status_code, response["Location"]) == (301, "/browse/?audience=tech")


def test_the_home_page_counts_links_between_patterns_and_not_those_to_what_nobody_wrote(client: Client) -> None:
    public("lamp")
    links = tuple(Relationship("enables", target) for target in ("lamp", "unwritten", "unheard-of"))
    public("bench", relationships=links)
    assert "hang together by 1 relationship:" in client.get("/").content.decode()


def test_a_neighbour_in_an_audiences_words_keeps_its_own_title(client: Client, door: None) -> None:
    public("house", relationships=(Relationship("enables", "door"),))
    page = client.get("/patterns/house/?audience=tech").content.decode()
    assert "<title>Portcullis – Door (enables" in page
