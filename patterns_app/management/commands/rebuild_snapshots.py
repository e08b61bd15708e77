"""`manage.py rebuild_snapshots`: render again what is public, after the way of rendering has changed."""

from __future__ import annotations

from typing import Any

from patterns_app.management.session import LongCommand
from patterns_app.publishing import rebuild_snapshots


class Command(LongCommand):
    help = "Make every public record anew from the very revision it was made from. Publishes nothing new."

    def handle(self, *args: Any, **options: Any) -> None:
        verbosity: int = options["verbosity"]
        with self.progress("Rebuilding", verbosity) as advance, self.few_collections():
            count = rebuild_snapshots(advance)
        if verbosity:
            self.stderr.write(f"{count:,} snapshot{'s were' if count != 1 else ' was'} rebuilt.")
