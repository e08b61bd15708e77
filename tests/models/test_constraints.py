"""What must never be is refused by the database itself, on either engine, whoever writes."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from patterns_app.document.vocabulary import PILLARS
from patterns_app.models import (
    Alias,
    Audience,
    Community,
    ContextLabel,
    Contribution,
    Contributor,
    CrossDomain,
    Domain,
    Entity,
    InferredLink,
    Keyword,
    Library,
    LibraryFile,
    Pattern,
    PatternCommunity,
    PatternEntity,
    PatternKeyword,
    Relationship,
    Revision,
    Section,
)
from tests.factories import NOON, make_pattern

pytestmark = pytest.mark.django_db


def raw(statement: str, *values: Any) -> None:
    """Run SQL as somebody would who knows nothing of the models."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement, values)


def refused(statement: str, *values: Any) -> bool:
    try:
        with transaction.atomic():
            raw(statement, *values)
            connection.check_constraints()
    except IntegrityError:
        return True
    return False


SCORES = [
    *((Pattern, column, 5) for column in ("vitality", "overall_score", *PILLARS)),
    (Pattern, "confidence", 4),
    (Relationship, "weight", 1),
    (InferredLink, "confidence", 1),
    (InferredLink, "strength", 5),
    (PatternEntity, "relevance", 1),
    (PatternCommunity, "confidence", 1),
]


def make_everything() -> Pattern:
    """A pattern with one of everything that has a score."""
    pattern = make_pattern(slug="it", id="pat_1")
    Relationship.objects.create(pattern=pattern, kind="enables", target_text="a", target_key="a")
    InferredLink.objects.create(pattern=pattern, target_text="a", target_key="a")
    PatternEntity.objects.create(pattern=pattern, entity=Entity.objects.create(key="e"))
    PatternCommunity.objects.create(pattern=pattern, community=Community.objects.create(key="c"))
    return pattern


@pytest.mark.parametrize(("model", "column", "upper"), SCORES, ids=[f"{m.__name__}.{c}" for m, c, _ in SCORES])
def test_scores_outside_their_range_are_refused_and_its_ends_are_not(model: Any, column: str, upper: int) -> None:
    make_everything()
    update = f'UPDATE {model._meta.db_table} SET "{column}" = %s'
    raw(update, 0)
    raw(update, upper)
    raw(update, None)
    assert refused(update, upper + 1)
    assert refused(update, -1)
    if column != "confidence" or model is not Pattern:
        assert refused(update, upper + 0.001)
        assert refused(update, -0.001)


def test_weights_that_are_no_numbers_are_refused() -> None:
    make_everything()
    if connection.vendor == "postgresql":
        # PostgreSQL counts NaN above every number.
        assert refused("UPDATE patterns_app_relationship SET weight = 'NaN'")
        assert refused("UPDATE patterns_app_relationship SET weight = 'Infinity'")
    else:
        # SQLite makes NULL of NaN, and any text is above every number.
        assert refused("UPDATE patterns_app_relationship SET weight = 9e999")
        assert refused("UPDATE patterns_app_relationship SET weight = 'heavy'")


def test_a_slug_is_there_and_there_once() -> None:
    make_pattern(slug="one")
    make_pattern(slug="two")
    assert refused("UPDATE patterns_app_pattern SET slug = ''")
    assert refused("UPDATE patterns_app_pattern SET slug = NULL WHERE slug = 'one'")
    assert refused("UPDATE patterns_app_pattern SET slug = 'one' WHERE slug = 'two'")


def test_an_id_is_there_once_and_any_number_of_patterns_have_none() -> None:
    make_pattern(slug="one", id="pat_1")
    make_pattern(slug="two")
    make_pattern(slug="three")
    assert Pattern.objects.filter(identifier="").count() == 2
    assert refused("UPDATE patterns_app_pattern SET identifier = 'pat_1' WHERE slug = 'two'")


def test_unknown_states_and_kinds_are_refused() -> None:
    make_everything()
    assert refused("UPDATE patterns_app_pattern SET status = 'asleep'")
    assert refused("UPDATE patterns_app_relationship SET kind = 'befriends'")
    raw("UPDATE patterns_app_pattern SET status = 'archived'")
    raw("UPDATE patterns_app_relationship SET kind = 'governed_by'")


