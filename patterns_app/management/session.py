"""What the library commands share: options, exit codes, and how problems and progress are shown.

Data goes to standard output, talk to standard error. Exit 0: done; 1: there were problems, or under --check work to do;
2: misuse.
"""

from __future__ import annotations

import gc
import json
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import OperationalError, ProgrammingError

from patterns_app.document.problems import Problem, Severity
from patterns_app.models import rereading
from patterns_app.sync.outcome import Outcome


class LongCommand(BaseCommand):
    """A command that goes through thousands of files or rows."""

    # The checks import the URL configuration and with it the admin, which no such command needs.
    requires_system_checks: list[str] = []

    @contextmanager
    def progress(self, verb: str, verbosity: int = 1) -> Iterator[Callable[[int], None]]:
        """A bar on a terminal for anything that takes over a second; silent elsewhere and with -v 0."""
        if not verbosity or not getattr(self.stderr, "isatty", lambda: False)():
            yield lambda count: None
            return
        from tqdm import tqdm

        with tqdm(desc=verb, unit=" files", delay=1.0, leave=False, file=sys.stderr) as bar:

            def advance(count: int) -> None:
                bar.update(count)

            yield advance

    @staticmethod
    @contextmanager
    def few_collections() -> Iterator[None]:
        """Let the cycle collector run seldom: rows and documents by the hundred thousand hold no cycles."""
        threshold = gc.get_threshold()
        gc.freeze()
        gc.set_threshold(100_000, 50, 100)
        try:
            yield
        finally:
            gc.set_threshold(*threshold)
            gc.unfreeze()


class LibraryCommand(LongCommand):
    """A command over a library's files."""

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--report", metavar="FILE.json", help="Also write counts, changes and problems to this file."
        )

    def ensure_current(self) -> None:
        """Refuse to compare files with rows that an older version of the program made."""
        try:
            rereading.ensure_current()
        except rereading.ReadingOutdated as outdated:
            raise self.refuse(str(outdated)) from outdated
        except (OperationalError, ProgrammingError) as error:
            reason = str(error).strip().split("\n")[0]
            message = (
                f"The database cannot be used: {reason}. Check DATABASE_URL; a new database needs `manage.py migrate`."
            )
            raise self.refuse(message) from error

    def refuse(self, message: str) -> CommandError:
        """The exception for misuse: said without a traceback, exit status 2."""
        return CommandError(message, returncode=2)

    def show_problems(self, problems: Iterable[Problem], verbosity: int, root: str, *, to_stdout: bool = False) -> None:
        """Errors from -v 1 on, warnings from -v 2, notices with -v 3, in the order of files and lines."""
        if not verbosity:
            return
        least = {Severity.ERROR: 1, Severity.WARNING: 2, Severity.NOTICE: 3}
        stream = self.stdout if to_stdout else self.stderr
        quiet = 0
        for problem in sorted(problems, key=lambda problem: (problem.path, problem.line)):
            if verbosity >= least[problem.severity]:
                style = self.style.ERROR if problem.severity is Severity.ERROR else self.style.WARNING
                line = str(problem._replace(path=str(Path(root) / problem.path)))
                stream.write(line if to_stdout else style(line))
            else:
                quiet += 1
        if quiet:
            self.stderr.write(
                f"{quiet:,} lesser problem{'s' if quiet > 1 else ''} not shown (-v {verbosity + 1} shows more)."
            )

    def write_report(self, file: str | None, outcomes: list[Outcome]) -> None:
        if not file:
            return
        report: Any = {"runs": [outcome.as_json() for outcome in outcomes]}
        try:
            Path(file).write_text(json.dumps(report, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
        except OSError as error:
            raise self.refuse(
                f"The report cannot be written to “{file}”: {error.strerror}. What was done is done."
            ) from error
