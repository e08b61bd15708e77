"""`python -m tests.workflow.racing THREADS ROUNDS`: many decide on one pattern at the same moment, round after round.

In each round every thread holds an instance fetched before the round and makes its move on it. Prints as JSON what came
of each round (how many won, how many were told that they were stale, every other exception by name), and what the rows
and the log say in the end.
"""

from __future__ import annotations

import json
import sys
import threading
from collections import Counter
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from patterns_app.models import Pattern
    from patterns_app.workflow.moves import Move


def race(instances: list[Pattern], moves: list[Move]) -> Counter[str]:
    """Let every instance make its move at the same moment, each in a thread and a connection of its own."""
    from django.db import connection
    from django.utils import timezone

    from patterns_app.workflow.decisions import Said, make_move
    from patterns_app.workflow.moves import StaleMove

    barrier = threading.Barrier(len(instances))
    outcome: Counter[str] = Counter()
    guard = threading.Lock()

    def decide(pattern: Pattern, move: Move) -> None:
        said = "won"
        barrier.wait()
        try:
            make_move(pattern, move, actor=None, at=timezone.now(), said=Said("Because."), as_command=True)
        except StaleMove:
            said = "stale"
        except Exception as error:  # noqa: BLE001 # whatever it is, it is counted and shown
            said = repr(error)
        finally:
            connection.close()
        with guard:
            outcome[said] += 1

    threads = [threading.Thread(target=decide, args=pair) for pair in zip(instances, moves, strict=True)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return outcome


def main(threads: int, rounds: int) -> None:
    import django

    django.setup()
    from patterns_app.models import Event, Pattern, Snapshot
    from patterns_app.models.working_copy import document_of
    from patterns_app.workflow.moves import Move
    from tests.factories import make_pattern

    pattern = make_pattern()

    def fetch() -> list[Pattern]:
        return [Pattern.objects.get(pk=pattern.pk) for _ in range(threads)]

    outcomes = []
    for number in range(rounds):
        # Into review and out of it again, by different moves; at last into the public or away.
        into = [Move.SUBMIT] * threads
        out = [Move.WITHDRAW, Move.REQUEST_CHANGES] * (threads // 2)
        outcomes.append(race(fetch(), out if number % 2 else into))
    outcomes.append(race(fetch(), [Move.PUBLISH, Move.ARCHIVE] * (threads // 2)))
    pattern = Pattern.objects.get(pk=pattern.pk)
    events = Event.objects.filter(pattern=pattern).order_by("number")
    said: dict[str, Any] = {
        "outcomes": outcomes,
        "events": list(events.values_list("number", "from_status", "to_status")),
        "status": pattern.status,
        "events_so_far": pattern.events_so_far,
        "revisions": pattern.revisions.count(),
        "is_public": Snapshot.objects.exists(),
        "rows_agree": pattern.head is not None and document_of(pattern).fingerprint() == pattern.head.fingerprint,
    }
    sys.stdout.write(json.dumps(said) + "\n")


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
