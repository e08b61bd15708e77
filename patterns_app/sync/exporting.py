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
from django.db.models import Exists, OuterRef, Q

from patterns_app.document.pattern import PatternDocument
from patterns_app.document.problems import Problem, Severity
from patterns_app.document.reading import Unreadable
from patterns_app.document.writing import EditRefused
from patterns_app.models import Library, LibraryFile, Pattern, Revision
from patterns_app.models.bulk import chunks, insert_rows, reserve_ids, update_rows, wait_for_turn
from patterns_app.models.pattern import PatternQuerySet
from patterns_app.models.recording import Recorded, Signature, add_revisions
from patterns_app.models.revision import Origin, digest_of
from patterns_app.models.working_copy import documents_of
from patterns_app.sync.import_plan import GROUP
from patterns_app.sync.library import FileTrouble, Folder
from patterns_app.sync.outcome import Action, Outcome
from patterns_app.sync.parsing import Parsed, parse
from patterns_app.sync.target import check_name, holds_files_of
from patterns_app.workflow import drafted, record_rows

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
    before: str | None = None
    from_rows: bool = False
    keep: bool = False


class _State(NamedTuple):
    path: str
    digest: str
    revision_pk: int


@dataclass(slots=True)
class ExportPlan:
    """The plan for one folder.

    everywhere: also patterns whose files belong to another library. advance is called with the number of patterns
    dealt with.
    """

    folder: Folder
    library: Library | None
    patterns: PatternQuerySet
    prefer: str = ""
    everywhere: bool = False
    advance: Callable[[int], None] = lambda count: None
    outcome: Outcome = field(default_factory=Outcome)
    _paths: dict[str, int] = field(default_factory=dict)

    def files(self) -> Iterator[list[PlannedFile]]:
        """What is to happen, some hundred patterns at a time; problems and unchanged files go to `outcome`.

        Some eighteen queries a group.
        """
        self.outcome.library = self.library.name if self.library else self.folder.root.name
        patterns = self.patterns if self.everywhere else self._not_of_another_library()
        pks = list(patterns.order_by("pk").values_list("pk", flat=True))
        for group in chunks(pks, GROUP):
            planned = list(self._plan_group(group))
            for file in planned:
                if file.action is Action.UNCHANGED:
                    self.outcome.note(Action.UNCHANGED, file.path)
            yield [file for file in planned if file.action is not Action.UNCHANGED]
            self.advance(len(group))

    def _not_of_another_library(self) -> PatternQuerySet:
        """Without the patterns whose files belong to another library's folder and were never in this one.

        A folder that was only exported to is nobody's home: some pattern in it had a file elsewhere before.
        """
        if self.library is None or Library.objects.count() < 2:
            return self.patterns
        files = LibraryFile.objects.order_by()
        earlier = files.filter(pattern=OuterRef("pattern"), pk__lt=OuterRef("pk")).exclude(library=OuterRef("library"))
        mirrors = set(files.filter(Exists(earlier)).values_list("library", flat=True).distinct())
        here = files.filter(library=self.library).values("pattern")
        if self.library.pk in mirrors or not here.exists():
            return self.patterns
        elsewhere = files.exclude(library__in={*mirrors, self.library.pk}).values("pattern")
        return self.patterns.filter(Q(pk__in=here) | ~Q(pk__in=elsewhere))

    def _plan_group(self, pks: list[int]) -> Iterator[PlannedFile]:
        states, homes = self._states(pks)
        fields = ("pk", "slug", "head_id", "head__digest", "head__fingerprint")
        rows = {pk: rest for pk, *rest in Pattern.objects.filter(pk__among=pks).order_by().values_list(*fields)}
        pks = [pk for pk in pks if pk in rows]
        drifted = self._drifted({pk: row[3] for pk, row in rows.items()})
        paths = {pk: states[pk].path if pk in states else homes.get(pk, f"{rows[pk][0]}.md") for pk in pks}
        on_disk = dict(self.folder.digests(paths.values()))
        changing = [pk for pk in pks if on_disk[paths[pk]] != rows[pk][2] or pk in drifted]
        heads = [rows[pk][1] for pk in changing]
        texts = dict(Revision.objects.filter(pk__among=heads).order_by().values_list("pk", "text"))
        owners = self._owners([paths[pk] for pk in pks if pk not in states])
        behind = self._behind({pk: on_disk[paths[pk]] for pk in changing if pk not in states})
        for pk in pks:
            slug, head, digest, _ = rows[pk]
            path, state = paths[pk], states.get(pk)
            if self._paths.setdefault(path, owners.get(path, pk)) != pk:
                message = (
                    f"Another pattern's file belongs at this path, so “{slug}” was not written. Rename one of the two, "
                    "or export them to different folders with --slug."
                )
                self._problem(path, "path-taken", message, Action.REFUSED)
                continue
            planned = PlannedFile(Action.WRITE, pk, path, "", digest, head)
            if pk not in changing:
                alike = state is not None and state.digest == digest and state.revision_pk == head
                yield planned._replace(action=Action.UNCHANGED if alike else Action.SEEN)
                continue
            planned = planned._replace(text=texts[head])
            if pk in drifted:
                try:
                    text = drafted(pk, drifted[pk])
                except (EditRefused, Unreadable) as error:
                    self.rows_changed(path, error)
                    continue
                planned = planned._replace(text=text, digest=digest_of(text), from_rows=True)
            seen = state.digest == on_disk[path] if state else pk in behind
            if file := self._weighed(planned, on_disk[path], seen=seen):
                yield file

    def _weighed(self, planned: PlannedFile, on_disk: str | None, *, seen: bool) -> PlannedFile | None:
        """What is to happen with a file that does not say what it should; seen: whether it is as it was left."""
        path = planned.path
        if on_disk == planned.digest:
            return planned._replace(action=Action.SEEN)
        if on_disk is None and not self.folder.has(path):
            return planned
        try:
            self.folder.place(path)
            data = self.folder.read(path)
        except FileTrouble as trouble:
            self._problem(path, trouble.problem.code, trouble.problem.message, Action.REFUSED)
            return None
        if not seen and self.prefer != "ours":
            message = (
                "The file changed since it was last seen and was not overwritten. Import it first, or export with "
                "--ours, which keeps the file's text in the pattern's history."
            )
            self._problem(path, "conflict", message, Action.CONFLICT)
            return None
        before = data.decode(errors="replace")
        if not seen and (before.encode() != data or "\0" in before):
            message = (
                "The file changed and is not UTF-8 text, so the history cannot keep it; it was not overwritten. "
                "Move it away, then export again."
            )
            self._problem(path, "not-keepable", message, Action.CONFLICT)
            return None
        return planned._replace(before=before, keep=not seen)

    def _owners(self, paths: list[str]) -> dict[str, int]:
        """The patterns whose files stand at some paths of this library already."""
        if self.library is None or not paths:
            return {}
        files = LibraryFile.objects.filter(library=self.library, path__among=paths).order_by()
        return dict(files.values_list("path", "pattern"))

    def _behind(self, on_disk: dict[int, str | None]) -> set[int]:
        """Of patterns whose files were never seen here, those where the file says what the pattern once said."""
        if not on_disk:
            return set()
        digests = [digest for digest in on_disk.values() if digest]
        known = Revision.objects.filter(pattern_id__among=on_disk, digest__among=digests)
        return {pk for pk, digest in known.order_by().values_list("pattern", "digest") if on_disk[pk] == digest}

    def rows_changed(self, path: str, error: Exception) -> None:
        """Report rows that were changed past the history and that no text can say."""
        message = f"Rows were changed past the history and no text can say them: {error}"
        self._problem(path, "rows-changed", message, Action.REFUSED)

    def _problem(self, path: str, code: str, message: str, action: Action) -> None:
        self.outcome.add([Problem(path, 0, "", code, Severity.ERROR, message)])
        self.outcome.note(action, path)

    def _states(self, pks: list[int]) -> tuple[dict[int, _State], dict[int, str]]:
        """Where the patterns' files are in this library, and where they are elsewhere."""
        states: dict[int, _State] = {}
        homes: dict[int, str] = {}
        fields = ("pattern_id", "library_id", "path", "digest", "revision_id")
        for pk, library, *state in (
            LibraryFile.objects.filter(pattern_id__among=pks).order_by("pk").values_list(*fields)
        ):
            if self.library is not None and library == self.library.pk:
                states[pk] = _State(*state)
            homes.setdefault(pk, state[0])
        return states, homes

    def _drifted(self, fingerprints: dict[int, str]) -> dict[int, PatternDocument]:
        """What rows say that were changed past the history."""
        said = documents_of(list(fingerprints))
        return {pk: document for pk, document in said.items() if document.fingerprint() != fingerprints[pk]}


