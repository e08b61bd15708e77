"""Who claims which identity: no two files may bear one id or one slug."""

from __future__ import annotations

from patterns_app.document.problems import Problem, Severity
from patterns_app.sync.parsing import Parsed


class Claims:
    """Ids and slugs that files of this run have claimed, each with the first file that did."""

    def __init__(self) -> None:
        self._first: dict[tuple[str, str], tuple[str, str, int]] = {}

    def refusal(self, parsed: Parsed, library: str) -> Problem | None:
        """Why a library's file cannot have its identity, if another file of this run has it."""
        for key, value, _ in parsed.claims():
            first_library, path, line = self._first.get((key, value), (library, parsed.path, 0))
            if (first_library, path) != (library, parsed.path):
                where = f"{path}:{line}"
                return taken(parsed, key, where if first_library == library else f"{first_library}/{where}")
        return None

    def claim(self, parsed: Parsed, library: str) -> None:
        self._first.update(((key, value), (library, parsed.path, line)) for key, value, line in parsed.claims())


def taken(parsed: Parsed, key: str, by: str) -> Problem:
    """The problem of a file whose "id" or "slug" is taken."""
    value, line = next((value, line) for name, value, line in parsed.claims() if name == key)
    message = (
        f"The {key} “{value}” is already taken by {by}; this file was left out. "
        f"Give it another {key}, or remove one of the two."
    )
    return Problem(parsed.path, line, key, f"{key}-taken", Severity.ERROR, message)
