"""The search: finds what is public, by name and by word, and knows nothing of anything else."""

from __future__ import annotations

import datetime
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from patterns_app import search
from patterns_app.document.body import Section
from patterns_app.document.pattern import ContextLabel
from patterns_app.document.vocabulary import NAME_MAX, VitalityBand
from patterns_app.models import Pattern, SearchName, SearchText, Snapshot
from patterns_app.publishing import publish_many, rebuild_snapshots, retract_many
from patterns_app.search import BOUND, How, Narrowing, engine, frequencies, postgresql, sqlite
from patterns_app.workflow import save_draft
from tests.factories import NOON, make_document, make_pattern

pytestmark = pytest.mark.django_db


def make_public(slug: str, **fields: Any) -> Pattern:
    pattern = make_pattern(slug=slug, **{"status": "published", **fields})
    assert publish_many([pattern.pk], at=NOON) == {}
    return pattern


def slugs(typed: str, **asked: Any) -> list[str]:
    return [hit.snapshot.slug for hit in search.find(typed, **asked).hits]


def body(*texts: str) -> dict[str, Any]:
    """A body whose sections have these texts."""
    sections = tuple(Section(f"### Section {n}: Part {n}\n", f"{text}\n\n") for n, text in enumerate(texts, start=1))
    return {"preamble": "", "sections": sections, "summary": ""}


# Names


@pytest.mark.parametrize("typed", ["Tool library", "TOOL-LIBRARY", "Lending shed", "tool-library", "pat_1", "Kasten Ö"])
def test_the_very_name_comes_first(typed: str) -> None:
    make_public("tool-library", id="pat_1", aliases=("Lending shed", "Kasten Ö"))
    for number in range(3):
        texts = body(f"{typed} {typed} {typed}")
        make_public(f"other-{number}", title=f"Another {typed}", aliases=(f"More {typed}",), **texts)
    assert slugs(typed)[0] == "tool-library"


def test_a_misspelt_name_is_found_and_said_to_be_only_like_it() -> None:
    make_public("neighbourhood-workshop")
    found = search.find("nieghbourhood workshp")
    assert found.how is How.SIMILAR
    assert [hit.snapshot.slug for hit in found.hits] == ["neighbourhood-workshop"]


def test_a_name_that_came_after_its_letters_were_counted_is_found_misspelt() -> None:
    make_public("tool-library")
    assert slugs("nieghbourhood workshp") == []
    make_public("neighbourhood-workshop")
    assert slugs("nieghbourhood workshp") == ["neighbourhood-workshop"]


def test_a_misspelt_name_as_long_as_names_can_be_is_answered() -> None:
    # No letters thrice in a row come twice, so that there are as many trigrams as there can be.
    name = "".join(chr(0x4E00 + number) for number in range(NAME_MAX - 1))
    make_public("long", title=f"{name}!")
    assert slugs(f"{name[:-9]}{name[-8:]}") == ["long"]


def test_a_label_is_found_and_shown_to_its_audience() -> None:
    make_public("tool-library", context_labels=(ContextLabel("tech", "Hardware checkout"),))
    make_public("bank", context_labels=(ContextLabel("corporate", "Hardware checkout"),))
    found = search.find("hardware checkout", audience="tech")
    assert [(hit.snapshot.slug, hit.label) for hit in found.hits] == [
        ("tool-library", "Hardware checkout"),
        ("bank", ""),
    ]
    assert slugs("hardware checkout", audience="corporate") == ["bank", "tool-library"]
    assert search.find("hardware checkout").hits[0].found_as == "Hardware checkout"
    assert search.audiences() == ["corporate", "tech"]


def test_of_very_many_audiences_none_is_left_out() -> None:
    names = [f"audience {number:03}" for number in range(120)]
    for first in (0, 60):
        labels = tuple(ContextLabel(name, f"What {name} says") for name in names[first : first + 60])
        make_public(f"pattern-{first}", context_labels=labels)
    assert search.audiences() == names
    for address in ("/navigator/", "/search/?q=pattern"):
        page = Client().get(address).content.decode()
        assert [name for name in names if f">{name}</" not in page] == []
    assert f"option selected>{names[-1]}<" in Client().get("/search/", {"audience": names[-1]}).content.decode()
    assert 'href="/navigator/" rel="nofollow">All audiences<' in Client().get("/").content.decode()


