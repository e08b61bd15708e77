"""What the public sees: made in bulk, from heads, and from nothing else."""

from __future__ import annotations

import dataclasses
import datetime
import uuid
from importlib import import_module
from typing import Any

import pytest
from django.apps import apps
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from patterns_app import publishing
from patterns_app.models import Pattern, PublicAddress, PublicIdentifier, PublicUrn, Revision, Snapshot
from patterns_app.models.working_copy import document_of
from patterns_app.publishing import AddressTaken, publish_many, rebuild_snapshots, restate, retract_many
from patterns_app.workflow import save_draft
from tests.factories import NOON, make_pattern

pytestmark = pytest.mark.django_db

LATER = NOON + datetime.timedelta(days=1)
TYPEID, ANOTHER = "pat_01kjj4j5hcfy8at1kyx8kezg7c", "pat_01kjj4j5hcfy8at1kyx8kezg99"


def make_live(slug: str, **fields: Any) -> Pattern:
    """A pattern whose text calls it published, and that is not public yet."""
    return make_pattern(slug=slug, **{"status": "published", **fields})


def make_public(slug: str, **fields: Any) -> Pattern:
    pattern = make_live(slug, **fields)
    assert publish_many([pattern.pk], at=NOON) == {}
    return pattern


def edit(pattern: Pattern, **changes: Any) -> None:
    document = dataclasses.replace(document_of(pattern), **changes)
    save_draft(pattern, document=document, author=None, at=NOON)


def swap_slugs(one: Pattern, other: Pattern) -> None:
    slugs = one.slug, other.slug
    edit(one, slug="on-its-way")
    edit(other, slug=slugs[0])
    edit(one, slug=slugs[1])


def public() -> dict[str, str]:
    """Title of what is public at each address."""
    return dict(Snapshot.objects.values_list("slug", "title"))


def leads() -> dict[str, str]:
    """Each address that was ever public, and the slug of the pattern it leads to."""
    return dict(PublicAddress.objects.values_list("slug", "pattern__slug"))


# Publishing


def test_a_snapshot_says_what_the_head_says() -> None:
    pattern = make_live(
        "tool-library", id="pat_01kjj4j5hcfy8at1kyx8kezg7c", collection="street", confidence=2, vitality=3.5
    )
    publish_many([pattern.pk], at=NOON)
    snapshot = Snapshot.objects.get()
    assert (snapshot.pk, snapshot.revision_id) == (pattern.pk, pattern.head_id)
    assert (snapshot.slug, snapshot.identifier, snapshot.title) == (
        "tool-library",
        "pat_01kjj4j5hcfy8at1kyx8kezg7c",
        "Tool library",
    )
    assert (snapshot.status, snapshot.domain, snapshot.collection) == ("published", "neighbourhood", "street")
    assert (snapshot.confidence, snapshot.vitality, snapshot.summary) == (2, 3.5, pattern.summary)
    assert (snapshot.first_published_at, snapshot.published_at) == (NOON, NOON)
    assert "thirteen minutes" in snapshot.html
    assert "same ladder" in snapshot.html


@pytest.mark.parametrize("status", ["draft", "review", "archived"])
def test_what_is_not_live_does_not_become_public(status: str) -> None:
    pattern = make_pattern(status=status)
    assert publish_many([pattern.pk], at=NOON) == {}
    assert public() == leads() == {}


def test_an_edit_is_not_public_until_it_is_published_and_first_published_stays() -> None:
    pattern = make_public("tool-library")
    edit(pattern, title="Shed")
    assert public() == {"tool-library": "Tool library"}
    publish_many([pattern.pk], at=LATER)
    assert public() == {"tool-library": "Shed"}
    snapshot = Snapshot.objects.get()
    assert (snapshot.first_published_at, snapshot.published_at) == (NOON, LATER)


def test_publishing_again_without_a_change_keeps_one_snapshot_and_one_address() -> None:
    pattern = make_public("tool-library")
    publish_many([pattern.pk, pattern.pk], at=LATER)
    assert (Snapshot.objects.count(), PublicAddress.objects.count()) == (1, 1)


def test_a_batch_costs_a_number_of_queries_that_does_not_grow_with_it() -> None:
    def queries(prefix: str, count: int) -> tuple[int, int]:
        pks = [make_live(f"{prefix}-{number}", id=f"id-{prefix}-{number}").pk for number in range(count)]
        with CaptureQueriesContext(connection) as captured:
            assert publish_many(pks, at=NOON) == {}
        with CaptureQueriesContext(connection) as again:
            assert publish_many(pks, at=LATER) == {}
        return len(captured), len(again)

    assert queries("few", 2) == queries("many", 30)
    assert max(queries("other", 1)) <= 4 + 22


def test_more_than_a_batch_is_published_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(publishing, "BATCH", 3)
    pks = [make_live(f"pattern-{number}").pk for number in range(10)]
    assert publish_many(pks, at=NOON) == {}
    assert Snapshot.objects.count() == 10


# Addresses


