"""How many texts have which words, on PostgreSQL: what its planner has noted of common words, and a count of others.

To count the texts with a common word of a large library takes longer than to find what is asked for. What was read of
the notes, and counted, is kept for a minute: nothing but the order of hits hangs on it. A small library is asked each
time.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from django.db import connection

from patterns_app.search.engine import BROAD, KEPT, rows

TEXTS: Final = "patterns_app_searchtext"

MOST_KEPT: Final = 20_000
"""Texts of which the lexemes are kept."""

_TOTAL: Final = f"""
SELECT reltuples > %s, CASE WHEN reltuples > %s THEN reltuples::bigint ELSE (SELECT count(*) FROM {TEXTS}) END
FROM pg_class WHERE oid = '{TEXTS}'::regclass
"""  # noqa: S608
# Cast by way of text, for the type of the column says nothing of its elements.
_SHARES: Final = f"""
SELECT element, share
FROM pg_stats, unnest(most_common_elems::text::text[], most_common_elem_freqs) AS common (element, share)
WHERE schemaname = ANY (current_schemas(false)) AND tablename = '{TEXTS}' AND attname = 'words'
"""  # noqa: S608
_LEXEMES: Final = "SELECT said, tsvector_to_array(to_tsvector('english', said)) FROM unnest(%s::text[]) AS said"


@dataclass
class _Notes:
    """Of a library: how many texts it has, which share of them has a lexeme, how many were counted for what was asked.

    counts: without those that were none, for any may be there the next moment, and is to be found then.
    """

    taken: float
    texts: int
    shares: Mapping[str, float] = field(default_factory=dict)
    counts: dict[str, int] = field(default_factory=dict)


class Frequencies:
    """What is known of each database."""

    def __init__(self) -> None:
        self._notes: dict[tuple[str, str], _Notes] = {}
        self._lexemes: dict[str, Sequence[str]] = {}

    def of(self, said: Sequence[str]) -> tuple[int, list[int]]:
        """About how many texts there are, and how many have the words of each of these; four queries at most.

        Counted as far as `BROAD` + 1. Of a phrase it is the words that are counted, wherever they stand: where, is in
        the texts, and to unpack those takes long.
        """
        notes = self._of_now()
        counts = {text: notes.counts[text] for text in said if text in notes.counts}
        left = [text for text in dict.fromkeys(said) if text not in counts]
        if left and notes.shares:
            counts |= self._noted(notes, left)
            left = [text for text in left if text not in counts]
        if left:
            counts |= _counted(left)
        notes.counts |= {text: count for text, count in counts.items() if count}
        return max(notes.texts, *counts.values(), 0), [counts[text] for text in said]

    def _of_now(self) -> _Notes:
        database = connection.alias, str(connection.settings_dict["NAME"])
        notes = self._notes.get(database)
        now = time.monotonic()
        if notes is None or now - notes.taken > KEPT:
            is_large, texts = rows(_TOTAL, [BROAD, BROAD])[0]
            if not is_large:
                return _Notes(now, texts)
            notes = self._notes[database] = _Notes(now, texts, dict(rows(_SHARES)))
        return notes

    def _noted(self, notes: _Notes, said: Sequence[str]) -> dict[str, int]:
        """Of texts with words that are all noted. Of several words the rarest counts, if even that is very common."""
        if unread := [text for text in said if text not in self._lexemes]:
            if len(self._lexemes) + len(unread) > MOST_KEPT:
                self._lexemes = {}
            self._lexemes |= rows(_LEXEMES, [unread])
        counts = {}
        for text in said:
            lexemes = self._lexemes.get(text, ())
            count = int(notes.texts * min((notes.shares.get(lexeme, 0.0) for lexeme in lexemes), default=0.0))
            if count > BROAD or (count and len(lexemes) == 1):
                counts[text] = count
        return counts


def _counted(said: Sequence[str]) -> dict[str, int]:
    """One query."""
    # Counted, because for EXISTS the planner reads rows until one fits, and for a misspelt word none does.
    one = (
        f"(SELECT count(*) FROM (SELECT 1 FROM {TEXTS}"  # noqa: S608
        f" WHERE words @@ plainto_tsquery('english', %s) LIMIT {BROAD + 1}) AS found)"
    )
    return dict(zip(said, rows(f"SELECT {', '.join([one] * len(said))}", said)[0], strict=True))
