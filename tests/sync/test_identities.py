"""Which file is which pattern: ids, slugs and paths that change, wander, swap and collide."""

from __future__ import annotations

from itertools import permutations
from pathlib import Path

import pytest

from patterns_app.models import LibraryFile, Pattern
from tests.sync.folders import pattern_file, typeid, write_files, write_many
from tests.sync.running import Ran, import_from
from tests.sync.state import check_integrity, dump, slugs, texts_of

pytestmark = pytest.mark.django_db


def keys() -> dict[str, int]:
    """slug → primary key."""
    return dict(Pattern.objects.values_list("slug", "pk"))


def places() -> dict[str, str]:
    """slug → path of its file."""
    return dict(LibraryFile.objects.values_list("pattern__slug", "path"))


def settle(library: Path) -> None:
    """What was imported is imported: a second run has nothing to do, and everything is sound."""
    check_integrity()
    before = dump()
    again = import_from(library)
    assert again.counts in ({}, {"missing": again.counts.get("missing")}), again.err
    assert dump() == before


# Two files, one identity


def test_of_two_files_with_one_slug_the_second_is_refused_and_both_are_named(tmp_path: Path) -> None:
    library = write_files(
        tmp_path / "lib",
        {"a.md": pattern_file("same", id=typeid(1)), "b.md": pattern_file("same", id=typeid(2), title="Other")},
    )
    ran = import_from(library)
    assert (ran.code, ran.counts) == (1, {"create": 1, "refused": 1})
    [problem] = [problem for problem in ran.problems if problem["severity"] == "error"]
    assert (problem["path"], problem["line"], problem["code"]) == ("b.md", 4, "slug-taken")
    assert "“same”" in problem["message"]
    assert "a.md:4" in problem["message"]
    assert f"{library}/b.md:4: error: " in ran.err
    assert slugs() == ["same"]
    check_integrity()


def test_of_two_files_with_one_id_the_second_is_refused_and_both_are_named(tmp_path: Path) -> None:
    library = write_files(
        tmp_path / "lib", {"a.md": pattern_file("first", id=typeid(1)), "b.md": pattern_file("second", id=typeid(1))}
    )
    ran = import_from(library)
    [problem] = [problem for problem in ran.problems if problem["severity"] == "error"]
    assert (ran.code, problem["path"], problem["line"], problem["code"]) == (1, "b.md", 3, "id-taken")
    assert "a.md:3" in problem["message"]
    assert slugs() == ["first"]


def test_a_refused_second_file_is_refused_again_and_changes_nothing(tmp_path: Path) -> None:
    library = write_files(tmp_path / "lib", {"a.md": pattern_file("same"), "b.md": pattern_file("same", title="Other")})
    import_from(library)
    before = dump()
    again = import_from(library)
    assert (again.code, again.counts) == (1, {"refused": 1})
    assert "a.md" in again.said_of("b.md")
    assert dump() == before


def test_a_second_file_goes_in_once_the_first_has_gone(tmp_path: Path) -> None:
    library = write_files(
        tmp_path / "lib",
        {"a.md": pattern_file("same", id=typeid(1)), "b.md": pattern_file("same", id=typeid(1), title="Other")},
    )
    import_from(library)
    (library / "a.md").unlink()
    ran = import_from(library)
    assert (ran.code, ran.counts) == (0, {"update": 1})
    assert places() == {"same": "b.md"}
    assert Pattern.objects.get().title == "Other"
    settle(library)


def test_an_identity_is_taken_across_libraries_and_the_refusal_names_the_library(tmp_path: Path) -> None:
    one = write_files(tmp_path / "one", {"x/a.md": pattern_file("same", id=typeid(1))})
    two = write_files(
        tmp_path / "two", {"y.md": pattern_file("same", id=typeid(2)), "z.md": pattern_file("z", id=typeid(1))}
    )
    together = import_from(one, two)
    assert (together.code, sorted(together.errors)) == (1, [("y.md", "slug-taken"), ("z.md", "id-taken")])
    assert "one/x/a.md:4" in together.said_of("y.md")
    assert "one/x/a.md:3" in together.said_of("z.md")
    later = import_from(two)
    assert (later.code, sorted(later.errors)) == (1, [("y.md", "slug-taken"), ("z.md", "id-taken")])
    assert "one/x/a.md" in later.said_of("y.md")
    assert places() == {"same": "x/a.md"}
    check_integrity()


def test_one_library_named_twice_is_no_collision_with_itself(tmp_path: Path) -> None:
    library = write_files(tmp_path / "lib", {"a.md": pattern_file("a", id=typeid(1)), "b.md": pattern_file("b")})
    dry = import_from("--dry-run", library, library / "a.md", library)
    assert (dry.code, dry.errors) == (0, [])
    assert (import_from(library, library, library / "b.md").counts) == {"create": 2}


