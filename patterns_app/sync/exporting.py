"""Rows → files: each pattern's head text, at the path its file came from.

`plan_export` reads rows and files and writes neither; `apply_export` writes. A file that says the right thing is not
touched, and one that changed since it was last seen is not overwritten.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from django.db import transaction

from patterns_app.document.pattern import PatternDocument
from patterns_app.document.problems import Problem, Severity
from patterns_app.document.reading import Unreadable
from patterns_app.document.writing import EditRefused, write
from patterns_app.models import Library, LibraryFile, Pattern, Revision
from patterns_app.models.bulk import chunks, insert_rows, reserve_ids, update_rows
from patterns_app.models.pattern import PatternQuerySet
from patterns_app.models.recording import Recorded, Signature, add_revisions
from patterns_app.models.revision import Origin, digest_of
from patterns_app.models.working_copy import documents_of
from patterns_app.sync.import_plan import GROUP
from patterns_app.sync.library import FileTrouble, Folder
from patterns_app.sync.outcome import Action, Outcome
from patterns_app.sync.parsing import Parsed, parse
from patterns_app.workflow import record_rows

if TYPE_CHECKING:
    from django.contrib.auth.models import AbstractBaseUser


class PlannedFile(NamedTuple):
    """One pattern's file.

    action: WRITE, SEEN (the file says it already, which is to be remembered) or UNCHANGED. before: the file's text
    where it has one, for showing. from_rows: the text is not in the history yet. keep: the file's text is to be kept
    in the history, since it is overwritten.
    """

    action: Action
    pattern_pk: int
    path: str
    text: str
    digest: str
    head_pk: int
    file_pk: int | None
    before: str | None = None
    from_rows: bool = False
    keep: bool = False


class _State(NamedTuple):
    file_pk: int
    path: str
    digest: str
    revision_pk: int


@dataclass(slots=True)
class ExportPlan:
    """The plan for one folder. advance is called with the number of patterns dealt with."""

    folder: Folder
    library: Library | None
    patterns: PatternQuerySet
    prefer: str = ""
    advance: Callable[[int], None] = lambda count: None
    outcome: Outcome = field(default_factory=Outcome)
    _paths: dict[str, int] = field(default_factory=dict)

    def files(self) -> Iterator[list[PlannedFile]]:
        """What is to happen, some hundred patterns at a time; problems and unchanged files go to `outcome`.

        Some sixteen queries a group.
        """
        self.outcome.library = self.library.name if self.library else self.folder.root.name
        pks = list(self.patterns.order_by("pk").values_list("pk", flat=True))
        for group in chunks(pks, GROUP):
            planned = list(self._plan_group(group))
            for file in planned:
                if file.action is Action.UNCHANGED:
                    self.outcome.note(Action.UNCHANGED, file.path)
            yield [file for file in planned if file.action is not Action.UNCHANGED]
            self.advance(len(group))

    def _plan_group(self, pks: list[int]) -> Iterator[PlannedFile]:
        states, homes = self._states(pks)
        fields = ("pk", "slug", "head_id", "head__digest", "head__fingerprint")
        rows = {pk: rest for pk, *rest in Pattern.objects.filter(pk__in=pks).order_by().values_list(*fields)}
        drifted = self._drifted({pk: row[3] for pk, row in rows.items()})
        paths = {pk: states[pk].path if pk in states else homes.get(pk, f"{rows[pk][0]}.md") for pk in pks}
        on_disk = dict(self.folder.digests(paths.values()))
        changing = [pk for pk in pks if on_disk[paths[pk]] != rows[pk][2] or pk in drifted]
        heads = [rows[pk][1] for pk in changing]
        texts = dict(Revision.objects.filter(pk__in=heads).order_by().values_list("pk", "text"))
        for pk in pks:
            slug, head, digest, _ = rows[pk]
            path, state = paths[pk], states.get(pk)
            if self._paths.setdefault(path, pk) != pk:
                message = (
                    f"Two patterns belong at this path; “{slug}” was not written. Export them to different folders."
                )
                self._problem(path, "path-taken", message, Action.REFUSED)
                continue
            if pk not in changing:
                alike = state is not None and state.digest == digest and state.revision_pk == head
                yield PlannedFile(
                    Action.UNCHANGED if alike else Action.SEEN, pk, path, "", digest, head, state and state.file_pk
                )
                continue
            text = texts[head]
            if pk in drifted:
                try:
                    text = write(text, drifted[pk], name=slug)
                except (EditRefused, Unreadable) as error:
                    self._problem(
                        path,
                        "rows-changed",
                        f"Rows were changed past the history and no text can say them: {error}",
                        Action.REFUSED,
                    )
                    continue
                digest = digest_of(text)
            if file := self._planned(pk, path, text, digest, head, state, on_disk[path], from_rows=pk in drifted):
                yield file

    def _planned(
        self,
        pk: int,
        path: str,
        text: str,
        digest: str,
        head: int,
        state: _State | None,
        on_disk: str | None,
        *,
        from_rows: bool,
    ) -> PlannedFile | None:
        planned = PlannedFile(Action.WRITE, pk, path, text, digest, head, state and state.file_pk, from_rows=from_rows)
        if on_disk == digest:
            return planned._replace(action=Action.SEEN)
        if on_disk is None and not self.folder.has(path):
            return planned
        seen = state.digest == on_disk if state else Revision.objects.filter(pattern=pk, digest=on_disk or "").exists()
        if not seen and self.prefer != "ours":
            message = (
                "The file changed since it was last seen and was not overwritten. Import it first, or export with "
                "--ours, which keeps the file's text in the pattern's history."
            )
            self._problem(path, "conflict", message, Action.CONFLICT)
            return None
        try:
            before = self.folder.read(path)
        except FileTrouble as trouble:
            self._problem(path, trouble.problem.code, trouble.problem.message, Action.REFUSED)
            return None
        return planned._replace(before=before.decode(errors="replace"), keep=not seen)

    def _problem(self, path: str, code: str, message: str, action: Action) -> None:
        self.outcome.add([Problem(path, 0, "", code, Severity.ERROR, message)])
        self.outcome.note(action, path)

    def _states(self, pks: list[int]) -> tuple[dict[int, _State], dict[int, str]]:
        """Where the patterns' files are in this library, and where they are elsewhere."""
        states: dict[int, _State] = {}
        homes: dict[int, str] = {}
        fields = ("pattern_id", "library_id", "pk", "path", "digest", "revision_id")
        for pk, library, *state in LibraryFile.objects.filter(pattern__in=pks).order_by("pk").values_list(*fields):
            if self.library is not None and library == self.library.pk:
                states[pk] = _State(*state)
            homes.setdefault(pk, state[1])
        return states, homes

    def _drifted(self, fingerprints: dict[int, str]) -> dict[int, PatternDocument]:
        """What rows say that were changed past the history."""
        said = documents_of(list(fingerprints))
        return {pk: document for pk, document in said.items() if document.fingerprint() != fingerprints[pk]}


