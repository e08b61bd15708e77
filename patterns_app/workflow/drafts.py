"""The doors through which editors change what a pattern says: each writes text, revision and rows, or nothing."""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from typing import TYPE_CHECKING

from django.db import IntegrityError, transaction

from patterns_app.document.layout import lay_out
from patterns_app.document.pattern import PatternDocument
from patterns_app.document.problems import Severity, count_of
from patterns_app.document.reading import Reading, read
from patterns_app.document.vocabulary import status_of
from patterns_app.document.writing import EditRefused, write
from patterns_app.models import LIVE, Pattern, Revision
from patterns_app.models.bulk import wait_for_turn
from patterns_app.models.recording import Recorded, Signature, record
from patterns_app.models.rereading import ReadingOutdated, outdated
from patterns_app.models.revision import Origin
from patterns_app.models.working_copy import Change, NameBook, documents_of, write_rows
from patterns_app.publishing import retract_many

if TYPE_CHECKING:
    from django.contrib.auth.models import AbstractBaseUser

PRECEDENTS = 10
"""How many earlier texts a save looks at for the spelling of values that go back to what they were."""


class StaleDraft(Exception):
    """Somebody saved the pattern after it was opened; saving now would undo that unseen."""

    def __init__(self, pattern: Pattern) -> None:
        super().__init__(
            f"“{pattern}” was saved by somebody else after you opened it. Nothing of yours was saved yet, and nothing "
            "is lost: below is what differs. Choose, and save once more."
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
    said = usable(text)
    recorded = Recorded(None, text, said.document, problems=count_of(said.problems))
    try:
        with transaction.atomic():
            wait_for_turn()
            [(pk, _)] = record([recorded], Signature(at, Origin.ADMIN, author, note), book=NameBook())
            if author is not None:
                Pattern.objects.filter(pk=pk).update(owner=author.pk)
    except IntegrityError as error:
        raise identity_taken(document, None, error) from error
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
    editor saw; another head raises `StaleDraft`. Also raises `ReadingOutdated`, `EditRefused` and `IdentityTaken`; in
    each case nothing was written.
    """
    try:
        with transaction.atomic():
            wait_for_turn()
            # The lock (SQLite: the IMMEDIATE transaction) makes a second save wait here and then find another head.
            locked = Pattern.objects.select_for_update(of=("self",)).get(pk=pattern.pk)
            if expected_head is not None and locked.head_id != expected_head:
                raise StaleDraft(locked)
            if outdated().filter(pk=locked.pk).exists():
                # What the rows lack was never taken out by anybody.
                raise ReadingOutdated
            base, earlier = head_and_precedents(locked)
            before = read(base, name=locked.slug).document
            if origin is not Origin.ROWS and status_of(document.status) is not status_of(before.status):
                raise EditRefused("status", "a status is moved, not edited. Somebody may have moved it meanwhile.")
            text = write(base, document, name=locked.slug, precedents=earlier)
            if text == base:
                return None
            said = usable(text, name=locked.slug)
            recorded = Recorded(locked.pk, text, said.document, problems=count_of(said.problems))
            [(_, head)] = record(
                [recorded],
                Signature(at, origin, author, note),
                book=NameBook(),
                fields=frozenset(said.document.differs_from(before)),
                before=[before],
            )
    except IntegrityError as error:
        raise identity_taken(document, pattern.pk, error) from error
    pattern.refresh_from_db()
    return Revision.objects.get(pk=head)


def usable(text: str, *, name: str = "") -> Reading:
    """What a text says. Raises `EditRefused` for one that an import would not let in (a slug that is no address)."""
    reading = read(text, name=name)
    for problem in reading.problems:
        if problem.severity is Severity.ERROR:
            raise EditRefused(problem.key, problem.message)
    return reading


def drafted(pk: int, document: PatternDocument) -> str:
    """The text that `save_draft` would record. Two queries. Raises `EditRefused`."""
    pattern = Pattern.objects.get(pk=pk)
    base, earlier = head_and_precedents(pattern)
    text = write(base, document, name=pattern.slug, precedents=earlier)
    usable(text, name=pattern.slug)
    return text


def head_and_precedents(pattern: Pattern) -> tuple[str, list[str]]:
    """The head's text, and earlier ones, newest first. One query."""
    revisions = Revision.objects.filter(pattern=pattern.pk).order_by("-number")
    texts = list(revisions.values_list("pk", "text")[: PRECEDENTS + 1])
    return next(text for pk, text in texts if pk == pattern.head_id), [
        text for pk, text in texts if pk != pattern.head_id
    ]


def record_rows(pks: Iterable[int], *, at: datetime.datetime, author: AbstractBaseUser | None = None) -> list[Revision]:
    """Take what rows say that were changed without a door (a script, the shell) into texts and history.

    Thirteen queries to find out, and a save for each pattern whose rows had parted from its text. Raises `EditRefused`.
    """
    revisions = []
    for pk in parted(list(pks)):
        with transaction.atomic():
            wait_for_turn()
            # Locked before it is looked at again: somebody may be saving it.
            pattern = Pattern.objects.select_for_update(of=("self",)).get(pk=pk)
            for document in parted([pk]).values():
                revision = save_draft(
                    pattern,
                    document=document,
                    author=author,
                    at=at,
                    origin=Origin.ROWS,
                    note="Rows were changed without a door.",
                )
                _rewrite_rows(pattern, at)
                if revision:
                    revisions.append(revision)
                if pattern.status not in LIVE:
                    retract_many([pattern.pk])
    return revisions


def parted(pks: list[int]) -> dict[int, PatternDocument]:
    """What the rows say of those patterns whose rows do not say what their heads' texts say."""
    heads = dict(Pattern.objects.filter(pk__among=pks).order_by().values_list("pk", "head__fingerprint"))
    return {pk: document for pk, document in documents_of(pks).items() if document.fingerprint() != heads[pk]}


def _rewrite_rows(pattern: Pattern, at: datetime.datetime) -> None:
    """Make rows say what the head's text says where they still do not: a body cut into other sections, say."""
    if parted([pattern.pk]):
        head, text = Pattern.objects.values_list("head_id", "head__text").get(pk=pattern.pk)
        said = read(text, name=pattern.slug)
        write_rows([Change(pattern.pk, said.document, head, count_of(said.problems))], at=at, book=NameBook())


def identity_taken(document: PatternDocument, pk: int | None, error: IntegrityError) -> Exception:
    """A sentence for the one constraint that forms cannot rule out, because somebody may be quicker."""
    others = Pattern.objects.all() if pk is None else Pattern.objects.exclude(pk=pk)
    if others.filter(slug=document.slug).exists():
        return IdentityTaken(f"Another pattern has the slug “{document.slug}”. Choose another one.")
    if document.id and others.filter(identifier=document.id).exists():
        return IdentityTaken(f"Another pattern has the id “{document.id}”. Ids are never shared.")
    return error