# Identities that change


def test_a_changed_slug_keeps_the_row(tmp_path: Path) -> None:
    library = write_files(tmp_path / "lib", {"old.md": pattern_file("old", id=typeid(1))})
    import_from(library)
    [pk] = keys().values()
    (library / "old.md").write_text(pattern_file("new", id=typeid(1)))
    assert import_from(library).counts == {"update": 1}
    assert keys() == {"new": pk}
    assert len(texts_of("new")) == 2
    settle(library)


def test_a_changed_slug_keeps_the_row_of_a_file_without_id(tmp_path: Path) -> None:
    library = write_files(tmp_path / "lib", {"it.md": pattern_file("old")})
    import_from(library)
    [pk] = keys().values()
    (library / "it.md").write_text(pattern_file("new"))
    assert import_from(library).counts == {"update": 1}
    assert keys() == {"new": pk}
    settle(library)


@pytest.mark.parametrize("identifier", [typeid(1), ""])
def test_a_renamed_file_keeps_the_row_and_adds_no_revision(tmp_path: Path, identifier: str) -> None:
    library = write_files(tmp_path / "lib", {"here.md": pattern_file("it", id=identifier)})
    import_from(library)
    before = keys()
    (library / "deep").mkdir()
    (library / "here.md").rename(library / "deep" / "there.md")
    assert import_from(library).counts == {"move": 1}
    assert keys() == before
    assert places() == {"it": "deep/there.md"}
    assert len(texts_of("it")) == 1
    settle(library)


@pytest.mark.parametrize("identifier", [typeid(1), ""])
def test_a_file_renamed_and_changed_at_once_keeps_the_row(tmp_path: Path, identifier: str) -> None:
    library = write_files(tmp_path / "lib", {"here.md": pattern_file("it", id=identifier)})
    import_from(library)
    before = keys()
    (library / "here.md").unlink()
    write_files(library, {"there.md": pattern_file("it", id=identifier, title="Changed")})
    assert import_from(library).counts == {"update": 1}
    assert keys() == before
    assert places() == {"it": "there.md"}
    settle(library)


def test_a_renamed_file_whose_rows_have_newer_edits_keeps_both(tmp_path: Path) -> None:
    from tests.sync.editing import edit

    library = write_files(tmp_path / "lib", {"here.md": pattern_file("it", id=typeid(1))})
    import_from(library)
    edit("it", title="Edited")
    (library / "here.md").rename(library / "there.md")
    assert import_from(library).counts == {"move": 1}
    assert places() == {"it": "there.md"}
    assert Pattern.objects.get().title == "Edited"
    check_integrity()


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("", typeid(1)),
        (typeid(1), ""),
        (typeid(1), typeid(2)),
        ("pat_placeholder", typeid(1)),
        (typeid(1), "pat_placeholder"),
    ],
    ids=["added", "removed", "changed", "placeholder replaced", "placeholder put"],
)
def test_the_id_of_the_file_at_one_path_may_come_and_go(tmp_path: Path, before: str, after: str) -> None:
    library = write_files(tmp_path / "lib", {"it.md": pattern_file("it", id=before)})
    import_from(library)
    old = keys()
    (library / "it.md").write_text(pattern_file("it", id=after))
    assert import_from(library).counts == {"update": 1}
    assert keys() == old
    assert Pattern.objects.get().identifier == (after if after != "pat_placeholder" else "")
    settle(library)


def test_placeholder_ids_are_no_identities(tmp_path: Path) -> None:
    names = ["a", "b", "c", "d"]
    library = write_files(tmp_path / "lib", {f"{name}.md": pattern_file(name, id="pat_placeholder") for name in names})
    ran = import_from(library)
    assert (ran.code, ran.counts) == (0, {"create": 4})
    assert set(Pattern.objects.values_list("identifier", flat=True)) == {""}
    assert [problem["code"] for problem in ran.problems].count("placeholder-id") == 4
    settle(library)


def test_a_file_without_slug_takes_its_name_and_says_so(tmp_path: Path) -> None:
    library = write_files(tmp_path / "lib", {"deep/borrowed-drill.md": pattern_file("", title="Borrowed drill")})
    ran = import_from(library)
    assert (ran.code, ran.counts) == (0, {"create": 1})
    assert slugs() == ["borrowed-drill"]
    assert "no-slug" in [problem["code"] for problem in ran.problems]
    settle(library)


