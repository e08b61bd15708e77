"""The links of public patterns lead where their names say, whatever is published, renamed or taken back, and when."""

from __future__ import annotations

import dataclasses
from collections import defaultdict
from typing import Any

import hypothesis.strategies as st
import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from hypothesis import given, settings

from patterns_app.document.pattern import InferredLink, PatternDocument, Relationship
from patterns_app.document.reading import read
from patterns_app.document.vocabulary import name_key
from patterns_app.models import Pattern, PublicAddress, PublicEdge, Snapshot
from patterns_app.models.working_copy import document_of
from patterns_app.publishing import publish_many, rebuild_snapshots, retract_many
from patterns_app.workflow import save_draft
from tests.factories import NOON, make_document, make_pattern

pytestmark = pytest.mark.django_db


def make_public(slug: str, *targets: str, **fields: Any) -> Pattern:
    links = tuple(Relationship("enables", target, 0.5) for target in targets)
    pattern = make_pattern(slug=slug, **{"status": "published", "relationships": links, **fields})
    assert publish_many([pattern.pk], at=NOON) == {}
    return pattern


def edit(pattern: Pattern, **changes: Any) -> None:
    said = dataclasses.replace(document_of(pattern), **changes)
    save_draft(Pattern.objects.get(pk=pattern.pk), document=said, author=None, at=NOON)
    publish_many([pattern.pk], at=NOON)


def leads() -> set[tuple[str, str, str | None]]:
    """(source, target as written, slug of the public pattern it leads to)."""
    rows = PublicEdge.objects.filter(source__slug__isnull=False).values_list("source", "target_text", "target")
    slugs = dict(Snapshot.objects.values_list("pk", "slug"))
    return {(slugs[source], text, slugs.get(target) if target else None) for source, text, target in rows}


def test_a_link_leads_nowhere_until_its_target_is_public_and_again_when_it_is_taken_back() -> None:
    make_public("house", "door")
    assert leads() == {("house", "door", None)}
    door = make_public("door")
    assert leads() == {("house", "door", "door")}
    retract_many([door.pk])
    assert leads() == {("house", "door", None)}


def test_a_link_by_an_id_that_its_target_had_leads_to_it_in_any_order() -> None:
    old, new = "pat_01kjj4j5hcfy8at1kyx8kezg7c", "pat_01kjj4j5hcfy8at1kyx8kezg7d"
    door = make_public("door", id=old)
    make_public("before", old)
    edit(door, id=new)
    make_public("after", old, new)
    assert leads() == {("before", old, "door"), ("after", old, "door"), ("after", new, "door")}
    retract_many([door.pk])
    assert {target for _, _, target in leads()} == {None}
    publish_many([door.pk], at=NOON)
    assert {target for _, _, target in leads()} == {"door"}
    make_public("other", id=old)
    assert ("before", old, "other") in leads(), "whoever has it now comes first"


def test_a_link_finds_its_target_by_slug_by_id_by_an_old_slug_and_by_an_alias_that_only_one_bears() -> None:
    door = make_public("door", id="pat_01kjj4j5hcfy8at1kyx8kezg7c", aliases=("Way in",))
    edit(door, slug="gate")
    make_public("house", "gate", "door", "pat_01kjj4j5hcfy8at1kyx8kezg7c", "way-in")
    assert {target for _, _, target in leads()} == {"gate"}
    other = make_public("hatch", aliases=("Way in",))
    assert ("house", "way-in", None) in leads(), "two bear it"
    retract_many([other.pk])
    assert ("house", "way-in", "gate") in leads()
    edit(door, aliases=())
    assert ("house", "way-in", None) in leads()


def test_what_a_pattern_states_and_what_a_machine_proposes_are_kept_apart_with_all_they_say() -> None:
    make_public(
        "house",
        relationships=(Relationship("requires", "ground", 0.8, "It has to stand somewhere."),),
        inferred_links=(
            InferredLink("garden", "enabler", 0.4, None, "Both have a fence."),
            InferredLink("sky", "", None, 4.0),
        ),
    )
    columns = ("is_inferred", "kind", "target_text", "weight", "strength", "note", "position")
    assert set(PublicEdge.objects.values_list(*columns)) == {
        (False, "requires", "ground", 0.8, None, "It has to stand somewhere.", 0),
        (True, "enabler", "garden", 0.4, None, "Both have a fence.", 0),
        (True, "", "sky", None, 4.0, "", 1),
    }


