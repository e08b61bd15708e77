"""`ensure_administrator`: somebody can log in after the first start, and no password is known beforehand."""

import secrets
from typing import Any

from django.contrib.auth import get_user_model
from django.core.management.base import BaseCommand, CommandError, CommandParser


class Command(BaseCommand):
    help = "Create the first administrator with a random password, printed once; do nothing when there is one."
    requires_system_checks = ()  # runs at every start, right after commands that have checked

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--username", default="admin", help="what to call the administrator (default: admin)")

    def handle(self, *args: Any, username: str, **options: Any) -> None:
        users = get_user_model().objects
        # One who may not log in is no administrator: the library would stay locked.
        if users.filter(is_superuser=True, is_active=True).exists():
            return
        if users.filter(username=username).exists():
            raise CommandError(
                f"There is no active administrator, and the name “{username}” belongs to another account. "
                f"Choose another with --username, or give that account its rights back."
            )
        password = secrets.token_urlsafe(15)
        users.create_superuser(username=username, password=password)
        self.stdout.write(f"Administrator created. User name: {username}  Password: {password}")
        self.stdout.write("The password is shown this once and stored nowhere. You can change it in the admin.")
