"""After an upgrade that reads more from the texts, the rows say it, too, and nothing is taken for an edit."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from patterns_app.document.pattern import READING, PatternDocument
from patterns_app.document.reading import read
from patterns_app.models import Pattern, Revision
from patterns_app.models.rereading import ReadingOutdated, outdated, reread
from patterns_app.models.working_copy import document_of
from patterns_app.workflow import save_draft
from tests.factories import make_pattern

pytestmark = pytest.mark.django_db


def as_an_older_version_left_it(pattern: Pattern) -> None:
    """The text has a summary; the older version did not know summaries, so the row has none."""
    Pattern.objects.filter(pk=pattern.pk).update(summary="")
    Revision.objects.filter(pattern=pattern).update(fingerprint="00" + "f" * 62)


def test_rows_say_again_what_the_text_says_and_history_stays() -> None:
    pattern = make_pattern(title="Tool library", summary="Lend what is seldom used.")
    untouched = make_pattern(slug="repair-table")
    as_an_older_version_left_it(pattern)
    assert list(outdated()) == [pattern]
    assert reread() == 1
    said = document_of(pattern)
    assert said.summary == "Lend what is seldom used."
    assert said == read(pattern.text).document
    assert list(pattern.revisions.values_list("number", "fingerprint")) == [(1, said.fingerprint())]
    assert Pattern.objects.get(pk=pattern.pk).changed_at == pattern.changed_at
    assert Pattern.objects.get(pk=untouched.pk).changed_at == untouched.changed_at
    assert reread() == 0


def test_until_then_saves_imports_and_exports_are_refused(tmp_path: Path) -> None:
    pattern = make_pattern(title="Tool library", summary="Lend what is seldom used.")
    as_an_older_version_left_it(pattern)
    before = pattern.text
    with pytest.raises(ReadingOutdated, match="reread_patterns"):
        save_draft(pattern, document=PatternDocument(slug=pattern.slug, title="Other"), author=None, at=timezone.now())
    for command in (("export_patterns", tmp_path), ("import_patterns", tmp_path)):
        with pytest.raises(CommandError, match="reread_patterns") as refusal:
            call_command(*map(str, command), verbosity=0)
        assert refusal.value.returncode == 2
    assert Pattern.objects.get(pk=pattern.pk).text == before
    assert not list(tmp_path.iterdir())
    call_command("reread_patterns", verbosity=0)
    call_command("export_patterns", str(tmp_path), verbosity=0)
    assert (tmp_path / f"{pattern.slug}.md").read_text(encoding="utf-8") == before


def test_a_fingerprint_begins_with_the_way_of_reading() -> None:
    assert re.fullmatch(f"{READING:02x}[0-9a-f]{{62}}", PatternDocument().fingerprint())
