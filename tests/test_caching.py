"""Copies of public pages: the same for everybody, no query for a fresh one, none older than the last publication."""

from __future__ import annotations

import datetime
import http.server
import logging
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from django.conf import settings
from django.core.cache import caches
from django.db import connection, transaction
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory
from django.test.utils import CaptureQueriesContext
from django.utils.http import http_date, parse_http_date
from pytest_django.fixtures import Settings

from patterns_app import caching
from patterns_app.document.pattern import ContextLabel
from patterns_app.models import Pattern, Snapshot
from patterns_app.publishing import publish_many, rebuild_snapshots, retract_many
from patterns_app.views import card, picture
from patterns_app.views.caching import cached
from patterns_app.views.picture import Card
from tests.factories import NOON, make_pattern

pytestmark = pytest.mark.django_db

PLACES = {"pages": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "LOCATION": "of these tests"}}


@pytest.fixture(autouse=True)
def with_copies(settings: Settings) -> Iterator[None]:
    settings.CACHES = {**settings.CACHES, **PLACES}
    caches["pages"].clear()
    yield
    caches["pages"].clear()


def make_public(slug: str = "tool-library", **fields: Any) -> Pattern:
    pattern = make_pattern(slug=slug, status="published", **fields)
    publish_many([pattern.pk], at=NOON)
    return pattern


def queries(address: str, **headers: str) -> int:
    with CaptureQueriesContext(connection) as captured:
        assert Client().get(address, headers=headers).status_code == 200
    return len(captured)


@pytest.mark.parametrize(
    "address",
    ["/", "/browse/", "/patterns/tool-library/", "/patterns/tool-library.ttl", "/search/?q=tool", "/feed/", "/recent/"],
)
def test_a_fresh_copy_takes_no_query(address: str) -> None:
    make_public()
    first = Client().get(address)
    assert queries(address) == 0
    again = Client().get(address)
    assert (again.content, again.headers) == (first.content, first.headers)


def test_formats_audiences_and_methods_have_copies_of_their_own() -> None:
    make_public()
    address = "/patterns/tool-library/"
    page = Client().get(address)
    assert Client().get(address, headers={"accept": "text/turtle"}).headers["Content-Type"].startswith("text/turtle")
    assert Client().get(address, headers={"accept": "text/html"}).content == page.content
    assert b"audience=tech" in Client().get(address, {"audience": "tech"}).content
    assert b"audience=tech" not in Client().get(address).content
    assert Client().head(address).content == b""
    assert Client().get(address).content == page.content


def test_whoever_has_a_copy_already_gets_304_from_ours() -> None:
    make_public()
    address = "/patterns/tool-library/"
    etag = Client().get(address).headers["ETag"]
    with CaptureQueriesContext(connection) as captured:
        assert Client().get(address, headers={"if-none-match": etag}).status_code == 304
    assert len(captured) == 0
    assert Client().get(address).status_code == 200


# Who asks by date alone

SHOWN = (
    "/", "/browse/", "/recent/", "/domains/", "/domains/neighbourhood/", "/about/", "/map/", "/map/data.json",
    "/search/?q=tool", "/patterns/tool-library/", "/patterns/tool-library.md", "/patterns/tool-library.ttl",
    "/patterns/tool-library/card.png", "/card.png", "/feed/", "/sitemap.xml", "/robots.txt", "/llms.txt",
    "/patterns.jsonl", "/schema/pattern.json", "/api/", "/api/openapi.json", "/api/patterns",
    "/api/patterns/tool-library", "/api/search?q=tool",
)  # fmt: skip


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """What caching takes for now, in seconds since 1970: its last entry."""
    times = [1_900_000_000.25]
    monkeypatch.setattr(time, "time", lambda: times[-1])
    monkeypatch.setattr(caching, "_STARTED", 0.0)
    return times


def asked_by_date(address: str, date: str) -> int:
    return Client().get(address, headers={"if-modified-since": date}).status_code


@pytest.mark.parametrize("address", SHOWN)
def test_a_date_is_enough_while_nothing_changes(address: str, clock: list[float]) -> None:
    make_public()
    clock.append(clock[-1] + 5)
    dated = Client().get(address).headers["Last-Modified"]
    assert parse_http_date(dated) <= clock[-1], "none is dated in the future"
    assert asked_by_date(address, dated) == 304
    assert asked_by_date(address, http_date(parse_http_date(dated) - 1)) == 200
    clock.append(clock[-1] + 1_000)
    caches["pages"].delete(caching._key(address, caching.current_generation()))
    assert asked_by_date(address, dated) == 304


