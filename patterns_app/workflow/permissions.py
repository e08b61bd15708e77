"""Who may see and change which pattern. Every view, action and endpoint asks here.

The permissions are Django's, per model: `view`, `change` and `add`, and four of our own for the moves. Besides these,
whoever wrote a pattern here (its owner) sees it always, and edits it while it is a draft in no review.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from django.conf import settings
from django.db.models import Q

from patterns_app.document.vocabulary import Status
from patterns_app.models import Pattern, Revision, Snapshot
from patterns_app.models.pattern import PatternQuerySet

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser, User

Person: TypeAlias = "User | AnonymousUser"
"""Whoever sends a request."""


def is_allowed(person: Person, permission: str) -> bool:
    """Whether somebody has a permission on patterns, such as "publish". Asked of Django once a request."""
    return person.has_perm(f"patterns_app.{permission}_pattern")


def may_see_all(person: Person) -> bool:
    """Whether somebody may see every pattern, drafts too."""
    return is_allowed(person, "view") or is_allowed(person, "change")


def is_owner(person: Person, pattern: Pattern) -> bool:
    return pattern.owner_id is not None and pattern.owner_id == person.pk and person.is_active


def may_see(person: Person, pattern: Pattern) -> bool:
    """Whether somebody may see the pattern as editors see it: its working copy, its history, its preview."""
    return may_see_all(person) or (is_owner(person, pattern) and is_allowed(person, "add"))


def may_edit(person: Person, pattern: Pattern) -> bool:
    """Whether somebody may change what the pattern says. An archived one has to be restored first, by anybody."""
    if pattern.status == Status.ARCHIVED:
        return False
    if is_allowed(person, "change"):
        return True
    is_own_draft = is_owner(person, pattern) and pattern.status == Status.DRAFT and not pattern.is_under_review
    return is_own_draft and is_allowed(person, "add")


def visible(person: Person) -> PatternQuerySet:
    """The patterns that somebody may see as editors see them."""
    patterns: PatternQuerySet = Pattern.objects.all()
    if may_see_all(person):
        return patterns
    return patterns.filter(owner=person.pk) if person.pk and is_allowed(person, "add") else patterns.none()


def known(person: Person) -> Q:
    """Patterns whose slug and title somebody may know: those they see, and those that are public."""
    if may_see_all(person):
        return Q()
    return Q(pk__in=Snapshot.objects.values("pk")) | Q(owner=person.pk)


def is_four_eyes() -> bool:
    """Whether nobody may approve what they wrote themselves."""
    return bool(getattr(settings, "FOUR_EYES", False))


def wrote(person: Person, pattern: Pattern) -> bool:
    """Whether somebody has a part in what is to be approved: handed it in, or wrote a text since the public one.

    Two queries.
    """
    if person.pk in (pattern.submitted_by_id, pattern.owner_id):
        return True
    public = Revision.objects.filter(pk__in=Snapshot.objects.filter(pk=pattern.pk).values("revision"))
    number = public.values_list("number", flat=True).first() or 0
    return Revision.objects.filter(pattern=pattern.pk, number__gt=number, author=person.pk).exists()
