"""One change to one text, and everything that must be true of it afterwards."""

from __future__ import annotations

from collections import Counter
from functools import lru_cache
from typing import Any

from patterns_app.document.dialects import Field, Path, Shape
from patterns_app.document.extents import value_of
from patterns_app.document.reading import Reading, other_keys, read
from patterns_app.document.writing import EditRefused, write
from tests.document import oracle
from tests.document.strategies import identity, is_list, with_value

_read = lru_cache(maxsize=4)(read)


def change(text: str, spec: Field, value: Any) -> str | EditRefused:
    """The text with one field changed, or why it was refused.

    Fails if the result says anything else than the old document with that one field changed, if a line outside the
    field is not what it was, if a comment has gone with something that stays, or if changing the value back does not
    give the first bytes.
    """
    reading = _read(text)
    document = reading.document
    wanted = with_value(document, spec, value)
    try:
        result = write(text, wanted)
    except EditRefused as refusal:
        return refusal
    said = read(result)
    assert said.document == wanted
    assert said.document.fingerprint() == wanted.fingerprint()
    if wanted == document:
        assert result == text
        return result
    place = next((path for path in spec.places if oracle.extent(text, path)), None)
    assert_only_its_lines_changed(text, result, spec, place)
    path = place or spec.places[0]
    assert oracle.without(oracle.loaded(result), path) == oracle.without(oracle.loaded(text), path)
    assert _others(said) == _others(reading)
    if not is_list(spec) or set(map(identity(spec), value_of(document, spec))) <= set(map(identity(spec), value)):
        assert_nothing_goes_with_what_stays(text, result, spec, place)
    assert not oracle.comments(result) - oracle.comments(text)
    if not reading.is_refused:
        assert write(result, document, precedents=[text]) == text
    return result


def _others(reading: Reading) -> list[tuple[str, str]]:
    return [(key.path, key.source) for key in other_keys(reading)]


def assert_only_its_lines_changed(text: str, result: str, spec: Field, place: Path | None) -> None:
    """Every line before and after the field's own is there, in order, to the byte."""
    old, new = oracle.lines_of(text), oracle.lines_of(result)
    if place:
        own = oracle.extent(text, place)
        assert own is not None
        above, below = own[0], len(old) - own[1]
        assert new[:above] == old[:above]
        assert len(new) >= above + below
        assert new[len(new) - below :] == old[len(old) - below :]
        return
    same_above = next((n for n, pair in enumerate(zip(old, new, strict=False)) if pair[0] != pair[1]), len(old))
    same_below = next(
        (n for n, pair in enumerate(zip(old[::-1], new[::-1], strict=False)) if pair[0] != pair[1]), len(old)
    )
    if same_above + same_below >= len(old):
        return  # lines were added, and nothing else
    # An empty container was filled, or a field put between the brackets of one.
    host = oracle.host(text, spec.places[0])
    assert host is not None
    assert same_above >= host[0]
    assert same_below >= len(old) - host[1]


# What is read of an entry; relationships keep every other text as well.
_READ = {
    Shape.ENTITIES: {"id", "type", "label", "relevance"},
    Shape.COMMUNITIES: {"id", "label", "source", "confidence"},
    Shape.INFERRED_LINKS: {"target", "slug", "id", "type", "confidence", "strength", "reason"},
    Shape.CONTRIBUTORS: {"name", "handle", "id", "role"},
}


def assert_nothing_goes_with_what_stays(text: str, result: str, spec: Field, place: Path | None) -> None:
    """No comment is lost, and no part of an entry that nobody reads, where no entry was taken out."""
    assert not oracle.comments(text) - oracle.comments(result)
    if place and spec.shape in (*_READ, Shape.RELATIONSHIPS):
        before, after = (_unread(oracle.at(oracle.loaded(said), place), spec) for said in (text, result))
        assert before <= after


def _unread(entries: Any, spec: Field) -> Counter[str]:
    read = _READ.get(spec.shape)
    return Counter(
        f"{key}: {value}"
        for entry in (entries if isinstance(entries, list) else [])
        if isinstance(entry, dict)
        for key, value in entry.items()
        if (key not in read if read else isinstance(value, dict | list))
    )
