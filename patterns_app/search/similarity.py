"""How alike two names are: trigrams, as PostgreSQL's pg_trgm counts them, so that both engines give one answer."""

from __future__ import annotations

from functools import lru_cache


@lru_cache(maxsize=4096)
def grams(name: str) -> frozenset[str]:
    """The trigrams of a folded name: each word with two spaces before and one after.

    >>> sorted(grams("cat"))
    ['  c', ' ca', 'at ', 'cat']
    """
    found: set[str] = set()
    for word in name.split():
        padded = f"  {word} "
        found.update(padded[at : at + 3] for at in range(len(padded) - 2))
    return frozenset(found)


def similarity(one: str, other: str) -> float:
    """0–1: trigrams in common, of all there are (Jaccard); pg_trgm's `similarity`."""
    mine, theirs = grams(one), grams(other)
    common = len(mine & theirs)
    return common / (len(mine) + len(theirs) - common) if common else 0.0
