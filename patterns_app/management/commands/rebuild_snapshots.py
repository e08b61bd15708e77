"""`manage.py rebuild_snapshots`: render again what is public, after the way of rendering has changed."""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandParser

from patterns_app.management.session import LongCommand
from patterns_app.publishing import drop_leftovers, rebuild_snapshots


class Command(LongCommand):
    help = (
        "Make every public record anew from the very revision it was made from, and drop what is left of others. "
        "Publishes nothing new."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--outdated", action="store_true", help="Only those made by an earlier version of this software."
        )

    def handle(self, *args: Any, **options: Any) -> None:
        verbosity: int = options["verbosity"]
        left = 0 if options["outdated"] else drop_leftovers()
        with self.progress("Rebuilding", verbosity) as advance, self.few_collections():
            count = rebuild_snapshots(advance, outdated_only=options["outdated"])
        if verbosity and (count or not options["outdated"]):
            self.stderr.write(f"{count:,} snapshot{'s were' if count != 1 else ' was'} rebuilt.")
        if verbosity and left:
            what = f"{left:,} pattern{'s that are' if left != 1 else ' that is'} not public"
            self.stderr.write(f"What search, lists, links and map still had of {what} was dropped.")