def test_publishing_twice_or_rebuilding_states_nothing_twice() -> None:
    house = make_public("house", "door", "window")
    make_public("door", "house")
    before = leads()
    publish_many([house.pk], at=NOON)
    rebuild_snapshots()
    assert (leads(), PublicEdge.objects.count()) == (before, 3)


def test_a_batch_costs_a_number_of_queries_that_does_not_grow_with_it() -> None:
    def queries(prefix: str, count: int) -> int:
        pks = [
            make_pattern(
                slug=f"{prefix}-{number}",
                status="published",
                aliases=(f"{prefix} {number} too",),
                relationships=(Relationship("enables", f"{prefix}-{number + 1}"), Relationship("enables", "elsewhere")),
            ).pk
            for number in range(count)
        ]
        with CaptureQueriesContext(connection) as published:
            publish_many(pks, at=NOON)
        with CaptureQueriesContext(connection) as retracted:
            retract_many(pks)
        return len(published) + len(retracted)

    assert queries("few", 2) == queries("many", 30)


# Every order of events


SLUGS = ("a", "b", "c")
IDS = ("", "pat_01kjj4j5hcfy8at1kyx8kezg7c", "pat_01kjj4j5hcfy8at1kyx8kezg7d")
ALIASES = ("Alpha", "Bêta", "a")
EVENTS = st.lists(
    st.tuples(
        st.integers(0, 2),  # which of three patterns
        st.booleans(),  # published, or taken back
        st.lists(st.sampled_from(ALIASES), max_size=2, unique=True),
        st.lists(st.sampled_from((*SLUGS, *IDS[1:], "alpha", "bêta", "old-a", "nobody")), max_size=4, unique=True),
        st.booleans(),  # under another slug
    ),
    max_size=8,
)


def expected() -> set[tuple[str, str, str | None]]:
    """What the links lead to by the documents that are public, found out from nothing else."""
    public: dict[str, PatternDocument] = {}
    pks: dict[int, str] = {}
    for snapshot in Snapshot.objects.select_related("revision"):
        public[snapshot.slug] = read(snapshot.revision.text, name=snapshot.slug).document
        pks[snapshot.pk] = snapshot.slug
    by_id = {said.id: slug for slug, said in public.items() if said.id}
    was = {slug: pks[pk] for slug, pk in PublicAddress.objects.values_list("slug", "pattern") if pk in pks}
    bearers: dict[str, set[str]] = defaultdict(set)
    for slug, said in public.items():
        for alias in said.aliases:
            bearers[name_key(alias)].add(slug)
    by_alias = {key: min(slugs) for key, slugs in bearers.items() if len(slugs) == 1}
    found = set()
    for slug, said in public.items():
        for entry in said.relationships:
            text = entry.target
            target = text if text in public else by_id.get(text) or was.get(text) or by_alias.get(name_key(text))
            found.add((slug, text, target))
    return found


@settings(max_examples=60)
@given(EVENTS)
def test_links_are_the_same_as_if_they_were_all_found_anew_after_every_event(events: list[tuple[Any, ...]]) -> None:
    with transaction.atomic():
        patterns = [make_pattern(slug=slug, id=IDS[n], status="published") for n, slug in enumerate(SLUGS)]
        for which, is_published, aliases, targets, is_renamed in events:
            pattern = Pattern.objects.get(pk=patterns[which].pk)
            if is_published:
                document = make_document(
                    slug=f"old-{SLUGS[which]}" if is_renamed else SLUGS[which],
                    id=IDS[which],
                    status="published",
                    aliases=tuple(aliases),
                    relationships=tuple(Relationship("enables", target) for target in targets),
                )
                save_draft(pattern, document=document, author=None, at=NOON)
                publish_many([pattern.pk], at=NOON)
            else:
                retract_many([pattern.pk])
            assert leads() == expected()
        transaction.set_rollback(True)