@pytest.mark.parametrize("seconds", [0, 90])
@pytest.mark.parametrize("address", ["/", "/browse/", "/domains/neighbourhood/", "/feed/", "/sitemap.xml", "/llms.txt"])
def test_what_was_taken_back_is_news_also_to_who_asks_by_date(address: str, seconds: float, clock: list[float]) -> None:
    _, new, newest = (make_public(slug) for slug in ("tool-library", "repair-cafe", "seed-swap"))
    clock.append(clock[-1] + seconds)
    dated = Client().get(address).headers["Last-Modified"]
    clock.append(clock[-1] + 0.25)
    retract_many([newest.pk])
    assert asked_by_date(address, dated) == 200
    dated = Client().get(address).headers["Last-Modified"]
    retract_many([new.pk])
    clock.append(clock[-1] + seconds)
    assert asked_by_date(address, dated) == 200


@pytest.mark.parametrize("seconds", [0, 0.5, 1, 90])
def test_what_changed_without_a_new_date_is_news_to_who_asks_by_date(seconds: float, clock: list[float]) -> None:
    make_public()
    address = "/patterns/tool-library/"
    clock.append(clock[-1] + seconds)
    dated = Client().get(address).headers["Last-Modified"]
    clock.append(clock[-1] + 0.25)
    Snapshot.objects.update(status="deprecated")
    caching.purge()
    page = Client().get(address, headers={"if-modified-since": dated})
    assert page.status_code == 200
    assert b"deprecated" in page.content
    rebuild_snapshots()
    assert asked_by_date(address, page.headers["Last-Modified"]) == 200


def test_another_pattern_at_the_same_address_is_news_however_old_it_is(clock: list[float]) -> None:
    first = make_public()
    clock.append(clock[-1] + 5)
    dated = Client().get("/patterns/tool-library.md").headers["Last-Modified"]
    clock.append(clock[-1] + 5)
    retract_many([first.pk])
    Pattern.objects.filter(pk=first.pk).update(slug="another")
    make_pattern(slug="tool-library", title="Older", status="published")
    publish_many([Pattern.objects.get(slug="tool-library").pk], at=NOON - datetime.timedelta(days=1_000))
    assert asked_by_date("/patterns/tool-library.md", dated) == 200


def test_where_no_cache_tells_of_other_machines_a_date_says_nothing(
    clock: list[float], settings: Settings, tmp_path: Path
) -> None:
    settings.CACHES = {**settings.CACHES, "pages": {"BACKEND": "django.core.cache.backends.dummy.DummyCache"}}
    for mark in (str(tmp_path / "published"), ""):
        settings.PUBLISHED_MARK = mark
        make_public(f"pattern-{bool(mark)}".lower())
        clock.append(clock[-1] + 90)
        response = Client().get("/browse/")
        clock.append(clock[-1] + 90)
        assert asked_by_date("/browse/", response.headers["Last-Modified"]) == 200
        assert Client().get("/browse/", headers={"if-none-match": response.headers["ETag"]}).status_code == 304


def test_a_publication_by_a_process_beside_this_one_is_news_to_who_asks_by_date(
    clock: list[float], settings: Settings, tmp_path: Path
) -> None:
    settings.PUBLISHED_MARK = str(tmp_path / "published")
    make_public()
    clock.append(clock[-1] + 90)
    dated = Client().get("/browse/").headers["Last-Modified"]
    assert asked_by_date("/browse/", dated) == 304
    word = caches["pages"].get("patterns-generation")
    make_public("repair-cafe")
    # Another process, whose own memory knows nothing of it.
    caches["pages"].set("patterns-generation", word, None)
    assert asked_by_date("/browse/", dated) == 200


def test_what_was_published_is_there_at_once_and_what_was_taken_back_is_gone_at_once() -> None:
    assert b"Tool library" not in Client().get("/browse/").content
    pattern = make_public()
    assert b"Tool library" in Client().get("/browse/").content
    assert Client().get("/patterns/tool-library/").status_code == 200
    retract_many([pattern.pk])
    assert b"Tool library" not in Client().get("/browse/").content
    assert Client().get("/patterns/tool-library/").status_code == 410


