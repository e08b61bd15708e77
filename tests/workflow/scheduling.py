"""`python -m tests.workflow.scheduling`: approve everything there is, to be published at once by the next run.

With `count`, print instead how many snapshots, “publish” events and their patterns there are, and what is scheduled.
"""

from __future__ import annotations

import sys


def main(*, only_count: bool) -> None:
    import django

    django.setup()
    import datetime

    from django.utils import timezone

    from patterns_app.models import Event, Pattern, Snapshot
    from patterns_app.workflow.moves import Move, Said, make_move

    if only_count:
        published = Event.objects.filter(move="publish").order_by()
        patterns = published.values("pattern").distinct().count()
        scheduled = Pattern.objects.scheduled().count()
        sys.stdout.write(f"{Snapshot.objects.count()} {published.count()} {patterns} {scheduled}\n")
        return
    soon = timezone.now()
    for pattern in Pattern.objects.all():
        before = soon - datetime.timedelta(seconds=1)
        make_move(pattern, Move.SCHEDULE, actor=None, at=before, said=Said(publish_at=soon), as_command=True)


if __name__ == "__main__":
    main(only_count="count" in sys.argv)
