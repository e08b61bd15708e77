"""The map as it is sent to whoever draws it: short lists of numbers and names of everything public."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from typing import Any, Final

from patterns_app.document.vocabulary import RelationshipKind
from patterns_app.graph import layout
from patterns_app.graph.wording import verb_of
from patterns_app.models import Facet, MapPlace, PublicTerm, Snapshot

SCALE: Final = 65_535
"""Places are whole numbers from 0 to this."""

NO_WEIGHT: Final = -1

_ORDER: Final = {kind.value: number for number, kind in enumerate(RelationshipKind)}


def drawing(audience: str = "") -> dict[str, Any]:
    """All that the map shows, by position; patterns are in the order of their slugs.

    slugs, titles: one a pattern; names: what the audience calls those that it has a word of its own for, by position;
    x, y: from 0 to `SCALE`; domain, community: positions in `domains` and `communities`, -1 for none; those are
    [name, number of patterns], most patterns first; kinds: [kind, how it reads from its source, from its target,
    whether a machine proposed it]; edges: source, target, kind and weight in hundredths (`NO_WEIGHT` for none), four
    numbers for each relationship, those that people state first, and the strongest of them. Four queries.
    """
    columns = ("pk", "slug", "title", "domain", *(["labels"] if audience else []))
    # Each database would sort in its own way.
    rows = sorted(Snapshot.objects.order_by().values_list(*columns), key=lambda row: row[1])
    positions = {row[0]: position for position, row in enumerate(rows)}
    relationships = layout.resolved()
    known = {
        positions[pk]: (x, y)
        for pk, x, y in MapPlace.objects.order_by("pk").values_list("pk", "x", "y")
        if pk in positions
    }
    nodes = [layout.node_of(row[1], row[3]) for row in rows]
    links = layout.links_among(positions, relationships) if len(known) < len(nodes) else []
    found = layout.shown_places(nodes, links, known)
    domain, domains = _grouped({position: [(node.domain, rows[position][3])] for position, node in enumerate(nodes)})
    community, communities = _grouped(_communities(positions))
    kinds, edges = _edges(positions, relationships)
    return {
        "slugs": [row[1] for row in rows],
        "titles": [row[2] or row[1] for row in rows],
        "names": _names(rows, audience),
        "x": [round(x * SCALE) for x, _ in found],
        "y": [round(y * SCALE) for _, y in found],
        "domain": [domain.get(position, -1) for position in range(len(rows))],
        "domains": domains,
        "community": [community.get(position, -1) for position in range(len(rows))],
        "communities": communities,
        "kinds": kinds,
        "edges": edges,
    }


def _names(rows: Iterable[tuple[Any, ...]], audience: str) -> dict[int, str]:
    if not audience:
        return {}
    names = ((position, row[4].get(audience, ""), row[2] or row[1]) for position, row in enumerate(rows))
    return {position: name for position, name, title in names if name and name != title}


def _communities(positions: Mapping[int, int]) -> dict[int, list[tuple[str, str]]]:
    """The communities of patterns, as (key, name), by position."""
    found: dict[int, list[tuple[str, str]]] = defaultdict(list)
    terms = PublicTerm.objects.filter(facet=Facet.COMMUNITY).order_by("pk")
    for pk, key, label in terms.values_list("snapshot_id", "key", "label"):
        if pk in positions:
            found[positions[pk]].append((key, label))
    return found


def _grouped(groups: Mapping[int, list[tuple[str, str]]]) -> tuple[dict[int, int], list[list[Any]]]:
    """(the number of each pattern's group, [name, number of patterns] of each group, the largest first).

    groups: (key, name) of those to which a pattern belongs; the largest of them counts.
    """
    sizes: Counter[str] = Counter()
    spelt: dict[str, Counter[str]] = defaultdict(Counter)
    for several in groups.values():
        for key, name in several:
            if key:
                sizes[key] += 1
                spelt[key][name] += 1
    ranked = sorted(sizes, key=lambda key: (-sizes[key], key))
    number_of = {key: number for number, key in enumerate(ranked)}
    chosen = {
        position: min(number_of[key] for key, _ in several if key)
        for position, several in groups.items()
        if any(key for key, _ in several)
    }
    # The spelling that most patterns use; of two, the one that sorts first.
    names = [max(sorted(spelt[key]), key=lambda name: spelt[key][name]) for key in ranked]
    return chosen, [[name, sizes[key]] for name, key in zip(names, ranked, strict=True)]


def _edges(positions: Mapping[int, int], rows: Iterable[layout.Row]) -> tuple[list[list[Any]], list[int]]:
    """(the kinds that occur, four numbers for each relationship)."""
    shown = [row for row in rows if row[0] in positions and row[1] in positions and row[0] != row[1]]
    shown.sort(key=lambda row: (row[3], -(row[4] or 0.0)))
    occurring = sorted(
        {(row[3], row[2]) for row in shown}, key=lambda said: (said[0], _ORDER.get(said[1], len(_ORDER)), said[1])
    )
    kinds: list[list[Any]] = [
        [word, verb_of(word), verb_of(word, is_backward=True), is_inferred] for is_inferred, word in occurring
    ]
    number_of = {said: number for number, said in enumerate(occurring)}
    numbers: list[int] = []
    for source, target, word, is_inferred, weight in shown:
        hundredths = NO_WEIGHT if weight is None else round(min(max(weight, 0.0), 1.0) * 100)
        numbers += (positions[source], positions[target], number_of[is_inferred, word], hundredths)
    return kinds, numbers
