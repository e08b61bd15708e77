"""Answers an agent that speaks the Model Context Protocol on standard input and output."""

from __future__ import annotations

import json
import sys
from typing import Any

from django.core.management.base import BaseCommand
from django.db import close_old_connections

from patterns_app.mcp import protocol


class Command(BaseCommand):
    help = (
        "Serves the public patterns, to read, to an agent that speaks the Model Context Protocol: a message a line on "
        "standard input, an answer a line on standard output. The agent starts it; it ends with its input."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            for line in sys.stdin.buffer:
                if line.strip():
                    self._answer(line)
        except (KeyboardInterrupt, BrokenPipeError):
            # Whoever listened is gone.
            sys.stdin.close()

    def _answer(self, line: bytes) -> None:
        # It may wait for days between two messages, and the database closes what is idle.
        close_old_connections()
        if (said := protocol.answer(line)) is not None:
            # ASCII: whichever encoding the terminal has.
            self.stdout.write(json.dumps(said))
            self.stdout.flush()
