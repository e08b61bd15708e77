"""The first page: what each panel shows, to whom, and what it costs; and the pages on the library's health."""

from __future__ import annotations

import datetime
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from patterns_app.admin import health
from patterns_app.admin.panels import COUNTED, SHOWN, Panel
from patterns_app.document.pattern import Relationship
from patterns_app.models import Pattern, Snapshot
from patterns_app.workflow.moves import Move
from tests.factories import NOON, make_cy, make_pattern, make_user
from tests.workflow.cast import EDITS, PUBLISHES, WRITES, make_person, moved

pytestmark = pytest.mark.django_db

STRUCTURE = ("one-sided", "cycles")
FOR_CONTRIBUTORS = ("sent-back", "drafts", "scheduled", "published", "problems", "wanted", "orphans")


@pytest.fixture
def bo() -> User:
    """Bo may do everything."""
    return make_person("bo", can=PUBLISHES)


@pytest.fixture
def dee() -> User:
    """Dee writes patterns of her own, and sees no others."""
    return make_person("dee", can=WRITES)


def panels(browser: Client, person: User | None = None) -> dict[str, Panel]:
    """The panels of somebody's first page, by key."""
    if person:
        browser.force_login(person)
    response = browser.get("/admin/")
    assert response.status_code == 200
    found: list[Panel] = response.context["panels"]
    return {panel.key: panel for panel in found}


def shown(panel: Panel) -> list[str]:
    return [entry.text for entry in panel.entries]


def listed(browser: Client, panel: Panel) -> list[str]:
    """What the whole list behind a panel has."""
    return [str(pattern) for pattern in browser.get(panel.url).context["cl"].result_list]


def test_what_is_handed_in_waits_for_those_who_review(client: Client, bo: User, dee: User) -> None:
    moved(make_pattern(slug="for-review", author=dee), Move.SUBMIT, dee)
    make_pattern(slug="not-yet", author=dee)
    panel = panels(client, bo)["review"]
    assert shown(panel) == ["For review"] == listed(client, panel)
    assert panel.entries[0].detail.startswith("handed in by dee ")
    assert panel.entries[0].url == reverse("admin:patterns_app_pattern_change", args=[Pattern.objects.first().pk])  # type: ignore[union-attr]
    for other in (dee, make_cy()):
        assert "review" not in panels(client, other)
    eve = make_person("eve", can=EDITS)
    assert shown(panels(client, eve)["review"]) == ["For review"]
    Pattern.objects.filter(slug="for-review").update(assigned_to=eve)
    assert shown(panels(client, eve)["review"]) == ["For review"]
    assert shown(panels(client, bo)["review"]) == []


def test_what_is_approved_waits_for_those_only_who_publish(client: Client, bo: User, dee: User) -> None:
    moved(moved(make_pattern(slug="good", author=dee), Move.SUBMIT, dee), Move.APPROVE, bo)
    assert panels(client, bo)["review"].entries[0].detail.startswith("approved, to be published; handed in")
    assert shown(panels(client, make_person("eve", can=EDITS))["review"]) == []
    moved(Pattern.objects.get(), Move.SCHEDULE, bo, publish_at=NOON + datetime.timedelta(days=1))
    assert shown(panels(client, bo)["review"]) == []


def test_under_four_eyes_nobody_reviews_what_they_wrote(client: Client, bo: User, settings: Any) -> None:
    moved(make_pattern(slug="own", author=bo), Move.SUBMIT, bo)
    assert shown(panels(client, bo)["review"]) == ["Own"]
    settings.FOUR_EYES = True
    assert shown(panels(client, bo)["review"]) == []
    assert shown(panels(client, make_person("eve", can=EDITS))["review"]) == ["Own"]


def test_drafts_are_shown_to_whoever_wrote_them(client: Client, bo: User, dee: User) -> None:
    make_pattern(slug="mine", author=dee)
    make_pattern(slug="imported")
    moved(make_pattern(slug="handed-in", author=dee), Move.SUBMIT, dee)
    panel = panels(client, dee)["drafts"]
    assert shown(panel) == ["Mine"] == listed(client, panel)
    assert shown(panels(client, bo)["drafts"]) == []


