"""Wanted patterns: targets of relationships that nobody has written yet, and who wants them."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import F, Window
from django.db.models.functions import DenseRank
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse

from patterns_app.document.vocabulary import name_key
from patterns_app.models import Pattern, Relationship
from patterns_app.workflow.permissions import may_see_all

if TYPE_CHECKING:
    ModelAdmin = admin.ModelAdmin[Pattern]
else:
    ModelAdmin = admin.ModelAdmin

WANTED_A_PAGE = 50
WANTING_SHOWN = 8
"""Most patterns named for one wanted pattern."""


class WantedPages(ModelAdmin):
    """The page of wanted patterns."""

    def wanted_urls(self) -> list[URLPattern]:
        return [path("wanted/", self.admin_site.admin_view(self.wanted_view), name="patterns_app_pattern_wanted")]

    def wanted_view(self, request: HttpRequest) -> HttpResponse:
        """Wanted patterns, most wanted first, each with patterns that want it. Three queries a page."""
        # It names targets and titles of drafts.
        if not may_see_all(request.user):
            raise PermissionDenied
        page = Paginator(Relationship.objects.wanted().by_demand(), WANTED_A_PAGE).get_page(request.GET.get("page"))
        wanting = self._wanting([row["target_text"] for row in page])
        add = reverse("admin:patterns_app_pattern_add")
        rows = []
        for row in page:
            target = row["target_text"]
            # A target that is a slug says how the pattern is to be found, any other is rather its title.
            prefill = {"slug": target} if target == name_key(target) else {"title": target}
            rows.append(
                {
                    "target": target,
                    "wanted_by": row["wanted_by"],
                    "patterns": wanting[target],
                    "unnamed": row["wanted_by"] - len(wanting[target]),
                    "add_url": f"{add}?{urlencode(prefill)}",
                }
            )
        context = {
            **self.admin_site.each_context(request),
            "title": "Wanted patterns",
            "opts": self.opts,
            "rows": rows,
            "page": page,
            "page_range": page.paginator.get_elided_page_range(page.number),
            "has_add_permission": self.has_add_permission(request),
            "media": self.media,
        }
        return TemplateResponse(request, "admin/patterns_app/pattern/wanted.html", context)

    def _wanting(self, targets: list[str]) -> dict[str, list[Pattern]]:
        """For each target a few of the patterns that want it, by slug. One query, however many want it."""
        # The ranks of one pattern's links to one target are equal, so that ranks count patterns.
        rank = Window(DenseRank(), partition_by=[F("target_text")], order_by="pattern_id")
        links = Relationship.objects.wanted().filter(target_text__in=targets).annotate(rank=rank)
        links = links.filter(rank__lte=WANTING_SHOWN).select_related("pattern")
        wanting: dict[str, dict[int, Pattern]] = defaultdict(dict)
        for link in links.only("target_text", "pattern__slug", "pattern__title"):
            wanting[link.target_text][link.pattern_id] = link.pattern
        return {target: sorted(wanting[target].values(), key=lambda pattern: pattern.slug) for target in targets}
