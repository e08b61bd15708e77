"""`python -m tests.sync.inspection`: is the database that DATABASE_URL names sound, and what does it hold?

For databases that other processes wrote. Prints JSON; exit status 1 and a traceback where something is not as it has
to be.
"""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

from tests.databases import ROOT, environment


def inspect(url: str) -> dict[str, Any]:
    """What the database at `url` holds. Raises `AssertionError` where it is not sound."""
    ended = subprocess.run(
        [sys.executable, "-m", "tests.sync.inspection"],
        cwd=ROOT,
        env=environment(url),
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr
    held: dict[str, Any] = json.loads(ended.stdout)
    return held


def main() -> None:
    import django

    django.setup()
    from patterns_app.models import LibraryFile, Pattern, Revision
    from tests.sync.state import check_integrity

    check_integrity()
    held = {
        "slugs": sorted(Pattern.objects.values_list("slug", flat=True)),
        "paths": sorted(LibraryFile.objects.values_list("path", flat=True)),
        "revisions": Revision.objects.count(),
        "titles": dict(Pattern.objects.values_list("slug", "title")),
    }
    sys.stdout.write(json.dumps(held))


if __name__ == "__main__":
    main()