def test_what_was_sent_back_is_shown_with_the_reason_to_who_is_to_revise_it(
    client: Client, bo: User, dee: User
) -> None:
    for slug, author in (("written", dee), ("imported", None)):
        pattern = moved(make_pattern(slug=slug, author=author), Move.SUBMIT, author or bo)
        moved(pattern, Move.REQUEST_CHANGES, bo, "Say where <it>\nfails.")
    panel = panels(client, dee)["sent-back"]
    assert shown(panel) == ["Written"] == listed(client, panel)
    assert panel.entries[0].detail == "Say where <it> fails."
    assert "Say where &lt;it&gt; fails." in client.get("/admin/").content.decode()
    assert shown(panels(client, dee)["drafts"]) == []
    # Bo handed in the imported one.
    assert shown(panels(client, bo)["sent-back"]) == ["Imported"]
    assert shown(panels(client, make_person("eve"))["sent-back"]) == []


def test_what_is_scheduled_is_shown_the_next_first_and_late_ones_stand_out(client: Client, bo: User, dee: User) -> None:
    for slug, author, days in (("later", dee, 9), ("soon", None, 2)):
        when = NOON + datetime.timedelta(days=days)
        moved(make_pattern(slug=slug, author=author), Move.SCHEDULE, bo, publish_at=when)
    Pattern.objects.filter(slug="later").update(publish_at="2099-01-01T12:00Z")
    panel = panels(client, bo)["scheduled"]
    assert shown(panel) == ["Soon", "Later"]
    assert [entry.is_urgent for entry in panel.entries] == [True, False]
    assert panel.entries[0].detail == "public 3 Mar 2026, 12:00 (overdue)"
    assert sorted(listed(client, panel)) == ["Later", "Soon"]
    assert shown(panels(client, dee)["scheduled"]) == ["Later"]


def test_recently_published_is_what_the_public_sees_the_last_first(client: Client, bo: User, dee: User) -> None:
    for slug, author, days in (("older", None, 1), ("newer", dee, 2)):
        moved(make_pattern(slug=slug, author=author), Move.PUBLISH, bo, at=NOON + datetime.timedelta(days=days))
    make_pattern(slug="draft", author=dee)
    Pattern.objects.filter(slug="older").update(title="A title that is no more than a draft")
    panel = panels(client, bo)["published"]
    assert shown(panel) == ["Newer", "Older"]
    assert [str(snapshot) for snapshot in client.get(panel.url).context["rows"]] == ["Newer", "Older"]
    assert shown(panels(client, dee)["published"]) == ["Newer"]
    assert [str(snapshot) for snapshot in client.get(panel.url).context["rows"]] == ["Newer"]
    eli = make_person("eli", can=WRITES)
    assert panels(client, eli)["published"].empty == "Nothing of yours is public yet."


def test_problems_are_shown_the_worst_first(client: Client, bo: User, dee: User) -> None:
    for slug, author, count in (("some", dee, 1), ("worst", None, 9), ("none", dee, 0)):
        make_pattern(slug=slug, author=author)
        Pattern.objects.filter(slug=slug).update(problems=count)
    panel = panels(client, bo)["problems"]
    assert shown(panel) == ["Worst", "Some"] == listed(client, panel)
    assert [entry.detail for entry in panel.entries] == ["9 problems", "1 problem"]
    assert shown(panels(client, dee)["problems"]) == ["Some"]


def test_wanted_patterns_are_shown_the_most_wanted_first(client: Client, bo: User, dee: User) -> None:
    make_pattern(slug="one", author=dee, relationships=(Relationship("enables", "repair-cafe"),))
    make_pattern(slug="two", relationships=(Relationship("enables", "A Title"), Relationship("enables", "repair-cafe")))
    panel = panels(client, bo)["wanted"]
    assert [(entry.text, entry.detail) for entry in panel.entries] == [
        ("repair-cafe", "wanted by 2"),
        ("A Title", "wanted by 1"),
    ]
    assert panel.entries[0].url.endswith("/add/?slug=repair-cafe")
    assert panel.entries[1].url.endswith("/add/?title=A+Title")
    assert client.get(panel.url).status_code == 200
    own = panels(client, dee)["wanted"]
    assert [(entry.text, entry.detail, own.url) for entry in own.entries] == [("repair-cafe", "wanted by 1", "")]
    assert panels(client, make_cy())["wanted"].entries[0].url == ""


