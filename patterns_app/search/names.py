"""The first thing that is looked at: names. The very name, or one that is much like it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, NamedTuple

from django.db import connection

from patterns_app.document.vocabulary import NAME_MAX, name_key
from patterns_app.models import SearchName, Snapshot
from patterns_app.search.engine import BOUND, NAMED, Engine, rows
from patterns_app.search.query import name_form
from patterns_app.search.similarity import similarity

Kind = SearchName.Kind

ALIKE: Final = 0.45
ALIKE_IF_UNKNOWN: Final = 0.30
"""From which similarity on a name is meant: lower where a word is in no pattern, so that it must be misspelt."""

MOST_SIMILAR: Final = 30

_COLUMNS: Final = NAMED.split(", ")

# Said in SQL, for every search asks this and the ORM thinks longer than the database.
_EXACT: Final = (
    "SELECT snapshot_id, name, kind, audience FROM patterns_app_searchname"  # noqa: S608
    f" WHERE key = %s ORDER BY snapshot_id, id LIMIT {BOUND}"
)
_LABELS: Final = (
    "SELECT snapshot_id, name FROM patterns_app_searchname"
    " WHERE kind = 'label' AND audience = %s AND snapshot_id IN ({}) ORDER BY id DESC"
)


class NameHit(NamedTuple):
    """A name that is, or is like, what was typed. fit: higher is better."""

    pk: int
    name: str
    kind: str
    audience: str
    fit: float


def exact(name: str, *, audience: str = "") -> list[NameHit]:
    """The patterns of this very name (`name_form`), best first. One query."""
    if not name or len(name) > NAME_MAX:
        return []
    named = rows(_EXACT, [name])
    return _best(NameHit(pk, said, kind, whose, 2 + _boost(kind, whose, audience)) for pk, said, kind, whose in named)


def similar(engine: Engine, name: str, least: float, *, audience: str = "") -> list[NameHit]:
    """Patterns with a name at least this much alike, best first, at most `MOST_SIMILAR`. Six queries at most."""
    if not name or len(name) > NAME_MAX:
        return []
    found = []
    for pk, said, key, kind, whose in engine.similar(name, least, audience=audience):
        alike = similarity(name, key)
        if alike >= least:
            found.append(NameHit(pk, said, kind, whose, alike + _boost(kind, whose, audience)))
    return _best(found)[:MOST_SIMILAR]


def _boost(kind: str, whose: str, audience: str) -> float:
    """How much sooner one kind of name is meant than another."""
    if kind == Kind.LABEL:
        return 0.05 if whose == audience and audience else -0.05
    return 0.05 if kind in (Kind.TITLE, Kind.ID) else 0.02


def _best(hits: Iterable[NameHit]) -> list[NameHit]:
    """Each pattern once, by its best name."""
    best: dict[int, NameHit] = {}
    for hit in sorted(hits, key=lambda hit: (-hit.fit, hit.pk, hit.name)):
        best.setdefault(hit.pk, hit)
    return list(best.values())


class Suggestion(NamedTuple):
    """A pattern that somebody who is still typing may mean. name: by which it was found, "" if by its title."""

    slug: str
    title: str
    name: str
    label: str


def suggest(engine: Engine, typed: str, *, audience: str = "", most: int = 8) -> list[Suggestion]:
    """Patterns with a name that begins so or in which a word does, best first. Eight queries at most."""
    start = name_form(typed)[:NAME_MAX]
    if not start:
        return []
    # The range that begins so; a LIKE would need an index of its own on SQLite.
    names = SearchName.objects.filter(key__gte=start, key__lt=f"{start}\U0010ffff")
    if connection.vendor == "postgresql":
        names = SearchName.objects.filter(key__startswith=start)
    named = dict.fromkeys(names.order_by("key", "id").values_list(*_COLUMNS)[: most * 8])
    if len(start) > 2:
        with engine.prepared():
            named |= dict.fromkeys(engine.beginning(start))
    hits = []
    for pk, said, key, kind, whose in named:
        place = 0 if key == start else 1 if key.startswith(start) else 2
        if place == 2 and f" {start}" not in key:
            continue
        if kind in (Kind.SLUG, Kind.ID) and place:
            continue  # nobody reads them who does not type them whole
        hits.append(NameHit(pk, said, kind, whose, -place + _boost(kind, whose, audience) * 4 - len(key) / 1000))
    best = _best(hits)[: most * 2]
    titles = {pk: (slug, title) for pk, slug, title in _titles([hit.pk for hit in best])}
    labels = labels_of([hit.pk for hit in best], audience)
    found = []
    for hit in best:
        if hit.pk in titles:
            slug, title = titles[hit.pk]
            name = "" if hit.name == title or hit.kind == Kind.SLUG else hit.name
            found.append(Suggestion(slug, title or slug, name, labels.get(hit.pk, "")))
    return found[:most]


def _titles(pks: list[int]) -> Iterable[tuple[int, str, str]]:
    return Snapshot.objects.filter(pk__among=pks).order_by().values_list("pk", "slug", "title")


def labels_of(pks: list[int], audience: str) -> dict[int, str]:
    """What an audience calls patterns. One query, none without an audience."""
    if not (audience and pks):
        return {}
    return dict(rows(_LABELS.format(", ".join(["%s"] * len(pks))), [audience, *pks]))


def audience_named(name: str) -> str:
    """The audience that is meant, as patterns spell it; "" where none has a word of its own. One query."""
    known = audiences()
    named = {name_key(audience): audience for audience in reversed(known)}
    return name if name in known else named.get(name_key(name), "")


def audiences() -> list[str]:
    """For whom public patterns have labels, by name. One query, that skips from one to the next."""
    # With its condition the index on audiences is used, which has no other rows.
    sql = """
        WITH RECURSIVE walk(audience) AS (
            SELECT (SELECT min(audience) FROM patterns_app_searchname WHERE NOT (audience = ''))
            UNION ALL
            SELECT (SELECT min(audience) FROM patterns_app_searchname n
                    WHERE n.audience > walk.audience AND NOT (n.audience = ''))
            FROM walk WHERE walk.audience IS NOT NULL
        )
        SELECT audience FROM walk WHERE audience IS NOT NULL
    """
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return [name for (name,) in cursor.fetchall()]
