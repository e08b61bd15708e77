"""The picture of a shared link: of public patterns only, and found by whoever shares a link."""

from __future__ import annotations

import io
from html.parser import HTMLParser
from typing import Any

import pytest
from django.core.cache import caches
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from PIL import Image
from pytest_django.fixtures import Settings

from patterns_app.models import Pattern
from patterns_app.views.picture import Card, png_of, writable
from patterns_app.workflow import save_draft
from patterns_app.workflow.decisions import Said, make_move
from patterns_app.workflow.moves import Move
from tests.desk import FULL
from tests.factories import NOON, make_document, make_pattern


def go(pattern: Pattern, move: Move) -> None:
    make_move(Pattern.objects.get(pk=pattern.pk), move, actor=None, at=NOON, said=Said(), as_command=True)


def published(**fields: Any) -> Pattern:
    pattern = make_pattern(**fields)
    go(pattern, Move.PUBLISH)
    return pattern


def card_of(slug: str, asked: str = "") -> Any:
    return Client().get(reverse("card", args=[slug]) + asked)


# What is drawn


def test_a_card_is_a_picture_of_the_size_that_is_said() -> None:
    with Image.open(io.BytesIO(png_of(Card(("Tool library",), summary="Neighbours share.")))) as picture:
        assert (picture.format, picture.size) == ("PNG", (1200, 630))


def test_each_part_of_a_card_can_be_seen() -> None:
    plain = Card(("Tool library",))
    cards = [
        plain,
        plain._replace(titles=("Seed library",)),
        plain._replace(above="street"),
        plain._replace(beside="Asset pool"),
        plain._replace(summary="Neighbours share."),
        plain._replace(stars=1),
        plain._replace(stars=2),
        plain._replace(foot="vitality: functional"),
        plain._replace(library="Pattern library"),
    ]
    assert len({png_of(card) for card in cards}) == len(cards)


@pytest.mark.parametrize("text", ["漢字", "Tool 漢 library", "عربي", "हिन्दी", "עברית"])
def test_a_text_of_which_the_fonts_lack_letters_is_not_written(text: str) -> None:
    assert writable(text) == ""


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("Zürich – ČSSR “quoted” Ελλάδα Привет ½ ★", "Zürich – ČSSR “quoted” Ελλάδα Привет ½ ★"),
        ("Party 🎉 time", "Party time"),
        ("left\u202eright\x00\u200b", "leftright"),
        (" a\n\tb ", "a b"),
        ("e\u0301", "é"),
        ("", ""),
    ],
)
def test_a_text_is_written_without_signs_that_cannot_be_seen(text: str, written: str) -> None:
    assert writable(text) == written


def test_a_name_in_another_script_gives_way_to_the_next_and_at_last_to_the_librarys() -> None:
    assert png_of(Card(("漢字", "Commons"))) == png_of(Card(("Commons",)))
    assert png_of(Card(("漢字",), library="Library")) == png_of(Card(("Library",), library="Library"))


@pytest.mark.parametrize("title", ["", "x" * 5_000, "word " * 2_000, "Wide " * 3 + "W" * 300, "\n"])
def test_any_title_fits(title: str) -> None:
    with Image.open(io.BytesIO(png_of(Card((title,), "domain " * 99, title, title, 4, title, "Library")))) as picture:
        # Nothing runs over the right edge.
        edge = picture.convert("L").crop((1130, 0, 1200, 630))
        assert edge.getextrema()[0] == edge.getextrema()[1]


# Whose it is


@pytest.mark.django_db
def test_a_public_pattern_has_a_card_and_it_takes_one_query() -> None:
    pattern = published(**FULL)
    with CaptureQueriesContext(connection) as captured:
        response = card_of(pattern.slug)
    assert len(captured) == 1
    assert (response.status_code, response["Content-Type"]) == (200, "image/png")
    assert response.content.startswith(b"\x89PNG")
    assert response["ETag"]
    assert "max-age=86400" in response["Cache-Control"]
    assert "s-maxage=300" in response["Cache-Control"]
    again = Client().get(reverse("card", args=[pattern.slug]), headers={"if-none-match": response["ETag"]})
    assert again.status_code == 304


@pytest.mark.django_db
def test_a_card_speaks_the_words_of_an_audience() -> None:
    pattern = published(**FULL)
    plain, tech = card_of(pattern.slug), card_of(pattern.slug, "?audience=tech")
    assert plain.content != tech.content
    assert card_of(pattern.slug, "?audience=nobody").content == plain.content


@pytest.mark.django_db
def test_only_what_is_public_has_a_card_and_edits_do_not_show() -> None:
    pattern = published(slug="old-name")
    before = card_of("old-name").content
    document = make_document(slug="new-name", title="Not yet public", status="published")
    save_draft(Pattern.objects.get(pk=pattern.pk), document=document, author=None, at=NOON)
    assert card_of("old-name").content == before
    assert card_of("new-name").status_code == 404
    assert card_of("unknown").status_code == 404
    go(pattern, Move.PUBLISH)
    response = card_of("old-name", "?audience=tech")
    assert (response.status_code, response["Location"]) == (301, "/patterns/new-name/card.png?audience=tech")
    go(pattern, Move.UNPUBLISH)
    assert card_of("new-name").status_code == 410
    assert "max-age=86400" not in card_of("new-name").get("Cache-Control", "")


@pytest.mark.django_db
def test_a_copy_is_dropped_when_the_pattern_is_taken_back(settings: Settings) -> None:
    copies = {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "LOCATION": "of cards"}
    settings.CACHES = {**settings.CACHES, "pages": copies}
    caches["pages"].clear()
    pattern = published()
    assert card_of(pattern.slug).status_code == 200
    with CaptureQueriesContext(connection) as captured:
        assert card_of(pattern.slug).status_code == 200
    assert len(captured) == 0
    go(pattern, Move.UNPUBLISH)
    assert card_of(pattern.slug).status_code == 410


# Who finds it


class _Properties(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.said: dict[str, str] = {}

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        name = given.get("property") or given.get("name")
        if tag == "meta" and name:
            assert name not in self.said, f"{name} twice"
            self.said[name] = given.get("content") or ""


def properties(address: str) -> dict[str, str]:
    reader = _Properties()
    reader.feed(Client().get(address).content.decode())
    return reader.said


@pytest.mark.django_db
def test_a_page_says_what_to_show_where_it_is_shared(settings: Settings) -> None:
    settings.SITE_URL = "https://patterns.example.org/"
    pattern = published(**{**FULL, "title": 'Tools & "things"'})
    said = properties(f"/patterns/{pattern.slug}/?audience=tech")
    assert said["og:title"] == "Hardware library"
    assert said["og:type"] == "article"
    assert said["og:url"] == f"https://patterns.example.org/patterns/{pattern.slug}/?audience=tech"
    assert said["og:image"] == f"https://patterns.example.org/patterns/{pattern.slug}/card.png?audience=tech"
    assert (said["og:image:width"], said["og:image:height"]) == ("1200", "630")
    assert said["og:image:alt"].startswith("Hardware library: ")
    assert said["twitter:card"] == "summary_large_image"
    assert properties(f"/patterns/{pattern.slug}/")["og:title"] == 'Tools & "things"'


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["index", "browse", "map", "recent", "about", "search"])
def test_every_other_page_shows_the_librarys_card(name: str) -> None:
    said = properties(reverse(name))
    assert said["og:type"] == "website"
    address = said["og:image"].removeprefix("https://").removeprefix("http://").partition("/")[2]
    response = Client().get(f"/{address}")
    assert (response.status_code, response["Content-Type"]) == (200, "image/png")
