"""Who is broader than whom among public patterns, at whatever distance, by what any of them states."""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

from django.db import connection

from patterns_app.document.vocabulary import RelationshipKind

BOUND: Final = 10_000
"""Steps up that are taken from a pattern and those that it is related to, before all of them are held for its line."""

_BROADER, _NARROWER = RelationshipKind.GENERALIZES_FROM.value, RelationshipKind.SPECIALIZES_TO.value

# From each of the patterns upward, and never down: a root has the whole library below it. Each pair comes once, so that
# a circle ends. The names of tables and columns are the models' own.
_SQL: Final = """
    WITH RECURSIVE up(start, pk) AS (
        SELECT pattern_id, pattern_id FROM patterns_app_snapshot WHERE pattern_id IN ({places})
        UNION
        SELECT up.start, CASE WHEN e.kind = %s THEN e.target_id ELSE e.source_id END
        FROM up JOIN patterns_app_publicedge e
            ON (e.source_id = up.pk AND e.kind = %s) OR (e.target_id = up.pk AND e.kind = %s)
        WHERE NOT e.is_inferred AND e.target_id IS NOT NULL
    )
    SELECT start, pk FROM up WHERE start <> pk LIMIT {most}
"""


def in_line(pattern: int, others: Collection[int]) -> set[int]:
    """Those of the other patterns that are broader or narrower than one, by way of how many ever. One query."""
    if not others:
        return set()
    if len(others) > BOUND:
        return set(others)
    starts = [pattern, *others]
    sql = _SQL.format(places=", ".join(["%s"] * len(starts)), most=BOUND + 1)
    with connection.cursor() as cursor:
        cursor.execute(sql, [*starts, _BROADER, _BROADER, _NARROWER])
        pairs = cursor.fetchall()
    if len(pairs) > BOUND:
        return set(others)
    above = {start: set[int]() for start in starts}
    for start, pk in pairs:
        above[start].add(pk)
    return {other for other in others if other in above[pattern] or pattern in above[other]}
