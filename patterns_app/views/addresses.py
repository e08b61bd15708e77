"""Absolute addresses of what is public, and what is now at an address that was public once."""

from __future__ import annotations

from typing import Final

from django.conf import settings
from django.http import Http404
from django.urls import reverse

from patterns_app.document.vocabulary import NAME_MAX, TYPEID
from patterns_app.models import PublicAddress, SearchName, Snapshot
from patterns_app.search.query import name_form
from patterns_app.views.routes import path_of

LIBRARY: Final = "Pattern library"
"""What the whole is called where a citation or a feed has to name it."""


def absolute(path: str) -> str:
    """The whole address of a path of this site. It does not depend on the request: a copy may end up anywhere."""
    return f"{settings.SITE_URL.rstrip('/')}{path}"


def library_address() -> str:
    """Of the library as a set of terms."""
    return absolute(reverse("index")) + "#library"


def address_of(snapshot: Snapshot) -> str:
    """Of a pattern's page."""
    return absolute(path_of("pattern", snapshot.slug))


def permanent_address_of(snapshot: Snapshot) -> str:
    """The address that outlives a change of slug or id; "" for a pattern without a TypeID."""
    if not TYPEID.fullmatch(snapshot.identifier):
        return ""
    return absolute(reverse("permanent", args=[snapshot.identifier]))


def iri_of(snapshot: Snapshot) -> str:
    """The name of a pattern in linked data: its permanent address if it has one, else its page's."""
    return permanent_address_of(snapshot) or address_of(snapshot)


def moved_to(*slugs: str) -> tuple[str, str] | None:
    """(slug, the slug where its pattern is public now) for the first that was ever public; None for one taken back.

    A slug that never was public may be one in capitals, or what one public pattern, and no other, is also called.
    Raises Http404 if none of this is so. Two queries, and one more for each slug that never was.
    """
    asked = {*slugs, *(slug.lower() for slug in slugs)}
    known = dict(PublicAddress.objects.filter(slug__in=asked).values_list("slug", "pattern"))
    known |= {slug: known[slug.lower()] for slug in slugs if slug not in known and slug.lower() in known}
    for slug in slugs:
        if slug in known:
            now = Snapshot.objects.filter(pk=known[slug]).values_list("slug", flat=True).first()
            return (slug, now) if now else None
    for slug in slugs:
        if now := _also_called(slug):
            return slug, now
    raise Http404(f"There is no pattern at “{slugs[0]}”.")


def _also_called(alias: str) -> str:
    """The slug of the only public pattern that bears an alias, given as in an address; "" for none or several."""
    names = SearchName.objects.filter(key=name_form(alias)[:NAME_MAX], kind=SearchName.Kind.ALIAS).order_by()
    slugs = list(names.values_list("snapshot__slug", flat=True).distinct()[:2])
    return slugs[0] if len(slugs) == 1 else ""
