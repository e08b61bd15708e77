"""`manage.py rebuild_snapshots`: render again what is public, after the way of rendering has changed."""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandParser

from patterns_app.management.session import LongCommand
from patterns_app.publishing import rebuild_snapshots


class Command(LongCommand):
    help = "Make every public record anew from the very revision it was made from. Publishes nothing new."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--outdated", action="store_true", help="Only those made by an earlier version of this software."
        )

    def handle(self, *args: Any, **options: Any) -> None:
        verbosity: int = options["verbosity"]
        with self.progress("Rebuilding", verbosity) as advance, self.few_collections():
            count = rebuild_snapshots(advance, outdated_only=options["outdated"])
        if verbosity and (count or not options["outdated"]):
            self.stderr.write(f"{count:,} snapshot{'s were' if count != 1 else ' was'} rebuilt.")
