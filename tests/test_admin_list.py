"""The list of patterns: what it shows, finds and costs."""

from __future__ import annotations

import datetime
import re
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from patterns_app.admin import listing, states
from patterns_app.document.pattern import Community, ContextLabel, Contributor, Entity, Relationship
from patterns_app.models import Alias, Audience, Domain, Keyword, Pattern, Revision
from patterns_app.models import Community as CommunityRow
from patterns_app.models import ContextLabel as ContextLabelRow
from patterns_app.models import Contributor as ContributorRow
from patterns_app.models import Entity as EntityRow
from patterns_app.workflow import save_draft
from patterns_app.workflow.moves import Move
from patterns_app.workflow.permissions import wrote
from tests.factories import NOON, make_ada, make_cy, make_document, make_pattern, make_user
from tests.workflow.cast import EDITS, PUBLISHES, WRITES, make_person, moved

pytestmark = pytest.mark.django_db

LIST = "/admin/patterns_app/pattern/"


@pytest.fixture
def ada(client: Client) -> Client:
    """Ada's browser."""
    client.force_login(make_ada())
    return client


@pytest.fixture
def shelf() -> dict[str, Pattern]:
    """Four patterns that differ in everything a list can be asked for."""
    return {
        "tools": make_pattern(
            slug="tools",
            title="Tool library",
            id="pat_01kjj4j5hcfy8at1kyx8kezg7c",
            aliases=("Borrowing shop", "Lending shop"),
            context_labels=(ContextLabel("tech", "Hardware pool"), ContextLabel("corporate", "Asset pool")),
            vitality=4.6,
            confidence=3,
            vector_keywords=("lending",),
            entities=(Entity("ent-lending", "practice", "Lending"),),
            communities=(Community("sharing", "Sharing"),),
            contributors=(Contributor("ada"),),
            relationships=(Relationship("enables", "repair"), Relationship("enables", "nowhere")),
        ),
        "repair": make_pattern(
            slug="repair",
            title="Repair café",
            status="stable",
            vitality=3.5,
            collection="street",
            relationships=(Relationship("requires", "tools"),),
        ),
        "garden": make_pattern(slug="garden", title="Shared garden", domain="food", vitality=1.9, confidence=1),
        "feast": make_pattern(slug="feast", title="100 % feast", domain="food", confidence=4, status="revised"),
    }


def listed(browser: Client, query: str = "") -> list[str]:
    """Slugs on the page, in order. No list may cost more than twelve queries."""
    with CaptureQueriesContext(connection) as captured:
        response = browser.get(f"{LIST}?{query}")
    assert response.status_code == 200, query
    assert len(captured) <= 12, [entry["sql"] for entry in captured.captured_queries]
    found: list[Pattern] = list(response.context["cl"].result_list)
    return [pattern.slug for pattern in found]


@pytest.mark.usefixtures("shelf")
@pytest.mark.parametrize(
    ("query", "slugs"),
    [
        ("", ["feast", "garden", "repair", "tools"]),
        ("state=held", ["repair"]),
        ("state=published", []),
        ("state=draft", ["feast", "garden", "tools"]),
        ("state=nonsense", ["feast", "garden", "repair", "tools"]),
        ("vitality=generative", ["tools"]),
        ("vitality=sustaining", ["repair"]),
        ("vitality=functional", []),
        ("vitality=extractive", ["garden"]),
        ("vitality=none", ["feast"]),
        ("vitality=nonsense", ["feast", "garden", "repair", "tools"]),
        ("confidence=3", ["tools"]),
        ("confidence=other", ["feast"]),
        ("confidence=none", ["repair"]),
        ("relationships=wanted", ["tools"]),
        ("relationships=resolved", ["repair"]),
        ("relationships=none", ["feast", "garden"]),
        ("relationships=orphan", ["feast", "garden"]),
        ("q=library", ["tools"]),
        ("q=shop", ["tools"]),
        ("q=pool", ["tools"]),
        ("q=hardware+LENDING", ["tools"]),
        ("q=hardware+garden", []),
        ("q=pat_01kjj", ["tools"]),
        ("q=100+%25", ["feast"]),
        ("q=_", []),
        ("q=café", ["repair"]),
        ("q=shared&vitality=extractive", ["garden"]),
        ("q=to", ["tools"]),
        ("q=ol", []),
        ("q=a+tool", ["tools"]),
        ("q=li", ["tools"]),
        ("q=text:cellar", ["feast", "garden", "repair", "tools"]),
        ("q=text:CELLAR+tool", ["tools"]),
        ("q=text:cellar+text:dear+shared", ["garden"]),
        ("q=text:thirteen", ["feast", "garden", "repair", "tools"]),
        ("q=text:hardware", []),
        ("q=text:", ["feast", "garden", "repair", "tools"]),
        ("o=-<name>", ["tools", "repair", "garden", "feast"]),
        ("o=<state_shown>.-<name>", ["tools", "garden", "feast", "repair"]),
        ("o=<state_shown>", ["feast", "garden", "tools", "repair"]),
        ("o=-<state_shown>", ["repair", "tools", "garden", "feast"]),
    ],
)
def test_the_list_shows_what_was_asked_for(ada: Client, query: str, slugs: list[str]) -> None:
    if "<" in query:
        # Boxes to tick, for those who have actions, are a column, too.
        for number, name in enumerate(ada.get(LIST).context["cl"].list_display):
            query = query.replace(f"<{name}>", str(number))
    assert listed(ada, query) == slugs


