"""Going back, and letting go: what comes back to the byte, and what never goes."""

from __future__ import annotations

import dataclasses
import datetime
from pathlib import Path

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from patterns_app.document.reading import read
from patterns_app.models import Event, Library, LibraryFile, Pattern, Revision, Snapshot
from patterns_app.models.bulk import reserve_ids
from patterns_app.models.rereading import ReadingOutdated
from patterns_app.models.revision import Origin, digest_of
from patterns_app.models.working_copy import document_of
from patterns_app.publishing import publish_many
from patterns_app.workflow import IdentityTaken, StaleDraft, save_draft
from patterns_app.workflow.decisions import Said, make_move
from patterns_app.workflow.moves import Move
from patterns_app.workflow.permissions import wrote
from patterns_app.workflow.revisions import restore_revision, thin_revisions
from tests.factories import NOON, make_ada, make_pattern
from tests.sync.folders import bytes_in, write_files
from tests.sync.running import export_to, import_from

pytestmark = pytest.mark.django_db

DAY = datetime.timedelta(days=1)

ODD = """---
# The neighbours keep this file.
title:   "Tool library"   # as on the sign
slug: tool-library
status: stable
vector_keywords: [ lending,   repair ]

x_unknown: {kept: as it is}
---
A preamble with trailing spaces.  \r
\r
### Section 1: Context
Every cellar holds the same ladder.
"""


@pytest.fixture
def odd(tmp_path: Path) -> Pattern:
    """A pattern whose file is written as nobody else would; imported, edited, deprecated."""
    import_from(write_files(tmp_path / "lib", {"tool-library.md": ODD}))
    pattern = Pattern.objects.get()
    edit(pattern, title="Shed", vector_keywords=("a", "b", "c"), confidence=3, sections=())
    return pattern


def edit(pattern: Pattern, **changes: object) -> None:
    document = dataclasses.replace(document_of(pattern), **changes)  # type: ignore[arg-type]
    save_draft(pattern, document=document, author=None, at=NOON)


def first(pattern: Pattern) -> Revision:
    return Revision.objects.get(pattern=pattern, number=1)


def check_rows(pattern: Pattern) -> None:
    """Rows, text and stored digests say the same."""
    pattern.refresh_from_db()
    said = read(pattern.text, name=pattern.slug).document
    head = Revision.objects.get(pk=pattern.head_id or 0)
    assert document_of(pattern).fingerprint() == said.fingerprint() == head.fingerprint
    assert head.digest == digest_of(head.text)


# Going back


def test_going_back_gives_the_earlier_text_to_the_byte_as_a_new_revision(odd: Pattern) -> None:
    ada = make_ada()
    revision = restore_revision(odd, first(odd), author=ada, at=NOON + DAY, expected_head=odd.head_id)
    assert revision is not None
    assert revision.text == ODD
    assert (revision.number, revision.origin, revision.note) == (3, Origin.ROLLBACK, "Back to revision 1.")
    assert (revision.author, revision.author_name, revision.created_at) == (ada, "ada", NOON + DAY)
    assert (odd.head_id, odd.title) == (revision.pk, "Tool library")
    check_rows(odd)


def test_going_back_to_what_it_says_already_makes_no_revision(odd: Pattern) -> None:
    restore_revision(odd, first(odd), author=None, at=NOON)
    assert restore_revision(odd, first(odd), author=None, at=NOON) is None
    assert odd.revisions.count() == 3


def test_a_status_that_has_moved_since_stays_and_only_its_line_differs(odd: Pattern) -> None:
    make_move(odd, Move.DEPRECATE, actor=None, at=NOON, said=Said(), as_command=True)
    revision = restore_revision(odd, first(odd), author=None, at=NOON)
    assert revision is not None
    assert revision.text == ODD.replace("status: stable", "status: deprecated")
    assert odd.status == "deprecated"
    check_rows(odd)


def test_another_word_for_the_same_status_comes_back_with_the_text(tmp_path: Path) -> None:
    text = ODD.replace("status: stable", "status: mature")
    library = write_files(tmp_path / "lib", {"tool-library.md": ODD})
    import_from(library)
    write_files(library, {"tool-library.md": text})
    import_from(library)
    pattern = Pattern.objects.get()
    revision = restore_revision(pattern, first(pattern), author=None, at=NOON)
    assert revision is not None
    assert revision.text == ODD


