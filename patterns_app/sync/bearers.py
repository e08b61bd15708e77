"""The patterns in the database that bear the identities some files claim."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from django.db.models import QuerySet

from patterns_app.models import LibraryFile, Pattern
from patterns_app.sync.parsing import Parsed


class Bearer(NamedTuple):
    """A pattern that has an identity, and its head."""

    pk: int
    slug: str
    identifier: str
    head_pk: int
    head_digest: str
    head_fingerprint: str

    def bears(self, key: str) -> str:
        """Its "id" or its "slug"."""
        return self.identifier if key == "id" else self.slug


class Bearers:
    """The patterns that bear the identities of some files, and further ones by key. Four queries."""

    def __init__(self, files: Iterable[Parsed], pks: Iterable[int]) -> None:
        self._by_identity: dict[tuple[str, str], Bearer] = {}
        self._by_pk: dict[int, Bearer] = {}
        self._homes: dict[int, str] = {}
        claims = {(key, value) for parsed in files for key, value, _ in parsed.claims()}
        self._add(Pattern.objects.filter(slug__among={value for key, value in claims if key == "slug"}))
        # The index has only the patterns with an id.
        identified = Pattern.objects.exclude(identifier="")
        self._add(identified.filter(identifier__among={value for key, value in claims if key == "id"}))
        self._add(Pattern.objects.filter(pk__among=list(pks)))
        files_of = LibraryFile.objects.filter(pattern_id__among=list(self._by_pk)).order_by("-pk")
        rows = files_of.values_list("pattern_id", "library__name", "path")
        self._homes.update((pk, f"{library}/{path}") for pk, library, path in rows)

    def _add(self, patterns: QuerySet[Pattern]) -> None:
        fields = ("pk", "slug", "identifier", "head_id", "head__digest", "head__fingerprint")
        for row in patterns.order_by().values_list(*fields):
            bearer = Bearer(*row)
            self._by_identity["slug", bearer.slug] = self._by_pk[bearer.pk] = bearer
            if bearer.identifier:
                self._by_identity["id", bearer.identifier] = bearer

    def of(self, key: str, value: str) -> Bearer | None:
        """The pattern with this "id" or "slug"."""
        return self._by_identity.get((key, value))

    def by_pk(self, pk: int) -> Bearer | None:
        return self._by_pk.get(pk)

    def home(self, pk: int) -> str:
        """`library/path` of a pattern's first file, "" if it has none."""
        return self._homes.get(pk, "")
