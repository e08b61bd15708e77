"""What somebody typed, or wrote into an address, as a database can be asked for it."""

from __future__ import annotations


def storable(text: str) -> str:
    """A text without what no database takes, not even to compare with, and without space around it.

    PostgreSQL takes no NUL, which parts words here; neither engine takes half a surrogate pair.
    """
    return _taken(text).strip()


def is_storable(text: str) -> bool:
    """Whether a database can be asked for a text as it stands."""
    return _taken(text) == text


def _taken(text: str) -> str:
    return text.encode(errors="replace").decode().replace("\0", " ")
