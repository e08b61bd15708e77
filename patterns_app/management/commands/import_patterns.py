"""`manage.py import_patterns PATH…`: pattern files → rows and revisions."""

from __future__ import annotations

import difflib
import sys
from typing import Any

from django.core.management.base import CommandParser
from django.utils import timezone

from patterns_app.management.session import LibraryCommand
from patterns_app.models import Revision
from patterns_app.sync.claims import Claims
from patterns_app.sync.import_apply import apply
from patterns_app.sync.import_plan import ImportPlan, PlannedChange
from patterns_app.sync.library import FolderTrouble
from patterns_app.sync.outcome import Action, Outcome
from patterns_app.sync.target import Target, locate
from patterns_app.workflow.arrivals import Publication


class Command(LibraryCommand):
    help = (
        "Import pattern files into the database. Unchanged files are recognised by their digest; a file that cannot be "
        "used is reported and the others go in; where a file and its pattern both changed, neither is touched."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument(
            "paths", nargs="+", metavar="PATH", help="A library's folder, a part of it, or single files."
        )
        parser.add_argument("--library", default="", help="The library's name; by default that of the folder.")
        parser.add_argument("--dry-run", action="store_true", help="Say what would happen and change nothing.")
        parser.add_argument(
            "--check", action="store_true", help="Like --dry-run, with exit status 1 if there is anything to do."
        )
        parser.add_argument("--archive-missing", action="store_true", help="Archive the patterns whose files are gone.")
        publication = parser.add_mutually_exclusive_group()
        publication.add_argument(
            "--publish",
            dest="publication",
            action="store_const",
            const=Publication.DRAFTS_TOO,
            default=Publication.FOLLOW,
            help="Publish drafts, too; by default only what the files call published goes public.",
        )
        publication.add_argument(
            "--no-publish",
            dest="publication",
            action="store_const",
            const=Publication.HOLD,
            help="Publish nothing: editors look at it first.",
        )
        parser.add_argument(
            "--workers", type=int, default=None, help="Processes that read files; by default one a core."
        )
        side = parser.add_mutually_exclusive_group()
        side.add_argument(
            "--theirs",
            dest="prefer",
            action="store_const",
            const="theirs",
            default="",
            help="In conflicts the file wins.",
        )
        side.add_argument(
            "--ours", dest="prefer", action="store_const", const="ours", help="In conflicts the database wins."
        )

    def handle(self, *args: Any, **options: Any) -> None:
        verbosity: int = options["verbosity"]
        only_plan = options["dry_run"] or options["check"]
        self.ensure_current()
        claims = Claims()
        outcomes: list[Outcome] = []
        # All of them first, so that nothing is done if one cannot be used.
        for path in options["paths"]:
            self.locate(path, options["library"])
        for path in options["paths"]:
            # Anew: the paths before may have made the library that this one belongs to.
            target = self.locate(path, options["library"])
            with self.progress("Importing", verbosity) as advance, self.few_collections():
                plan = ImportPlan(target, claims, options["prefer"], options["workers"], advance)

                def show(batch: list[PlannedChange]) -> None:
                    self.show_changes(batch, verbosity)

                if only_plan:
                    for change in plan.changes():
                        show([change])
                        plan.outcome.note(change.action, change.parsed.path)
                    for pattern_pk in plan.missing if options["archive_missing"] else ():
                        plan.outcome.note(Action.ARCHIVED, plan.path_of(pattern_pk))
                else:
                    apply(
                        plan,
                        at=timezone.now(),
                        archive_missing=options["archive_missing"],
                        publication=options["publication"],
                        on_batch=show,
                    )
            outcome = plan.outcome
            outcomes.append(outcome)
            self.show_problems(outcome.problems, verbosity, str(target.folder.root))
            if verbosity:
                would = " (nothing was written)" if only_plan else ""
                self.stderr.write(f"{target.name}: {outcome.summary()}{would}.")
        self.write_report(options["report"], outcomes)
        if any(outcome.has_errors for outcome in outcomes) or (
            options["check"] and any(outcome.has_work for outcome in outcomes)
        ):
            sys.exit(1)

    def locate(self, path: str, name: str) -> Target:
        try:
            return locate(path, name=name)
        except FolderTrouble as trouble:
            raise self.refuse(str(trouble)) from trouble

    def show_changes(self, batch: list[PlannedChange], verbosity: int) -> None:
        """A line a file with -v 2, a unified diff as well with -v 3."""
        if verbosity < 2:
            return
        texts: dict[int, str] = {}
        if verbosity > 2:
            heads = [change.head_pk for change in batch if change.head_pk is not None]
            texts = dict(Revision.objects.filter(pk__in=heads).values_list("pk", "text"))
        for change in batch:
            self.stdout.write(f"{change.action}: {change.parsed.path}")
            if change.head_pk in texts:
                self.stdout.write(
                    "".join(diff(texts[change.head_pk], change.parsed.text, change.parsed.path)), ending=""
                )


def diff(before: str, after: str, path: str) -> list[str]:
    """A unified diff of two texts, line endings kept as they are."""
    return list(
        difflib.unified_diff(before.splitlines(True), after.splitlines(True), f"database/{path}", f"file/{path}", n=1)
    )