def test_refusals_and_redirects_are_not_kept() -> None:
    assert Client().get("/patterns/tool-library/").status_code == 404
    # Behind the back of what publishes, so that nothing drops the copies.
    pattern = make_pattern(slug="tool-library", status="published")
    generation = caching.current_generation()
    publish_many([pattern.pk], at=NOON)
    caches["pages"].set("patterns-generation", generation, None)
    assert Client().get("/patterns/tool-library/").status_code == 200


def test_a_page_that_was_overtaken_while_it_was_made_is_not_kept() -> None:
    before = caching.current_generation()
    caching.purge()
    caching.keep("a page", "as it was", before)
    assert caching.kept("a page") is None
    caching.keep("a page", "as it is", caching.current_generation())
    assert caching.kept("a page") == "as it is"


def test_what_was_overtaken_while_it_was_made_is_kept_by_nobody() -> None:
    pattern = make_public()

    @cached
    def overtaken(request: HttpRequest) -> HttpResponse:
        response = HttpResponse(Snapshot.objects.get().title)
        retract_many([pattern.pk])
        return response

    response = overtaken(RequestFactory().get("/somewhere/"))
    assert response["Cache-Control"] == "private, no-store"
    assert caching.kept(f"{settings.SITE_URL} /somewhere/") is None
    assert "s-maxage=300" in Client().get("/browse/").headers["Cache-Control"]


def test_a_picture_that_was_overtaken_while_it_was_made_is_kept_by_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    pattern = make_public()

    def png_of(said: Card) -> bytes:
        retract_many([pattern.pk])
        return picture.png_of(said)

    monkeypatch.setattr(card, "png_of", png_of)
    assert Client().get("/patterns/tool-library/card.png").headers["Cache-Control"] == "private, no-store"


@pytest.mark.django_db(transaction=True)
def test_a_copy_made_from_what_was_not_yet_committed_does_not_outlive_the_commit() -> None:
    pattern = make_pattern(status="published")
    with transaction.atomic():
        publish_many([pattern.pk], at=NOON)
        # Somebody else, who cannot see it yet, makes a page in the meantime.
        caching.keep("list", "without it", caching.current_generation())
        assert caching.kept("list") == "without it"
    assert caching.kept("list") is None


def test_processes_beside_each_other_learn_of_a_publication_by_a_mark(settings: Settings, tmp_path: Path) -> None:
    settings.PUBLISHED_MARK = str(tmp_path / "folder" / "published")
    assert caching.current_generation() == caching.current_generation()
    seen = {caching.current_generation()}
    word = caches["pages"].get("patterns-generation")
    for _ in range(20):
        caching.purge()
        # Another process, whose own memory knows nothing of it.
        caches["pages"].set("patterns-generation", word, None)
        seen.add(caching.current_generation())
    assert len(seen) == 21
    assert [file.name for file in (tmp_path / "folder").iterdir()] == ["published"]


def test_a_mark_that_cannot_be_written_stops_nobody_and_is_reported(
    settings: Settings, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "file").touch()
    settings.PUBLISHED_MARK = str(tmp_path / "file" / "published")
    with caplog.at_level(logging.ERROR, logger="patterns_app.caching"):
        make_public()
    assert Snapshot.objects.count() == 1
    assert "cannot be written" in caplog.text


class Front(http.server.BaseHTTPRequestHandler):
    """A cache in front of the site, that only takes notes."""

    notes: list[tuple[str, str]] = []
    status = 200

    def do_PURGE(self) -> None:  # what http.server calls
        self.notes.append((self.command, self.path))
        self.send_response(self.status)
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


