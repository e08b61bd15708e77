"""Documents ⇄ rows: read what the rows of many patterns say, and make the rows say what documents say.

Both directions take a constant number of queries for any number of patterns. Nothing here makes revisions or looks at
texts; `workflow` and `sync` do, in the same transaction.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from django.db import models

from patterns_app.document import pattern as said
from patterns_app.document.body import Section as SaidSection
from patterns_app.document.pattern import PatternDocument
from patterns_app.document.vocabulary import NAME_MAX, PILLARS, RelationshipKind, name_key, status_of
from patterns_app.models import parts
from patterns_app.models.bulk import chunks, insert_rows, reserve_ids, update_rows
from patterns_app.models.links import Names, Resolver, resolve_again
from patterns_app.models.names import Audience, Collection, Community, Contributor, Domain, Entity, Keyword
from patterns_app.models.pattern import Pattern

# Fields that the row has under the document's name.
_OWN = (
    "slug", "title", "summary", "primary_tension", *PILLARS, "vitality", "vitality_reasoning", "overall_score",
    "usage_stage", "adoption_stage", "version", "confidence", "last_pruned", "license", "attribution", "created",
    "modified", "preamble",
)  # fmt: skip


@lru_cache(maxsize=20_000)
def alias_key(name: str) -> str:
    """The slug form of a name for the key columns, never longer than they are."""
    return name_key(name)[:NAME_MAX]


# Names that patterns share

MOST_SEEN = 50_000
"""Names of a kind that are remembered before all are forgotten: memory does not grow with the library."""


class NameBook:
    """Primary keys of shared names, made where they are missing; remembers what it has seen.

    Throw it away when a transaction it was used in is rolled back: names it made are gone then.
    """

    def __init__(self) -> None:
        self._seen: dict[type[models.Model], dict[str, int]] = defaultdict(dict)

    def learn(self, documents: Iterable[PatternDocument], fields: frozenset[str] | None = None) -> None:
        """Make sure that every name in the documents has a row. At most three queries for each kind of name."""
        wanted: dict[type[models.Model], dict[str, tuple[Any, ...]]] = defaultdict(dict)
        for document in documents:
            for model, field, names in _NAMED:
                if fields is None or field in fields:
                    wanted[model].update(names(document))
        for model, rows in wanted.items():
            self._learn(model, rows)

    def _learn(self, model: type[models.Model], rows: Mapping[str, tuple[Any, ...]]) -> None:
        seen = self._seen[model]
        if len(seen) > MOST_SEEN:
            seen.clear()
        columns = _NAME_COLUMNS[model]
        found = model._default_manager.order_by().values_list(columns[0], "pk")
        missing = [name for name in rows if name not in seen]
        if missing:
            seen.update(found.filter(**{f"{columns[0]}__among": missing}))
        for others in (lambda name: rows[name], _others_at_last):
            new = [name for name in missing if name not in seen]
            if new:
                insert_rows(model, columns, [(name, *others(name)) for name in new], ignore_conflicts=True)
                seen.update(found.filter(**{f"{columns[0]}__among": new}))

    def pk(self, model: type[models.Model], name: str) -> int:
        return self._seen[model][name]

    def pk_or_none(self, model: type[models.Model], name: str) -> int | None:
        return self._seen[model][name] if name else None


_Namer = Callable[[PatternDocument], Iterable[tuple[str, tuple[Any, ...]]]]
_NAMED: tuple[tuple[type[models.Model], str, _Namer], ...] = (
    (Domain, "domain", lambda d: [(d.domain, ())] if d.domain else []),
    (Domain, "cross_domains", lambda d: [(name, ()) for name in d.cross_domains]),
    (Collection, "collection", lambda d: [(d.collection, ("",))] if d.collection else []),
    (Audience, "context_labels", lambda d: [(label.audience, ()) for label in d.context_labels]),
    (Contributor, "contributors", lambda d: [(contributor.name, ()) for contributor in d.contributors]),
    (Entity, "entities", lambda d: [(entity.key, (entity.label, entity.type)) for entity in d.entities]),
    (Community, "communities", lambda d: [(community.key, (community.label,)) for community in d.communities]),
    (Keyword, "vector_keywords", lambda d: [(name, (Keyword.slug_for(name),)) for name in d.vector_keywords]),
)
_NAME_COLUMNS: dict[type[models.Model], tuple[str, ...]] = {
    Domain: ("name",),
    Collection: ("name", "description"),
    Audience: ("name",),
    Contributor: ("name",),
    Entity: ("key", "label", "type"),
    Community: ("key", "label"),
    Keyword: ("name", "slug"),
}


def _others_at_last(name: str) -> tuple[str]:
    """The slug of a keyword whose own slug another keyword has: somebody wrote a file to make the two collide."""
    return (hashlib.sha256(name.encode()).hexdigest(),)


# Parts: what a pattern has several of


@dataclass(frozen=True, slots=True)
class _Part:
    """How one document field becomes the rows of one table, and back.

    columns: of the table, as field names. rows: the values for one document, without resolution columns. say: one row
    of `reads` values as the document has it.
    """

    field: str
    model: type[models.Model]
    columns: tuple[str, ...]
    rows: Callable[[int, PatternDocument, NameBook], Iterator[tuple[Any, ...]]]
    reads: tuple[str, ...]
    say: Callable[..., Any]
    owner: str = "pattern"


@lru_cache(maxsize=5_000)
def _heading_says(heading: str) -> tuple[int | None, str]:
    """A heading's number and title; most patterns have the same headings."""
    section = SaidSection(heading, "")
    return section.number, section.title