def test_nothing_that_a_pattern_has_once_is_there_twice() -> None:
    pattern = make_everything()
    entity, community = Entity.objects.get(), Community.objects.get()
    audience = Audience.objects.create(name="sailors")
    domain = Domain.objects.create(name="sea")
    contributor = Contributor.objects.create(name="bo")
    tag = Keyword.objects.create(name="tide", slug="tide")
    library = Library.objects.create(name="lib", root="/lib")
    other = make_pattern(slug="other")
    doubles: list[tuple[Any, dict[str, Any]]] = [
        (Alias, {"pattern": pattern, "name": "Same", "key": "same"}),
        (ContextLabel, {"pattern": pattern, "audience": audience}),
        (CrossDomain, {"pattern": pattern, "domain": domain}),
        (PatternKeyword, {"content_object": pattern, "tag": tag}),
        (Relationship, {"pattern": pattern, "kind": "requires", "target_text": "b", "target_key": "b"}),
        (InferredLink, {"pattern": pattern, "type": "t", "target_text": "b", "target_key": "b"}),
        (Contribution, {"pattern": pattern, "contributor": contributor, "role": "cook"}),
        (Section, {"pattern": pattern, "position": 90, "heading": "# A"}),
        (Revision, {"pattern": pattern, "number": 90, "created_at": NOON}),
        (LibraryFile, {"library": library, "pattern": pattern, "path": "a.md", "revision": pattern.head}),
    ]
    for model, values in doubles:
        model.objects.create(**values)
        with pytest.raises(IntegrityError), transaction.atomic():
            model.objects.create(**values)
    for model, values in (
        (PatternEntity, {"pattern": pattern, "entity": entity}),
        (PatternCommunity, {"pattern": pattern, "community": community}),
        (LibraryFile, {"library": library, "pattern": other, "path": "a.md", "revision": other.head}),
        (LibraryFile, {"library": library, "pattern": pattern, "path": "b.md", "revision": pattern.head}),
        (Domain, {"name": "sea"}),
        (Keyword, {"name": "tide", "slug": "other"}),
        (Keyword, {"name": "other", "slug": "tide"}),
        (Entity, {"key": "e"}),
        (Library, {"name": "lib", "root": "/other"}),
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            model.objects.create(**values)


def test_the_same_target_may_stand_under_several_kinds_and_in_several_spellings() -> None:
    pattern = make_pattern(slug="it")
    for kind, text in (("enables", "a"), ("requires", "a"), ("enables", "A"), ("enables", "a ")):
        Relationship.objects.create(pattern=pattern, kind=kind, target_text=text, target_key="a")
    assert Relationship.objects.count() == 4


def test_names_are_told_apart_to_the_letter() -> None:
    for name in ("commons", "Commons", "commons ", "cömmons", "co\u0308mmons", "\u00e9", "e\u0301"):
        Domain.objects.create(name=name)
    assert Domain.objects.filter(name="commons").count() == 1
    assert Domain.objects.count() == 7


def test_what_others_point_at_cannot_be_taken_away_from_under_them() -> None:
    pattern = make_pattern(slug="it", domain="sea")
    assert refused("DELETE FROM patterns_app_domain")
    assert refused("DELETE FROM patterns_app_revision")
    assert refused("UPDATE patterns_app_relationship SET target_id = 0") is False
    Relationship.objects.create(pattern=pattern, kind="enables", target_text="a", target_key="a")
    assert refused("UPDATE patterns_app_relationship SET target_id = 987654321")


def test_every_pattern_that_went_through_a_door_has_a_head_of_its_own() -> None:
    make_pattern(slug="one")
    make_pattern(slug="two")
    assert not Pattern.objects.all().mismatched().exists()
    other = Pattern.objects.get(slug="two").head
    Pattern.objects.filter(slug="one").update(head=other)
    assert [pattern.slug for pattern in Pattern.objects.all().mismatched()] == ["one"]
