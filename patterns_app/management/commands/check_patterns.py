"""`manage.py check_patterns PATH…`: validate pattern files without a database."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser

from patterns_app.document.problems import Problem, Severity
from patterns_app.management.session import LibraryCommand
from patterns_app.sync.checking import check
from patterns_app.sync.claims import Claims
from patterns_app.sync.library import Folder, FolderTrouble
from patterns_app.sync.outcome import Outcome

_GITHUB = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.NOTICE: "notice"}


class Command(LibraryCommand):
    help = (
        "Check pattern files and say what is wrong with them. Needs no database. "
        "Exit status 1 if any file could not go in."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("paths", nargs="+", metavar="PATH", help="Folders or single files.")
        parser.add_argument(
            "--format", choices=["text", "json", "github"], default="text", help="How to say it (default: text)."
        )
        parser.add_argument("--strict", action="store_true", help="Exit status 1 for warnings, too.")
        parser.add_argument(
            "--workers", type=int, default=None, help="Processes that read files; by default one a core."
        )

    def handle(self, *args: Any, **options: Any) -> None:
        claims = Claims()
        outcomes: list[Outcome] = []
        problems: list[Problem] = []
        for path in options["paths"]:
            given = Path(path)
            try:
                folder, only = Folder.around(given)
            except FolderTrouble as trouble:
                raise self.refuse(str(trouble)) from trouble
            with self.progress("Checking", options["verbosity"]) as advance, self.few_collections():
                outcome = check(folder, claims, only=only, workers=options["workers"], advance=advance)
            outcome.library = path
            outcomes.append(outcome)
            # As it was given, so that editors and CI systems can jump there.
            base = given if not only else folder.root if given.is_symlink() else given.parent
            problems += [problem._replace(path=str(base / problem.path)) for problem in outcome.problems]
        self.say(problems, options["format"], options["verbosity"])
        if options["verbosity"]:
            for outcome in outcomes:
                self.stderr.write(f"{outcome.library}: {outcome.summary()}.")
        self.write_report(options["report"], outcomes)
        worst = {Severity.ERROR, Severity.WARNING} if options["strict"] else {Severity.ERROR}
        if any(problem.severity in worst for problem in problems):
            sys.exit(1)

    def say(self, problems: list[Problem], form: str, verbosity: int) -> None:
        if form == "json":
            self.stdout.write(json.dumps([problem._asdict() for problem in problems], ensure_ascii=False, indent=1))
        elif form == "github":
            for problem in problems:
                self.stdout.write(github_line(problem))
        else:
            # Warnings are what one checks for, so they show one step earlier than in an import.
            self.show_problems(problems, verbosity + 1 if verbosity else 0, "", to_stdout=True)


def github_line(problem: Problem) -> str:
    """A workflow command that GitHub shows beside the line (percent-encoded as its documentation says)."""
    properties = {"file": problem.path, "line": str(problem.line or 1), "title": problem.code}
    said = ",".join(
        f"{key}={_encoded(value).replace(':', '%3A').replace(',', '%2C')}" for key, value in properties.items()
    )
    return f"::{_GITHUB[problem.severity]} {said}::{_encoded(problem.message)}"


def _encoded(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")