def test_a_misspelt_label_is_found_and_a_title_before_it_for_all_but_its_audience() -> None:
    make_public("workshop", context_labels=(ContextLabel("tech", "Machine lending"),))
    assert slugs("mashine lendng") == ["workshop"]
    make_public("school", title="Machine lending")
    assert slugs("mashine lendng", audience="tech") == ["workshop", "school"]
    assert slugs("mashine lendng")[0] == "school"


def test_a_name_of_signs_alone_is_found() -> None:
    make_public("star", title="★")
    assert slugs("★") == ["star"]


# Words


def test_all_words_have_to_occur_and_a_title_weighs_more_than_a_text() -> None:
    make_public("in-text", **body("Here a lathe stands, and a bench."))
    make_public("lathe-bench-room", **body("Nothing."))
    make_public("only-one", **body("A lathe."))
    assert slugs("bench lathe") == ["lathe-bench-room", "in-text"]


def test_a_title_with_the_words_comes_before_a_text_that_says_them_all_the_time() -> None:
    # The words are in more than half of the texts, where they say nothing.
    for number in range(4):
        make_public(f"text-{number}", **body("Leadership is distributed. " * 20))
    make_public("other", **body("Something else."))
    make_public(
        "named", title="Distributed Leadership in Complexity", **body("Whoever knows the way goes first. " * 200)
    )
    assert slugs("distributed leadership")[0] == "named"


def test_phrase_minus_and_field() -> None:
    make_public("one", domain="street", vector_keywords=("shared ladder",), **body("The old ladder leans."))
    make_public("two", domain="cellar", **body("The ladder is old and leans."))
    assert set(slugs("old ladder leans")) == {"one", "two"}
    assert slugs('"old ladder"') == ["one"]
    assert slugs('ladder -"old ladder"') == ["two"]
    assert slugs("leans domain:cellar") == ["two"]
    assert slugs("keyword:ladder") == ["one"]
    assert slugs("title:two") == ["two"]
    assert slugs("leans -title:two") == ["one"]
    assert slugs("-ladder") == []


def test_where_only_a_field_is_asked_for_hits_come_by_title() -> None:
    for slug, title in (("a", "Workshop"), ("b", "Bench"), ("c", "Lamp")):
        make_public(slug, title=title, domain="streets", **body("More words. " * len(title)))
    assert slugs("domain:streets") == ["b", "c", "a"]
    assert slugs("domain:streets -bench") == ["c", "a"]


def test_words_that_a_hyphen_joins_may_stand_apart_but_not_in_a_phrase() -> None:
    make_public("one", **body("Its decision-making is slow."))
    make_public("two", **body("The making of a decision is slow."))
    assert set(slugs("decision-making")) == {"one", "two"}
    assert slugs('"decision-making"') == ["one"]
    assert slugs("slow -decision-making") == ["two"]


def test_words_are_found_in_other_forms_and_without_accents() -> None:
    make_public("one", **body("They were repairing cafés."))
    assert slugs("repairs cafe") == ["one"]


def test_where_no_pattern_has_all_words_those_with_some_are_shown_and_the_page_says_so() -> None:
    make_public("one", **body("A lathe."))
    make_public("two", **body("A bench."))
    found = search.find("lathe bench trombone")
    assert found.how is How.ANY
    assert {hit.snapshot.slug for hit in found.hits} == {"one", "two"}
    page = Client().get(reverse("search"), {"q": "lathe bench trombone"}).content.decode()
    assert "No pattern has all of these words." in page


def test_a_phrase_with_words_that_the_index_leaves_out_is_found_as_it_stands() -> None:
    make_public("phrase", **body("It is run not for profit, and well."))
    make_public("profit", **body("It is run for much profit."))
    make_public("named", title="Not for Profits", **body("Nothing."))
    assert set(slugs('"not for profit"')) == {"phrase", "named"}
    assert slugs('run "not for profit"') == ["phrase"]
    assert slugs('run -"not for profit"') == ["profit"]
    assert slugs('title:"not for profit"') == ["named"]
    assert set(slugs('run -title:"not for profit"')) == {"phrase", "profit"}


