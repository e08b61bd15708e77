"""A library comes in and goes out again; nothing that did not change is touched."""

from __future__ import annotations

from pathlib import Path

import pytest

from patterns_app.models import LibraryFile, Pattern, Revision
from tests import round_trip
from tests.sync.folders import EXAMPLES, bytes_in, copy_examples, example_paths
from tests.sync.running import export_to, import_from
from tests.sync.state import check_integrity, dump

pytestmark = pytest.mark.django_db


def test_every_example_comes_in(tmp_path: Path) -> None:
    ran = import_from(copy_examples(tmp_path / "lib"))
    assert (ran.code, ran.errors) == (0, [])
    assert ran.counts == {"create": len(example_paths())}
    assert Pattern.objects.count() == Revision.objects.count() == LibraryFile.objects.count() == len(example_paths())
    check_integrity()


def test_every_example_goes_out_byte_for_byte(tmp_path: Path) -> None:
    import_from(copy_examples(tmp_path / "lib"))
    ran = export_to(tmp_path / "out")
    assert (ran.code, ran.counts) == (0, {"write": len(example_paths())})
    assert bytes_in(tmp_path / "out") == bytes_in(EXAMPLES)


def test_importing_twice_changes_nothing(tmp_path: Path) -> None:
    library = copy_examples(tmp_path / "lib")
    import_from(library)
    before = dump()
    again = import_from(library)
    assert (again.code, again.counts) == (0, {})
    assert dump() == before


def test_exporting_into_the_library_itself_touches_no_file(tmp_path: Path) -> None:
    library = copy_examples(tmp_path / "lib")
    import_from(library)
    before, times = dump(), {path: (library / path).stat().st_mtime_ns for path in example_paths()}
    ran = export_to(library)
    assert (ran.code, ran.counts) == (0, {})
    assert dump() == before
    assert {path: (library / path).stat().st_mtime_ns for path in example_paths()} == times


def test_what_was_exported_elsewhere_has_nothing_to_import(tmp_path: Path) -> None:
    import_from(copy_examples(tmp_path / "lib"))
    export_to(tmp_path / "out")
    before = dump()
    again = import_from(tmp_path / "out")
    assert (again.code, again.counts) == (0, {})
    assert dump() == before


def test_exporting_twice_writes_nothing_the_second_time(tmp_path: Path) -> None:
    import_from(copy_examples(tmp_path / "lib"))
    export_to(tmp_path / "out")
    before = dump()
    again = export_to(tmp_path / "out")
    assert (again.code, again.counts) == (0, {})
    assert dump() == before


def test_a_library_goes_round_through_a_database_that_never_saw_it(tmp_path: Path) -> None:
    import_from(copy_examples(tmp_path / "lib"))
    export_to(tmp_path / "out")
    Pattern.objects.all().delete()
    ran = import_from(tmp_path / "out")
    assert (ran.code, ran.counts) == (0, {"create": len(example_paths())})
    check_integrity()
    export_to(tmp_path / "third")
    assert bytes_in(tmp_path / "third") == bytes_in(EXAMPLES)


def test_an_export_keeps_the_permissions_of_a_file(tmp_path: Path) -> None:
    library = copy_examples(tmp_path / "lib")
    file = library / "hosting/intake-table.md"
    import_from(library)
    Pattern.objects.filter(slug="intake-table").update(title="The intake table, renamed")
    file.chmod(0o640)
    assert export_to(library).counts == {"write": 1}
    assert file.stat().st_mode & 0o777 == 0o640


def run_report(folder: Path, done: dict[str, str]) -> dict[str, object]:
    return {"changes": [{"action": action, "path": path} for path, action in done.items()], "problems": []}


def test_the_round_trip_script_sees_what_is_missing_and_what_differs(tmp_path: Path) -> None:
    library = copy_examples(tmp_path / "lib")
    out = copy_examples(tmp_path / "out")
    (out / "hosting/intake-table.md").unlink()
    differing = out / "lending/tool-library.md"
    differing.write_bytes(differing.read_bytes() + b"\n")
    (out / "surplus.md").write_text("---\nslug: surplus\n---\n")
    compared = round_trip.compare([library], [run_report(library, dict.fromkeys(example_paths(), "create"))], out)
    assert compared.missing == ["hosting/intake-table.md"]
    assert compared.differing == ["lending/tool-library.md"]
    assert compared.unasked == ["surplus.md"]
    assert compared.identical == len(example_paths()) - 2
    assert not compared.is_faithful
