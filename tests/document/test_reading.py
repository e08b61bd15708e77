"""Reading: every generation of the format says what its author meant, and no YAML surprise gets in."""

from __future__ import annotations

from typing import Any

import frontmatter
import pytest
import yaml
from hypothesis import given, settings

from patterns_app.document.dialects import FIELDS, Field, Shape
from patterns_app.document.extents import value_of
from patterns_app.document.frontmatter import Unreadable
from patterns_app.document.pattern import (
    Community,
    ContextLabel,
    Contributor,
    Entity,
    InferredLink,
    PatternDocument,
    Relationship,
)
from patterns_app.document.reading import Reading, other_keys, read
from tests.document import library, strategies

EVERY_FILE = pytest.mark.parametrize("path", library.texts())


def document(yaml: str, *, name: str = "") -> PatternDocument:
    return read(f"---\n{yaml}\n---\n", name=name).document


def targets(said: PatternDocument, kind: str) -> list[str]:
    return [entry.target for entry in said.relationships if entry.kind == kind]


# Each generation, by what its example says


def test_the_reference_layout_is_read_whole() -> None:
    said = read(library.example("repair-cafe-evening")).document
    assert (said.id, said.slug, said.title) == (
        "pat_01kexjypxtf9dt7kdh4577abd9",
        "repair-cafe-evening",
        "Repair Café Evening",
    )
    assert said.aliases == ("Mending Evening", "Repair Session", "Fix-It Night")
    assert said.summary == (
        "A repair café lives by its edges: the same room, the same evening of the month, three hours, a full list that"
        " is really full. Inside those edges anybody may bring anything that one person can carry."
    )
    assert said.context_labels == (
        ContextLabel("corporate", "Staff Repair Day"),
        ContextLabel("government", "Neighbourhood Repair Event"),
        ContextLabel("activist", "Mending as Everyday Resistance"),
        ContextLabel("tech", "Fixathon"),
        ContextLabel("academic", "Community Repair Event"),
    )
    assert (said.domain, said.cross_domains) == ("hosting", ("repair", "neighbourhood", "waste-prevention"))
    assert said.primary_tension == "A door open to everyone vs. the few hours of those who can mend"
    assert said.vector_keywords[:3] == ("repair café", "repair event", "volunteers")
    assert said.pillars == (5.0, 5.0, 4.0, 4.0, 4.0, 5.0, 5.0)
    assert (said.vitality, said.overall_score) == (4.8, 4.6)
    assert said.vitality_reasoning.startswith("Every evening makes more of what it needs: visitors become fixers,")
    assert (said.usage_stage, said.adoption_stage, said.status, said.version, said.confidence) == (
        "operation",
        "mainstream",
        "published",
        "0.1",
        3,
    )
    assert said.relationships[:4] == (
        Relationship("generalizes_from", "repair-as-commons", 0.8),
        Relationship("specializes_to", "beginners-hour", 0.7),
        Relationship("specializes_to", "travelling-workbench", 0.6),
        Relationship("enables", "write-down-the-repair", 0.8),
    )
    assert [(entry.kind, entry.target) for entry in said.relationships[-2:]] == [
        ("complementary", "shared-parts-drawer"),
        ("tools", "battery-bucket"),
    ]
    assert len(said.relationships) == 13
    assert said.last_pruned == "2026-03-02"
    assert said.entities[0] == Entity("ent-repair-cafe", "practice", "Repair Café", 1.0)
    assert said.communities == (Community("community-repair", "Community Repair", "taxonomy", 0.95),)
    assert said.contributors == (Contributor("ada-mender"), Contributor("mira-host"))
    assert said.sources[1] == "John Wackman & Elizabeth Knight, Repair Revolution (2020)"
    assert said.license == "CC-BY-SA-4.0"
    assert said.attribution == "Mending Together example library, https://example.org/mending"
    assert said.collection == "mending-together"
    assert [section.title for section in said.sections] == [
        "Context",
        "Problem",
        "Solution",
        "Implementation",
        "Consequences",
        "Known Uses",
        "Cognitive Era",
        "Vitality",
    ]
    assert read(library.example("repair-cafe-evening")).problems == []


def test_v71_has_half_pillars_and_typed_inferred_links() -> None:
    said = read(library.example("waiting-with-cake")).document
    assert said.pillars == (4.0, 3.5, 4.0, 3.5, 4.0, 5.0, 4.0)
    assert said.inferred_links[1] == InferredLink(
        "mended-in-many-tongues",
        "enables",
        0.72,
        None,
        "People begin to speak a new language where there is food and no hurry",
    )
    assert said.summary == (
        "At a repair café people wait longer than they mend. Give the waiting a table, a cake and a small task, and the"
        " queue turns into the evening that everybody remembers."
    )


