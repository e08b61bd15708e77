"""Finding public patterns: one interface, with SQLite's FTS5 or PostgreSQL behind it.

`publishing` tells what is public (`index_many`, `remove_many`); pages, commands and machines ask (`find`, `suggest`).
Nothing but snapshots is ever in the index.

`query`, `similarity` ← `engine` ← `sqlite`, `frequencies` ← `postgresql`; `indexing` ← `excerpts`;
`names`, `excerpts` ← `finding`.
"""

from __future__ import annotations

from typing import Final

from django.db import connection

from patterns_app.search import finding, names
from patterns_app.search.engine import BOUND, Engine, Facts, Narrowing
from patterns_app.search.excerpts import Excerpt
from patterns_app.search.finding import HITS_A_PAGE, Facet, FacetValue, Found, Hit, How
from patterns_app.search.indexing import Entry, index_many, rebuild, remove_many
from patterns_app.search.names import Suggestion, audience_named, audiences
from patterns_app.search.postgresql import PostgreSQL
from patterns_app.search.sqlite import SQLite

__all__ = [
    "BOUND",
    "HITS_A_PAGE",
    "Entry",
    "Excerpt",
    "Facet",
    "FacetValue",
    "Facts",
    "Found",
    "Hit",
    "How",
    "Narrowing",
    "Suggestion",
    "audience_named",
    "audiences",
    "find",
    "index_many",
    "keys",
    "rebuild",
    "remove_many",
    "suggest",
]

_ENGINES: Final[dict[str, Engine]] = {"sqlite": SQLite(), "postgresql": PostgreSQL()}


def find(typed: str, *, audience: str = "", narrowing: Narrowing | None = None, page: int = 1) -> Found:
    """A page of public patterns for what was typed; see `finding.find`."""
    return finding.find(_ENGINES[connection.vendor], typed, audience=audience, narrowing=narrowing, page=page)


def keys(typed: str, *, audience: str = "", most: int = 10, with_some_words: bool = False) -> list[int]:
    """Keys of the patterns that come first for what was typed; see `finding.keys`."""
    engine = _ENGINES[connection.vendor]
    return finding.keys(engine, typed, audience=audience, most=most, with_some_words=with_some_words)


def suggest(typed: str, *, audience: str = "", most: int = 8) -> list[Suggestion]:
    """Patterns that somebody who is still typing may mean; see `names.suggest`."""
    return names.suggest(_ENGINES[connection.vendor], typed, audience=audience, most=most)
