"""`manage.py thin_revisions`: let old revisions go that nobody will miss."""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.utils import timezone

from patterns_app.management.session import LongCommand
from patterns_app.workflow.revisions import KEEP_LAST, thin_revisions


class Command(LongCommand):
    help = (
        "Delete old revisions. Always kept: the first and the newest ones of each pattern, one a day, the newest of "
        "each person, and every one that was ever public, is under review or approved, or is what a file and its "
        "pattern have in common."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--keep-last",
            type=int,
            default=KEEP_LAST,
            metavar="N",
            help=f"How many revisions of each pattern stay in any case (default: {KEEP_LAST}).",
        )
        parser.add_argument("--dry-run", action="store_true", help="Say how many would go, and delete none.")

    def handle(self, *args: Any, **options: Any) -> None:
        verbosity: int = options["verbosity"]
        if options["keep_last"] < 0:
            raise CommandError("--keep-last takes a number from 0 on.", returncode=2)
        with self.progress("Thinning", verbosity) as advance:
            gone = thin_revisions(
                at=timezone.now(),
                keep_last=options["keep_last"],
                is_dry_run=options["dry_run"],
                advance=advance,
            )
        if verbosity:
            words = "would go (nothing was deleted)" if options["dry_run"] else "deleted"
            self.stderr.write(f"{gone:,} revision{'s' if gone != 1 else ''} {words}.")
