"""Finding with PostgreSQL: two `tsvector` columns over the words, pg_trgm over the names.

PostgreSQL's ranks know nothing of how rare a word is; here each word's rank is multiplied by its inverse document
frequency (K. Spärck Jones, 1972, as in BM25), and the body counts among the best only: to unpack every long text for a
common word would take longer than all the rest.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Final

from django.db import connection, transaction

from patterns_app.search.engine import (
    BOUND,
    BROAD,
    BY_TITLE,
    CANDIDATES,
    FACTS,
    NAMED,
    Facts,
    Named,
    Narrowing,
    joined,
    rows,
    telling,
)
from patterns_app.search.frequencies import TEXTS, Frequencies
from patterns_app.search.query import STOP_WORDS, Query, Term

NAMES: Final = "patterns_app_searchname"

COLUMNS: Final = "t.title, t.aliases, t.summary, t.keywords, t.labels, t.domain, t.collection, t.body"

# Of D to A: domain, collection and body; summary, keywords and labels; aliases; title. As `WEIGHTS`, of 20.
HEAD: Final = "'{0.1, 0.3, 0.8, 1}'"
BODY: Final = "'{0.05, 0, 0, 0}'"
LIKELY: Final = 0.4
"""Similarity of a name with an error in each long word; shorter names have less."""

READ_THROUGH: Final = 30
"""How many of the best have their bodies ranked, too."""


TIERS: Final = ("AB", "")
"""Weights in the head with which the words are looked for first where very many texts have them: names, and any."""

_THRESHOLD: Final = "SELECT set_config('pg_trgm.similarity_threshold', %s, true)"
_SAID: Final = "phraseto_tsquery('english', %s)"


class PostgreSQL:
    """`Engine` on PostgreSQL."""

    def __init__(self) -> None:
        self._frequencies = Frequencies()

    @contextmanager
    def prepared(self) -> Iterator[None]:
        # The planner thinks little of what it costs to unpack a long text or to compare two names, and holds reading
        # every row, or every row in the order of its key, for cheaper than the index of the words. And to compile what
        # runs for milliseconds takes a second.
        settings = ("enable_seqscan", "enable_mergejoin", "jit")
        is_within = connection.in_atomic_block
        with transaction.atomic():
            now = ", ".join(f"current_setting('{name}'), set_config('{name}', 'off', true)" for name in settings)
            before = rows(f"SELECT {now}")[0][::2]
            yield
            if is_within:  # a transaction that goes on
                again = ", ".join(f"set_config('{name}', %s, true)" for name in settings)
                rows(f"SELECT {again}", before)

    def matching(self, query: Query, narrowing: Narrowing, *, any_word: bool = False) -> list[Facts]:
        wanted = [*query.terms, *query.fields]
        if not wanted:
            return []
        total, counts = self._frequencies.of(list(map(_text, wanted)))
        if not all(counts) and not any_word:
            return []
        rarity = {
            term: max(math.log((total - count + 0.5) / (count + 0.5)), 0.05)
            for term, count in zip(wanted, counts, strict=True)
        }
        if any_word:
            query = query._replace(terms=telling(query.terms, counts[: len(query.terms)]))
        ranked = functools.partial(self._ranked, query, narrowing, rarity, any_word=any_word)
        found = None
        # So many are to be expected if words were strewn by chance. They keep company, so there are more; where that is
        # very many already it takes no try.
        shares = [count / max(total, 1) for term, count in zip(wanted, counts, strict=True) if term in query.terms]
        expected = total * (max(shares, default=0) if any_word else math.prod(shares))
        if expected <= BROAD or not _is_open(query, narrowing):
            found = ranked()
            if not query.terms or len(found) <= BROAD:
                return found[: BOUND + 1]
        first: dict[int, Facts] = {}
        for weights in TIERS:
            first = joined(first, ranked(weights=weights))
            if len(first) > BOUND:
                break
        else:
            first = joined(first, found or ranked(is_ranked=len(first) < READ_THROUGH, most=BOUND + 1 + len(first)))
        return list(first.values())[: BOUND + 1]

    def _ranked(
        self,
        query: Query,
        narrowing: Narrowing,
        rarity: Mapping[Term, float],
        *,
        any_word: bool,
        weights: str | None = None,
        is_ranked: bool = True,
        most: int | None = None,
    ) -> list[Facts]:
        """So many of the texts (one more than `BROAD`), best first or as they come.

        weights: those that the terms must have in the head, "" for any.
        """
        wanted = [*query.terms, *query.fields]
        match, values = _condition(query.terms, query.fields, query.excluded, any_word=any_word)
        if weights is not None:
            # What the head has, the text has; to be told so, the database would unpack the text.
            is_said = not query.fields and not query.excluded and not any(map(_is_literal, query.terms))
            match, values = _within_head(query.terms, weights, any_word, *(("", []) if is_said else (match, values)))
        conditions, narrowed = narrowing.sql()
        snapshots = "JOIN patterns_app_snapshot s ON s.pattern_id = t.snapshot_id"
        if not query.terms:
            sql = f"SELECT {FACTS} FROM {TEXTS} t {snapshots} WHERE {match}{conditions} {BY_TITLE}"  # noqa: S608
            return list(map(Facts._make, rows(sql, [*values, *narrowed])))
        few = f"SELECT t.snapshot_id, t.head FROM {TEXTS} t {snapshots if conditions else ''}"  # noqa: S608
        few += f" WHERE {match}{conditions} LIMIT {most or max(BROAD, BOUND) + 1}"
        if not is_ranked:
            sql = f"SELECT {FACTS} FROM ({few}) AS t {snapshots}"  # noqa: S608
            return list(map(Facts._make, rows(sql, [*values, *narrowed])))
        head = " + ".join(f"%s * ts_rank({HEAD}, t.head, {_SAID})" for _ in wanted)
        # All words at once: to unpack a long text takes longer than to rank it.
        body = f"ts_rank({BODY}, t.words, {' || '.join([_SAID] * len(wanted))})"
        ranked = [value for term in wanted for value in (rarity[term], _text(term))]
        # Names are ours, what was typed is a parameter.
        sql = (
            f"SELECT pattern_id, domain, collection, vitality, confidence FROM ("  # noqa: S608
            f" SELECT *, row_number() OVER (ORDER BY head_rank DESC, pattern_id) AS place FROM ("
            f"  SELECT {FACTS}, {head} AS head_rank FROM ({few}) AS t {snapshots}"
            f" ) AS ranked ORDER BY place"
            f") AS best ORDER BY head_rank + CASE WHEN place <= {READ_THROUGH}"
            f" THEN (SELECT {body} * %s FROM {TEXTS} t WHERE t.snapshot_id = pattern_id) ELSE 0 END DESC, pattern_id"
        )
        best = max(rarity[term] for term in wanted)
        return list(map(Facts._make, rows(sql, [*ranked, *values, *narrowed, *map(_text, wanted), best])))

    def known(self, words: Sequence[str]) -> bool:
        return bool(words) and all(self._frequencies.of(words)[1])

    def similar(self, name: str, least: float, *, audience: str) -> list[Named]:
        # To compare fewer names is so much quicker that it comes first; who finds one looks no further. Labels are half
        # of all names, and have an index of their own.
        for threshold in sorted({least, max(least, LIKELY)}, reverse=True):
            # The operator, which uses the index, asks for what a setting of the transaction says.
            if not rows(f"{_THRESHOLD} FROM pg_extension WHERE extname = 'pg_trgm'", [str(threshold)]):
                return self._with_words_like(name)
            found: list[Named] = []
            for kind in ("kind <> 'label'", "kind = 'label'"):
                if not found or audience:
                    sql = f"SELECT {NAMED} FROM {NAMES} WHERE {kind} AND key %% %s"  # noqa: S608
                    sql += f" ORDER BY similarity(key, %s) DESC, id LIMIT {CANDIDATES}"
                    found += rows(sql, [name, name])
            if found:
                return found
        return []

    def beginning(self, start: str) -> list[Named]:
        sql = f"SELECT {NAMED} FROM {NAMES} WHERE key LIKE %s OR key LIKE %s LIMIT {CANDIDATES}"  # noqa: S608
        # A folded name has no signs that mean something to LIKE.
        return rows(sql, [f"{start}%", f"% {start}%"])

    def _with_words_like(self, name: str) -> list[Named]:
        """Names that share the beginning of a long word: what is left to do without the extension."""
        starts = sorted({word[:3] for word in name.split() if len(word) > 3})
        if not starts:
            return []
        one = "key LIKE %s OR key LIKE %s"
        patterns = [pattern for start in starts for pattern in (f"{start}%", f"% {start}%")]
        counted = " + ".join(["(key LIKE %s OR key LIKE %s)::int"] * len(starts))
        sql = (
            f"SELECT {NAMED} FROM {NAMES} WHERE {' OR '.join([one] * len(starts))}"  # noqa: S608
            f" ORDER BY {counted} DESC, id LIMIT {CANDIDATES}"
        )
        return rows(sql, patterns * 2)


def _text(term: Term) -> str:
    return " ".join(term.words)


def _within_head(
    terms: Sequence[Term], weights: str, any_word: bool, match: str, values: list[object]
) -> tuple[str, list[object]]:
    """That a text `t` has the terms in its head, besides what else it must be."""
    said = f"({(' || ' if any_word else ' && ').join([_SAID] * len(terms))})"
    asked = [_text(term) for term in terms]
    condition = f"t.head @@ {said}"
    if weights:
        # The index knows no weights.
        condition += f" AND ts_filter(t.head, '{{{','.join(weights)}}}') @@ {said}"
        asked *= 2
    return (f"{condition} AND {match}" if match else condition), [*asked, *values]


def _is_open(query: Query, narrowing: Narrowing) -> bool:
    """Whether nothing but words decides how many texts are found."""
    return bool(query.terms) and not (query.fields or query.excluded or narrowing.sql()[0])


def _is_literal(term: Term) -> bool:
    """Whether the index, which leaves out stop words, knows less than what was asked for."""
    return len(term.words) > 1 and not STOP_WORDS.isdisjoint(term.words)


def _condition(
    terms: Sequence[Term], fields: Sequence[Term], excluded: Sequence[Term], *, any_word: bool
) -> tuple[str, list[object]]:
    """What a text `t` must hold. Of a field, the text and its head first, which have indexes."""
    values: list[object] = [_text(term) for term in terms]
    parts = [f"({(' || ' if any_word else ' && ').join([_SAID] * len(terms))})"] if terms else []
    for term in (*fields, *(term for term in excluded if not term.column and not _is_literal(term))):
        parts.append(("" if term in fields else "!! ") + _SAID)
        values.append(_text(term))
    said = f"t.words @@ ({' && '.join(parts)})"
    if fields:
        said += f" AND t.head @@ ({' && '.join([_SAID] * len(fields))})"
        values += map(_text, fields)
    for term in (*fields, *(term for term in excluded if term.column and not _is_literal(term))):
        # Columns are those of `FIELDS`.
        said += f" AND {'' if term in fields else 'NOT '}to_tsvector('english', t.{term.column}) @@ {_SAID}"
        values.append(_text(term))
    for term in filter(_is_literal, (*(() if any_word else terms), *fields, *excluded)):
        text = f"t.{term.column}" if term.column else f"concat_ws(' ', {COLUMNS})"
        said += f" AND {'NOT ' if term in excluded else ''}' ' || {text} LIKE %s"
        # A folded text has no signs that mean something to LIKE. The last word may go on, as in other forms of it.
        values.append(f"% {_text(term)}%")
    return said, values
