"""A save that would undo somebody else's: both versions field by field, and the choice between them."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import NamedTuple

from patterns_app.admin.comparison import spelled, title_of
from patterns_app.document.pattern import FIELD_NAMES, PatternDocument

MINE, THEIRS = "mine", "theirs"


class Conflict(NamedTuple):
    """A field that two people say differently. choice: whose is taken, "" while somebody has to say.

    Both say something else than what both began with only where `is_contested`.
    """

    name: str
    title: str
    began: str
    mine: str
    theirs: str
    is_contested: bool
    choice: str


def conflicts(
    began: PatternDocument | None, mine: PatternDocument, theirs: PatternDocument, chosen: Mapping[str, str]
) -> list[Conflict]:
    """The fields in which `mine` and `theirs`, both made from `began`, differ; whose is taken, as chosen or by default.

    What only one of the two changed is theirs by default; where both did, somebody has to say. began: None where
    nobody knows any more what both began with: then somebody has to say everywhere.
    """
    found = []
    for name in FIELD_NAMES:
        base, own, other = (getattr(document, name, None) for document in (began, mine, theirs))
        if own == other:
            continue
        is_contested = began is None or base not in (own, other)
        default = "" if is_contested else (THEIRS if own == base else MINE)
        choice = chosen.get(f"take-{name}", default)
        # Nobody types a status: it was moved meanwhile.
        choice = THEIRS if name == "status" else choice if choice in (MINE, THEIRS) else default
        found.append(Conflict(name, title_of(name), spelled(base), spelled(own), spelled(other), is_contested, choice))
    return found


def merged(mine: PatternDocument, theirs: PatternDocument, found: list[Conflict]) -> PatternDocument:
    """`mine`, with the fields that are to be theirs."""
    taken = {conflict.name: getattr(theirs, conflict.name) for conflict in found if conflict.choice == THEIRS}
    return dataclasses.replace(mine, **taken)
