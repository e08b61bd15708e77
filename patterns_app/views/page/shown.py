"""One pattern as readers see it: what a document says, with nothing but public knowledge of other patterns."""

from __future__ import annotations

import datetime
from typing import NamedTuple

from django.utils.safestring import SafeString
from django.utils.text import Truncator

from patterns_app.document.pattern import PatternDocument
from patterns_app.document.vocabulary import Status
from patterns_app.models import Facet, Snapshot
from patterns_app.rendering import Heading, mentioned, render
from patterns_app.views.page.body import ShownBody, shown_body
from patterns_app.views.page.chart import BANDS, Chart, chart_of
from patterns_app.views.page.garden import Garden, garden_of
from patterns_app.views.page.lists import contents_list, facts_list, groups_list, names_line, past_list, sources_list
from patterns_app.views.page.neighbourhood import Neighbourhood, neighbourhood_of
from patterns_app.views.page.provenance import facts_of, past_of, sources_of
from patterns_app.views.page.records import Neighbour, surroundings_of, surroundings_of_draft
from patterns_app.views.page.relationships import stated
from patterns_app.views.routes import list_path


class ShownPattern(NamedTuple):
    """What a pattern's page shows; HTML is safe.

    name: in the audience's words; title: its own, "" where that is the name. stars: as signs; status: a word.
    other_names (those for other audiences), contents, relationships, facts, past (what was public when), sources: HTML,
    "" where there is none. summary: in a few words, for machines. newest: when the newest of the other patterns it
    names was published.
    """

    document: PatternDocument
    name: str
    title: str
    other_names: SafeString
    aliases: str
    stars: str
    status: str
    domain_path: str
    collection_path: str
    successor: Neighbour | None
    body: ShownBody
    contents: SafeString
    chart: Chart | None
    relationships: SafeString
    neighbourhood: Neighbourhood | None
    garden: Garden | None
    facts: SafeString
    past: SafeString
    sources: SafeString
    newest: datetime.datetime | None
    summary: str
    bands: tuple[tuple[str, str], ...] = BANDS


def shown(document: PatternDocument, *, snapshot: Snapshot | None = None, audience: str = "") -> ShownPattern:
    """The page of a document. snapshot: the public record of it; without one the body is rendered anew.

    Names of other patterns come from what is public of them; a draft's title cannot show through. One query, none for a
    document without a snapshot that names no other pattern.
    """
    html = render(document.body) if snapshot is None else snapshot.html
    slugs = mentioned(html)
    around = surroundings_of_draft(document, slugs) if snapshot is None else surroundings_of(snapshot, slugs, audience)
    title = document.title or document.slug
    label = next((label for who, label in document.context_labels if who == audience and label != title), "")
    status = document.status or Status.DRAFT if snapshot is None else snapshot.status
    body = shown_body(html, document, around.addresses)
    chart = chart_of(document)
    relationships = groups_list(stated(around.edges))
    neighbourhood = neighbourhood_of(around.edges, own=None if snapshot is None else snapshot.pk)
    garden = garden_of(document, around.edges)
    parts = [
        Heading(2, anchor, name)
        for anchor, name, part in (
            ("assessment", "Assessment", chart),
            ("related", "Relationships", relationships),
            ("neighbourhood", "Neighbourhood", neighbourhood),
            ("garden", "Garden", garden),
            ("provenance", "Provenance", True),
            ("formats", "Cite and copy", snapshot),
        )
        if part
    ]
    return ShownPattern(
        document,
        label or title,
        title if label else "",
        names_line(named for named in document.context_labels if named.label and named.audience not in ("", audience)),
        ", ".join(document.aliases),
        "" if document.confidence is None else "★" * document.confidence + "☆" * (3 - document.confidence),
        status,
        list_path(Facet.DOMAIN, document.domain),
        list_path(Facet.COLLECTION, document.collection),
        around.successor,
        body,
        contents_list(body.contents, parts),
        chart,
        relationships,
        neighbourhood,
        garden,
        facts_list(facts_of(document, snapshot, status)),
        past_list([] if snapshot is None else past_of(snapshot)),
        sources_list(sources_of(document)),
        around.newest,
        Truncator(document.summary or label or title).chars(300),
    )