def _relationship_rows(pk: int, document: PatternDocument, book: NameBook) -> Iterator[tuple[Any, ...]]:
    counts: dict[str, int] = defaultdict(int)
    for entry in document.relationships:
        facts = [list(fact) for fact in entry.facts]
        yield (
            pk,
            counts[entry.kind],
            entry.kind,
            entry.target,
            alias_key(entry.target),
            entry.weight,
            entry.description,
            facts,
        )
        counts[entry.kind] += 1


def _say_relationship(
    kind: str, target: str, weight: float | None, description: str, facts: list[list[str]]
) -> said.Relationship:
    return said.Relationship(kind, target, weight, description, tuple((key, text) for key, text in facts))


_PARTS: tuple[_Part, ...] = (
    _Part(
        "aliases",
        parts.Alias,
        ("pattern", "position", "name", "key"),
        lambda pk, d, book: ((pk, n, name, alias_key(name)) for n, name in enumerate(d.aliases)),
        ("name",),
        str,
    ),
    _Part(
        "context_labels",
        parts.ContextLabel,
        ("pattern", "position", "audience", "label"),
        lambda pk, d, book: (
            (pk, n, book.pk(Audience, label.audience), label.label) for n, label in enumerate(d.context_labels)
        ),
        ("audience__name", "label"),
        said.ContextLabel,
    ),
    _Part(
        "cross_domains",
        parts.CrossDomain,
        ("pattern", "position", "domain"),
        lambda pk, d, book: ((pk, n, book.pk(Domain, name)) for n, name in enumerate(d.cross_domains)),
        ("domain__name",),
        str,
    ),
    _Part(
        "vector_keywords",
        parts.PatternKeyword,
        ("content_object", "position", "tag"),
        lambda pk, d, book: ((pk, n, book.pk(Keyword, name)) for n, name in enumerate(d.vector_keywords)),
        ("tag__name",),
        str,
        owner="content_object",
    ),
    _Part(
        "relationships",
        parts.Relationship,
        ("pattern", "position", "kind", "target_text", "target_key", "weight", "description", "facts"),
        _relationship_rows,
        ("kind", "target_text", "weight", "description", "facts"),
        _say_relationship,
    ),
    _Part(
        "entities",
        parts.PatternEntity,
        ("pattern", "position", "entity", "identifier", "type", "label", "relevance"),
        lambda pk, d, book: ((pk, n, book.pk(Entity, entry.key), *entry) for n, entry in enumerate(d.entities)),
        ("identifier", "type", "label", "relevance"),
        said.Entity,
    ),
    _Part(
        "communities",
        parts.PatternCommunity,
        ("pattern", "position", "community", "identifier", "label", "source", "confidence"),
        lambda pk, d, book: ((pk, n, book.pk(Community, entry.key), *entry) for n, entry in enumerate(d.communities)),
        ("identifier", "label", "source", "confidence"),
        said.Community,
    ),
    _Part(
        "inferred_links",
        parts.InferredLink,
        ("pattern", "position", "target_text", "target_key", "type", "confidence", "strength", "reason"),
        lambda pk, d, book: (
            (pk, n, entry[0], alias_key(entry[0]), *entry[1:]) for n, entry in enumerate(d.inferred_links)
        ),
        ("target_text", "type", "confidence", "strength", "reason"),
        said.InferredLink,
    ),
    _Part(
        "contributors",
        parts.Contribution,
        ("pattern", "position", "contributor", "role"),
        lambda pk, d, book: (
            (pk, n, book.pk(Contributor, entry.name), entry.role) for n, entry in enumerate(d.contributors)
        ),
        ("contributor__name", "role"),
        said.Contributor,
    ),
    _Part(
        "sources",
        parts.Source,
        ("pattern", "position", "citation"),
        lambda pk, d, book: ((pk, n, citation) for n, citation in enumerate(d.sources)),
        ("citation",),
        str,
    ),
    _Part(
        "sections",
        parts.Section,
        ("pattern", "position", "heading", "number", "title", "text"),
        lambda pk, d, book: (
            (pk, n, entry.heading, *_heading_says(entry.heading), entry.text) for n, entry in enumerate(d.sections)
        ),
        ("heading", "text"),
        SaidSection,
    ),
)
_LINKS = {"relationships": 3, "inferred_links": 2}
"""Fields whose rows point at patterns by name, and the column in which the name as written stands."""

