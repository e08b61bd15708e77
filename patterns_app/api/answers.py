"""What the API says of patterns and of what they are listed under, as plain data made of public records."""

from __future__ import annotations

import datetime
import html
import re
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import urlencode

from django.db.models import Count, Max, Q
from django.http import Http404
from django.urls import reverse

from patterns_app import search
from patterns_app.catalogue.terms import key_of
from patterns_app.document.vocabulary import RelationshipKind, VitalityBand, name_key
from patterns_app.models import Facet, PublicEdge, PublicTerm, Snapshot
from patterns_app.models.typed import is_storable
from patterns_app.views.addresses import absolute, address_of, moved_to
from patterns_app.views.formats.record import Record, records

MOST_RELATIONSHIPS: Final = 500
"""Most relationships of one pattern in each direction that are listed: a hub may have thousands leading to it."""

_TAG: Final = re.compile(r"</?mark>")
_KINDS: Final = {kind.value: kind for kind in RelationshipKind}


class Gone(Exception):
    """A pattern that was public once and is not any more."""

    def __init__(self, slug: str) -> None:
        super().__init__(f"The pattern “{slug}” was taken back.")


class Moved(Exception):
    """A pattern that is public under another slug now."""

    def __init__(self, old: str, slug: str) -> None:
        super().__init__(f"The pattern “{old}” is now “{slug}”.")
        self.slug = slug


def public(slug: str) -> Snapshot:
    """The public pattern of a slug, with its revision, without its rendered text. One query.

    Raises Http404, `Gone` or `Moved` (two queries more).
    """
    if not is_storable(slug):
        raise Http404("No slug has a NUL or half a sign in it.")
    if found := Snapshot.objects.light().select_related("revision").filter(slug=slug).first():
        return found
    if (moved := moved_to(slug)) is None:
        raise Gone(slug)
    raise Moved(slug, moved[1])


def public_now(slug: str) -> Snapshot:
    """The same, also for a slug that it had before. Raises Http404 or `Gone`."""
    try:
        return public(slug)
    except Moved as moved:
        return public(moved.slug)


def named(snapshot: Snapshot) -> dict[str, str]:
    """A pattern as others name it."""
    return {"slug": snapshot.slug, "title": str(snapshot), "address": address_of(snapshot)}


def labelled(snapshot: Snapshot, audience: str) -> dict[str, str | None]:
    """The same, with what an audience calls it, null where it has no word of its own."""
    return {**named(snapshot), "label": snapshot.label_for(audience) or None}


def in_short(snapshot: Snapshot, audience: str = "") -> dict[str, Any]:
    """A pattern in a list. label: what the audience calls it, null where it has no word of its own."""
    return {
        **named(snapshot),
        "api_address": absolute(reverse("api-pattern", args=[snapshot.slug])),
        "id": snapshot.identifier or None,
        "label": snapshot.label_for(audience) or None,
        "summary": snapshot.summary,
        "domain": snapshot.domain or None,
        "collection": snapshot.collection or None,
        "status": snapshot.status,
        "confidence": snapshot.confidence,
        "vitality": snapshot.vitality,
        "first_published_at": snapshot.first_published_at.isoformat(),
        "published_at": snapshot.published_at.isoformat(),
    }


def patterns(
    *, domain: str = "", collection: str = "", status: str = "", audience: str = "", after: str = "", limit: int = 50
) -> list[Snapshot]:
    """Public patterns by slug, from the one after a slug on; one more than `limit`, if there are more. One query.

    domain, collection: a name or its key. audience: only those that it has a label for.
    """
    found = Snapshot.objects.light().order_by("slug")
    for facet, said in ((Facet.DOMAIN, domain), (Facet.COLLECTION, collection), (Facet.AUDIENCE, audience)):
        if said:
            listed = PublicTerm.objects.filter(facet=facet, key=key_of(said))
            found = found.filter(pk__in=listed.values("snapshot"))
    if status:
        found = found.filter(status=status)
    if after:
        found = found.filter(slug__gt=after)
    return list(found[: limit + 1])


def audience_meant(said: str) -> str:
    """The audience as patterns spell it; as said where none does. One query, none for a name in plain small letters."""
    return said if said == name_key(said) else search.audience_named(said) or said


def next_page(name: str, asked: Mapping[str, object]) -> str:
    """The address of the page of a list that these parameters ask for."""
    said = {key: value for key, value in asked.items() if value not in ("", None)}
    return absolute(f"{reverse(name)}?{urlencode(said)}")


def record_of(slug: str) -> Record:
    """Everything about a pattern, as `plain_json.as_data` says it. Two queries; raises as `public` does."""
    [record] = records([public(slug)])
    return record


