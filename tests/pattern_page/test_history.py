"""What was public when, as the page tells it."""

from __future__ import annotations

import dataclasses
import datetime
import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from patterns_app.models import Pattern, Revision, Snapshot
from patterns_app.models.working_copy import document_of
from patterns_app.publishing import publish_many, retract_many
from patterns_app.views.page import shown
from patterns_app.workflow import save_draft
from tests.factories import NOON, make_document
from tests.pattern_page.looking import get, looked_at, make_public

pytestmark = pytest.mark.django_db


def edit(pattern: Pattern, version: str) -> None:
    document = dataclasses.replace(document_of(pattern), version=version)
    save_draft(Pattern.objects.get(pk=pattern.pk), document=document, author=None, at=NOON, note="A secret note")


def make_old(times: int) -> Pattern:
    """Published so many times, a day after the other."""
    pattern = make_public(version="0")
    for number in range(1, times):
        edit(pattern, f"0.{number}")
        publish_many([pattern.pk], at=NOON + datetime.timedelta(days=number))
    return pattern


def rows(html: str) -> list[str]:
    lists = re.findall(r'<ol class="past".*?</ol>', html, re.S)
    return [re.sub("<[^>]*>", "", row) for row in re.findall(r"<li>(.*?)</li>", "".join(lists), re.S)]


def test_the_page_tells_what_was_public_when_the_newest_first() -> None:
    pattern = make_old(3)
    edit(pattern, "0.9-never-public")
    html = get()
    public = Revision.objects.filter(pattern=pattern).order_by("-number").values_list("digest", flat=True)[1:]
    assert rows(html) == [
        f"3 March 2026 revised, version 0.2 {public[0][:12]}",
        f"2 March 2026 revised, version 0.1 {public[1][:12]}",
        f"1 March 2026 first published, version 0 {public[2][:12]}",
    ]
    assert "First published1 March 2026" in looked_at().text("dl")
    assert "Last published3 March 2026" in looked_at().text("dl")
    assert "never-public" not in html
    assert "secret" not in html
    waits = Revision.objects.order_by("-number").values_list("digest", flat=True)[0]
    assert waits[:12] not in html


def test_of_a_long_history_the_older_part_is_folded_and_still_counted() -> None:
    make_old(9)
    html = get()
    assert len(rows(html)) == 9
    assert re.findall(r'<ol class="past" reversed start="(\d+)">', html) == ["9", "4"]
    assert "<summary>4 earlier</summary>" in html


def test_nobody_opens_a_fold_for_one_line() -> None:
    make_old(6)
    assert re.findall(r'<ol class="past" reversed start="(\d+)">', get()) == ["6"]


def test_a_history_of_any_length_is_in_the_two_queries_of_the_page() -> None:
    make_old(4)
    with CaptureQueriesContext(connection) as captured:
        get()
    assert len(captured) == 2


def test_what_was_taken_back_is_not_told_when_the_pattern_is_public_again() -> None:
    pattern = make_old(3)
    retract_many([pattern.pk])
    publish_many([pattern.pk], at=NOON + datetime.timedelta(days=30))
    assert [row.partition(",")[0] for row in rows(get())] == ["31 March 2026 first published"]


def test_a_preview_and_a_snapshot_of_an_earlier_making_tell_no_history() -> None:
    assert shown(make_document()).past == ""
    make_old(2)
    Snapshot.objects.update(history=[])
    assert "History" not in looked_at().text("h3")
