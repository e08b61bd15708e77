"""Which pattern a target means: the database alone decides, never the order in which patterns came."""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from patterns_app.document.pattern import InferredLink as SaidLink
from patterns_app.document.pattern import Relationship as SaidRelationship
from patterns_app.models import Alias, InferredLink, Pattern, Relationship
from tests.factories import make_pattern
from tests.sync.editing import edit
from tests.sync.folders import EXAMPLES, pattern_file, typeid, write_files
from tests.sync.running import export_to, import_from
from tests.sync.state import check_links, targets

pytestmark = pytest.mark.django_db


def enabling(*names: str) -> tuple[SaidRelationship, ...]:
    return tuple(SaidRelationship("enables", name) for name in names)


def resolved(name: str, by: str = "pointer") -> tuple[str | None, str]:
    """What the pattern `by` means by `name`: (slug of the pattern or None, what led there)."""
    return targets()[by, name]


def test_a_target_resolves_by_slug_by_id_and_by_alias() -> None:
    make_pattern(slug="a-slug", id=typeid(1), aliases=("Known As",))
    make_pattern(slug="pointer", relationships=enabling("a-slug", typeid(1), "Known As", "known-as", "KNOWN  as!"))
    assert {name: resolved(name) for name in ("a-slug", typeid(1), "Known As", "known-as", "KNOWN  as!")} == {
        "a-slug": ("a-slug", "slug"),
        typeid(1): ("a-slug", "id"),
        "Known As": ("a-slug", "alias"),
        "known-as": ("a-slug", "alias"),
        "KNOWN  as!": ("a-slug", "alias"),
    }


def test_slugs_and_ids_are_meant_to_the_letter() -> None:
    make_pattern(slug="a-slug", id=typeid(1))
    make_pattern(slug="pointer", relationships=enabling("A-Slug", typeid(1).upper(), " a-slug"))
    assert {target for target, _ in targets().values()} == {None}


def test_a_slug_comes_before_an_id_and_an_id_before_an_alias() -> None:
    make_pattern(slug="named-so", aliases=("wanted",))
    make_pattern(slug="identified", id="wanted")
    make_pattern(slug="pointer", relationships=enabling("wanted"))
    assert resolved("wanted") == ("identified", "id")
    make_pattern(slug="wanted")
    assert resolved("wanted") == ("wanted", "slug")


def test_an_alias_that_two_patterns_bear_resolves_to_nothing() -> None:
    make_pattern(slug="pointer", relationships=enabling("shared"))
    make_pattern(slug="one", aliases=("Shared",))
    assert resolved("shared") == ("one", "alias")
    make_pattern(slug="two", aliases=("shared",))
    assert resolved("shared") == (None, "")
    edit("two", aliases=())
    assert resolved("shared") == ("one", "alias")


def test_two_spellings_of_one_alias_on_one_pattern_are_not_ambiguous() -> None:
    make_pattern(slug="one", aliases=("Shared", "shared", "SHARED"))
    make_pattern(slug="pointer", relationships=enabling("shared"))
    assert resolved("shared") == ("one", "alias")


def test_a_pattern_may_point_at_itself_by_each_of_its_names() -> None:
    make_pattern(slug="me", id=typeid(1), aliases=("Myself",), relationships=enabling("me", typeid(1), "myself"))
    assert targets() == {
        ("me", "me"): ("me", "slug"),
        ("me", typeid(1)): ("me", "id"),
        ("me", "myself"): ("me", "alias"),
    }


def test_inferred_links_resolve_as_relationships_do() -> None:
    make_pattern(slug="pointer", inferred_links=(SaidLink("late", "enables", 0.5), SaidLink("never")))
    assert resolved("late") == (None, "")
    make_pattern(slug="late")
    assert resolved("late") == ("late", "slug")
    assert resolved("never") == (None, "")


def test_a_slug_that_changes_leaves_its_links_wanting_and_finds_those_that_want_it() -> None:
    make_pattern(slug="old")
    make_pattern(slug="pointer", relationships=enabling("old", "new"))
    edit("old", slug="new")
    assert resolved("old") == (None, "")
    assert resolved("new") == ("new", "slug")


def test_a_slug_that_goes_leaves_its_links_to_the_alias_that_is_left() -> None:
    make_pattern(slug="wanted")
    make_pattern(slug="other", aliases=("Wanted",))
    make_pattern(slug="pointer", relationships=enabling("wanted"))
    edit("wanted", slug="gone")
    assert resolved("wanted") == ("other", "alias")


def test_a_pattern_deleted_past_the_door_is_wanted_until_its_file_brings_it_back(tmp_path: Path) -> None:
    folder = write_files(
        tmp_path / "lib",
        {
            "doomed.md": pattern_file("doomed", id=typeid(1), aliases=["Doomed one"]),
            "pointer.md": pattern_file("pointer", enables=["doomed", typeid(1), "doomed-one"]),
        },
    )
    import_from(folder)
    before = targets()
    Pattern.objects.get(slug="doomed").delete()
    assert {row["target_text"] for row in Relationship.objects.all().by_demand()} == {"doomed", typeid(1), "doomed-one"}
    assert import_from(folder).counts == {"create": 1}
    assert targets() == before
    check_links()


