"""What a database can be asked for: whatever was typed, without what none takes."""

from __future__ import annotations

import pytest

from patterns_app.models import Snapshot
from patterns_app.models.typed import is_storable, storable


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("tool library", "tool library"),
        ("  tool library\n", "tool library"),
        ("tool\0library", "tool library"),
        ("\0", ""),
        ("tool \ud83d", "tool ?"),
        ("Café 💡", "Café 💡"),
    ],
)
@pytest.mark.django_db
def test_any_text_can_be_asked_for(typed: str, said: str) -> None:
    assert storable(typed) == said
    assert is_storable(said)
    assert not Snapshot.objects.filter(slug=storable(typed)).exists()


@pytest.mark.parametrize("typed", ["a\0b", "\ud83d"])
def test_what_no_database_takes_is_told(typed: str) -> None:
    assert not is_storable(typed)
