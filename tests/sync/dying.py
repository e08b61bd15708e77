"""`python -m tests.sync.dying POINT NUMBER COMMAND…`: run a command of manage.py that is killed on the way.

POINT names a function of the app; at its NUMBERth call the process gets SIGKILL, before the call or, with a `+` in
front of POINT, after it.
"""

from __future__ import annotations

import importlib
import os
import signal
import sys
from collections.abc import Callable
from typing import Any

POINTS = {
    "insert": ["patterns_app.models.working_copy:insert_rows", "patterns_app.models.recording:insert_rows"],
    "see": ["patterns_app.sync.import_apply:_see_files"],
    "batch": ["patterns_app.sync.import_apply:_write"],
    "file": ["patterns_app.sync.library:Folder.write"],
    "rename": ["pathlib:Path.replace"],
    "history": ["patterns_app.sync.exporting:_into_history"],
    "remember": ["patterns_app.sync.exporting:_remember"],
}


def die_at(point: str, number: int) -> None:
    calls = 0
    after = point.startswith("+")

    def deadly(function: Callable[..., Any]) -> Callable[..., Any]:
        def call(*args: Any, **options: Any) -> Any:
            nonlocal calls
            calls += 1
            last = calls == number
            if last and not after:
                os.kill(os.getpid(), signal.SIGKILL)
            result = function(*args, **options)
            if last:
                os.kill(os.getpid(), signal.SIGKILL)
            return result

        return call

    for place in POINTS[point.lstrip("+")]:
        module, _, path = place.partition(":")
        owner: Any = importlib.import_module(module)
        *owners, name = path.split(".")
        for part in owners:
            owner = getattr(owner, part)
        setattr(owner, name, deadly(getattr(owner, name)))


def main() -> None:
    import django
    from django.core.management import execute_from_command_line

    django.setup()
    die_at(sys.argv[1], int(sys.argv[2]))
    execute_from_command_line(["manage.py", *sys.argv[3:]])


if __name__ == "__main__":
    main()
