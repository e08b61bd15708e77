"""Turtle: a concept of SKOS, described in Dublin Core terms, its text as an entity of PROV-O.

What SKOS has no word for (enables, requires, weights, tensions) has a property of the library's own.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import zip_longest
from typing import Final

from patterns_app.document.vocabulary import PILLARS, RelationshipKind
from patterns_app.models import Publication, Snapshot
from patterns_app.views.addresses import LIBRARY, address_of, iri_of, library_address
from patterns_app.views.citation import WEB_ADDRESS, license_of
from patterns_app.views.formats.lineage import in_line
from patterns_app.views.formats.record import FORMATS, MARKDOWN, Record, when

NAMESPACE: Final = "https://commons.engineering/ns/pattern#"
PREFIXES: Final = {
    "skos": "http://www.w3.org/2004/02/skos/core#",
    "dcterms": "http://purl.org/dc/terms/",
    "dc": "http://purl.org/dc/elements/1.1/",
    "prov": "http://www.w3.org/ns/prov#",
    "rdfs": "http://www.w3.org/2000/01/rdf-schema#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
    "commons": NAMESPACE,
}
SYMMETRIC: Final = (RelationshipKind.ALTERNATIVES, RelationshipKind.COMPLEMENTARY, RelationshipKind.RELATED)
"""Kinds that mean the same from both ends, which `skos:related` does."""

_BROADER, _NARROWER = RelationshipKind.GENERALIZES_FROM.value, RelationshipKind.SPECIALIZES_TO.value
_ESCAPES: Final = {
    "\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t",
    **{chr(code): f"\\u{code:04X}" for code in (*range(0x09), 0x0B, 0x0C, *range(0x0E, 0x20), 0x7F, 0x85)},
}  # fmt: skip
_ESCAPED: Final = str.maketrans(_ESCAPES)

Statement = tuple[str, str]
"""(property, object), both as Turtle writes them."""


def write(record: Record) -> str:
    """One concept. At most one query more than a record takes."""
    subject = f"<{iri_of(record.snapshot)}>"
    prefixes = "".join(f"@prefix {prefix}: <{space}> .\n" for prefix, space in PREFIXES.items())
    blocks = (
        (subject, (*_concept(record), *_provenance(record), *_relationships(record))),
        *_texts_published(record.snapshot, subject),
        (f"<{library_address()}>", [("a", "skos:ConceptScheme"), ("dcterms:title", literal(LIBRARY))]),
    )
    return prefixes + "".join(f"\n{_block(name, statements)}" for name, statements in blocks)


def literal(text: str, datatype: str = "") -> str:
    """A text in quotes, whatever is in it."""
    return f'"{text.translate(_ESCAPED)}"' + (f"^^{datatype}" if datatype else "")


def camel(name: str) -> str:
    """A name of the format as a property's: `governed_by` → `governedBy`."""
    return re.sub(r"_(\w)", lambda found: found[1].upper(), name)


def _block(subject: str, statements: Iterable[Statement]) -> str:
    grouped: dict[str, list[str]] = {}
    for name, value in statements:
        if value not in (values := grouped.setdefault(name, [])):
            values.append(value)
    lines = " ;\n".join(f"    {name} {', '.join(values)}" for name, values in grouped.items())
    return f"{subject}\n{lines} .\n"


def _node(*statements: Statement) -> str:
    return f"[ {' ; '.join(f'{name} {value}' for name, value in statements)} ]"


def _moment(at: datetime.datetime) -> str:
    return literal(at.isoformat(), "xsd:dateTime")


def _number(value: float) -> str:
    return literal(f"{value:.6f}".rstrip("0").rstrip("."), "xsd:decimal")


def _texts(name: str, *values: str) -> Iterator[Statement]:
    return ((name, literal(value)) for value in values if value)


def _concept(record: Record) -> Iterator[Statement]:
    snapshot, document = record.snapshot, record.document
    title = str(snapshot)
    yield "a", "skos:Concept, prov:Entity"
    yield "skos:inScheme", f"<{library_address()}>"
    yield "skos:prefLabel", literal(title)
    # A label is preferred or alternative, never both.
    yield from _texts("skos:altLabel", *(alias for alias in document.aliases if alias != title))
    yield from _texts("skos:definition", document.summary)
    yield from _texts("skos:notation", snapshot.slug)
    yield from _texts("commons:primaryTension", document.primary_tension)
    for audience, label in document.context_labels:
        if label:
            yield "commons:contextLabel", _node(*_texts("commons:audience", audience), *_texts("rdfs:label", label))
    yield from _texts("commons:domain", document.domain)
    yield from _texts("dc:subject", document.domain, *document.cross_domains, *document.vector_keywords)
    for name in (*PILLARS, "vitality", "overall_score", "confidence"):
        if (value := getattr(document, name)) is not None:
            yield f"commons:{camel(name)}", _number(value)


