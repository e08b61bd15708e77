"""What both engines answer, and the conditions that narrow it. `Engine` is the contract; a module each keeps it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import AbstractContextManager
from functools import lru_cache
from typing import Any, Final, NamedTuple, Protocol

from django.db import connection

from patterns_app.document.vocabulary import NAME_MAX, VITALITY_FLOORS, VitalityBand, name_key
from patterns_app.search.query import Query, Term

BOUND: Final = 1_000
"""Most hits of one query: they are counted, sorted and paged through; nobody reads further."""

BROAD: Final = 1_000
"""Hits from which on not all of them are ranked: first those with the words in their names, then those with them in
what describes a pattern, and only then whatever else has them. To rank 80,000 texts takes longer than anybody waits."""

CANDIDATES: Final = 300
"""Most names that are compared with what was typed."""

KEPT: Final = 60.0
"""Seconds for which a process uses what it has counted of a library, where only order or speed hangs on it."""

# title, aliases, summary and tension, keywords, labels, domain, collection, body: as the columns of `SearchText`.
WEIGHTS: Final = (20, 16, 6, 6, 4, 2, 2, 1)


# However a pattern spells it: as in the lists that readers browse.
_LISTED: Final = " AND s.pattern_id IN (SELECT snapshot_id FROM patterns_app_publicterm WHERE facet = %s AND key = %s)"


@lru_cache(maxsize=4096)
def list_key(name: str) -> str:
    """How a domain or a collection is compared with others, as `PublicTerm.key` has it."""
    return name_key(name[:NAME_MAX])[:NAME_MAX]


class Facts(NamedTuple):
    """What of a hit can be counted and narrowed."""

    pk: int
    domain: str
    collection: str
    vitality: float | None
    confidence: int | None


class Narrowing(NamedTuple):
    """What hits must be, besides found. "" and None: anything."""

    domain: str = ""
    collection: str = ""
    band: VitalityBand | None = None
    confidence: int | None = None

    @property
    def vitality(self) -> tuple[float, float]:
        """The band's bounds: from, and up to but without."""
        above = 6.0
        for floor, band in VITALITY_FLOORS:
            if band is self.band:
                return floor, above
            above = floor
        return 0.0, above

    def sql(self) -> tuple[str, list[object]]:
        """Conditions on a snapshot `s`, each with AND before it, and their parameters."""
        said: list[tuple[str, tuple[object, ...]]] = []
        for facet, name in (("domain", self.domain), ("collection", self.collection)):
            if name:
                said.append((_LISTED, (facet, list_key(name))))
        if self.band:
            said.append((" AND s.vitality >= %s AND s.vitality < %s", self.vitality))
        if self.confidence is not None:
            said.append((" AND s.confidence = %s", (self.confidence,)))
        return "".join(condition for condition, _ in said), [value for _, values in said for value in values]


Named = tuple[int, str, str, str, str]
"""A name in the index: whose (the key of a pattern), as it is said, as it is compared, of which kind, the audience."""

NAMED: Final = "snapshot_id, name, key, kind, audience"
BY_TITLE: Final = f"ORDER BY s.sort_key, s.pattern_id LIMIT {BOUND + 1}"
"""The order of texts that only have to have a word in a field: none is better than another."""

FACTS: Final = "s.pattern_id, s.domain, s.collection, s.vitality, s.confidence"


class Engine(Protocol):
    """A database's own ways to find."""

    def prepared(self) -> AbstractContextManager[None]:
        """Within it all else is asked; two queries at most."""

    def matching(self, query: Query, narrowing: Narrowing, *, any_word: bool = False) -> list[Facts]:
        """Public patterns with all (or any) of the query's terms, best first; at most `BOUND` + 1.

        Where any will do, terms that many texts have do not count as long as there are others. Eight queries at most.
        """

    def known(self, words: Sequence[str]) -> bool:
        """Whether each of the words occurs in some public pattern. Four queries at most."""

    def similar(self, name: str, least: float, *, audience: str) -> list[Named]:
        """Names that may be this alike; more than are, at most `CANDIDATES` each of labels and of others.

        Labels only where nothing else is, or an audience is chosen. Six queries at most.
        """

    def beginning(self, start: str) -> list[Named]:
        """Names in which a word begins so (three letters or more); more than do, at most `CANDIDATES`."""


def telling(terms: Sequence[Term], counts: Sequence[int]) -> tuple[Term, ...]:
    """Of terms, any of which will do, those that say something: not in very many texts, if there are such.

    counts: of the texts with each, as far as `BROAD` + 1.
    """
    few = tuple(term for term, count in zip(terms, counts, strict=True) if 0 < count <= BROAD)
    return few or tuple(terms)


def joined(first: dict[int, Facts], others: Iterable[Facts]) -> dict[int, Facts]:
    """What is first, and behind it the others that are not in it."""
    return first | {facts.pk: facts for facts in others if facts.pk not in first}


def rows(sql: str, parameters: Iterable[Any] = ()) -> list[tuple[Any, ...]]:
    """What a statement of an engine's own gives. One query."""
    with connection.cursor() as cursor:
        cursor.execute(sql, list(parameters))
        return list(cursor.fetchall())
