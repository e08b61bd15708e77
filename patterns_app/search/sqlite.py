"""Finding with SQLite's FTS5: bm25 over the words, postings of trigrams over the names."""

from __future__ import annotations

import math
import time
from collections import Counter
from collections.abc import Iterable, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from typing import Final

from django.db import connection

from patterns_app.search.engine import (
    BOUND,
    BROAD,
    BY_TITLE,
    CANDIDATES,
    FACTS,
    KEPT,
    NAMED,
    WEIGHTS,
    Facts,
    Named,
    Narrowing,
    joined,
    rows,
    telling,
)
from patterns_app.search.query import Query, Term
from patterns_app.search.similarity import grams

WORDS: Final = "patterns_app_search_words"
GRAMS: Final = "patterns_app_search_grams"
COUNTS: Final = "patterns_app_search_gram_counts"

NAMES: Final = "{title aliases}"
TIERS: Final = (NAMES, "{title aliases summary keywords labels domain collection}")
"""Columns in which the words are looked for first where very many texts have them."""

FEW: Final = 4
"""Terms of which a query may have so many and still mean a name, or find very much."""

POSTINGS: Final = 40_000
"""Most postings of trigrams that are read for one name; rare trigrams come first."""

RANKED: Final = f"ORDER BY bm25({WORDS}, {', '.join(map(str, WEIGHTS))}), s.pattern_id LIMIT {BOUND + 1}"
UNORDERED: Final = f"LIMIT {BOUND + 1}"

_OF_NAMES: Final = f"SELECT {NAMED} FROM patterns_app_searchname WHERE id IN ({{}})"  # noqa: S608


def _quoted(text: str) -> str:
    # Within quotation marks nothing is syntax but the mark itself.
    return '"' + text.replace('"', '""') + '"'


def _said(term: Term) -> str:
    phrase = _quoted(" ".join(term.words))
    return f"{term.column} : {phrase}" if term.column else phrase


def _expression(query: Query, *, any_word: bool, columns: str = "", is_ranked: bool = False) -> str:
    """The query in FTS5's language, "" where there is nothing to find. columns: where its terms must be, if not ""."""
    terms = [_said(term) for term in query.terms]
    said = (" OR " if any_word else " AND ").join(terms)
    if is_ranked and 0 < len(terms) <= FEW and not columns:
        # bm25 gives no weight to a word that most texts have, and little to one place among many. So names count once
        # more, as texts in which hardly any word is common. Whoever says more words means what texts are about.
        names = " OR ".join(f"{NAMES} : {term}" for term in terms)
        said = f"{said} OR {names}" if any_word else f"({said}) AND ({terms[0]} OR {names})"
    parts = [f"{columns} : ({said})" if columns else f"({said})"] if terms else []
    parts += [f"({_said(term)})" for term in query.fields]
    if not parts:
        return ""
    found = " AND ".join(parts)
    return f"({found}) NOT ({' OR '.join(_said(term) for term in query.excluded)})" if query.excluded else found


@dataclass
class _Noted:
    """How many names of a database have each trigram."""

    since: float
    counts: dict[str, int] = field(default_factory=dict)


class _Grams:
    """How many names have which trigrams, kept for a minute: FTS5 counts by reading all postings.

    Nothing hangs on it but which trigrams of a name are looked for, and any of them find the names that are alike.
    """

    def __init__(self) -> None:
        self._noted: dict[str, _Noted] = {}

    def rarest(self, wanted: Sequence[str]) -> list[tuple[str, int]]:
        """The trigrams and how many names have each, rare ones first. One query at most."""
        database, now = str(connection.settings_dict["NAME"]), time.monotonic()
        noted = self._noted.get(database)
        if noted is None or now - noted.since > KEPT:
            noted = self._noted[database] = _Noted(now)
        if missing := [gram for gram in wanted if gram not in noted.counts]:
            holes = ", ".join(["%s"] * len(missing))
            counted = dict(rows(f"SELECT term, doc FROM {COUNTS} WHERE term IN ({holes})", missing))  # noqa: S608
            noted.counts |= {gram: counted.get(gram, 0) for gram in missing}
        return sorted(((gram, noted.counts[gram]) for gram in wanted), key=lambda pair: (pair[1], pair[0]))


