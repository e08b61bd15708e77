"""Killed at any moment, an import or export leaves everything sound, and the next run does the rest."""

from __future__ import annotations

import os
import random
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from tests.databases import ROOT, command, environment, manage
from tests.sync.folders import bytes_in, write_many
from tests.sync.inspection import inspect

COUNT = 260


def run_and_die(url: str, point: str, number: int, *arguments: str | Path) -> None:
    """Run a command that is killed at the given point."""
    ended = subprocess.run(
        [
            sys.executable,
            "-m",
            "tests.sync.dying",
            point,
            str(number),
            *(os.fspath(argument) for argument in arguments),
        ],
        cwd=ROOT,
        env=environment(url),
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == -signal.SIGKILL, ended.stderr


@pytest.mark.parametrize(
    ("point", "number", "whole"),
    [("insert", 1, 0), ("insert", 3, 0), ("see", 1, 0), ("+see", 1, 0), ("+batch", 1, 200), ("insert", 8, 200)],
    ids=[
        "before the first row",
        "amid the rows",
        "before the files are noted",
        "before the end",
        "between batches",
        "second",
    ],
)
def test_an_import_killed_on_the_way_leaves_whole_batches_and_is_completed(
    database: str, tmp_path: Path, point: str, number: int, whole: int
) -> None:
    library = write_many(tmp_path / "lib", COUNT)
    run_and_die(database, point, number, "import_patterns", library)
    held = inspect(database)
    assert len(held["slugs"]) == len(held["paths"]) == held["revisions"] == whole
    completed = manage(database, "import_patterns", library)
    assert (completed.returncode, f"{COUNT - whole} new" in completed.stderr) == (0, True)
    held = inspect(database)
    assert len(held["slugs"]) == len(held["paths"]) == held["revisions"] == COUNT
    assert manage(database, "import_patterns", "--check", library).returncode == 0


def test_an_import_killed_at_random_moments_is_completed_in_the_end(database: str, tmp_path: Path) -> None:
    library = write_many(tmp_path / "lib", COUNT)
    for moment in range(4):
        write_many(library, COUNT // 2, title=f"Changed {moment}")
        process = subprocess.Popen(
            command("import_patterns", library),
            cwd=ROOT,
            env=environment(database),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        time.sleep(random.uniform(0.2, 1.6))
        process.kill()
        process.wait()
        inspect(database)
    assert manage(database, "import_patterns", library).returncode == 0
    held = inspect(database)
    assert len(held["slugs"]) == len(held["paths"]) == COUNT
    assert held["titles"]["pattern-0"] == "Changed 3 0"
    assert manage(database, "import_patterns", "--check", library).returncode == 0


def test_the_processes_that_read_files_end_with_the_one_that_started_them(database: str, tmp_path: Path) -> None:
    library = write_many(tmp_path / "lib", 1_500)
    process = psutil.Popen(
        command("import_patterns", "--workers", "2", library),
        cwd=ROOT,
        env=environment(database),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    patience = time.monotonic() + 30
    while len(children := process.children(recursive=True)) < 3 and process.poll() is None:
        assert time.monotonic() < patience
        time.sleep(0.01)
    process.kill()
    process.wait()
    assert children, "there were processes to end"
    _, alive = psutil.wait_procs(children, timeout=20)
    for child in alive:
        child.kill()
    assert alive == []


@pytest.mark.parametrize(
    ("point", "number"),
    [("file", 3), ("rename", 120), ("+rename", 120), ("+file", 250), ("history", 1), ("remember", 1), ("+remember", 1)],
)
def test_an_export_killed_on_the_way_leaves_whole_files_and_is_completed(
    database: str, tmp_path: Path, point: str, number: int
) -> None:
    library, out = write_many(tmp_path / "lib", COUNT), tmp_path / "out"
    assert manage(database, "import_patterns", library).returncode == 0
    run_and_die(database, point, number, "export_patterns", out)
    wanted = bytes_in(library)
    for path, data in bytes_in(out).items():
        temporary = re.fullmatch(r"\..*\.tmp", Path(path).name)
        assert temporary or data == wanted[path], path
    inspect(database)
    # What was written but not remembered is found alike; nothing half-written is imported.
    assert manage(database, "export_patterns", out).returncode == 0
    assert bytes_in(out) == wanted
    assert manage(database, "import_patterns", "--check", out).returncode == 0
    inspect(database)