def _provenance(record: Record) -> Iterator[Statement]:
    snapshot, document = record.snapshot, record.document
    yield from _texts("dcterms:identifier", snapshot.identifier, snapshot.urn)
    yield from _texts("dcterms:title", str(snapshot))
    for person in document.contributors:
        said = (("a", "prov:Agent"), *_texts("rdfs:label", person.name), *_texts("commons:role", person.role))
        yield "dcterms:creator", _node(*said)
    if license := license_of(document):
        yield from [("dcterms:license", f"<{license.address}>")] if license.address else []
        yield from _texts("dc:rights", license.name)
    yield from _texts("dcterms:bibliographicCitation", document.attribution)
    for source in document.sources:
        if WEB_ADDRESS.fullmatch(source):
            yield "dcterms:source", f"<{source}>"
        else:
            yield from _texts("dc:source", source)
    if document.created:
        yield "dcterms:created", _date(document.created)
    yield "dcterms:issued", _moment(snapshot.first_published_at)
    yield "dcterms:modified", _moment(snapshot.published_at)
    yield from _texts("commons:version", document.version)
    yield from _texts("commons:collection", document.collection)
    yield from _texts("commons:status", snapshot.status)
    if record.successor:
        yield "dcterms:isReplacedBy", f"<{iri_of(record.successor)}>"
    yield "dcterms:hasFormat", ", ".join(f"<{entry.address_of(snapshot)}>" for entry in FORMATS)
    page = address_of(snapshot)
    if page != iri_of(snapshot):
        yield "rdfs:seeAlso", f"<{page}>"


def _texts_published(snapshot: Snapshot, subject: str) -> Iterator[tuple[str, list[Statement]]]:
    """Each text that was public, newest first: that one at its address, those that it revises under names."""
    texts = _different(snapshot.publications)
    names = [f"<{iri_of(snapshot)}#publication-{text.number}>" for text in texts]
    names[:1] = [f"<{MARKDOWN.address_of(snapshot)}>"]
    for name, text, earlier in zip_longest(names, texts, names[1:]):
        said = [
            ("a", "prov:Entity"),
            ("prov:specializationOf", subject),
            ("prov:generatedAtTime", _moment(text.at)),
            *_texts("commons:version", text.version),
            ("commons:sha256", literal(text.digest, "xsd:hexBinary")),
            ("dcterms:format", literal(MARKDOWN.media_type)),
        ]
        yield name, [*said, ("prov:wasRevisionOf", earlier)] if earlier else said


def _different(publications: Sequence[Publication]) -> list[Publication]:
    """Those with another text than the one before them. Newest first, as they are given."""
    before = [entry.digest for entry in publications[1:]]
    return [entry for entry, digest in zip_longest(publications, before) if entry.digest != digest]


def _relationships(record: Record) -> Iterator[Statement]:
    """Relationships to public patterns other than itself, in SKOS as far as it goes, and with kind and weight."""
    links = [
        (entry, target)
        for entry in record.document.relationships
        if (target := record.targets.get(entry.target)) and target.pk != record.snapshot.pk
    ]
    # SKOS holds broader and narrower, at whatever distance, against `related` (S27).
    apart = in_line(record.snapshot.pk, {target.pk for entry, target in links if entry.kind in SYMMETRIC})
    for entry, target in links:
        name = f"<{iri_of(target)}>"
        if entry.kind == _BROADER:
            yield "skos:broader", name
        elif entry.kind == _NARROWER:
            yield "skos:narrower", name
        elif entry.kind in SYMMETRIC and target.pk not in apart:
            yield "skos:related", name
        yield f"commons:{camel(entry.kind)}", name
        if entry.weight is not None or entry.description:
            said = [("commons:kind", literal(entry.kind)), ("commons:target", name)]
            if entry.weight is not None:
                said.append(("commons:weight", _number(entry.weight)))
            yield "commons:relationship", _node(*said, *_texts("rdfs:comment", entry.description))


def _date(said: str) -> str:
    at = when(said)
    if at is None:
        return literal(said)
    return literal(at.isoformat(), "xsd:dateTime" if isinstance(at, datetime.datetime) else "xsd:date")
