"""The library's health: what one look at all relationships finds, how long that is kept, and the pages that show it.

A look at a large library takes up to seconds, so it is kept for a while; a small one is looked at each time.
"""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from django.core.cache import cache
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone

from patterns_app.admin.panels import SHOWN, pattern_url, titles_of
from patterns_app.document.vocabulary import RelationshipKind
from patterns_app.models import Relationship, Snapshot
from patterns_app.models.structure import INVERSES, Cycle, OneSided, Structure, structure
from patterns_app.workflow.permissions import Person, is_allowed, may_see_all, visible

if TYPE_CHECKING:
    from django.contrib.admin import AdminSite

A_PAGE: Final = 50

SMALL: Final = 20_000
"""Up to so many relationships a look takes no time to speak of, and nothing is kept."""

KEPT: Final = 600
"""Seconds for which a look is kept; whoever comes next looks anew. Pages say when it was, and offer to look again."""


_KINDS: Final[dict[str, RelationshipKind]] = {kind.value: kind for kind in INVERSES}


class Found(NamedTuple):
    """The first of what a look found, and how much there is. is_kept: others are shown the same."""

    at: datetime.datetime
    one_sided: list[OneSided]
    one_sided_count: int
    cycles: list[Cycle]
    cycle_count: int
    is_kept: bool = True


def _key(part: str) -> str:
    # One cache may serve several libraries.
    return f"patterns_app.structure.1.{connection.settings_dict['NAME']}.{part}".replace(" ", "-")


def is_small() -> bool:
    """Whether the library is looked at each time. One query, which stops counting early."""
    return not Relationship.objects.order_by("pk").values("pk")[SMALL : SMALL + 1].exists()


def look(*, at: datetime.datetime) -> tuple[Structure, Found]:
    """Look at all relationships now, and keep what is found if the library is large."""
    seen = structure()
    found = Found(at, seen.one_sided_slice(0, SHOWN), seen.count(), seen.cycles[:SHOWN], len(seen.cycles))
    if not is_small():
        cache.set_many({_key("found"): tuple(found), _key("whole"): (at, seen)}, KEPT)
    return seen, found


def found_lately(*, at: datetime.datetime) -> Found:
    """The first of what the last look found, or one made now."""
    if is_small():
        return look(at=at)[1]._replace(is_kept=False)
    kept = cache.get(_key("found"))
    return look(at=at)[1] if kept is None else Found(*kept)


def looked(*, at: datetime.datetime) -> tuple[Structure, datetime.datetime]:
    """All that the last look found, or one made now, and when that was."""
    kept: tuple[datetime.datetime, Structure] | None = None if is_small() else cache.get(_key("whole"))
    if kept is None:
        return look(at=at)[0], at
    return kept[1], kept[0]


def recently_published(person: Person) -> QuerySet[Snapshot]:
    """What went public last of what somebody may see, with its pattern; the last first."""
    snapshots = Snapshot.objects.light().defer("summary").order_by("-published_at", "-pk")
    return snapshots if may_see_all(person) else snapshots.filter(pattern__in=visible(person).order_by().values("pk"))


# Pages


def health_urls(site: AdminSite) -> list[URLPattern]:
    """Addresses of the pages, below the admin's own."""
    pages = HealthPages(site)
    views = {"one-sided": pages.one_sided, "cycles": pages.cycles, "published": pages.published}
    return [
        path(f"health/{name}/", site.admin_view(view), name=f"health_{name.replace('-', '_')}")
        for name, view in views.items()
    ]


