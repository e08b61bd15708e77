"""`python -m tests.sync.crowd SLUG COUNT TARGET…`: an editor who saves one pattern again and again.

Each save changes the title and the targets of the pattern's relationships. Prints how many saves went through and how
many met a newer text of somebody else; any other exception ends the process.
"""

from __future__ import annotations

import sys


def main(slug: str, count: int, goals: list[str]) -> None:
    import django

    django.setup()
    import dataclasses

    from django.utils import timezone

    from patterns_app.document.pattern import Relationship
    from patterns_app.models import Pattern
    from patterns_app.models.working_copy import document_of
    from patterns_app.workflow import StaleDraft, save_draft

    done = stale = 0
    for number in range(count):
        pattern = Pattern.objects.get(slug=slug)
        links = tuple(Relationship("enables", goal, (number % 10) / 10) for goal in goals)
        document = dataclasses.replace(
            document_of(pattern),
            title=f"{slug} saved {number}",
            relationships=links if number % 2 else links[::-1],
            vector_keywords=(f"keyword {number}", f"keyword {number % 3} of {slug}"),
            aliases=(f"alias {number % 4}",),
        )
        try:
            save_draft(pattern, document=document, author=None, at=timezone.now(), expected_head=pattern.head_id)
            done += 1
        except StaleDraft:
            stale += 1
    sys.stdout.write(f"{done} {stale}\n")


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), sys.argv[3:])
