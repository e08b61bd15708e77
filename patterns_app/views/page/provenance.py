"""Where a pattern comes from: contributors, sources and dates in the file's own words, and what was public when."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from html import escape

from patterns_app.document.pattern import PatternDocument
from patterns_app.models import Facet, Snapshot
from patterns_app.views.citation import WEB_ADDRESS, license_of
from patterns_app.views.page.lists import Named, Past, Source, people_line
from patterns_app.views.routes import list_path


def facts_of(document: PatternDocument, snapshot: Snapshot | None, status: str) -> Iterator[tuple[str, str]]:
    """(what, safe HTML) of all that is known, in the order in which it is read."""
    if document.contributors:
        people = [
            Named(person.name, list_path(Facet.CONTRIBUTOR, person.name), person.role)
            for person in document.contributors
        ]
        yield "Contributors", people_line(people)
    if license := license_of(document):
        name = escape(license.name)
        yield "Licence", f'<a rel="license" href="{escape(license.address)}">{name}</a>' if license.address else name
    yield "Attribution", escape(document.attribution)
    yield "Version", escape(document.version)
    yield "Status", escape(status)
    if snapshot is not None:
        yield "First published", _day(snapshot.first_published_at)
        yield "Last published", _day(snapshot.published_at)
    yield "Created", escape(_trimmed(document.created))
    yield "Modified", escape(_trimmed(document.modified))
    if document.id:
        yield "Id", f"<code>{escape(document.id)}</code>"


def past_of(snapshot: Snapshot) -> list[Past]:
    """Each time that the pattern was published, newest first."""
    return [
        Past(entry.number, _day(entry.at), entry.occasion.label, entry.version, entry.digest)
        for entry in snapshot.publications
    ]


def sources_of(document: PatternDocument) -> list[Source]:
    """The sources, with the first web address of each."""
    return [_source(text) for text in document.sources]


def _source(text: str) -> Source:
    found = WEB_ADDRESS.search(text)
    if found is None:
        return Source(text, "", "")
    # A full stop or a bracket behind an address is the sentence's.
    address = found[0].rstrip(".,;:!?)]'’”")
    return Source(text[: found.start()], address, text[found.start() + len(address) :])


def _day(at: datetime.datetime) -> str:
    # In the time zone of the site, which is UTC; a template's filter takes longer than a query.
    return f'<time datetime="{at:%Y-%m-%d}">{at.day} {at:%B %Y}</time>'


def _trimmed(said: str) -> str:
    """A date as a file says it, without a midnight that says nothing."""
    return said.strip().removesuffix("+00:00").removesuffix(" 00:00:00")
