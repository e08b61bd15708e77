"""Planning an import: what each file means for the rows. Reads files and rows, never writes.

A plan is read while it is made: `changes()` gives one `PlannedChange` after the other, so that a library of any size
takes the memory of a few hundred files.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from pathlib import PurePosixPath
from typing import Final, NamedTuple, TypeVar

from patterns_app.document.problems import Problem, Severity
from patterns_app.document.vocabulary import Status
from patterns_app.models import LibraryFile
from patterns_app.sync.bearers import Bearer, Bearers
from patterns_app.sync.claims import Claims, taken
from patterns_app.sync.outcome import Action, Outcome
from patterns_app.sync.parsing import Parsed, Refused, parse_files
from patterns_app.sync.target import Target

GROUP = 200
"""Files that are looked up, and later written, together."""

UNCLEAR: Final = frozenset({"cannot-read", "link", "no-file", "file-name"})
"""Problems of paths at which a file may still be, though it was not read."""

T = TypeVar("T")


class Known(NamedTuple):
    """A file as it was last seen, and its pattern as it is now."""

    file_pk: int
    path: str
    pattern_pk: int
    digest: str
    revision_pk: int
    status: str


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

    @property
    def gives_identity(self) -> bool:
        """Whether the pattern gets the file's id and slug."""
        return self.action in (Action.CREATE, Action.UPDATE) and not self.keep_rows


