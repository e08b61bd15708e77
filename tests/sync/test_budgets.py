"""Queries do not grow with the number of files in a batch, nor rows read with what did not change."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from pathlib import Path

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from patterns_app.models import Library, Pattern
from patterns_app.models.working_copy import Change, NameBook, documents_of, write_rows
from tests.factories import NOON
from tests.sync.editing import edit
from tests.sync.folders import write_files, write_many
from tests.sync.running import export_to, import_from

pytestmark = pytest.mark.django_db


def queries(work: Callable[[], object]) -> int:
    """How many queries the work takes."""
    with CaptureQueriesContext(connection) as captured:
        work()
    return len(captured)


def begin_anew() -> None:
    Pattern.objects.all().delete()
    Library.objects.all().delete()


def import_new(folder: Path, count: int) -> int:
    write_many(folder, count)
    return queries(lambda: import_from(folder))


def import_changed(folder: Path, count: int) -> int:
    import_from(write_many(folder, count))
    write_many(folder, count, title="Changed")
    return queries(lambda: import_from(folder))


def import_moved(folder: Path, count: int) -> int:
    import_from(write_many(folder, count))
    (folder / "elsewhere").mkdir()
    for file in list(folder.rglob("*.md")):
        file.rename(folder / "elsewhere" / file.name)
    return queries(lambda: import_from(folder))


def import_unchanged(folder: Path, count: int) -> int:
    import_from(write_many(folder, count))
    return queries(lambda: import_from(folder))


def import_refused(folder: Path, count: int) -> int:
    write_files(folder, {f"{n}.md": "---\ntitle: [\n---\n" for n in range(count)})
    return queries(lambda: import_from(folder))


def import_ours(folder: Path, count: int) -> int:
    import_from(write_many(folder, count))
    write_many(folder, count, title="Changed")
    for slug in Pattern.objects.values_list("slug", flat=True):
        edit(slug, title="Edited")
    return queries(lambda: import_from("--ours", folder))


def export_to_an_empty_folder(folder: Path, count: int) -> int:
    import_from(write_many(folder, count))
    return queries(lambda: export_to(folder.parent / f"out-{count}"))


def export_changed(folder: Path, count: int) -> int:
    import_from(write_many(folder, count))
    for slug in Pattern.objects.values_list("slug", flat=True):
        edit(slug, title="Edited")
    return queries(lambda: export_to(folder))


def export_unchanged(folder: Path, count: int) -> int:
    import_from(write_many(folder, count))
    return queries(lambda: export_to(folder))


def export_over_older_files(folder: Path, count: int) -> int:
    import_from(write_many(folder, count))
    out = write_many(folder.parent / f"out-{count}", count)
    for slug in Pattern.objects.values_list("slug", flat=True):
        edit(slug, title="Edited")
    return queries(lambda: export_to(out))


def read_documents(folder: Path, count: int) -> int:
    import_from(write_many(folder, count))
    pks = list(Pattern.objects.values_list("pk", flat=True))
    return queries(lambda: documents_of(pks))


def write_all_rows(folder: Path, count: int) -> int:
    import_from(write_many(folder, count))
    heads = dict(Pattern.objects.values_list("pk", "head_id"))
    documents = documents_of(list(heads))
    changes = [Change(pk, dataclasses.replace(documents[pk], title="Anew"), head) for pk, head in heads.items()]

    def write() -> None:
        with transaction.atomic():
            write_rows(changes, at=NOON, book=NameBook())

    return queries(write)


BUDGETS: list[tuple[Callable[[Path, int], int], int]] = [
    (import_new, 45),
    (import_changed, 70),
    (import_moved, 20),
    (import_unchanged, 10),
    (import_refused, 12),
    (import_ours, 30),
    (export_to_an_empty_folder, 32),
    (export_changed, 32),
    (export_unchanged, 25),
    (export_over_older_files, 32),
    (read_documents, 12),
    (write_all_rows, 60),
]


@pytest.mark.parametrize(("work", "most"), BUDGETS, ids=[work.__name__ for work, _ in BUDGETS])
def test_twice_as_many_files_take_no_more_queries(tmp_path: Path, work: Callable[[Path, int], int], most: int) -> None:
    few = work(tmp_path / "few", 15)
    begin_anew()
    many = work(tmp_path / "many", 30)
    assert many == few
    assert few <= most


def test_an_import_of_two_batches_takes_less_than_twice_the_queries_of_one(tmp_path: Path) -> None:
    one = import_new(tmp_path / "one", 200)
    begin_anew()
    two = import_new(tmp_path / "two", 400)
    assert two < 2 * one


def test_one_changed_file_among_many_costs_as_much_as_one_among_few(tmp_path: Path) -> None:
    def change_one(folder: Path, count: int) -> int:
        import_from(write_many(folder, count))
        write_many(folder, 1, title="Changed")
        return queries(lambda: import_from(folder))

    few = change_one(tmp_path / "few", 5)
    begin_anew()
    assert change_one(tmp_path / "many", 100) == few
