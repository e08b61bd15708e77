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

from django.db import transaction

from patterns_app.search.engine import BOUND, BROAD, CANDIDATES, FACTS, Facts, Narrowing, joined, rows, telling
from patterns_app.search.query import Query, Term

TEXTS: Final = "patterns_app_searchtext"
NAMES: Final = "patterns_app_searchname"

# Of D to A: domain, collection and body; summary, keywords and labels; aliases; title. As `WEIGHTS`, of 20.
HEAD: Final = "'{0.1, 0.3, 0.8, 1}'"
BODY: Final = "'{0.05, 0, 0, 0}'"
LIKELY: Final = 0.4
"""Similarity of a name with an error in each long word; shorter names have less."""

READ_THROUGH: Final = 30
"""How many of the best have their bodies ranked, too."""


TIERS: Final = ("AB", "")
"""Weights in the head with which the words are looked for first where very many texts have them: names, and any."""

# How many texts there are, and which share of them has the words of each that is asked for. The share is what the
# planner has noted of common words, 0 for others and in a small library, which has them counted; of several words the
# rarest counts. Cast by way of text, for the type of the column says nothing of its elements.
_SHARES: Final = f"""
WITH library AS MATERIALIZED (
    SELECT CASE WHEN reltuples > {BROAD} THEN reltuples::bigint ELSE (SELECT count(*) FROM {TEXTS}) END AS texts,
    reltuples > {BROAD} AS is_large FROM pg_class WHERE oid = '{TEXTS}'::regclass
), noted AS MATERIALIZED (
    SELECT element, share
    FROM pg_stats, unnest(most_common_elems::text::text[], most_common_elem_freqs) AS common (element, share)
    WHERE (SELECT is_large FROM library)
    AND schemaname = ANY (current_schemas(false)) AND tablename = '{TEXTS}' AND attname = 'words'
)
SELECT texts, said, (
    SELECT coalesce(min(coalesce(noted.share, 0)), 0)
    FROM unnest(tsvector_to_array(to_tsvector('english', said))) AS word LEFT JOIN noted ON element = word
) FROM library, unnest(%s::text[]) AS said
"""  # noqa: S608
_THRESHOLD: Final = "SELECT set_config('pg_trgm.similarity_threshold', %s, true)"
_SAID: Final = "phraseto_tsquery('english', %s)"


