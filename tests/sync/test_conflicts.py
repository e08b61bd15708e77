"""File and rows both changed: neither is overwritten unseen, and whichever loses is in the history."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from patterns_app.models import Alias, LibraryFile, Pattern, Relationship, Revision, Section
from patterns_app.models.revision import Origin
from patterns_app.sync import import_apply
from patterns_app.sync.import_plan import PlannedChange
from patterns_app.sync.library import Folder
from tests.sync.editing import edit
from tests.sync.folders import bytes_in, pattern_file, typeid, write_files
from tests.sync.running import export_to, import_from
from tests.sync.state import check_integrity, dump, texts_of

pytestmark = pytest.mark.django_db

OURS, THEIRS = "Edited in the admin", "Edited in the file"


@pytest.fixture
def library(tmp_path: Path) -> Path:
    """A library whose one pattern was changed in its file and by an editor."""
    folder = write_files(
        tmp_path / "lib", {"it.md": pattern_file("it", id=typeid(1)), "other.md": pattern_file("other")}
    )
    import_from(folder)
    (folder / "it.md").write_text(pattern_file("it", id=typeid(1), title=THEIRS))
    edit("it", title=OURS)
    return folder


def titles() -> dict[str, str]:
    return dict(Pattern.objects.values_list("slug", "title"))


def test_an_import_reports_the_conflict_and_touches_neither_side(library: Path) -> None:
    before, files = dump(), bytes_in(library)
    ran = import_from(library)
    assert (ran.code, ran.errors, ran.counts) == (1, [("it.md", "conflict")], {"conflict": 1})
    assert "--theirs" in ran.err
    assert (dump(), bytes_in(library)) == (before, files)


def test_an_export_reports_the_conflict_and_touches_neither_side(library: Path) -> None:
    before, files = dump(), bytes_in(library)
    ran = export_to(library)
    assert (ran.code, ran.errors, ran.counts) == (1, [("it.md", "conflict")], {"conflict": 1})
    assert "--ours" in ran.err
    assert (dump(), bytes_in(library)) == (before, files)


def test_a_conflict_does_not_keep_other_files_and_patterns_from_their_way(library: Path) -> None:
    (library / "other.md").write_text(pattern_file("other", title="Other changed"))
    (library / "new.md").write_text(pattern_file("new"))
    ran = import_from(library)
    assert (ran.code, ran.counts) == (1, {"conflict": 1, "update": 1, "create": 1})
    edit("other", title="Other changed again")
    ran = export_to(library)
    assert (ran.code, ran.counts) == (1, {"conflict": 1, "write": 1})
    check_integrity()


def test_theirs_takes_the_file_and_keeps_the_rows_text_in_the_history(library: Path) -> None:
    ours = Pattern.objects.get(slug="it").text
    theirs = (library / "it.md").read_text()
    ran = import_from("--theirs", library)
    assert (ran.code, ran.counts) == (0, {"update": 1})
    assert titles()["it"] == THEIRS
    assert texts_of("it")[-2:] == [ours, theirs]
    check_integrity()
    assert import_from(library).counts == {}
    assert export_to(library).counts == {}


def test_ours_takes_the_rows_and_keeps_the_files_text_in_the_history(library: Path) -> None:
    ours = Pattern.objects.get(slug="it").text
    theirs = (library / "it.md").read_text()
    ran = import_from("--ours", library)
    assert (ran.code, ran.counts) == (0, {"update": 1})
    assert titles()["it"] == OURS
    assert texts_of("it")[-2:] == [theirs, ours]
    assert Pattern.objects.get(slug="it").text == ours
    check_integrity()
    # The file does not say it yet; it is the export's to write.
    assert import_from(library).counts == {}
    assert export_to(library).counts == {"write": 1}
    assert (library / "it.md").read_text() == ours
    assert import_from(library).counts == {}
    check_integrity()


def test_an_export_with_ours_overwrites_the_file_and_keeps_its_text(library: Path) -> None:
    ours = Pattern.objects.get(slug="it").text
    theirs = (library / "it.md").read_text()
    ran = export_to("--ours", library)
    assert (ran.code, ran.counts) == (0, {"write": 1})
    assert (library / "it.md").read_text() == ours
    assert texts_of("it")[-2:] == [theirs, ours]
    check_integrity()
    assert import_from(library).counts == {}
    assert export_to(library).counts == {}


@pytest.mark.parametrize("side", ["--ours", "--theirs"])
def test_a_choice_of_sides_concerns_conflicts_only(library: Path, side: str) -> None:
    (library / "other.md").write_text(pattern_file("other", title="Other changed"))
    import_from(side, library)
    assert titles()["other"] == "Other changed"
    assert len(texts_of("other")) == 2
    check_integrity()


@pytest.mark.parametrize("side", ["--ours", "--theirs"])
def test_many_conflicts_are_resolved_at_once(tmp_path: Path, side: str) -> None:
    folder = write_files(tmp_path / "lib", {f"{n}.md": pattern_file(f"it-{n}", id=typeid(n)) for n in range(5)})
    import_from(folder)
    for n in range(5):
        (folder / f"{n}.md").write_text(pattern_file(f"it-{n}", id=typeid(n), title=THEIRS))
        edit(f"it-{n}", title=OURS)
    assert import_from(side, folder).counts == {"update": 5}
    assert set(titles().values()) == {THEIRS if side == "--theirs" else OURS}
    check_integrity()


def test_a_pattern_made_here_and_a_file_that_arrives_with_its_slug_were_never_the_same(tmp_path: Path) -> None:
    from tests.factories import make_pattern

    make_pattern(slug="it", title=OURS)
    folder = write_files(tmp_path / "lib", {"it.md": pattern_file("it", title=THEIRS)})
    ran = import_from(folder)
    assert (ran.code, ran.errors) == (1, [("it.md", "conflict")])
    assert "never the same" in ran.err
    assert titles() == {"it": OURS}
    import_from("--theirs", folder)
    assert titles() == {"it": THEIRS}
    check_integrity()
    assert import_from(folder).counts == {}


def test_a_file_that_says_what_the_rows_say_is_no_conflict(library: Path) -> None:
    (library / "it.md").write_text(Pattern.objects.get(slug="it").text)
    ran = import_from(library)
    assert (ran.code, ran.counts) == (0, {"seen": 1})
    assert import_from(library).counts == {}
    assert export_to(library).counts == {}
    check_integrity()


def test_a_conflict_at_a_new_path_is_neither_missing_nor_archived(library: Path) -> None:
    (library / "it.md").rename(library / "elsewhere.md")
    ran = import_from("--archive-missing", library)
    assert (ran.code, ran.counts) == (1, {"conflict": 1})
    assert titles()["it"] == OURS
    check_integrity()


# Rows changed past the door


def past_the_door(slug: str = "it") -> None:
    Pattern.objects.filter(slug=slug).update(title=OURS)


@pytest.fixture
def tampered(tmp_path: Path) -> Path:
    """A library whose one pattern was changed in its file, and by a script in its row."""
    folder = write_files(tmp_path / "lib", {"it.md": pattern_file("it", id=typeid(1))})
    import_from(folder)
    (folder / "it.md").write_text(pattern_file("it", id=typeid(1), title=THEIRS))
    past_the_door()
    return folder


def test_rows_changed_past_the_door_are_not_overwritten_by_an_import(tampered: Path) -> None:
    before = dump()
    ran = import_from(tampered)
    assert (ran.code, ran.errors) == (1, [("it.md", "rows-changed")])
    assert dump() == before


def test_theirs_takes_the_file_and_keeps_what_a_script_wrote(tampered: Path) -> None:
    ran = import_from("--theirs", tampered)
    assert (ran.code, ran.counts) == (0, {"update": 1})
    assert titles() == {"it": THEIRS}
    assert [OURS in text for text in texts_of("it")] == [False, True, False]
    assert Revision.objects.get(number=2).origin == Origin.ROWS
    check_integrity()
    assert import_from(tampered).counts == {}


def test_ours_keeps_what_a_script_wrote_and_the_files_text(tampered: Path) -> None:
    ran = import_from("--ours", tampered)
    assert (ran.code, ran.counts) == (0, {"update": 1})
    assert titles() == {"it": OURS}
    assert any(THEIRS in text for text in texts_of("it"))
    check_integrity()
    assert export_to(tampered).counts == {"write": 1}
    assert OURS in (tampered / "it.md").read_text()
    check_integrity()


def test_an_export_with_ours_writes_what_a_script_wrote_and_keeps_the_files_text(tampered: Path) -> None:
    ran = export_to("--ours", tampered)
    assert (ran.code, ran.counts) == (0, {"write": 1})
    assert OURS in (tampered / "it.md").read_text()
    assert any(THEIRS in text for text in texts_of("it"))
    check_integrity()
    assert import_from(tampered).counts == {}
    assert export_to(tampered).counts == {}


def test_an_export_takes_rows_changed_past_the_door_into_file_and_history(tmp_path: Path) -> None:
    folder = write_files(tmp_path / "lib", {"it.md": pattern_file("it", id=typeid(1), aliases=["First"])})
    import_from(folder)
    before = (folder / "it.md").read_text()
    past_the_door()
    Alias.objects.filter(name="First").update(name="Second")
    assert export_to(folder).counts == {"write": 1}
    after = (folder / "it.md").read_text()
    assert after == before.replace('"It"', f'"{OURS}"').replace('"First"', '"Second"')
    assert Alias.objects.get().key == "second"
    check_integrity()
    assert import_from(folder).counts == {}
    assert export_to(folder).counts == {}


def test_what_a_script_takes_back_goes_back_to_the_first_bytes(tmp_path: Path) -> None:
    folder = write_files(
        tmp_path / "lib", {"it.md": pattern_file("it", extra="summary: >-\n  wrapped here\n  and there\n\n  by hand")}
    )
    import_from(folder)
    before = (folder / "it.md").read_bytes()
    summary = Pattern.objects.get().summary
    Pattern.objects.update(summary="Another.")
    export_to(folder)
    check_integrity()
    Pattern.objects.update(summary=summary)
    export_to(folder)
    check_integrity()
    assert (folder / "it.md").read_bytes() == before
    assert import_from(folder).counts == {}


def test_rows_that_cut_the_body_elsewhere_are_cut_again(tmp_path: Path) -> None:
    body = "## 1. Context\n\nHere.\n\n## 2. Problem\n\nThere.\n"
    folder = write_files(tmp_path / "lib", {"it.md": pattern_file("it", body=body)})
    import_from(folder)
    files = bytes_in(folder)
    first = Section.objects.get(position=0)
    first.text, rest = first.text[:3], first.text[3:]
    first.save()
    Section.objects.filter(position=1).update(position=2)
    Section.objects.create(pattern=first.pattern, position=1, heading=rest, text="")
    export_to(folder)
    assert bytes_in(folder) == files
    check_integrity()
    assert export_to(folder).counts == {}


def test_rows_that_no_text_can_say_are_reported_and_left(tmp_path: Path) -> None:
    folder = write_files(
        tmp_path / "lib", {"it.md": pattern_file("it", id=typeid(1)), "other.md": pattern_file("other")}
    )
    import_from(folder)
    pattern = Pattern.objects.get(slug="it")
    Relationship.objects.create(pattern=pattern, kind="enables", target_text=" ", target_key="")
    Pattern.objects.filter(slug="other").update(title=OURS)
    ran = export_to(folder)
    assert (ran.code, ran.errors, ran.counts) == (1, [("it.md", "rows-changed")], {"refused": 1, "write": 1})
    (folder / "it.md").write_text(pattern_file("it", id=typeid(1), title=THEIRS))
    ran = import_from("--theirs", folder)
    assert (ran.code, ran.errors) == (1, [("it.md", "rows-changed")])


# Between plan and apply


def meanwhile(monkeypatch: pytest.MonkeyPatch, happens: Callable[[], object]) -> None:
    """Let something happen after the first batch is planned and before it is written."""
    original = import_apply._batches

    def batches(changes: Iterator[PlannedChange]) -> Iterator[list[PlannedChange]]:
        for number, batch in enumerate(original(changes)):
            if number == 0:
                happens()
            yield batch

    monkeypatch.setattr(import_apply, "_batches", batches)


def test_somebody_who_saves_between_plan_and_apply_wins(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = write_files(
        tmp_path / "lib", {"it.md": pattern_file("it", id=typeid(1)), "other.md": pattern_file("other")}
    )
    import_from(folder)
    write_files(
        folder,
        {"it.md": pattern_file("it", id=typeid(1), title=THEIRS), "other.md": pattern_file("other", title="New")},
    )
    meanwhile(monkeypatch, lambda: edit("it", title=OURS))
    ran = import_from(folder)
    assert (ran.code, ran.errors, ran.counts) == (1, [("it.md", "conflict")], {"conflict": 1, "update": 1})
    assert titles() == {"it": OURS, "other": "New"}
    check_integrity()
    monkeypatch.undo()
    assert import_from(folder).errors == [("it.md", "conflict")]


def test_somebody_who_saves_while_the_files_are_read_wins(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = write_files(tmp_path / "lib", {"it.md": pattern_file("it", id=typeid(1))})
    import_from(folder)
    (folder / "it.md").write_text(pattern_file("it", id=typeid(1), title=THEIRS))
    read = Folder.read
    saved: list[str] = []

    def read_while_somebody_saves(self: Folder, path: str) -> bytes:
        # The second reading is the parser's; the first only took the digest.
        saved.append(path)
        if len(saved) == 2:
            edit("it", title=OURS)
        return read(self, path)

    monkeypatch.setattr(Folder, "read", read_while_somebody_saves)
    ran = import_from(folder)
    assert (ran.code, ran.errors) == (1, [("it.md", "conflict")])
    assert titles() == {"it": OURS}
    check_integrity()


def test_an_identity_taken_between_plan_and_apply_keeps_out_that_file_only(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tests.factories import make_pattern

    folder = write_files(
        tmp_path / "lib", {f"{n}.md": pattern_file(f"it-{n}", id=typeid(n), aliases=[f"Name {n}"]) for n in range(6)}
    )
    meanwhile(monkeypatch, lambda: make_pattern(slug="it-3", title=OURS))
    ran = import_from(folder)
    assert (ran.code, ran.errors, ran.counts) == (1, [("3.md", "identity-taken")], {"create": 5, "refused": 1})
    assert titles()["it-3"] == OURS
    check_integrity()
    monkeypatch.undo()
    assert import_from(folder).errors == [("3.md", "conflict")]


def test_a_pattern_deleted_between_plan_and_apply_is_not_brought_back_by_halves(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = write_files(tmp_path / "lib", {"it.md": pattern_file("it", id=typeid(1))})
    import_from(folder)
    (folder / "it.md").write_text(pattern_file("it", id=typeid(1), title=THEIRS))
    meanwhile(monkeypatch, lambda: Pattern.objects.all().delete())
    ran = import_from(folder)
    assert (ran.code, ran.errors) == (1, [("it.md", "conflict")])
    assert not Pattern.objects.exists()
    monkeypatch.undo()
    assert import_from(folder).counts == {"create": 1}
    check_integrity()


def test_a_file_changed_after_its_digest_was_taken_is_read_as_it_is_then(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = write_files(tmp_path / "lib", {"it.md": pattern_file("it", id=typeid(1))})
    import_from(folder)
    (folder / "it.md").write_text(pattern_file("it", id=typeid(1), title="Second"))
    digests = Folder.digests

    def digests_then_change(self: Folder, paths: list[str]) -> Iterator[tuple[str, str | None]]:
        yield from digests(self, paths)
        (folder / "it.md").write_text(pattern_file("it", id=typeid(1), title="Third"))

    monkeypatch.setattr(Folder, "digests", digests_then_change)
    ran = import_from(folder)
    assert (ran.code, ran.counts) == (0, {"update": 1})
    assert titles() == {"it": "Third"}
    file = LibraryFile.objects.get()
    assert file.digest == hashlib.sha256((folder / "it.md").read_bytes()).hexdigest()
    check_integrity()


def test_a_file_that_goes_back_after_its_digest_was_taken_changes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = write_files(tmp_path / "lib", {"it.md": pattern_file("it", id=typeid(1))})
    import_from(folder)
    first = (folder / "it.md").read_text()
    edit("it", title=OURS)
    (folder / "it.md").write_text(pattern_file("it", id=typeid(1), title="Second"))
    digests = Folder.digests

    def digests_then_back(self: Folder, paths: list[str]) -> Iterator[tuple[str, str | None]]:
        yield from digests(self, paths)
        (folder / "it.md").write_text(first)

    monkeypatch.setattr(Folder, "digests", digests_then_back)
    ran = import_from(folder)
    assert (ran.code, ran.errors) == (0, [])
    assert titles() == {"it": OURS}
    check_integrity()


def test_a_pattern_saved_between_the_plan_of_an_export_and_its_end_is_not_taken_for_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = write_files(tmp_path / "lib", {"it.md": pattern_file("it", id=typeid(1))})
    import_from(folder)
    edit("it", title="Second")
    write_all = Folder.write_all

    def save_then_write(self: Folder, files: list[tuple[str, bytes]]) -> Iterator[object]:
        edit("it", title="Third")
        return write_all(self, files)

    monkeypatch.setattr(Folder, "write_all", save_then_write)
    assert export_to(folder).counts == {"write": 1}
    assert "Second" in (folder / "it.md").read_text()
    check_integrity()
    monkeypatch.undo()
    # The file is one text behind, not ahead: an import leaves the rows, an export brings the file up.
    assert import_from(folder).counts == {}
    assert export_to(folder).counts == {"write": 1}
    assert "Third" in (folder / "it.md").read_text()
    check_integrity()