def test_patterns_that_stand_alone_are_shown(client: Client, bo: User, dee: User) -> None:
    make_pattern(slug="alone", author=dee)
    make_pattern(slug="hub", relationships=(Relationship("enables", "spoke"),))
    make_pattern(slug="spoke", author=dee)
    make_pattern(slug="lonely")
    panel = panels(client, bo)["orphans"]
    assert shown(panel) == ["Alone", "Lonely"] == listed(client, panel)
    assert shown(panels(client, dee)["orphans"]) == ["Alone"]


@pytest.fixture
def tangled() -> None:
    """Two patterns each broader than the other, and a statement that is not returned."""
    make_pattern(slug="meadow", relationships=(Relationship("generalizes_from", "lawn"),))
    make_pattern(
        slug="lawn", relationships=(Relationship("generalizes_from", "meadow"), Relationship("alternatives", "hedge"))
    )
    make_pattern(slug="hedge", relationships=(Relationship("enables", "lawn"),))


@pytest.mark.usefixtures("tangled")
def test_one_sided_statements_and_cycles_are_shown_to_those_who_see_all(client: Client, bo: User, dee: User) -> None:
    found = panels(client, bo)
    one_sided, cycles = found["one-sided"], found["cycles"]
    assert [(entry.text, entry.detail) for entry in one_sided.entries] == [
        ("Meadow", "generalizes from “Lawn”, which does not say “specializes to”"),
        ("Lawn", "generalizes from “Meadow”, which does not say “specializes to”"),
        ("Lawn", "alternatives “Hedge”, which does not say “alternatives”"),
    ]
    assert (one_sided.count, cycles.count) == (3, 1)
    assert [(entry.text, entry.detail) for entry in cycles.entries] == [
        ("Meadow", "is narrower than “Lawn” is narrower than “Meadow”")
    ]
    page = client.get(one_sided.url)
    assert [row["target"] for row in page.context["rows"]] == ["Lawn", "Meadow", "Hedge"]
    assert [row["source"] for row in client.get(f"{one_sided.url}?kind=alternatives").context["rows"]] == ["Lawn"]
    assert client.get(f"{one_sided.url}?kind=enables&page=x").context["count"] == 3
    assert [title for title, _ in client.get(cycles.url).context["rows"][0]["steps"]] == ["Meadow", "Lawn", "Meadow"]
    assert not set(STRUCTURE) & set(panels(client, dee))
    for panel in (one_sided, cycles):
        assert client.get(panel.url).status_code == 403
        assert client.post(panel.url).status_code == 403


@pytest.fixture
def large(monkeypatch: pytest.MonkeyPatch) -> Any:
    """A library in which a look is dear, and nothing kept of any other."""
    monkeypatch.setattr(health, "SMALL", 1)
    cache.clear()
    yield
    cache.clear()


@pytest.mark.usefixtures("tangled", "large")
def test_what_was_found_in_a_large_library_is_kept_until_somebody_looks_again(client: Client, bo: User) -> None:
    found = panels(client, bo)
    assert found["cycles"].count == 1
    assert found["cycles"].looked_at is not None
    Pattern.objects.filter(slug="lawn").update(status="archived")
    assert panels(client)["cycles"].count == 1
    assert client.get(found["cycles"].url).context["count"] == 1
    assert "Look again" in client.get("/admin/").content.decode()
    assert client.post(found["cycles"].url)["Location"] == found["cycles"].url
    assert panels(client)["cycles"].count == 0
    assert client.post(found["one-sided"].url, {"dashboard": "1"})["Location"] == "/admin/"


@pytest.mark.usefixtures("tangled", "large")
def test_whoever_comes_when_nothing_is_kept_any_more_looks_anew(client: Client, bo: User) -> None:
    client.force_login(bo)
    address = reverse("admin:health_cycles")
    assert client.get(address).context["count"] == 1
    Pattern.objects.filter(slug="lawn").update(status="archived")
    assert client.get(address).context["count"] == 1
    cache.clear()
    assert client.get(address).context["count"] == 0


@pytest.mark.usefixtures("tangled", "large")
def test_what_is_gone_since_the_last_look_is_left_out(client: Client, bo: User) -> None:
    client.force_login(bo)
    client.post(reverse("admin:health_cycles"))
    for pattern in Pattern.objects.all():
        pattern.relationships.all().delete()
        Pattern.objects.filter(pk=pattern.pk).update(head=None)
        pattern.revisions.all().delete()
    Pattern.objects.all().delete()
    for number in range(2):
        make_pattern(slug=f"p-{number}", relationships=(Relationship("enables", f"p-{1 - number}"),))
    assert shown(panels(client)["one-sided"]) == []
    assert client.get(reverse("admin:health_one_sided")).context["rows"] == []
    assert client.get(reverse("admin:health_cycles")).status_code == 200


