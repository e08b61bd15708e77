"""Import folders into an empty throw-away database, export them into an empty folder, compare every byte.

`python -m tests.round_trip FOLDER…` (`make round-trip LIBRARY=folder`). The database is a temporary SQLite file, or,
where DATABASE_URL names PostgreSQL, a new database on that server. Exit status 1 if a file that was imported is
missing or differs, 2 if nothing could be compared.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.databases import is_postgresql, manage, throw_away_database


@dataclass
class Comparison:
    """What became of the files of some libraries."""

    identical: int = 0
    differing: list[str] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    passed_over: list[str] = field(default_factory=list)
    unasked: list[str] = field(default_factory=list)

    @property
    def imported(self) -> int:
        return self.identical + len(self.differing) + len(self.missing)

    @property
    def is_faithful(self) -> bool:
        return not (self.differing or self.missing or self.unasked)


def compare(folders: Sequence[Path], runs: Sequence[dict[str, Any]], exported: Path) -> Comparison:
    """Every Markdown file of the folders against the export. runs: one of the import's report for each folder."""
    result = Comparison()
    expected: set[Path] = set()
    for folder, run in zip(folders, runs, strict=True):
        done = {change["path"]: change["action"] for change in run["changes"]}
        reasons: dict[str, list[str]] = {}
        for problem in run["problems"]:
            if problem["severity"] == "error":
                reasons.setdefault(problem["path"], []).append(f"{problem['line']}: {problem['message']}")
        for path in markdown_files(folder):
            name = path.as_posix()
            if done.get(name) == "create":
                expected.add(path)
                copy = exported / path
                if not copy.is_file():
                    result.missing.append(name)
                elif copy.read_bytes() == (folder / path).read_bytes():
                    result.identical += 1
                else:
                    result.differing.append(name)
            elif name in reasons:
                result.refused += [f"{folder / path}:{reason}" for reason in reasons[name]]
            else:
                result.passed_over.append(str(folder / path))
    result.unasked = [str(path) for path in markdown_files(exported) if path not in expected]
    return result


def markdown_files(folder: Path) -> list[Path]:
    """Every Markdown file in the folder that is not hidden, relative to it; not by the importer's own search."""
    found = [
        path.relative_to(folder)
        for path in folder.rglob("*")
        if path.suffix.casefold() in {".md", ".markdown"} and path.is_file() and not path.is_symlink()
    ]
    return sorted(path for path in found if not any(part.startswith(".") for part in path.parts))


def round_trip(folders: Sequence[Path], server: str) -> Comparison:
    """Import, export, compare. Raises `RuntimeError` where a command did not do its work at all."""
    with throw_away_database(server) as url, tempfile.TemporaryDirectory(prefix="round-trip-") as scratch:
        report, exported = Path(scratch) / "import.json", Path(scratch) / "exported"
        imported = manage(url, "import_patterns", *folders, "--report", report, "--verbosity", "0")
        if imported.returncode not in {0, 1} or not report.exists():
            raise RuntimeError(f"import_patterns ended with status {imported.returncode}:\n{imported.stderr}")
        written = manage(url, "export_patterns", exported, "--verbosity", "1")
        if written.returncode not in {0, 1} or "Traceback" in written.stderr:
            raise RuntimeError(f"export_patterns ended with status {written.returncode}:\n{written.stderr}")
        result = compare(folders, json.loads(report.read_text(encoding="utf-8"))["runs"], exported)
        if written.returncode and result.is_faithful:
            raise RuntimeError(f"export_patterns reported problems:\n{written.stderr}")
        return result


def main(arguments: Sequence[str]) -> int:
    folders = [Path(argument).resolve() for argument in arguments]
    wrong = [argument for argument in arguments if not Path(argument).is_dir()]
    if wrong or not folders:
        sys.stderr.write(f"Say which folder to take round: {', '.join(wrong) or 'none was named'} is no folder.\n")
        return 2
    server = os.environ.get("DATABASE_URL", "")
    try:
        result = round_trip(folders, server)
    except RuntimeError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    say = sys.stdout.write
    say(f"{', '.join(str(folder) for folder in folders)} on {'PostgreSQL' if is_postgresql(server) else 'SQLite'}:\n")
    say(f"  {result.imported:,} imported, {len({r.split(':')[0] for r in result.refused}):,} refused, ")
    say(f"{len(result.passed_over):,} no patterns; {result.identical:,} identical after export.\n")
    for word, lines in (
        ("refused", result.refused),
        ("no pattern", result.passed_over),
        ("MISSING", result.missing),
        ("DIFFERS", result.differing),
        ("UNASKED", result.unasked),
    ):
        for line in lines:
            say(f"  {word}: {line}\n")
    return 0 if result.is_faithful else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
