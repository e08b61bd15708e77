"""Which folder is which library; parts of libraries; files that are gone; exports to folders never seen."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from patterns_app.models import Library, LibraryFile, Pattern, Revision
from tests.factories import make_pattern
from tests.sync.editing import edit
from tests.sync.folders import bytes_in, pattern_file, typeid, write_files
from tests.sync.running import export_to, import_from
from tests.sync.state import check_integrity, dump, slugs

pytestmark = pytest.mark.django_db


@pytest.fixture
def library(tmp_path: Path) -> Path:
    """A library of four files in two folders, imported."""
    folder = write_files(
        tmp_path / "tools",
        {
            "hammer.md": pattern_file("hammer", id=typeid(1)),
            "saws/rip.md": pattern_file("rip", id=typeid(2)),
            "saws/fret.md": pattern_file("fret", id=typeid(3)),
            "saws/odd/coping.md": pattern_file("coping"),
        },
    )
    assert import_from(folder).code == 0
    return folder


def libraries() -> dict[str, str]:
    return dict(Library.objects.values_list("name", "root"))


# Clones and namesakes


def test_a_library_that_moved_is_recognised_by_its_files(library: Path, tmp_path: Path) -> None:
    moved = tmp_path / "elsewhere" / "tools"
    shutil.move(library, moved)
    ran = import_from(moved)
    assert (ran.code, ran.counts) == (0, {})
    assert libraries() == {"tools": str(moved)}


def test_a_clone_with_some_files_changed_is_the_same_library(library: Path, tmp_path: Path) -> None:
    clone = shutil.copytree(library, tmp_path / "clone" / "tools")
    (clone / "hammer.md").write_text(pattern_file("hammer", id=typeid(1), title="Sledge"))
    (clone / "saws/rip.md").unlink()
    assert import_from(clone).counts == {"update": 1, "missing": 1}
    assert Library.objects.count() == 1
    check_integrity()


def test_a_clone_elsewhere_can_be_exported_to(library: Path, tmp_path: Path) -> None:
    clone = tmp_path / "clone" / "tools"
    shutil.copytree(library, clone)
    edit("hammer", title="Sledge")
    ran = export_to(clone)
    assert (ran.code, ran.counts) == (0, {"write": 1})
    assert libraries() == {"tools": str(clone)}
    assert import_from(clone).counts == {}
    check_integrity()


def test_another_folder_of_the_same_name_is_refused_with_a_way_out(library: Path, tmp_path: Path) -> None:
    other = write_files(tmp_path / "other" / "tools", {"oven.md": pattern_file("oven")})
    before = dump()
    ran = import_from(other)
    assert (ran.code, ran.out) == (2, "")
    assert "--library tools" in ran.err
    assert str(library) in ran.err
    assert dump() == before
    assert import_from("--library", "kitchen", other).counts == {"create": 1}
    assert libraries() == {"tools": str(library), "kitchen": str(other)}
    # From now on its folder tells.
    assert import_from(other).counts == {}


def test_a_named_library_is_that_library_wherever_its_files_are(library: Path, tmp_path: Path) -> None:
    moved = shutil.move(library, tmp_path / "renamed-folder")
    assert import_from("--library", "tools", moved).counts == {}
    assert libraries() == {"tools": str(moved)}


def test_a_name_longer_than_its_column_is_misuse(tmp_path: Path) -> None:
    folder = write_files(tmp_path / "lib", {"a.md": pattern_file("a")})
    for command in (import_from, export_to):
        ran = command("--library", "x" * 256, folder)
        assert (ran.code, ran.out) == (2, "")
        assert "255" in ran.err


def test_a_link_to_a_library_is_that_library(library: Path, tmp_path: Path) -> None:
    (tmp_path / "shortcut").symlink_to(library)
    assert import_from(tmp_path / "shortcut").counts == {}
    assert import_from(tmp_path / "shortcut" / "saws").counts == {}
    assert libraries() == {"tools": str(library)}


# Parts


def test_a_part_of_a_library_leaves_the_rest_alone(library: Path) -> None:
    for path in ("hammer.md", "saws/rip.md", "saws/odd/coping.md"):
        file = library / path
        file.write_text(file.read_text().replace("title:", "summary: New.\ntitle:"))
    (library / "saws/fret.md").unlink()
    (library / "hammer-2.md").write_text(pattern_file("hammer-2"))
    ran = import_from(library / "saws")
    assert ran.counts == {"update": 2, "missing": 1}
    assert Pattern.objects.get(slug="hammer").summary == ""
    assert import_from(library).counts == {"update": 1, "create": 1, "missing": 1}
    check_integrity()


def test_single_files_are_imported_at_their_place(library: Path) -> None:
    write_files(library, {"saws/new.md": pattern_file("new"), "saws/unasked.md": pattern_file("unasked")})
    (library / "hammer.md").unlink()
    ran = import_from(library / "saws/new.md", library / "saws/rip.md")
    assert (ran.code, ran.counts) == (0, {"create": 1})
    assert LibraryFile.objects.get(pattern__slug="new").path == "saws/new.md"
    assert "unasked" not in slugs()


def test_a_file_moved_into_a_part_keeps_its_row(library: Path) -> None:
    pk = Pattern.objects.get(slug="hammer").pk
    (library / "hammer.md").rename(library / "saws/hammer.md")
    assert import_from(library / "saws").counts == {"move": 1}
    assert Pattern.objects.get(slug="hammer").pk == pk
    assert import_from(library).counts == {}


def test_a_file_copied_into_a_part_is_refused_while_the_first_is_there(library: Path) -> None:
    shutil.copy(library / "hammer.md", library / "saws/hammer.md")
    ran = import_from(library / "saws")
    assert (ran.code, ran.errors) == (1, [("saws/hammer.md", "id-taken")])
    assert "hammer.md" in ran.said_of("saws/hammer.md")


def test_whoever_imported_a_part_first_may_import_the_whole_later(tmp_path: Path) -> None:
    folder = write_files(
        tmp_path / "tools", {"saws/deep/rip.md": pattern_file("rip", id=typeid(1)), "hammer.md": pattern_file("hammer")}
    )
    import_from(folder / "saws" / "deep" / "rip.md")
    assert libraries() == {"deep": str(folder / "saws" / "deep")}
    edit("rip", title="Edited")
    ran = import_from("--dry-run", folder)
    assert ran.counts == {"create": 1}
    ran = import_from(folder)
    assert (ran.code, ran.counts) == (0, {"create": 1})
    assert libraries() == {"deep": str(folder)}
    assert set(LibraryFile.objects.values_list("path", flat=True)) == {"saws/deep/rip.md", "hammer.md"}
    assert export_to(folder).counts == {"write": 1}
    assert "Edited" in (folder / "saws/deep/rip.md").read_text()
    check_integrity()


def test_several_libraries_and_files_in_one_run(library: Path, tmp_path: Path) -> None:
    kitchen = write_files(tmp_path / "kitchen", {"oven.md": pattern_file("oven", enables=["hammer", "rip"])})
    (library / "saws/new.md").write_text(pattern_file("new"))
    ran = import_from(kitchen, library / "saws/new.md", library / "saws")
    assert (ran.code, ran.counts) == (0, {"create": 2})
    assert [run["library"] for run in ran.report["runs"]] == ["kitchen", "tools", "tools"]
    assert set(libraries()) == {"tools", "kitchen"}
    check_integrity()


# Files that are gone


def test_missing_files_are_said_and_nothing_is_deleted(library: Path) -> None:
    (library / "hammer.md").unlink()
    before = dump()
    ran = import_from(library)
    assert (ran.code, ran.counts) == (0, {"missing": 1})
    assert [problem["path"] for problem in ran.problems if problem["code"] == "missing-file"] == ["hammer.md"]
    assert "--archive-missing" in ran.said_of("hammer.md")
    assert dump() == before
    assert import_from("--check", library).code == 0


def test_archive_missing_archives_once(library: Path) -> None:
    (library / "hammer.md").unlink()
    assert import_from("--check", "--archive-missing", library).code == 1
    assert Pattern.objects.get(slug="hammer").status == "draft"
    ran = import_from("--archive-missing", library)
    assert (ran.code, ran.counts) == (0, {"missing": 1, "archived": 1})
    assert Pattern.objects.get(slug="hammer").status == "archived"
    assert "status: archived" in Pattern.objects.get(slug="hammer").text
    check_integrity()
    again = import_from("--archive-missing", library)
    assert (again.code, again.counts) == (0, {})


def test_archive_missing_of_a_part_archives_in_that_part_only(library: Path) -> None:
    (library / "hammer.md").unlink()
    (library / "saws/rip.md").unlink()
    import_from("--archive-missing", library / "saws")
    assert set(Pattern.objects.filter(status="archived").values_list("slug", flat=True)) == {"rip"}


def test_a_missing_file_that_comes_back_is_no_news(library: Path) -> None:
    text = (library / "hammer.md").read_text()
    (library / "hammer.md").unlink()
    import_from(library)
    (library / "hammer.md").write_text(text)
    assert import_from(library).counts == {}


def test_a_missing_file_whose_text_cannot_say_archived_is_reported(
    library: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (library / "hammer.md").unlink()
    (library / "saws/odd/coping.md").write_text("---\nslug: coping\nlifecycle: {status: [draft]}\n---\n")
    import_from(library)
    (library / "saws/odd/coping.md").unlink()
    ran = import_from("--archive-missing", library)
    assert (ran.code, ran.errors) == (1, [("saws/odd/coping.md", "not-archived")])
    assert set(Pattern.objects.filter(status="archived").values_list("slug", flat=True)) == {"hammer"}
    check_integrity()


# Exports to folders


def test_an_export_goes_back_to_where_each_file_came_from(library: Path) -> None:
    for slug in slugs():
        edit(slug, title=f"{slug} anew")
    make_pattern(slug="made-here")
    ran = export_to(library)
    assert (ran.code, ran.counts) == (0, {"write": 5})
    assert sorted(bytes_in(library)) == [
        "hammer.md", "made-here.md", "saws/fret.md", "saws/odd/coping.md", "saws/rip.md",
    ]  # fmt: skip
    assert import_from(library).counts == {}


def test_an_export_leaves_files_it_does_not_know_alone(library: Path, tmp_path: Path) -> None:
    out = write_files(
        tmp_path / "out",
        {
            "README.md": "# Mine",
            "stray.md": pattern_file("stray"),
            "hammer.md": pattern_file("hammer", title="Unknown"),
        },
    )
    ran = export_to(out)
    assert (ran.code, ran.errors, ran.counts) == (1, [("hammer.md", "conflict")], {"conflict": 1, "write": 3})
    after = bytes_in(out)
    assert after["README.md"] == b"# Mine"
    assert after["stray.md"] == pattern_file("stray").encode()
    assert b"Unknown" in after["hammer.md"]


def test_an_export_brings_older_files_up_to_date(library: Path, tmp_path: Path) -> None:
    out = Path(shutil.copytree(library, tmp_path / "out"))
    edit("hammer", title="Second")
    edit("hammer", title="Third")
    ran = export_to(out)
    assert (ran.code, ran.counts) == (0, {"write": 1, "seen": 3})
    assert "Third" in (out / "hammer.md").read_text()
    check_integrity()
    assert import_from(out).counts == {}


def test_an_export_to_a_named_library_makes_the_folder_that_library(library: Path, tmp_path: Path) -> None:
    edit("hammer", title="Edited")
    out = tmp_path / "out"
    export_to("--library", "tools", out)
    assert libraries() == {"tools": str(out)}
    assert import_from(out).counts == {}
    assert Pattern.objects.get(slug="hammer").title == "Edited"


def test_an_export_to_a_library_leaves_out_what_came_from_another(library: Path, tmp_path: Path) -> None:
    kitchen = write_files(tmp_path / "kitchen", {"oven.md": pattern_file("oven")})
    import_from(kitchen)
    make_pattern(slug="made-here")
    edit("oven", title="Stove")
    edit("hammer", title="Sledge")
    assert export_to(library).counts == {"write": 2}
    assert sorted(bytes_in(kitchen)) == ["oven.md"]
    assert "oven.md" not in bytes_in(library)
    assert export_to(kitchen).counts == {"write": 1}
    assert sorted(bytes_in(kitchen)) == ["oven.md"]
    # A folder that is no library gets everything, and goes on to.
    out = tmp_path / "out"
    assert export_to(out).counts == {"write": 6}
    write_files(kitchen, {"hob.md": pattern_file("hob")})
    import_from(kitchen)
    assert export_to(out).counts == {"write": 1}
    # And is nobody's home: what is there and nowhere else still belongs to every library.
    make_pattern(slug="also-made-here")
    assert export_to(out).counts == {"write": 1}
    assert export_to(library).counts == {"write": 1}
    assert "also-made-here.md" in bytes_in(library)
    # Whoever names a pattern gets it.
    assert export_to("--slug", "oven", library).counts == {"write": 1}
    check_integrity()


def test_filters_choose_by_slug_by_state_and_by_collection(tmp_path: Path) -> None:
    folder = write_files(
        tmp_path / "lib",
        {
            "a.md": pattern_file("a", status="published", extra="collection: red"),
            "b.md": pattern_file("b", status="stable", extra="collection: blue"),
            "c.md": pattern_file("c", extra="collection: red"),
            "d.md": pattern_file("d", status="deprecated"),
        },
    )
    import_from(folder)

    def exported(*filters: str) -> list[str]:
        out = tmp_path / "-".join(filters)
        assert export_to(*filters, out).code == 0
        return sorted(bytes_in(out)) if out.exists() else []

    assert exported("--slug", "a", "--slug", "d") == ["a.md", "d.md"]
    assert exported("--status", "published") == ["a.md", "b.md"]
    assert exported("--status", "draft", "--status", "deprecated") == ["c.md", "d.md"]
    assert exported("--collection", "red") == ["a.md", "c.md"]
    assert exported("--collection", "red", "--status", "published") == ["a.md"]
    assert exported("--collection", "green") == []
    ran = export_to("--slug", "a", "--slug", "nobody", tmp_path / "out")
    assert (ran.code, ran.out) == (2, "")
    assert "“nobody”" in ran.err
    assert not (tmp_path / "out").exists()


def test_two_patterns_that_belong_at_one_path_do_not_overwrite_each_other(library: Path, tmp_path: Path) -> None:
    other = write_files(tmp_path / "other", {"hammer.md": pattern_file("mallet")})
    import_from(other)
    out = tmp_path / "out"
    ran = export_to(out)
    assert (ran.code, ran.errors) == (1, [("hammer.md", "path-taken")])
    assert "“mallet”" in ran.err
    assert (out / "hammer.md").read_bytes() == (library / "hammer.md").read_bytes()
    assert export_to("--slug", "mallet", tmp_path / "second").counts == {"write": 1}
    check_integrity()


def test_a_pattern_made_here_does_not_take_the_path_of_another_patterns_file(tmp_path: Path) -> None:
    make_pattern(slug="early")
    folder = write_files(tmp_path / "lib", {"early.md": pattern_file("late", id=typeid(1))})
    import_from(folder)
    for options in ((), ("--slug", "early")):
        ran = export_to(*options, folder)
        assert (ran.code, ran.errors) == (1, [("early.md", "path-taken")])
        assert "“early”" in ran.err
    (folder / "early.md").unlink()
    assert export_to("--slug", "early", folder).errors == [("early.md", "path-taken")]
    assert export_to("--slug", "late", folder).counts == {"write": 1}
    check_integrity()


def test_a_folder_that_is_not_there_is_made_by_an_export_but_not_by_its_plan(library: Path, tmp_path: Path) -> None:
    out = tmp_path / "deep" / "er" / "out"
    ran = export_to("--dry-run", out)
    assert ran.code in (0, 2)
    assert not (tmp_path / "deep").exists()
    assert export_to(out).counts == {"write": 4}


def test_deleting_an_exported_file_brings_it_back_with_the_next_export(library: Path) -> None:
    data = (library / "saws/rip.md").read_bytes()
    shutil.rmtree(library / "saws")
    assert export_to(library).counts == {"write": 3}
    assert (library / "saws/rip.md").read_bytes() == data
    assert Revision.objects.count() == 4


@pytest.mark.parametrize("text", ["not utf-8 \xe9", "with \0 in it"])
def test_a_file_that_the_history_cannot_keep_is_not_overwritten_even_if_asked_to(library: Path, text: str) -> None:
    data = text.encode("latin-1")
    (library / "hammer.md").write_bytes(data)
    edit("hammer", title="Edited")
    ran = export_to("--ours", library)
    assert (ran.code, ran.errors) == (1, [("hammer.md", "not-keepable")])
    assert (library / "hammer.md").read_bytes() == data
    check_integrity()


def test_a_file_that_is_no_pattern_any_more_is_kept_as_it_is_when_overwritten(library: Path) -> None:
    (library / "hammer.md").write_text("just notes")
    assert export_to("--ours", library).counts == {"write": 1}
    assert Revision.objects.filter(pattern__slug="hammer", text="just notes").exists()
    check_integrity()
    assert import_from(library).counts == {}