@pytest.fixture
def front(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    monkeypatch.setattr(Front, "notes", [])
    monkeypatch.setattr(Front, "status", 200)
    with http.server.HTTPServer(("127.0.0.1", 0), Front) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/everything"
        server.shutdown()
        thread.join()


@pytest.mark.django_db(transaction=True)
def test_a_cache_in_front_is_told_once_a_transaction_and_not_before_its_end(front: str, settings: Settings) -> None:
    settings.PURGE_URLS = [front]
    patterns = [make_pattern(slug=f"pattern-{number}", status="published") for number in range(3)]
    with transaction.atomic():
        for pattern in patterns:
            publish_many([pattern.pk], at=NOON)
        assert Front.notes == []
    assert Front.notes == [("PURGE", "/everything")]
    with transaction.atomic():
        retract_many([patterns[0].pk])
        transaction.set_rollback(True)
    assert len(Front.notes) == 1, "what was undone is no news"
    retract_many([patterns[0].pk])
    assert len(Front.notes) == 2


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("is_there", [True, False])
def test_a_cache_that_refuses_or_is_not_there_stops_nobody_and_is_reported(
    front: str,
    settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    is_there: bool,
) -> None:
    monkeypatch.setattr(Front, "status", 405)
    settings.PURGE_URLS = [front if is_there else "http://127.0.0.1:9/"]
    with caplog.at_level(logging.ERROR, logger="patterns_app.caching"):
        make_public()
    assert Snapshot.objects.count() == 1
    [record] = caplog.records
    assert "could not be told" in record.getMessage()
    assert settings.PURGE_URLS[0] in record.getMessage()


# The Navigator


def test_a_choice_is_remembered_and_leads_to_addresses_that_name_it() -> None:
    make_public(context_labels=(ContextLabel("tech", "Tool API"),))
    client = Client()
    response = client.get("/navigator/", {"to": "tech", "next": "/browse/?sort=title"})
    assert (response.status_code, response.headers["Location"]) == (302, "/browse/?sort=title&audience=tech")
    assert "no-store" in response.headers["Cache-Control"]
    response = client.get("/browse/")
    assert (response.status_code, response.headers["Location"]) == (302, "/browse/?audience=tech")
    assert "no-store" in response.headers["Cache-Control"]
    assert "Cookie" in response.headers["Vary"]
    page = client.get(response.headers["Location"])
    assert page.status_code == 200
    assert "Cookie" not in page.headers.get("Vary", ""), "the address says it all"
    assert b'href="/patterns/tool-library/?audience=tech"' in page.content
    response = client.get("/navigator/", {"to": "", "next": "/browse/?audience=tech"})
    assert response.headers["Location"] == "/browse/"
    assert client.get("/browse/").status_code == 200


def test_a_reader_without_a_choice_is_told_apart_from_one_with_it_by_shared_caches() -> None:
    make_public()
    assert "Cookie" in Client().get("/browse/").headers["Vary"]
    client = Client()
    client.cookies["audience"] = "tech"
    assert client.get("/browse/").status_code == 302
    assert client.get("/patterns/tool-library.md").status_code == 200, "an exact file is nobody's words"
    assert client.get("/browse/", {"audience": ""}).status_code == 200, "asked for in the library's own"


@pytest.mark.parametrize(
    "back", ["https://evil.example/", "//evil.example/", "javascript:alert(1)", "", "\\\\evil.example"]
)
def test_a_choice_leads_nowhere_else(back: str) -> None:
    make_public(context_labels=(ContextLabel("tech", "Hardware checkout"),))
    response = Client().get("/navigator/", {"to": "tech", "next": back})
    assert response.headers["Location"] == "/?audience=tech"


@pytest.mark.parametrize("name", ["a\x00b", "ü/&?#", "x" * 5_000, "\ud800"])
def test_any_audience_is_safe(name: str) -> None:
    make_public()
    client = Client()
    quoted = name.encode("utf-8", "surrogatepass").decode("latin-1") if name == "\ud800" else name
    assert client.get("/navigator/", {"to": quoted, "next": "/browse/"}).status_code == 200, "one chooses again"
    client.cookies["audience"] = quote(quoted, errors="replace")
    assert client.get("/browse/").status_code == 302
    assert client.get("/browse/", follow=True).status_code == 200
    assert client.get("/patterns/tool-library/", {"audience": quoted}).status_code == 200


def test_an_audience_in_the_librarys_own_signs_costs_no_query_once_it_is_known() -> None:
    label = ContextLabel("Arts & Crafts", "Prop store")
    publish_many([make_pattern(slug="door", status="published", context_labels=(label,)).pk], at=NOON)
    address = "/patterns/door/?audience=Arts+%26+Crafts"
    assert "Prop store" in Client().get(address).content.decode()
    with CaptureQueriesContext(connection) as captured:
        assert Client().get(address).status_code == 200
    assert len(captured) == 0