@pytest.mark.usefixtures("shelf")
def test_patterns_can_be_filtered_by_every_kind_of_name(ada: Client) -> None:
    food = Domain.objects.get(name="food")
    assert listed(ada, f"domain={food.pk}") == ["feast", "garden"]
    assert listed(ada, f"domain={food.pk}&vitality=none") == ["feast"]
    assert listed(ada, "domain=none") == []
    named = {
        "audience": Audience.objects.get(name="tech"),
        "keyword": Keyword.objects.get(name="lending"),
        "entity": EntityRow.objects.get(key="ent-lending"),
        "community": CommunityRow.objects.get(key="sharing"),
        "contributor": ContributorRow.objects.get(name="ada"),
    }
    for parameter, name in named.items():
        assert listed(ada, f"{parameter}={name.pk}") == ["tools"]
        assert str(name) in ada.get(f"{LIST}?{parameter}={name.pk}").content.decode()
        assert len(listed(ada, f"{parameter}=x")) == (0 if parameter == "contributor" else 4)


@pytest.mark.usefixtures("shelf")
def test_the_list_names_bands_and_stars_in_words(ada: Client) -> None:
    page = ada.get(LIST).content.decode()
    assert '4.6 <span class="quiet">generative</span>' in page
    assert 'aria-label="3 stars">★★★</span>' in page
    assert '<span class="slug">tools</span>' in page
    assert 'title="Its status says so, and nothing is public.">Published, but held back</span>' in page


@pytest.fixture
def bo() -> User:
    """Bo may do everything."""
    return make_person("bo", can=PUBLISHES)


@pytest.fixture
def street(bo: User) -> User:
    """Patterns in every state, most of them Dee's; Dee."""
    dee = make_person("dee", can=WRITES)
    later = NOON + datetime.timedelta(days=3)
    make_pattern(slug="draft", author=dee)
    moved(make_pattern(slug="in-review", author=dee), Move.SUBMIT, dee)
    moved(moved(make_pattern(slug="approved", author=dee), Move.SUBMIT, dee), Move.APPROVE, bo)
    sent = moved(make_pattern(slug="sent-back", author=dee), Move.SUBMIT, dee)
    moved(sent, Move.REQUEST_CHANGES, bo, "Say where <it> fails.")
    moved(make_pattern(slug="published"), Move.PUBLISH, bo)
    edited(moved(make_pattern(slug="ahead", author=dee), Move.PUBLISH, bo), bo)
    edited(moved(make_pattern(slug="next-in-review"), Move.PUBLISH, bo), bo)
    moved(Pattern.objects.get(slug="next-in-review"), Move.SUBMIT, bo)
    make_pattern(slug="held", status="stable")
    moved(make_pattern(slug="scheduled"), Move.SCHEDULE, bo, publish_at=later)
    moved(moved(make_pattern(slug="deprecated"), Move.PUBLISH, bo), Move.DEPRECATE, bo)
    moved(make_pattern(slug="archived"), Move.ARCHIVE, bo)
    return dee


def edited(pattern: Pattern, author: User) -> None:
    document = make_document(slug=pattern.slug, status="published", summary="Said anew.")
    save_draft(pattern, document=document, author=author, at=NOON, note="", expected_head=pattern.head_id)


