"""Running the library commands inside the test's own transaction, and asking what they did."""

from __future__ import annotations

import io
import json
import os
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.core.management import CommandError, call_command


@dataclass(frozen=True)
class Ran:
    """How a command ended, what it said, and its report."""

    code: int
    out: str
    err: str
    report: dict[str, Any]

    @property
    def counts(self) -> dict[str, int]:
        """What happened to how many files, those without change left out; not what became public by it."""
        total: dict[str, int] = {}
        for run in self.report.get("runs", ()):
            for action, count in run["counts"].items():
                if count and action not in ("unchanged", "published"):
                    total[action] = total.get(action, 0) + count
        return total

    @property
    def published(self) -> int:
        """How many patterns became public or changed in public."""
        return sum(run["counts"].get("published", 0) for run in self.report.get("runs", ()))

    @property
    def problems(self) -> list[dict[str, Any]]:
        return [problem for run in self.report.get("runs", ()) for problem in run["problems"]]

    @property
    def errors(self) -> list[tuple[str, str]]:
        """(path, code) of each problem that kept something from happening."""
        return [(problem["path"], problem["code"]) for problem in self.problems if problem["severity"] == "error"]

    def said_of(self, path: str) -> str:
        """The messages about one path."""
        return "\n".join(problem["message"] for problem in self.problems if problem["path"] == path)


def run(name: str, *arguments: str | os.PathLike[str]) -> Ran:
    """Run a command as a user would; its exit status is what the process would end with."""
    out, err = io.StringIO(), io.StringIO()
    with tempfile.TemporaryDirectory() as scratch:
        report = Path(scratch) / "report.json"
        code = 0
        try:
            call_command(
                name,
                *(os.fspath(one) for one in arguments),
                "--report",
                str(report),
                stdout=out,
                stderr=err,
                no_color=True,
            )
        except SystemExit as ended:
            code = ended.code if isinstance(ended.code, int) else 1
        except CommandError as error:
            code = error.returncode
            err.write(str(error))
        said = json.loads(report.read_text(encoding="utf-8")) if report.exists() else {}
    return Ran(code, out.getvalue(), err.getvalue(), said)


def import_from(*arguments: str | os.PathLike[str]) -> Ran:
    return run("import_patterns", *arguments)


def export_to(*arguments: str | os.PathLike[str]) -> Ran:
    return run("export_patterns", *arguments)