def test_a_file_without_slug_that_is_renamed_gets_its_new_name(tmp_path: Path) -> None:
    library = write_files(tmp_path / "lib", {"old-name.md": pattern_file("", id=typeid(1), title="It")})
    import_from(library)
    [pk] = keys().values()
    (library / "old-name.md").rename(library / "new-name.md")
    import_from(library)
    assert keys() == {"new-name": pk}
    assert places() == {"new-name": "new-name.md"}
    settle(library)


def test_a_file_without_slug_and_id_that_is_renamed_is_another_pattern(tmp_path: Path) -> None:
    library = write_files(tmp_path / "lib", {"old-name.md": pattern_file("", title="It")})
    import_from(library)
    (library / "old-name.md").rename(library / "new-name.md")
    ran = import_from(library)
    assert ran.counts == {"create": 1, "missing": 1}
    assert slugs() == ["new-name", "old-name"]
    check_integrity()


def test_another_pattern_at_the_same_path_is_another_row_and_the_old_one_stays(tmp_path: Path) -> None:
    library = write_files(tmp_path / "lib", {"it.md": pattern_file("old", id=typeid(1))})
    import_from(library)
    [pk] = keys().values()
    (library / "it.md").write_text(pattern_file("new", id=typeid(2)))
    ran = import_from(library)
    assert ran.counts == {"create": 1, "missing": 1}
    assert keys()["old"] == pk
    assert keys()["new"] != pk
    assert places() == {"new": "it.md"}
    check_integrity()


def test_a_pattern_whose_path_another_took_comes_back_at_another_path(tmp_path: Path) -> None:
    library = write_files(tmp_path / "lib", {"it.md": pattern_file("old", id=typeid(1))})
    import_from(library)
    before = keys()
    (library / "it.md").rename(library / "moved.md")
    write_files(library, {"it.md": pattern_file("new", id=typeid(2))})
    assert import_from(library).counts == {"create": 1, "move": 1}
    assert keys()["old"] == before["old"]
    assert places() == {"new": "it.md", "old": "moved.md"}
    settle(library)


# Swaps and cycles


def cycle(kind: str, count: int) -> tuple[dict[str, str], dict[str, str], dict[str, str]]:
    """Files before and after identities went round, and path → title of the pattern whose row each file keeps."""
    before, after, kept = {}, {}, {}
    for number in range(count):
        other = (number + 1) % count
        path = f"file-{number}.md"
        before[path] = pattern_file(f"slug-{number}", id=typeid(number), title=f"Title {number}")
        if kind == "slugs":
            after[path] = pattern_file(f"slug-{other}", id=typeid(number), title=f"Title {number}")
            kept[path] = f"Title {number}"
        elif kind == "ids":
            after[path] = pattern_file(f"slug-{number}", id=typeid(other), title=f"Title {number}")
            # A pattern is its id: what now stands under it is its new text.
            kept[path] = f"Title {other}"
        else:
            after[path] = before.get(f"file-{other}.md") or pattern_file(
                f"slug-{other}", id=typeid(other), title=f"Title {other}"
            )
            kept[path] = f"Title {other}"
    return before, after, kept


@pytest.mark.parametrize("count", [2, 3])
@pytest.mark.parametrize("kind", ["slugs", "ids", "names"])
def test_identities_that_go_round_keep_their_rows(tmp_path: Path, kind: str, count: int) -> None:
    before, after, kept = cycle(kind, count)
    library = write_files(tmp_path / "lib", before)
    import_from(library)
    rows = dict(Pattern.objects.values_list("title", "pk"))
    write_files(library, after)
    ran = import_from(library)
    assert (ran.code, ran.errors) == (0, [])
    assert dict(LibraryFile.objects.values_list("path", "pattern_id")) == {path: rows[kept[path]] for path in after}
    assert Pattern.objects.count() == count
    settle(library)


@pytest.mark.parametrize("kind", ["slugs", "names"])
def test_two_files_without_ids_that_swap_say_what_they_say(tmp_path: Path, kind: str) -> None:
    one, two = pattern_file("one", title="First"), pattern_file("two", title="Second")
    library = write_files(tmp_path / "lib", {"a.md": one, "b.md": two})
    import_from(library)
    if kind == "names":
        write_files(library, {"a.md": two, "b.md": one})
    else:
        write_files(library, {"a.md": pattern_file("two", title="First"), "b.md": pattern_file("one", title="Second")})
    ran = import_from(library)
    assert (ran.code, ran.errors) == (0, [])
    by_path = dict(LibraryFile.objects.values_list("path", "pattern__slug"))
    assert by_path == {"a.md": "two", "b.md": "one"}
    settle(library)