def test_where_a_phrase_or_a_field_finds_nothing_its_words_are_looked_for_and_the_page_says_so() -> None:
    make_public("one", domain="street", **body("A lathe. Water stands in a bench."))
    make_public("two", **body("A drill."))
    for typed in ('"lathe bench"', "domain:lathe", "domain:nowhere lathe", '"lathe bench" -drill', '"the lathe bench"'):
        found = search.find(typed)
        assert (found.how, [hit.snapshot.slug for hit in found.hits]) == (How.ANY, ["one"]), typed
        page = Client().get(reverse("search"), {"q": typed}).content.decode()
        assert "No pattern has all of this as it was asked. 1 has some of the words." in page
    assert search.find('"zebra lathes" -lathe').how is How.NOTHING
    assert search.find("zebra").how is How.NOTHING


def test_hits_are_counted_by_what_they_are_and_can_be_narrowed() -> None:
    make_public("one", domain="street", vitality=4.6, confidence=3, collection="a", **body("lathe"))
    make_public("two", domain="street", vitality=1.0, confidence=1, **body("lathe"))
    make_public("three", domain="cellar", vitality=3.5, **body("lathe"))
    counts = {facet.name: {value.value: value.hits for value in facet.values} for facet in search.find("lathe").facets}
    assert counts == {
        "domain": {"street": 2, "cellar": 1},
        "collection": {"a": 1},
        "vitality": {"generative": 1, "sustaining": 1, "extractive": 1},
        "confidence": {"3": 1, "1": 1},
    }
    assert slugs("lathe", narrowing=Narrowing(domain="cellar")) == ["three"]
    assert slugs("lathe", narrowing=Narrowing(band=VitalityBand.GENERATIVE)) == ["one"]
    assert slugs("lathe", narrowing=Narrowing(confidence=1, collection="")) == ["two"]
    assert slugs("two", narrowing=Narrowing(domain="cellar")) == [], "also where the name is the very one"


def test_an_excerpt_names_its_section_and_marks_the_words_safely() -> None:
    make_public(
        "one", **body("Nothing here.", "A <b>lathe</b> & lathes, 1 &lt; 2 &lt;script&gt;alert(1)&lt;/script&gt;")
    )
    excerpt = search.find("lathe").hits[0].excerpt
    assert excerpt.section == "Part 2"
    assert "<mark>lathe</mark> &amp; <mark>lathes</mark>" in excerpt.text
    assert "<script>" not in excerpt.text
    assert "&lt;script&gt;" in excerpt.text


def test_hits_come_page_by_page_each_once() -> None:
    pks = [make_pattern(slug=f"lathe-{n}", status="published").pk for n in range(25)]
    publish_many(pks, at=NOON)
    pages = [slugs("lathe", page=number) for number in (1, 2, 3)]
    assert [len(page) for page in pages] == [10, 10, 5]
    assert len({slug for page in pages for slug in page}) == 25
    assert slugs("lathe", page=99) == pages[2]
    assert search.find("lathe").total <= BOUND


# Any text is safe


@pytest.mark.parametrize(
    "typed",
    [
        "", " ", '"', '"""', "'", "*", "a*", "NEAR", "NEAR(a b, 5)", "AND", "a AND", "NOT a", "title:", ":", "-", "--a",
        "^a", "{title} : a", "a\0b", "\0", "💡", "%", "_", "\\", "a" * 10_000, "a " * 5_000, "(", ")", "a + b",
        "' OR 1=1", "\ud800", "\u202e", "ﬃ", "İ", "２０２６", "&", "!!", "a & | b", "<->", "1e999", "-\"",
        "title:\"", "-title:\"a",
    ],
)  # fmt: skip
def test_any_text_is_answered(typed: str) -> None:
    make_public("tool-library", title="Tools")
    typed = typed.encode(errors="replace").decode()
    for name in ("search", "search_suggest"):
        asked = {"q": typed, "audience": typed, "domain": typed, "collection": typed, "vitality": typed, "page": typed}
        assert Client().get(reverse(name), asked).status_code == 200
        assert Client().get(reverse(name), {"q": typed}).status_code == 200


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(max_size=60))
def test_whatever_is_typed_is_answered(typed: str) -> None:
    assert search.find(typed).total == 0
    assert search.suggest(typed) == []