def test_v7_keeps_provenance_nested_and_mixes_the_shapes_of_entries() -> None:
    said = read(library.example("beginners-hour")).document
    assert said.title == "The Beginners' Hour"
    assert said.contributors == (Contributor("mira-host"), Contributor("leo-linework"))
    assert (said.license, said.sources) == ("CC-BY-SA-4.0", ())
    assert said.attribution == "Mending Together example library, https://example.org/mending"
    assert said.version == "0.4"
    assert said.entities == (Entity("", "", "Bike Kitchen"), Entity("", "", "Threshold"))
    assert said.communities == (Community("", "informal-learning"), Community("", "community-repair"))
    assert targets(said, "generalizes_from") == ["repair-cafe-evening", "skill-passes-by-hand"]
    assert said.relationships[2] == Relationship(
        "enables", "second-pair-of-hands", 0.7, "Most new keyholders and fixers come out of this hour"
    )


def test_v1_is_read_from_its_classification_and_its_flat_lists_of_ids() -> None:
    reading = read(library.example("travelling-workbench"))
    said = reading.document
    assert (said.domain, said.status, said.overall_score) == ("lending", "draft", 4.0)
    assert said.cross_domains == ("neighbourhood", "inclusion")
    assert said.version == "1.0"
    assert (said.created, said.modified) == ("2026-01-18 00:00:00+00:00", "2026-02-06 00:00:00+00:00")
    assert targets(said, "generalizes_from") == ["pat_01kf6ggpvyemjr017c8012jj65", "pat_01kexjypxtf9dt7kdh4577abd9"]
    assert targets(said, "related") == ["pat_ff0996e3fb98ea7bccf1e5a8", "pat_01kgrwraazfky81fa0xdemzym3"]
    assert all(entry.weight is None for entry in said.relationships)
    assert said.contributors == (Contributor("jo-lender"), Contributor("leo-linework"))
    assert (said.summary, said.context_labels, said.vitality) == ("", (), None)
    assert [key.path for key in other_keys(reading)] == [
        "page_url",
        "classification.universality",
        "classification.category",
        "classification.era",
        "classification.origin",
        "repository",
    ]


def test_v1_with_a_confidence_score_has_roles_and_its_own_word_for_modified() -> None:
    reading = read(library.example("library-of-things"))
    said = reading.document
    assert said.contributors == (Contributor("jo-lender", "author"), Contributor("mira-host", "reviewer"))
    assert (said.status, said.version, said.created, said.modified) == ("active", "1.0.0", "2026-01-20", "2026-02-11")
    assert said.confidence is None
    assert {"confidence_score", "last_updated"} <= {key.path for key in other_keys(reading)}


def test_v8_keeps_its_own_kinds_of_relationship_and_the_keys_that_nobody_else_has() -> None:
    reading = read(library.example("repair-as-commons"))
    said = reading.document
    assert said.relationships[-5:] == (
        Relationship("manifests_as", "repair-cafe-evening", 0.9),
        Relationship("manifests_as", "tool-library", 0.8),
        Relationship("manifests_as", "write-down-the-repair", 0.8),
        Relationship("manifests_as", "open-door", 0.4),
        Relationship("governed_by", "rules-by-those-who-sweep", 0.9),
    )
    assert said.inferred_links[0] == InferredLink(
        "from-bench-to-ballot", "", None, 5.0, "Shared entities: Right to Repair, Open Repair Alliance"
    )
    assert (said.last_pruned, said.context_labels, said.vector_keywords) == ("", (), ())
    assert said.summary.startswith("The ability to keep things going – the skill, the tools,")
    assert said.summary.endswith(
        ", and the right to open the case – is a resource that a community can hold in common,"
        " and which grows with use."
    )
    assert [key.path for key in other_keys(reading)] == [
        "orbital_layer",
        "sector",
        "gravitational_hubs",
        "collection_ring",
        "7cs_arc",
        "domain_coverage",
    ]
    assert next(key for key in other_keys(reading) if key.path == "7cs_arc").source == "7cs_arc:\n- commons\n- care"


