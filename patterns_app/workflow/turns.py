"""Whose turn it is: the patterns that wait for somebody. What the dashboard shows, the list can be filtered by.

Each answers with a queryset of patterns that the person may see; none asks anything of the database by itself.
"""

from __future__ import annotations

from django.db.models import Exists, F, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce

from patterns_app.document.vocabulary import Status
from patterns_app.models import Event, Revision, Snapshot
from patterns_app.models.pattern import PatternQuerySet
from patterns_app.workflow.permissions import Person, is_allowed, is_four_eyes, visible


def may_review(person: Person) -> bool:
    """Whether somebody can answer what is handed in."""
    return is_allowed(person, "review") or is_allowed(person, "publish")


def to_review(person: Person) -> PatternQuerySet:
    """Handed in, and for the person to answer: assigned to them or to nobody, and not their own under four eyes.

    What is approved already waits for those only who may publish it, and only until it is scheduled.
    """
    patterns = visible(person)
    if not may_review(person):
        return patterns.none()
    patterns = patterns.under_review().filter(Q(assigned_to=None) | Q(assigned_to=person.pk))
    approved = Q(approved__isnull=False, approved=F("head"))
    patterns = (
        patterns.exclude(approved & Q(publish_at__isnull=False))
        if is_allowed(person, "publish")
        else (patterns.exclude(approved))
    )
    return patterns.exclude(_wrote(person)) if is_four_eyes() else patterns


def _wrote(person: Person) -> Q:
    """As `permissions.wrote` asks of one pattern. An owner or sender that is null is nobody."""
    public = Snapshot.objects.filter(pk=OuterRef("pattern")).values("revision__number")
    since = Revision.objects.filter(pattern=OuterRef("pk"), author=person.pk)
    since = since.filter(number__gt=Coalesce(Subquery(public), 0))
    by_row = Q(owner__isnull=False, owner=person.pk) | Q(submitted_by__isnull=False, submitted_by=person.pk)
    return by_row | Q(Exists(since))


def own(person: Person) -> PatternQuerySet:
    """Written here by the person."""
    return visible(person).filter(owner=person.pk) if person.pk else visible(person).none()


def own_drafts(person: Person) -> PatternQuerySet:
    """Their drafts, but for those that were sent back: these have a reason, and come first."""
    return own(person).filter(status=Status.DRAFT, sent_back="")


def sent_back_to(person: Person) -> PatternQuerySet:
    """Sent back, and theirs to revise: they wrote it here, or handed it in last."""
    senders = Event.objects.filter(pattern=OuterRef("pk"), move="submit").order_by("-number").values("actor_key")[:1]
    returned = visible(person).returned()
    if not person.pk:
        return returned.none()
    return returned.annotate(last_sender=Subquery(senders)).filter(Q(owner=person.pk) | Q(last_sender=person.pk))