def test_a_text_of_a_million_different_words_can_be_published() -> None:
    words = " ".join(f"w{number:x}" for number in range(150_000))
    make_public("long", **body(words), aliases=tuple(f"{n:0>255}" for n in range(300)))
    assert slugs("w10") == ["long"]


# What is in the index


def test_only_what_is_public_is_in_the_index() -> None:
    pattern = make_public("tool-library")
    make_pattern(slug="hidden-draft")
    document = make_document(slug="tool-library", status="published", title="Unpublished edit")
    save_draft(Pattern.objects.get(pk=pattern.pk), document=document, author=None, at=NOON)
    assert slugs("hidden draft") == slugs("unpublished edit") == []
    assert search.suggest("hid") == search.suggest("unp") == []
    publish_many([pattern.pk], at=NOON + datetime.timedelta(days=1))
    assert slugs("unpublished edit") == ["tool-library"]
    assert "tool library" not in SearchText.objects.get().title
    retract_many([pattern.pk])
    assert slugs("unpublished edit") == []
    assert not SearchName.objects.exists()
    assert not SearchText.objects.exists()


def test_what_lost_its_snapshot_is_not_found_and_goes_with_the_next_rebuild() -> None:
    make_public("tool-library")
    make_public("other")
    Snapshot.objects.get(slug="tool-library").delete()
    assert "tool-library" not in slugs("tool library")
    assert search.suggest("tool") == []
    call_command("rebuild_search", "-v0")
    assert SearchText.objects.count() == 1


def test_the_index_can_be_made_anew_from_nothing() -> None:
    make_public("tool-library", aliases=("Shed",))
    before = search.find("shed"), list(SearchName.objects.values_list("name", "key", "kind").order_by("id"))
    search.remove_many(list(Snapshot.objects.values_list("pk", flat=True)))
    assert slugs("shed") == []
    assert search.rebuild() == 1
    assert (search.find("shed"), list(SearchName.objects.values_list("name", "key", "kind").order_by("id"))) == before
    rebuild_snapshots()
    assert SearchText.objects.count() == 1
    assert slugs("shed") == ["tool-library"]


def test_the_command_says_how_many(capsys: pytest.CaptureFixture[str]) -> None:
    make_public("tool-library")
    call_command("rebuild_search")
    assert capsys.readouterr().err == "1 pattern was indexed.\n"


def test_a_batch_costs_a_number_of_queries_that_does_not_grow_and_nothing_for_nothing() -> None:
    def entries(prefix: str, count: int) -> list[search.Entry]:
        return [
            search.Entry(
                make_public(f"{prefix}-{n}").pk, f"{prefix}-{n}", make_document(slug=f"{prefix}-{n}"), "<p>x</p>"
            )
            for n in range(count)
        ]

    def queries(some: list[search.Entry]) -> int:
        with CaptureQueriesContext(connection) as captured:
            search.index_many(some)
        return len(captured)

    assert queries(entries("few", 2)) == queries(entries("many", 20)) == 4
    with CaptureQueriesContext(connection) as captured:
        search.index_many([])
        search.remove_many([])
        retract_many([])
    assert len(captured) == 0


def test_a_search_costs_few_queries() -> None:
    for number in range(12):
        make_public(f"tool-{number}", context_labels=(ContextLabel("tech", f"Label {number}"),))
    for typed in ("tool", "tol", "tool-3", "tool trombone", "-x title:tool"):
        with CaptureQueriesContext(connection) as captured:
            search.find(typed, audience="tech")
        asked = [query["sql"][:80] for query in captured if "SAVEPOINT" not in query["sql"]]
        assert len(asked) <= 20, (typed, asked)


# Suggestions


def test_names_are_suggested_by_their_beginning_and_by_that_of_a_word() -> None:
    make_public("tool-library", aliases=("Lending shed",), context_labels=(ContextLabel("tech", "Hardware checkout"),))
    make_public("library-of-things")
    assert [one.slug for one in search.suggest("libr")] == ["library-of-things", "tool-library"]
    assert [(one.title, one.name) for one in search.suggest("lend")] == [("Tool library", "Lending shed")]
    assert [(one.name, one.label) for one in search.suggest("hardw", audience="tech")] == [
        ("Hardware checkout", "Hardware checkout")
    ]
    assert search.suggest("ibrary") == []
    rows = Client().get(reverse("search_suggest"), {"q": "lend"}).json()["results"]
    assert rows == [
        {
            "slug": "tool-library",
            "title": "Tool library",
            "name": "Lending shed",
            "label": "",
            "url": "/patterns/tool-library/",
        }
    ]


