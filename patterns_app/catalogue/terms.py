"""The terms under which public patterns are listed: made when a pattern is published, gone when it is taken back."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final

from patterns_app.document.pattern import PatternDocument
from patterns_app.document.vocabulary import NAME_MAX, name_key, vitality_band
from patterns_app.models import Facet, PublicTerm
from patterns_app.models.bulk import insert_rows

_COLUMNS: Final = ("snapshot", "facet", "key", "label", "detail")
_WORD: Final = re.compile(r"\w")

Term = tuple[Facet, str, str]
"""(facet, label, detail)."""


def key_of(name: str) -> str:
    """How a name stands in the address of its list; "" for one without a letter, which has none.

    >>> key_of("Finance & Economics")
    'finance-economics'
    """
    return name_key(name[:NAME_MAX])[:NAME_MAX] if _WORD.search(name) else ""


def index_many(documents: Iterable[tuple[int, PatternDocument]]) -> None:
    """List public patterns, given as (key, what is public of it), anew. Two queries, none for no pattern."""
    documents = list(documents)
    remove_many([pk for pk, _ in documents])
    if documents:
        insert_rows(PublicTerm, _COLUMNS, [row for pk, document in documents for row in _rows(pk, document)])


def remove_many(pks: Sequence[int]) -> None:
    """List patterns nowhere any more. One query, none for no pattern."""
    if pks:
        PublicTerm.objects.filter(snapshot__among=pks).delete()


def _rows(pk: int, document: PatternDocument) -> Iterator[tuple[Any, ...]]:
    seen: set[tuple[str, str]] = set()
    for facet, label, detail in terms_of(document):
        key = key_of(label)
        if key and (facet.value, key) not in seen:
            seen.add((facet.value, key))
            yield pk, facet.value, key, label[:NAME_MAX], detail[:NAME_MAX]


def terms_of(document: PatternDocument) -> Iterator[Term]:
    """Everything under which a pattern is listed, in the format's order."""
    yield Facet.DOMAIN, document.domain, ""
    for name in document.cross_domains:
        yield Facet.CROSS_DOMAIN, name, ""
    yield Facet.COLLECTION, document.collection, ""
    for audience, label in document.context_labels:
        if label:
            yield Facet.AUDIENCE, audience, ""
    yield Facet.USAGE_STAGE, document.usage_stage, ""
    yield Facet.ADOPTION_STAGE, document.adoption_stage, ""
    if document.confidence is not None:
        yield Facet.CONFIDENCE, str(document.confidence), ""
    if document.vitality is not None:
        yield Facet.VITALITY, vitality_band(document.vitality).value, ""
    for kind in dict.fromkeys(entry.kind for entry in document.relationships):
        yield Facet.RELATIONSHIP, kind, ""
    for person in document.contributors:
        yield Facet.CONTRIBUTOR, person.name, person.role
    for entity in document.entities:
        yield Facet.ENTITY, entity.label or entity.id, entity.type
    for community in document.communities:
        yield Facet.COMMUNITY, community.label or community.id, community.source
