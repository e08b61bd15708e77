"""Databases for tests that start processes of their own: those cannot see the test's transaction."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from tests.databases import throw_away_database


@pytest.fixture(scope="session")
def migrated_database() -> Iterator[str]:
    """The URL of an empty database with all tables, to be copied."""
    with throw_away_database(os.environ.get("DATABASE_URL", "")) as url:
        yield url


@pytest.fixture
def database(migrated_database: str) -> Iterator[str]:
    """The URL of an empty database of the engine under test, outside the test's own."""
    with throw_away_database(os.environ.get("DATABASE_URL", ""), like=migrated_database) as url:
        yield url
