"""One change to one text, and everything that must be true of it afterwards."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from patterns_app.document.dialects import Field, Path
from patterns_app.document.reading import Reading, other_keys, read
from patterns_app.document.writing import EditRefused, value_of, write
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
    assert_comments_stay(text, result, spec, value_of(document, spec), value)
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


def assert_comments_stay(text: str, result: str, spec: Field, before: Any, after: Any) -> None:
    """No comment is made up, and none is lost but with an entry that was taken out."""
    old, new = oracle.comments(text), oracle.comments(result)
    assert not new - old
    stays = not is_list(spec) or set(map(identity(spec), before)) <= set(map(identity(spec), after))
    assert not stays or not old - new