def test_a_site_copy_has_other_names_for_the_same_things() -> None:
    reading = read(library.example("open-door"))
    said = reading.document
    assert (said.id, said.slug, said.title) == ("", "open-door", "Open Door")
    assert said.aliases == ("Door Ajar", "The Lit Threshold")
    assert said.vector_keywords == ("threshold", "street", "hospitality", "light")
    assert (said.domain, said.collection, said.vitality) == ("hosting", "mending-together", 4.2)
    assert said.sections == ()
    assert not said.body.endswith("\n")
    assert [key.path for key in other_keys(reading)] == ["type"]


def test_an_audience_called_no_and_a_version_of_1_10_stay_as_written() -> None:
    said = read(library.example("the-kind-no")).document
    assert ContextLabel("activist", "no") in said.context_labels
    assert said.version == "1.10"
    assert said.title == "The Kind No: Sending Something Home Unmended"


def test_values_over_several_lines_in_brackets_are_read() -> None:
    said = read(library.example("machine-card")).document
    assert said.context_labels[0] == ContextLabel("corporate", "Point-of-Use Instruction")
    assert len(said.context_labels) == 5
    assert said.vector_keywords[-1] == "inventory"
    assert said.relationships[-1] == Relationship(
        "tools", "Hole punch and wire", None, "", (("role", "So that the card hangs and doesn't stick"),)
    )


def test_crlf_comments_anchors_and_integers_do_not_get_into_the_values() -> None:
    wall = read(library.example("failure-wall"))
    assert (wall.document.title, wall.document.status, wall.document.confidence) == ("The Failure Wall", "published", 1)
    assert [key.path for key in other_keys(wall)] == ["wall_dimensions"]
    assert "\r" not in wall.document.summary
    sweep = read(library.example("sweep-day"))
    assert sweep.document.slug == "sweep-day"
    assert ContextLabel("activist", "Work Party") in sweep.document.context_labels
    assert sweep.document.vitality == 3.5
    assert sweep.document.sources == ("Christopher Alexander et al., A Pattern Language", "1977")
    assert sweep.document.contributors == (Contributor("sam-keeper"), Contributor("mira-host"))
    assert [(key.path, key.source) for key in other_keys(sweep)] == [("soup_by", "soup_by: *crew")]


def test_a_placeholder_is_no_id_and_a_date_that_is_none_stays_text() -> None:
    said = read(library.example("mended-in-many-tongues")).document
    assert said.id == ""
    assert said.last_pruned == "20226-02-10"
    assert said.aliases[1:3] == ("إصلاح", "修理の会")
    assert ContextLabel("community", "Sprach\u200bcafé mit Lötkolben ☕") in said.context_labels


def test_a_plain_scalar_over_three_lines_is_one_sentence() -> None:
    said = read(library.example("cash-deposit")).document
    deposit = next(entry for entry in said.relationships if entry.target == "lend-without-deposit")
    assert deposit == Relationship(
        "alternatives",
        "lend-without-deposit",
        1.0,
        "The pattern that has replaced this one. Begin with the green shelf, count the losses for a quarter of a year,"
        " and decide afterwards what still needs a deposit.",
    )
    assert said.entities[-1] == Entity("ent-hire-firm", "organisation", "Tool Hire Firm", 0.5)
    assert said.vitality == 1.8


# Every file, beside what PyYAML and python-frontmatter make of it


def _at(tree: Any, path: tuple[str, ...]) -> Any:
    for key in path:
        tree = tree[key]
    return tree


@EVERY_FILE
def test_body_is_what_stands_after_the_second_fence(path: str) -> None:
    text = library.texts()[path]
    said = read(text).document
    assert text.endswith(said.body)
    assert text[: len(text) - len(said.body)].rstrip(" \t\r\n").endswith("\n---")
    assert said.body.replace("\r\n", "\n").strip() == frontmatter.loads(text).content


@EVERY_FILE
def test_texts_lists_and_numbers_are_what_other_yaml_readers_read(path: str) -> None:
    text = library.texts()[path]
    reading = read(text)
    # PyYAML's own reader fails on a few dates that are none: read those files as text only.
    try:
        tree = yaml.load(reading.front.yaml, yaml.CSafeLoader)
    except ValueError:
        tree = yaml.load(reading.front.yaml, yaml.CBaseLoader)
    compared = 0
    for spec in FIELDS:
        place = reading.places.get((spec.name, spec.kind))
        if place is None:
            continue
        theirs, ours = _at(tree, place.path), value_of(reading.document, spec)
        is_comparable = {
            Shape.TEXT: isinstance(theirs, str),
            Shape.TEXTS: _all_texts(theirs),
            Shape.SCORE: isinstance(theirs, int | float),
            Shape.STARS: isinstance(theirs, int | float),
        }
        if is_comparable.get(spec.shape) and _is_used(reading.problems, place.path):
            assert ours == (tuple(theirs) if spec.shape is Shape.TEXTS else theirs)
            compared += 1
    assert compared > 3