def test_going_back_leaves_what_is_public_alone(odd: Pattern) -> None:
    publish_many([odd.pk], at=NOON)
    restore_revision(odd, first(odd), author=None, at=NOON)
    assert Snapshot.objects.get().title == "Shed"


def test_going_back_from_what_somebody_saved_meanwhile_is_refused(odd: Pattern) -> None:
    seen = odd.head_id
    edit(odd, title="Another")
    with pytest.raises(StaleDraft):
        restore_revision(odd, first(odd), author=None, at=NOON, expected_head=seen)
    assert odd.revisions.count() == 3


def test_a_slug_that_another_pattern_has_now_does_not_come_back(odd: Pattern) -> None:
    edit(odd, slug="shed")
    make_pattern(slug="tool-library")
    with pytest.raises(IdentityTaken, match="tool-library"):
        restore_revision(odd, first(odd), author=None, at=NOON)
    check_rows(odd)


def test_what_a_script_changed_goes_into_the_history_before_it_is_undone(odd: Pattern) -> None:
    Pattern.objects.filter(pk=odd.pk).update(summary="Past the history.")
    revision = restore_revision(odd, first(odd), author=None, at=NOON)
    assert revision is not None
    assert revision.text == ODD
    assert "Past the history." in Revision.objects.get(pattern=odd, number=3).text
    check_rows(odd)


def test_rows_of_an_older_program_are_not_gone_back_from(odd: Pattern) -> None:
    fingerprint = Revision.objects.get(pk=odd.head_id or 0).fingerprint
    Revision.objects.filter(pk=odd.head_id or 0).update(fingerprint="00" + fingerprint[2:])
    with pytest.raises(ReadingOutdated):
        restore_revision(odd, first(odd), author=None, at=NOON)


def test_a_revision_of_another_pattern_is_none_to_go_back_to(odd: Pattern) -> None:
    with pytest.raises(ValueError, match="another pattern"):
        restore_revision(odd, first(make_pattern()), author=None, at=NOON)


# Letting go


def add_revisions(pattern: Pattern, moments: list[datetime.datetime]) -> list[Revision]:
    """Further revisions made at these moments; the last is the head."""
    number = pattern.revisions.count()
    rows = [
        Revision(
            pk=pk,
            pattern=pattern,
            number=number + n,
            digest="0" * 64,
            fingerprint="0" * 64,
            created_at=moment,
            origin=Origin.ADMIN,
            text=pattern.text,
        )
        for n, (moment, pk) in enumerate(
            zip(moments, reserve_ids(Revision, len(moments)), strict=True),
            start=1,
        )
    ]
    Revision.objects.bulk_create(rows)
    if rows:
        Pattern.objects.filter(pk=pattern.pk).update(head=rows[-1].pk)
        pattern.refresh_from_db()
    return list(pattern.revisions.order_by("number"))


def add_event(pattern: Pattern, move: str, revision: Revision) -> None:
    Event.objects.create(
        pattern=pattern,
        slug=pattern.slug,
        number=pattern.events.count() + 1,
        move=move,
        from_status="draft",
        to_status="published",
        at=NOON,
        revision_number=revision.number,
    )