_KIND_ORDER = {kind.value: number for number, kind in enumerate(RelationshipKind)}


# Reading


def documents_of(pks: Sequence[int]) -> dict[int, PatternDocument]:
    """What the rows of each pattern say, by primary key. Twelve queries for up to 5,000 patterns."""
    documents: dict[int, PatternDocument] = {}
    own = ("pk", "identifier", "domain__name", "status", "status_word", "collection__name", *_OWN)
    for chunk in chunks(pks):
        values: dict[int, dict[str, Any]] = {}
        rows = Pattern.objects.filter(pk__among=chunk).order_by().values_list(*own)
        for pk, identifier, domain, status, word, collection, *rest in rows:
            values[pk] = dict(zip(_OWN, rest, strict=True))
            # The file's own word stands as long as it means the state.
            status = word if status_of(word) == status else status
            values[pk].update(id=identifier, domain=domain or "", status=status, collection=collection or "")
        for part in _PARTS:
            order = ("kind", "position") if part.field == "relationships" else ("position",)
            entries_of = part.model._default_manager.filter(**{f"{part.owner}_id__among": chunk})
            found: dict[int, list[Any]] = defaultdict(list)
            for pk, *row in entries_of.order_by(f"{part.owner}_id", *order, "pk").values_list(
                f"{part.owner}_id", *part.reads
            ):
                found[pk].append(part.say(*row))
            for pk, entries in found.items():
                if part.field == "relationships":
                    entries.sort(key=lambda entry: _KIND_ORDER[entry.kind])
                values[pk][part.field] = tuple(entries)
        documents.update((pk, PatternDocument(**fields)) for pk, fields in values.items())
    return documents


def document_of(pattern: Pattern) -> PatternDocument:
    """What one pattern's rows say. Twelve queries. Raises `Pattern.DoesNotExist`."""
    try:
        return documents_of([pattern.pk])[pattern.pk]
    except KeyError:
        raise Pattern.DoesNotExist(f"There is no pattern {pattern.pk}.") from None


# Writing

_ROW_COLUMNS = ("identifier", "domain", "status", "status_word", "collection", *_OWN, "head", "changed_at", "problems")


@dataclass(frozen=True, slots=True)
class Change:
    """One pattern to write: its key (None to make one), what it shall say, and the revision that says so.

    problems: how many errors and warnings reading that revision gives.
    """

    pk: int | None
    document: PatternDocument
    head: int
    problems: int = 0