def words(browser: Client, query: str = "") -> dict[str, str]:
    """What the list says of the state of each pattern, by slug."""
    found = list(browser.get(f"{LIST}?{query}").context["cl"].result_list)
    return {pattern.slug: " | ".join(re.sub("<.*?>", "", str(states.shown(pattern))).split("\n")) for pattern in found}


@pytest.mark.usefixtures("street")
def test_every_state_is_said_in_words(client: Client, bo: User) -> None:
    client.force_login(bo)
    with CaptureQueriesContext(connection) as captured:
        found = words(client)
    assert found == {
        "ahead": "Published with unpublished changes",
        "approved": "In review, approved",
        "archived": "Archived",
        "deprecated": "Deprecated",
        "draft": "Draft",
        "held": "Published, but held back",
        "in-review": "In review",
        "next-in-review": "Published with unpublished changes Next version in review",
        "published": "Published",
        "scheduled": "Draft goes public 4 Mar, 12:00",
        "sent-back": "Sent back",
    }
    # The public text is not read for it.
    assert not [entry for entry in captured.captured_queries if "html" in entry["sql"]]
    page = client.get(LIST).content.decode()
    ahead = Pattern.objects.get(slug="ahead")
    assert reverse("admin:patterns_app_pattern_compare", args=[ahead.pk]) in page
    assert "Say where &lt;it&gt; fails." in page


@pytest.mark.usefixtures("street")
@pytest.mark.parametrize(
    ("query", "slugs"),
    [
        ("state=draft", ["draft", "scheduled"]),
        ("state=sent-back", ["sent-back"]),
        ("state=in-review", ["approved", "in-review", "next-in-review"]),
        ("state=approved", ["approved"]),
        ("state=published", ["published"]),
        ("state=unpublished-changes", ["ahead", "next-in-review"]),
        ("state=held", ["held"]),
        ("state=scheduled", ["scheduled"]),
        ("state=deprecated", ["deprecated"]),
        ("state=archived", ["archived"]),
        ("work=mine", []),
        ("work=review", ["approved", "in-review", "next-in-review"]),
        ("work=sent-back", []),
        ("work=nonsense&state=archived", ["archived"]),
    ],
)
def test_every_state_can_be_filtered_by(client: Client, bo: User, query: str, slugs: list[str]) -> None:
    client.force_login(bo)
    assert listed(client, query) == slugs


def test_contributors_filter_their_own_work_and_see_nothing_else(client: Client, street: User) -> None:
    client.force_login(street)
    assert listed(client) == ["ahead", "approved", "draft", "in-review", "sent-back"]
    assert listed(client, "work=mine") == ["ahead", "approved", "draft", "in-review", "sent-back"]
    assert listed(client, "work=sent-back") == ["sent-back"]
    assert listed(client, "work=review") == []
    assert listed(client, "state=published") == []
    assert "Waiting for my review" not in client.get(LIST).content.decode()


def test_contributors_learn_no_names_that_only_the_drafts_of_others_bear(
    client: Client, bo: User, street: User
) -> None:
    make_pattern(
        slug="secret",
        domain="xylo",
        collection="xylo",
        vector_keywords=("xylo",),
        contributors=(Contributor("xylo"),),
        context_labels=(ContextLabel("xylo", "A label"),),
        entities=(Entity("xylo", "practice", "xylo"),),
        communities=(Community("xylo", "xylo"),),
    )
    keys = {
        "audience": Audience.objects.get(name="xylo").pk,
        "keyword": Keyword.objects.get(name="xylo").pk,
        "contributor": ContributorRow.objects.get(name="xylo").pk,
        "entity": EntityRow.objects.get(label="xylo").pk,
        "community": CommunityRow.objects.get(label="xylo").pk,
    }
    for person, is_told in ((street, False), (bo, True)):
        client.force_login(person)
        for query in ("", *(f"{name}={key}" for name, key in keys.items())):
            assert ("xylo" in client.get(f"{LIST}?{query}").content.decode()) == is_told, query
    client.force_login(street)
    assert listed(client, f"entity={keys['entity']}") == []


def test_under_four_eyes_nobody_is_asked_to_review_their_own(client: Client, street: User, settings: Any) -> None:
    settings.FOUR_EYES = True
    eve = make_person("eve", can=PUBLISHES)
    client.force_login(eve)
    assert listed(client, "work=review") == ["approved", "in-review", "next-in-review"]
    in_review = Pattern.objects.get(slug="in-review")
    Revision.objects.filter(pattern=in_review).update(author=eve)
    Pattern.objects.filter(slug="next-in-review").update(submitted_by=eve)
    assert listed(client, "work=review") == ["approved"]
    for slug in ("approved", "in-review", "next-in-review"):
        pattern = Pattern.objects.get(slug=slug)
        assert wrote(eve, pattern) is (slug != "approved")