def _is_used(problems: list[Any], path: tuple[str, ...]) -> bool:
    key = ".".join(path)
    return not any(problem.key == key and problem.code != "not-a-typeid" for problem in problems)


def _all_texts(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(item, str) for item in value)


# YAML 1.1's surprises


@pytest.mark.parametrize(
    "word",
    [
        "no",
        "Yes",
        "on",
        "off",
        "true",
        "1.10",
        "1e3",
        "0x1F",
        "017",
        "1_000",
        "12:30:45",
        ".inf",
        "2026-03-02",
        "=",
        "<<",
    ],
)
def test_an_unquoted_word_is_read_as_it_is_spelled(word: str) -> None:
    said = document(
        f"title: {word}\naliases: [{word}]\ncontext_labels:\n  {word}: {word}\nlifecycle:\n  version: {word}"
    )
    assert said.title == word
    assert said.aliases == (word,)
    assert said.context_labels == (ContextLabel(word, word),)
    assert said.version == word


@pytest.mark.parametrize("spelling", ["", "~", "null", "Null", "NULL", '""', "''", "!!null x"])
def test_every_spelling_of_nothing_is_an_empty_value(spelling: str) -> None:
    said = document(f"title: {spelling}\nontology:\n  commons_assessment:\n    vitality: {spelling}\n")
    assert said.title == ""
    assert said.vitality is None
    for spec in FIELDS:
        if strategies.is_list(spec):
            key = spec.places[-1]
            nested = "".join(f"{'  ' * depth}{part}:\n" for depth, part in enumerate(key[:-1]))
            assert value_of(document(f"{nested}{'  ' * (len(key) - 1)}{key[-1]}: {spelling}"), spec) == ()


@pytest.mark.parametrize(
    ("written", "read_as"),
    [
        ("4", 4.0),
        ("4.0", 4.0),
        ("3.5", 3.5),
        ("'4.5'", 4.5),
        ('"4"', 4.0),
        (".5", 0.5),
        ("5.", 5.0),
        ("+1", 1.0),
        ("1e0", 1.0),
        ("-0", 0.0),
        ("05", 5.0),
    ],
)
def test_a_score_is_a_number_however_it_is_written(written: str, read_as: float) -> None:
    said = document(f"ontology: {{commons_assessment: {{ownership: {written}}}}}")
    assert said.ownership == read_as
    assert said.fingerprint() == PatternDocument(ownership=read_as).fingerprint()


STYLES = [
    (">-\n    folded\n    twice", "folded twice"),
    (">\n    folded\n", "folded\n"),
    ("|-\n    one\n    two", "one\ntwo"),
    ("|\n    one\n", "one\n"),
    ("plain\n    over lines", "plain over lines"),
    ('"quoted\n    over lines"', "quoted over lines"),
    ("'it''s\n\n    two'", "it's\ntwo"),
    ('"\\u00e9 \\t \\x41"', "é \t A"),
    ("!!str 1.10", "1.10"),
    ("&a anchored", "anchored"),
    ("\n    on the next line", "on the next line"),
    ("# comment\n    below it", "below it"),
]


@pytest.mark.parametrize(("written", "read_as"), STYLES)
def test_an_entry_is_read_in_every_style(written: str, read_as: str) -> None:
    assert document(f"sources:\n  - {written}").sources == (read_as,)


@pytest.mark.parametrize(
    ("written", "read_as"),
    [
        *STYLES,
        (">+\n    folded\n", "folded\n\n"),
        ("|2-\n      indented", "    indented"),
        ("\tafter a tab", "after a tab"),
    ],
)
def test_a_text_is_read_in_every_style(written: str, read_as: str) -> None:
    assert document(f"summary: {written}").summary == read_as


def test_an_alias_says_what_its_anchor_says() -> None:
    said = document("title: &t Foo\nsummary: *t\naliases: [*t]\ncontext_labels: {tech: *t}")
    assert (said.title, said.summary, said.aliases, said.context_labels) == (
        "Foo",
        "Foo",
        ("Foo",),
        (ContextLabel("tech", "Foo"),),
    )


def test_a_merge_key_is_a_key_like_any_other() -> None:
    reading = read("---\nbase: &b {title: no}\n<<: *b\n---\n")
    assert reading.document.title == ""
    assert [(key.path, key.source) for key in other_keys(reading)] == [
        ("base", "base: &b {title: no}"),
        ("<<", "<<: *b"),
    ]


