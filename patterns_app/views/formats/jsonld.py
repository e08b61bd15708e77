"""JSON-LD: a term of schema.org in the library's set of terms.

The context is written out, so that the data expands without asking another host.
"""

from __future__ import annotations

import datetime
import json
from typing import Any, Final

from patterns_app.document.pattern import Contributor
from patterns_app.models import Snapshot
from patterns_app.views.addresses import LIBRARY, address_of, iri_of, library_address
from patterns_app.views.citation import WEB_ADDRESS, license_of
from patterns_app.views.formats.record import FORMATS, Record, when

_DATE: Final = {"@type": "https://schema.org/Date"}
_MOMENT: Final = {"@type": "https://schema.org/DateTime"}
CONTEXT: Final[dict[str, Any]] = {
    "@vocab": "https://schema.org/",
    **{name: {"@type": "@id"} for name in ("url", "license", "contentUrl", "sameAs")},
    **dict.fromkeys(("datePublished", "dateModified"), _MOMENT),
    "dateCreated": _DATE,
    # schema.org has `supersededBy` for classes, properties and enumerations only.
    "isReplacedBy": {"@id": "http://purl.org/dc/terms/isReplacedBy"},
}


def write(record: Record) -> str:
    """A `DefinedTerm` that is a `CreativeWork` as well, which is what has authors and a license."""
    snapshot, document = record.snapshot, record.document
    license, created = license_of(document), when(document.created)
    said: dict[str, Any] = {
        "@context": {**CONTEXT, "dateCreated": _MOMENT} if isinstance(created, datetime.datetime) else CONTEXT,
        "@id": iri_of(snapshot),
        "@type": ["DefinedTerm", "CreativeWork"],
        "name": str(snapshot),
        "alternateName": list(document.aliases),
        "description": document.summary,
        "termCode": snapshot.slug,
        "identifier": [identifier for identifier in (snapshot.identifier, snapshot.urn) if identifier],
        "url": address_of(snapshot),
        "inDefinedTermSet": {
            "@id": library_address(),
            "@type": "DefinedTermSet",
            "name": LIBRARY,
            "url": library_address().partition("#")[0],
        },
        "about": [domain for domain in (document.domain, *document.cross_domains) if domain],
        "keywords": list(document.vector_keywords),
        "creator": [_person(person) for person in document.contributors],
        "license": (license.address or None) if license else None,
        "creditText": document.attribution,
        "copyrightNotice": license.name if license else "",
        "datePublished": snapshot.first_published_at.isoformat(),
        "dateModified": snapshot.published_at.isoformat(),
        "dateCreated": created.isoformat() if created else "",
        "version": document.version,
        "creativeWorkStatus": snapshot.status,
        "citation": [
            {"@type": "CreativeWork", "url": source} if WEB_ADDRESS.fullmatch(source) else source
            for source in document.sources
        ],
        "mentions": [_term(target) for target in _linked(record)],
        "encoding": [
            {"@type": "MediaObject", "encodingFormat": entry.media_type, "contentUrl": entry.address_of(snapshot)}
            for entry in FORMATS
        ],
    }
    if record.successor:
        said["isReplacedBy"] = _term(record.successor)
    return json.dumps({name: value for name, value in said.items() if value}, ensure_ascii=False, indent=2) + "\n"


def _linked(record: Record) -> list[Snapshot]:
    """Public patterns that people related this one to, each once, in the file's order."""
    found = {
        target.pk: target
        for entry in record.document.relationships
        if (target := record.targets.get(entry.target)) and target.pk != record.snapshot.pk
    }
    return list(found.values())


def _term(snapshot: Snapshot) -> dict[str, str]:
    return {"@id": iri_of(snapshot), "@type": "DefinedTerm", "name": str(snapshot), "url": address_of(snapshot)}


def _person(person: Contributor) -> dict[str, Any]:
    agent = {"@type": "Person", "name": person.name}
    # schema.org says what somebody did by a role in between.
    return {"@type": "Role", "roleName": person.role, "creator": agent} if person.role else agent
