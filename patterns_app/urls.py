"""Public addresses of the app."""

import re

from django.urls import path, re_path
from django.views.decorators.csrf import csrf_exempt

from patterns_app.api import serving as api
from patterns_app.mcp import serving as mcp
from patterns_app.models import Facet
from patterns_app.views import (
    about,
    browse,
    card,
    edit,
    feeds,
    home,
    machines,
    map,
    navigator,
    paths,
    preview,
    public,
    search,
)
from patterns_app.views.formats import serving
from patterns_app.views.formats.record import FORMATS

TERM_PAGES = (
    ("domains", Facet.DOMAIN),
    ("collections", Facet.COLLECTION),
    ("contributors", Facet.CONTRIBUTOR),
    ("entities", Facet.ENTITY),
    ("communities", Facet.COMMUNITY),
)

urlpatterns = [
    path("", home.index, name="index"),
    # A slug is whatever the file's author made it, but for slashes. NUL is none that a database could look for.
    re_path(r"^patterns/(?P<slug>[^/\x00]+)/$", public.pattern, name="pattern"),
    *(
        re_path(
            rf"^patterns/(?P<slug>[^/\x00]+)\.{re.escape(entry.suffix)}$",
            serving.format,
            {"suffix": entry.suffix},
            name=entry.name,
        )
        for entry in FORMATS
    ),
    re_path(r"^patterns/(?P<slug>[^/\x00]+)/card\.png$", card.card, name="card"),
    path("card.png", card.library_card, name="library-card"),
    # Where somebody comes who shortens a pattern's address.
    path("patterns/", browse.all_patterns, name="patterns"),
    path("edit/", edit.link, name="edit-link"),
    re_path(r"^preview/(?P<token>[0-9A-Za-z_.:=-]+)/$", preview.shared, name="shared-preview"),
    path("browse/", browse.browse, name="browse"),
    *(
        re_path(rf"^{word}/(?P<key>[^/\x00]+)/$", browse.term, {"facet": facet}, name=facet.value)
        for word, facet in TERM_PAGES
    ),
    *(path(f"{word}/", browse.terms, {"facet": facet}, name=word) for word, facet in TERM_PAGES),
    path("recent/", browse.recent, name="recent"),
    path("about/", about.about, name="about"),
    path("map/", map.map, name="map"),
    path("map/data.json", map.data, name="map-data"),
    path("map/list/", map.as_list, name="map-list"),
    path("path/", paths.path, name="path"),
    path("navigator/", navigator.choose, name="navigator"),
    path("search/", search.results, name="search"),
    path("search/suggest/", search.suggestions, name="search_suggest"),
    re_path(r"^id/(?P<identifier>[^/\x00]+)/$", serving.permanent, name="permanent"),
    path("patterns.jsonl", machines.dump, name="dump"),
    path("feed/", feeds.recent, name="feed"),
    path("feed/full/", feeds.recent_full, name="feed-full"),
    # A name may hold slashes.
    re_path(r"^feeds/domain/(?P<name>[^\x00]+)/$", feeds.domain, name="feed-domain"),
    re_path(r"^feeds/collection/(?P<name>[^\x00]+)/$", feeds.collection, name="feed-collection"),
    path("sitemap.xml", machines.sitemap, name="sitemap"),
    re_path(r"^sitemap-lists-(?P<number>[0-9]{1,9})\.xml$", machines.sitemap_lists, name="sitemap-lists"),
    re_path(r"^sitemap-(?P<number>[0-9]{1,12})\.xml$", machines.sitemap_page, name="sitemap-page"),
    path("robots.txt", machines.robots, name="robots"),
    path("llms.txt", machines.llms, name="llms"),
    path("schema/pattern.json", machines.pattern_schema, name="schema"),
    *api.urlpatterns,
    path("mcp", mcp.mcp, name="mcp"),
]

for entry in urlpatterns:
    # Nothing here writes, so that no other site's form could do harm; who tries is told what is allowed (405).
    entry.callback = csrf_exempt(entry.callback)