class HealthPages:
    """Lists too special to be a filter of the list of patterns."""

    def __init__(self, site: AdminSite) -> None:
        self.site = site

    def one_sided(self, request: HttpRequest) -> HttpResponse:
        """Statements that their target does not return. A POST looks again."""
        return self._looked(request, "health_one_sided", self._one_sided)

    def cycles(self, request: HttpRequest) -> HttpResponse:
        """Patterns that lead back to themselves. A POST looks again."""
        return self._looked(request, "health_cycles", self._cycles)

    def published(self, request: HttpRequest) -> HttpResponse:
        """What went public, the last first. One query."""
        if not (may_see_all(request.user) or is_allowed(request.user, "add")):
            raise PermissionDenied
        number = _number(request)
        rows = list(recently_published(request.user)[(number - 1) * A_PAGE : number * A_PAGE + 1])
        context = {"rows": rows[:A_PAGE], "title": "Recently published"}
        return self._page(request, "published", context, number, has_next=len(rows) > A_PAGE)

    def _looked(self, request: HttpRequest, name: str, page: Any) -> HttpResponse:
        # It names drafts of everybody.
        if not may_see_all(request.user):
            raise PermissionDenied
        if request.method == "POST":
            look(at=timezone.now())
            return HttpResponseRedirect(reverse("admin:index" if "dashboard" in request.POST else f"admin:{name}"))
        seen, at = looked(at=timezone.now())
        response: HttpResponse = page(request, seen, at)
        return response

    def _one_sided(self, request: HttpRequest, seen: Structure, at: datetime.datetime) -> HttpResponse:
        asked = request.GET.get("kind", "")
        kind = _KINDS.get(asked)
        number = _number(request)
        found = seen.one_sided_slice((number - 1) * A_PAGE, number * A_PAGE, kind)
        titles = titles_of(key for statement in found for key in (statement.source, statement.target))
        rows = [
            {
                "source": titles[statement.source],
                "source_url": pattern_url(statement.source),
                "said": statement.kind.replace("_", " "),
                "target": titles[statement.target],
                "target_url": pattern_url(statement.target),
                "missing": statement.missing.replace("_", " "),
            }
            for statement in found
            # Whoever looked earlier may have seen what is gone by now.
            if statement.source in titles and statement.target in titles
        ]
        kinds = [(name.value, name.replace("_", " "), seen.count(name)) for name in INVERSES]
        context = {
            "rows": rows,
            "kinds": kinds,
            "kind": kind.value if kind else "",
            "count": seen.count(kind),
            "total": seen.count(),
            "title": "Stated from one side only",
            "looked_at": at,
        }
        return self._page(request, "one_sided", context, number, has_next=number * A_PAGE < seen.count(kind))

    def _cycles(self, request: HttpRequest, seen: Structure, at: datetime.datetime) -> HttpResponse:
        number = _number(request)
        found = seen.cycles[(number - 1) * A_PAGE : number * A_PAGE]
        titles = titles_of(key for cycle in found for key in cycle.path)
        rows = [
            {
                "word": "requires" if cycle.graph == "requires" else "is narrower than",
                "steps": [(titles.get(key, "?"), pattern_url(key)) for key in (*cycle.path, cycle.path[0])],
                "size": cycle.size,
                "is_tangled": cycle.size > len(cycle.path),
            }
            for cycle in found
        ]
        context = {"rows": rows, "count": len(seen.cycles), "title": "Going in circles", "looked_at": at}
        return self._page(request, "cycles", context, number, has_next=number * A_PAGE < len(seen.cycles))

    def _page(
        self, request: HttpRequest, name: str, context: dict[str, Any], number: int, *, has_next: bool
    ) -> HttpResponse:
        query = request.GET.copy()
        links = {}
        for word, other in (("earlier", number - 1), ("later", number + 1 if has_next else 0)):
            query["page"] = str(other)
            links[word] = f"?{query.urlencode()}" if other else ""
        context = {**self.site.each_context(request), "number": number, "links": links, **context}
        request.current_app = self.site.name
        return TemplateResponse(request, f"admin/patterns_app/dashboard/{name}.html", context)


def _number(request: HttpRequest) -> int:
    asked = request.GET.get("page", "")
    return max(int(asked), 1) if asked.isascii() and asked.isdigit() and len(asked) < 7 else 1


__all__ = ["Found", "found_lately", "health_urls", "look", "looked", "recently_published"]