@pytest.mark.usefixtures("street")
def test_what_is_assigned_to_somebody_waits_for_them_alone(client: Client, bo: User) -> None:
    eve = make_person("eve", can=EDITS)
    Pattern.objects.filter(slug="in-review").update(assigned_to=eve)
    client.force_login(bo)
    assert listed(client, "work=review") == ["approved", "next-in-review"]
    client.force_login(eve)
    # She may not publish, so what is approved waits for others.
    assert listed(client, "work=review") == ["in-review", "next-in-review"]


def test_patterns_with_problems_come_worst_first(ada: Client) -> None:
    for slug, count in (("some", 2), ("worst", 9), ("none", 0), ("put-away", 5)):
        make_pattern(slug=slug)
        Pattern.objects.filter(slug=slug).update(problems=count)
    Pattern.objects.filter(slug="put-away").update(status="archived")
    assert listed(ada, "problems=some") == ["worst", "some"]
    assert listed(ada, "problems=none") == ["none"]
    assert listed(ada, "problems=nonsense") == ["none", "put-away", "some", "worst"]


@pytest.mark.usefixtures("shelf")
def test_contributors_are_chosen_by_typing_part_of_their_name(ada: Client) -> None:
    make_pattern(slug="two", contributors=(Contributor("Grace Hopper"), Contributor("Adam")))
    assert listed(ada, "contributor=AD") == ["tools", "two"]
    assert listed(ada, "contributor=hopper") == ["two"]
    assert listed(ada, "contributor=nobody") == []
    assert len(listed(ada, "contributor=")) == 5
    hopper = ContributorRow.objects.get(name="Grace Hopper")
    page = ada.get(f"{LIST}?contributor={hopper.pk}&q=two&p=1").content.decode()
    assert 'value="Grace Hopper"' in page
    # Choosing another keeps the search, not the page.
    assert '<input type="hidden" name="q" value="two">' in page


@pytest.mark.usefixtures("shelf")
def test_a_list_without_anything_says_what_can_be_done(ada: Client) -> None:
    page = ada.get(f"{LIST}?q=xylophone+shed&state=draft").content.decode()
    assert "No pattern is found by “xylophone shed” under these filters." in page
    assert "write <code>text:</code> before a word" in page
    assert '<a href="?q=xylophone+shed">Clear all filters</a>' in page
    assert 'add/?title=xylophone%20shed">Write' in page
    # Nothing can be done with no pattern.
    assert 'name="action"' not in page
    Pattern.objects.all().delete()
    page = ada.get(LIST).content.decode()
    assert "There are no patterns yet." in page
    assert "Write the first one" in page


def test_the_search_box_has_a_name(ada: Client) -> None:
    page = ada.get(LIST).content.decode()
    assert '<span class="visually-hidden">Search patterns</span></label>' in page


@pytest.mark.usefixtures("shelf")
def test_names_of_contributors_are_offered_to_whoever_may_see_them(client: Client) -> None:
    address = "/admin/autocomplete/?app_label=patterns_app&model_name=contribution&field_name=contributor&term=ad"
    client.force_login(make_user("eve", can=("view_pattern", "view_contributor")))
    assert [entry["text"] for entry in client.get(address).json()["results"]] == ["ada"]
    client.force_login(make_cy())
    assert client.get(address).status_code == 403


TERMS = [
    "'",
    '"',
    "%",
    "_",
    "\\",
    "\\%",
    "'; DROP TABLE x; --",
    "text:'",
    "text:%",
    "text:\\",
    "a" * 5_000,
    "é ß İ",
    "text:text:",
]


@pytest.mark.usefixtures("shelf")
@pytest.mark.parametrize("term", TERMS)
def test_any_term_can_be_searched_for(ada: Client, term: str) -> None:
    assert ada.get(LIST, {"q": term}).status_code == 200
    assert ada.get(LIST, {"contributor": term, "q": term}).status_code == 200


