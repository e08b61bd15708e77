"""Recalling what was public of patterns, from the log: for snapshots made before they kept their own history."""

from __future__ import annotations

import datetime
from collections.abc import Collection, Sequence
from typing import Final, NamedTuple

from django.db.models import F, Q

from patterns_app.document.reading import read
from patterns_app.models.event import Event
from patterns_app.models.publication import LIVE, Snapshot, publication_row
from patterns_app.models.revision import Revision

_SHOWING: Final = ("publish", "approve-and-publish", "import")
"""Moves by which the newest text of a pattern that is live after them went public."""

_RESTATING: Final = ("deprecate", "restore")
"""Moves that change the status of what is public. The revision that says so is public only if the one before it was:
otherwise there are edits in it that nobody has published."""

TEXTS_AT_ONCE: Final = 20


class _Shown(NamedTuple):
    number: int
    digest: str
    status: str
    at: datetime.datetime


def recalled(pks: Sequence[int], *, until: datetime.datetime | None = None) -> dict[int, list[dict[str, str]]]:
    """`Snapshot.history` of those of the patterns that are public, as far as the log tells it for certain.

    Its last entry is what is public now, even where the log knows nothing. until: leaves out what happened then or
    later, for who has logged already what is yet to be shown. Three queries; each text that was public is read.
    """
    shown: dict[int, list[_Shown]] = {}
    events = Event.objects.filter(
        Q(move__in=(*_SHOWING, *_RESTATING)) | ~Q(to_status__in=LIVE),
        pattern__among=pks,
        at__gte=F("pattern__snapshot__first_published_at"),
    ).order_by("pattern_id", "number")
    if until is not None:
        events = events.filter(at__lt=until)
    for pk, move, status, at, number, digest in events.values_list(
        "pattern_id", "move", "to_status", "at", "revision_number", "revision_digest"
    ):
        so_far = shown.setdefault(pk or 0, [])
        if status not in LIVE:
            # What was taken back stays so.
            so_far.clear()
            continue
        if move in _RESTATING:
            if not so_far:
                continue
            public = so_far[-1]
            if number != public.number + 1:
                number, digest = public.number, public.digest
        so_far.append(_Shown(number or 0, digest, status, at))
    now = Snapshot.objects.filter(pk__among=pks).order_by()
    columns = ("pk", "revision__number", "revision__digest", "status", "published_at")
    for pk, number, digest, status, at in now.values_list(*columns):
        so_far = shown.setdefault(pk, [])
        if not so_far or so_far[-1][:3] != (number, digest, status):
            so_far.append(_Shown(number, digest, status, max([at, *(entry.at for entry in so_far)])))
    versions = _versions(pks, {entry.digest for so_far in shown.values() for entry in so_far})
    return {
        pk: [
            publication_row(entry.at, status=entry.status, version=versions.get(entry.digest, ""), digest=entry.digest)
            for entry in so_far
        ]
        for pk, so_far in shown.items()
    }


def _versions(pks: Sequence[int], digests: Collection[str]) -> dict[str, str]:
    """What the texts with these digests give as their version."""
    versions: dict[str, str] = {}
    texts = Revision.objects.filter(pattern__among=pks, digest__among=digests).order_by()
    for digest, text in texts.values_list("digest", "text").iterator(chunk_size=TEXTS_AT_ONCE):
        if digest not in versions:
            versions[digest] = read(text).document.version
    return versions
