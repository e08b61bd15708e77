"""A pattern's life: every move from every status, who may make it, and what it leaves behind."""

from __future__ import annotations

import datetime
from typing import Any

import pytest
from django.contrib.auth.models import User

from patterns_app.document.vocabulary import Status
from patterns_app.models import LIVE, Event, Pattern, PublicAddress, Revision, Snapshot
from patterns_app.models.working_copy import document_of
from patterns_app.workflow import save_draft
from patterns_app.workflow.decisions import Said, make_move
from patterns_app.workflow.moves import Ask, Move, MoveRefused, StaleMove, is_ahead, possible_moves, refusal
from tests.factories import NOON, make_document, make_member, make_pattern, make_user

pytestmark = pytest.mark.django_db

LATER = NOON + datetime.timedelta(days=1)


@pytest.fixture
def ada() -> User:
    """Ada contributes."""
    return make_member("ada", "Contributor")


@pytest.fixture
def bo() -> User:
    """Bo edits and reviews."""
    return make_member("bo", "Editor")


@pytest.fixture
def di() -> User:
    """Di publishes."""
    return make_member("di", "Publisher")


def fresh(pattern: Pattern) -> Pattern:
    return Pattern.objects.get(pk=pattern.pk)


def go(pattern: Pattern, move: Move, actor: User | None, **said: Any) -> Event:
    if Ask.REASON in move.asks:
        said.setdefault("note", "Because.")
    return make_move(fresh(pattern), move, actor=actor, at=NOON, said=Said(**said), as_command=actor is None)


def edit(pattern: Pattern, author: User | None = None, **fields: Any) -> Revision | None:
    pattern = fresh(pattern)
    said = document_of(pattern)
    document = make_document(**{**{name: getattr(said, name) for name in ("slug", "title", "status", "id")}, **fields})
    return save_draft(pattern, document=document, author=author, at=NOON)


def published(di: User, **fields: Any) -> Pattern:
    pattern = make_pattern(**fields)
    go(pattern, Move.PUBLISH, di)
    return fresh(pattern)


# The way of a pattern


def test_from_draft_to_published(ada: User, bo: User, di: User) -> None:
    pattern = make_pattern(author=ada)
    assert pattern.owner == ada
    go(pattern, Move.SUBMIT, ada, note="Ready.")
    assert fresh(pattern).status == "review"
    assert "status: review" in fresh(pattern).text
    go(pattern, Move.REQUEST_CHANGES, bo, note="Where is the problem?")
    sent_back = fresh(pattern)
    assert (sent_back.status, sent_back.sent_back) == ("draft", "Where is the problem?")
    edit(pattern, ada, summary="Now with a problem.")
    go(pattern, Move.SUBMIT, ada)
    go(pattern, Move.APPROVE, di)
    assert fresh(pattern).is_approved
    assert not Snapshot.objects.exists()
    go(pattern, Move.PUBLISH, di)
    live = fresh(pattern)
    assert live.status == "published"
    assert live.snapshot.revision_id == live.head_id
    assert live.snapshot.summary == "Now with a problem."
    assert (live.submitted, live.approved, live.sent_back) == (None, None, "")
    moves = Event.objects.filter(pattern=pattern).order_by("number")
    assert [event.move for event in moves] == ["submit", "request-changes", "submit", "approve", "publish"]
    assert [event.number for event in moves] == [1, 2, 3, 4, 5]
    assert [event.actor_name for event in moves] == ["ada", "bo", "ada", "di", "di"]
    assert {event.revision_digest for event in moves} <= set(pattern.revisions.values_list("digest", flat=True))


def test_every_change_of_status_is_one_line_of_the_file(ada: User, di: User) -> None:
    pattern = make_pattern(author=ada)
    for move in (Move.SUBMIT, Move.APPROVE_AND_PUBLISH, Move.DEPRECATE, Move.RESTORE, Move.ARCHIVE, Move.RESTORE):
        before = fresh(pattern).text.split("\n")
        go(pattern, move, None)
        after = fresh(pattern).text.split("\n")
        assert len(after) == len(before)
        changed = [new for old, new in zip(before, after, strict=True) if old != new]
        assert len(changed) == 1
        assert changed[0].strip() == f"status: {fresh(pattern).status}"
    assert fresh(pattern).status == "draft"


