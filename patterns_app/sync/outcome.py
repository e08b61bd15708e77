"""What a run of import or export did: counts, problems, and the report file."""

from __future__ import annotations

import enum
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from patterns_app.document.problems import Problem, Severity


class Action(enum.StrEnum):
    """What happens to one file or one pattern. The words are those of the summary."""

    CREATE = "new"
    UPDATE = "changed"
    MOVE = "moved"
    SEEN = "already alike"
    UNCHANGED = "unchanged"
    CONFLICT = "in conflict"
    REFUSED = "refused"
    MISSING = "missing"
    ARCHIVED = "archived"
    PUBLISHED = "published"
    WRITE = "written"
    SOUND = "sound"


@dataclass(slots=True)
class Outcome:
    """Counts and problems of a run.

    changes: (action, path) of everything but the unchanged, in order.
    """

    library: str = ""
    counts: Counter[Action] = field(default_factory=Counter)
    problems: list[Problem] = field(default_factory=list)
    changes: list[tuple[Action, str]] = field(default_factory=list)

    def note(self, action: Action, path: str) -> None:
        self.counts[action] += 1
        if action is not Action.UNCHANGED:
            self.changes.append((action, path))

    def add(self, problems: Iterable[Problem]) -> None:
        self.problems.extend(problems)

    @property
    def has_errors(self) -> bool:
        return any(problem.severity is Severity.ERROR for problem in self.problems)

    @property
    def has_work(self) -> bool:
        """Whether anything was, or under --check would be, changed."""
        work = {Action.CREATE, Action.UPDATE, Action.MOVE, Action.SEEN, Action.WRITE, Action.ARCHIVED, Action.PUBLISHED}
        return any(self.counts[action] for action in work)

    def summary(self) -> str:
        """One line for a person: `1,102 new, 2 refused, 9 unchanged`."""
        said = [f"{self.counts[action]:,} {action}" for action in Action if self.counts[action]]
        return ", ".join(said) or "nothing to do"

    def as_json(self) -> dict[str, Any]:
        """The report file's content."""
        return {
            "library": self.library,
            "counts": {action.name.lower(): count for action, count in self.counts.items()},
            "changes": [{"action": action.name.lower(), "path": path} for action, path in self.changes],
            "problems": [problem._asdict() for problem in self.problems],
        }