def test_a_field_is_read_from_the_first_of_its_places_that_exists() -> None:
    both = "domain: third\nclassification:\n  domain: second\nontology:\n  domain: first"
    assert document(both).domain == "first"
    assert document("domain: third\nclassification:\n  domain: second").domain == "second"
    assert document("domain: third").domain == "third"
    reading = read(f"---\n{both}\n---\n")
    assert [key.path for key in other_keys(reading)] == ["domain", "classification.domain"]


@pytest.mark.parametrize("spec", FIELDS, ids=lambda spec: spec.kind or spec.name)
def test_every_place_of_every_field_is_read(spec: Field) -> None:
    values = {Shape.SCORE: "3", Shape.STARS: "3", Shape.TEXT: "x", Shape.LABELS: "{tech: x}"}
    for path in spec.places:
        nested = "".join(f"{'  ' * depth}{part}:\n" for depth, part in enumerate(path[:-1]))
        reading = read(f"---\n{nested}{'  ' * (len(path) - 1)}{path[-1]}: {values.get(spec.shape, '[x]')}\n---\n")
        assert reading.places[spec.name, spec.kind].path == path
        assert value_of(reading.document, spec) not in ("", (), None)
        assert other_keys(reading) == []


# Relationship entries in all their shapes


@pytest.mark.parametrize(
    ("written", "read_as"),
    [
        ("{slug: a, weight: 0.7}", Relationship("enables", "a", 0.7)),
        ("a", Relationship("enables", "a")),
        ("{id: a, weight: 0.7, description: why}", Relationship("enables", "a", 0.7, "why")),
        (
            "{slug: a, typeid: pat_1, weight: 0.7, source: x}",
            Relationship("enables", "a", 0.7, "", (("typeid", "pat_1"), ("source", "x"))),
        ),
        ("{name: Tape, role: to bind}", Relationship("enables", "Tape", None, "", (("role", "to bind"),))),
        ("{slug: a, type: thing}", Relationship("enables", "a", None, "", (("type", "thing"),))),
        ("{id: pat_1, slug: a, weight: 1}", Relationship("enables", "a", 1.0, "", (("id", "pat_1"),))),
        ("{slug: null, id: a}", Relationship("enables", "a", None, "", (("slug", ""),))),
        ("{slug: a, weight: null, description: ~}", Relationship("enables", "a")),
        ("{slug: 2026-01-01, weight: '0.5'}", Relationship("enables", "2026-01-01", 0.5)),
    ],
)
def test_a_relationship_is_read_in_every_shape(written: str, read_as: Relationship) -> None:
    assert document(f"relationships:\n  enables:\n    - {written}").relationships == (read_as,)
    assert document(f"enables: [{written}]").relationships == (read_as,)


def test_relationships_come_kind_after_kind_whatever_the_order_in_the_file() -> None:
    said = document("requires: [c]\nenables: [b, d]\ngeneralizes_from: [a]\ngoverned_by: [f]\nrelated: [e]")
    assert [entry.target for entry in said.relationships] == ["a", "b", "d", "c", "e", "f"]


def test_a_file_without_a_slug_is_called_by_its_name() -> None:
    reading = read("---\ntitle: X\n---\n", name="the-name")
    assert reading.document.slug == "the-name"
    assert document("slug: its-own", name="the-name").slug == "its-own"


def test_a_byte_order_mark_and_carriage_returns_do_not_matter_to_what_is_read() -> None:
    plain = read(library.example("repair-cafe-evening")).document
    for newline in ("\n", "\r\n", "\r"):
        for mark in ("", "\ufeff"):
            said = read(mark + library.example("repair-cafe-evening").replace("\n", newline)).document
            for spec in FIELDS:
                assert value_of(said, spec) == value_of(plain, spec)


@given(strategies.files())
@settings(max_examples=100)
def test_any_file_is_read_or_refused_with_a_line_that_it_has(text: str) -> None:
    lines = text.replace("\r\n", "\n").replace("\r", "\n").count("\n") + 1
    reading: Reading | None = None
    try:
        reading = read(text)
        problems = reading.problems
    except Unreadable as refusal:
        problems = [refusal.problem]
    assert all(1 <= problem.line <= lines for problem in problems)
    assert all(problem.message.isprintable() for problem in problems)
    if reading:
        assert text.endswith(reading.document.body)
        assert read(text).document.fingerprint() == reading.document.fingerprint()
