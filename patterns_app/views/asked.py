"""What an address asks of a list, and the addresses that ask for something else. Any address is a fit one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, NamedTuple
from urllib.parse import urlencode

from django.http import QueryDict

from patterns_app.catalogue.paging import Sort
from patterns_app.catalogue.terms import key_of
from patterns_app.models import Facet

PARAMETERS: Final[dict[Facet, str]] = {
    # "audience" is in whose words a page is; here it is for whom a pattern has a name.
    facet: "named_for" if facet is Facet.AUDIENCE else facet.value
    for facet in Facet
}
"""Under which name an address narrows by a facet; several values, several times the name."""

_SORTS: Final = {sort.value: sort for sort in Sort}

MOST: Final = 20
"""Values of a facet that are looked at."""


class Asked(NamedTuple):
    """after, before: the token of a place, as it came; at most one of them."""

    chosen: Mapping[Facet, tuple[str, ...]]
    sort: Sort = Sort.TITLE
    after: str = ""
    before: str = ""

    @property
    def is_first(self) -> bool:
        return not (self.after or self.before)

    def changed(
        self,
        *,
        chosen: Mapping[Facet, tuple[str, ...]] | None = None,
        sort: Sort | None = None,
        after: str = "",
        before: str = "",
    ) -> Asked:
        """The same but for this, from the first page on unless a place is named."""
        return Asked(self.chosen if chosen is None else chosen, sort or self.sort, after, before)

    def toggled(self, facet: Facet, key: str) -> Asked:
        """With a value chosen that wasn't, or without it."""
        before = self.chosen.get(facet, ())
        after = tuple(other for other in before if other != key) if key in before else (*before, key)
        chosen = {other: keys for other, keys in {**self.chosen, facet: after}.items() if keys}
        return self.changed(chosen=chosen)

    def address(self, path: str, *, usual: Sort = Sort.TITLE) -> str:
        """One address for one thing asked. usual: the order that need not be named."""
        pairs = [(PARAMETERS[facet], key) for facet in Facet for key in sorted(self.chosen.get(facet, ()))]
        if self.sort is not usual:
            pairs.append(("sort", self.sort.value))
        pairs += [(name, place) for name, place in (("after", self.after), ("before", self.before)) if place]
        return f"{path}?{urlencode(pairs)}" if pairs else path


def asked(query: QueryDict) -> Asked:
    """What a query asks, as far as it can be understood; the rest is as if it weren't there."""
    chosen: dict[Facet, tuple[str, ...]] = {}
    for facet, name in PARAMETERS.items():
        keys = dict.fromkeys(key for value in query.getlist(name)[:MOST] if (key := key_of(value)))
        if keys:
            chosen[facet] = tuple(keys)
    sort = query.get("sort", "")
    after = query.get("after", "")
    return Asked(
        chosen,
        _SORTS.get(sort, Sort.TITLE),
        after,
        "" if after else query.get("before", ""),
    )
