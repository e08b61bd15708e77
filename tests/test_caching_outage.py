"""A cache that does not answer costs speed, not the library."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.cache.backends.locmem import LocMemCache
from django.db import transaction
from django.test import Client
from django.test.utils import override_settings

from patterns_app.models import Snapshot
from patterns_app.publishing import publish_many
from tests.factories import NOON, make_pattern

pytestmark = pytest.mark.django_db


class Down(LocMemCache):
    """Redis, when it is down."""

    def get(self, *args: Any, **kwargs: Any) -> Any:
        raise ConnectionError("down")

    set = add = get


CACHES = {"default": {"BACKEND": f"{__name__}.Down"}, "pages": {"BACKEND": f"{__name__}.Down"}}


def test_pages_are_served_without_their_cache(client: Client) -> None:
    with override_settings(CACHES=CACHES):
        assert client.get("/about/").status_code == 200


def test_publishing_goes_on_without_the_cache() -> None:
    with override_settings(CACHES=CACHES):
        pattern = make_pattern(slug="door", status="published")
        with transaction.atomic():
            publish_many([pattern.pk], at=NOON)
        assert Snapshot.objects.count() == 1
