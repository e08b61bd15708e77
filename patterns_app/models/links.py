"""Which pattern a target means: by slug, else by id, else by an alias that only one pattern bears.

The answer depends on what is in the database alone, never on the order in which files arrived: whenever a name appears
or disappears, every link that uses it is looked at again.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field

from django.db.models import Count, Min

from patterns_app.models.bulk import chunks, update_rows
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
    """Resolves the targets it was made for. Three queries a 5,000 targets, all of them when made."""

    def __init__(self, targets: Iterable[tuple[str, str]]) -> None:
        """`targets`: (as written, in slug form) each."""
        pairs = set(targets)
        self._slugs: dict[str, int] = {}
        self._identifiers: dict[str, int] = {}
        self._aliases: dict[str, int] = {}
        for texts in chunks({text for text, _ in pairs}):
            self._slugs.update(Pattern.objects.filter(slug__in=texts).values_list("slug", "pk"))
            self._identifiers.update(Pattern.objects.filter(identifier__in=texts).values_list("identifier", "pk"))
        rest = {key for text, key in pairs if text not in self._slugs and text not in self._identifiers}
        for keys in chunks(rest):
            bearers = (
                Alias.objects.filter(key__in=keys)
                .order_by()
                .values("key")
                .annotate(bearers=Count("pattern", distinct=True), bearer=Min("pattern"))
                .filter(bearers=1)
            )
            self._aliases.update(bearers.values_list("key", "bearer"))

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

    About six queries a 5,000 names, whatever the number of links that change.
    """
    if not names:
        return
    skipped = set(except_from)
    for model in (Relationship, InferredLink):
        found: dict[int, tuple[str, str, int | None, str]] = {}
        fields = ("pk", "pattern_id", "target_text", "target_key", "target_id", "resolved_by")
        for texts in chunks(names.exact):
            for pk, pattern, *link in model.objects.filter(target_text__in=texts).order_by().values_list(*fields):
                if pattern not in skipped:
                    found[pk] = (link[0], link[1], link[2], link[3])
        for keys in chunks(names.aliases):
            for pk, pattern, *link in model.objects.filter(target_key__in=keys).order_by().values_list(*fields):
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
