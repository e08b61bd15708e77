"""`manage.py lay_out_map`: give every public pattern its place on the map."""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandParser

from patterns_app.graph import layout
from patterns_app.management.session import LongCommand


class Command(LongCommand):
    help = (
        "Give a place on the map to each public pattern that has none. Those that have one stay where they are, "
        "unless most have none, or an option says otherwise."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        how = parser.add_mutually_exclusive_group()
        how.add_argument("--refine", action="store_true", help="Better all places, beginning from the present ones.")
        how.add_argument("--anew", action="store_true", help="Forget all places, and lay the whole map out anew.")

    def handle(self, *args: Any, **options: Any) -> None:
        verbosity: int = options["verbosity"]
        anew, refine = options["anew"], options["refine"]
        with self.progress("Laying out", verbosity) as advance, self.few_collections():
            count = layout.lay_out(advance, anew=anew) if anew or refine else layout.place_missing(advance)
        if verbosity and (count or anew or refine):
            self.stderr.write(f"{count:,} pattern{'s' if count != 1 else ''} got a place on the map.")
