"""From what was typed to a page of hits: the very name, then words, and wider where nothing is found."""

from __future__ import annotations

import enum
from collections import Counter
from collections.abc import Iterable, Sequence
from operator import itemgetter
from typing import Final, NamedTuple

from patterns_app.document.vocabulary import VITALITY_FLOORS, VitalityBand, vitality_band
from patterns_app.models import Snapshot
from patterns_app.search import names
from patterns_app.search.engine import BOUND, FACTS, Engine, Facts, Narrowing, list_key, rows
from patterns_app.search.excerpts import Excerpt, excerpt, marker
from patterns_app.search.names import NameHit
from patterns_app.search.query import Query, parse

HITS_A_PAGE: Final = 10
VALUES_A_FACET: Final = 12

_BANDS: Final = (*(band for _, band in VITALITY_FLOORS), VitalityBand.EXTRACTIVE)


class How(enum.StrEnum):
    """How wide one had to look."""

    NOTHING = "nothing"
    NAMED_OR_ALL = "all"
    ANY = "any"
    SIMILAR = "similar"


class Hit(NamedTuple):
    """One pattern. found_as: its name that was typed, where that is not its title. label: the chosen audience's."""

    snapshot: Snapshot
    found_as: str
    label: str
    excerpt: Excerpt


class FacetValue(NamedTuple):
    """A value that hits have, and how many of them. value: as in the address."""

    value: str
    hits: int
    is_chosen: bool


class Facet(NamedTuple):
    """What hits can be narrowed by. name: of the parameter."""

    name: str
    values: list[FacetValue]


class Found(NamedTuple):
    """What a query found. total: at most `BOUND`; is_more: there were more than that."""

    query: Query
    how: How
    total: int
    is_more: bool
    page: int
    pages: int
    hits: list[Hit]
    facets: list[Facet]


