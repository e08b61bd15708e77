"""Finding with SQLite's FTS5: bm25 over the words, postings of trigrams over the names."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import Final

from patterns_app.search.engine import (
    BOUND,
    BROAD,
    CANDIDATES,
    FACTS,
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

TIERS: Final = ("title aliases", "title aliases summary keywords labels domain collection")
"""Columns in which the words are looked for first where very many texts have them."""

FEW: Final = 4
"""Terms of which a query may have so many and still find very much."""

POSTINGS: Final = 40_000
"""Most postings of trigrams that are read for one name; rare trigrams come first."""

_OF_NAMES: Final = f"SELECT {NAMED} FROM patterns_app_searchname WHERE id IN ({{}})"  # noqa: S608


def _quoted(text: str) -> str:
    # Within quotation marks nothing is syntax but the mark itself.
    return '"' + text.replace('"', '""') + '"'


def _said(term: Term) -> str:
    phrase = _quoted(" ".join(term.words))
    return f"{term.column} : {phrase}" if term.column else phrase


def _expression(query: Query, *, any_word: bool, columns: str = "") -> str:
    """The query in FTS5's language, "" where there is nothing to find. columns: where its terms must be, if not ""."""
    terms = [_said(term) for term in query.terms]
    within = f"{{{columns}}} : " if columns else ""
    parts = [f"{within}({(' OR ' if any_word else ' AND ').join(terms)})"] if terms else []
    parts += [f"({_said(term)})" for term in query.fields]
    if not parts:
        return ""
    found = " AND ".join(parts)
    return f"({found}) NOT ({' OR '.join(_said(term) for term in query.excluded)})" if query.excluded else found


class SQLite:
    """`Engine` on SQLite."""

    def prepared(self) -> AbstractContextManager[None]:
        return nullcontext()

    def matching(self, query: Query, narrowing: Narrowing, *, any_word: bool = False) -> list[Facts]:
        if any_word and query.terms:
            query = query._replace(terms=telling(query.terms, self._counts(map(_said, query.terms))))
        if not (expression := _expression(query, any_word=any_word)):
            return []
        # To count so far takes nothing beside ranking, but for many words, and those are never in many texts at once.
        if (not any_word and len(query.terms) > FEW) or self._counts([expression])[0] <= BROAD:
            return self._found(expression, narrowing)
        found: dict[int, Facts] = {}
        for columns in TIERS if query.terms else ():
            found = joined(found, self._found(_expression(query, any_word=any_word, columns=columns), narrowing))
            if len(found) > BOUND:
                break
        else:
            found = joined(found, self._found(expression, narrowing, is_ranked=False))
        return list(found.values())[: BOUND + 1]

    def _found(self, expression: str, narrowing: Narrowing, *, is_ranked: bool = True) -> list[Facts]:
        """One query. Ranked, or in the order in which they come."""
        conditions, values = narrowing.sql()
        weights = ", ".join(str(weight) for weight in WEIGHTS)
        order = f" ORDER BY bm25({WORDS}, {weights}), s.pattern_id" if is_ranked else ""
        # Names and weights are ours, what was typed is a parameter.
        sql = (
            f"SELECT {FACTS} FROM {WORDS} w JOIN patterns_app_snapshot s ON s.pattern_id = w.rowid"  # noqa: S608
            f" WHERE {WORDS} MATCH %s{conditions}{order} LIMIT {BOUND + 1}"
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
        for gram, count in self._rarest(mine)[:enough]:
            if count and (not chosen or postings + count <= POSTINGS):
                chosen.append(gram)
                postings += count
        return self._sharing(chosen, 1)

    def beginning(self, start: str) -> list[Named]:
        padded = f"  {start}"
        wanted = {padded[at : at + 3] for at in range(len(padded) - 2)}
        expression = " AND ".join(map(_quoted, sorted(wanted)))
        sql = f"SELECT rowid FROM {GRAMS} WHERE {GRAMS} MATCH %s LIMIT {CANDIDATES}"  # noqa: S608
        return rows(_OF_NAMES.format(sql), [expression])

    def _rarest(self, wanted: Sequence[str]) -> list[tuple[str, int]]:
        """The trigrams and how many names have each, rare ones first."""
        holes = ", ".join(["%s"] * len(wanted))
        counts = dict(rows(f"SELECT term, doc FROM {COUNTS} WHERE term IN ({holes})", wanted))  # noqa: S608
        return sorted(((gram, counts.get(gram, 0)) for gram in wanted), key=lambda pair: (pair[1], pair[0]))

    def _sharing(self, chosen: Sequence[str], least: int) -> list[Named]:
        """Names with most of the trigrams."""
        if not chosen:
            return []
        one = f"SELECT rowid FROM {GRAMS} WHERE {GRAMS} MATCH %s"  # noqa: S608
        sql = (
            f"SELECT rowid FROM ({' UNION ALL '.join([one] * len(chosen))})"  # noqa: S608
            f" GROUP BY rowid HAVING count(*) >= {least} ORDER BY count(*) DESC, rowid LIMIT {CANDIDATES}"
        )
        return rows(_OF_NAMES.format(sql), map(_quoted, chosen))
