"""The doors through which editors change patterns: each writes text, revision and rows together, or nothing.

The states and their moves come with the editors' desk; this much is the foundation: make a draft, save a draft.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from typing import TYPE_CHECKING

from django.db import IntegrityError, transaction

from patterns_app.document.layout import lay_out
from patterns_app.document.pattern import PatternDocument
from patterns_app.document.reading import read
from patterns_app.document.writing import write
from patterns_app.models import Pattern, Revision
from patterns_app.models.recording import Recorded, Signature, record
from patterns_app.models.revision import Origin
from patterns_app.models.working_copy import NameBook, documents_of

if TYPE_CHECKING:
    from django.contrib.auth.models import AbstractBaseUser

PRECEDENTS = 10
"""How many earlier texts a save looks at for the spelling of values that go back to what they were."""


class StaleDraft(Exception):
    """Somebody saved the pattern after it was opened; saving now would undo that unseen."""

    def __init__(self, pattern: Pattern) -> None:
        super().__init__(
            f"“{pattern}” was saved by somebody else after you opened it. Nothing of yours was saved. "
            "Open it again in another tab, compare, and save once more."
        )
        self.pattern = pattern


class IdentityTaken(Exception):
    """Another pattern has this slug or this id."""


def create_draft(
    *, document: PatternDocument, author: AbstractBaseUser | None, at: datetime.datetime, note: str = ""
) -> Pattern:
    """Make a new pattern that says what `document` says, as a file in the reference layout.

    Raises `IdentityTaken`, and `EditRefused` for a document that no text can say.
    """
    text = lay_out(document)
    recorded = Recorded(None, text, read(text).document)
    try:
        with transaction.atomic():
            [(pk, _)] = record([recorded], Signature(at, Origin.ADMIN, author, note), book=NameBook())
    except IntegrityError as error:
        raise _identity_taken(document, error) from error
    return Pattern.objects.get(pk=pk)


def save_draft(
    pattern: Pattern,
    *,
    document: PatternDocument,
    author: AbstractBaseUser | None,
    at: datetime.datetime,
    note: str = "",
    expected_head: int | None = None,
    origin: Origin = Origin.ADMIN,
) -> Revision | None:
    """Make the pattern say what `document` says, changing only the lines of its text that have to change.

    Returns the new revision, or None when the text says all of it already. expected_head: key of the revision that the
    editor saw; another head raises `StaleDraft`. Also raises `EditRefused` and `IdentityTaken`; in each case nothing
    was written.
    """
    try:
        with transaction.atomic():
            # The lock (SQLite: the IMMEDIATE transaction) makes a second save wait here and then find another head.
            locked = Pattern.objects.select_for_update(of=("self",)).get(pk=pattern.pk)
            if expected_head is not None and locked.head_id != expected_head:
                raise StaleDraft(locked)
            texts = list(
                Revision.objects.filter(pattern=locked.pk)
                .order_by("-number")
                .values_list("pk", "text")[: PRECEDENTS + 1]
            )
            base = next(text for pk, text in texts if pk == locked.head_id)
            earlier = [text for pk, text in texts if pk != locked.head_id]
            before = read(base, name=locked.slug).document
            text = write(base, document, name=locked.slug, precedents=earlier)
            said = read(text, name=locked.slug).document
            if text == base:
                return None
            recorded = Recorded(locked.pk, text, said)
            [(_, head)] = record(
                [recorded],
                Signature(at, origin, author, note),
                book=NameBook(),
                fields=frozenset(said.differs_from(before)),
            )
    except IntegrityError as error:
        raise _identity_taken(document, error) from error
    pattern.refresh_from_db()
    return Revision.objects.get(pk=head)


def record_rows(pks: Iterable[int], *, at: datetime.datetime, author: AbstractBaseUser | None = None) -> list[Revision]:
    """Take what rows say that were changed without a door (a script, the shell) into texts and history.

    Thirteen queries to find out, and a save for each pattern whose rows had parted from its text. Raises `EditRefused`.
    """
    pks = list(pks)
    heads = dict(Pattern.objects.filter(pk__in=pks).order_by().values_list("pk", "head__fingerprint"))
    revisions = []
    for pk, document in documents_of(pks).items():
        if document.fingerprint() != heads[pk]:
            pattern = Pattern.objects.get(pk=pk)
            revision = save_draft(
                pattern,
                document=document,
                author=author,
                at=at,
                origin=Origin.ROWS,
                note="Rows were changed without a door.",
            )
            if revision:
                revisions.append(revision)
    return revisions


def _identity_taken(document: PatternDocument, error: IntegrityError) -> Exception:
    """A sentence for the one constraint that forms cannot rule out, because somebody may be quicker."""
    if Pattern.objects.filter(slug=document.slug).exists():
        return IdentityTaken(f"Another pattern has the slug “{document.slug}”. Choose another one.")
    if document.id and Pattern.objects.filter(identifier=document.id).exists():
        return IdentityTaken(f"Another pattern has the id “{document.id}”. Ids are never shared.")
    return error
