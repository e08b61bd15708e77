"""What goes into the index and out of it: names and folded words of snapshots."""

from __future__ import annotations

import html as entities
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, Final, NamedTuple

from django.db import connection, transaction
from django.db.models import Exists, OuterRef

from patterns_app.document.pattern import PatternDocument
from patterns_app.document.reading import read
from patterns_app.document.vocabulary import NAME_MAX
from patterns_app.models import SearchName, SearchText, Snapshot
from patterns_app.models.bulk import chunks, insert_rows, wait_for_turn
from patterns_app.search.query import fold, name_form

BATCH: Final = 200

# A `tsvector` holds a megabyte; of the most varied text this makes nine tenths.
BODY_MOST: Final = 400_000
PART_MOST: Final = 8_000
"""Bytes of a body, and of each other part of a pattern, that are indexed."""

Kind = SearchName.Kind

_TAG: Final = re.compile(r"<[^>]*>")
_NAMES: Final = ("snapshot", "name", "key", "kind", "audience")
_TEXTS: Final = ("snapshot", "title", "aliases", "summary", "keywords", "labels", "domain", "collection", "body")


class Entry(NamedTuple):
    """What is public of a pattern: its key, slug, what its revision says, and its body as safe HTML."""

    pk: int
    slug: str
    document: PatternDocument
    html: str


def index_many(entries: Iterable[Entry]) -> None:
    """Put public patterns into the index, anew where they are in it. Four queries, none for no entry."""
    entries = list(entries)
    if not entries:
        return
    remove_many([entry.pk for entry in entries])
    insert_rows(SearchName, _NAMES, [row for entry in entries for row in _names(entry)])
    insert_rows(SearchText, _TEXTS, map(_text, entries))


def remove_many(pks: Sequence[int]) -> None:
    """Take patterns out of the index. Two queries, none for no pattern."""
    if pks:
        SearchName.objects.filter(snapshot__among=pks).delete()
        SearchText.objects.filter(snapshot__among=pks).delete()


def rebuild(advance: Callable[[int], None] = lambda count: None) -> int:
    """Index all that is public anew, and drop what is not; how many patterns. A transaction for each 200.

    Killed in between, run it again.
    """
    for model in (SearchName, SearchText):
        model._default_manager.filter(~Exists(Snapshot.objects.filter(pk=OuterRef("snapshot")))).delete()
    count = 0
    pks = list(Snapshot.objects.order_by("pk").values_list("pk", flat=True))
    for chunk in chunks(pks, BATCH):
        with transaction.atomic():
            wait_for_turn()
            # Locked, so that nobody publishes the next text in between.
            snapshots = Snapshot.objects.filter(pk__among=chunk).order_by("pk").select_for_update(of=("self",))
            entries = [
                Entry(
                    snapshot.pk, snapshot.slug, read(snapshot.revision.text, name=snapshot.slug).document, snapshot.html
                )
                for snapshot in snapshots.select_related("revision")
            ]
            index_many(entries)
        count += len(entries)
        advance(len(entries))
    _tidy()
    return count


def _tidy() -> None:
    """Let the engine sort its index, and learn how many rows there are."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("ANALYZE patterns_app_searchtext, patterns_app_searchname")
            return
        for index in ("words", "grams"):
            table = f"patterns_app_search_{index}"
            cursor.execute(f"INSERT INTO {table}({table}) VALUES ('optimize')")  # noqa: S608


def _names(entry: Entry) -> Iterator[tuple[Any, ...]]:
    said = entry.document
    names: list[tuple[str, str, str]] = [(said.title or entry.slug, Kind.TITLE.value, "")]
    names += [(alias, Kind.ALIAS.value, "") for alias in said.aliases]
    names += [(label.label, Kind.LABEL.value, label.audience) for label in said.context_labels if label.label]
    names += [(entry.slug, Kind.SLUG.value, ""), (said.id, Kind.ID.value, "")]
    seen: set[tuple[str, str]] = set()
    for name, kind, audience in names:
        key = name_form(name[:NAME_MAX])[:NAME_MAX].strip()
        # Most slugs are their title over again. A label stays, for its audience's sake; and an alias, for links by it.
        once = "\0alias" if kind == Kind.ALIAS.value else audience
        if key and (key, once) not in seen:
            seen |= {(key, once), (key, audience)}
            yield entry.pk, name[:NAME_MAX], key, kind, audience[:NAME_MAX]


def _text(entry: Entry) -> tuple[Any, ...]:
    said = entry.document
    parts = (
        said.title,
        "\n".join(said.aliases),
        f"{said.summary}\n{said.primary_tension}",
        "\n".join(said.vector_keywords),
        "\n".join(label.label for label in said.context_labels),
        said.domain,
        said.collection,
    )
    body = fold(plain(entry.html))
    return entry.pk, *(_cut(fold(part), PART_MOST) for part in parts), _cut(body, BODY_MOST)


def _cut(text: str, most: int) -> str:
    if len(text) * 4 <= most:
        return text
    return text.encode()[:most].decode(errors="ignore")


def plain(html: str) -> str:
    """The text of safe HTML."""
    return entities.unescape(_TAG.sub(" ", html))
