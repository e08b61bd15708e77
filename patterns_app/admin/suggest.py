"""Suggestions for the target of a relationship: patterns by title, alias and slug, while somebody types."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import Case, IntegerField, Q, QuerySet, Value, When
from django.db.models.functions import Length
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import URLPattern, path

from patterns_app.document.vocabulary import NAME_MAX, name_key
from patterns_app.models import Alias, Pattern, Snapshot
from patterns_app.models.typed import storable
from patterns_app.workflow.permissions import Person, is_allowed, may_see_all, visible

if TYPE_CHECKING:
    ModelAdmin = admin.ModelAdmin[Pattern]
else:
    ModelAdmin = admin.ModelAdmin

MOST: Final = 12
"""Most suggestions at a time."""

WITHIN: Final = 3
"""Rank of a name that only contains what was typed; 0 is it, 1 begins so, 2 has a word that does."""


class Suggestion(NamedTuple):
    """A pattern that may be meant. alias: the other name by which it was found, "" if by slug or title.

    rank: how well it fits, lower is better. is_exact: whether what was typed, taken as a target, leads to it.
    """

    pk: int
    slug: str
    title: str
    alias: str
    rank: int
    is_exact: bool


def suggested(person: Person, typed: str) -> list[Suggestion]:
    """The patterns that `typed` may mean, best first: the very name, names that begin so, words that do, the rest.

    Only patterns whose title the person may know; of patterns that are only public to them, the public title and slug.
    At most three queries, besides those for permissions.
    """
    typed = storable(typed)[:NAME_MAX]
    if not typed:
        return []
    if may_see_all(person):
        found = _by_slug_and_title(Pattern.objects.order_by(), typed)
        return _best([*found, *_by_alias(Alias.objects.order_by(), typed)])
    own = visible(person).order_by()
    public = Snapshot.objects.exclude(pattern__owner=person.pk).order_by()
    found = [*_by_slug_and_title(own, typed), *_by_slug_and_title(public, typed)]
    return _best([*found, *_by_alias(Alias.objects.filter(pattern__in=own).order_by(), typed)])


def _best(found: Iterable[Suggestion]) -> list[Suggestion]:
    """Each pattern once, by its best name."""
    best: dict[int, Suggestion] = {}
    for suggestion in sorted(found, key=lambda one: (not one.is_exact, one.rank, len(one.title), one.slug)):
        best.setdefault(suggestion.pk, suggestion)
    return list(best.values())[:MOST]


def _ranked(rows: QuerySet[Any], names: tuple[str, ...], also: Q, typed: str, *columns: str) -> Iterable[Any]:
    """The best rows in one of whose names the typed text occurs, or for which `also` holds: their columns and rank.

    One query.
    """
    exact, prefix, word, within = also, Q(), Q(), also
    for name in names:
        # In slug form there are hyphens where titles have spaces.
        text, gap = (name_key(typed), "-") if name in ("slug", "key") else (typed, " ")
        exact |= Q(**{f"{name}__iexact": text})
        prefix |= Q(**{f"{name}__istartswith": text})
        word |= Q(**{f"{name}__icontains": gap + text})
        within |= Q(**{f"{name}__icontains": text})
    whens = [When(condition, then=Value(rank)) for rank, condition in enumerate((exact, prefix, word))]
    rank = Case(*whens, default=Value(WITHIN), output_field=IntegerField())
    rows = rows.filter(within).annotate(rank=rank, length=Length(names[-1]))
    return rows.order_by("rank", "length", *columns).values_list(*columns, "rank")[:MOST]


def _by_slug_and_title(rows: QuerySet[Any], typed: str) -> list[Suggestion]:
    """rows: patterns or snapshots."""
    also = Q(identifier=typed)
    ranked = _ranked(rows, ("slug", "title"), also, typed, "pk", "slug", "title", "identifier")
    return [
        Suggestion(pk, slug, title or slug, "", rank, typed in (slug, identifier))
        for pk, slug, title, identifier, rank in ranked
    ]


def _by_alias(rows: QuerySet[Alias], typed: str) -> list[Suggestion]:
    columns = ("pattern", "pattern__slug", "pattern__title", "name", "key")
    ranked = list(_ranked(rows, ("key", "name"), Q(), typed, *columns))
    # An alias that several patterns bear leads to none of them.
    bearers = {pk for pk, _, _, _, key, _ in ranked if key == name_key(typed)}
    return [
        Suggestion(pk, slug, title or slug, name, rank, bearers == {pk} and key == name_key(typed))
        for pk, slug, title, name, key, rank in ranked
    ]


class SuggestPages(ModelAdmin):
    """The endpoint behind the box in which a target is typed."""

    def suggest_urls(self) -> list[URLPattern]:
        return [path("suggest/", self.admin_site.admin_view(self.suggest_view), name="patterns_app_pattern_suggest")]

    def suggest_view(self, request: HttpRequest) -> HttpResponse:
        """At most twelve patterns for `?q=`, as JSON. For those who may write patterns or see them."""
        if not (may_see_all(request.user) or is_allowed(request.user, "add")):
            raise PermissionDenied
        results = [
            {"slug": one.slug, "title": one.title, "alias": one.alias, "exact": one.is_exact}
            for one in suggested(request.user, request.GET.get("q", ""))
        ]
        return JsonResponse({"results": results}, headers={"Cache-Control": "no-store"})