def find(engine: Engine, typed: str, *, audience: str = "", narrowing: Narrowing | None = None, page: int = 1) -> Found:
    """Public patterns for what was typed, best first. Any text is a fit query.

    The very name comes first, then the patterns with all words; where there is none, names much like it, and those
    with any word, also of phrases and fields. A number of queries that does not grow with what there is.
    """
    narrowing = narrowing or Narrowing()
    query = parse(typed)
    with engine.prepared():
        ordered, named, how, is_more = _ordered(engine, query, audience, narrowing)
    pages = max(-(-len(ordered) // HITS_A_PAGE), 1)
    page = min(max(page, 1), pages)
    shown = ordered[(page - 1) * HITS_A_PAGE : page * HITS_A_PAGE]
    hits = _hits([facts.pk for facts in shown], query, named, audience)
    facets = _facets(ordered, narrowing)
    return Found(query, how, len(ordered), is_more, page, pages, hits, facets)


def keys(engine: Engine, typed: str, *, audience: str = "", most: int = 10, with_some_words: bool = False) -> list[int]:
    """The patterns that come first for what was typed, and nothing else of them.

    with_some_words: where fewer have all words, those with some come behind them.
    """
    query, everything = parse(typed), Narrowing()
    with engine.prepared():
        found = [facts.pk for facts in _ordered(engine, query, audience, everything)[0]]
        if with_some_words and len(found) < most and query.is_words and len(query.terms) > 1:
            found += [facts.pk for facts in engine.matching(query, everything, any_word=True)]
    return list(dict.fromkeys(found))[:most]


def _ordered(
    engine: Engine, query: Query, audience: str, narrowing: Narrowing
) -> tuple[list[Facts], dict[int, NameHit], How, bool]:
    worded = engine.matching(query, narrowing)
    hits = names.exact(query.name, audience=audience)
    how = How.NAMED_OR_ALL
    # Words that stand together in some pattern are not misspelt.
    if not hits and not worded and query.is_plain:
        least = names.ALIKE if engine.known(query.words) else names.ALIKE_IF_UNKNOWN
        hits = names.similar(engine, query.name, least, audience=audience)
        how = How.SIMILAR
    # A name that also must or must not hold something else is among those that do.
    first = _facts(hits, worded, narrowing) if query.is_plain else _among(hits, worded)
    is_meant = bool(first) and hits[0].fit >= names.ALIKE
    loosened = query.loosened()
    if not worded and not is_meant and (len(query.terms) > 1 or loosened.terms != query.terms):
        worded = engine.matching(loosened, narrowing, any_word=True)
        if worded and not first:
            how = How.ANY
    is_more = len(worded) > BOUND
    ordered = {facts.pk: facts for facts in (*first, *worded)}
    found = list(ordered.values())[:BOUND]
    return found, {hit.pk: hit for hit in hits}, how if found else How.NOTHING, is_more


def _among(hits: Sequence[NameHit], worded: Iterable[Facts]) -> list[Facts]:
    by_key = {facts.pk: facts for facts in worded}
    return [by_key[hit.pk] for hit in hits if hit.pk in by_key]


def _facts(hits: Sequence[NameHit], worded: Iterable[Facts], narrowing: Narrowing) -> list[Facts]:
    """The facts of the named patterns that are public and as they must be, in their order. One query at most."""
    known = {facts.pk: facts for facts in worded}
    if missing := [hit.pk for hit in hits if hit.pk not in known]:
        holes = ", ".join(["%s"] * len(missing))
        sql = f"SELECT {FACTS} FROM patterns_app_snapshot s WHERE s.pattern_id IN ({holes})"  # noqa: S608
        for facts in map(Facts._make, rows(sql, missing)):
            if _is_within(facts, narrowing):
                known[facts.pk] = facts
    return [known[hit.pk] for hit in hits if hit.pk in known]


def _is_within(facts: Facts, narrowing: Narrowing) -> bool:
    return (
        (not narrowing.domain or list_key(narrowing.domain) == list_key(facts.domain))
        and (not narrowing.collection or list_key(narrowing.collection) == list_key(facts.collection))
        and narrowing.confidence in (None, facts.confidence)
        and narrowing.band in (None, _band(facts))
    )


def _band(facts: Facts) -> VitalityBand | None:
    return None if facts.vitality is None else vitality_band(facts.vitality)


def _hits(pks: Sequence[int], query: Query, named: dict[int, NameHit], audience: str) -> list[Hit]:
    """Two queries at most."""
    snapshots = {snapshot.pk: snapshot for snapshot in Snapshot.objects.filter(pk__among=pks).order_by()} if pks else {}
    labels = names.labels_of(list(pks), audience)
    words = marker([word for term in query.loosened().terms for word in term.words])
    hits = []
    for pk in pks:
        # Between two queries one may have been taken back.
        if snapshot := snapshots.get(pk):
            name = named[pk].name if pk in named and named[pk].kind in ("alias", "label") else ""
            cut = excerpt(snapshot.html, snapshot.summary, words)
            hits.append(Hit(snapshot, "" if name == labels.get(pk) else name, labels.get(pk, ""), cut))
    return hits


def _facets(ordered: Sequence[Facts], narrowing: Narrowing) -> list[Facet]:
    """Counts over all hits."""
    domains, collections, vitalities, confidences = (Counter(map(itemgetter(at), ordered)) for at in range(1, 5))
    bands: Counter[str] = Counter()
    for vitality, count in vitalities.items():
        if vitality is not None:
            bands[vitality_band(vitality)] += count
    stars = [(str(confidence), count) for confidence, count in confidences.items() if confidence is not None]
    return [
        Facet("domain", _values(_often(_spelled(domains)), narrowing.domain)),
        Facet("collection", _values(_often(_spelled(collections)), narrowing.collection)),
        Facet("vitality", _values([(band, bands[band]) for band in _BANDS if bands[band]], narrowing.band or "")),
        Facet("confidence", _values(sorted(stars, reverse=True), _said(narrowing.confidence))),
    ]


def _spelled(counts: Counter[str]) -> Counter[str]:
    """Names that are one in the lists, as most write it."""
    spelling: dict[str, str] = {}
    together: Counter[str] = Counter()
    for name, count in _often(counts, most=len(counts)):
        if not name:
            continue
        together[spelling.setdefault(list_key(name), name)] += count
    return together


def _said(value: int | None) -> str:
    return "" if value is None else str(value)


def _often(counts: Counter[str], *, most: int = VALUES_A_FACET) -> list[tuple[str, int]]:
    return sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))[:most]


def _values(counts: Iterable[tuple[str, int]], chosen: str) -> list[FacetValue]:
    return [FacetValue(value, count, bool(chosen) and list_key(value) == list_key(chosen)) for value, count in counts]
