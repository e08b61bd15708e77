"""What an import makes public and takes out of sight, and what an export writes after a way through the workflow."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from patterns_app.models import Event, Pattern, PublicAddress, Snapshot
from patterns_app.models.working_copy import document_of
from patterns_app.workflow.decisions import Said, make_move
from patterns_app.workflow.moves import Ask, Move, is_ahead
from tests.factories import NOON
from tests.sync.editing import edit
from tests.sync.folders import EXAMPLES, bytes_in, copy_examples, example_paths, pattern_file, write_files
from tests.sync.running import export_to, import_from

pytestmark = pytest.mark.django_db


def public() -> dict[str, str]:
    """Slug → title of what is public."""
    return dict(Snapshot.objects.values_list("slug", "title"))


def go(slug: str, move: Move, **said: Any) -> None:
    if Ask.REASON in move.asks:
        said.setdefault("note", "Because.")
    pattern = Pattern.objects.get(slug=slug)
    make_move(pattern, move, actor=None, at=NOON, said=Said(**said), as_command=True)


def test_an_import_publishes_what_the_files_call_published_in_any_library_s_words(tmp_path: Path) -> None:
    words = ["draft", "review", "published", "stable", "mature", "active", "revised", "deprecated", "archived"]
    library = write_files(tmp_path / "lib", {f"{word}.md": pattern_file(word, status=word) for word in words})
    ran = import_from(library)
    assert (ran.counts, ran.published) == ({"create": 9}, 5)
    assert set(public()) == {"published", "stable", "mature", "active", "deprecated"}
    assert Snapshot.objects.get(slug="deprecated").status == "deprecated"
    assert set(Event.objects.values_list("move", "slug")) == {("import", slug) for slug in public()}
    assert import_from(library).counts == {}


def test_no_publish_holds_everything_and_publish_lets_it_go(tmp_path: Path) -> None:
    files = {"a.md": pattern_file("a", status="published"), "b.md": pattern_file("b"), "c.md": pattern_file("c")}
    library = write_files(tmp_path / "lib", files)
    import_from(library, "--no-publish")
    assert public() == {}
    assert import_from(library).published == 0
    assert import_from(library, "--publish").published == 3
    assert set(public()) == {"a", "b", "c"}
    assert set(Pattern.objects.values_list("status", flat=True)) == {"published"}
    assert import_from(library, "--publish").published == 0
    export_to(library)
    assert bytes_in(library)["a.md"] == files["a.md"].encode()
    assert bytes_in(library)["b.md"] == files["b.md"].replace("status: draft", "status: published").encode()


def test_a_file_that_is_published_no_longer_takes_its_pattern_out_of_sight(tmp_path: Path) -> None:
    library = write_files(tmp_path / "lib", {"a.md": pattern_file("a", status="published")})
    import_from(library)
    write_files(library, {"a.md": pattern_file("a", status="draft")})
    import_from(library)
    assert public() == {}
    assert PublicAddress.objects.get().slug == "a"
    last = Event.objects.order_by("-number").first()
    assert last is not None
    assert (last.from_status, last.to_status) == ("published", "draft")


def test_a_changed_file_changes_what_is_public_and_a_held_one_does_not(tmp_path: Path) -> None:
    library = write_files(tmp_path / "lib", {"a.md": pattern_file("a", status="published", title="One")})
    import_from(library)
    write_files(library, {"a.md": pattern_file("a", status="published", title="Two")})
    import_from(library, "--no-publish")
    assert public() == {"a": "One"}
    assert is_ahead(Pattern.objects.get())
    write_files(library, {"a.md": pattern_file("a", status="published", title="Three")})
    import_from(library)
    assert public() == {"a": "Three"}


def test_files_that_swap_slugs_swap_their_public_addresses(tmp_path: Path) -> None:
    ids = {"x": "pat_01hzzzzzzzzzzzzzzzzz000001", "y": "pat_01hzzzzzzzzzzzzzzzzz000002"}

    def files(x: str, y: str) -> dict[str, str]:
        return {
            "x.md": pattern_file(x, id=ids["x"], title="Ex", status="published"),
            "y.md": pattern_file(y, id=ids["y"], title="Why", status="published"),
        }

    library = write_files(tmp_path / "lib", files("left", "right"))
    import_from(library)
    write_files(library, files("right", "left"))
    assert import_from(library).errors == []
    assert public() == {"right": "Ex", "left": "Why"}


def test_an_address_that_another_pattern_still_has_is_said_and_everything_else_goes_in(tmp_path: Path) -> None:
    library = write_files(tmp_path / "lib", {"well.md": pattern_file("well", status="published")})
    import_from(library)
    edit("well", slug="spring")
    other = write_files(tmp_path / "other", {"well.md": pattern_file("well", title="New well", status="published")})
    ran = import_from(other)
    assert ran.code == 1
    assert ran.errors == [("well.md", "not-published")]
    assert "still public" in ran.said_of("well.md")
    assert Pattern.objects.get(slug="well").title == "New well"
    assert public() == {"well": "Well"}


def test_a_text_that_arrives_voids_the_review_of_the_one_before(tmp_path: Path) -> None:
    library = write_files(tmp_path / "lib", {"a.md": pattern_file("a")})
    import_from(library)
    go("a", Move.SUBMIT)
    go("a", Move.APPROVE)
    write_files(library, {"a.md": pattern_file("a", title="Another")})
    import_from(library, "--theirs")
    pattern = Pattern.objects.get()
    assert (pattern.status, pattern.submitted, pattern.approved) == ("draft", None, None)


def test_queries_do_not_grow_with_the_number_of_files_that_are_published(tmp_path: Path) -> None:
    def queries(count: int, *options: str) -> int:
        names = [f"{options}-{count}-{number}".strip("()-',").replace("', '", "-") for number in range(count)]
        files = {f"{name}.md": pattern_file(name, status="published") for name in names}
        library = write_files(tmp_path / f"lib-{count}-{len(options)}", files)
        with CaptureQueriesContext(connection) as captured:
            import_from(library, *options)
        return len(captured)

    assert queries(40) == queries(80)


def test_the_example_library_round_trips_with_what_it_publishes(tmp_path: Path) -> None:
    import_from(EXAMPLES)
    assert len(public()) == 20
    export_to(tmp_path / "out")
    assert bytes_in(tmp_path / "out") == {
        path: data for path, data in bytes_in(EXAMPLES).items() if path in example_paths()
    }


def test_after_a_whole_way_through_the_workflow_the_files_differ_by_exactly_the_edits(tmp_path: Path) -> None:
    """Import, admin and workflow leave one kind of history: the files' diffs are the edits made, and no more."""
    library = copy_examples(tmp_path / "lib")
    import_from(library)
    before = bytes_in(library)
    edit("tool-library", vitality=4.4)
    go("tool-library", Move.SUBMIT)
    go("tool-library", Move.REQUEST_CHANGES)
    edit("tool-library", summary="One ladder for the street.")
    go("tool-library", Move.SUBMIT)
    go("tool-library", Move.APPROVE)
    go("tool-library", Move.PUBLISH)
    go("tool-library", Move.DEPRECATE)
    go("failure-wall", Move.UNPUBLISH)
    go("failure-wall", Move.PUBLISH)
    export_to(library)
    after = bytes_in(library)
    changed = [path for path in before if before[path] != after[path]]
    assert changed == ["lending/tool-library.md"]
    old, new = (files[changed[0]].decode().split("\n") for files in (before, after))
    removed, added = [line for line in old if line not in new], [line for line in new if line not in old]
    assert [line.strip() for line in added] == ["One ladder for the street.", "vitality: 4.4", "status: deprecated"]
    assert [line.strip().partition(" ")[0] for line in removed] == ["One", "vitality:", "status:"]
    # Rows, text and history agree, and the next import has nothing to do.
    assert import_from(library, "--check").code == 0
    pattern = Pattern.objects.get(slug="tool-library")
    assert document_of(pattern).fingerprint() == pattern.revisions.first().fingerprint  # type: ignore[union-attr]