def test_the_file_keeps_its_own_word_for_a_status(di: User) -> None:
    pattern = make_pattern(status="stable")
    assert pattern.status == "published"
    go(pattern, Move.PUBLISH, di)
    assert "status: stable" in fresh(pattern).text
    assert Snapshot.objects.get().revision_id == fresh(pattern).head_id


def test_a_published_pattern_stays_as_it_is_while_its_next_version_is_written_and_reviewed(
    ada: User, bo: User, di: User
) -> None:
    pattern = published(di, author=ada, title="Old title")
    edit(pattern, bo, title="New title")
    assert is_ahead(fresh(pattern))
    assert list(Pattern.objects.ahead()) == [pattern]
    go(pattern, Move.SUBMIT, bo)
    in_review = fresh(pattern)
    assert (in_review.status, in_review.is_under_review) == ("published", True)
    assert Snapshot.objects.get().title == "Old title"
    go(pattern, Move.REQUEST_CHANGES, bo)
    assert fresh(pattern).status == "published"
    go(pattern, Move.SUBMIT, bo)
    go(pattern, Move.APPROVE_AND_PUBLISH, di)
    assert Snapshot.objects.get().title == "New title"
    assert not is_ahead(fresh(pattern))


def test_an_edit_after_the_approval_needs_another_one(ada: User, bo: User, di: User) -> None:
    pattern = make_pattern(author=ada)
    go(pattern, Move.SUBMIT, ada)
    go(pattern, Move.APPROVE, di)
    edit(pattern, bo, summary="Slipped in.")
    assert not fresh(pattern).is_approved
    assert "under review" in refusal(Move.PUBLISH, fresh(pattern), di)
    go(pattern, Move.APPROVE, di)
    go(pattern, Move.PUBLISH, di)
    assert Snapshot.objects.get().summary == "Slipped in."


def test_deprecating_keeps_unpublished_changes_unpublished_and_names_the_successor(bo: User, di: User) -> None:
    old, new = published(di, slug="old"), published(di, slug="new")
    edit(old, bo, title="Never shown")
    go(old, Move.DEPRECATE, di, successor=new)
    shown = Snapshot.objects.get(slug="old")
    assert (shown.status, shown.successor_id, shown.title) == ("deprecated", new.pk, "Old")
    assert is_ahead(fresh(old))


def test_deprecating_without_unpublished_changes_makes_none(di: User) -> None:
    pattern = published(di)
    go(pattern, Move.DEPRECATE, di)
    assert not is_ahead(fresh(pattern))
    go(pattern, Move.RESTORE, di)
    assert Snapshot.objects.get().status == "published"
    assert not is_ahead(fresh(pattern))


@pytest.mark.parametrize("move", [Move.UNPUBLISH, Move.ARCHIVE])
def test_what_goes_out_of_sight_leaves_its_address_known(di: User, move: Move) -> None:
    pattern = published(di)
    go(pattern, move, di)
    assert not Snapshot.objects.exists()
    assert PublicAddress.objects.get().pattern == pattern
    assert fresh(pattern).status not in LIVE


def test_an_old_public_slug_leads_to_the_pattern(bo: User, di: User) -> None:
    pattern = published(di, slug="old-name")
    edit(pattern, bo, slug="new-name")
    assert Snapshot.objects.get().slug == "old-name"
    go(pattern, Move.PUBLISH, di)
    assert Snapshot.objects.get().slug == "new-name"
    assert set(PublicAddress.objects.values_list("slug", flat=True)) == {"old-name", "new-name"}


def test_an_address_that_is_still_public_is_not_taken_away(bo: User, di: User) -> None:
    holder = published(di, slug="well")
    edit(holder, bo, slug="spring")
    other = make_pattern(slug="well")
    with pytest.raises(MoveRefused, match="still public"):
        go(other, Move.PUBLISH, di)
    assert fresh(other).status == "draft"
    assert not Event.objects.filter(pattern=other).exists()
    go(holder, Move.PUBLISH, di)
    go(other, Move.PUBLISH, di)
    assert Snapshot.objects.get(slug="well").pattern == other
    assert PublicAddress.objects.get(slug="well").pattern == other


