"""The relationships of public patterns, resolved to public patterns: written when one is published or taken back."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from operator import itemgetter
from typing import Any, Final

from django.db.models import Q, Value

from patterns_app.document.pattern import PatternDocument
from patterns_app.document.vocabulary import NAME_MAX, name_key
from patterns_app.models import PublicAddress, PublicEdge, PublicIdentifier, SearchName, Snapshot
from patterns_app.models.bulk import insert_rows, update_rows
from patterns_app.search.query import name_form

_COLUMNS: Final = (
    "source", "target", "is_inferred", "kind", "target_text", "target_key", "weight", "strength", "note", "position",
)  # fmt: skip


def alias_keys(pks: Sequence[int]) -> set[str]:
    """The aliases of public patterns as links know them: ask before these change, for `index_many` or `remove_many`.

    One query, none for no pattern.
    """
    if not pks:
        return set()
    rows = SearchName.objects.filter(snapshot__among=pks, kind=SearchName.Kind.ALIAS).order_by()
    return {_key(name) for name in rows.values_list("name", flat=True)}


def index_many(documents: Iterable[tuple[int, str, PatternDocument]], before: Iterable[str] = ()) -> None:
    """State the relationships of public patterns, given as (key, slug, what is public of it), anew.

    Call it when their snapshots, addresses and names for the search are in place: links to them and from them find
    their ends by those. before: the `alias_keys` that they had. At most nine queries, none for no pattern.
    """
    documents = list(documents)
    if not documents:
        return
    pks = [pk for pk, _, _ in documents]
    PublicEdge.objects.filter(source__among=pks).delete()
    insert_rows(PublicEdge, _COLUMNS, [row for pk, _, document in documents for row in _rows(pk, document)])
    names = {name for _, slug, document in documents for name in (slug, document.id, *document.aliases)}
    # Links by a slug or an id that it had lead to it again.
    names |= {name for name, _, _ in _former(Q(pattern__among=pks), Q(pattern__among=pks))}
    keys = {*map(_key, names), *before}
    _resolve(Q(source__among=pks) | Q(target__among=pks) | Q(target_key__among=keys))


def remove_many(pks: Sequence[int], before: Iterable[str] = ()) -> None:
    """Forget the relationships of patterns that are no longer public; what led to them leads nowhere, or elsewhere.

    before: the `alias_keys` that they had. At most seven queries, none for no pattern.
    """
    if pks:
        PublicEdge.objects.filter(source__among=pks).delete()
        _resolve(Q(target__among=pks) | Q(target_key__among=set(before)))


def _key(name: str) -> str:
    return name_key(name[:NAME_MAX])[:NAME_MAX]


def _rows(pk: int, document: PatternDocument) -> Iterator[tuple[Any, ...]]:
    for position, entry in enumerate(document.relationships):
        target = entry.target[:NAME_MAX]
        yield (
            pk,
            None,
            False,
            entry.kind[:NAME_MAX],
            target,
            _key(target),
            entry.weight,
            None,
            entry.description,
            position,
        )
    for position, link in enumerate(document.inferred_links):
        target = link.target[:NAME_MAX]
        weight, strength = link.confidence, link.strength
        yield pk, None, True, link.type[:NAME_MAX], target, _key(target), weight, strength, link.reason, position


def _resolve(which: Q) -> None:
    """Find the public patterns that edges lead to: by slug, id, an old slug or id, or an alias that only one bears."""
    edges = list(PublicEdge.objects.filter(which).order_by().values_list("pk", "target_text", "target_key", "target"))
    texts = {text for _, text, _, _ in edges}
    if not texts:
        return
    found: dict[str, int] = {}
    is_public = Q(pattern__snapshot__isnull=False)
    former = _former(Q(slug__among=texts) & is_public, Q(identifier__among=texts) & is_public)
    # A slug comes before an id.
    found |= {name: pk for name, pk, _ in sorted(former, key=itemgetter(2))}
    named = Snapshot.objects.filter(identifier__among=texts).order_by("-slug")
    found |= named.values_list("identifier", "pk")
    found |= Snapshot.objects.filter(slug__among=texts).order_by().values_list("slug", "pk")
    by_alias = _by_alias({key for _, text, key, _ in edges if text not in found})
    changed = []
    for pk, text, key, target in edges:
        now = found.get(text) or by_alias.get(key)
        if now != target:
            changed.append((now, pk))
    update_rows(PublicEdge, ("target",), changed)


def _former(slugs: Q, identifiers: Q) -> Iterable[tuple[str, int, int]]:
    """(name, pattern, 1 for a slug and 0 for an id) of addresses and ids that were ever public. One query."""
    addresses = PublicAddress.objects.filter(slugs).order_by().values_list("slug", "pattern", Value(1))
    named = PublicIdentifier.objects.filter(identifiers).order_by().values_list("identifier", "pattern", Value(0))
    return addresses.union(named, all=True)


def _by_alias(keys: set[str]) -> dict[str, int]:
    """The patterns that are the only ones to bear an alias, by its key."""
    if not keys:
        return {}
    bearers: dict[str, set[int]] = defaultdict(set)
    # The search folds accents as well, so it may know several names where links know one.
    folded = {name_form(key) for key in keys}
    rows = SearchName.objects.filter(key__among=folded, kind=SearchName.Kind.ALIAS).order_by()
    for name, pk in rows.values_list("name", "snapshot_id"):
        if (key := _key(name)) in keys:
            bearers[key].add(pk)
    return {key: pks.pop() for key, pks in bearers.items() if len(pks) == 1}
