"""`manage.py send_notices`: mail what is waiting; with --digest, the daily mails."""

from __future__ import annotations

import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.utils import timezone

from patterns_app.workflow.notices import send_at_once, send_digests


class Command(BaseCommand):
    help = (
        "Mail the notices that could not be sent when they were written. Run it every few minutes, and once a day "
        "with --digest. Exit status 1 if the mail server took some of them not; they wait for the next run."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--digest", action="store_true", help="Mail, all in one, what has gathered for those who want it daily."
        )

    def handle(self, *args: Any, **options: Any) -> None:
        verbosity: int = options["verbosity"]
        count = 0

        def told(address: str, subject: str) -> None:
            nonlocal count
            count += 1
            if verbosity > 1:
                self.stdout.write(f"{address}: {subject}")

        try:
            if options["digest"]:
                send_digests(at=timezone.now(), told=told)
            else:
                send_at_once(told=told)
        except OSError as error:
            if verbosity:
                self.stderr.write(self.style.ERROR(f"Some mail could not be sent and waits for the next run: {error}"))
            sys.exit(1)
        finally:
            if verbosity and count:
                self.stderr.write(f"{count:,} mail{'s were' if count != 1 else ' was'} sent.")
