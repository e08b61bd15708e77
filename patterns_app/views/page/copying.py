"""What a reader takes along from a public page: credit, citation, and the pattern in other formats."""

from __future__ import annotations

from html import escape
from typing import NamedTuple

from django.utils.safestring import SafeString, mark_safe

from patterns_app.document.pattern import PatternDocument
from patterns_app.views.addresses import address_of, permanent_address_of
from patterns_app.views.citation import citation_of, credit_of, license_of
from patterns_app.views.formats import bibtex
from patterns_app.views.formats.record import FORMATS, MARKDOWN, Record
from patterns_app.views.page.records import PageRecord
from patterns_app.views.routes import path_of


class Copying(NamedTuple):
    """Texts to copy, and addresses. alternates, formats: HTML for the head and for a list; safe."""

    address: str
    permanent_address: str
    permanent_path: str
    path: str
    source_path: str
    digest: str
    license_address: str
    alternates: SafeString
    formats: SafeString
    credit: str
    citation: str
    bibtex: str
    csl: str


def copying_of(record: PageRecord, document: PatternDocument) -> Copying:
    """What to copy of a public pattern. No query."""
    snapshot = record.snapshot
    cited = Record(snapshot, document, {}, None)
    license = license_of(document)
    path = path_of("pattern", snapshot.slug)
    # As `Format.path_of` has them, without seven times `reverse`.
    stem = escape(path.removesuffix("/"))
    alternates = "".join(
        f'\n  <link rel="alternate" type="{entry.media_type}" title="{entry.label}" href="{stem}.{entry.suffix}">'
        for entry in FORMATS
    )
    formats = "".join(
        f'<li><a href="{stem}.{entry.suffix}" type="{entry.media_type}">{entry.label}</a></li>' for entry in FORMATS
    )
    permanent_address = permanent_address_of(snapshot)
    return Copying(
        address_of(snapshot),
        permanent_address,
        path_of("permanent", snapshot.identifier) if permanent_address else "",
        path,
        f"{path.removesuffix('/')}.{MARKDOWN.suffix}",
        record.digest,
        license.address if license else "",
        mark_safe(alternates),  # noqa: S308 # the path in them is escaped
        mark_safe(formats),  # noqa: S308
        credit_of(snapshot, document),
        citation_of(snapshot, document),
        bibtex.write(cited),
        bibtex.write_csl(cited),
    )
