"""The search on PostgreSQL, as far as it is that engine's own: pg_trgm, or the lack of it."""

from __future__ import annotations

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from patterns_app import search
from patterns_app.search import frequencies
from patterns_app.search.frequencies import Frequencies
from patterns_app.search.postgresql import PostgreSQL
from patterns_app.search.similarity import similarity
from tests.search.test_search import body, make_public, slugs

pytestmark = pytest.mark.django_db

if connection.vendor == "postgresql":

    def test_similarity_is_what_pg_trgm_says() -> None:
        pairs = [
            ("tool library", "tol libary"),
            ("a b", "b a"),
            ("cafe creme", "creme"),
            ("x", "y"),
            ("straße", "strasse"),
        ]
        with connection.cursor() as cursor:
            for one, other in pairs:
                cursor.execute("SELECT similarity(%s, %s)", [one, other])
                assert cursor.fetchone()[0] == pytest.approx(similarity(one, other), abs=1e-6)

    def test_misspelt_names_are_found_without_the_extension(monkeypatch: pytest.MonkeyPatch) -> None:
        make_public("neighbourhood-workshop")
        name = "neighborhod workshp"
        with_it = slugs(name)
        with connection.cursor() as cursor:
            cursor.execute("DROP EXTENSION pg_trgm CASCADE")
        assert slugs(name) == with_it == ["neighbourhood-workshop"]
        assert PostgreSQL().similar("a", 0.3, audience="") == []

    def test_a_search_leaves_the_settings_of_a_transaction_as_they_were() -> None:
        with transaction.atomic(), connection.cursor() as cursor:
            search.find("tol")
            cursor.execute("SELECT current_setting('enable_seqscan')")
            assert cursor.fetchone() == ("on",)

    def test_of_a_large_library_common_words_are_known_and_others_counted(monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(frequencies, "BROAD", 3)
        for number in range(6):
            make_public(f"lathe-{number}", **body("A lathe stands in the shop."))
        make_public("anvil", **body("An anvil."))
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE patterns_app_searchtext")
        known = Frequencies()
        words = ["lathe", "shops", "anvil", "zebra", "the lathe stands"]
        counts = (7, [6, 6, 1, 0, 6])
        assert known.of(words) == counts
        with CaptureQueriesContext(connection) as asked:
            assert known.of(words) == counts
        assert len(asked) == 1, "for the word that was nowhere"
        make_public("zebra", **body("A zebra."))
        assert known.of(["zebra"]) == (7, [1]), "what is new is found at once"

    def test_a_small_library_is_counted_each_time() -> None:
        make_public("one", **body("A lathe."))
        known = Frequencies()
        assert known.of(["lathe"]) == (1, [1])
        make_public("two", **body("A lathe."))
        assert known.of(["lathe", "zebra"]) == (2, [2, 0])
