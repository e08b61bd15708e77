"""Checking a folder's files as an import would, without a database."""

from __future__ import annotations

from collections.abc import Callable

from patterns_app.sync.claims import Claims
from patterns_app.sync.library import Folder
from patterns_app.sync.outcome import Action, Outcome
from patterns_app.sync.parsing import Parsed, parse_files


def check(
    folder: Folder,
    claims: Claims,
    *,
    only: str = "",
    workers: int | None = None,
    advance: Callable[[int], None] = lambda count: None,
) -> Outcome:
    """Every problem of every file of a folder, or of the one file `only`; identities claimed twice among them.

    claims: those of the folders checked before.
    """
    name = folder.root.name
    outcome = Outcome()
    if only:
        paths = [only]
    else:
        scan = folder.scan()
        paths = scan.paths
        outcome.add(scan.problems)
    for file in parse_files(folder, paths, workers=workers):
        advance(1)
        outcome.add(file.problems)
        if isinstance(file, Parsed):
            problem = claims.refusal(file, name)
            if problem:
                outcome.add([problem])
            else:
                claims.claim(file, name)
            outcome.note(Action.REFUSED if problem else Action.SOUND, file.path)
        elif file.problems:
            outcome.note(Action.REFUSED, file.path)
    return outcome