def open_folder(path: str, *, name: str = "", make: bool = True) -> tuple[Folder, Library | None]:
    """The folder to export to, made if it is not there (unless only a plan is wanted), and its library if it is known.

    That is the library called `name`, if one is given; else the one whose folder it is; else one called like the
    folder, if it holds that library's files (a clone elsewhere). Raises `FolderTrouble` where a file stands in the way,
    the folder cannot be made, or the name cannot be a library's.
    """
    check_name(name)
    folder = Folder.made_at(path) if make else Folder.planned_at(path)
    if name:
        return folder, Library.objects.filter(name=name).first()
    library = Library.objects.filter(root=str(folder.root)).first()
    if library is None:
        library = Library.objects.filter(name=folder.root.name).first()
        if library is not None and not holds_files_of(folder.root, library):
            library = None
    return folder, library


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
        group, heads = _into_history(group, plan, at, author)
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
        elif plan.library.root != str(plan.folder.root):
            plan.library.root = str(plan.folder.root)
            plan.library.save(update_fields=["root"])
        _remember(plan.library, written, heads)
        for file in written:
            plan.outcome.note(file.action, file.path)
    return plan.outcome


def _into_history(
    group: Iterable[PlannedFile], plan: ExportPlan, at: datetime.datetime, author: AbstractBaseUser | None
) -> tuple[list[PlannedFile], dict[int, int]]:
    """Record what is not in the history yet: the files with the texts recorded, the new heads by pattern."""
    files: list[PlannedFile] = []
    heads: dict[int, int] = {}
    for file in group:
        if file.from_rows:
            try:
                for revision in record_rows([file.pattern_pk], at=at, author=author):
                    # Whoever saved since the plan is in it, too.
                    file = file._replace(text=revision.text, digest=revision.digest, head_pk=revision.pk)
            except EditRefused as error:
                plan.rows_changed(file.path, error)
                continue
        if file.keep:
            heads.update(_keep_file(file, file.before or "", at, author))
        files.append(file)
    return files, heads