def open_folder(path: str, *, name: str = "") -> tuple[Folder, Library | None]:
    """The folder to export to, made if it is not there, and its library if it is known.

    Raises `FolderTrouble` where a file stands in the way or the folder cannot be made.
    """
    folder = Folder.made_at(path)
    library = Library.objects.filter(name=name).first() if name else None
    return folder, library or Library.objects.filter(root=str(folder.root)).first()


def apply_export(
    plan: ExportPlan,
    *,
    at: datetime.datetime,
    name: str = "",
    author: AbstractBaseUser | None = None,
    on_files: Callable[[list[PlannedFile]], None] = lambda files: None,
) -> Outcome:
    """Write the planned files and remember them as seen, a group at a time; what happened is in the outcome.

    A file is remembered only after it is whole on the disk: killed in between, the next run finds it alike.
    """
    for group in plan.files():
        if not group:
            continue
        on_files(group)
        heads = _into_history(group, at, author)
        to_write = [(file.path, file.text.encode()) for file in group if file.action is Action.WRITE]
        failed = set()
        for path, trouble in plan.folder.write_all(to_write):
            if trouble:
                failed.add(path)
                plan.outcome.add([trouble.problem])
                plan.outcome.note(Action.REFUSED, path)
        written = [file for file in group if file.path not in failed]
        if plan.library is None:
            plan.library = _make_library(plan.folder, name)
        _remember(plan.library, written, heads)
        for file in written:
            plan.outcome.note(file.action, file.path)
    return plan.outcome


def _into_history(
    group: Iterable[PlannedFile], at: datetime.datetime, author: AbstractBaseUser | None
) -> dict[int, int]:
    """Record what is not in the history yet; the new heads by pattern."""
    heads: dict[int, int] = {}
    for file in group:
        if file.from_rows:
            heads.update(
                (revision.pattern_id, revision.pk) for revision in record_rows([file.pattern_pk], at=at, author=author)
            )
        if file.keep:
            _keep_file(file, file.before or "", at, author)
    return heads


def _keep_file(file: PlannedFile, text: str, at: datetime.datetime, author: AbstractBaseUser | None) -> None:
    """Put a file's text, about to be overwritten, into the history below the head."""
    with transaction.atomic():
        head = Revision.objects.select_for_update().get(
            pk=Pattern.objects.values_list("head", flat=True).get(pk=file.pattern_pk)
        )
        parsed = parse(file.path, text.encode())
        # A text that is no pattern is kept all the same; it can be shown, though not gone back to.
        document = parsed.document if isinstance(parsed, Parsed) else PatternDocument(preamble=text)
        theirs, ours = reserve_ids(Revision, 2)
        signature = Signature(at, Origin.IMPORT, author, "The file's text, overwritten by an export with --ours.")
        add_revisions([(file.pattern_pk, theirs, Recorded(file.pattern_pk, text, document))], signature)
        kept = Recorded(file.pattern_pk, head.text, document, head.digest, head.fingerprint)
        add_revisions(
            [(file.pattern_pk, ours, kept)], signature._replace(note="The database was preferred to the file (--ours).")
        )
        update_rows(Pattern, ("head",), [(ours, file.pattern_pk)])


def _make_library(folder: Folder, name: str) -> Library:
    base = name or folder.root.name or "library"
    name, number = base, 1
    while Library.objects.filter(name=name).exists():
        number += 1
        name = f"{base}-{number}"
    return Library.objects.create(name=name, root=str(folder.root))


def _remember(library: Library, files: list[PlannedFile], heads: dict[int, int]) -> None:
    current = dict(
        Pattern.objects.filter(pk__in=[file.pattern_pk for file in files]).order_by().values_list("pk", "head_id")
    )
    new, seen = [], []
    for file in files:
        # Of a file whose text had to go into the history first, that revision is the common one.
        revision = heads.get(file.pattern_pk) or (current[file.pattern_pk] if file.keep else file.head_pk)
        if file.file_pk is None:
            new.append((library.pk, file.path, file.pattern_pk, revision, file.digest))
        else:
            seen.append((revision, file.digest, file.file_pk))
    with transaction.atomic():
        update_rows(LibraryFile, ("revision", "digest"), seen)
        if new:
            insert_rows(LibraryFile, ("library", "path", "pattern", "revision", "digest"), new)
