"""Files → documents, on all cores.

What runs in the worker processes: no Django, no database, so that a worker starts in a tenth of a second and stays
small.
"""

from __future__ import annotations

import gc
import hashlib
import multiprocessing
import os
import threading
from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from multiprocessing import connection
from pathlib import Path, PurePosixPath
from typing import Any, Final, NamedTuple

from patterns_app.document.body import Section
from patterns_app.document.pattern import FIELD_NAMES, PatternDocument
from patterns_app.document.problems import Problem, Severity
from patterns_app.document.reading import Unreadable, read
from patterns_app.sync.library import FileTrouble, Folder, is_companion

CHUNK: Final = 24
"""Files a worker takes at a time."""

AHEAD: Final = 8
"""Chunks a worker is ahead of what is asked for, so that it has something to do while a batch is written."""

IN_PROCESS: Final = 150
"""Up to this many files are parsed here: starting workers takes as long."""


class Parsed(NamedTuple):
    """A file that can go in. lines: where its id and its slug stand, 1-based."""

    path: str
    digest: str
    text: str
    document: PatternDocument
    fingerprint: str
    problems: list[Problem]
    lines: tuple[int, int]

    def claims(self) -> list[tuple[str, str, int]]:
        """The identities that the file claims: (key, value, line) of its id, if it has one, and of its slug."""
        found = [("id", self.document.id, self.lines[0]), ("slug", self.document.slug, self.lines[1])]
        return [claim for claim in found if claim[1]]


_NOTHING: Final = PatternDocument()


class Refused(NamedTuple):
    """A file that cannot go in, and why. No problems: a README or the like, which is passed over."""

    path: str
    problems: list[Problem]


def parse(path: str, data: bytes) -> Parsed | Refused:
    """Read one file's bytes."""
    stem = PurePosixPath(path).stem
    try:
        text = data.decode()
    except UnicodeDecodeError as error:
        return Refused(path, [_not_utf8(path, data, error)])
    try:
        reading = read(text, name=stem)
    except Unreadable as error:
        passed_over = error.problem.code == "no-front-matter" and is_companion(path)
        return Refused(path, [] if passed_over else [error.problem._replace(path=path)])
    document, front = reading.document, reading.front
    problems = [problem._replace(path=path) for problem in reading.problems]
    if not document.slug:
        message = "The file has neither a slug nor a name to make one of."
        problems.append(Problem(path, 1, "slug", "no-slug", Severity.ERROR, message))
    elif document.slug != stem:
        message = f"The slug “{document.slug}” and the file's name “{stem}” differ."
        problems.append(Problem(path, 1, "slug", "file-name-differs", Severity.NOTICE, message))
    if any(problem.severity is Severity.ERROR for problem in problems):
        return Refused(path, problems)
    places = [reading.places.get((name, "")) for name in ("id", "slug")]
    at_id, at_slug = (front.line_of(place.key) if place else 1 for place in places)
    digest = hashlib.sha256(data).hexdigest()
    return Parsed(path, digest, text, document, document.fingerprint(), problems, (at_id, at_slug))


def _not_utf8(path: str, data: bytes, error: UnicodeDecodeError) -> Problem:
    line = 1 + data[: error.start].count(b"\n")
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        message = "The file is UTF-16; save it as UTF-8."
        line = 1
    else:
        message = f"Byte 0x{data[error.start]:02x} here is not UTF-8; save the file as UTF-8."
    return Problem(path, line, "", "not-utf8", Severity.ERROR, message)


def parse_file(folder: Folder, path: str) -> Parsed | Refused:
    """Read one file of a folder."""
    try:
        return parse(path, folder.read(path))
    except FileTrouble as trouble:
        return Refused(path, [trouble.problem])


def _start_worker() -> None:
    # Documents hold no cycles: looking for them is wasted time here.
    gc.disable()
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    """Wait until the process that started this one is gone, killed perhaps: its workers would wait for it for ever."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        connection.wait([parent.sentinel])
        os._exit(1)


_Packed = Refused | tuple[Any, ...]
"""What travels between processes: a document as plain values, its body in the file's text only."""

_PLAIN: Final = FIELD_NAMES[: FIELD_NAMES.index("preamble")]


def _packed(file: Parsed | Refused) -> _Packed:
    if isinstance(file, Refused):
        return file
    document = file.document
    lengths = [len(document.preamble)]
    for section in document.sections:
        lengths += (len(section.heading), len(section.text))
    return tuple(getattr(document, name) for name in _PLAIN), lengths, file._replace(document=_NOTHING)


def _unpacked(packed: _Packed) -> Parsed | Refused:
    if isinstance(packed, Refused):
        return packed
    plain, lengths, file = packed
    text, start, pieces = file.text, len(file.text) - sum(lengths), []
    for length in lengths:
        pieces.append(text[start : start + length])
        start += length
    sections = tuple(map(Section, pieces[1::2], pieces[2::2]))
    return Parsed(*file)._replace(document=PatternDocument(*(*plain, pieces[0], sections)))


def _parse_chunk(root: str, paths: Sequence[str]) -> list[_Packed]:
    folder = Folder(Path(root))
    return [_packed(parse_file(folder, path)) for path in paths]


def parse_files(folder: Folder, paths: Sequence[str], *, workers: int | None = None) -> Iterator[Parsed | Refused]:
    """Read files in order, on all cores where it pays.

    Only a few chunks are under way at a time, so memory does not grow with the number of files.
    """
    count = workers if workers is not None else (os.cpu_count() or 1)
    if len(paths) <= IN_PROCESS or count < 2:
        for path in paths:
            yield parse_file(folder, path)
        return
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(count, mp_context=context, initializer=_start_worker) as pool:
        chunks = iter([paths[start : start + CHUNK] for start in range(0, len(paths), CHUNK)])
        under_way: deque[Future[list[_Packed]]] = deque()
        try:
            for chunk in chunks:
                under_way.append(pool.submit(_parse_chunk, str(folder.root), chunk))
                if len(under_way) > AHEAD * count:
                    yield from map(_unpacked, under_way.popleft().result())
            while under_way:
                yield from map(_unpacked, under_way.popleft().result())
        finally:
            for future in under_way:
                future.cancel()
