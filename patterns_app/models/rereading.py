"""Reading every text again after the way of reading has changed (`READING` in `document.pattern`).

Rows made by an older version do not say what a newer one finds in the same texts. Taken for edits, that difference
would be written into the texts and delete what is new there; so whoever compares rows with texts asks here first.
"""

from __future__ import annotations

from collections.abc import Callable

from django.db import transaction
from django.db.models import QuerySet

from patterns_app.document.pattern import READING
from patterns_app.document.problems import count_of
from patterns_app.document.reading import read
from patterns_app.models.bulk import chunks, update_rows
from patterns_app.models.pattern import Pattern
from patterns_app.models.revision import Revision
from patterns_app.models.working_copy import Change, NameBook, write_rows

BATCH = 200


class ReadingOutdated(Exception):
    """Rows were made by an older version of the program."""

    def __init__(self) -> None:
        super().__init__(
            "The program now reads more from the pattern files than the database holds. "
            "Run `manage.py reread_patterns` once; nothing was done."
        )


def outdated() -> QuerySet[Pattern]:
    """Patterns whose rows were made by another way of reading."""
    return Pattern.objects.exclude(head__fingerprint__startswith=f"{READING:02x}")


def ensure_current() -> None:
    """Raise `ReadingOutdated` if there are such patterns. One query."""
    if outdated().exists():
        raise ReadingOutdated


def reread(advance: Callable[[int], None] = lambda count: None) -> int:
    """Make the rows of outdated patterns say what their texts say now; the number of patterns.

    Texts and history stay as they are. A transaction for each 200 patterns; killed in between, it goes on next time.
    """
    book = NameBook()
    pks = list(outdated().order_by("pk").values_list("pk", flat=True))
    for group in chunks(pks, BATCH):
        with transaction.atomic():
            changes, fingerprints, changed_at = [], [], []
            heads = Pattern.objects.select_for_update(of=("self",)).filter(pk__in=group).order_by("pk")
            for pk, slug, head, text, at in heads.values_list("pk", "slug", "head_id", "head__text", "changed_at"):
                reading = read(text, name=slug)
                changes.append(Change(pk, reading.document, head, count_of(reading.problems)))
                fingerprints.append((reading.document.fingerprint(), head))
                changed_at.append((at, pk))
            write_rows(changes, at=at, book=book)
            # Nobody changed anything.
            update_rows(Pattern, ("changed_at",), changed_at)
            update_rows(Revision, ("fingerprint",), fingerprints)
        advance(len(group))
    return len(pks)
