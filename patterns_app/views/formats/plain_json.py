"""JSON: every field of the document under the format's own names, with addresses."""

from __future__ import annotations

import json
from typing import Any, Final

from patterns_app.document.pattern import FIELD_NAMES
from patterns_app.document.vocabulary import RelationshipKind
from patterns_app.models import Publication, Snapshot
from patterns_app.views.addresses import address_of, permanent_address_of
from patterns_app.views.citation import license_of
from patterns_app.views.formats.record import FORMATS, Record

_LABELS: Final = {kind.value: kind.label for kind in RelationshipKind}


def write(record: Record) -> str:
    """Indented, for people who look at it."""
    return json.dumps(as_data(record), ensure_ascii=False, indent=2) + "\n"


def write_line(record: Record) -> str:
    """The same in one line."""
    return json.dumps(as_data(record), ensure_ascii=False, separators=(",", ":")) + "\n"


def as_data(record: Record) -> dict[str, Any]:
    """What both say. `pattern` beside a link is what it leads to, null where nothing public has that name."""
    snapshot, document = record.snapshot, record.document
    said: dict[str, Any] = {name: _plain(getattr(document, name)) for name in FIELD_NAMES}
    for entry in said["relationships"]:
        entry["reads"] = _LABELS.get(entry["kind"], entry["kind"])
        entry["facts"] = dict(entry["facts"])
    for entry in (*said["relationships"], *said["inferred_links"]):
        target = record.targets.get(entry["target"])
        entry["pattern"] = _named(target) if target else None
    license = license_of(document)
    return {
        "address": address_of(snapshot),
        "permanent_address": permanent_address_of(snapshot) or None,
        "public_status": snapshot.status,
        "successor": _named(record.successor) if record.successor else None,
        "first_published_at": snapshot.first_published_at.isoformat(),
        "published_at": snapshot.published_at.isoformat(),
        "sha256": snapshot.revision.digest,
        "publications": [_publication(entry) for entry in snapshot.publications],
        "license_address": (license.address if license else "") or None,
        "formats": {entry.suffix: entry.address_of(snapshot) for entry in FORMATS},
        **said,
    }


def _publication(entry: Publication) -> dict[str, Any]:
    return {
        "number": entry.number,
        "at": entry.at.isoformat(),
        "occasion": entry.occasion.value,
        "status": entry.status,
        "version": entry.version,
        "sha256": entry.digest,
    }


def _named(snapshot: Snapshot) -> dict[str, str]:
    return {"slug": snapshot.slug, "title": str(snapshot), "address": address_of(snapshot)}


def _plain(value: Any) -> Any:
    if not isinstance(value, tuple):
        return value
    return [entry._asdict() if hasattr(entry, "_asdict") else entry for entry in value]
