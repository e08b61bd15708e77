"""A pattern's page: all that it says of a pattern, in two queries, for any document."""

from __future__ import annotations

import dataclasses
import re
from html.parser import HTMLParser
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from hypothesis import assume, given, settings

from patterns_app.document.body import Section
from patterns_app.document.pattern import (
    Community,
    ContextLabel,
    Contributor,
    Entity,
    InferredLink,
    PatternDocument,
    Relationship,
)
from patterns_app.models import Pattern, PublicEdge, Snapshot
from patterns_app.models.working_copy import document_of
from patterns_app.publishing import publish_many, retract_many
from patterns_app.views.page import record_at, shown
from patterns_app.views.page.chart import chart_of
from patterns_app.views.page.records import Edge, Neighbour, surroundings_of
from patterns_app.views.page.relationships import stated
from patterns_app.workflow import create_draft, save_draft
from tests.desk import FULL
from tests.document.strategies import documents
from tests.factories import NOON, make_document, make_pattern

pytestmark = pytest.mark.django_db

VOID = frozenset({"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"})
# What closes itself in SVG, where a slash does so.
DRAWN = frozenset({"path", "rect", "circle", "line"})


class Page(HTMLParser):
    """A page taken to pieces. Raises AssertionError where an element is not closed, or closed where none is open."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.ids: list[str] = []
        self.links: list[str] = []
        self.tags: list[tuple[str, dict[str, str]]] = []
        self.words: dict[str, list[str]] = {}
        self.feed(html)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = {name: value or "" for name, value in attrs}
        assert len(said) == len(attrs), f"an attribute twice in {tag}"
        self.tags.append((tag, said))
        self.ids += [said["id"]] if "id" in said else []
        if tag == "a" and "href" in said:
            assert "a" not in self.open, "a link in a link"
            self.links.append(said["href"])
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag in DRAWN
        self.tags.append((tag, {name: value or "" for name, value in attrs}))

    def handle_endtag(self, tag: str) -> None:
        assert self.open, f"{tag} is closed where none is open"
        assert self.open[-1] == tag, f"{tag} is closed within {self.open[-1]}"
        self.open.pop()

    def handle_data(self, data: str) -> None:
        for tag in set(self.open):
            self.words.setdefault(tag, []).append(data)

    def text(self, tag: str = "body") -> str:
        return " ".join("".join(self.words.get(tag, [])).split())


def make_public(slug: str = "shared-tool-library", **fields: Any) -> Pattern:
    pattern = make_pattern(slug=slug, **{"status": "published", **fields})
    assert publish_many([pattern.pk], at=NOON) == {}
    return pattern


def get(slug: str = "shared-tool-library", audience: str = "") -> str:
    response = Client().get(reverse("pattern", args=[slug]), {"audience": audience} if audience else {})
    assert response.status_code == 200
    return str(response.content.decode())


def looked_at(slug: str = "shared-tool-library", audience: str = "") -> Page:
    return Page(get(slug, audience))


# Any document


@settings(max_examples=60)
@given(documents())
def test_the_page_of_every_document_that_can_be_published_is_well_formed(document: PatternDocument) -> None:
    slug = document.slug if document.slug.strip() else "some-slug"
    with transaction.atomic():
        try:
            said = dataclasses.replace(document, slug=slug, status="published")
            pattern = create_draft(document=said, author=None, at=NOON)
        except (ValueError, ValidationError):
            transaction.set_rollback(True)
            assume(False)
        assert publish_many([pattern.pk], at=NOON) == {}
        pages = [looked_at(slug), looked_at(slug, "corporate")]
        transaction.set_rollback(True)
    for page in pages:
        assert [tag for tag, _ in page.tags].count("h1") == 1
        assert len(page.ids) == len(set(page.ids))
        assert all(said.get("style") is None and "onclick" not in said for _, said in page.tags)
        missing = {link[1:] for link in page.links if link.startswith("#")} - {*page.ids}
        assert not missing


def test_a_page_takes_two_queries_for_any_number_of_relationships_labels_and_links_in_its_text() -> None:
    def queries(count: int) -> int:
        slug = f"with-{count}"
        links = "".join(f"[x](other-{number}.md) [y](unwritten-{number}.md) " for number in range(count))
        named = make_public(
            slug,
            relationships=tuple(Relationship("enables", f"other-{number}", 0.5) for number in range(count)),
            inferred_links=tuple(InferredLink(f"other-{number}", "similar", 0.5) for number in range(count)),
            sections=(Section("## Context\n", f"{links}\n"),),
            **{name: FULL[name] for name in ("context_labels", "entities", "communities", "contributors", "sources")},
        )
        Pattern.objects.filter(pk=named.pk).update(successor=others[0])
        Snapshot.objects.filter(pk=named.pk).update(successor=others[0], status="deprecated")
        with CaptureQueriesContext(connection) as captured:
            page = get(slug, "corporate")
        assert page.count("Other 1") > 2
        return len(captured)

    others = [
        make_public(
            f"other-{number}", relationships=tuple(Relationship("requires", f"with-{count}") for count in (2, 40))
        )
        for number in range(40)
    ]
    assert queries(2) == queries(40) == 2


def test_the_edges_of_a_pattern_are_found_by_indexes() -> None:
    pks = [make_public(f"house-{number}", relationships=(Relationship("enables", "door"),)).pk for number in range(3)]
    record = record_at("house-1")
    assert record
    with CaptureQueriesContext(connection) as captured:
        surroundings_of(record.snapshot, ["house-2"], "")
    [query] = captured.captured_queries
    assert len(pks) == 3
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            # So few rows are read one after the other, unless that is forbidden.
            cursor.execute("SET LOCAL enable_seqscan = off")
            cursor.execute(f"EXPLAIN {query['sql']}")
        else:
            cursor.execute(f"EXPLAIN QUERY PLAN {query['sql']}")
        plan = "\n".join(str(row[-1]) for row in cursor.fetchall())
    assert "Seq Scan" not in plan, plan
    assert not re.search(r"SCAN (e|s|a)\b|SCAN patterns_app_public", plan), plan


# The head


def test_the_head_says_what_it_is_and_the_problem_is_headed_by_its_tension() -> None:
    make_public(**{**FULL, "preamble": "> A drill.\n> [!NOTE] Confidence Rating: ★★ (Fair)\n> Well tried.\n\n---\n"})
    html = get()
    page = Page(html)
    head = html[html.index('<header class="pattern-head') : html.index("</header>", html.index("pattern-head"))]
    for words in (
        "Also called Tool shed, Borrowing shop",
        "★★☆",
        "version 0.1",
        "A drill.",
        "Well tried.",
        "published",
    ):
        assert words in head
    assert "<hr>" not in head
    assert page.text("hgroup") == "Section 2: ProblemOwning vs. using"
    assert html.count("Owning vs. using") == 1
    assert page.text("h1") == "Shared tool library"


def test_a_tension_without_a_problem_below_it_stands_in_the_head() -> None:
    make_public(primary_tension="Now <vs.> then", sections=())
    assert "Now &lt;vs.&gt; then" in get()


def test_the_contents_follow_the_text_in_two_levels_without_numbers_and_guidance() -> None:
    sections = (
        Section("### Section 1: Context (100–200 words)\n", "One.\n\n#### Where\n\n##### Too deep\n\n"),
        Section("### Section 2: Context\n", "Two.\n"),
    )
    make_public(sections=sections)
    html = get()
    contents = html[
        html.index('<nav aria-label="Contents"') : html.index("</nav>", html.index('aria-label="Contents"'))
    ]
    entries = re.findall(r'<a href="#([^"]*)">([^<]*)</a>', contents)
    assert entries == [
        ("s-section-1-context-100200-words", "Context"),
        ("s-where", "Where"),
        ("s-section-2-context", "Context"),
        ("provenance", "Provenance"),
        ("formats", "Cite and copy"),
    ]
    assert {anchor for anchor, _ in entries} <= {*Page(html).ids}


def test_a_heading_that_says_the_title_over_again_is_left_out() -> None:
    make_public(
        title="Tool library",
        preamble="# Tool Library Pattern\n\n",
        sections=(Section("## A\n", "a [up](#tool-library-pattern)\n"), Section("## B\n", "b\n")),
    )
    page = looked_at()
    assert page.text("h1") == "Tool library"
    assert "Tool Library Pattern" not in page.text()
    assert [tag for tag, said in page.tags if said.get("id") in ("s-a", "s-b")] == ["h2", "h2"]
    assert "#s-tool-library-pattern" in page.links


def test_an_opening_that_holds_the_first_heading_is_not_cut_in_two() -> None:
    make_public(preamble="> quote\n> # Heading in it\n\ntext\n", sections=())
    page = looked_at()
    assert "Heading in it" in page.text("blockquote")


def test_a_summary_that_the_text_opens_with_is_not_said_twice() -> None:
    make_public("twice", summary="A drill is used\n  for minutes.", preamble="> A *drill* is used for minutes.\n\n")
    make_public("once", summary="A drill is used for years.", preamble="> A drill is used for minutes.\n\n")
    assert 'class="lead"' not in get("twice")
    assert '<p class="lead">A drill is used for years.</p>' in get("once")


# The Navigator


def test_a_page_speaks_the_words_of_an_audience_with_its_own_title_beside_them() -> None:
    make_public("open-door", title="Open door", context_labels=(ContextLabel("tech", "Public API"),))
    labels = (ContextLabel("tech", "Hardware checkout"), ContextLabel("arts & crafts", "Prop store"))
    make_public(context_labels=labels, relationships=(Relationship("enables", "open-door", 0.5),))
    page = looked_at(audience="tech")
    assert page.text("h1") == "Hardware checkout"
    assert "In the library: Shared tool library" in page.text()
    assert "Public API Open door" in page.text("li")
    assert "Also named for arts & crafts: Prop store" in page.text()
    assert "?audience=arts+%26+crafts" in page.links
    svg = "".join(page.words["svg"])
    assert "Public API" in svg
    assert "Open door" not in svg
    assert "Shared tool library" in looked_at(audience="arts").text("h1"), "an audience without a word of its own"


def test_names_for_others_are_folded_where_they_are_sentences() -> None:
    sentence = "A public agency coordinates private contractors & non-profits to deliver a complex service."
    labels = (ContextLabel("government", sentence), ContextLabel("tech", "Platform"), ContextLabel("arts", "Troupe"))
    make_public(context_labels=labels)
    page = looked_at()
    assert "Also named for 3 audiences" in page.text("summary")
    assert f"government {sentence}" in page.text("details").replace("government", "government ")
    assert {"?audience=government", "?audience=tech", "?audience=arts"} <= set(page.links)
    assert ("details", {"class": "names"}) in page.tags, "closed until somebody opens it"
    assert "Also named for 2 audiences" in looked_at(audience="tech").text("summary")


def test_many_short_names_for_others_are_folded_as_well_and_no_names_leave_no_trace() -> None:
    make_public(
        "many", context_labels=tuple(ContextLabel(f"who {n}", f"A name of thirty letters, {n:03}") for n in range(9))
    )
    make_public("none")
    assert "Also named for 9 audiences" in looked_at("many").text("summary")
    assert "Also named" not in looked_at("none").text()


def test_a_sentence_instead_of_a_name_is_a_smaller_heading() -> None:
    sentence = "A platform company provides the core technology while others develop, create and deliver."
    make_public(context_labels=(ContextLabel("tech", sentence),))
    assert ("h1", {"class": "long"}) in looked_at(audience="tech").tags
    assert ("h1", {}) in looked_at().tags


def test_stages_are_said_in_words() -> None:
    make_public(usage_stage="early_design", adoption_stage="early_adopters")
    assert "usage: early design adoption: early adopters" in looked_at().text()


@pytest.mark.parametrize(("stars", "said"), [(2, "Confidence: 2 of 3 stars"), (4, "Confidence: 4 stars")])
def test_stars_are_said_as_they_stand_even_if_they_are_more_than_the_scale_has(stars: int, said: str) -> None:
    make_public(confidence=stars)
    [label] = [given["aria-label"] for _, given in looked_at().tags if given.get("class") == "stars"]
    assert label == said


@pytest.mark.parametrize("audience", ["", "tech", "arts", "unknown"])
def test_neighbours_are_named_as_snapshots_name_themselves(audience: str) -> None:
    labels = (ContextLabel("tech", "Public API"), ContextLabel("arts", "Open door"))
    make_public("open-door", title="Open door", context_labels=labels)
    make_public(relationships=(Relationship("enables", "open-door"),))
    record = record_at("shared-tool-library")
    assert record
    [edge] = surroundings_of(record.snapshot, [], audience).edges
    snapshot = Snapshot.objects.get(slug="open-door")
    assert edge.to
    assert (edge.to.name, edge.to.title) == (
        snapshot.name_for(audience),
        str(snapshot) if snapshot.label_for(audience) else "",
    )


# Assessment


def test_a_pillar_without_a_score_has_no_bar_and_is_not_called_nothing() -> None:
    make_public(stakeholder_architecture=4.0, ownership=0.0, vitality=3.6, vitality_reasoning="It lives.")
    page = looked_at()
    bars = [said["width"] for tag, said in page.tags if tag == "rect" and said.get("class") in ("pillar", "vitality")]
    assert bars == ["96.0", "0.0", "86.4"]
    assert page.text("table").count("not scored") == 5
    assert "Vitality 3.6: sustaining. It lives." in page.text()


def test_the_chart_has_a_name_a_description_and_a_table_with_the_same_numbers() -> None:
    make_public(**FULL)
    page = looked_at()
    chart = next(said for tag, said in page.tags if tag == "svg" and said.get("class") == "chart")
    assert chart["role"] == "img"
    assert set(chart["aria-labelledby"].split()) <= {*page.ids}
    for row in ("Stakeholder architecture3", "Resilience3.5", "Composability2", "Vitality3.6"):
        assert row in "".join(page.words["table"])


def test_there_is_no_assessment_where_nothing_was_assessed() -> None:
    assert chart_of(make_document()) is None
    make_public()
    assert "assessment" not in looked_at().ids


# Relationships


def edge(kind: str, pk: int | None, *, own: bool = True, weight: float | None = 0.5, position: int = 0) -> Edge:
    to = None if pk is None else Neighbour(pk, f"Pattern {pk}", "", f"/patterns/{pk}/", is_deprecated=False)
    return Edge(own, False, kind, f"slug-{pk}", weight, None, "", position, to)


def words(edges: list[Edge]) -> dict[str, list[str]]:
    return {
        group.label: [f"{link.written}{' both' if link.is_mutual else ''}" for link in group.links]
        for group in stated(edges)
    }


def test_relationships_are_grouped_by_how_they_read_from_here() -> None:
    edges = [edge("requires", 1), edge("requires", 2, own=False), edge("enables", None), edge("generalizes_from", 3)]
    assert words(edges) == {
        "broader": ["slug-3"],
        "enables": ["slug-None"],
        "requires": ["slug-1"],
        "required by": ["slug-2"],
    }


def test_what_both_ends_state_is_one_relationship_and_no_mirror_is_made_up() -> None:
    both = [edge("generalizes_from", 1), edge("specializes_to", 1, own=False)]
    assert words(both) == {"broader": ["slug-1 both"]}
    for kind in ("complementary", "alternatives", "related"):
        [group] = words([edge(kind, 1), edge(kind, 1, own=False)]).values()
        assert group == ["slug-1 both"]
    assert words([edge("complementary", 1, own=False)]) == {"complemented by": ["slug-1"]}
    assert words([edge("enables", 1), edge("requires", 1, own=False)]) == {
        "enables": ["slug-1"],
        "required by": ["slug-1"],
    }
    assert words([edge("enables", 1), edge("enables", 1, own=False)]) == {
        "enables": ["slug-1"],
        "enabled by": ["slug-1"],
    }


def test_own_relationships_keep_the_order_of_the_file_and_those_of_others_follow_by_weight() -> None:
    edges = [
        edge("related", 5, own=False, weight=0.9),
        edge("related", 4, own=False, weight=None),
        edge("related", 2, position=1, weight=0.9),
        edge("related", 1, position=0, weight=0.1),
        edge("related", 3, own=False, weight=0.95),
    ]
    assert words(edges) == {"related": ["slug-1", "slug-2", "slug-3", "slug-5", "slug-4"]}


def test_weights_notes_and_what_is_not_written_yet_are_said() -> None:
    make_public(**FULL)
    page = looked_at()
    titles = [said["title"] for _, said in page.tags if said.get("class") == "weight"]
    assert "weight 0.9 of 1" in titles
    assert "commons not yet written 0.9" in page.text("li")
    assert "People who borrow also mend." in page.text("li")


def test_two_hundred_relationships_are_all_there_and_most_of_them_folded() -> None:
    make_public(relationships=tuple(Relationship("enables", f"target-{number}", 0.5) for number in range(200)))
    html = get()
    assert html.count("not yet written") == 200
    folded = html[html.index("188 more") : html.index("</details>", html.index("188 more"))]
    assert folded.count("not yet written") == 188


def test_a_relationship_stated_elsewhere_is_seen_here_until_it_is_taken_back() -> None:
    make_public()
    other = make_public("repair-cafe", relationships=(Relationship("requires", "shared-tool-library", 0.7),))
    assert "Required by" in looked_at().text("h3")
    retract_many([other.pk])
    assert "Required by" not in looked_at().text("h3")


# The neighbourhood


def test_the_neighbourhood_shows_the_strongest_and_counts_the_others() -> None:
    for number in range(20):
        make_public(f"other-{number}")
    links = tuple(Relationship("enables", f"other-{number}", number / 20) for number in range(20))
    make_public(relationships=links)
    html = get()
    drawing = html[html.index('<svg class="neighbourhood"') : html.index("</svg>", html.index('class="neighbourhood"'))]
    assert re.findall(r'href="/patterns/other-(\d+)/"', drawing) == [str(number) for number in range(19, 3, -1)]
    assert "4 more neighbours" in html
    assert "<title>Other 19 (enables · 0.95)</title>" in drawing


def test_proposals_are_drawn_as_such_and_after_what_people_state() -> None:
    make_public("a", title="A")
    make_public("b", title="B")
    make_public(
        relationships=(Relationship("enables", "a", 0.1),),
        inferred_links=(InferredLink("b", "enables", 0.9), InferredLink("a", "requires", 0.9)),
    )
    titles = looked_at().words["title"]
    assert titles[-2:] == ["A (enables · 0.1)", "B (enables · 0.9 · machine-made)"]


# The garden


def test_the_garden_is_marked_as_made_by_a_machine_and_links_to_lists() -> None:
    make_public(
        entities=(Entity("ent-1", "practice", "Lending & sharing", 0.9), Entity("", "", "★")),
        communities=(Community("c-1", "Street level", "taxonomy", 0.8),),
        inferred_links=(
            InferredLink("seed-library", "similar", 0.6, None, "Both lend."),
            InferredLink("x", "", None, 4.0),
        ),
        contributors=(Contributor("ada", "author"),),
    )
    page = looked_at()
    assert "Garden machine-made" in page.text("h2")
    for address in (
        reverse("entity", args=["lending-sharing"]),
        reverse("community", args=["street-level"]),
        reverse("contributor", args=["ada"]),
        reverse("domain", args=["neighbourhood"]),
    ):
        assert address in page.links
    for said in ("Lending & sharing practice, 0.9", "★", "Both lend.", "strength 4"):
        assert said in page.text("li")


def test_of_a_great_many_proposals_the_strongest_are_shown() -> None:
    make_public()
    for number in range(50):
        make_public(f"other-{number}", inferred_links=(InferredLink("shared-tool-library", "enables", number / 50),))
    page = looked_at()
    assert "50 proposals lead here" in page.text("summary")
    assert "10 weaker ones are not shown" in page.text()
    assert "Other 49" in page.text("li")
    assert "Other 9 " not in page.text("li")


# Provenance and what to copy


def test_provenance_says_who_whence_when_and_under_which_license() -> None:
    sources = ("A. Lender, Things (2014). https://example.org/things.", "<b>by hand</b>")
    make_public(**{**FULL, "sources": sources, "created": "2026-01-28 00:00:00+00:00", "modified": "2026-02-01"})
    html = get()
    page = Page(html)
    for said in ("ada , bo (reviewer)", "CC BY-SA 4.0", "by the neighbours", "1 March 2026", "2026-02-01"):
        assert said.replace(" ,", ",") in page.text()
    assert "2026-01-28 00:00" not in html
    assert "https://example.org/things" in page.links
    assert "<b>by hand" not in html
    digest = Snapshot.objects.select_related("revision").get().revision.digest
    assert digest[:12] in page.text("dd")


def test_the_credit_names_title_author_source_and_license_in_one_line() -> None:
    make_public(**FULL)
    html = get()
    assert (
        "“Shared tool library” by ada &amp; bo, Pattern library, http://localhost:8000/patterns/shared-tool-library/, "
        "is licensed under CC BY-SA 4.0 (https://creativecommons.org/licenses/by-sa/4.0/). "
        "Attribution: by the neighbours"
    ) in html
    page = Page(html)
    assert "@misc{shared-tool-library," in page.text("pre")
    assert "&quot;type&quot;: &quot;webpage&quot;" in html
    buttons = [said for tag, said in page.tags if tag == "button" and said.get("class") == "copy"]
    assert all("hidden" in said for said in buttons), "nothing copies without a script"
    assert {said.get("data-copies") for said in buttons} - {None} <= {*page.ids}
    assert {said.get("data-fetches") for said in buttons} - {None} == {"/patterns/shared-tool-library.md"}


def test_a_deprecated_pattern_names_its_successor_in_the_words_of_the_audience() -> None:
    better = make_public("better", title="Better", context_labels=(ContextLabel("tech", "Next major"),))
    old = make_public("old")
    Snapshot.objects.filter(pk=old.pk).update(status="deprecated", successor=better)
    assert "Deprecated. Use Better instead." in looked_at("old").text()
    assert "Deprecated. Use Next major Better instead." in looked_at("old", "tech").text()
    retract_many([better.pk])
    assert "It should no longer be used." in looked_at("old").text()


# Links in a text


def test_links_in_a_text_lead_to_public_patterns_and_are_words_otherwise() -> None:
    body = "[Door](open-door.md#hinge) [Secret](secret-plan.md) [Moved](old-name.md) [folder](docs/) [[Open door]]\n"
    renamed = make_public("old-name")
    said = dataclasses.replace(document_of(renamed), slug="new-name")
    save_draft(Pattern.objects.get(pk=renamed.pk), document=said, author=None, at=NOON)
    publish_many([renamed.pk], at=NOON)
    make_public("open-door")
    make_pattern(slug="secret-plan", title="A title nobody may know")
    make_public(sections=(Section("## Context\n", body),))
    html = get()
    page = Page(html)
    assert "/patterns/open-door/#s-hinge" in page.links
    assert "/patterns/new-name/" in page.links
    assert page.links.count("/patterns/open-door/") == 1
    assert "secret-plan" not in html.replace('"unwritten"', "")
    assert '<span class="unwritten" title="This pattern is not written yet">Secret</span>' in html
    assert "data-pattern" not in html
    retract_many([Pattern.objects.get(slug="open-door").pk])
    assert not [link for link in looked_at().links if "open-door" in link]


def test_no_link_of_any_page_of_the_example_library_is_broken() -> None:
    slugs = [f"p-{number}" for number in range(4)]
    for number, slug in enumerate(slugs):
        make_public(
            slug,
            **{
                **FULL,
                "id": "",
                "aliases": (),
                "relationships": (Relationship("enables", slugs[number - 1], 0.5), Relationship("tools", "unwritten")),
                "sections": (
                    Section("## A\n", f"[x]({slugs[number - 2]}.md) [y](unwritten.md) [z](#a) [q](img/x/)\n"),
                ),
            },
        )
    for slug in slugs:
        page = looked_at(slug)
        for link in page.links:
            if link.startswith("#"):
                assert link[1:] in page.ids
            elif link.startswith("/") and not link.startswith(("/about", "/map", "/recent", "/browse", "/domains")):
                assert Client().get(link.partition("#")[0]).status_code in (200, 301, 302), link


# The preview, and giants


def test_the_page_of_a_document_without_a_snapshot_names_public_patterns_only() -> None:
    make_public("open-door", title="Open door")
    make_pattern(slug="secret-plan", title="A title nobody may know")
    page = shown(
        make_document(
            relationships=(Relationship("enables", "open-door"), Relationship("requires", "secret-plan")),
            sections=(Section("## A\n", "[a](open-door.md) [b](secret-plan.md)\n"),),
        )
    )
    said = f"{page.relationships}{page.body.text}"
    assert said.count('href="/patterns/open-door/"') == 2
    assert "A title nobody may know" not in said
    assert "/patterns/secret-plan/" not in said


def test_a_giant_pattern_is_rendered_once_and_shown_with_short_contents() -> None:
    paragraph = "A *word* and [another](open-door.md) with `code` | and more. " * 20
    sections = tuple(
        Section(f"## {number}. Part\n", f"{paragraph}\n\n### Below\n\n#### Deeper\n\n{paragraph}\n\n")
        for number in range(140)
    )
    make_public("open-door")
    make_public(sections=sections)
    record = record_at("shared-tool-library")
    assert record
    assert len(record.text) > 337_000
    html = get()
    assert len(html) < 3 * len(record.text)
    contents = html[
        html.index('<nav aria-label="Contents"') : html.index("</nav>", html.index('aria-label="Contents"'))
    ]
    assert contents.count("<li") == 140 * 2 + 2
    assert "Deeper" not in contents
    assert html.count("/patterns/open-door/") >= 140 * 40
    assert PublicEdge.objects.count() == 0
