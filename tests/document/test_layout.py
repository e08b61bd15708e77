"""A new file in the reference layout: everything in its canonical place, under its banner."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings

from patterns_app.document.body import Section
from patterns_app.document.dialects import FIELDS, Group
from patterns_app.document.extents import value_of
from patterns_app.document.frontmatter import Unreadable
from patterns_app.document.layout import lay_out
from patterns_app.document.pattern import (
    Community,
    ContextLabel,
    Contributor,
    Entity,
    InferredLink,
    PatternDocument,
    Relationship,
)
from patterns_app.document.reading import other_keys, read
from patterns_app.document.writing import EditRefused, write
from tests.document import library, strategies

GOLDEN = Path(__file__).parents[1] / "golden" / "laid-out.md"

FULL = PatternDocument(
    id="pat_01kexjypxtf9dt7kdh4577abd9",
    slug="lantern-at-the-gate",
    title="Lantern at the Gate: A Sign",
    aliases=("Lit Gate", "No. 7"),
    summary="Who stands in the dark must see that somebody is in. Hang a lantern at the gate while the house is open.",
    context_labels=(
        ContextLabel("corporate", "Status Page"),
        ContextLabel("activist", "no"),
        ContextLabel("the arts", 'A "beacon"'),
    ),
    domain="hosting",
    cross_domains=("neighbourhood", "safety"),
    primary_tension="Being found vs. being left in peace",
    vector_keywords=("lantern", "open house", "sign # 7"),
    stakeholder_architecture=4,
    value_creation=3.5,
    resilience=4,
    ownership=5,
    autonomy=4,
    composability=2,
    fractal_value=3,
    vitality=4.0,
    vitality_reasoning="It costs a candle.\nIt tells a street.",
    overall_score=3.7,
    usage_stage="operation",
    adoption_stage="mature",
    status="published",
    version="1.10",
    confidence=2,
    relationships=(
        Relationship("generalizes_from", "open-door", 0.8),
        Relationship("enables", "waiting-with-cake", 0.7, "The cake is for those who were found."),
        Relationship(
            "requires", "pat_01kexjypxtf9dt7kdh4577abd9", None, "", (("typeid", "pat_1"), ("source", "a guess"))
        ),
        Relationship("tools", "Lantern", None, "", (("role", "to be lit"),)),
        Relationship("related", "night-watch"),
    ),
    last_pruned="2026-03-02",
    entities=(Entity("ent-lantern", "artifact", "Lantern", 1.0), Entity("", "", "Dusk")),
    communities=(Community("hosts", "Hosts: all", "curated", 0.75),),
    inferred_links=(InferredLink("open-door", "complementary", 0.84, None, "Both say: come in"),),
    contributors=(Contributor("ada-mender"), Contributor("mira-host", "reviewer")),
    sources=("Christopher Alexander et al., A Pattern Language (1977)", "1977"),
    license="CC-BY-SA-4.0",
    attribution="Mending Together example library",
    collection="mending-together",
    created="2026-01-01",
    modified="2026-02-01",
    preamble="\n> A light is a question that has been answered.\n\n",
    sections=(Section("### Section 1: Context\n", "Dusk.\n\n"), Section("### Section 2: Problem\n", "No bell.\n")),
)


def test_a_full_document_is_laid_out_as_the_golden_file_has_it() -> None:
    assert lay_out(FULL) == GOLDEN.read_bytes().decode()


def test_the_full_document_leaves_no_field_empty() -> None:
    kinds = {"related", "manifests_as", "governed_by", "specializes_to", "alternatives", "complementary"}
    empty = [spec.kind or spec.name for spec in FIELDS if not value_of(FULL, spec)]
    assert set(empty) <= kinds


def test_an_empty_document_is_a_skeleton_that_asks_for_everything() -> None:
    text = lay_out(PatternDocument())
    reading = read(text)
    assert reading.document == PatternDocument(status="draft", version="0.1")
    assert reading.problems == []
    assert other_keys(reading) == []
    assert text.startswith("---\n# ═")
    assert text.endswith('\nlicense: ""\nattribution: ""\n---\n')


@given(strategies.documents())
@settings(max_examples=60)
def test_any_document_laid_out_reads_back_equal_under_its_seven_banners(document: PatternDocument) -> None:
    text = lay_out(document)
    said = read(text).document
    assert said == dataclasses.replace(
        document, status=document.status or "draft", version=document.version or "0.1", relationships=said.relationships
    )
    assert sorted(said.relationships) == sorted(document.relationships)
    banners = [line.removeprefix("# ") for line in text.split("\n---\n")[0].split("\n") if line.startswith("# GROUP ")]
    assert banners == [group.value for group in Group]
    assert other_keys(read(text)) == []
    assert write(text, said) is text
    # Any other YAML reader can read it as well.
    assert isinstance(yaml.load(read(text).front.yaml, yaml.CBaseLoader), dict)


@pytest.mark.parametrize("path", library.examples())
def test_every_example_can_be_laid_out_anew(path: str) -> None:
    document = read(library.examples()[path]).document
    said = read(lay_out(document)).document
    assert said == dataclasses.replace(document, status=document.status or "draft", version=document.version or "0.1")


@given(strategies.files())
@settings(max_examples=100)
def test_what_any_file_says_can_be_laid_out_anew(text: str) -> None:
    try:
        reading = read(text)
    except Unreadable:
        return
    document = reading.document
    if not reading.is_refused:
        said = read(lay_out(document)).document
        assert said == dataclasses.replace(
            document, status=document.status or "draft", version=document.version or "0.1"
        )


def test_every_field_stands_under_its_own_banner_in_the_canonical_place() -> None:
    text = lay_out(FULL)
    reading = read(text)
    order = list(Group)
    for spec in FIELDS:
        if (place := reading.places.get((spec.name, spec.kind))) is not None:
            assert place.path == spec.places[0]
            above = text[: reading.front.start + place.key.start_mark.index]
            group = [group for group in order if f"# {group.value}\n" in above][-1]
            assert group is spec.group


@pytest.mark.parametrize(
    "change",
    [
        {"title": "a\0b"},
        {"title": "\ud800"},
        {"collection": "x" * 256},
        {"vitality": 5.1},
        {"vitality": float("nan")},
        {"vitality": float("inf")},
        {"confidence": 5},
        {"aliases": ("a", "a")},
        {"aliases": ("",)},
        {"id": "pat_placeholder"},
        {"slug": "../../etc/passwd"},
        {"slug": "a\nb"},
        {"relationships": (Relationship("enables", ""),)},
        {"relationships": (Relationship("enables", "a", 1.5),)},
        {"relationships": (Relationship("enables", "a"), Relationship("enables", "a", 0.5))},
        {"relationships": (Relationship("no_such_kind", "a"),)},
        {"relationships": (Relationship("enables", "a", None, "", (("weight", "x"),)),)},
        {"entities": (Entity("", "", ""),)},
        {"communities": (Community("", ""),)},
        {"contributors": (Contributor(""),)},
        {"context_labels": (ContextLabel("", "a"),)},
        {"context_labels": (ContextLabel("a", "b"), ContextLabel("a", "c"))},
        {"preamble": "a\0b"},
        {"preamble": "\ud800"},
        {"preamble": "x" * 5_000_000},
    ],
    ids=lambda change: str(change)[:40],
)
def test_what_no_file_can_say_is_refused(change: dict[str, object]) -> None:
    with pytest.raises(EditRefused):
        lay_out(dataclasses.replace(FULL, **change))  # type: ignore[arg-type]
