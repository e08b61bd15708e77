"""`python -m tests.workflow.scheduling WHAT`: what has to be done in a database that several processes then work on.

`schedule`: approve every pattern, to be published by the next run. `submit`: hand every pattern in, so that notices
wait for one reviewer. `count`: print how many snapshots, “publish” events and their patterns there are, what is still
scheduled, and how many notices wait.
"""

from __future__ import annotations

import sys


def main(what: str) -> None:
    import django

    django.setup()
    import datetime

    from django.contrib.auth.models import Group, User
    from django.utils import timezone

    from patterns_app.models import Event, Notice, Pattern, Snapshot
    from patterns_app.workflow.decisions import Said, make_move
    from patterns_app.workflow.moves import Move

    soon = timezone.now()
    before = soon - datetime.timedelta(seconds=1)
    match what:
        case "schedule":
            for pattern in Pattern.objects.all():
                make_move(pattern, Move.SCHEDULE, actor=None, at=before, said=Said(publish_at=soon), as_command=True)
        case "submit":
            User.objects.create_user("bo", "bo@example.org").groups.add(Group.objects.get(name="Editor"))
            for pattern in Pattern.objects.all():
                make_move(pattern, Move.SUBMIT, actor=None, at=before, as_command=True)
        case "count":
            published = Event.objects.filter(move="publish").order_by()
            patterns = published.values("pattern").distinct()
            scheduled, waiting = Pattern.objects.scheduled(), Notice.objects.filter(sent_at=None)
            counts = [rows.count() for rows in (Snapshot.objects.all(), published, patterns, scheduled, waiting)]
            sys.stdout.write(" ".join(map(str, counts)))


if __name__ == "__main__":
    main(sys.argv[1])