MARKS = ["publish", "approve-and-publish", "import", "deprecate", "comment", "file"]
HISTORIES = st.lists(
    # Hours since the revision before, and what happened with this one.
    st.tuples(st.integers(0, 40), st.sets(st.sampled_from(MARKS), max_size=1)),
    min_size=1,
    max_size=30,
)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    histories=st.lists(HISTORIES, min_size=1, max_size=3),
    keep_last=st.integers(0, 6),
    pointers=st.tuples(st.integers(0, 29), st.integers(0, 29), st.integers(0, 29)),
)
def test_exactly_what_nobody_will_miss_goes(
    db: None, histories: list[list[tuple[int, set[str]]]], keep_last: int, pointers: tuple[int, int, int]
) -> None:
    with transaction.atomic():
        expected: set[int] = set()
        newest = NOON
        for which, history in enumerate(histories):
            pattern = make_pattern(slug=f"pattern-{which}")
            moment, moments = NOON, []
            for hours, _ in history:
                moment += datetime.timedelta(hours=hours)
                moments.append(moment)
            newest = max(newest, moment)
            revisions = add_revisions(pattern, moments)
            submitted, approved, public = (revisions[n % len(revisions)] for n in pointers)
            Pattern.objects.filter(pk=pattern.pk).update(submitted=submitted, approved=approved, status="published")
            publish_many([pattern.pk], at=NOON)
            Snapshot.objects.filter(pk=pattern.pk).update(revision=public)
            needed = {submitted.pk, approved.pk, public.pk, revisions[0].pk, revisions[-1].pk}
            for revision, (_, marks) in zip(revisions[1:], history, strict=True):
                for mark in marks:
                    if mark == "file":
                        library = Library.objects.create(name=f"{which} {revision.number}", root="/")
                        LibraryFile.objects.create(
                            library=library, path="a.md", pattern=pattern, revision=revision, digest="0" * 64
                        )
                    else:
                        add_event(pattern, mark, revision)
                if marks - {"comment"}:
                    needed.add(revision.pk)
            needed.update(revision.pk for revision in revisions[len(revisions) - keep_last :])
            last_of_day = {revision.created_at.date(): revision.pk for revision in revisions}
            expected |= needed | set(last_of_day.values())
        young = Revision.objects.filter(created_at__gt=newest - DAY).values_list("pk", flat=True)
        expected |= set(young)
        before = Revision.objects.count()
        would_go = thin_revisions(at=newest, keep_last=keep_last, is_dry_run=True)
        assert Revision.objects.count() == before
        gone = thin_revisions(at=newest, keep_last=keep_last)
        assert set(Revision.objects.values_list("pk", flat=True)) == expected
        assert gone == would_go == before - len(expected)
        assert thin_revisions(at=newest, keep_last=keep_last) == 0, "once is enough"
        transaction.set_rollback(True)


def test_after_thinning_one_can_go_back_edit_and_export(tmp_path: Path) -> None:
    library = write_files(tmp_path / "lib", {"tool-library.md": ODD})
    import_from(library)
    pattern = Pattern.objects.get()
    for number in range(60):
        save_draft(
            pattern,
            document=dataclasses.replace(document_of(pattern), title=f"Shed {number}"),
            author=None,
            at=NOON + datetime.timedelta(hours=number),
        )
    assert thin_revisions(at=NOON + 30 * DAY, keep_last=2) > 50
    check_rows(pattern)
    assert export_to(library).code == 0
    [exported] = bytes_in(library).values()
    assert exported.decode() == ODD.replace('"Tool library"', '"Shed 59"')
    for revision in pattern.revisions.all():
        restored = restore_revision(pattern, revision, author=None, at=NOON + 30 * DAY)
        assert restored is None or restored.text == revision.text
    check_rows(pattern)
    assert pattern.revisions.values("number").distinct().count() == pattern.revisions.count()


def test_thinning_costs_the_same_number_of_queries_for_many_patterns_and_reads_no_text(db: None) -> None:
    def queries(count: int, prefix: str) -> int:
        for number in range(count):
            pattern = make_pattern(slug=f"{prefix}-{number}")
            add_revisions(pattern, [NOON + datetime.timedelta(minutes=n) for n in range(10)])
        with CaptureQueriesContext(connection) as captured:
            assert thin_revisions(at=NOON + 9 * DAY, keep_last=1) == 9 * count
        assert not any('"text"' in query["sql"] for query in captured)
        return len(captured)

    few, many = queries(2, "few"), queries(40, "many")
    assert many <= few + 4, "a statement for each hundred that go"


def test_thinning_lets_nobody_approve_what_they_had_a_part_in(db: None) -> None:
    pattern, ada = make_pattern(), make_ada()
    [*_, second, _, _] = add_revisions(pattern, [NOON + datetime.timedelta(minutes=n) for n in range(9)])
    Revision.objects.filter(pk=second.pk).update(author=ada)
    assert thin_revisions(at=NOON + 9 * DAY, keep_last=1) > 5
    assert wrote(ada, pattern)


def test_a_dry_run_lets_nothing_go(odd: Pattern) -> None:
    add_revisions(odd, [NOON + datetime.timedelta(minutes=n) for n in range(30)])
    assert thin_revisions(at=NOON + 9 * DAY, keep_last=1, is_dry_run=True) > 20
    assert odd.revisions.count() == 32
