"""Files and folders as strangers, accidents and bad luck make them: a clear message, and the good files go in."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from patterns_app.models import Alias, Library, LibraryFile, Pattern
from patterns_app.sync.library import Folder
from tests.sync.editing import edit
from tests.sync.folders import bytes_in, pattern_file, typeid, write_files
from tests.sync.running import export_to, import_from, run
from tests.sync.state import check_integrity, dump, slugs

pytestmark = pytest.mark.django_db

GOOD = {"good.md": pattern_file("good", id=typeid(1)), "sub/fine.md": pattern_file("fine", id=typeid(2))}

BAD_FILES: list[tuple[str, bytes, str, int, str]] = [
    ("not utf-8", b"---\nslug: x\ntitle: caf\xe9\n---\n", "not-utf8", 3, "0xe9"),
    ("utf-16", pattern_file("x").encode("utf-16"), "not-utf8", 1, "UTF-16"),
    ("nul", b"---\nslug: x\ntitle: a\0b\n---\n", "nul-character", 3, "NUL"),
    ("ten megabytes", b"---\nslug: x\n---\n" + b"x" * 10_000_000, "too-large", 0, "10,000,016 bytes"),
    ("five million characters", b"---\nslug: x\n---\n" + b"x" * 5_000_000, "too-large", 1, "5,000,016 characters"),
    ("deep nesting", b"---\nslug: x\nkey: " + b"[" * 100_000 + b"]" * 100_000 + b"\n---\n", "", 0, ""),
    ("duplicate keys", b"---\nslug: x\ntitle: one\ntitle: two\n---\n", "duplicate-key", 4, "line 3"),
    ("slug out of the library", b"---\nslug: ../../etc/passwd\n---\n", "unsafe-slug", 2, "../../etc/passwd"),
    ("absolute slug", b"---\nslug: /etc/passwd\n---\n", "unsafe-slug", 2, "/etc/passwd"),
    ("hidden slug", b"---\nslug: .git\n---\n", "unsafe-slug", 2, ".git"),
    ("no front matter", b"# Just text\n", "no-front-matter", 1, "front matter"),
    ("empty", b"", "no-front-matter", 1, "front matter"),
    ("never closed", b"---\nslug: x\n", "no-closing-fence", 1, "closed"),
    ("not a mapping", b"---\n- slug\n- x\n---\n", "not-a-mapping", 2, ""),
    ("not YAML", b"---\nslug: x\ntitle: [a\n---\n", "yaml", 4, "YAML"),
    ("control characters", b"---\nslug: x\ntitle: \x07\n---\n", "yaml", 3, "character"),
]


@pytest.mark.parametrize(
    ("data", "code", "line", "words"), [bad[1:] for bad in BAD_FILES], ids=[bad[0] for bad in BAD_FILES]
)
def test_a_bad_file_is_refused_with_its_line_and_the_good_ones_go_in(
    tmp_path: Path, data: bytes, code: str, line: int, words: str
) -> None:
    library = write_files(tmp_path / "lib", {**GOOD, "bad.md": data})
    ran = import_from(library)
    assert (ran.code, ran.counts) == (1, {"create": 2, "refused": 1})
    [problem] = [problem for problem in ran.problems if problem["severity"] == "error"]
    assert problem["path"] == "bad.md"
    assert problem["message"].endswith((".", ")"))
    if code:
        assert (problem["code"], problem["line"]) == (code, line)
    assert words in problem["message"]
    where = f"{library}/bad.md:{problem['line']}:" if problem["line"] else f"{library}/bad.md:"
    assert f"{where} error: " in ran.err
    assert slugs() == ["fine", "good"]
    check_integrity()
    # Nothing that was not let in is ever written over.
    export_to(library)
    assert (library / "bad.md").read_bytes() == data


USABLE_FILES = {
    "byte order mark": b"\xef\xbb\xbf" + pattern_file("odd").encode(),
    "CRLF": pattern_file("odd").replace("\n", "\r\n").encode(),
    "CR": pattern_file("odd").replace("\n", "\r").encode(),
    "mixed line endings": pattern_file("odd").replace("\n", "\r\n", 3).encode(),
    "no final newline": pattern_file("odd").rstrip("\n").encode(),
    "no body": b"---\nslug: odd\n---",
    "empty front matter": b"---\n---\n",
    "an alias": b"---\nslug: odd\ntitle: &t It\nsummary: *t\n---\n",
    "separators of lines and paragraphs": "---\nslug: odd\n---\na\u2028b\u2029c\x85d\x0ce\x0bf\n".encode(),
    "bidirectional controls": "---\nslug: odd\ntitle: \u202eti\u2066\n---\n\u200b\u00ad\n".encode(),
    "a slug too long to be one": b"---\nslug: " + b"a" * 300 + b"\n---\n",
    "beyond the basic plane": "---\nslug: odd\ntitle: 🪡𝔸\n---\n𐍈\n".encode(),
}


@pytest.mark.parametrize("data", USABLE_FILES.values(), ids=USABLE_FILES.keys())
def test_an_unusual_file_goes_in_and_comes_out_byte_for_byte(tmp_path: Path, data: bytes) -> None:
    library = write_files(tmp_path / "lib", {**GOOD, "odd.md": data})
    ran = import_from(library)
    assert (ran.code, ran.counts) == (0, {"create": 3})
    check_integrity()
    export_to(tmp_path / "out")
    assert bytes_in(tmp_path / "out") == bytes_in(library)
    assert import_from(library).counts == {}


def test_an_alias_bomb_is_answered_at_once(tmp_path: Path) -> None:
    levels = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    levels += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 30)]
    bomb = "---\nslug: bomb\n" + "\n".join(levels) + "\naliases: *a29\nsources: *a29\n---\n"
    library = write_files(tmp_path / "lib", {**GOOD, "bomb.md": bomb})
    ran = import_from(library)
    assert ran.counts["create"] >= 2
    check_integrity()
    export_to(tmp_path / "out")
    for path, data in bytes_in(tmp_path / "out").items():
        assert data == (library / path).read_bytes()


def test_a_list_with_a_hundred_thousand_entries_is_cut_and_said(tmp_path: Path) -> None:
    many = "---\nslug: many\naliases: [" + ",".join(f"a{n}" for n in range(60_000)) + "]\n---\n"
    library = write_files(tmp_path / "lib", {**GOOD, "many.md": many})
    ran = import_from(library)
    assert (ran.code, ran.counts) == (0, {"create": 3})
    assert "too-many" in [problem["code"] for problem in ran.problems]
    assert Alias.objects.filter(pattern__slug="many").count() == 5_000
    check_integrity()


# Names that collide once they are shortened or slugified


def test_keywords_whose_slugs_collide_on_purpose_do_not_stop_an_import(tmp_path: Path) -> None:
    from patterns_app.models import Keyword

    first = "Value chain"
    second = Keyword.slug_for(first)
    keywords = "ontology:\n  search_hints:\n    vector_keywords:\n"
    library = write_files(
        tmp_path / "lib",
        {
            **GOOD,
            "one.md": pattern_file("one", extra=keywords + f'      - "{first}"'),
            "two.md": pattern_file("two", extra=keywords + f'      - "{second}"\n      - "{first}"'),
        },
    )
    ran = import_from(library)
    assert (ran.code, ran.counts) == (0, {"create": 4})
    assert set(Keyword.objects.values_list("name", flat=True)) == {first, second}
    check_integrity()


def test_names_that_fill_their_columns_go_in(tmp_path: Path) -> None:
    wide, tall = "ﷺ" * 255, "𝔸" * 255
    extra = (
        f'ontology:\n  domain: "{tall}"\n  search_hints:\n    vector_keywords: ["{wide}", "{tall}"]\n'
        f'graph_garden:\n  entities: ["{tall}"]\n  communities: ["{tall}"]\n'
        f'contributors: ["{tall}"]\ncollection: "{tall}"\ncontext_labels: {{"{tall}": "{wide}"}}'
    )
    library = write_files(
        tmp_path / "lib", {"a.md": pattern_file("a", aliases=[wide, tall], enables=[tall, wide], extra=extra)}
    )
    ran = import_from(library)
    assert (ran.code, ran.errors) == (0, [])
    check_integrity()
    export_to(tmp_path / "out")
    assert bytes_in(tmp_path / "out") == bytes_in(library)


# What is no regular file


def test_links_are_not_followed_in_or_out_of_the_library(tmp_path: Path) -> None:
    outside = write_files(
        tmp_path / "outside", {"secret.md": pattern_file("secret"), "deep/other.md": pattern_file("other")}
    )
    library = write_files(tmp_path / "lib", GOOD)
    (library / "leads-out.md").symlink_to(outside / "secret.md")
    (library / "leads-in.md").symlink_to(library / "good.md")
    (library / "folder-out").symlink_to(outside / "deep")
    (library / "folder-in").symlink_to(library / "sub")
    (library / "to-itself.md").symlink_to(library / "to-itself.md")
    (library / "to-nothing.md").symlink_to(library / "nothing-there.md")
    ran = import_from(library)
    assert (ran.code, slugs()) == (1, ["fine", "good"])
    assert ran.errors == [("leads-out.md", "link")]
    said = {problem["path"]: problem["severity"] for problem in ran.problems if problem["code"] == "link"}
    assert said == {
        "leads-out.md": "error",
        "leads-in.md": "notice",
        "folder-out": "warning",
        "folder-in": "notice",
        "to-itself.md": "notice",
        "to-nothing.md": "notice",
    }


def test_a_file_that_became_a_link_is_not_taken_for_gone(tmp_path: Path) -> None:
    library = write_files(tmp_path / "lib", GOOD)
    import_from(library)
    (library / "good.md").rename(tmp_path / "away.md")
    (library / "good.md").symlink_to(tmp_path / "away.md")
    ran = import_from("--archive-missing", library)
    assert ran.errors == [("good.md", "link")]
    assert "missing" not in ran.counts
    assert Pattern.objects.get(slug="good").status == "draft"


def test_a_pipe_and_a_folder_called_like_patterns_are_not_opened(tmp_path: Path) -> None:
    library = write_files(tmp_path / "lib", {**GOOD, "folder.md/inside.md": pattern_file("inside")})
    os.mkfifo(library / "pipe.md")
    ran = import_from(library)
    assert (ran.code, ran.errors) == (1, [("pipe.md", "no-file")])
    assert slugs() == ["fine", "good", "inside"]
    check_integrity()


def test_a_pipe_named_on_the_command_line_is_misuse_and_opens_nothing_else(tmp_path: Path) -> None:
    library = write_files(tmp_path / "lib", GOOD)
    os.mkfifo(library / "pipe.md")
    for command in ("import_patterns", "check_patterns"):
        ran = run(command, library / "pipe.md")
        assert (ran.code, ran.out) == (2, "")
        assert "neither a folder nor a file" in ran.err
    assert not Pattern.objects.exists()


def test_an_export_neither_follows_links_nor_opens_pipes_nor_replaces_folders(tmp_path: Path) -> None:
    library = write_files(
        tmp_path / "lib", {f"{name}.md": pattern_file(name) for name in ("linked", "piped", "folder", "plain")} | GOOD
    )
    import_from(library)
    outside = write_files(tmp_path / "outside", {"linked.md": "mine"})
    out = write_files(tmp_path / "out", {"folder.md/inside.txt": "mine"})
    (out / "linked.md").symlink_to(outside / "linked.md")
    os.mkfifo(out / "piped.md")
    (out / "sub").symlink_to(outside)
    for options in ((), ("--ours",)):
        ran = export_to(*options, out)
        assert ran.code == 1
        assert sorted(ran.errors) == [
            ("folder.md", "no-file"),
            ("linked.md", "link"),
            ("piped.md", "no-file"),
            ("sub/fine.md", "outside"),
        ]
    assert bytes_in(outside) == {"linked.md": b"mine"}
    assert (out / "folder.md/inside.txt").read_text() == "mine"
    assert (out / "plain.md").read_bytes() == (library / "plain.md").read_bytes()
    assert not LibraryFile.objects.filter(path="sub/fine.md", library__root=str(out)).exists()
    check_integrity()


def test_a_folder_behind_a_link_is_not_made_outside(tmp_path: Path) -> None:
    library = write_files(tmp_path / "lib", {"sub/deeper/it.md": pattern_file("it")})
    import_from(library)
    outside = write_files(tmp_path / "outside", {})
    out = write_files(tmp_path / "out", {})
    (out / "sub").symlink_to(outside)
    assert export_to(out).errors == [("sub/deeper/it.md", "outside")]
    assert list(outside.iterdir()) == []


@pytest.mark.parametrize("slug", ["../../outside", "/etc/outside", "..", "a/../../outside"])
def test_a_slug_changed_past_the_door_to_lead_out_of_the_library_writes_nothing_there(
    tmp_path: Path, slug: str
) -> None:
    from tests.factories import make_pattern

    make_pattern(slug="made-here")
    Pattern.objects.update(slug=slug)
    out = tmp_path / "a" / "b" / "out"
    ran = export_to(out)
    assert ran.code == 1
    assert [code for _, code in ran.errors] in (["outside"], ["rows-changed"])
    assert bytes_in(tmp_path) == {}
    assert not Path("/etc/outside.md").exists()


def test_the_door_refuses_a_slug_that_is_no_address() -> None:
    from patterns_app.document.writing import EditRefused
    from tests.factories import make_pattern

    make_pattern(slug="made-here")
    with pytest.raises(EditRefused, match="address"):
        edit("made-here", slug="../../outside")
    with pytest.raises(EditRefused, match="address"):
        make_pattern(slug="../outside")
    assert slugs() == ["made-here"]


# Names of files


def test_names_that_are_not_utf8_are_said_and_the_others_go_in(tmp_path: Path) -> None:
    library = write_files(tmp_path / "lib", GOOD)
    folder = os.fsencode(library)
    Path(os.fsdecode(folder + b"/caf\xe9.md")).write_text(pattern_file("cafe"))
    Path(os.fsdecode(folder + b"/fold\xe9r")).mkdir()
    Path(os.fsdecode(folder + b"/fold\xe9r/inside.md")).write_text(pattern_file("inside"))
    Path(os.fsdecode(folder + b"/link\xe9.md")).symlink_to("/nowhere")
    os.mkfifo(os.fsdecode(folder + b"/pip\xe9.md"))
    for command in ("import_patterns", "check_patterns"):
        ran = run(command, library, "-v", "3")
        assert ran.code == 1
        assert sorted(ran.errors) == [
            ("caf�.md", "file-name"),
            ("fold�r/inside.md", "file-name"),
            ("link�.md", "link"),
            ("pip�.md", "no-file"),
        ]
        (ran.out + ran.err).encode()
    assert slugs() == ["fine", "good"]


def test_a_library_whose_folder_is_not_utf8_is_refused(tmp_path: Path) -> None:
    folder = Path(os.fsdecode(os.fsencode(tmp_path) + b"/lib\xe9"))
    write_files(folder, GOOD)
    for command in ("import_patterns", "check_patterns", "export_patterns"):
        ran = run(command, folder)
        assert ran.code == 2
        assert "not UTF-8" in ran.err
        ran.err.encode()
    assert not Library.objects.exists()


def test_control_characters_in_names_are_refused(tmp_path: Path) -> None:
    library = write_files(tmp_path / "lib", {**GOOD, "a\nb.md": pattern_file("a"), "\x01parked.md": pattern_file("b")})
    ran = import_from(library)
    assert sorted(ran.errors) == [("\x01parked.md", "file-name"), ("a\nb.md", "file-name")]
    assert slugs() == ["fine", "good"]


def test_paths_as_long_as_the_system_has_them_go_in_and_longer_ones_are_said(tmp_path: Path) -> None:
    name = "é" * 125 + ".md"  # 253 bytes; 255 are allowed
    fits = "/".join(["d" * 100] * 4 + ["f" * 150 + ".md"])
    too_long = "/".join(["d" * 100] * 6 + ["f.md"])
    library = write_files(
        tmp_path / "lib",
        {name: pattern_file("wide"), fits: pattern_file("long"), too_long: pattern_file("too-long"), **GOOD},
    )
    ran = import_from(library)
    assert (ran.code, ran.errors) == (1, [(too_long, "file-name")])
    assert slugs() == ["fine", "good", "long", "wide"]
    assert export_to(tmp_path / "out").counts == {"write": 4}
    assert (tmp_path / "out" / name).read_bytes() == (library / name).read_bytes()
    assert (tmp_path / "out" / fits).read_bytes() == (library / fits).read_bytes()


def test_folders_a_thousand_deep_are_walked(tmp_path: Path) -> None:
    library = write_files(tmp_path / "lib", GOOD)
    at = os.open(library, os.O_RDONLY)
    for _ in range(1_100):
        os.mkdir("d", dir_fd=at)
        below = os.open("d", os.O_RDONLY, dir_fd=at)
        os.close(at)
        at = below
    os.close(at)
    ran = import_from(library)
    # Here, since pytest's own tidying does not get that far down.
    subprocess.run(["rm", "-r", library / "d"], check=True)
    assert (ran.code, ran.counts) == (0, {"create": 2})


def test_two_long_names_that_begin_alike_are_written_side_by_side(tmp_path: Path) -> None:
    stem = "x" * 230
    library = write_files(
        tmp_path / "lib", {f"{stem}-{n}.md": pattern_file(f"it-{n}", title=f"Title {n}") for n in range(20)}
    )
    import_from(library)
    export_to(tmp_path / "out")
    assert bytes_in(tmp_path / "out") == bytes_in(library)


def test_companions_without_front_matter_are_passed_over_and_other_files_are_not(tmp_path: Path) -> None:
    library = write_files(
        tmp_path / "lib",
        {**GOOD, "README.md": "# Read me", "sub/LICENSE.md": "MIT", "Contributing.md": "Do.", "foo.md": "# Foo"},
    )
    ran = import_from(library)
    assert (ran.code, ran.errors, ran.counts) == (1, [("foo.md", "no-front-matter")], {"create": 2, "refused": 1})


def test_a_companion_with_front_matter_is_a_pattern(tmp_path: Path) -> None:
    library = write_files(tmp_path / "lib", {"readme.md": pattern_file("read-me")})
    assert import_from(library).counts == {"create": 1}


def test_only_files_called_like_patterns_are_looked_at(tmp_path: Path) -> None:
    library = write_files(
        tmp_path / "lib",
        {
            "UPPER.MD": pattern_file("upper"),
            "long.markdown": pattern_file("long"),
            "notes.txt": pattern_file("notes"),
            ".hidden.md": pattern_file("hidden"),
            ".git/config.md": pattern_file("config"),
            "it.md~": pattern_file("backup"),
        },
    )
    assert import_from(library).counts == {"create": 2}
    assert slugs() == ["long", "upper"]


# Paths on the command line


def nothing_there(folder: Path) -> Path:
    return folder / "nothing-there"


def a_text_file(folder: Path) -> Path:
    (folder / "notes.txt").write_text(pattern_file("notes"))
    return folder / "notes.txt"


def a_hidden_file(folder: Path) -> Path:
    (folder / ".hidden.md").write_text(pattern_file("hidden"))
    return folder / ".hidden.md"


@pytest.mark.parametrize(
    ("make", "words"),
    [(nothing_there, "no file or folder"), (a_text_file, "no pattern file"), (a_hidden_file, "hidden")],
    ids=["nothing", "text", "hidden"],
)
def test_what_cannot_be_a_library_is_misuse(tmp_path: Path, make: Callable[[Path], Path], words: str) -> None:
    path = make(tmp_path)
    ran = import_from(path)
    assert (ran.code, ran.out) == (2, "")
    assert words in ran.err
    assert not Library.objects.exists()


def test_of_several_paths_a_wrong_one_is_said_before_anything_is_done(tmp_path: Path) -> None:
    library = write_files(tmp_path / "lib", GOOD)
    assert import_from(library, tmp_path / "nothing").code == 2
    assert not Pattern.objects.exists()


def test_an_empty_folder_imports_nothing_and_that_is_fine(tmp_path: Path) -> None:
    (tmp_path / "lib").mkdir()
    ran = import_from(tmp_path / "lib")
    assert (ran.code, ran.counts) == (0, {})
    assert "nothing to do" in ran.err


def test_a_file_where_the_export_folder_should_be_is_misuse(tmp_path: Path) -> None:
    write_files(tmp_path, {"taken": "mine"})
    for path in (tmp_path / "taken", tmp_path / "taken" / "below"):
        ran = export_to(path)
        assert (ran.code, ran.out) == (2, "")
        assert str(path) in ran.err
    assert bytes_in(tmp_path) == {"taken": b"mine"}


# Disks that fail


def test_a_folder_that_cannot_be_read_is_said_and_its_files_are_not_missing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    library = write_files(tmp_path / "lib", GOOD)
    import_from(library)
    scandir = os.scandir

    def denied(path: str | Path | int) -> object:
        if not isinstance(path, int) and Path(path).name == "sub":
            raise PermissionError(13, "Permission denied")
        return scandir(path)

    monkeypatch.setattr(os, "scandir", denied)
    ran = import_from("--archive-missing", library)
    assert (ran.code, ran.errors, ran.counts) == (1, [("sub", "cannot-read")], {})
    assert Pattern.objects.get(slug="fine").status == "draft"


def failing_open(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """Let opening a file of that name fail as for somebody without rights."""
    opens = os.open

    def denied(path: str | Path, flags: int, *rest: int, **options: int) -> int:
        if Path(path).name == name:
            raise PermissionError(13, "Permission denied")
        return opens(path, flags, *rest, **options)

    monkeypatch.setattr(os, "open", denied)


def test_a_file_that_cannot_be_read_is_said_and_stays_known(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    library = write_files(tmp_path / "lib", GOOD)
    import_from(library)
    before = dump()
    failing_open(monkeypatch, "good.md")
    ran = import_from("--archive-missing", library)
    assert (ran.code, ran.errors, ran.counts) == (1, [("good.md", "cannot-read")], {"refused": 1})
    assert "Permission denied" in ran.said_of("good.md")
    assert dump() == before
    edit("good", title="Changed")
    ran = export_to("--ours", library)
    assert (ran.code, ran.errors) == (1, [("good.md", "cannot-read")])


def test_a_file_that_vanishes_while_the_import_runs_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    library = write_files(tmp_path / "lib", GOOD)
    scan = Folder.scan

    def scan_then_remove(self: Folder, below: str = "") -> object:
        found = scan(self, below)
        (library / "good.md").unlink()
        return found

    monkeypatch.setattr(Folder, "scan", scan_then_remove)
    ran = import_from(library)
    assert (ran.code, ran.errors, ran.counts) == (1, [("good.md", "cannot-read")], {"create": 1, "refused": 1})


@pytest.mark.parametrize("step", ["open", "fsync", "replace"])
def test_a_disk_that_fails_while_writing_leaves_the_old_file_and_no_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    library = write_files(tmp_path / "lib", GOOD)
    import_from(library)
    edit("good", title="Changed")
    edit("fine", title="Changed, too")
    before = bytes_in(library)

    def full(*args: object, **options: object) -> object:
        raise OSError(28, "No space left on device")

    def open_nothing_to_write(self: Path, mode: str = "r", *args: Any, **options: Any) -> object:
        return full() if "w" in mode else opens(self, mode, *args, **options)

    opens = Path.open
    with monkeypatch.context() as patch:
        if step == "open":
            patch.setattr(Path, "open", open_nothing_to_write)
        elif step == "fsync":
            patch.setattr(os, "fsync", full)
        else:
            patch.setattr(Path, "replace", full)
        ran = run("export_patterns", library) if step != "open" else export_without_report(library)
    assert ran == 1 if step == "open" else ran.code == 1  # type: ignore[union-attr]
    assert bytes_in(library) == before
    check_integrity()
    assert export_to(library).counts == {"write": 2}


def export_without_report(library: Path) -> int:
    """Export without a report file, which could not be written either."""
    import io

    from django.core.management import call_command

    err = io.StringIO()
    with pytest.raises(SystemExit) as ended:
        call_command("export_patterns", str(library), stdout=io.StringIO(), stderr=err)
    assert "No space left on device" in err.getvalue()
    return int(str(ended.value.code))


def test_a_report_that_cannot_be_written_is_misuse_and_says_that_the_work_is_done(tmp_path: Path) -> None:
    library = write_files(tmp_path / "lib", GOOD)
    (tmp_path / "report.json").mkdir()
    import io

    from django.core.management import CommandError, call_command

    with pytest.raises(CommandError, match="What was done is done") as error:
        call_command(
            "import_patterns",
            str(library),
            "--report",
            str(tmp_path / "report.json"),
            stdout=io.StringIO(),
            stderr=io.StringIO(),
        )
    assert error.value.returncode == 2
    assert slugs() == ["fine", "good"]


def test_the_temporary_file_of_a_writer_that_was_killed_is_swept_and_never_imported(tmp_path: Path) -> None:
    library = write_files(tmp_path / "lib", GOOD)
    import_from(library)
    pid = dead_pid()
    litter = library / f".{'0' * 16}.{pid}.tmp"
    litter.write_text(pattern_file("half"))
    in_use = library / f".{'1' * 16}.{os.getpid()}.tmp"
    in_use.write_text("somebody is writing")
    assert import_from(library).counts == {}
    edit("good", title="Changed")
    export_to(library)
    assert not litter.exists()
    assert in_use.exists()


def dead_pid() -> int:
    """The number of a process that has ended."""
    pid = os.fork()
    if pid == 0:
        os._exit(0)
    os.waitpid(pid, 0)
    return pid


def test_a_folder_of_which_every_file_is_refused_makes_no_library(tmp_path: Path) -> None:
    folder = write_files(tmp_path / "lib", {"a.md": "---\ntitle: [\n---\n"})
    assert import_from(folder).code == 1
    assert not Library.objects.exists()
    write_files(folder, {"a.md": pattern_file("a")})
    assert import_from(folder).counts == {"create": 1}
    assert Library.objects.get().name == "lib"
