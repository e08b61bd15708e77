"""Checking a folder's files as an import would, without a database."""

from __future__ import annotations

from collections.abc import Callable

from patterns_app.document.problems import Problem, Severity
from patterns_app.sync.library import Folder
from patterns_app.sync.outcome import Action, Outcome
from patterns_app.sync.parsing import Parsed, parse_files


def check(
    folder: Folder, *, only: str = "", workers: int | None = None, advance: Callable[[int], None] = lambda count: None
) -> Outcome:
    """Every problem of every file of a folder, or of the one file `only`; identities claimed twice among them."""
    outcome = Outcome()
    if only:
        paths = [only]
    else:
        scan = folder.scan()
        paths = scan.paths
        outcome.add(scan.problems)
    claimed: dict[tuple[str, str], str] = {}
    for parsed in parse_files(folder, paths, workers=workers):
        advance(1)
        if not parsed.is_pattern:
            continue
        outcome.add(parsed.problems)
        problem = _claimed_twice(parsed, claimed)
        if problem:
            outcome.add([problem])
        outcome.note(Action.REFUSED if problem or parsed.document is None else Action.SOUND, parsed.path)
    return outcome


def _claimed_twice(parsed: Parsed, claimed: dict[tuple[str, str], str]) -> Problem | None:
    if parsed.document is None:
        return None
    for key, value, line in (("id", parsed.document.id, parsed.lines[0]), ("slug", parsed.document.slug, parsed.lines[1])):
        if value and (first := claimed.get((key, value))):
            message = f"The {key} “{value}” is already taken by {first}; an import leaves this file out. Give it another {key}."
            return Problem(parsed.path, line, key, f"{key}-taken", Severity.ERROR, message)
    for key, value, line in (("id", parsed.document.id, parsed.lines[0]), ("slug", parsed.document.slug, parsed.lines[1])):
        if value:
            claimed[key, value] = f"{parsed.path}:{line}"
    return None
