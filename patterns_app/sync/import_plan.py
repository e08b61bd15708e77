"""Planning an import: what each file means for the rows. Reads files and rows, never writes.

A plan is read while it is made: `changes()` gives one `PlannedChange` after the other, so that a library of any size
takes the memory of a few hundred files.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import NamedTuple, TypeVar

from patterns_app.document.problems import Problem, Severity
from patterns_app.models import LibraryFile, Revision
from patterns_app.models.bulk import chunks
from patterns_app.sync.bearers import Bearer, Bearers
from patterns_app.sync.claims import Claims, taken
from patterns_app.sync.outcome import Action, Outcome
from patterns_app.sync.parsing import Parsed, Refused, parse_files
from patterns_app.sync.target import Target

GROUP = 200
"""Files that are looked up, and later written, together."""

T = TypeVar("T")


class Known(NamedTuple):
    """A file as it was last seen, and its pattern as it is now."""

    file_pk: int
    path: str
    pattern_pk: int
    digest: str
    revision_pk: int
    head_pk: int

    @property
    def rows_changed(self) -> bool:
        return self.head_pk != self.revision_pk


class PlannedChange(NamedTuple):
    """What is to happen with one file.

    pattern_pk, head_pk: the pattern that the file is of and the head it was planned on; None for a new pattern.
    file_pk: the row of the file as last seen, None for a file not seen yet. keep_rows: the file's text goes into
    history only. path_only: the rows have newer edits; of the file only the path is news. together: must be written in
    one transaction with the others marked so (identities change hands).
    """

    action: Action
    parsed: Parsed
    pattern_pk: int | None = None
    head_pk: int | None = None
    file_pk: int | None = None
    keep_rows: bool = False
    path_only: bool = False
    together: bool = False


@dataclass(slots=True)
class ImportPlan:
    """The plan for one target.

    prefer: which side wins where both changed: "theirs" (the files), "ours" (the rows), or "" for neither. advance is
    called with the number of files dealt with, for a progress bar.
    """

    target: Target
    claims: Claims
    prefer: str = ""
    workers: int | None = None
    advance: Callable[[int], None] = lambda count: None
    outcome: Outcome = field(default_factory=Outcome)
    total: int = 0
    _known: dict[str, Known] = field(default_factory=dict)
    _by_pattern: dict[int, Known] = field(default_factory=dict)
    _present: set[str] = field(default_factory=set)
    _pending: set[str] = field(default_factory=set)
    _taken_over: set[str] = field(default_factory=set)
    _deferred: dict[str, tuple[Parsed, Bearer]] = field(default_factory=dict)
    _released: dict[int, tuple[str, str]] = field(default_factory=dict)

    def changes(self) -> Iterator[PlannedChange]:
        """What is to happen, file by file. Problems, unchanged and missing files go to `outcome`.

        Four queries for each group of files that changed, none for files that did not.
        """
        target, outcome = self.target, self.outcome
        outcome.library = target.name
        changed = self._changed_files()
        for group in grouped(parse_files(target.folder, changed, workers=self.workers), GROUP):
            yield from self._plan_group(group)
            self._pending.difference_update(parsed.path for parsed in group if parsed.path not in self._deferred)
            self.advance(len(group))
        yield from self._plan_deferred()
        self._note_missing()

    # Which files changed

    def _changed_files(self) -> list[str]:
        target = self.target
        if target.file:
            paths = [target.file]
        else:
            scan = target.folder.scan(target.below)
            paths = scan.paths
            self.outcome.add(scan.problems)
        self._present = set(paths)
        self.total = len(paths)
        if target.library is not None:
            rows = LibraryFile.objects.filter(library=target.library).order_by()
            for row in rows.values_list("pk", "path", "pattern_id", "digest", "revision_id", "pattern__head_id"):
                known = Known(*row)
                self._known[known.path] = known
                self._by_pattern[known.pattern_pk] = known
        seen = [path for path in paths if path in self._known]
        same = {path for path, digest in target.folder.digests(seen) if digest == self._known[path].digest}
        for path in same:
            self.outcome.note(Action.UNCHANGED, path)
        changed = [path for path in paths if path not in same]
        self._pending = {path for path in changed if path in self._known}
        self.advance(len(same))
        return changed

    def _still_has(self, known: Known) -> bool:
        """Whether the file that a pattern came from is still there."""
        return known.path in self._present or (
            not self.target.covers(known.path) and (self.target.folder.root / known.path).is_file()
        )

    def _note_missing(self) -> None:
        if not self.target.file:
            for path, known in sorted(self._known.items()):
                gone = path not in self._present or path in self._taken_over
                if gone and self.target.covers(path) and known.pattern_pk not in self._released:
                    self.outcome.note(Action.MISSING, path)
                    message = "The file is gone, but its pattern is in the database. --archive-missing archives it."
                    self.outcome.add([Problem(path, 0, "", "missing-file", Severity.WARNING, message)])

    @property
    def missing(self) -> list[int]:
        """Keys of the patterns whose files are missing; complete once `changes()` is read to its end."""
        paths = [path for action, path in self.outcome.changes if action is Action.MISSING]
        return [self._known[path].pattern_pk for path in paths]

    # What changed files mean

    def _plan_group(self, group: list[Parsed | Refused]) -> Iterator[PlannedChange]:
        parsed_files = [file for file in group if isinstance(file, Parsed)]
        here = [known.pattern_pk for parsed in parsed_files if (known := self._known.get(parsed.path))]
        bearers = Bearers(parsed_files, here)
        planned: list[PlannedChange] = []
        for file in group:
            self.outcome.add(file.problems)
            if isinstance(file, Parsed):
                change = self._plan_file(file, bearers)
                if isinstance(change, Problem):
                    self._refuse(change)
                elif change is not None:
                    planned.append(change)
            elif file.problems:
                self.outcome.note(Action.REFUSED, file.path)
        yield from self._weighed(planned)

    def _plan_file(self, parsed: Parsed, bearers: Bearers) -> PlannedChange | Problem | None:
        """What one file means, or why it is refused; None if it is put off until others have given up an identity."""
        if problem := self.claims.refusal(parsed):
            return problem
        own = self._own_pattern(parsed, bearers)
        if own is not None:
            elsewhere = self._by_pattern.get(own.pk)
            if elsewhere is None and (home := bearers.home(own.pk)):
                return self._own_taken(parsed, own, home)
            if elsewhere is not None and elsewhere.path != parsed.path:
                if elsewhere.path in self._pending:
                    self._deferred[parsed.path] = parsed, own
                    return None
                if self._still_has(elsewhere):
                    return self._own_taken(parsed, own, elsewhere.path)
        for key, value, _ in parsed.claims():
            holder = bearers.of(key, value)
            if holder is None or (own is not None and holder.pk == own.pk) or self._gave_up(holder, key):
                continue
            known = self._by_pattern.get(holder.pk)
            if own is not None and known is not None and known.path in self._pending:
                self._deferred[parsed.path] = parsed, own
                return None
            return taken(parsed, key, self._whereabouts(holder, bearers))
        return self._change(parsed, own)

    def _refuse(self, problem: Problem) -> None:
        self.outcome.add([problem])
        self.outcome.note(Action.REFUSED, problem.path)

    def _own_taken(self, parsed: Parsed, own: Bearer, by: str) -> Problem:
        """A second file that claims a pattern: whether it does so by id or by slug."""
        identifier = parsed.document.id
        return taken(parsed, "id" if identifier and identifier == own.identifier else "slug", by)

    def _gave_up(self, holder: Bearer, key: str) -> bool:
        """Whether a pattern's file, dealt with before, now has another identity."""
        released = self._released.get(holder.pk)
        return released is not None and (released[1] if key == "id" else released[0]) != holder.bears(key)

    def _whereabouts(self, holder: Bearer, bearers: Bearers) -> str:
        known = self._by_pattern.get(holder.pk)
        return known.path if known else bearers.home(holder.pk) or f"the pattern “{holder.slug}” in the database"

    def _own_pattern(self, parsed: Parsed, bearers: Bearers) -> Bearer | None:
        """The pattern that the file is of: by its id, else by its path, else by its slug; None for a new one."""
        slug, identifier = parsed.document.slug, parsed.document.id
        if identifier and (bearer := bearers.of("id", identifier)):
            return bearer
        known = self._known.get(parsed.path)
        bearer = bearers.by_pk(known.pattern_pk) if known else None
        # The file at this path is still the same pattern if it kept its slug, or never had an id to tell by.
        if bearer and (bearer.slug == slug or (not identifier and not bearer.identifier)):
            return bearer
        bearer = bearers.of("slug", slug)
        return bearer if bearer and (not bearer.identifier or not identifier) else None

    def _change(self, parsed: Parsed, own: Bearer | None, *, together: bool = False) -> PlannedChange:
        self.claims.claim(parsed)
        here = self._known.get(parsed.path)
        if here is not None and (own is None or here.pattern_pk != own.pk):
            self._taken_over.add(parsed.path)
        if own is None:
            return PlannedChange(Action.CREATE, parsed)
        self._released[own.pk] = (parsed.document.slug, parsed.document.id)
        known = self._by_pattern.get(own.pk)
        file_pk = known.file_pk if known else None
        return PlannedChange(Action.UPDATE, parsed, own.pk, own.head_pk, file_pk, together=together)

    def _weighed(self, planned: list[PlannedChange]) -> Iterator[PlannedChange]:
        """Each change with its final action: both sides alike, moved only, in conflict, or what it was."""
        heads = [change.head_pk for change in planned if change.head_pk is not None]
        digests: dict[int, str] = {}
        for some in chunks(heads):
            digests.update(Revision.objects.filter(pk__in=some).order_by().values_list("pk", "digest"))
        for change in planned:
            parsed = change.parsed
            known = self._by_pattern.get(change.pattern_pk) if change.pattern_pk is not None else None
            if change.action is Action.UPDATE and change.head_pk is not None:
                if digests[change.head_pk] == parsed.digest:
                    action = Action.MOVE if known and known.path != parsed.path else Action.SEEN
                    change = change._replace(action=action)
                elif known is None or (known.rows_changed and known.digest != parsed.digest):
                    if self.prefer == "ours":
                        change = change._replace(keep_rows=True)
                    elif self.prefer != "theirs":
                        self._conflict(parsed, known)
                        continue
                elif known.digest == parsed.digest:
                    change = change._replace(action=Action.MOVE, path_only=True)
            yield change

    def _conflict(self, parsed: Parsed, known: Known | None) -> None:
        since = "since they were last the same" if known else "and were never the same"
        message = (
            f"The file and its pattern in the database both changed {since}; neither was touched. "
            "Compare them, then import with --theirs (the file wins) or --ours (the database wins); "
            "the other text stays in the history."
        )
        self.outcome.add([Problem(parsed.path, 0, "", "conflict", Severity.ERROR, message)])
        self.outcome.note(Action.CONFLICT, parsed.path)

    # Files whose identity changes hands

    def _plan_deferred(self) -> Iterator[PlannedChange]:
        """Files that waited for others to give up an identity: all that together leave each identity one pattern."""
        waiting = list(self._deferred.values())
        bearers = Bearers([parsed for parsed, _ in waiting], [own.pk for _, own in waiting])
        self._pending.clear()
        while True:
            # Of two files that claim one pattern the first has it.
            final: dict[int, Parsed] = {}
            for parsed, own in waiting:
                final.setdefault(own.pk, parsed)
            refused: dict[str, Problem] = {}
            for parsed, own in waiting:
                problem = self.claims.refusal(parsed) or self._still_taken(parsed, own, bearers, final)
                if problem is not None:
                    refused[parsed.path] = problem
            if not refused:
                break
            # What one refused file does not give up after all, another may have counted on: look again.
            for problem in refused.values():
                self._refuse(problem)
            waiting = [(parsed, own) for parsed, own in waiting if parsed.path not in refused]
        yield from self._weighed([self._change(parsed, own, together=True) for parsed, own in waiting])

    def _still_taken(self, parsed: Parsed, own: Bearer, bearers: Bearers, final: dict[int, Parsed]) -> Problem | None:
        """Why a file that waited cannot have its identity even if all in `final` get theirs."""
        if final[own.pk] is not parsed:
            return self._own_taken(parsed, own, final[own.pk].path)
        elsewhere = self._by_pattern.get(own.pk)
        if elsewhere and elsewhere.path != parsed.path and self._still_has(elsewhere):
            now_another = elsewhere.path in self._taken_over or any(
                other.path == elsewhere.path for other in final.values()
            )
            if not now_another:
                return self._own_taken(parsed, own, elsewhere.path)
        for key, value, _ in parsed.claims():
            holder = bearers.of(key, value)
            if holder is None or holder.pk == own.pk or self._gave_up(holder, key):
                continue
            successor = final.get(holder.pk)
            if successor is None or (key, value) in {(k, v) for k, v, _ in successor.claims()}:
                return taken(parsed, key, self._whereabouts(holder, bearers))
        return None


def grouped(items: Iterable[T], size: int) -> Iterator[list[T]]:
    iterator = iter(items)
    while group := list(islice(iterator, size)):
        yield group
