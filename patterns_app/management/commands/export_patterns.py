"""`manage.py export_patterns DIR`: rows → pattern files."""

from __future__ import annotations

import difflib
import sys
from typing import Any

from django.core.management.base import CommandParser
from django.utils import timezone

from patterns_app.document.vocabulary import Status
from patterns_app.management.session import LibraryCommand
from patterns_app.models import Pattern
from patterns_app.sync.exporting import ExportPlan, PlannedFile, apply_export, open_folder
from patterns_app.sync.library import FolderTrouble


class Command(LibraryCommand):
    help = (
        "Write patterns to files, each at the path it came from. Writes only what differs, whole files or nothing, and "
        "never over a file that changed since it was last seen."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("folder", metavar="DIR", help="The library's folder; made if there is none.")
        parser.add_argument(
            "--library", default="", help="The library's name; by default the one whose folder this is."
        )
        parser.add_argument("--dry-run", action="store_true", help="Say what would be written and write nothing.")
        parser.add_argument(
            "--check", action="store_true", help="Like --dry-run, with exit status 1 if there is anything to write."
        )
        parser.add_argument(
            "--slug", action="append", default=[], help="Only this pattern (may be given several times)."
        )
        parser.add_argument(
            "--status", action="append", default=[], choices=list(Status), help="Only patterns in this state."
        )
        parser.add_argument("--collection", action="append", default=[], help="Only patterns of this collection.")
        parser.add_argument(
            "--ours", action="store_true", help="Also write over files that changed; their text stays in the history."
        )

    def handle(self, *args: Any, **options: Any) -> None:
        verbosity: int = options["verbosity"]
        only_plan = options["dry_run"] or options["check"]
        self.ensure_current()
        patterns = Pattern.objects.all()
        if slugs := options["slug"]:
            patterns = patterns.filter(slug__in=slugs)
            unknown = sorted(set(slugs) - set(patterns.values_list("slug", flat=True)))
            if unknown:
                raise self.refuse(f"There is no pattern with the slug {', '.join(f'“{slug}”' for slug in unknown)}.")
        if options["status"]:
            patterns = patterns.filter(status__in=options["status"])
        if options["collection"]:
            patterns = patterns.filter(collection__name__in=options["collection"])
        try:
            folder, library = open_folder(options["folder"], name=options["library"], make=not only_plan)
        except FolderTrouble as trouble:
            raise self.refuse(str(trouble)) from trouble
        with self.progress("Exporting", verbosity) as advance, self.few_collections():
            # Whoever names a pattern means it, whichever library it is at home in.
            everywhere = bool(slugs)
            plan = ExportPlan(folder, library, patterns, "ours" if options["ours"] else "", everywhere, advance)

            def show(files: list[PlannedFile]) -> None:
                self.show_files(files, verbosity)

            if only_plan:
                for files in plan.files():
                    show(files)
                    for file in files:
                        plan.outcome.note(file.action, file.path)
            else:
                apply_export(plan, at=timezone.now(), name=options["library"], on_files=show)
        outcome = plan.outcome
        self.show_problems(outcome.problems, verbosity, str(folder.root))
        if verbosity:
            would = " (nothing was written)" if only_plan else ""
            self.stderr.write(f"{outcome.library}: {outcome.summary()}{would}.")
        self.write_report(options["report"], [outcome])
        if outcome.has_errors or (options["check"] and outcome.has_work):
            sys.exit(1)

    def show_files(self, files: list[PlannedFile], verbosity: int) -> None:
        """A line a file with -v 2, a unified diff as well with -v 3."""
        for file in files if verbosity > 1 else ():
            self.stdout.write(f"{file.action}: {file.path}")
            if verbosity > 2 and file.before is not None:
                before, after = file.before.splitlines(True), file.text.splitlines(True)
                lines = difflib.unified_diff(before, after, f"file/{file.path}", f"database/{file.path}", n=1)
                self.stdout.write("".join(lines), ending="")