class SQLite:
    """`Engine` on SQLite."""

    def __init__(self) -> None:
        self._grams = _Grams()

    def prepared(self) -> AbstractContextManager[None]:
        return nullcontext()

    def matching(self, query: Query, narrowing: Narrowing, *, any_word: bool = False) -> list[Facts]:
        if any_word and query.terms:
            query = query._replace(terms=telling(query.terms, self._counts(map(_said, query.terms))))
        if not (expression := _expression(query, any_word=any_word)):
            return []
        # To count so far takes nothing beside ranking, but for many words, and those are never in many texts at once.
        if (not any_word and len(query.terms) > FEW) or self._counts([expression])[0] <= BROAD:
            ranked = _expression(query, any_word=any_word, is_ranked=True)
            return self._found(ranked, narrowing, RANKED if query.terms else BY_TITLE)
        found: dict[int, Facts] = {}
        for columns in TIERS if query.terms else ():
            found = joined(found, self._found(_expression(query, any_word=any_word, columns=columns), narrowing))
            if len(found) > BOUND:
                break
        else:
            found = joined(found, self._found(expression, narrowing, UNORDERED if query.terms else BY_TITLE))
        return list(found.values())[: BOUND + 1]

    def _found(self, expression: str, narrowing: Narrowing, order: str = RANKED) -> list[Facts]:
        """One query."""
        conditions, values = narrowing.sql()
        # Names and the order are ours, what was typed is a parameter.
        sql = (
            f"SELECT {FACTS} FROM {WORDS} w JOIN patterns_app_snapshot s ON s.pattern_id = w.rowid"  # noqa: S608
            f" WHERE {WORDS} MATCH %s{conditions} {order}"
        )
        return list(map(Facts._make, rows(sql, [expression, *values])))

    def _counts(self, expressions: Iterable[str]) -> list[int]:
        """How many texts have each, as far as `BROAD` + 1. One query."""
        asked = list(expressions)
        one = f"(SELECT count(*) FROM (SELECT 1 FROM {WORDS} WHERE {WORDS} MATCH %s LIMIT {BROAD + 1}))"  # noqa: S608
        return list(rows(f"SELECT {', '.join([one] * len(asked))}", asked)[0])

    def known(self, words: Sequence[str]) -> bool:
        one = f"EXISTS (SELECT 1 FROM {WORDS} WHERE {WORDS} MATCH %s)"  # noqa: S608
        return bool(words) and all(rows(f"SELECT {', '.join([one] * len(words))}", map(_quoted, words))[0])

    def similar(self, name: str, least: float, *, audience: str) -> list[Named]:
        mine = sorted(grams(name))
        # So alike a name has at least this share of the trigrams, so at least one of any as many as are left over.
        enough = len(mine) - math.ceil(least * len(mine)) + 1
        chosen: list[str] = []
        postings = 0
        for gram, count in self._grams.rarest(mine)[:enough]:
            if not chosen or postings + count <= POSTINGS:
                chosen.append(gram)
                postings += count
        return self._sharing(chosen)

    def beginning(self, start: str) -> list[Named]:
        padded = f"  {start}"
        wanted = {padded[at : at + 3] for at in range(len(padded) - 2)}
        expression = " AND ".join(map(_quoted, sorted(wanted)))
        sql = f"SELECT rowid FROM {GRAMS} WHERE {GRAMS} MATCH %s LIMIT {CANDIDATES}"  # noqa: S608
        return rows(_OF_NAMES.format(sql), [expression])

    def _sharing(self, chosen: Sequence[str]) -> list[Named]:
        """The names with most of the trigrams."""
        if not chosen:
            return []
        # Each trigram's names in one row, and counted here: SQLite would sort them all to count them.
        one = f"SELECT group_concat(rowid) FROM {GRAMS} WHERE {GRAMS} MATCH %s"  # noqa: S608
        shared: Counter[str] = Counter()
        for (names,) in rows(" UNION ALL ".join([one] * len(chosen)), map(_quoted, chosen)):
            shared.update(names.split(",") if names else ())
        most = [int(name) for name, _ in shared.most_common(CANDIDATES)]
        return rows(_OF_NAMES.format(", ".join(["%s"] * len(most))), most) if most else []