def test_a_new_slug_is_the_address_and_the_old_one_leads_there() -> None:
    pattern = make_public("tool-library")
    edit(pattern, slug="shed")
    assert list(public()) == ["tool-library"], "not before it is published"
    publish_many([pattern.pk], at=LATER)
    assert list(public()) == ["shed"]
    assert leads() == {"tool-library": "shed", "shed": "shed"}


def test_an_address_under_which_another_pattern_is_public_is_refused_with_the_reason() -> None:
    holder = make_public("tool-library", title="The first")
    edit(holder, slug="shed")
    newcomer = make_live("tool-library", title="The second")
    other = make_live("repair-cafe")
    refused = publish_many([newcomer.pk, other.pk], at=LATER)
    assert list(refused) == [newcomer.pk]
    assert isinstance(refused[newcomer.pk], AddressTaken)
    assert "“tool-library” is still public: “The first”" in str(refused[newcomer.pk])
    assert public() == {"tool-library": "The first", "repair-cafe": "Repair cafe"}
    publish_many([holder.pk], at=LATER)
    assert publish_many([newcomer.pk], at=LATER) == {}
    assert public() == {"shed": "The first", "tool-library": "The second", "repair-cafe": "Repair cafe"}
    # Whoever is public there now has the address.
    assert leads() == {"shed": "shed", "tool-library": "tool-library", "repair-cafe": "repair-cafe"}


def test_two_patterns_can_swap_their_slugs_in_one_batch() -> None:
    one, other = make_public("one", title="First"), make_public("other", title="Second")
    swap_slugs(one, other)
    assert public() == {"one": "First", "other": "Second"}
    assert publish_many([one.pk, other.pk], at=LATER) == {}
    assert public() == {"one": "Second", "other": "First"}
    assert leads() == {"one": "one", "other": "other"}
    assert set(Snapshot.objects.values_list("first_published_at", flat=True)) == {NOON}


def test_two_patterns_can_swap_their_slugs_also_across_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(publishing, "BATCH", 1)
    one, other = make_public("one", title="First"), make_public("other", title="Second")
    swap_slugs(one, other)
    assert publish_many([one.pk, other.pk], at=LATER) == {}
    assert public() == {"one": "Second", "other": "First"}


def test_who_waits_for_the_address_of_one_that_is_refused_is_refused_too() -> None:
    holder, middle = make_public("first", title="Holder"), make_public("second", title="Middle")
    edit(holder, slug="elsewhere")
    edit(middle, slug="first")
    last = make_live("second", title="Last")
    free = make_live("third", title="Free")
    refused = publish_many([last.pk, middle.pk, free.pk], at=LATER)
    assert set(refused) == {middle.pk, last.pk}
    assert "“Middle” has it" in str(refused[last.pk])
    assert public() == {"first": "Holder", "second": "Middle", "third": "Free"}
    assert publish_many([last.pk, middle.pk, holder.pk], at=LATER) == {}
    assert public() == {"elsewhere": "Holder", "first": "Middle", "second": "Last", "third": "Free"}


# Ids and URNs


def ids() -> dict[str, str]:
    """Each id that was ever public, and the slug of the pattern it leads to."""
    return dict(PublicIdentifier.objects.values_list("identifier", "pattern__slug"))


def urn_of(pattern: Pattern) -> str:
    return Snapshot.objects.get(pk=pattern.pk).urn


def of_slug(slug: str) -> str:
    return uuid.uuid5(uuid.NAMESPACE_URL, f"pattern:{slug}").urn


def test_every_id_that_was_public_is_remembered_and_no_other() -> None:
    pattern = make_public("tool-library", id="lib-7")
    make_public("without-one")
    edit(pattern, id=TYPEID)
    assert ids() == {"lib-7": "tool-library"}, "not before it is published"
    publish_many([pattern.pk], at=LATER)
    retract_many([pattern.pk])
    assert ids() == {"lib-7": "tool-library", TYPEID: "tool-library"}


def test_an_id_is_of_the_pattern_that_was_published_with_it_last() -> None:
    one, other = make_public("one", id=TYPEID), make_public("other")
    edit(one, id=ANOTHER)
    edit(other, id=TYPEID)
    publish_many([one.pk, other.pk], at=LATER)
    assert ids() == {ANOTHER: "one", TYPEID: "other"}


@pytest.mark.parametrize("first", ["", "lib-7", TYPEID])
def test_a_urn_stays_whatever_slug_and_id_a_pattern_gets_and_also_out_of_sight(first: str) -> None:
    pattern = make_public("tool-library", id=first)
    urn = urn_of(pattern)
    assert urn == ("urn:uuid:019ca449-162c-7f90-ad06-7eea26efc0ec" if first == TYPEID else of_slug("tool-library"))
    edit(pattern, slug="shed", id=ANOTHER)
    publish_many([pattern.pk], at=LATER)
    assert urn_of(pattern) == urn
    retract_many([pattern.pk])
    edit(pattern, slug="barn")
    publish_many([pattern.pk], at=LATER)
    assert urn_of(pattern) == PublicUrn.objects.get().urn == urn