def _row(change: Change, book: NameBook, at: Any) -> tuple[Any, ...]:
    document = change.document
    return (
        document.id,
        book.pk_or_none(Domain, document.domain),
        status_of(document.status).value,
        document.status,
        book.pk_or_none(Collection, document.collection),
        *(getattr(document, name) for name in _OWN),
        change.head,
        at,
        change.problems,
    )


def write_rows(
    changes: Sequence[Change],
    *,
    at: Any,
    book: NameBook,
    fields: frozenset[str] | None = None,
    before: Iterable[PatternDocument] = (),
) -> list[int]:
    """Make rows say what the documents say; their keys in order. Call it inside a transaction.

    fields: the only document fields that differ, where the caller knows (a form); None writes all. before: what texts
    said whose rows may have been changed past the history, so that links by names the rows no longer know are looked
    at, too. The number of queries does not depend on the number of changes. Raises `IntegrityError` where an identity
    is taken.
    """
    documents = [change.document for change in changes]
    # The row itself is always written whole, so the names it points at are needed in any case.
    book.learn(documents, None if fields is None else fields | {"domain", "collection"})
    old = [change for change in changes if change.pk is not None]
    new = [change for change in changes if change.pk is None]
    names = _names_of_rows([change.pk for change in old if change.pk is not None]) if old else Names()
    keys = dict(zip((id(change) for change in new), reserve_ids(Pattern, len(new)), strict=True))
    pks = [change.pk if change.pk is not None else keys[id(change)] for change in changes]
    if old:
        _make_way(old)
    if new:
        insert_rows(Pattern, ("id", *_ROW_COLUMNS), ((keys[id(c)], *_row(c, book, at)) for c in new))
    if old:
        update_rows(Pattern, _ROW_COLUMNS, ((*_row(c, book, at), c.pk) for c in old))
    written = [part for part in _PARTS if fields is None or part.field in fields]
    for part in written:
        if old:
            part.model._default_manager.filter(**{f"{part.owner}_id__among": [change.pk for change in old]}).delete()
        rows = [row for pk, change in zip(pks, changes, strict=True) for row in part.rows(pk, change.document, book)]
        if not rows:
            continue
        columns = part.columns
        if part.field in _LINKS:
            n = _LINKS[part.field]
            resolver = Resolver((row[n], row[n + 1]) for row in rows)
            rows = [(*row, *resolver.resolve(row[n], row[n + 1])) for row in rows]
            columns = (*columns, "target", "resolved_by")
        insert_rows(part.model, columns, rows)
    _add_names(names, [*(change.document for change in changes), *before])
    if fields is None or fields & {"id", "slug", "aliases"}:
        resolve_again(names, except_from=pks if fields is None else ())
    return pks


def _make_way(changes: Sequence[Change]) -> None:
    """Give up slugs and ids that are about to change, so that patterns can swap theirs or hand them on."""
    wanted = {change.pk: change.document for change in changes}
    rows = Pattern.objects.filter(pk__among=wanted).order_by().values_list("pk", "slug", "identifier")
    moving = [pk for pk, slug, identifier in rows if (slug, identifier) != (wanted[pk].slug, wanted[pk].id)]
    if moving:
        update_rows(Pattern, ("slug", "identifier"), ((f"\x01{pk}", "", pk) for pk in moving))


def _names_of_rows(pks: Sequence[int]) -> Names:
    """The names by which the patterns can be meant now."""
    names = Names()
    for identity in Pattern.objects.filter(pk__among=pks).order_by().values_list("slug", "identifier"):
        names.exact.update(name for name in identity if name)
    aliases = parts.Alias.objects.filter(pattern_id__among=pks).order_by()
    names.aliases.update(aliases.values_list("key", flat=True))
    return names


def _add_names(names: Names, documents: Iterable[PatternDocument]) -> None:
    for document in documents:
        names.exact.update(name for name in (document.slug, document.id) if name)
        names.aliases.update(alias_key(name) for name in document.aliases)
