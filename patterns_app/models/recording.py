"""Recording: a text becomes a revision and rows in one go. The common floor of the admin's door and the importer's."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, NamedTuple

from django.db.models import Max

from patterns_app.document.pattern import PatternDocument
from patterns_app.models.bulk import insert_rows, reserve_ids
from patterns_app.models.revision import Origin, Revision, digest_of
from patterns_app.models.working_copy import Change, NameBook, write_rows

if TYPE_CHECKING:
    from django.contrib.auth.models import AbstractBaseUser

_COLUMNS = (
    "id", "pattern", "number", "digest", "fingerprint", "created_at", "author", "author_name", "origin", "note", "text",
)  # fmt: skip


class Recorded(NamedTuple):
    """One text to record: the pattern it is of (None for a new one), what it says, and its digests where known.

    problems: how many errors and warnings reading it gives.
    """

    pk: int | None
    text: str
    document: PatternDocument
    digest: str = ""
    fingerprint: str = ""
    problems: int = 0


class Signature(NamedTuple):
    """Who recorded something, when, how it came about, and why."""

    at: datetime.datetime
    origin: Origin
    author: AbstractBaseUser | None = None
    note: str = ""

    @property
    def author_pk(self) -> int | None:
        return self.author.pk if self.author else None

    @property
    def author_name(self) -> str:
        return self.author.get_username()[:255] if self.author else ""


def record(
    texts: Sequence[Recorded],
    signature: Signature,
    *,
    book: NameBook,
    fields: frozenset[str] | None = None,
    before: Iterable[PatternDocument] = (),
) -> list[tuple[int, int]]:
    """Record texts as their patterns' new heads: (pattern's key, revision's key) for each, in order.

    Call it inside a transaction, with the rows locked. `fields` and `before` as in `write_rows`. The number of queries
    does not depend on the number of texts. Raises `IntegrityError` where an identity is taken.
    """
    heads = reserve_ids(Revision, len(texts))
    changes = [Change(text.pk, text.document, head, text.problems) for text, head in zip(texts, heads, strict=True)]
    pks = write_rows(changes, at=signature.at, book=book, fields=fields, before=before)
    add_revisions([(pk, head, text) for pk, head, text in zip(pks, heads, texts, strict=True)], signature)
    return list(zip(pks, heads, strict=True))


def add_revisions(rows: Sequence[tuple[int, int, Recorded]], signature: Signature) -> None:
    """Add revisions without touching rows: (pattern's key, the revision's reserved key, text) each. Two queries."""
    old = [pk for pk, _, text in rows if text.pk is not None]
    numbers: dict[int, int] = {}
    if old:
        latest = (
            Revision.objects.filter(pattern_id__among=old).order_by().values("pattern").annotate(latest=Max("number"))
        )
        numbers = dict(latest.values_list("pattern", "latest"))
    insert_rows(
        Revision,
        _COLUMNS,
        (
            (
                head,
                pk,
                numbers.get(pk, 0) + 1,
                text.digest or digest_of(text.text),
                text.fingerprint or text.document.fingerprint(),
                signature.at,
                signature.author_pk,
                signature.author_name,
                signature.origin.value,
                signature.note,
                text.text,
            )
            for pk, head, text in rows
        ),
    )
