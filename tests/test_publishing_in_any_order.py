"""What is made for the public by publishing in any order is what making it anew from nothing gives."""

from __future__ import annotations

import dataclasses
import random
from typing import Any

import pytest
from django.db import transaction

from patterns_app import publishing, search
from patterns_app.document.pattern import (
    Community,
    ContextLabel,
    Contributor,
    Entity,
    InferredLink,
    Relationship,
)
from patterns_app.models import (
    MapPlace,
    Pattern,
    PublicAddress,
    PublicEdge,
    PublicTerm,
    SearchName,
    SearchText,
    Snapshot,
)
from patterns_app.models.working_copy import document_of
from patterns_app.publishing import publish_many, rebuild_snapshots, retract_many
from patterns_app.workflow import save_draft
from tests.factories import NOON, make_pattern

pytestmark = pytest.mark.django_db

NAMES = ["door", "gate", "hatch", "lid", "flap", "Café", "cafe", "Way in", "way-in", "pat_01kjj4j5hcfy8at1kyx8kezg7c"]
SLUGS = ["door", "gate", "hatch", "lid", "flap", "way-in", "cafe"]


def said(rng: random.Random) -> dict[str, Any]:
    def names(most: int) -> tuple[str, ...]:
        return tuple(dict.fromkeys(rng.choice(NAMES) for _ in range(rng.randint(0, most))))

    return {
        "title": rng.choice(["", "Door", "Gate", "Café", "Way in", "Other"]) or "Titled",
        "id": rng.choice(["", "", NAMES[-1], "pat_01kjj4j5hcfy8at1kyx8kezg7d"]),
        "aliases": names(3),
        "domain": rng.choice(["", "House", "house", "Garden"]),
        "collection": rng.choice(["", "One"]),
        "confidence": rng.choice([None, 0, 2]),
        "vitality": rng.choice([None, 1.0, 4.5]),
        "context_labels": tuple(ContextLabel(who, rng.choice(NAMES)) for who in ("tech", "gov") if rng.random() < 0.5),
        "relationships": tuple(Relationship(rng.choice(["enables", "requires"]), name, 0.5) for name in names(4)),
        "inferred_links": tuple(InferredLink(name, "", 0.4) for name in names(3)),
        "contributors": tuple(Contributor(name) for name in names(2)),
        "entities": tuple(Entity("", "concept", name) for name in names(2)),
        "communities": tuple(Community("", name) for name in names(1)),
    }


def tables() -> dict[str, Any]:
    edges = PublicEdge.objects.order_by("source_id", "is_inferred", "position")
    return {
        "edges": list(edges.values_list("source_id", "is_inferred", "kind", "target_text", "target_id", "weight")),
        "terms": sorted(PublicTerm.objects.values_list("snapshot_id", "facet", "key", "label", "detail")),
        "names": sorted(SearchName.objects.values_list("snapshot_id", "name", "key", "kind", "audience")),
        "texts": sorted(SearchText.objects.values_list("snapshot_id", "title", "aliases", "body", "labels", "domain")),
        "addresses": sorted(PublicAddress.objects.values_list("slug", "pattern_id")),
        "snapshots": sorted(
            Snapshot.objects.values_list("pk", "slug", "title", "identifier", "domain", "sort_key", "html"),
        ),
        "places": sorted(MapPlace.objects.exclude(snapshot__slug__isnull=False).values_list("pk")),
    }


def one_step(rng: random.Random, pks: list[int]) -> str:
    what = rng.choice(["edit", "edit+publish", "publish", "publish", "retract", "retract", "many", "rename+publish"])
    pk = rng.choice(pks)
    pattern = Pattern.objects.get(pk=pk)
    if what in ("edit", "edit+publish", "rename+publish"):
        new = said(rng)
        if pattern.identifier and not new["id"]:
            new["id"] = pattern.identifier
        free = [slug for slug in SLUGS if not Pattern.objects.filter(slug=slug).exclude(pk=pk).exists()]
        if what == "rename+publish" or rng.random() < 0.4:
            new["slug"] = rng.choice(free)
        if Pattern.objects.exclude(pk=pk).filter(identifier=new["id"]).exists():
            new.pop("id")
        save_draft(pattern, document=dataclasses.replace(document_of(pattern), **new), author=None, at=NOON)
    with transaction.atomic():
        if what in ("publish", "edit+publish", "rename+publish"):
            publish_many([pk], at=NOON)
        elif what == "retract":
            retract_many([pk])
        elif what == "many":
            publish_many(rng.sample(pks, rng.randint(1, len(pks))), at=NOON)
    return f"{what} {pk} {Pattern.objects.get(pk=pk).slug}"


@pytest.mark.parametrize("seed", range(12))
def test_what_publishing_leaves_is_what_a_rebuild_makes(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    rng = random.Random(seed)
    monkeypatch.setattr(publishing, "BATCH", 2)
    pks = [make_pattern(slug=slug, status="published", title="T").pk for slug in SLUGS[:5]]
    steps: list[str] = []
    for _ in range(25):
        steps.append(one_step(rng, pks))
        before = tables()
        with transaction.atomic():
            rebuild_snapshots()
            search.rebuild()
            after = tables()
            different = {name: [row for row in before[name] if row not in after[name]] for name in before}
            different = {name: rows for name, rows in different.items() if rows}
            assert not different, (steps, different, [r for r in after["edges"] if r not in before["edges"]])