Waiting = tuple[Parsed, Bearer | None]
"""A file that waits for an identity, and the pattern it is of, None for a new one."""


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
    _deferred: list[Parsed] = field(default_factory=list)
    _met: set[int] = field(default_factory=set)
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
            self.advance(len(group))
        yield from self._plan_deferred()
        self._note_missing()

    # Which files changed

    def _changed_files(self) -> list[str]:
        target = self.target
        scan = target.folder.scan_file(target.file) if target.file else target.folder.scan(target.below)
        paths = scan.paths
        self.outcome.add(scan.problems)
        self._present = set(paths)
        self.total = len(paths)
        if target.library is not None:
            rows = LibraryFile.objects.filter(library=target.library).order_by()
            for row in rows.values_list("pk", "path", "pattern_id", "digest", "revision_id", "pattern__status"):
                known = Known(*row)
                if target.inside:
                    known = known._replace(path=f"{target.inside}/{known.path}")
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
            not self.target.covers(known.path) and self.target.folder.has(known.path)
        )

    def _note_missing(self) -> None:
        if self.target.file:
            return
        # What cannot be looked into may well hold the file still.
        unclear = {problem.path for problem in self.outcome.problems if problem.code in UNCLEAR}
        for path, known in sorted(self._known.items()):
            gone = path not in self._present or path in self._taken_over
            if not gone or known.pattern_pk in self._met or known.status == Status.ARCHIVED:
                continue
            if self.target.covers(path) and unclear.isdisjoint((".", path, *map(str, PurePosixPath(path).parents))):
                self.outcome.note(Action.MISSING, path)
                message = "The file is gone, but its pattern is in the database. --archive-missing archives it."
                self.outcome.add([Problem(path, 0, "", "missing-file", Severity.WARNING, message)])

    def is_present(self, path: str) -> bool:
        """Whether this import saw the file."""
        return path in self._present

    @property
    def missing(self) -> list[int]:
        """Keys of the patterns whose files are missing; complete once `changes()` is read to its end."""
        paths = [path for action, path in self.outcome.changes if action is Action.MISSING]
        return [self._known[path].pattern_pk for path in paths]

    def path_of(self, pattern_pk: int) -> str:
        """Where a pattern's file was last seen."""
        return self._by_pattern[pattern_pk].path

    # What changed files mean

    def _plan_group(self, group: list[Parsed | Refused]) -> Iterator[PlannedChange]:
        parsed_files = [file for file in group if isinstance(file, Parsed)]
        here = [known.pattern_pk for parsed in parsed_files if (known := self._known.get(parsed.path))]
        bearers = Bearers(parsed_files, here)
        for file in group:
            self.outcome.add(file.problems)
            if isinstance(file, Parsed):
                if change := self._plan_file(file, bearers):
                    yield change
            else:
                self._pending.discard(file.path)
                if file.problems:
                    self.outcome.note(Action.REFUSED, file.path)

    def _plan_file(self, parsed: Parsed, bearers: Bearers) -> PlannedChange | None:
        """What one file means; None if it is refused, in conflict, or put off until others gave up an identity."""
        own = self._own_pattern(parsed, bearers)
        refusal = self.claims.refusal(parsed, self.target.name)
        if refusal is None:
            for holder, problem in self._obstacles(parsed, own, bearers):
                if holder is not None and holder.path in self._pending:
                    self._deferred.append(parsed)
                    return None
                refusal = refusal or problem
        self._pending.discard(parsed.path)
        if refusal is not None:
            self._refuse(refusal)
            return None
        return self._change(parsed, own)

    def _obstacles(
        self, parsed: Parsed, own: Bearer | None, bearers: Bearers
    ) -> Iterator[tuple[Known | None, Problem]]:
        """What keeps a file from its identity, each with the file of the pattern that has it, if that is known here."""
        if own is not None:
            elsewhere = self._by_pattern.get(own.pk)
            if elsewhere is None and (home := bearers.home(own.pk)):
                yield None, self._own_taken(parsed, own, home)
            elif (
                elsewhere is not None
                and elsewhere.path != parsed.path
                and self._still_has(elsewhere)
                and elsewhere.path not in self._taken_over
            ):
                yield elsewhere, self._own_taken(parsed, own, elsewhere.path)
        for key, value, _ in parsed.claims():
            holder = bearers.of(key, value)
            if holder is not None and (own is None or holder.pk != own.pk) and not self._gave_up(holder, key):
                known = self._by_pattern.get(holder.pk)
                where = known.path if known else bearers.home(holder.pk)
                yield known, taken(parsed, key, where or f"the pattern “{holder.slug}” in the database")

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

    def _own_pattern(self, parsed: Parsed, bearers: Bearers) -> Bearer | None:
        """The pattern that the file is of: by its id, else by its path, else by its slug; None for a new one."""
        slug, identifier = parsed.document.slug, parsed.document.id
        known = self._known.get(parsed.path)
        here = bearers.by_pk(known.pattern_pk) if known else None
        named = bearers.of("slug", slug)
        for bearer, is_own in (
            (identifier and bearers.of("id", identifier), True),
            # The file at this path is still the same pattern if it kept its slug, or never had an id to tell by.
            (here, here and (here.slug == slug or not (identifier or here.identifier))),
            (named, named and not (identifier and named.identifier)),
        ):
            # Of a pattern whose file was met already, this file is not.
            if bearer and is_own and bearer.pk not in self._met:
                return bearer
        return None

    def _change(self, parsed: Parsed, own: Bearer | None, *, together: bool = False) -> PlannedChange | None:
        """The change that makes the file's pattern what the file says; None if both have changed."""
        self.claims.claim(parsed, self.target.name)
        here = self._known.get(parsed.path)
        if here is not None and (own is None or here.pattern_pk != own.pk):
            self._taken_over.add(parsed.path)
        if own is None:
            return PlannedChange(Action.CREATE, parsed, together=together)
        self._met.add(own.pk)
        change = self._weighed(parsed, own)
        if change is None:
            self._conflict(parsed, never_alike=own.pk not in self._by_pattern)
            return None
        if change.gives_identity:
            self._released[own.pk] = (parsed.document.slug, parsed.document.id)
        return change._replace(together=together)

    def _weighed(self, parsed: Parsed, own: Bearer) -> PlannedChange | None:
        """What a file means for its pattern: both alike, moved only, changed; None if both have changed."""
        known = self._by_pattern.get(own.pk)
        change = PlannedChange(Action.UPDATE, parsed, own.pk, own.head_pk, known.file_pk if known else None)
        # A text may be the same and yet say something else: a file that states no slug has its name's.
        if (parsed.digest, parsed.fingerprint) == (own.head_digest, own.head_fingerprint):
            return change._replace(action=Action.MOVE if known and known.path != parsed.path else Action.SEEN)
        if known is not None and own.head_pk == known.revision_pk:
            return change
        if known is not None and known.digest == parsed.digest:
            return change._replace(action=Action.MOVE, path_only=True)
        if self.prefer == "ours":
            return change._replace(keep_rows=True)
        return change if self.prefer == "theirs" else None

    def _conflict(self, parsed: Parsed, *, never_alike: bool) -> None:
        since = "and were never the same" if never_alike else "since they were last the same"
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
        known = [self._known[parsed.path].pattern_pk for parsed in self._deferred if parsed.path in self._known]
        bearers = Bearers(self._deferred, known)
        self._pending.clear()
        waiting: list[Waiting] = [(parsed, self._own_pattern(parsed, bearers)) for parsed in self._deferred]
        while True:
            refused = self._without_way_out(waiting, bearers)
            if not refused:
                break
            # What one refused file does not give up after all, another may have counted on: look again.
            for problem in refused.values():
                self._refuse(problem)
            waiting = [(parsed, own) for parsed, own in waiting if parsed.path not in refused]
        for parsed, own in waiting:
            if change := self._change(parsed, own, together=True):
                yield change

    def _without_way_out(self, waiting: list[Waiting], bearers: Bearers) -> dict[str, Problem]:
        """Of the files that waited those that cannot have their identity even if all the others get theirs."""
        # Of two files that claim one pattern the first has it.
        final: dict[int, Parsed] = {}
        for parsed, own in waiting:
            if own is not None:
                final.setdefault(own.pk, parsed)
        taken_over = {parsed.path: own and own.pk for parsed, own in waiting}
        refused: dict[str, Problem] = {}
        for parsed, own in waiting:
            if own is not None and final[own.pk] is not parsed:
                refused[parsed.path] = self._own_taken(parsed, own, final[own.pk].path)
                continue
            if problem := self.claims.refusal(parsed, self.target.name):
                refused[parsed.path] = problem
            for holder, problem in self._obstacles(parsed, own, bearers):
                if holder is not None and own is not None and holder.pattern_pk == own.pk:
                    # Its own file stands elsewhere still, unless another pattern's stands there now.
                    makes_way = taken_over.get(holder.path, own.pk) != own.pk
                else:
                    successor = holder and final.get(holder.pattern_pk)
                    makes_way = successor is not None and self._gives_up(successor, problem.key, parsed, bearers)
                if not makes_way:
                    refused.setdefault(parsed.path, problem)
        if not refused:
            claims = Claims()
            for parsed, _ in waiting:
                if problem := claims.refusal(parsed, self.target.name):
                    refused[parsed.path] = problem
                else:
                    claims.claim(parsed, self.target.name)
        return refused

    def _gives_up(self, successor: Parsed, key: str, wanting: Parsed, bearers: Bearers) -> bool:
        """Whether a pattern that gets the text of `successor` leaves to another what that one wants."""
        own = self._own_pattern(successor, bearers)
        change = own and self._weighed(successor, own)
        kept, wanted = ({value for name, value, _ in file.claims() if name == key} for file in (successor, wanting))
        return bool(change and change.gives_identity and kept.isdisjoint(wanted))


def grouped(items: Iterable[T], size: int) -> Iterator[list[T]]:
    iterator = iter(items)
    while group := list(islice(iterator, size)):
        yield group
