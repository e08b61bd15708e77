"""Several at once: every one of them ends, and nothing is lost or doubled."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from tests.databases import ROOT, command, environment, manage
from tests.sync.folders import bytes_in, write_many
from tests.sync.inspection import inspect


def start(url: str, line: list[str]) -> subprocess.Popen[str]:
    return subprocess.Popen(
        line, cwd=ROOT, env=environment(url), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


def end(processes: list[subprocess.Popen[str]]) -> list[tuple[int, str, str]]:
    """Wait for all: exit status, what went to standard output, what went to standard error."""
    said = [process.communicate(timeout=120) for process in processes]
    return [(process.returncode, out, err) for process, (out, err) in zip(processes, said, strict=True)]


def test_two_imports_of_one_library_at_once_make_every_pattern_once(database: str, tmp_path: Path) -> None:
    count = 260
    library = write_many(tmp_path / "lib", count)
    for title in ("", "Changed"):
        write_many(library, count, title=title)
        for code, _, err in end([start(database, command("import_patterns", library)) for _ in range(2)]):
            assert code in (0, 1)
            assert "Traceback" not in err
        held = inspect(database)
        assert len(held["slugs"]) == len(held["paths"]) == count
        assert manage(database, "import_patterns", "--check", library).returncode == 0
    # Each text once: the slower one saw that the quicker one had been there.
    assert held["revisions"] == 2 * count
    assert held["titles"]["pattern-7"] == "Changed 7"


def test_editors_who_save_linked_patterns_while_an_import_runs_lose_nothing(database: str, tmp_path: Path) -> None:
    library = write_many(tmp_path / "lib", 12)
    assert manage(database, "import_patterns", library).returncode == 0
    slugs = [f"pattern-{number}" for number in range(3)]
    goals = [*slugs, "alias 1", "alias-2", "name-5"]
    editors = [start(database, [sys.executable, "-m", "tests.sync.crowd", slug, "15", *goals]) for slug in slugs]
    imports = []
    for title in ("First", "Second"):
        write_many(library, 12, title=title)
        imports.append(manage(database, "import_patterns", "--theirs", library))
    saves = 0
    for code, out, err in end(editors):
        assert code == 0, err
        done, stale = map(int, out.split())
        assert done + stale == 15
        saves += done
    changed = 0
    for ran in imports:
        assert ran.returncode in (0, 1), ran.stderr
        assert "Traceback" not in ran.stderr
        changed += sum(
            int(part.split()[0]) for part in ran.stderr.splitlines()[-1].split(": ")[1].split(", ") if "changed" in part
        )
    # Every save and every file that was taken is a revision; none wrote over another's number.
    assert inspect(database)["revisions"] == 12 + saves + changed


def test_two_exports_to_one_folder_at_once_leave_whole_files(database: str, tmp_path: Path) -> None:
    library, out = write_many(tmp_path / "lib", 260), tmp_path / "out"
    assert manage(database, "import_patterns", library).returncode == 0
    out.mkdir()
    for code, _, err in end([start(database, command("export_patterns", out)) for _ in range(2)]):
        assert code in (0, 1), err
        assert "Traceback" not in err
    assert bytes_in(out) == bytes_in(library)
    assert manage(database, "export_patterns", out).returncode == 0
    assert manage(database, "import_patterns", "--check", out).returncode == 0
    inspect(database)


def test_an_import_on_all_cores_and_one_in_process_do_the_same(
    database: str, migrated_database: str, tmp_path: Path
) -> None:
    from tests.databases import throw_away_database

    library = write_many(tmp_path / "lib", 200)
    assert manage(database, "import_patterns", "--workers", "2", library).returncode == 0
    with throw_away_database(os.environ.get("DATABASE_URL", ""), like=migrated_database) as other:
        assert manage(other, "import_patterns", "--workers", "1", library).returncode == 0
        assert inspect(other) == inspect(database)