def test_an_identity_handed_on_along_a_chain_is_free_at_its_end(tmp_path: Path) -> None:
    library = write_files(tmp_path / "lib", {f"{n}.md": pattern_file(f"slug-{n}", id=typeid(n)) for n in range(4)})
    import_from(library)
    rows = keys()
    write_files(library, {f"{n}.md": pattern_file(f"slug-{n + 1}", id=typeid(n)) for n in range(4)})
    write_files(library, {"new.md": pattern_file("slug-0", id=typeid(9))})
    ran = import_from(library)
    assert (ran.code, ran.errors) == (0, [])
    assert all(keys()[f"slug-{n + 1}"] == rows[f"slug-{n}"] for n in range(4))
    assert keys()["slug-0"] not in rows.values()
    settle(library)


def test_hundreds_of_files_that_move_on_by_one_name_lose_no_file(tmp_path: Path) -> None:
    count = 450
    library = write_files(
        tmp_path / "lib", {f"{n:03}.md": pattern_file(f"slug-{n}", id=typeid(n)) for n in range(count)}
    )
    import_from(library)
    rows = keys()
    for n in reversed(range(count)):
        (library / f"{n:03}.md").rename(library / f"{n + 1:03}.md")
    ran = import_from(library)
    assert (ran.code, ran.errors) == (0, [])
    assert keys() == rows
    assert places() == {f"slug-{n}": f"{n + 1:03}.md" for n in range(count)}
    settle(library)


def test_two_files_that_both_want_a_slug_given_up_in_the_same_run_are_told_of_each_other(tmp_path: Path) -> None:
    library = write_files(tmp_path / "lib", {f"{n}.md": pattern_file(f"slug-{n}", id=typeid(n)) for n in range(3)})
    import_from(library)
    write_files(
        library,
        {
            "0.md": pattern_file("slug-2", id=typeid(0)),
            "1.md": pattern_file("slug-2", id=typeid(1)),
            "2.md": pattern_file("free", id=typeid(2)),
        },
    )
    ran = import_from(library)
    assert (ran.code, ran.errors) == (1, [("1.md", "slug-taken")])
    assert "0.md" in ran.said_of("1.md")
    assert slugs() == ["free", "slug-1", "slug-2"]
    check_integrity()


def test_an_identity_that_its_bearer_only_would_have_given_up_stays_taken(tmp_path: Path) -> None:
    from tests.sync.editing import edit

    library = write_files(tmp_path / "lib", {"a.md": pattern_file("wanted", id=typeid(1))})
    import_from(library)
    edit("wanted", title="Edited here")
    write_files(
        library, {"a.md": pattern_file("other", id=typeid(1)), "b.md": pattern_file("wanted", id=typeid(2), title="B")}
    )
    ran = import_from(library)
    assert ran.code == 1
    assert sorted(ran.errors) == [("a.md", "conflict"), ("b.md", "slug-taken")]
    assert Pattern.objects.get().title == "Edited here"
    check_integrity()


def test_a_new_file_may_take_the_place_and_name_of_one_that_cannot_be_read_any_more(tmp_path: Path) -> None:
    library = write_files(tmp_path / "lib", {"a.md": pattern_file("it", id=typeid(1))})
    import_from(library)
    write_files(library, {"a.md": "---\nbroken: [\n---\n", "b.md": pattern_file("it", id=typeid(1), title="New")})
    ran = import_from(library)
    # The file that bore the identity is still there, so it may come back: nobody else gets it.
    assert (ran.code, sorted(ran.errors)) == (1, [("a.md", "yaml"), ("b.md", "id-taken")])
    (library / "a.md").unlink()
    assert import_from(library).counts == {"update": 1}
    settle(library)


def outcome(ran: Ran) -> tuple[int, dict[str, int]]:
    return ran.code, ran.counts


@pytest.mark.parametrize("order", list(permutations(["a", "b", "c"])), ids="".join)
def test_files_handed_in_one_by_one_find_their_rows_in_any_order(tmp_path: Path, order: tuple[str, ...]) -> None:
    library = write_files(tmp_path / "lib", {f"{name}.md": pattern_file(name, id=typeid(ord(name))) for name in "abc"})
    for name in order:
        assert outcome(import_from(library / f"{name}.md")) == (0, {"create": 1})
    assert slugs() == ["a", "b", "c"]
    settle(library)


def test_swaps_work_among_more_files_than_one_batch_holds(tmp_path: Path) -> None:
    library = write_many(tmp_path / "lib", 450)
    import_from(library)
    rows = keys()
    paths = {number: library / f"part-{number % 7}/pattern-{number}.md" for number in range(450)}
    for number in range(225):
        one, two = paths[number], paths[449 - number]
        first, second = one.read_bytes(), two.read_bytes()
        one.write_bytes(second)
        two.write_bytes(first)
    ran = import_from(library)
    assert (ran.code, ran.errors, ran.counts) == (0, [], {"move": 450})
    assert keys() == rows
    settle(library)