def test_twice_the_patterns_cost_the_same_number_of_queries(ada: Client) -> None:
    addresses = ("", "q=pattern+li", "q=text:cellar", "state=unpublished-changes", "work=mine", "relationships=orphan")
    costs = []
    for number in range(6):
        make_pattern(slug=f"pattern-{number}", domain=f"domain-{number}", collection=f"collection-{number}")
        if number in (2, 5):
            for address in addresses:
                with CaptureQueriesContext(connection) as captured:
                    ada.get(f"{LIST}?{address}")
                costs.append(len(captured))
    half = len(addresses)
    assert costs[:half] == costs[half:]


def test_names_have_trigram_indexes_as_the_search_asks_for_them_where_there_are_any() -> None:
    is_postgresql = connection.vendor == "postgresql"
    with connection.cursor() as cursor:
        if is_postgresql:
            cursor.execute("SET LOCAL enable_seqscan = off")
        for queryset, index in (
            (Pattern.objects.filter(title__icontains="library"), "pattern_title_trigrams"),
            (Alias.objects.filter(name__icontains="library"), "alias_name_trigrams"),
            (ContextLabelRow.objects.filter(label__icontains="library"), "context_label_trigrams"),
        ):
            # SQLite looks at every row.
            assert (index in queryset.order_by().values("pk").explain()) == is_postgresql


@pytest.mark.usefixtures("shelf")
def test_a_search_through_texts_that_takes_too_long_is_given_up_and_said(
    ada: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    # SQLite cannot be told to give up: there it answers, late as it may be.
    is_postgresql = connection.vendor == "postgresql"

    class Slow(listing.LookAheadPaginator):
        @property
        def object_list(self) -> Any:
            return self._found.extra(where=["pg_sleep(2) IS NOT NULL" if is_postgresql else "1 = 1"])

        @object_list.setter
        def object_list(self, found: Any) -> None:
            self._found = found

    monkeypatch.setattr(listing, "LookAheadPaginator", Slow)
    monkeypatch.setattr(listing, "PATIENCE", 1)
    response = ada.get(f"{LIST}?q=text:cellar")
    assert ("was given up" in response.content.decode()) == is_postgresql
    assert bool(response.context["cl"].result_list) != is_postgresql


def test_no_request_counts_the_patterns(ada: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listing, "PAGES_AHEAD", 1)
    monkeypatch.setattr("patterns_app.admin.pattern.PatternAdmin.list_per_page", 2)
    for number in range(9):
        make_pattern(slug=f"pattern-{number}")
    with CaptureQueriesContext(connection) as captured:
        page = ada.get(LIST).content.decode()
    assert not [entry["sql"] for entry in captured.captured_queries if "COUNT(" in entry["sql"]]
    assert "more than 4 patterns" in page
    assert "more than 8 patterns" in ada.get(f"{LIST}?p=3").content.decode()
    last = ada.get(f"{LIST}?p=5").content.decode()
    assert "9 patterns" in last
    assert "more than" not in last
    assert [slug for number in range(1, 6) for slug in listed(ada, f"p={number}")] == [
        f"pattern-{number}" for number in range(9)
    ]
    assert ada.get(f"{LIST}?p=6")["Location"].endswith("?e=1")


@pytest.mark.parametrize("query", ["p=x", "p=-1", "p=99999", "q=%00", "o=99", "domain=x", "collection=x", "nonsense=1"])
def test_a_strange_address_does_not_break_the_list(ada: Client, query: str) -> None:
    make_pattern()
    assert ada.get(f"{LIST}?{query}", follow=True).status_code == 200


def test_wanted_patterns_are_listed_by_demand_with_who_wants_them(ada: Client) -> None:
    for slug in ("one", "two"):
        make_pattern(slug=slug, relationships=(Relationship("enables", "repair-cafe"),))
    make_pattern(slug="three", relationships=(Relationship("enables", "A Title"), Relationship("requires", "one")))
    with CaptureQueriesContext(connection) as captured:
        response = ada.get(reverse("admin:patterns_app_pattern_wanted"))
    assert len(captured) <= 8
    rows: list[dict[str, Any]] = response.context["rows"]
    assert [(row["target"], row["wanted_by"]) for row in rows] == [("repair-cafe", 2), ("A Title", 1)]
    assert [pattern.slug for pattern in rows[0]["patterns"]] == ["one", "two"]
    assert rows[0]["add_url"].endswith("?slug=repair-cafe")
    assert rows[1]["add_url"].endswith("?title=A+Title")
    assert reverse("admin:patterns_app_pattern_wanted") in ada.get("/admin/").content.decode()