def _keep_file(file: PlannedFile, text: str, at: datetime.datetime, author: AbstractBaseUser | None) -> dict[int, int]:
    """Put a file's text, about to be overwritten, into the history below the head; the new head by pattern."""
    with transaction.atomic():
        wait_for_turn()
        pattern = Pattern.objects.select_for_update(of=("self",)).get(pk=file.pattern_pk)
        head = Revision.objects.get(pk__in=Pattern.objects.filter(pk=file.pattern_pk).values("head"))
        parsed = parse(file.path, text.encode())
        # A text that is no pattern is kept all the same; it can be shown, though not gone back to.
        document = parsed.document if isinstance(parsed, Parsed) else PatternDocument(preamble=text)
        theirs, ours = reserve_ids(Revision, 2)
        signature = Signature(at, Origin.IMPORT, author, "The file's text, overwritten by an export with --ours.")
        add_revisions([(pattern.pk, theirs, Recorded(pattern.pk, text, document))], signature)
        kept = Recorded(pattern.pk, head.text, document, head.digest, head.fingerprint)
        signature = signature._replace(note="The database was preferred to the file (--ours).")
        add_revisions([(pattern.pk, ours, kept)], signature)
        update_rows(Pattern, ("head",), [(ours, pattern.pk)])
    # Whoever saved since the plan has another text; then what the file gets is not the new head's.
    return {pattern.pk: ours} if head.digest == file.digest else {}


def _make_library(folder: Folder, name: str) -> Library:
    base = name or folder.root.name or "library"
    root = str(folder.root)
    number = 1
    while True:
        name = f"{base}-{number}" if number > 1 else base
        library, _ = Library.objects.get_or_create(name=name, defaults={"root": root})
        if library.root == root:
            return library
        number += 1


def _remember(library: Library, files: list[PlannedFile], heads: dict[int, int]) -> None:
    with transaction.atomic():
        wait_for_turn()
        # Another export to the same folder may have been quicker.
        noted = LibraryFile.objects.filter(library=library).order_by()
        known = dict(noted.filter(pattern_id__among=[f.pattern_pk for f in files]).values_list("pattern_id", "pk"))
        taken = set(noted.filter(path__among=[f.path for f in files if f.pattern_pk not in known]).values_list("path"))
        new, seen = [], []
        for file in files:
            revision = heads.get(file.pattern_pk, file.head_pk)
            if file.pattern_pk in known:
                seen.append((revision, file.digest, known[file.pattern_pk]))
            elif (file.path,) not in taken:
                new.append((library.pk, file.path, file.pattern_pk, revision, file.digest))
        update_rows(LibraryFile, ("revision", "digest"), seen)
        if new:
            insert_rows(LibraryFile, ("library", "path", "pattern", "revision", "digest"), new)