def test_no_two_patterns_ever_have_one_urn() -> None:
    one = make_public("tool-library", id=TYPEID)
    edit(one, id="", slug="shed")
    two = make_public("barn")
    edit(two, slug="stall")
    publish_many([one.pk, two.pk], at=LATER)
    heirs = [make_public("tool-library", id=TYPEID), make_public("barn")]
    assert urn_of(heirs[0]) == of_slug("tool-library"), "its id is another's URN, its slug is none's"
    assert len({urn_of(pattern) for pattern in (one, two, *heirs)}) == 4
    assert uuid.UUID(urn_of(heirs[1])).urn == urn_of(heirs[1])


def test_what_was_public_before_ids_and_urns_were_remembered_keeps_what_it_was_known_by() -> None:
    patterns = [make_public("tool-library", id=TYPEID), make_public("shed", id="lib-7"), make_public("barn")]
    make_live("hidden", id=ANOTHER)
    urns = [urn_of(pattern) for pattern in patterns]
    # The same id twice, as it can be while one of them is published and the other is not yet.
    Snapshot.objects.filter(slug="barn").update(identifier="lib-7")
    PublicIdentifier.objects.all().delete()
    PublicUrn.objects.all().delete()
    Snapshot.objects.update(urn="")
    import_module("patterns_app.migrations.0010_public_names").fill(apps, None)
    assert ids() == {TYPEID: "tool-library", "lib-7": "barn"}
    assert [urn_of(pattern) for pattern in patterns] == urns
    assert set(urns) == set(PublicUrn.objects.values_list("urn", flat=True))


# Going out of sight


def test_retracting_takes_the_snapshot_and_keeps_the_addresses() -> None:
    pattern = make_public("tool-library")
    edit(pattern, slug="shed")
    publish_many([pattern.pk], at=LATER)
    hidden = make_live("hidden")
    assert retract_many([pattern.pk, hidden.pk]) == 1
    assert public() == {}
    assert leads() == {"tool-library": "shed", "shed": "shed"}
    assert Pattern.objects.filter(pk=pattern.pk).exists()


# Restating


def test_restating_says_status_and_successor_anew_and_nothing_else() -> None:
    pattern, successor = make_public("tool-library"), make_live("shed")
    public_revision = pattern.head_id
    edit(pattern, title="Not public yet")
    pattern.status, pattern.successor = "deprecated", successor
    before: dict[str, Any] = {**Snapshot.objects.values().get()}
    restate(pattern, at=LATER, with_head=False)
    after: dict[str, Any] = {**Snapshot.objects.values().get()}
    assert {name for name in after if after[name] != before[name]} == {"status", "successor_id", "history"}
    assert (after["status"], after["successor_id"], after["revision_id"]) == (
        "deprecated",
        successor.pk,
        public_revision,
    )
    restate(pattern, at=LATER, with_head=True)
    assert Snapshot.objects.get().revision_id == pattern.head_id


def test_restating_what_is_not_public_makes_nothing_public() -> None:
    restate(make_live("tool-library"), at=LATER, with_head=True)
    assert public() == {}


# Rebuilding


def test_rebuilding_makes_everything_anew_from_the_revision_that_is_public_and_publishes_nothing_new(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(publishing, "BATCH", 2)
    patterns = [make_public(f"pattern-{number}", confidence=1, vitality=2.0) for number in range(5)]
    edit(patterns[0], title="Not public yet")
    make_live("held")
    before = {snapshot["pattern_id"]: snapshot for snapshot in Snapshot.objects.values()}
    Snapshot.objects.update(
        html="old", title="old", summary="old", domain="old", collection="old", confidence=None, vitality=None
    )
    advanced: list[int] = []
    assert rebuild_snapshots(advanced.append) == 5
    assert advanced == [2, 2, 1]
    assert {snapshot["pattern_id"]: snapshot for snapshot in Snapshot.objects.values()} == before


def test_rebuilding_uses_the_way_of_rendering_of_today(monkeypatch: pytest.MonkeyPatch) -> None:
    pattern = make_public("tool-library")
    revision = pattern.head_id
    edit(pattern, title="Not public yet")
    monkeypatch.setattr(publishing, "render", lambda body: "<p>New.</p>")
    rebuild_snapshots()
    snapshot = Snapshot.objects.get()
    assert (snapshot.html, snapshot.title, snapshot.revision_id) == ("<p>New.</p>", "Tool library", revision)
    assert Revision.objects.filter(pattern=pattern).count() == 2, "no history is made"


# What the public must never meet


def test_a_publication_that_fails_half_way_leaves_everything_as_it_was(monkeypatch: pytest.MonkeyPatch) -> None:
    pattern = make_public("tool-library")
    edit(pattern, title="Shed", slug="shed")

    def fail(addresses: object) -> None:
        raise RuntimeError

    monkeypatch.setattr(publishing, "_take_addresses", fail)
    with pytest.raises(RuntimeError), transaction.atomic():
        publish_many([pattern.pk], at=LATER)
    assert public() == {"tool-library": "Tool library"}
