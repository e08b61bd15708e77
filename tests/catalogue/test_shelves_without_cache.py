"""Where pages are not kept (PURGE_URLS, DEBUG), the shelves are."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from patterns_app import caching
from patterns_app.catalogue import shelves
from patterns_app.publishing import publish_many
from tests.factories import NOON, make_pattern


@pytest.mark.django_db
def test_shelves_are_made_anew_after_a_publication_only(tmp_path: Path, settings: Any) -> None:
    settings.PUBLISHED_MARK = str(tmp_path / "published")
    publish_many([make_pattern(slug="door", status="published").pk], at=NOON)
    before = shelves.current()
    assert shelves.current() is before
    caching.purge()
    assert shelves.current() is not before
