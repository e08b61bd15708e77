"""Finding with PostgreSQL: two `tsvector` columns over the words, pg_trgm over the names.

PostgreSQL's ranks know nothing of how rare a word is; here each word's rank is multiplied by its inverse document
frequency (K. Spärck Jones, 1972, as in BM25), and the body counts among the best only: to unpack every long text for a
common word would take longer than all the rest.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Final

from django.db import transaction

from patterns_app.search.engine import BOUND, CANDIDATES, FACTS, Facts, Narrowing, rows
from patterns_app.search.query import Query, Term

TEXTS: Final = "patterns_app_searchtext"
NAMES: Final = "patterns_app_searchname"

# Of D to A: domain, collection and body; summary, keywords and labels; aliases; title. As `WEIGHTS`, of 20.
HEAD: Final = "'{0.1, 0.3, 0.8, 1}'"
BODY: Final = "'{0.05, 0, 0, 0}'"
READ_THROUGH: Final = 30
"""How many of the best have their bodies ranked, too."""


_SAID: Final = "phraseto_tsquery('english', %s)"


class PostgreSQL:
    """`Engine` on PostgreSQL."""

    @contextmanager
    def prepared(self) -> Iterator[None]:
        # The planner thinks little of what it costs to unpack a long text or to compare two names, and holds reading
        # every row for cheaper than the index.
        with transaction.atomic():
            before = rows("SELECT current_setting('enable_seqscan'), set_config('enable_seqscan', 'off', true)")[0][0]
            yield
            # Around may be a transaction that goes on.
            rows("SELECT set_config('enable_seqscan', %s, true)", [before])

    def matching(self, query: Query, narrowing: Narrowing, *, any_word: bool = False) -> list[Facts]:
        wanted = [*query.terms, *query.fields]
        if not wanted:
            return []
        total, counts = self._counts(wanted)
        if not all(counts) and not any_word:
            return []
        rarities = [max(math.log((total - count + 0.5) / (count + 0.5)), 0.05) for count in counts]
        return self._ranked(query, narrowing, wanted, rarities, any_word=any_word)

    def _ranked(
        self, query: Query, narrowing: Narrowing, wanted: Sequence[Term], rarities: Sequence[float], *, any_word: bool
    ) -> list[Facts]:
        match, values = _condition(query.terms, query.fields, query.excluded, any_word=any_word)
        conditions, narrowed = narrowing.sql()
        head = " + ".join(f"%s * ts_rank({HEAD}, t.head, {_SAID})" for _ in wanted)
        # All words at once: to unpack a long text takes longer than to rank it.
        body = f"ts_rank({BODY}, t.words, {' || '.join([_SAID] * len(wanted))})"
        ranked = [value for term, rarity in zip(wanted, rarities, strict=True) for value in (rarity, _text(term))]
        # Names are ours, what was typed is a parameter.
        sql = (
            f"SELECT pattern_id, domain, collection, vitality, confidence FROM ("  # noqa: S608
            f" SELECT *, row_number() OVER (ORDER BY head_rank DESC, pattern_id) AS place FROM ("
            f"  SELECT {FACTS}, {head} AS head_rank FROM {TEXTS} t"
            f"  JOIN patterns_app_snapshot s ON s.pattern_id = t.snapshot_id WHERE {match}{conditions}"
            f" ) AS ranked ORDER BY place LIMIT {BOUND + 1}"
            f") AS best ORDER BY head_rank + CASE WHEN place <= {READ_THROUGH}"
            f" THEN (SELECT {body} * %s FROM {TEXTS} t WHERE t.snapshot_id = pattern_id) ELSE 0 END DESC, pattern_id"
        )
        return [Facts(*row) for row in rows(sql, [*ranked, *values, *narrowed, *map(_text, wanted), max(rarities)])]

    def known(self, words: Sequence[str]) -> bool:
        # Counted, because for EXISTS the planner reads rows until one fits, and for a misspelt word none does.
        one = f"(SELECT count(*) FROM {TEXTS} WHERE words @@ {_SAID})"  # noqa: S608
        return bool(words) and all(rows(f"SELECT {', '.join([one] * len(words))}", words)[0])

    def similar(self, name: str, least: float) -> list[int]:
        if not rows("SELECT EXISTS (SELECT 1 FROM pg_extension WHERE extname = 'pg_trgm')")[0][0]:
            return self._with_words_like(name)
        # The operator, which uses the index, asks for .3, or for what the session's setting says.
        sql = f"SELECT id FROM {NAMES} WHERE key %% %s ORDER BY similarity(key, %s) DESC, id LIMIT {CANDIDATES}"  # noqa: S608
        return [key for (key,) in rows(sql, [name, name])]

    def beginning(self, start: str) -> list[int]:
        sql = f"SELECT id FROM {NAMES} WHERE key LIKE %s OR key LIKE %s LIMIT {CANDIDATES}"  # noqa: S608
        # A folded name has no signs that mean something to LIKE.
        return [key for (key,) in rows(sql, [f"{start}%", f"% {start}%"])]

    def _with_words_like(self, name: str) -> list[int]:
        """Names that share the beginning of a long word: what is left to do without the extension."""
        starts = sorted({word[:3] for word in name.split() if len(word) > 3})
        if not starts:
            return []
        one = "key LIKE %s OR key LIKE %s"
        patterns = [pattern for start in starts for pattern in (f"{start}%", f"% {start}%")]
        counted = " + ".join(["(key LIKE %s OR key LIKE %s)::int"] * len(starts))
        sql = (
            f"SELECT id FROM {NAMES} WHERE {' OR '.join([one] * len(starts))}"  # noqa: S608
            f" ORDER BY {counted} DESC, id LIMIT {CANDIDATES}"
        )
        return [key for (key,) in rows(sql, patterns * 2)]

    def _counts(self, terms: Sequence[Term]) -> tuple[int, list[int]]:
        """How many texts there are, and how many have each term. One query."""
        one = f"(SELECT count(*) FROM {TEXTS} WHERE words @@ {_SAID})"  # noqa: S608
        sql = f"SELECT (SELECT count(*) FROM {TEXTS}), {', '.join([one] * len(terms))}"  # noqa: S608
        total, *counts = rows(sql, [_text(term) for term in terms])[0]
        return total, counts


def _text(term: Term) -> str:
    return " ".join(term.words)


def _condition(
    terms: Sequence[Term], fields: Sequence[Term], excluded: Sequence[Term], *, any_word: bool
) -> tuple[str, list[object]]:
    """What a text `t` must hold. Of a field, the whole text first, which has an index."""
    values: list[object] = [_text(term) for term in terms]
    parts = [f"({(' || ' if any_word else ' && ').join([_SAID] * len(terms))})"] if terms else []
    for term in (*fields, *(term for term in excluded if not term.column)):
        parts.append(("" if term in fields else "!! ") + _SAID)
        values.append(_text(term))
    said = f"t.words @@ ({' && '.join(parts)})"
    for term in (*fields, *(term for term in excluded if term.column)):
        # Columns are those of `FIELDS`.
        said += f" AND {'' if term in fields else 'NOT '}to_tsvector('english', t.{term.column}) @@ {_SAID}"
        values.append(_text(term))
    return said, values
