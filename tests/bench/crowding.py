"""A large library as a desk finds it after some years: patterns in every state, people, reviews, contributors.

The rows come from an import; what a workflow would have made of them is written directly, which no other code may.
"""

from __future__ import annotations

import datetime

from django.contrib.auth.models import Group, User
from django.db import connection, transaction

from patterns_app.models import Pattern
from patterns_app.models.bulk import chunks
from patterns_app.publishing import publish_many

PEOPLE = 40
CONTRIBUTORS = 4_000

# Shares by the key's last digits. A bench is not the place to make 100,000 moves.
STATEMENTS = (
    "UPDATE patterns_app_pattern SET status = 'archived' WHERE id % 100 = 98",
    "UPDATE patterns_app_pattern SET status = 'review', submitted_id = head_id, submitted_at = changed_at,"
    " submitted_by_id = (SELECT MIN(id) FROM auth_user) + id % 40 WHERE id % 100 = 7",
    "UPDATE patterns_app_pattern SET approved_id = head_id WHERE id % 500 = 7",
    "UPDATE patterns_app_pattern SET status = 'draft', sent_back = 'Say where it does not work.' WHERE id % 500 = 108",
    "UPDATE patterns_app_pattern SET owner_id = (SELECT MIN(id) FROM auth_user) + id % 40 WHERE id % 4 = 0",
    "UPDATE patterns_app_pattern SET assigned_to_id = (SELECT MIN(id) FROM auth_user) + id % 40"
    " WHERE status = 'review' AND id % 300 = 7",
    "UPDATE patterns_app_pattern SET problems = 0 WHERE id % 3 <> 0",
    "INSERT INTO patterns_app_revision (pattern_id, number, digest, fingerprint, created_at, author_id, author_name,"
    " origin, note, text) SELECT r.pattern_id, 2, r.digest, r.fingerprint, r.created_at, NULL, '', 'admin', '', r.text"
    " FROM patterns_app_revision r JOIN patterns_app_pattern p ON p.head_id = r.id WHERE p.id % 100 = 12",
    "UPDATE patterns_app_pattern SET head_id = (SELECT r.id FROM patterns_app_revision r WHERE"
    " r.pattern_id = patterns_app_pattern.id AND r.number = 2) WHERE id % 100 = 12",
    "DELETE FROM patterns_app_snapshot WHERE pattern_id % 100 = 13",
    "INSERT INTO patterns_app_contribution (pattern_id, contributor_id, role, position) SELECT p.id,"
    " (SELECT MAX(id) FROM patterns_app_contributor) - p.id % 4000, 'gardener', 90 FROM patterns_app_pattern p",
)


def crowd(*, at: datetime.datetime) -> None:
    """Make an imported library look used: people of every group, patterns in every state, six in ten of them public."""
    make_people()
    keys = Pattern.objects.order_by("pk").values_list("pk", flat=True)
    for chunk in chunks([key for key in keys if key % 10 in (2, 3, 4, 5, 6, 9)], 2_000):
        with transaction.atomic():
            Pattern.objects.filter(pk__in=chunk).update(status="published")
            publish_many(chunk, at=at - datetime.timedelta(minutes=chunk[0] % 100_000))
    with connection.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO patterns_app_contributor (name) VALUES (%s)",
            [[f"Gardener {number:04}"] for number in range(CONTRIBUTORS)],
        )
        for statement in STATEMENTS:
            cursor.execute(statement)
    scheduled = [key for key in keys if key % 500 == 200]
    Pattern.objects.filter(pk__in=scheduled).update(publish_at=at + datetime.timedelta(days=3))
    with connection.cursor() as cursor:
        # Nothing here waits for a server's own housekeeping.
        cursor.execute("VACUUM ANALYZE" if connection.vendor == "postgresql" else "ANALYZE")


def make_people() -> None:
    groups = [Group.objects.get(name=name) for name in ("Contributor", "Editor", "Publisher", "Administrator")]
    for number in range(PEOPLE):
        user = User.objects.create(username=f"person-{number}", is_staff=True, password="!")
        user.groups.set([groups[number % 4]])
