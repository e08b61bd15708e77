"""`manage.py publish_scheduled`: what is due goes public, or out of sight."""

from __future__ import annotations

import sys
from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from patterns_app.workflow.moves import Move
from patterns_app.workflow.schedule import publish_scheduled


class Command(BaseCommand):
    help = (
        "Publish and unpublish what is scheduled for now or earlier. Run it every minute; twice at once does no harm. "
        "Exit status 1 if something could not be done as scheduled; those concerned are told."
    )
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        has_problems = False
        for due in publish_scheduled(at=timezone.now()):
            has_problems |= bool(due.reason)
            if not options["verbosity"]:
                continue
            if due.reason:
                self.stderr.write(self.style.ERROR(f"{due.pattern.slug}: error: {due.move}: {due.reason}"))
            else:
                self.stdout.write(f"{'publish' if due.move is Move.PUBLISH else 'unpublish'}: {due.pattern.slug}")
        if has_problems:
            sys.exit(1)
