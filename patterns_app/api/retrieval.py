"""Passages for machines that answer questions with sources: single sections of the patterns that a query finds.

A section's score is its BM25 over the sections of the patterns that are looked at (Robertson & Zaragoza, "The
Probabilistic Relevance Framework: BM25 and Beyond", 2009, k1 = 1.2, b = 0.75), divided by the discount that the
pattern's place among the hits has in DCG, log2(1 + place) (Järvelin & Kekäläinen 2002). So the search decides which
patterns matter, and the words which of their sections; several patterns are heard, if several answer. Scores are given
as shares of the best one, 0–1.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Sequence
from typing import Any, Final, NamedTuple

from patterns_app import search
from patterns_app.api.answers import labelled
from patterns_app.document.pattern import PatternDocument
from patterns_app.document.reading import read
from patterns_app.models import Snapshot
from patterns_app.rendering import ID_PREFIX, text_of
from patterns_app.search.excerpts import Marker, marker
from patterns_app.search.query import fold, parse
from patterns_app.views.addresses import address_of
from patterns_app.views.citation import citation_of, license_of

PATTERNS: Final = 12
"""Patterns whose sections are looked at."""

SECTIONS: Final = 3
"""Of one pattern, so that several are heard."""

K1: Final = 1.2
B: Final = 0.75

_HEADING: Final = re.compile(r'<h[1-6]\b[^>]*?\bid="([^"]+)"[^>]*>(.*?)</h[1-6]>', re.S)
_WORD: Final = re.compile(r"\w")


class Passage(NamedTuple):
    """A section. place: of its pattern among the hits, from 1."""

    snapshot: Snapshot
    document: PatternDocument
    place: int
    title: str
    heading: str
    text: str


def passages(
    q: str, *, audience: str = "", limit: int = 8, max_chars: int = 2_000
) -> tuple[list[dict[str, Any]], list[Snapshot]]:
    """The sections that answer a query best, as data, and the patterns that they are from.

    The queries of `search.keys`, and one. Texts are cut between words, `max_chars` characters at most.
    """
    keys = search.keys(q, audience=audience, most=PATTERNS, with_some_words=True)
    found = Snapshot.objects.select_related("revision").in_bulk(keys)
    candidates = [
        passage
        for place, pk in enumerate(keys, 1)
        # Between two queries one may have been taken back.
        if (snapshot := found.get(pk))
        for passage in _sections(snapshot, place)
    ]
    scores = _scores(candidates, marker(parse(q).words))
    # A section without any of the words is no answer. At the same score the order is that of the hits, and of the text.
    answering = [pair for pair in zip(scores, candidates, strict=True) if pair[0]]
    scored = _mixed(sorted(answering, key=lambda pair: -pair[0]), limit)
    said = [_said(passage, score / scored[0][0], audience, max_chars) for score, passage in scored]
    return said, [passage.snapshot for _, passage in scored]


def _mixed(scored: Sequence[tuple[float, Passage]], limit: int) -> list[tuple[float, Passage]]:
    """The best, but of one pattern no more than `SECTIONS` as long as there are others."""
    of_each: Counter[int] = Counter()
    first: list[tuple[float, Passage]] = []
    rest: list[tuple[float, Passage]] = []
    for pair in scored:
        pk = pair[1].snapshot.pk
        (first if of_each[pk] < SECTIONS else rest).append(pair)
        of_each[pk] += 1
    return sorted([*first[:limit], *rest[: max(limit - len(first), 0)]], key=lambda pair: -pair[0])


def _sections(snapshot: Snapshot, place: int) -> list[Passage]:
    document = read(snapshot.revision.text, name=snapshot.slug).document
    parts = [("", "", document.preamble)]
    parts += [(section.title, section.heading, section.text) for section in document.sections]
    return [
        Passage(snapshot, document, place, title, heading, _without_rules(text))
        for title, heading, text in parts
        # A rule alone is no passage.
        if _WORD.search(text)
    ]


def _without_rules(text: str) -> str:
    """A section without the line (`---`) with which authors divide it from the next."""
    lines = text.split("\n")
    while lines and not _WORD.search(lines[-1]) and not lines[-1].strip().strip("-"):
        lines.pop()
    return "\n".join(lines).strip()


def _scores(passages: Sequence[Passage], words: Marker | None) -> list[float]:
    """One score a passage, 0 for one without any of the words. Where none has any (a query of signs, a name that is
    only spelt alike), the pattern's place alone counts."""
    discounts = [math.log2(1 + passage.place) for passage in passages]
    # A pattern's names belong to what each of its sections is about.
    texts = [" ".join((*_names(passage), passage.title, passage.text)) for passage in passages]
    counts = [Counter(found[1].lower() for found in words.places(text)) if words else Counter() for text in texts]
    if not any(counts):
        return [1 / discount for discount in discounts]
    lengths = [len(text.split()) for text in texts]
    mean = sum(lengths) / len(lengths)
    having = Counter(word for count in counts for word in count)
    rarity = {word: math.log(1 + (len(texts) - n + 0.5) / (n + 0.5)) for word, n in having.items()}
    return [
        sum(
            rarity[word] * times * (K1 + 1) / (times + K1 * (1 - B + B * length / mean))
            for word, times in count.items()
        )
        / discount
        for discount, count, length in zip(discounts, counts, lengths, strict=True)
    ]


def _names(passage: Passage) -> tuple[str, ...]:
    return (str(passage.snapshot), *passage.document.aliases, *passage.snapshot.labels.values())


def _said(passage: Passage, score: float, audience: str, max_chars: int) -> dict[str, Any]:
    snapshot, document = passage.snapshot, passage.document
    license = license_of(document)
    text = _cut(passage.text, max_chars)
    anchor = _anchor(snapshot, passage)
    return {
        "pattern": labelled(snapshot, audience),
        "section": passage.title or None,
        "address": f"{address_of(snapshot)}{f'#{anchor}' if anchor else ''}",
        "text": text,
        "is_cut": len(text) < len(passage.text),
        "license": license.name if license else None,
        "license_address": (license.address if license else "") or None,
        "attribution": document.attribution or citation_of(snapshot, document),
        "score": round(score, 4),
    }


def _anchor(snapshot: Snapshot, passage: Passage) -> str:
    """The id of the section's heading on the pattern's page, "" where it has none."""
    if not passage.heading:
        return ""
    ids: dict[str, str] = {}
    by_name: dict[str, str] = {}
    for found in _HEADING.finditer(snapshot.html):
        # An id is made of the whole heading, of which the page shows the name alone.
        ids.setdefault(_letters(found[1].removeprefix(ID_PREFIX)), found[1])
        by_name.setdefault(_letters(text_of(found[2])), found[1])
    whole = _letters(passage.heading)
    return ids.get(whole) or by_name.get(whole) or by_name.get(_letters(passage.title), "")


def _letters(heading: str) -> str:
    """A heading, whether as Markdown or as HTML, without the signs in which the two differ."""
    return fold(heading).replace(" ", "")


def _cut(text: str, most: int) -> str:
    if len(text) <= most:
        return text
    spaces = [found.start() for found in re.finditer(r"\s", text[: most + 1])]
    return text[: spaces[-1] if spaces else most].rstrip()