class PostgreSQL:
    """`Engine` on PostgreSQL."""

    @contextmanager
    def prepared(self) -> Iterator[None]:
        # The planner thinks little of what it costs to unpack a long text or to compare two names, and holds reading
        # every row, or every row in the order of its key, for cheaper than the index of the words. And to compile what
        # runs for milliseconds takes a second.
        settings = ("enable_seqscan", "enable_mergejoin", "jit")
        with transaction.atomic():
            now = ", ".join(f"current_setting('{name}'), set_config('{name}', 'off', true)" for name in settings)
            before = rows(f"SELECT {now}")[0][::2]
            yield
            # Around may be a transaction that goes on.
            again = ", ".join(f"set_config('{name}', %s, true)" for name in settings)
            rows(f"SELECT {again}", before)

    def matching(self, query: Query, narrowing: Narrowing, *, any_word: bool = False) -> list[Facts]:
        wanted = [*query.terms, *query.fields]
        if not wanted:
            return []
        total, counts = self._counts(list(map(_text, wanted)))
        if not all(counts) and not any_word:
            return []
        rarity = {
            term: max(math.log((total - count + 0.5) / (count + 0.5)), 0.05)
            for term, count in zip(wanted, counts, strict=True)
        }
        if any_word:
            query = query._replace(terms=telling(query.terms, counts[: len(query.terms)]))
        ranked = functools.partial(self._ranked, query, narrowing, rarity, any_word=any_word)
        # Of several words few texts may have all; of one it is known how many.
        is_alone = len(query.terms) == 1 and not query.fields and min(counts) > BROAD
        found = [] if is_alone else ranked()
        if not query.terms or (not is_alone and len(found) <= BROAD):
            return found[: BOUND + 1]
        first: dict[int, Facts] = {}
        for weights in TIERS:
            first = joined(first, ranked(weights=weights))
            if len(first) > BOUND:
                break
        else:
            first = joined(first, ranked() if is_alone else found)
        return list(first.values())[: BOUND + 1]

    def _ranked(
        self,
        query: Query,
        narrowing: Narrowing,
        rarity: Mapping[Term, float],
        *,
        any_word: bool,
        weights: str | None = None,
    ) -> list[Facts]:
        """`BROAD` + 1 of the texts, best first. weights: those that the terms must have in the head, "" for any."""
        wanted = [*query.terms, *query.fields]
        match, values = _condition(query.terms, query.fields, query.excluded, any_word=any_word)
        if weights is not None:
            # What the head has, the text has; to be told so, the database would unpack the text.
            is_said = not query.fields and not query.excluded
            match, values = _within_head(query.terms, weights, any_word, *(("", []) if is_said else (match, values)))
        conditions, narrowed = narrowing.sql()
        snapshots = "JOIN patterns_app_snapshot s ON s.pattern_id = t.snapshot_id"
        few = f"SELECT t.snapshot_id, t.head FROM {TEXTS} t {snapshots if conditions else ''}"  # noqa: S608
        few += f" WHERE {match}{conditions} LIMIT {max(BROAD, BOUND) + 1}"
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
        return [Facts(*row) for row in rows(sql, [*ranked, *values, *narrowed, *map(_text, wanted), best])]

    def known(self, words: Sequence[str]) -> bool:
        return bool(words) and all(self._counts(words)[1])

    def similar(self, name: str, least: float) -> list[int]:
        # To compare fewer names is so much quicker that it comes first; who finds one looks no further.
        for threshold in sorted({least, max(least, LIKELY)}, reverse=True):
            # The operator, which uses the index, asks for what a setting of the transaction says.
            if not rows(f"{_THRESHOLD} FROM pg_extension WHERE extname = 'pg_trgm'", [str(threshold)]):
                return self._with_words_like(name)
            sql = f"SELECT id FROM {NAMES} WHERE key %% %s ORDER BY similarity(key, %s) DESC, id LIMIT {CANDIDATES}"  # noqa: S608
            if found := rows(sql, [name, name]):
                return [key for (key,) in found]
        return []

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

    def _counts(self, texts: Sequence[str]) -> tuple[int, list[int]]:
        """About how many texts there are, and how many have the words of each of these. Two queries.

        Of a large library it is what the planner knows of common words; others are counted as far as `BROAD` + 1.
        """
        said = {text: (total, share) for total, text, share in rows(_SHARES, [list(texts)])}
        total = max((total for total, _ in said.values()), default=0)
        counts = {text: int(total * share) for text, (_, share) in said.items() if total * share > BROAD}
        if left := [text for text in texts if text not in counts]:
            # Of a phrase the words: where they stand is in the texts, and to unpack those takes long. Counted, because
            # for EXISTS the planner reads rows until one fits, and for a misspelt word none does.
            one = (
                f"(SELECT count(*) FROM (SELECT 1 FROM {TEXTS}"  # noqa: S608
                f" WHERE words @@ plainto_tsquery('english', %s) LIMIT {BROAD + 1}) AS found)"
            )
            counts |= zip(left, rows(f"SELECT {', '.join([one] * len(left))}", left)[0], strict=True)
        return max(total, *counts.values()), [counts[text] for text in texts]


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


def _condition(
    terms: Sequence[Term], fields: Sequence[Term], excluded: Sequence[Term], *, any_word: bool
) -> tuple[str, list[object]]:
    """What a text `t` must hold. Of a field, the text and its head first, which have indexes."""
    values: list[object] = [_text(term) for term in terms]
    parts = [f"({(' || ' if any_word else ' && ').join([_SAID] * len(terms))})"] if terms else []
    for term in (*fields, *(term for term in excluded if not term.column)):
        parts.append(("" if term in fields else "!! ") + _SAID)
        values.append(_text(term))
    said = f"t.words @@ ({' && '.join(parts)})"
    if fields:
        said += f" AND t.head @@ ({' && '.join([_SAID] * len(fields))})"
        values += map(_text, fields)
    for term in (*fields, *(term for term in excluded if term.column)):
        # Columns are those of `FIELDS`.
        said += f" AND {'' if term in fields else 'NOT '}to_tsvector('english', t.{term.column}) @@ {_SAID}"
        values.append(_text(term))
    return said, values
