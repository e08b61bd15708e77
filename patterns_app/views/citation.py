"""How a pattern is cited and credited: authors, year, license; the form that Creative Commons recommends."""

from __future__ import annotations

import re
from typing import Final, NamedTuple

from patterns_app.document.pattern import PatternDocument
from patterns_app.models import Snapshot
from patterns_app.views.addresses import LIBRARY, address_of

_CREATIVE_COMMONS: Final = re.compile(r"CC[- ](BY(?:[- ]NC)?(?:[- ](?:SA|ND))?)[- ](\d\.\d)(?:[- ]INTERNATIONAL)?")
_ZERO: Final = re.compile(r"CC[- ]?0(?:[- ]1\.0)?(?:[- ]UNIVERSAL)?")
WEB_ADDRESS: Final = re.compile(r"https?://[^\s<>\"{}|\\^`\x00-\x20\x7f]+")
"""An address that may stand in linked data and in a link as it is."""


class License(NamedTuple):
    """A license as people call it, and where its text is ("" where that is not known)."""

    name: str
    address: str


def license_of(document: PatternDocument) -> License | None:
    """The license that a pattern states, None where it states none."""
    said = document.license.strip()
    if not said:
        return None
    if found := _CREATIVE_COMMONS.fullmatch(said.upper()):
        terms = found[1].replace(" ", "-")
        return License(f"CC {terms} {found[2]}", f"https://creativecommons.org/licenses/{terms.lower()}/{found[2]}/")
    if _ZERO.fullmatch(said.upper()):
        return License("CC0 1.0", "https://creativecommons.org/publicdomain/zero/1.0/")
    return License(said, said if WEB_ADDRESS.fullmatch(said) else "")


def authors_of(document: PatternDocument) -> list[str]:
    """The names of who contributed, each once, in the file's order."""
    return list(dict.fromkeys(person.name for person in document.contributors))


def citation_of(snapshot: Snapshot, document: PatternDocument) -> str:
    """One line to copy: authors, year, title, version, library, address."""
    parts = [
        f"{_listed(authors_of(document))} ({snapshot.first_published_at.year}).".lstrip(),
        f"{snapshot}, version {document.version}." if document.version else f"{snapshot}.",
        f"{LIBRARY}.",
        address_of(snapshot),
    ]
    return " ".join(parts)


def credit_of(snapshot: Snapshot, document: PatternDocument) -> str:
    """Title, author, source and license in one line to copy, as Creative Commons recommends it (TASL).

    https://wiki.creativecommons.org/wiki/Recommended_practices_for_attribution
    """
    authors, license = _listed(authors_of(document)), license_of(document)
    credit = f"“{snapshot}”{f' by {authors}' if authors else ''}, {LIBRARY}, {address_of(snapshot)}"
    if license:
        credit += f", is licensed under {license.name}{f' ({license.address})' if license.address else ''}"
    attribution = document.attribution.strip()
    return f"{credit}.{f' Attribution: {attribution}' if attribution else ''}"


def _listed(names: list[str]) -> str:
    return " & ".join(part for part in (", ".join(names[:-1]), *names[-1:]) if part)
