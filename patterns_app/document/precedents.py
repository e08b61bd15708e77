"""Going back: edits that spell a field as an earlier text of the same pattern did, and take no later comment out."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

from yaml import ScalarNode

from patterns_app.document.dialects import Field
from patterns_app.document.extents import COMMENT, asides_of, extent_of, inserted, mappings_of, value_of
from patterns_app.document.frontmatter import (
    Entry,
    content_end,
    entries,
)
from patterns_app.document.reading import Reading, Unreadable, read
from patterns_app.document.splicing import (
    CannotSplice,
    Edit,
    after_colon,
    line_start,
    next_line,
    remove_keys,
    unified,
)
from patterns_app.document.values import Place


class Precedents:
    """Earlier texts, read when first asked for."""

    def __init__(self, texts: Sequence[str], name: str) -> None:
        self._texts = texts
        self._name = name
        self._readings: dict[int, Reading | None] = {}

    def readings(self) -> Iterator[Reading]:
        for number, text in enumerate(self._texts):
            if number not in self._readings:
                try:
                    self._readings[number] = read(text, name=self._name)
                except Unreadable:
                    self._readings[number] = None
            if (reading := self._readings[number]) is not None:
                yield reading

    def saying(self, spec: Field, value: Any) -> Iterator[Reading]:
        """Readings of the earlier texts in which the field has the value."""
        return (reading for reading in self.readings() if value_of(reading.document, spec) == value)


def as_before(reading: Reading, precedent: Reading, spec: Field) -> list[Edit]:
    """Edits that spell a field as an earlier text did; none where that would take a later comment out."""
    place, before = reading.places.get((spec.name, spec.kind)), precedent.places.get((spec.name, spec.kind))
    if place is None:
        return _reinserted(reading, precedent, before) if before is not None else []
    if before is None:
        return _removal(reading, precedent, place)
    if place.path != before.path:
        return []
    return _restored(reading, (place.key, place.value), precedent, (before.key, before.value))


def _reinserted(reading: Reading, precedent: Reading, before: Place) -> list[Edit]:
    """Edits that put a key back that was taken out since, with its value as it stood."""
    mapping = mappings_of(reading).get(before.path[:-1])
    if mapping is None or mapping.flow_style or not mapping.value:
        return []
    low, high = (
        after_colon(before.key, precedent.front.yaml),
        extent_of((before.key, before.value), precedent.front.yaml)[1],
    )
    text = unified(precedent.front.yaml[low:high])

    def render(column: int, flow: bool) -> str:
        if column != before.key.start_mark.column:
            raise CannotSplice("the key would stand elsewhere")
        return text

    try:
        return inserted(reading, mapping, before.path, render)
    except CannotSplice:
        return []


def _restored(reading: Reading, entry: Entry, precedent: Reading, before: Entry) -> list[Edit]:
    """Edits that put a key and value back as they stood in an earlier text."""
    source, earlier = reading.front.yaml, precedent.front.yaml
    if entry[0].start_mark.column != before[0].start_mark.column:
        return []
    start, end = extent_of(entry, source)
    low, high = extent_of(before, earlier)
    is_list = not isinstance(entry[1], ScalarNode) or not isinstance(before[1], ScalarNode)
    in_source, in_earlier = Counter(COMMENT.findall(source)), Counter(COMMENT.findall(earlier))
    for wider, earlier_wider in (_unlike_end(source, end, earlier, high), (end, high)):
        now, blank_now = asides_of(entry, source, end=wider)
        then, blank_then = asides_of(before, earlier, end=earlier_wider)
        # A list's change may have taken comments with it. What was added later must never go, and what has only
        # moved (behind a key put in since) must not come twice.
        is_kept = now <= then if is_list else now == then
        is_new = all(in_source[aside] + count <= in_earlier[aside] for aside, count in (then - now).items())
        if is_kept and is_new and blank_now <= blank_then:
            text = earlier[low:earlier_wider]
            verbatim = reading.front.newline == precedent.front.newline
            return [Edit(start, wider, text if verbatim else unified(text), verbatim)]
    return []


def _unlike_end(source: str, end: int, earlier: str, high: int) -> tuple[int, int]:
    """The ends of two values, with what is behind and below them as far as it differs: line endings, comments, blanks.

    It may have moved there from within the value, or have gone with its last entry.
    """
    behind = (_BEHIND.match(source, end), _BEHIND.match(earlier, high))
    now, then = (_LINES.findall(match[0]) if match else [] for match in behind)
    while len(now) > 1 and len(then) > 1 and now[-1] == then[-1]:
        del now[-1], then[-1]
    return (end, high) if now == then else (end + len("".join(now)), high + len("".join(then)))


# The rest of a line, and the lines of comment below it.
_BEHIND = re.compile(r"[^\r\n]*(?:(?:\r\n|\n|\r)(?:[ \t]*+(?:#[^\r\n]*+)?(?=[\r\n]|\Z))?)*")
_LINES = re.compile(r"[^\r\n]*(?:\r\n|\n|\r)|[^\r\n]+")


def _removal(reading: Reading, precedent: Reading, place: Place) -> list[Edit]:
    """Take out a key that the earlier text did not have, with the containers that were made for it."""
    front = reading.front
    now, was = mappings_of(reading), mappings_of(precedent)
    path = place.path
    while len(path) > 1 and len(now[path[:-1]].value) == 1 and not (path[:-1] in was and was[path[:-1]].value):
        path = path[:-1]
    mapping = now[path[:-1]]
    entry = entries(mapping, front)[path[-1]]
    before = entries(was.get(path[:-1]), precedent.front).get(path[-1])
    if before is not None:
        # An empty container was there.
        return _restored(reading, entry, precedent, before)
    if len(mapping.value) > 1:
        return remove_keys(mapping, front.yaml, [entry[0]])
    if mapping.flow_style:
        start, end = extent_of(entry, front.yaml)
        return [Edit(start, end, "")]
    if len(path) == 1:
        start = line_start(front.yaml, int(entry[0].start_mark.index))
        return [Edit(start, next_line(front.yaml, content_end(mapping, front.yaml)), "")]
    return []
