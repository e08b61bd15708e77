"""The contract of the library commands: what they write where, how they end, and what they leave alone."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from patterns_app.models import Library, Pattern
from tests.databases import ROOT, manage
from tests.sync.editing import edit
from tests.sync.folders import bytes_in, pattern_file, typeid, write_files
from tests.sync.running import export_to, import_from, run
from tests.sync.state import dump

NOWHERE = "postgres://nobody@127.0.0.1:1/nothing"


@pytest.fixture
def mixed(tmp_path: Path) -> Path:
    """A folder with a sound file, one with a warning, one with a notice and one that is refused."""
    return write_files(
        tmp_path / "lib",
        {
            "sound.md": pattern_file("sound", id=typeid(1)),
            "warned.md": pattern_file("warned", id="not-a-typeid"),
            "noticed.md": pattern_file("other-than-its-name", id=typeid(3)),
            "refused.md": "---\nslug: refused\ntitle: [\n---\n",
        },
    )


# import_patterns and export_patterns


@pytest.mark.django_db
def test_dry_run_and_check_write_no_row_and_no_file(mixed: Path, tmp_path: Path) -> None:
    import_from(mixed)
    write_files(
        mixed, {"sound.md": pattern_file("sound", id=typeid(1), title="Changed"), "new.md": pattern_file("new")}
    )
    (mixed / "noticed.md").unlink()
    (tmp_path / "out").mkdir()
    before, files = dump(), bytes_in(tmp_path)
    for option in ("--dry-run", "--check"):
        ran = import_from(option, "--archive-missing", mixed)
        assert ran.counts == {"create": 1, "update": 1, "refused": 1, "missing": 1, "archived": 1}
        assert "(nothing was written)" in ran.err
        assert export_to(option, mixed).code == 1
        assert export_to(option, tmp_path / "out").counts == {"write": 3}
        import_from(option, "--library", "another", mixed)
        assert (dump(), bytes_in(tmp_path)) == (before, files)


@pytest.mark.django_db
def test_a_dry_run_of_a_first_import_makes_no_library(mixed: Path) -> None:
    before = dump()
    assert import_from("--dry-run", mixed).counts == {"create": 3, "refused": 1}
    assert dump() == before
    assert not Library.objects.exists()


@pytest.mark.django_db
def test_check_ends_with_one_while_there_is_work_and_with_zero_after_it(tmp_path: Path) -> None:
    library = write_files(tmp_path / "lib", {"a.md": pattern_file("a")})
    assert import_from("--dry-run", library).code == 0
    assert import_from("--check", library).code == 1
    assert import_from(library).code == 0
    assert import_from("--check", library).code == 0
    assert export_to("--check", library).code == 0
    edit("a", title="Edited")
    assert import_from("--check", library).code == 0
    assert export_to("--dry-run", library).code == 0
    assert export_to("--check", library).code == 1
    assert export_to(library).code == 0
    assert export_to("--check", library).code == 0


@pytest.mark.django_db
def test_how_talkative_an_import_is(mixed: Path) -> None:
    def talk(level: str, *options: str) -> tuple[list[str], str]:
        ran = run("import_patterns", *options, mixed, "-v", level)
        return ran.out.splitlines(), ran.err

    assert talk("0", "--dry-run") == ([], "")
    out, err = talk("1", "--dry-run")
    assert out == []
    assert "refused.md:4: error:" in err
    assert "warning" not in err
    assert err.splitlines()[-1] == "lib: 3 new, 1 refused (nothing was written)."
    out, err = talk("2", "--dry-run")
    assert out == ["new: noticed.md", "new: sound.md", "new: warned.md"]
    assert "warned.md:3: warning: " in err
    assert "[file-name-differs]" not in err
    _, err = talk("3", "--dry-run")
    assert "noticed.md:1: notice: " in err
    assert "[file-name-differs]" in err
    import_from(mixed)
    (mixed / "sound.md").write_text(pattern_file("sound", id=typeid(1), title="Changed"))
    out, _ = talk("3")
    assert out[:3] == ["changed: sound.md", "--- database/sound.md", "+++ file/sound.md"]
    assert '-title: "Sound"' in out
    assert '+title: "Changed"' in out


@pytest.mark.django_db
def test_how_talkative_an_export_is(tmp_path: Path) -> None:
    library = write_files(tmp_path / "lib", {"a.md": pattern_file("a"), "b.md": pattern_file("b")})
    import_from(library)
    edit("a", title="Edited")
    assert run("export_patterns", "--dry-run", library, "-v", "0").out == ""
    assert run("export_patterns", "--dry-run", library, "-v", "0").err == ""
    ran = run("export_patterns", "--dry-run", library, "-v", "1")
    assert (ran.out, ran.err) == ("", "lib: 1 unchanged, 1 written (nothing was written).\n")
    assert run("export_patterns", "--dry-run", library, "-v", "2").out == "written: a.md\n"
    out = run("export_patterns", library, "-v", "3").out.splitlines()
    assert out[:3] == ["written: a.md", "--- file/a.md", "+++ database/a.md"]
    assert '+title: "Edited"' in out


@pytest.mark.django_db
def test_a_diff_shows_line_endings_and_separators_as_parts_of_their_lines(tmp_path: Path) -> None:
    text = pattern_file("a", body="one\u2028two\n").replace("\n", "\r\n")
    library = write_files(tmp_path / "lib", {"a.md": text})
    import_from(library)
    edit("a", title="Edited")
    out = run("export_patterns", library, "-v", "3").out
    assert out.count("\n-") == 1 + 1
    assert '-title: "A"\r\n+title: "Edited"\r\n' in out


@pytest.mark.django_db
def test_the_report_says_what_happened_to_which_file(mixed: Path, tmp_path: Path) -> None:
    ran = import_from(mixed)
    [report] = ran.report["runs"]
    assert report["library"] == "lib"
    assert report["counts"] == {"create": 3, "refused": 1}
    assert {"action": "create", "path": "sound.md"} in report["changes"]
    problem = next(problem for problem in report["problems"] if problem["path"] == "refused.md")
    assert problem.keys() == {"path", "line", "key", "code", "severity", "message"}
    assert (problem["line"], problem["code"], problem["severity"]) == (4, "yaml", "error")
    exported = export_to(tmp_path / "out").report["runs"][0]
    assert exported["library"] == "out"
    assert exported["counts"] == {"write": 3}


def test_sides_exclude_each_other_and_unknown_states_are_misuse(mixed: Path) -> None:
    for arguments in (
        ("import_patterns", "--ours", "--theirs", str(mixed)),
        ("export_patterns", "--status", "asleep", str(mixed)),
    ):
        ended = manage(NOWHERE, *arguments)
        assert (ended.returncode, ended.stdout) == (2, "")
        assert "Traceback" not in ended.stderr


@pytest.mark.django_db
def test_a_plan_for_a_folder_that_is_not_there_yet_says_what_would_be_written(mixed: Path, tmp_path: Path) -> None:
    import_from(mixed)
    ran = export_to("--dry-run", tmp_path / "not-yet")
    assert (ran.code, ran.counts) == (0, {"write": 3})
    assert export_to("--check", tmp_path / "not-yet").code == 1
    assert not (tmp_path / "not-yet").exists()


def test_the_processes_say_the_same_as_the_functions(tmp_path: Path) -> None:
    from tests.databases import throw_away_database

    library = write_files(tmp_path / "lib", {"a.md": pattern_file("a"), "bad.md": "---\nslug: [\n---\n"})
    with throw_away_database(os.environ.get("DATABASE_URL", "")) as url:
        imported = manage(url, "import_patterns", library, "-v", "2")
        assert (imported.returncode, imported.stdout) == (1, "new: a.md\n")
        assert f"{library}/bad.md:3: error: " in imported.stderr
        exported = manage(url, "export_patterns", tmp_path / "out", "-v", "2")
        assert (exported.returncode, exported.stdout) == (0, "written: a.md\n")
        for wrong in (
            ["import_patterns", tmp_path / "nowhere"],
            ["import_patterns"],
            ["export_patterns", library / "a.md"],
        ):
            ended = manage(url, *wrong)
            assert (ended.returncode, ended.stdout) == (2, "")
            assert "Traceback" not in ended.stderr


# check_patterns


def check(*arguments: str | Path, env: dict[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    """check_patterns as a process whose database is nowhere."""
    return subprocess.run(
        [sys.executable, str(ROOT / "manage.py"), "check_patterns", *map(str, arguments)],
        cwd=ROOT,
        env={**os.environ, "DATABASE_URL": NOWHERE, "DJANGO_SETTINGS_MODULE": "commons.settings", **(env or {})},
        capture_output=True,
        text=True,
        check=False,
    )


def test_checking_needs_no_database_and_says_problems_on_stdout_and_the_summary_on_stderr(mixed: Path) -> None:
    ran = check(mixed)
    assert ran.returncode == 1
    lines = ran.stdout.splitlines()
    assert any(line.startswith(f"{mixed}/refused.md:4: error: ") and line.endswith("[yaml]") for line in lines)
    assert any(line.startswith(f"{mixed}/warned.md:3: warning: ") for line in lines)
    assert ran.stderr.splitlines()[-1] == f"{mixed}: 1 refused, 3 sound."


def test_checking_sound_files_ends_with_zero_and_strictness_counts_warnings(mixed: Path) -> None:
    assert check(mixed / "sound.md").returncode == 0
    assert check(mixed / "warned.md").returncode == 0
    assert check("--strict", mixed / "warned.md").returncode == 1
    assert check(mixed / "nothing.md").returncode == 2


def test_checking_on_all_cores_finds_the_same(mixed: Path) -> None:
    write_files(mixed, {f"more/{n}.md": pattern_file(f"more-{n}") for n in range(200)})
    assert check("--workers", "2", mixed).stdout == check("--workers", "1", mixed).stdout


def test_checking_as_json_gives_one_list_of_problems(mixed: Path) -> None:
    ran = check("--format", "json", mixed)
    problems = json.loads(ran.stdout)
    assert ran.returncode == 1
    assert {
        "path": f"{mixed}/refused.md", "line": 4, "code": "yaml", "severity": "error",
    }.items() <= next(problem for problem in problems if problem["code"] == "yaml").items()  # fmt: skip
    assert json.loads(check("--format", "json", mixed / "sound.md").stdout) == [
        problem for problem in problems if problem["path"] == f"{mixed}/sound.md"
    ]


def test_checking_for_github_gives_one_workflow_command_a_problem(mixed: Path) -> None:
    (mixed / "a,b%c.md").write_text("---\nslug: x\ntitle: one\ntitle: two\n---\n")
    lines = check("--format", "github", mixed).stdout.splitlines()
    assert all(line.startswith(("::error file=", "::warning file=", "::notice file=")) for line in lines)
    [line] = [line for line in lines if "title=duplicate-key" in line]
    assert f"file={mixed}/a%2Cb%25c.md,line=4,title=duplicate-key::" in line


def test_checking_finds_identities_claimed_twice_within_a_folder_and_across(tmp_path: Path) -> None:
    one = write_files(tmp_path / "one", {"a.md": pattern_file("same", id=typeid(1)), "b.md": pattern_file("same")})
    two = write_files(tmp_path / "two", {"c.md": pattern_file("c", id=typeid(1))})
    ran = check(one, two)
    assert ran.returncode == 1
    assert f"{one}/b.md:3: error: The slug “same” is already taken by a.md:4" in ran.stdout
    assert "is already taken by one/a.md:3" in ran.stdout


def test_checking_is_quiet_when_asked_and_silent_about_companions(tmp_path: Path) -> None:
    folder = write_files(tmp_path / "lib", {"README.md": "# Hello", "a.md": pattern_file("a", id=typeid(1))})
    ran = check(folder, "-v", "0")
    assert (ran.returncode, ran.stdout, ran.stderr) == (0, "", "")
    assert "README" not in check(folder, "-v", "3").stdout


@pytest.mark.django_db
def test_a_check_and_an_import_refuse_the_same_files(tmp_path: Path) -> None:
    files: dict[str, str | bytes] = {
        "a.md": pattern_file("a", id=typeid(1)),
        "b.md": pattern_file("b", id=typeid(1)),
        "c.md": pattern_file("a"),
        "d.md": b"\xff\xfe",
        "e.md": "---\nslug: e\nslug: f\n---\n",
        "f.md": "no front matter",
        "g.md": pattern_file("g"),
    }
    library = write_files(tmp_path / "lib", files)
    checked, imported = run("check_patterns", library), import_from(library)
    assert sorted(checked.errors) == sorted(imported.errors)
    assert list(Pattern.objects.order_by("slug").values_list("slug", flat=True)) == ["a", "g"]


@pytest.mark.django_db
@pytest.mark.parametrize("locale", ["C", "C.UTF-8", "POSIX"])
def test_names_and_messages_beyond_ascii_can_be_said_in_any_locale(tmp_path: Path, locale: str) -> None:
    folder = write_files(tmp_path / "bücher", {"größe.md": "---\nslug: [\n---\n"})
    ran = check(folder, env={"LC_ALL": locale, "LANG": locale})
    assert ran.returncode == 1
    assert "Traceback" not in ran.stderr
    assert "größe.md:3: error" in ran.stdout