# Who may


def test_what_each_group_may_do_with_a_draft_of_somebody_else(ada: User, bo: User, di: User) -> None:
    pattern = make_pattern()
    assert possible_moves(pattern, ada) == []
    assert possible_moves(pattern, bo) == [Move.SUBMIT, Move.ASSIGN, Move.COMMENT]
    assert possible_moves(pattern, di) == [
        Move.SUBMIT,
        Move.PUBLISH,
        Move.SCHEDULE,
        Move.ARCHIVE,
        Move.ASSIGN,
        Move.COMMENT,
    ]


def test_a_contributor_submits_and_withdraws_what_is_hers(ada: User) -> None:
    pattern = make_pattern(author=ada)
    assert possible_moves(pattern, ada) == [Move.SUBMIT, Move.COMMENT]
    go(pattern, Move.SUBMIT, ada)
    assert possible_moves(fresh(pattern), ada) == [Move.WITHDRAW, Move.COMMENT]
    go(pattern, Move.WITHDRAW, ada)
    assert fresh(pattern).status == "draft"


def test_nobody_makes_a_move_without_the_permission(ada: User, bo: User) -> None:
    pattern = make_pattern(author=ada)
    for actor, move in [(ada, Move.PUBLISH), (ada, Move.ARCHIVE), (bo, Move.PUBLISH), (bo, Move.SCHEDULE)]:
        with pytest.raises(MoveRefused, match="not allowed"):
            go(pattern, move, actor, publish_at=LATER)
    assert not Event.objects.exists()


def test_under_four_eyes_nobody_approves_their_own(settings: Any, ada: User, di: User) -> None:
    settings.FOUR_EYES = True
    el = make_member("el", "Publisher")
    pattern = make_pattern(author=ada)
    edit(pattern, di, summary="Di wrote this line.")
    go(pattern, Move.SUBMIT, ada)
    for move in (Move.APPROVE, Move.APPROVE_AND_PUBLISH):
        with pytest.raises(MoveRefused, match="Somebody else"):
            go(pattern, move, di)
    with pytest.raises(MoveRefused, match="Somebody else"):
        go(pattern, Move.SCHEDULE, di, publish_at=LATER)
    go(pattern, Move.APPROVE, el)
    go(pattern, Move.PUBLISH, di)
    assert fresh(pattern).status == "published"


def test_under_four_eyes_not_even_a_superuser_publishes_alone(settings: Any) -> None:
    settings.FOUR_EYES = True
    root = make_user("root", is_superuser=True)
    pattern = make_pattern(author=root)
    with pytest.raises(MoveRefused, match="Somebody else"):
        go(pattern, Move.PUBLISH, root)


# Every move from every status


STATES = [*Status, "published-ahead", "published-submitted", "approved"]


def in_state(state: str) -> Pattern:
    """A pattern in a status, or in one of three finer states."""
    pattern = make_pattern()
    match state:
        case "review" | "approved":
            go(pattern, Move.SUBMIT, None)
            if state == "approved":
                go(pattern, Move.APPROVE, None)
        case "archived":
            go(pattern, Move.ARCHIVE, None)
        case "published" | "deprecated" | "published-ahead" | "published-submitted":
            go(pattern, Move.PUBLISH, None)
            if state == "deprecated":
                go(pattern, Move.DEPRECATE, None)
            elif state != "published":
                edit(pattern, summary="Newer.")
                if state == "published-submitted":
                    go(pattern, Move.SUBMIT, None)
    return fresh(pattern)