def test_a_slug_changed_past_the_door_is_followed_by_its_links_once_it_is_recorded(tmp_path: Path) -> None:
    folder = write_files(
        tmp_path / "lib", {"old.md": pattern_file("old"), "pointer.md": pattern_file("pointer", enables=["old", "new"])}
    )
    import_from(folder)
    Pattern.objects.filter(slug="old").update(slug="new")
    export_to(folder)
    assert resolved("old") == (None, "")
    assert resolved("new") == ("new", "slug")
    check_links()


def test_an_alias_changed_past_the_door_is_followed_by_its_links_once_it_is_recorded(tmp_path: Path) -> None:
    folder = write_files(
        tmp_path / "lib",
        {"it.md": pattern_file("it", aliases=["Old"]), "pointer.md": pattern_file("pointer", enables=["old", "new"])},
    )
    import_from(folder)
    Alias.objects.update(name="New")
    export_to(folder)
    assert resolved("old") == (None, "")
    assert resolved("new") == ("it", "alias")
    check_links()


def test_wanted_patterns_are_listed_by_how_many_want_them() -> None:
    for number in range(3):
        make_pattern(
            slug=f"wanting-{number}",
            relationships=(
                *enabling("much-wanted", *(["little-wanted"] if number == 0 else [])),
                SaidRelationship("requires", "much-wanted"),
                SaidRelationship("requires", "wanting-0"),
            ),
        )
    demand = list(Relationship.objects.all().by_demand())
    assert demand == [
        {"target_text": "much-wanted", "wanted_by": 3},
        {"target_text": "little-wanted", "wanted_by": 1},
    ]
    make_pattern(slug="much-wanted")
    assert [row["target_text"] for row in Relationship.objects.all().by_demand()] == ["little-wanted"]


def test_the_example_library_wants_what_its_readme_says(tmp_path: Path) -> None:
    import_from(EXAMPLES)
    wanted = {row["target_text"]: row["wanted_by"] for row in Relationship.objects.exclude(kind="tools").by_demand()}
    assert wanted == {
        "shared-parts-drawer": 3,
        "insurance-under-one-roof": 2,
        "textile-corner": 1,
        "fixers-supper": 1,
    }
    by_alias = Relationship.objects.filter(resolved_by="alias").values_list("target_text", "target__slug")
    assert dict(by_alias) == {"mending-evening": "repair-cafe-evening", "lending-shed": "tool-library"}
    assert not InferredLink.objects.wanted().exists()


# Any order

CROWD: dict[str, dict[str, Any]] = {
    "by-slug": {"enables": ["hub", "alias-of-hub", "late", "shared", "by-slug"]},
    "hub": {"id": typeid(1), "aliases": ["Alias of hub", "Late"], "enables": ["by-slug", typeid(2)]},
    "late": {"id": typeid(2), "aliases": ["Shared"], "enables": ["hub", "nowhere"]},
    "rival": {"aliases": ["shared", "nowhere-else"], "enables": [typeid(1), "Nowhere else"]},
    "impostor": {"id": "hub", "enables": ["hub", "impostor"]},
}


def expectation() -> dict[tuple[str, str], tuple[str | None, str]]:
    return {
        ("by-slug", "hub"): ("hub", "slug"),
        ("by-slug", "alias-of-hub"): ("hub", "alias"),
        ("by-slug", "late"): ("late", "slug"),
        ("by-slug", "shared"): (None, ""),
        ("by-slug", "by-slug"): ("by-slug", "slug"),
        ("hub", "by-slug"): ("by-slug", "slug"),
        ("hub", typeid(2)): ("late", "id"),
        ("late", "hub"): ("hub", "slug"),
        ("late", "nowhere"): (None, ""),
        ("rival", typeid(1)): ("hub", "id"),
        ("rival", "Nowhere else"): ("rival", "alias"),
        ("impostor", "hub"): ("hub", "slug"),
        ("impostor", "impostor"): ("impostor", "slug"),
    }


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(order=st.permutations(sorted(CROWD)), cuts=st.sets(st.integers(1, 4)))
def test_links_come_out_the_same_in_whatever_order_and_in_whatever_lots_files_arrive(
    tmp_path: Path, order: list[str], cuts: set[int]
) -> None:
    Pattern.objects.all().delete()
    folder = write_files(tmp_path / "lib", {})
    for file in folder.iterdir():
        file.unlink()
    edges = [0, *sorted(cuts), len(order)]
    for start, end in itertools.pairwise(edges):
        write_files(folder, {f"{name}.md": pattern_file(name, **CROWD[name]) for name in order[start:end]})
        assert import_from(folder).code == 0
        check_links()
    assert targets() == expectation()
