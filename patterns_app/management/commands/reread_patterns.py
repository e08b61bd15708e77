"""`manage.py reread_patterns`: after an upgrade, take into the rows what the program now reads from the texts."""

from __future__ import annotations

from typing import Any

from patterns_app.management.session import LongCommand
from patterns_app.models.rereading import reread


class Command(LongCommand):
    help = (
        "Read every stored text again if a newer version of the program reads more from it. Quick when there is "
        "nothing to do; changes no text and no history."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        verbosity: int = options["verbosity"]
        with self.progress("Reading again", verbosity) as advance, self.few_collections():
            count = reread(advance)
        if verbosity and count:
            self.stderr.write(f"{count:,} patterns were read again.")