def test_panels_count_no_further_than_is_worth_it(client: Client, bo: User) -> None:
    make_pattern(slug="model", author=bo)
    [row] = Pattern.objects.values("domain", "changed_at", "owner")
    Pattern.objects.bulk_create(
        Pattern(slug=f"p-{n}", title=f"P {n}", domain_id=row["domain"], changed_at=NOON, owner_id=bo.pk)
        for n in range(COUNTED)
    )
    panel = panels(client, bo)["drafts"]
    assert (len(panel.entries), panel.count_shown) == (SHOWN, "more than 100")
    Pattern.objects.filter(slug="p-1").delete()
    assert panels(client)["drafts"].count_shown == "100"


def test_people_with_few_permissions_get_what_they_can_use(client: Client, bo: User, dee: User) -> None:
    assert tuple(panels(client, dee)) == FOR_CONTRIBUTORS
    assert tuple(panels(client, make_cy())) == ("scheduled", "published", "problems", "wanted", "orphans", *STRUCTURE)
    assert tuple(panels(client, bo)) == ("review", *FOR_CONTRIBUTORS, *STRUCTURE)
    eve = make_user("eve", can=("view_domain",))
    assert panels(client, eve) == {}
    assert "/admin/patterns_app/domain/" in client.get("/admin/").content.decode()
    for name in ("one_sided", "cycles", "published"):
        assert client.get(reverse(f"admin:health_{name}")).status_code == 403
        assert client.post(reverse(f"admin:health_{name}")).status_code == 403
    client.logout()
    assert client.get("/admin/")["Location"].startswith("/admin/login/")


def test_an_empty_library_has_a_friendly_first_page(client: Client, bo: User) -> None:
    found = panels(client, bo)
    assert all(not panel.entries for panel in found.values())
    page = client.get("/admin/").content.decode()
    for panel in found.values():
        assert panel.empty in page
    assert "/admin/patterns_app/pattern/add/" in page
    for name in ("one_sided", "cycles", "published"):
        assert client.get(reverse(f"admin:health_{name}")).status_code == 200


def test_no_title_of_somebody_else_is_on_the_first_page(client: Client, bo: User, dee: User) -> None:
    links = (Relationship("related", "hers"), Relationship("enables", "secret-wish"))
    secret = make_pattern(slug="secret", title="A secret title", author=bo, relationships=links)
    make_pattern(slug="hers", author=dee)
    moved(secret, Move.SUBMIT, bo)
    Pattern.objects.filter(pk=secret.pk).update(problems=3, publish_at=NOON, sent_back="A secret reason")
    client.force_login(dee)
    page = client.get("/admin/").content.decode().lower()
    assert "secret" not in page
    assert "hers" in page


def test_twice_the_patterns_cost_the_same_number_of_queries(client: Client, bo: User) -> None:
    client.force_login(bo)
    costs = []
    for number in range(8):
        links = (Relationship("related", "p-0"), Relationship("enables", f"wanted-{number}"))
        pattern = make_pattern(slug=f"p-{number}", author=bo, relationships=links)
        moved(pattern, (Move.SUBMIT, Move.PUBLISH)[number % 2], bo)
        if number in (3, 7):
            for address in ("/admin/", *(reverse(f"admin:health_{name}") for name in ("one_sided", "published"))):
                with CaptureQueriesContext(connection) as captured:
                    client.get(address)
                costs.append(len(captured))
                assert not [entry for entry in captured.captured_queries if '"html"' in entry["sql"]]
    assert costs[:3] == costs[3:]
    assert costs[0] <= 25


def test_what_was_published_is_listed_page_by_page(client: Client, bo: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health, "A_PAGE", 2)
    for number in range(5):
        moved(make_pattern(slug=f"p-{number}"), Move.PUBLISH, bo, at=NOON + datetime.timedelta(days=number))
    client.force_login(bo)
    address = reverse("admin:health_published")
    slugs, page = [], ""
    for _ in range(3):
        response = client.get(f"{address}{page}")
        slugs += [snapshot.slug for snapshot in response.context["rows"]]
        page = response.context["links"]["later"]
    assert slugs == [f"p-{number}" for number in reversed(range(5))]
    assert page == ""
    assert Snapshot.objects.count() == 5