@pytest.mark.parametrize("move", Move, ids=str)
@pytest.mark.parametrize("state", STATES)
def test_every_move_from_every_state_is_made_whole_or_not_at_all(state: str, move: Move) -> None:
    pattern = in_state(state)
    said = Said("Because.", LATER, None, None, make_user("el") if Ask.PERSON in move.asks else None)
    before = (Event.objects.count(), Revision.objects.count(), Snapshot.objects.values().first())
    event, why_not = None, ""
    try:
        event = make_move(pattern, move, actor=None, at=NOON, said=said, as_command=True)
    except MoveRefused as error:
        why_not = str(error)
    if event is None:
        assert why_not.endswith(".")
        assert (Event.objects.count(), Revision.objects.count(), Snapshot.objects.values().first()) == before
        return
    after = fresh(pattern)
    assert (event.from_status, event.to_status) == (state.partition("-")[0].replace("approved", "review"), after.status)
    assert move.steps[Status(event.from_status)] == after.status
    assert event.number == after.events_so_far
    assert Snapshot.objects.exists() == (after.status in LIVE)
    assert document_of(after).fingerprint() == after.head.fingerprint  # type: ignore[union-attr]
    if after.status not in LIVE:
        assert after.successor is None


@pytest.mark.parametrize(
    ("move", "said", "words"),
    [
        (Move.REQUEST_CHANGES, Said("  "), "Say why"),
        (Move.COMMENT, Said(), "Write something"),
        (Move.ASSIGN, Said(), "Choose who"),
        (Move.SCHEDULE, Said(), "Choose when"),
        (Move.SCHEDULE, Said(publish_at=NOON), "has passed"),
        (Move.SCHEDULE, Said(publish_at=LATER, expire_at=LATER), "out of sight before"),
        (Move.SCHEDULE, Said(expire_at=LATER), "not public"),
    ],
)
def test_what_has_to_be_said_with_a_move_is_asked_for(move: Move, said: Said, words: str) -> None:
    pattern = in_state("review")
    with pytest.raises(MoveRefused, match=words):
        make_move(pattern, move, actor=None, at=NOON, said=said, as_command=True)


# Not twice, not on what was never seen


def test_a_move_decided_on_another_text_is_refused(ada: User, bo: User, di: User) -> None:
    pattern = make_pattern(author=ada)
    go(pattern, Move.SUBMIT, ada)
    seen = fresh(pattern)
    edit(pattern, bo, summary="Slipped in.")
    with pytest.raises(StaleMove):
        make_move(seen, Move.APPROVE_AND_PUBLISH, actor=di, at=NOON)
    assert not Snapshot.objects.exists()


def test_of_two_who_decide_on_the_same_state_the_first_wins(ada: User, di: User) -> None:
    pattern = make_pattern(author=ada)
    go(pattern, Move.SUBMIT, ada)
    one, other = fresh(pattern), fresh(pattern)
    make_move(one, Move.APPROVE, actor=di, at=NOON)
    for move in (Move.REQUEST_CHANGES, Move.APPROVE, Move.APPROVE_AND_PUBLISH):
        with pytest.raises(StaleMove):
            make_move(other, move, actor=di, at=NOON, said=Said("No."))
    assert [event.move for event in Event.objects.order_by("number")] == ["submit", "approve"]


def test_rows_that_a_script_changed_are_not_published_unseen(di: User) -> None:
    pattern = make_pattern()
    Pattern.objects.filter(pk=pattern.pk).update(title="Changed by a script")
    with pytest.raises(MoveRefused, match="script"):
        go(pattern, Move.PUBLISH, di)


def test_the_log_stands_when_people_and_patterns_are_gone(ada: User, di: User) -> None:
    pattern = make_pattern(author=ada)
    go(pattern, Move.SUBMIT, ada, note="Ready.")
    ada.delete()
    event = Event.objects.get()
    assert (event.actor_name, event.note, event.slug) == ("ada", "Ready.", pattern.slug)
    fresh(pattern).delete()
    event = Event.objects.get()
    assert (event.pattern, event.slug) == (None, pattern.slug)


def test_a_refused_move_leaves_the_instance_as_it_was(bo: User, di: User) -> None:
    holder = published(di, slug="well")
    edit(holder, bo, slug="spring")
    other = fresh(make_pattern(slug="well"))
    before = dict(other.__dict__)
    with pytest.raises(MoveRefused):
        make_move(other, Move.PUBLISH, actor=di, at=NOON)
    assert other.__dict__ == before
    assert other.status == "draft"
