"""BibTeX, for bibtex and biber; and the same for citation managers as CSL-JSON."""

from __future__ import annotations

import hashlib
import json
import re
import unicodedata
from typing import Any, Final

from patterns_app.views.addresses import LIBRARY, address_of
from patterns_app.views.citation import authors_of, license_of
from patterns_app.views.formats.record import Record

# Braces are counted even behind a backslash, so a lone one must go by its name.
_SPECIAL: Final = {
    "\\": r"\textbackslash{}",
    "{": r"\textbraceleft{}",
    "}": r"\textbraceright{}",
    "^": r"\textasciicircum{}",
    "~": r"\textasciitilde{}",
    **{sign: f"\\{sign}" for sign in "$&#%_"},
}
_ESCAPES: Final = str.maketrans(_SPECIAL)
_MONTHS: Final = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")


def write(record: Record) -> str:
    """One entry."""
    snapshot, document = record.snapshot, record.document
    published, license = snapshot.first_published_at, license_of(document)
    fields = {
        # The second pair of braces keeps the title's capitals, and an author's name in one piece.
        "title": f"{{{escaped(str(snapshot))}}}",
        "author": " and ".join(f"{{{escaped(name)}}}" for name in authors_of(document)),
        "year": str(published.year),
        "month": _MONTHS[published.month - 1],
        "howpublished": LIBRARY,
        "url": address_of(snapshot),
        "version": escaped(document.version),
        "abstract": escaped(document.summary),
        "note": escaped(document.attribution),
        "copyright": escaped(license.name if license else ""),
    }
    lines = [f"  {name} = {value if name == 'month' else f'{{{value}}}'}," for name, value in fields.items() if value]
    return "\n".join((f"@misc{{{key_of(snapshot.slug)},", *lines, "}", ""))


def escaped(text: str) -> str:
    """A text that stands for itself between braces."""
    printable = "".join(sign if sign.isprintable() else " " for sign in text)
    return " ".join(printable.split()).translate(_ESCAPES)


def key_of(slug: str) -> str:
    """A key that every version of BibTeX can read, made of the slug: another one for each slug.

    >>> key_of("tool-library")
    'tool-library'
    >>> key_of("Café {2}")
    'Cafe-2-b40b01'
    """
    plain = unicodedata.normalize("NFKD", slug).encode("ascii", "ignore").decode()
    key = re.sub(r"[^A-Za-z0-9]+", "-", plain).strip("-") or "pattern"
    # What the key leaves out of a slug, or BibTeX out of a key (case), may be all in which two slugs differ.
    return key if key == slug == slug.lower() else f"{key}-{hashlib.sha256(slug.encode()).hexdigest()[:6]}"


def write_csl(record: Record) -> str:
    """An array of one item, as citation processors read it."""
    snapshot, document = record.snapshot, record.document
    published, license = snapshot.first_published_at, license_of(document)
    item: dict[str, Any] = {
        "id": snapshot.slug,
        "type": "webpage",
        "title": str(snapshot),
        "author": [{"literal": name} for name in authors_of(document)],
        "issued": {"date-parts": [[published.year, published.month, published.day]]},
        "URL": address_of(snapshot),
        "container-title": LIBRARY,
        "collection-title": document.collection,
        "version": document.version,
        "abstract": document.summary,
        "keyword": ", ".join(document.vector_keywords),
        "note": ". ".join(part for part in (document.attribution, license.name if license else "") if part),
    }
    return json.dumps([{name: value for name, value in item.items() if value}], ensure_ascii=False, indent=2) + "\n"
