"""`manage.py rebuild_search`: index again what is public, after the way of indexing has changed."""

from __future__ import annotations

from typing import Any

from patterns_app import search
from patterns_app.management.session import LongCommand


class Command(LongCommand):
    help = "Make the search's index of everything public anew. Publishes nothing."

    def handle(self, *args: Any, **options: Any) -> None:
        verbosity: int = options["verbosity"]
        with self.progress("Indexing", verbosity) as advance, self.few_collections():
            count = search.rebuild(advance)
        if verbosity:
            self.stderr.write(f"{count:,} pattern{'s were' if count != 1 else ' was'} indexed.")
