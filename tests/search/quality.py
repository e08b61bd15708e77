"""How well the search finds what somebody has in mind: known items, made from what is published.

`python -m tests.search.quality` measures the library in the database that DATABASE_URL names, prints a table, and ends
with status 1 where a mark is missed. `--write FILE` writes the queries instead, one JSON object a line.

A query is right where it finds a pattern that bears the name, since several may bear one. MRR@10: the mean of 1/rank,
0 beyond the first ten. Times are of whole pages of hits, with excerpts and facets.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
import zlib
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from itertools import pairwise
from pathlib import Path
from statistics import median, quantiles

LONG_WORD = 6
"""Letters from which on a word gets a typing error."""

MARKS = {
    "title": ("hit@1", 0.98),
    "alias": ("MRR@10", 0.97),
    "label": ("hit@10", 0.95),
    "misspelt title": ("hit@10", 0.97),
    "tension": ("MRR@10", 0.80),
    "two words": ("MRR@10", 0.85),
}
P95 = 0.020
"""Seconds within which nineteen of twenty pages of hits are made."""


@dataclass(frozen=True)
class Item:
    """A query, and the slugs of the patterns that it should find."""

    kind: str
    query: str
    slugs: tuple[str, ...]
    audience: str = ""


@dataclass(frozen=True)
class Figures:
    """What the queries of one kind came to. Times in seconds."""

    count: int
    hit_1: float
    hit_10: float
    mrr_10: float
    p50: float
    p95: float

    def value(self, name: str) -> float:
        return {"hit@1": self.hit_1, "hit@10": self.hit_10, "MRR@10": self.mrr_10}[name]


def misspelt(title: str) -> str:
    """The title with one typing error in each long word: two letters swapped, one left out, wrong, or doubled."""

    def mistyped(word: str) -> str:
        if len(word) < LONG_WORD or not word.isalpha():
            return word
        dice = zlib.crc32(word.encode())
        at = 1 + dice % (len(word) - 3)
        match dice // 1000 % 4:
            case 0:
                return word[:at] + word[at + 1] + word[at] + word[at + 2 :]
            case 1:
                return word[:at] + word[at + 1 :]
            case 2:
                return word[:at] + "abcdefghijklmnopqrstuvwxyz"[dice // 7 % 26] + word[at + 1 :]
            case _:
                return word[:at] + word[at] + word[at:]

    return " ".join(map(mistyped, title.split()))


def pairs(title: str) -> list[str]:
    """What somebody types who remembers a part of the title: each two words in a row that say something."""
    from patterns_app.search.query import STOP_WORDS, fold

    words = fold(title).split()
    return [
        f"{one} {other}"
        for one, other in pairwise(words)
        if len(words) > 2 and STOP_WORDS.isdisjoint((one, other)) and min(len(one), len(other)) > 1
    ]


def items(most: int | None = None) -> list[Item]:
    """The known items of everything that is published. most: of so many patterns, spread over all."""
    from patterns_app.document.reading import read
    from patterns_app.models import Snapshot
    from patterns_app.search.query import name_form

    bearers: dict[tuple[str, str, str], set[str]] = defaultdict(set)
    texts: dict[tuple[str, str, str], str] = {}

    def bear(kind: str, query: str, slug: str, audience: str = "") -> None:
        if query.strip():
            key = kind, name_form(query), audience
            bearers[key].add(slug)
            texts.setdefault(key, query)

    chosen = Snapshot.objects.order_by("slug")
    if most is not None:
        pks = list(chosen.values_list("pk", flat=True))
        chosen = chosen.filter(pk__among=pks[:: max(1, len(pks) // most)])
    for slug, text in chosen.values_list("slug", "revision__text").iterator(chunk_size=200):
        said = read(text, name=slug).document
        bear("title", said.title, slug)
        for alias in said.aliases:
            bear("alias", alias, slug)
        for label in said.context_labels:
            bear("label", label.label, slug, label.audience)
        if (wrong := misspelt(said.title)) != said.title:
            bear("misspelt title", wrong, slug)
        bear("tension", said.primary_tension, slug)
        for pair in pairs(said.title):
            bear("two words", pair, slug)
    return [Item(key[0], texts[key], tuple(sorted(slugs)), key[2]) for key, slugs in sorted(bearers.items())]


def rank_of(item: Item) -> int:
    """At which place a right pattern comes, 0 where it is not among the first ten."""
    from patterns_app import search

    hits = search.find(item.query, audience=item.audience).hits
    return next((place for place, hit in enumerate(hits, start=1) if hit.snapshot.slug in item.slugs), 0)


def measure(known: Iterable[Item]) -> dict[str, Figures]:
    """The figures of each kind of query."""
    ranks: dict[str, list[int]] = defaultdict(list)
    times: dict[str, list[float]] = defaultdict(list)
    for item in known:
        start = time.perf_counter()
        ranks[item.kind].append(rank_of(item))
        times[item.kind].append(time.perf_counter() - start)
    return {kind: _figures(found, times[kind]) for kind, found in ranks.items()}


def _figures(ranks: Sequence[int], times: Sequence[float]) -> Figures:
    count = len(ranks)
    return Figures(
        count,
        ranks.count(1) / count,
        sum(rank > 0 for rank in ranks) / count,
        sum(1 / rank for rank in ranks if rank) / count,
        median(times),
        quantiles(times, n=20)[-1] if count > 1 else times[0],
    )


def written(file: Path) -> list[Item]:
    """The items of a file that `--write` wrote, or somebody by hand."""
    rows = [json.loads(line) for line in file.read_text(encoding="utf-8").split("\n") if line]
    return [Item(**{**row, "slugs": tuple(row["slugs"])}) for row in rows]


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.search.quality", description="Measure the search.")
    parser.add_argument("--every", type=int, default=1, metavar="N", help="Only each Nth query of a kind.")
    parser.add_argument("--write", type=Path, metavar="FILE", help="Write the queries instead of measuring.")
    parser.add_argument("--misses", action="store_true", help="Also print the queries that miss their mark.")
    options = parser.parse_args(arguments)

    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "commons.settings")
    django.setup()
    known = items()
    if options.write:
        lines = [json.dumps(asdict(item), ensure_ascii=False) for item in known]
        options.write.write_text("\n".join(lines) + "\n", encoding="utf-8")
        return 0
    by_kind = {kind: [item for item in known if item.kind == kind][:: options.every] for kind in MARKS}
    say = sys.stdout.write
    say(f"{'query':<16}{'count':>7}{'hit@1':>8}{'hit@10':>8}{'MRR@10':>8}{'p50 ms':>8}{'p95 ms':>8}  mark\n")
    missed = False
    for kind, (name, mark) in MARKS.items():
        if not by_kind[kind]:
            continue
        rank_of(by_kind[kind][0])  # the first query of a process opens the connection
        figures = measure(by_kind[kind])[kind]
        is_good = figures.value(name) >= mark and figures.p95 <= P95
        missed |= not is_good
        say(
            f"{kind:<16}{figures.count:>7,}{figures.hit_1:>8.3f}{figures.hit_10:>8.3f}{figures.mrr_10:>8.3f}"
            f"{figures.p50 * 1000:>8.1f}{figures.p95 * 1000:>8.1f}  {name} ≥ {mark:.2f}: {'yes' if is_good else 'NO'}\n"
        )
        if options.misses:
            for item in by_kind[kind]:
                if (rank := rank_of(item)) != 1:
                    say(f"    {rank or '–'} {item.query} {item.audience} → {', '.join(item.slugs[:3])}\n")
    return int(missed)


if __name__ == "__main__":
    sys.exit(main())
