"""A copy is good for the generation in which it was made, and for no other."""

from __future__ import annotations

import pytest
from django.test import Client
from django.test.utils import override_settings

from patterns_app import caching
from patterns_app.publishing import publish_many
from tests.factories import NOON, make_pattern

LOCAL = {
    "default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"},
    "pages": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "LOCATION": "review"},
}


def test_a_copy_that_is_overtaken_while_it_is_kept_is_not_kept_for_the_next_generation(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with override_settings(CACHES=LOCAL):
        generation = caching.current_generation()
        real = caching.current_generation
        asked: list[str] = []

        def overtaken() -> str:
            found = real()
            if not asked:
                # Published by another thread right after `keep` has compared.
                asked.append(found)
                caching._forget()
            return found

        monkeypatch.setattr(caching, "current_generation", overtaken)
        caching.keep("what", "what was before", generation)
        assert caching.kept("what") is None


@pytest.mark.django_db
def test_pages_that_do_not_hang_on_accept_are_kept_once_for_all_browsers(client: Client) -> None:
    with override_settings(CACHES=LOCAL):
        publish_many([make_pattern(slug="door", status="published").pk], at=NOON)
        client.get("/browse/", HTTP_ACCEPT="text/html")
        before = len(vars(caching._cache())["_cache"])
        for number in range(5):
            client.get("/browse/", HTTP_ACCEPT=f"text/html,image/x-{number}")
        assert len(vars(caching._cache())["_cache"]) == before