def relationships(
    snapshot: Snapshot, audience: str = ""
) -> tuple[list[dict[str, Any]], bool, datetime.datetime | None]:
    """What a pattern states of others and others of it, its own first; whether some were left out; and when the newest
    of the others was published. Three queries."""
    rows: list[tuple[str, PublicEdge]] = []
    is_cut = False
    for direction, chosen in (("out", Q(source=snapshot)), ("in", Q(target=snapshot))):
        edges = list(
            PublicEdge.objects.filter(chosen).order_by("is_inferred", "source", "position", "pk")[
                : MOST_RELATIONSHIPS + 1
            ]
        )
        is_cut = is_cut or len(edges) > MOST_RELATIONSHIPS
        rows += [(direction, edge) for edge in edges[:MOST_RELATIONSHIPS]]
    others = {edge.target_id if direction == "out" else edge.source_id for direction, edge in rows}
    known = Snapshot.objects.light().in_bulk([pk for pk in others if pk is not None])
    said = []
    for direction, edge in rows:
        other = known.get(edge.target_id or 0) if direction == "out" else known.get(edge.source_id)
        # Between two queries one may have been taken back.
        if other or direction == "out":
            said.append({
                "direction": direction,
                **facts_of(edge),
                "reads": reads(edge.kind, direction),
                "target": edge.target_text if direction == "out" else snapshot.slug,
                "pattern": labelled(other, audience) if other else None,
            })  # fmt: skip
    return said, is_cut, max((other.published_at for other in known.values()), default=None)


def facts_of(edge: PublicEdge) -> dict[str, Any]:
    """What a relationship says besides its ends."""
    return {
        "kind": edge.kind,
        "is_inferred": edge.is_inferred,
        "weight": edge.weight,
        "strength": edge.strength,
        "note": edge.note,
    }


def reads(kind: str, direction: str) -> str:
    """A relationship in words, from the end where one stands; a kind of a machine's own as it is, none as "related"."""
    if known := _KINDS.get(kind):
        return known.label if direction == "out" else known.reverse_label
    if not kind:
        return "related"
    return kind if direction == "out" else f"{kind} of"


def terms(facet: Facet) -> list[dict[str, Any]]:
    """What patterns are listed under, by name, with how many are. One query.

    Spelt in several ways, the name is the one that comes first.
    """
    counted = PublicTerm.objects.filter(facet=facet).order_by().values("key", "label").annotate(count=Count("snapshot"))
    said: dict[str, dict[str, Any]] = {}
    for row in sorted(counted, key=lambda row: (-row["count"], row["label"])):
        entry = said.setdefault(row["key"], {"name": row["label"], "key": row["key"], "count": 0})
        entry["count"] += row["count"]
    return sorted(said.values(), key=lambda entry: entry["key"])


def name_of(facet: Facet, said: str) -> str:
    """The name that a facet's key or name stands for; as said where nothing has it. One query, none for ""."""
    if not (key := key_of(said)):
        return said
    named = PublicTerm.objects.filter(facet=facet, key=key).order_by()
    by_count = named.values("label").annotate(count=Count("snapshot")).order_by("-count", "label")
    return by_count.values_list("label", flat=True).first() or said


def found_for(
    q: str,
    *,
    audience: str = "",
    domain: str = "",
    collection: str = "",
    vitality: VitalityBand | None = None,
    confidence: int | None = None,
    page: int = 1,
) -> tuple[dict[str, Any], list[Snapshot]]:
    """A page of hits as data, and the patterns on it: none beyond the last page.

    The queries of `search.find` and two at most.
    """
    lists = name_of(Facet.DOMAIN, domain), name_of(Facet.COLLECTION, collection)
    narrowing = search.Narrowing(*lists, vitality, confidence)
    found = search.find(q, audience=audience, narrowing=narrowing, page=page)
    shown = found.hits if page <= found.pages else []
    hits = [
        {
            **in_short(hit.snapshot, audience),
            "found_as": hit.found_as or None,
            "section": hit.excerpt.section or None,
            "section_address": f"{address_of(hit.snapshot)}#{hit.excerpt.anchor}" if hit.excerpt.anchor else None,
            "excerpt": html.unescape(_TAG.sub("", hit.excerpt.text)),
        }
        for hit in shown
    ]
    said = {
        "how": found.how.value,
        "total": found.total,
        "is_more": found.is_more,
        "page": page,
        "pages": found.pages,
        "hits": hits,
        "facets": [
            {"name": facet.name, "values": [{"name": one.value, "count": one.hits} for one in facet.values]}
            for facet in found.facets
        ],
    }
    return said, [hit.snapshot for hit in shown]


def newest() -> datetime.datetime | None:
    """When anything was published last, None in an empty library. One query."""
    at: datetime.datetime | None = Snapshot.objects.aggregate(at=Max("published_at"))["at"]
    return at
