"""Rows by the thousand: what goes in comes out, keys are nobody else's, and errors are Django's."""

from __future__ import annotations

import datetime
import subprocess
import sys

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from patterns_app.models import Alias, Domain, Pattern, Relationship, Revision
from patterns_app.models.bulk import chunks, insert_rows, reserve_ids, update_rows
from tests.databases import ROOT, environment
from tests.factories import NOON, make_pattern

pytestmark = pytest.mark.django_db

# What COPY, CSV and SQL have meanings for.
ODD_TEXTS = [
    "",
    " ",
    "\\N",
    "\\.",
    "a\tb",
    "a\nb\r\nc\rd",
    "\\t\\n",
    '"quoted", (and) {more}',
    "it's; --",
    "%s %%",
    "🪡\u2028\u200b",
    "NULL",
    "\x01",
]


def test_texts_come_back_to_the_letter() -> None:
    insert_rows(Domain, ("name",), [(text,) for text in ODD_TEXTS])
    assert list(Domain.objects.order_by("pk").values_list("name", flat=True)) == ODD_TEXTS
    pks = list(Domain.objects.order_by("pk").values_list("pk", flat=True))
    update_rows(Domain, ("name",), [(f"{text}!", pk) for text, pk in zip(ODD_TEXTS, pks, strict=True)])
    assert list(Domain.objects.order_by("pk").values_list("name", flat=True)) == [f"{text}!" for text in ODD_TEXTS]


def test_numbers_nulls_json_and_times_come_back_as_they_were() -> None:
    pattern = make_pattern(slug="it")
    facts = [["source", 'a \\ "b"\n'], ["typeid", "ü"]]
    insert_rows(
        Relationship,
        (
            "pattern",
            "position",
            "kind",
            "target_text",
            "target_key",
            "weight",
            "description",
            "facts",
            "target",
            "resolved_by",
        ),
        [
            (pattern.pk, 0, "enables", "a", "a", 0.1 + 0.2, "", facts, None, ""),
            (pattern.pk, 1, "enables", "b", "b", None, "", [], pattern.pk, "slug"),
        ],
    )
    first, second = Relationship.objects.order_by("position")
    assert (first.weight, first.facts, first.target) == (0.1 + 0.2, facts, None)
    assert (second.weight, second.facts, second.target) == (None, [], pattern)
    moment = datetime.datetime(2026, 11, 5, 23, 59, 59, 123456, tzinfo=datetime.timezone(datetime.timedelta(hours=5)))
    update_rows(Pattern, ("changed_at", "vitality"), [(moment, 4.9, pattern.pk)])
    pattern.refresh_from_db()
    assert (pattern.changed_at, pattern.vitality) == (moment, 4.9)


def test_a_thousand_rows_take_one_statement() -> None:
    with CaptureQueriesContext(connection) as captured:
        insert_rows(Domain, ("name",), [(f"domain {n}",) for n in range(1_000)])
    assert len(captured) == 1
    assert Domain.objects.count() == 1_000
    rows = [(f"other {pk}", pk) for pk in Domain.objects.values_list("pk", flat=True)]
    with CaptureQueriesContext(connection) as captured:
        update_rows(Domain, ("name",), rows)
    assert len(captured) == 1
    with CaptureQueriesContext(connection) as captured:
        update_rows(Domain, ("name",), [])
    assert len(captured) == 0


def test_a_violated_constraint_is_djangos_error_and_nothing_is_written() -> None:
    make_pattern(slug="it")
    with pytest.raises(IntegrityError), transaction.atomic():
        insert_rows(Domain, ("name",), [("one",), ("two",), ("one",)])
    with pytest.raises(IntegrityError), transaction.atomic():
        update_rows(Pattern, ("vitality",), [(5.5, Pattern.objects.get().pk)])
    assert not Domain.objects.exclude(name="neighbourhood").exists()


def test_what_cannot_be_written_in_bulk_says_so() -> None:
    with pytest.raises(TypeError, match="cannot write object"):
        update_rows(Domain, ("name",), [(object(), 1)])


def test_reserved_keys_are_new_and_the_next_row_comes_after_them() -> None:
    with transaction.atomic():
        before = Alias.objects.count()
        pattern = make_pattern(slug="it", aliases=("a", "b"))
        keys = reserve_ids(Alias, 3)
        assert len(set(keys)) == 3
        assert not Alias.objects.filter(pk__in=keys).exists()
        columns = ("id", "pattern", "position", "name", "key")
        insert_rows(Alias, columns, [(key, pattern.pk, n + 2, f"c{n}", f"c{n}") for n, key in enumerate(keys)])
        later = Alias.objects.create(pattern=pattern, position=9, name="d", key="d")
        assert later.pk > max(keys)
        assert reserve_ids(Alias, 0) == []
        assert Alias.objects.count() == before + 6


def test_keys_of_deleted_rows_are_not_given_again() -> None:
    pattern = make_pattern(slug="it")
    last = Revision.objects.create(pattern=pattern, number=2, created_at=NOON)
    pk = last.pk
    last.delete()
    with transaction.atomic():
        assert reserve_ids(Revision, 1)[0] > pk


def test_chunks_hold_everything_once() -> None:
    assert list(chunks(range(7), 3)) == [[0, 1, 2], [3, 4, 5], [6]]
    assert list(chunks([], 3)) == []


def test_values_can_be_looked_for_among_others_by_whoever_knows_the_models_only() -> None:
    asked = """
import django
django.setup()
from patterns_app.models import Revision, Snapshot
for found in (Snapshot.objects.filter(pk__among=[1]), Revision.objects.filter(pattern__among=[1])):
    str(found.query)
"""
    url = "sqlite:///:memory:"
    ran = subprocess.run(
        [sys.executable, "-c", asked], cwd=ROOT, env=environment(url), capture_output=True, check=False
    )
    assert ran.stderr == b""