# The page


def test_the_page_works_as_a_plain_form_and_keeps_what_was_chosen() -> None:
    make_public("tool-library", domain="street & square", context_labels=(ContextLabel("tech", "Hardware checkout"),))
    response = Client().get(reverse("search"), {"q": "Tool library", "audience": "tech", "domain": "street & square"})
    page = response.content.decode()
    assert page.count("<h1") == 1
    assert 'value="Tool library"' in page
    assert "<option selected>tech</option>" in page
    assert '?q=Tool+library&amp;audience=tech"' in page, "the chosen facet leads back"
    assert "Hardware checkout" in page
    assert reverse("pattern", args=["tool-library"]) in page
    assert Client().post(reverse("search")).status_code == 405


def test_every_page_has_the_search_box_once() -> None:
    make_public("tool-library")
    for address in (reverse("index"), reverse("pattern", args=["tool-library"]), reverse("search")):
        assert Client().get(address).content.decode().count('role="search"') == 1


def test_what_is_typed_comes_back_as_text() -> None:
    page = Client().get(reverse("search"), {"q": '"><script>alert(1)</script>'}).content.decode()
    assert "<script>alert" not in page


# Very many hits


def test_of_very_many_hits_names_come_first_then_descriptions_and_all_are_found(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for module in (engine, sqlite, postgresql, frequencies):
        monkeypatch.setattr(module, "BROAD", 3)
    for number in range(6):
        make_public(f"body-{number}", **body("A lathe stands in the shop."))
    for number in range(2):
        make_public(f"summary-{number}", summary="A lathe stands in the shop.")
    make_public("named", title="Lathe in the Shop")
    make_public("other", **body("A drill."))
    for typed in ("lathe", "lathe shop", "lathe -zebra"):
        found = slugs(typed)
        assert found[0] == "named", typed
        assert set(found[1:3]) == {"summary-0", "summary-1"}, typed
        assert sorted(found[3:]) == [f"body-{number}" for number in range(6)], typed
    assert slugs("title:lathe") == ["named"]
    assert slugs("lathe", narrowing=Narrowing(domain="elsewhere")) == []


def test_where_enough_names_have_the_words_the_others_come_as_they_are(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (engine, sqlite, postgresql, frequencies):
        monkeypatch.setattr(module, "BROAD", 3)
    monkeypatch.setattr(postgresql, "READ_THROUGH", 2)
    for number in range(4):
        make_public(f"body-{number}", **body("A lathe stands here."))
    for number in range(3):
        make_public(f"named-{number}", title=f"Lathe {number}")
    found = slugs("lathe")
    assert sorted(found[:3]) == ["named-0", "named-1", "named-2"]
    assert sorted(found[3:]) == ["body-0", "body-1", "body-2", "body-3"]


def test_where_any_word_will_do_rare_words_decide(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (engine, sqlite, postgresql, frequencies):
        monkeypatch.setattr(module, "BROAD", 3)
    for number in range(6):
        make_public(f"lathe-{number}", title=f"Lathe {number}")
    make_public("anvil", **body("An anvil."))
    assert slugs("lathe anvil") == ["anvil"]
    assert len(slugs("lathe lathes")) == 6


def test_a_hit_is_headed_by_what_its_audience_calls_it_as_in_every_list() -> None:
    make_public("tool-library", title="Tool library", context_labels=(ContextLabel("tech", "Hardware checkout"),))
    page = Client().get(reverse("search"), {"q": "tool", "audience": "tech"}).content.decode()
    assert 'Hardware checkout <span class="own-title">Tool library</span></a>' in page


def test_where_nothing_is_found_one_can_browse() -> None:
    make_public("tool-library")
    page = Client().get(reverse("search"), {"q": "xylograph"}).content.decode()
    assert "Nothing was found" in page
    assert f'<a href="{reverse("browse")}">browse all patterns</a>' in page
