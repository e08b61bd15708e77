"""Which pattern a target means: by slug, else by id, else by an alias that only one pattern bears.

The answer depends on what is in the database alone, never on the order in which files arrived: whenever a name appears
or disappears, every link that uses it is looked at again.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field

from django.db.models import Count, Min

from patterns_app.models.bulk import update_rows
from patterns_app.models.parts import Alias, InferredLink, Relationship, ResolvedBy
from patterns_app.models.pattern import Pattern

Resolution = tuple[int | None, str]
"""(pattern's primary key or None, `ResolvedBy` value)."""


@dataclass(slots=True)
class Names:
    """Names by which patterns can be meant: slugs and ids as written, aliases in slug form."""

    exact: set[str] = field(default_factory=set)
    aliases: set[str] = field(default_factory=set)

    def __bool__(self) -> bool:
        return bool(self.exact or self.aliases)


class Resolver:
    """Resolves the targets it was made for. Three queries, all of them when made."""

    def __init__(self, targets: Iterable[tuple[str, str]]) -> None:
        """`targets`: (as written, in slug form) each."""
        pairs = set(targets)
        texts = {text for text, _ in pairs}
        patterns = Pattern.objects.order_by()
        self._slugs = dict(patterns.filter(slug__among=texts).values_list("slug", "pk"))
        # Most patterns of some libraries have no id, so the index has only those with one.
        identified = patterns.exclude(identifier="").filter(identifier__among=texts)
        self._identifiers = dict(identified.values_list("identifier", "pk"))
        bearers = (
            Alias.objects.filter(
                key__among={key for text, key in pairs if text not in self._slugs and text not in self._identifiers}
            )
            .order_by()
            .values("key")
            .annotate(bearers=Count("pattern", distinct=True), bearer=Min("pattern"))
            .filter(bearers=1)
        )
        self._aliases = dict(bearers.values_list("key", "bearer"))

    def resolve(self, text: str, key: str) -> Resolution:
        if (pk := self._slugs.get(text)) is not None:
            return pk, ResolvedBy.SLUG
        if (pk := self._identifiers.get(text)) is not None:
            return pk, ResolvedBy.IDENTIFIER
        if (pk := self._aliases.get(key)) is not None:
            return pk, ResolvedBy.ALIAS
        return None, ResolvedBy.NOTHING


def resolve_again(names: Names, *, except_from: Collection[int] = ()) -> None:
    """Look again at every link that uses one of the names, but for those of the given patterns (just written).

    At most twelve queries, whatever the number of links that change.
    """
    if not names:
        return
    skipped = set(except_from)
    for model in (Relationship, InferredLink):
        found: dict[int, tuple[str, str, int | None, str]] = {}
        fields = ("pk", "pattern_id", "target_text", "target_key", "target_id", "resolved_by")
        links = model.objects.order_by()
        for some in (links.filter(target_text__among=names.exact), links.filter(target_key__among=names.aliases)):
            for pk, pattern, *link in some.values_list(*fields):
                if pattern not in skipped:
                    found[pk] = (link[0], link[1], link[2], link[3])
        if not found:
            continue
        resolver = Resolver((text, key) for text, key, _, _ in found.values())
        changed = []
        for pk, (text, key, target, by) in found.items():
            resolution = resolver.resolve(text, key)
            if resolution != (target, by):
                changed.append((*resolution, pk))
        update_rows(model, ("target", "resolved_by"), changed)
