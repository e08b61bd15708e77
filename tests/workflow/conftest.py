"""Databases for tests that start processes of their own."""

from tests.sync.conftest import database, migrated_database

__all__ = ["database", "migrated_database"]
