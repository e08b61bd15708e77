"""Carrying an import out: planned changes become rows, revisions and files as last seen. Never reads a file.

Each batch is one transaction with a number of queries that does not depend on how many files it has: killed at any
moment, the database holds whole batches, and the next run does the rest.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from django.db import IntegrityError, transaction
from django.db.models import Value
from django.db.models.functions import Concat

from patterns_app.document.problems import Problem, Severity, count_of
from patterns_app.document.vocabulary import Status
from patterns_app.document.writing import EditRefused
from patterns_app.models import Library, LibraryFile, Pattern, Revision
from patterns_app.models.bulk import chunks, insert_rows, reserve_ids, update_rows, wait_for_turn
from patterns_app.models.recording import Recorded, Signature, add_revisions, record
from patterns_app.models.rereading import ReadingOutdated
from patterns_app.models.revision import Origin
from patterns_app.models.working_copy import NameBook, documents_of
from patterns_app.publishing import AddressTaken
from patterns_app.sync.import_plan import ImportPlan, PlannedChange
from patterns_app.sync.outcome import Action, Outcome
from patterns_app.workflow import record_rows
from patterns_app.workflow.arrivals import Publication, publish_drafts, settle
from patterns_app.workflow.decisions import Said, make_move
from patterns_app.workflow.moves import Move, MoveRefused

if TYPE_CHECKING:
    from django.contrib.auth.models import AbstractBaseUser

PARKED = "\x01"
"""What the path of a file begins with whose place another file took, until it turns up elsewhere in the same run."""

BATCH_FILES = 200
BATCH_CHARACTERS = 6_000_000
"""A batch ends with the first of the two reached: memory stays the same however long the files are."""


def apply(
    plan: ImportPlan,
    *,
    at: datetime.datetime,
    author: AbstractBaseUser | None = None,
    archive_missing: bool = False,
    publication: Publication = Publication.FOLLOW,
    on_batch: Callable[[list[PlannedChange]], None] = lambda batch: None,
) -> Outcome:
    """Carry the plan out while it is made; what happened is in the outcome.

    on_batch is called with each batch before it is written, for showing what changes. Raises nothing for single files:
    what cannot be written is a problem of the outcome.
    """
    signature = Signature(at, Origin.IMPORT, author)
    is_known = plan.target.library is not None
    library = _library(plan)
    book = NameBook()
    for batch in _batches(plan.changes()):
        on_batch(batch)
        try:
            done = _write(batch, library, plan, signature, book, publication)
        except IntegrityError:
            # Somebody else took an identity between plan and now. One by one, only the files concerned are left out.
            book = NameBook()
            done = list(_one_by_one(batch, library, plan, signature, publication))
        for change in done:
            plan.outcome.note(change.action, change.parsed.path)
    # Files whose place another took, and that did not turn up elsewhere.
    LibraryFile.objects.filter(library=library, path__startswith=PARKED).delete()
    if not is_known and not LibraryFile.objects.filter(library=library).exists():
        # Every file was refused: there is no library yet.
        library.delete()
    if archive_missing:
        _archive(plan, at, author)
    if publication is Publication.DRAFTS_TOO:
        _publish_drafts(plan, library, at, author)
    return plan.outcome


def _library(plan: ImportPlan) -> Library:
    target = plan.target
    root = str(target.folder.root)
    library = target.library
    if library is None:
        library, _ = Library.objects.get_or_create(name=target.name, defaults={"root": root})
    if library.root != root:
        library.root = root
        with transaction.atomic():
            library.save(update_fields=["root"])
            if target.inside:
                files = LibraryFile.objects.filter(library=library)
                files.update(path=Concat(Value(f"{target.inside}/"), "path"))
        plan.target = replace(target, inside="")
    return library


def _batches(changes: Iterable[PlannedChange]) -> Iterator[list[PlannedChange]]:
    batch: list[PlannedChange] = []
    together: list[PlannedChange] = []
    size = 0
    for change in changes:
        if change.together:
            together.append(change)
            continue
        batch.append(change)
        size += len(change.parsed.text)
        if len(batch) >= BATCH_FILES or size >= BATCH_CHARACTERS:
            yield batch
            batch, size = [], 0
    if batch or together:
        yield batch + together


def _one_by_one(
    batch: list[PlannedChange], library: Library, plan: ImportPlan, signature: Signature, publication: Publication
) -> Iterator[PlannedChange]:
    for change in batch:
        try:
            yield from _write([change], library, plan, signature, NameBook(), publication)
        except IntegrityError as error:
            reason = str(error).strip().split("\n")[0]
            message = (
                f"The database refused it ({reason}): somebody else took its id, slug or path while this import ran. "
                "Run it again to see who."
            )
            _leave_out(change, plan.outcome, Action.REFUSED, "identity-taken", message)


def _leave_out(change: PlannedChange, outcome: Outcome, action: Action, code: str, message: str) -> None:
    outcome.add([Problem(change.parsed.path, 0, "", code, Severity.ERROR, message)])
    outcome.note(action, change.parsed.path)


def _write(
    batch: list[PlannedChange],
    library: Library,
    plan: ImportPlan,
    signature: Signature,
    book: NameBook,
    publication: Publication,
) -> list[PlannedChange]:
    """Write one batch in one transaction; the changes that were made."""
    with transaction.atomic():
        wait_for_turn()
        batch = _still_as_planned(batch, plan, signature)
        # By path: the pattern of the file and the revision that it and the file have in common.
        common = {
            change.parsed.path: (change.pattern_pk, None if change.path_only else change.head_pk) for change in batch
        }
        rows = [change for change in batch if change.action in (Action.CREATE, Action.UPDATE) and not change.keep_rows]
        if rows:
            recorded = record([_recorded(change) for change in rows], signature, book=book)
            common.update((change.parsed.path, keys) for change, keys in zip(rows, recorded, strict=True))
            documents = {pk: change.parsed.document for change, (pk, _) in zip(rows, recorded, strict=True)}
            paths = {pk: change.parsed.path for change, (pk, _) in zip(rows, recorded, strict=True)}
            published, refused = settle(documents, at=signature.at, actor=signature.author, publication=publication)
            _note_published(plan.outcome, published, refused, paths)
        kept = [change for change in batch if change.keep_rows]
        if kept:
            common.update(_keep_rows(kept, signature))
        _see_files(batch, common, library)
    return batch


def _recorded(change: PlannedChange) -> Recorded:
    parsed = change.parsed
    problems = count_of(parsed.problems)
    return Recorded(change.pattern_pk, parsed.text, parsed.document, parsed.digest, parsed.fingerprint, problems)


def _still_as_planned(batch: list[PlannedChange], plan: ImportPlan, signature: Signature) -> list[PlannedChange]:
    """Lock the patterns; leave out those that somebody saved since the plan, or whose rows had parted from the text."""
    old = {change.pattern_pk: change for change in batch if change.pattern_pk is not None}
    if not old:
        return list(batch)
    patterns = Pattern.objects.filter(pk__among=old).order_by("pk")
    # Locked first and read then: PostgreSQL leaves a joined row out that became another while it waited for the lock.
    list(patterns.select_for_update().values_list("pk"))
    rows = patterns.values_list("pk", "head_id", "head__digest", "head__fingerprint")
    heads: dict[int, tuple[int | None, str, str]] = {pk: (head, digest, said) for pk, head, digest, said in rows}
    overwritten = [pk for pk, change in old.items() if change.action is Action.UPDATE and not change.keep_rows]
    said = {pk: document.fingerprint() for pk, document in documents_of(overwritten).items()} if overwritten else {}
    result = []
    for change in batch:
        if change.pattern_pk is not None:
            head, digest, fingerprint = heads.get(change.pattern_pk, (None, "", ""))
            if head != change.head_pk and (digest, fingerprint) == (change.parsed.digest, change.parsed.fingerprint):
                # Another import of the same file was quicker.
                result.append(change._replace(action=Action.SEEN, head_pk=head, keep_rows=False, path_only=False))
                continue
            if head != change.head_pk:
                message = (
                    "Somebody saved this pattern while the import ran; neither side was touched. Run the import again."
                )
                _leave_out(change, plan.outcome, Action.CONFLICT, "conflict", message)
                continue
            if change.pattern_pk in said and said[change.pattern_pk] != fingerprint:
                recorded = _with_rows_recorded(change, plan, signature)
                if recorded is None:
                    continue
                change = recorded
        result.append(change)
    return result


def _with_rows_recorded(change: PlannedChange, plan: ImportPlan, signature: Signature) -> PlannedChange | None:
    """The change of a pattern whose rows a script had changed past its history, once what they say is in there.

    None where no side is preferred, or no text can say what the rows say.
    """
    message = (
        "The file changed, and a script changed rows of its pattern past the history; neither side was touched. "
        "Compare them, then import with --theirs (the file wins) or --ours (the database wins); "
        "the other stays in the history."
    )
    if plan.prefer and change.pattern_pk is not None:
        try:
            for revision in record_rows([change.pattern_pk], at=signature.at, author=signature.author):
                change = change._replace(head_pk=revision.pk)
            return change._replace(keep_rows=plan.prefer == "ours")
        except EditRefused as error:
            message = f"A script changed rows of this pattern past the history, and no text can say them: {error}"
    _leave_out(change, plan.outcome, Action.CONFLICT, "rows-changed", message)
    return None


def _keep_rows(changes: list[PlannedChange], signature: Signature) -> dict[str, tuple[int | None, int | None]]:
    """Put the files' texts into history, and the heads' texts once more on top of them: the rows stand."""
    fields = ("pattern_id", "text", "digest", "fingerprint")
    head_pks = [change.head_pk for change in changes]
    heads = Revision.objects.filter(pk__among=head_pks).order_by().values_list(*fields)
    texts = {pk: rest for pk, *rest in heads}
    pks = [change.pattern_pk for change in changes if change.pattern_pk is not None]
    reserved = reserve_ids(Revision, 2 * len(pks))
    theirs, ours = reserved[: len(pks)], reserved[len(pks) :]
    add_revisions(
        [(pk, head, _recorded(change)) for pk, head, change in zip(pks, theirs, changes, strict=True)],
        signature._replace(note="The file's text, not taken: the database was preferred (--ours)."),
    )
    kept = []
    for pk, head, change in zip(pks, ours, changes, strict=True):
        text, digest, fingerprint = texts[pk]
        kept.append((pk, head, _recorded(change)._replace(text=text, digest=digest, fingerprint=fingerprint)))
    add_revisions(kept, signature._replace(note="The database was preferred to the file (--ours)."))
    update_rows(Pattern, ("head",), list(zip(ours, pks, strict=True)))
    return {change.parsed.path: (pk, head) for change, pk, head in zip(changes, pks, theirs, strict=True)}


def _see_files(batch: list[PlannedChange], common: dict[str, tuple[int | None, int | None]], library: Library) -> None:
    """Remember each file as it is now. Moves first make way, so that files can swap their paths."""
    places = {change.file_pk: change.parsed.path for change in batch if change.file_pk is not None}
    at_paths = LibraryFile.objects.filter(library=library, path__among=common).order_by()
    # Of files that stood at these paths before, another may turn up elsewhere in a later batch.
    make_way = [pk for pk, path in at_paths.values_list("pk", "path") if path != places.get(pk)]
    update_rows(LibraryFile, ("path",), [(f"{PARKED}{pk}", pk) for pk in make_way])
    new, seen, moved = [], [], []
    for change in batch:
        parsed = change.parsed
        pattern, revision = common[parsed.path]
        if change.file_pk is None:
            new.append((library.pk, parsed.path, pattern, revision, parsed.digest))
        elif revision is None:
            moved.append((parsed.path, change.file_pk))
        else:
            seen.append((parsed.path, revision, parsed.digest, change.file_pk))
    update_rows(LibraryFile, ("path", "revision", "digest"), seen)
    update_rows(LibraryFile, ("path",), moved)
    if new:
        insert_rows(LibraryFile, ("library", "path", "pattern", "revision", "digest"), new)


def _note_published(
    outcome: Outcome, published: Iterable[int], refused: Mapping[int, AddressTaken], paths: Mapping[int, str]
) -> None:
    for pk in published:
        outcome.note(Action.PUBLISHED, paths[pk])
    for pk, reason in refused.items():
        outcome.add(
            [Problem(paths[pk], 0, "slug", "not-published", Severity.ERROR, f"It is in, but not public. {reason}")]
        )


def _publish_drafts(plan: ImportPlan, library: Library, at: datetime.datetime, author: AbstractBaseUser | None) -> None:
    """Publish what is not public yet of all the files that this import saw, unchanged ones, too."""
    files = LibraryFile.objects.filter(library=library).order_by("pk")
    waiting = files.exclude(pattern__status__in=(Status.DEPRECATED, Status.ARCHIVED)).filter(
        pattern__snapshot__isnull=True
    )
    paths = {pk: path for pk, path in waiting.values_list("pattern_id", "path") if plan.is_present(path)}
    for pks in chunks(paths, BATCH_FILES):
        with transaction.atomic():
            wait_for_turn()
            _note_published(plan.outcome, *publish_drafts(pks, at=at, actor=author), paths)


def _archive(plan: ImportPlan, at: datetime.datetime, author: AbstractBaseUser | None) -> None:
    said = Said(note="Its file is gone (--archive-missing).")
    for pattern in Pattern.objects.filter(pk__among=plan.missing):
        try:
            # What a script changed past the history goes into it first: an archived pattern is edited no more.
            if record_rows([pattern.pk], at=at, author=author):
                pattern.refresh_from_db()
            make_move(pattern, Move.ARCHIVE, actor=author, at=at, said=said, as_command=True)
        except (EditRefused, MoveRefused, ReadingOutdated) as error:
            message = f"“{pattern.slug}”, whose file is gone, could not be archived: {error}"
            plan.outcome.add([Problem(plan.path_of(pattern.pk), 0, "", "not-archived", Severity.ERROR, message)])
        else:
            plan.outcome.note(Action.ARCHIVED, plan.path_of(pattern.pk))
