"""Rows by the thousand: inserts and updates that cost one statement a table, with keys known beforehand.

The ORM's `bulk_create` builds an object a row; a library of 3,600 files has 150,000 rows. On SQLite these functions
prepare one statement and run it for all rows, on PostgreSQL they use COPY. They skip `save()`, defaults and signals:
every column must be named.
"""

from __future__ import annotations

import datetime
import json
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import islice
from typing import Any, TypeVar

from django.core.exceptions import EmptyResultSet
from django.db import connection, models

T = TypeVar("T")

_TURN = 0x7061747465726E
"""The number of PostgreSQL's advisory lock for writing patterns; any number that nobody else uses."""

CHUNK = 5_000
"""Rows that are worked on at a time, so that memory does not grow with the number of patterns."""


def chunks(values: Iterable[T], size: int = CHUNK) -> Iterator[list[T]]:
    """The values in lists of at most `size`."""
    iterator = iter(values)
    while chunk := list(islice(iterator, size)):
        yield chunk


@models.ForeignObject.register_lookup
@models.Field.register_lookup
class Among(models.Lookup):
    """`slug__among=values`: as `__in`, with all values in one parameter.

    Django prepares each value of `__in` by itself, which is a third of the time of an import, and SQLite allows 32,766
    parameters a statement. Takes plain str and int values.
    """

    lookup_name = "among"
    prepare_rhs = False

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, Any]:
        column, parameters = self.process_lhs(compiler, connection)
        values = list(self.rhs)
        if not values:
            raise EmptyResultSet
        if connection.vendor == "postgresql":
            return f"{column} = ANY(%s)", [*parameters, values]
        # The column is the model's own, quoted by Django.
        return f"{column} IN (SELECT value FROM json_each(%s))", [*parameters, json.dumps(values)]  # noqa: S608


@lru_cache(maxsize=16)
def _moment(value: datetime.datetime) -> Any:
    """A time as the database has it; all rows of a batch have the same."""
    return connection.ops.adapt_datetimefield_value(value)


def _adapted(field: models.Field[Any, Any], value: Any) -> Any:
    if value is None or isinstance(value, str | int | float):
        return value
    if isinstance(value, datetime.datetime):
        return _moment(value)
    if isinstance(field, models.JSONField):
        # Most entries state no further facts.
        return json.dumps(value, ensure_ascii=False) if value or value == {} else "[]"
    raise TypeError(f"{field}: cannot write {type(value).__name__} in bulk")


def _table(model: type[models.Model], names: Sequence[str]) -> tuple[str, list[models.Field[Any, Any]], list[str]]:
    """(quoted table, fields, quoted columns)."""
    quote = connection.ops.quote_name
    fields = {field.name: field for field in model._meta.concrete_fields}
    chosen = [fields[name] for name in names]
    return quote(model._meta.db_table), chosen, [quote(str(field.column)) for field in chosen]


def insert_rows(
    model: type[models.Model],
    names: Sequence[str],
    rows: Iterable[Sequence[Any]],
    *,
    ignore_conflicts: bool = False,
) -> None:
    """Insert rows whose values are in the order of `names`; plain str, int, float, None, datetimes and JSON values.

    ignore_conflicts: leave out rows that a unique constraint forbids. One statement, however many rows. Raises
    `IntegrityError` like any insert.
    """
    table, fields, columns = _table(model, names)
    special = [n for n, field in enumerate(fields) if isinstance(field, models.DateTimeField | models.JSONField)]

    def adapted() -> Iterator[Sequence[Any]]:
        for row in rows:
            if special:
                row = list(row)
                for n in special:
                    row[n] = _adapted(fields[n], row[n])
            yield row

    listed, holes = ", ".join(columns), ", ".join(["%s"] * len(columns))
    # Table and column names are the models' own, quoted by Django; the values go in as parameters.
    insert = f"INSERT INTO {table} ({listed}) VALUES ({holes})"  # noqa: S608
    with connection.cursor() as cursor:
        if ignore_conflicts:
            cursor.executemany(f"{insert} ON CONFLICT DO NOTHING", list(adapted()))
        elif connection.vendor == "postgresql":
            # Django wraps the errors of every call but this one.
            with connection.wrap_database_errors, cursor.copy(f"COPY {table} ({listed}) FROM STDIN") as copy:
                for row in adapted():
                    copy.write_row(row)
        else:
            cursor.executemany(insert, adapted())  # type: ignore[arg-type] # it takes any iterable, and holds none


def update_rows(model: type[models.Model], names: Sequence[str], rows: Iterable[tuple[Any, ...]]) -> None:
    """Set columns by primary key; each row is the values in the order of `names`, then the key. One statement."""
    rows = list(rows)
    if not rows:
        return
    table, fields, columns = _table(model, names)
    holes = ", ".join(f"{column} = %s" for column in columns)
    adapted = [(*(_adapted(field, value) for field, value in zip(fields, row, strict=False)), row[-1]) for row in rows]
    update = f"UPDATE {table} SET {holes} WHERE id = %s"  # noqa: S608
    with connection.cursor() as cursor:
        cursor.executemany(update, adapted)


def wait_for_turn() -> None:
    """Let one transaction at a time write patterns; call it first in a transaction. One query.

    Whoever writes a pattern also resolves other patterns' links, by names that only committed rows show. Two at once
    would miss each other's names, or wait for each other's rows for ever. SQLite's IMMEDIATE transactions do it anyway.
    """
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_TURN])


def reserve_ids(model: type[models.Model], count: int) -> list[int]:
    """`count` primary keys that nobody else will use. Call it inside a transaction; one query."""
    if not count:
        return []
    table = model._meta.db_table
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(
                "SELECT nextval(pg_get_serial_sequence(%s, 'id')) FROM generate_series(1, %s)", [table, count]
            )
            return [row[0] for row in cursor.fetchall()]
        # The transaction is IMMEDIATE, so nobody else writes until it ends; explicit keys move the sequence along.
        cursor.execute("SELECT seq FROM sqlite_sequence WHERE name = %s", [table])
        row = cursor.fetchone()
        first = (row[0] if row else 0) + 1
        return list(range(first, first + count))
