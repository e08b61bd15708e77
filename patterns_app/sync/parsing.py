"""Files → documents, on all cores.

What runs in the worker processes: no Django, no database, so that a worker starts in a tenth of a second and stays
small.
"""

from __future__ import annotations

import gc
import hashlib
import multiprocessing
import os
from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from pathlib import Path, PurePosixPath
from typing import Final, NamedTuple

from patterns_app.document.pattern import PatternDocument
from patterns_app.document.problems import Problem, Severity
from patterns_app.document.reading import Unreadable, read
from patterns_app.sync.library import FileTrouble, Folder, is_companion

CHUNK: Final = 24
"""Files a worker takes at a time."""

IN_PROCESS: Final = 150
"""Up to this many files are parsed here: starting workers takes as long."""


class Parsed(NamedTuple):
    """A file, read. document is None for a file that is refused; then the problems say why.

    is_pattern: False for a companion (a README) that has no front matter. lines: where id and slug stand, 1-based.
    """

    path: str
    digest: str
    text: str
    document: PatternDocument | None
    fingerprint: str
    problems: list[Problem]
    lines: tuple[int, int] = (1, 1)
    is_pattern: bool = True


def parse(path: str, data: bytes) -> Parsed:
    """Read one file's bytes."""
    digest = hashlib.sha256(data).hexdigest()
    try:
        text = data.decode()
    except UnicodeDecodeError as error:
        return _refused(path, digest, _not_utf8(path, data, error))
    try:
        reading = read(text, name=PurePosixPath(path).stem)
    except Unreadable as error:
        if error.problem.code == "no-front-matter" and is_companion(path):
            return Parsed(path, digest, "", None, "", [], is_pattern=False)
        return _refused(path, digest, error.problem._replace(path=path))
    problems = [problem._replace(path=path) for problem in reading.problems]
    stem = PurePosixPath(path).stem
    if reading.document.slug != stem and reading.document.slug:
        message = f"The slug “{reading.document.slug}” and the file's name “{stem}” differ."
        problems.append(Problem(path, 1, "slug", "file-name-differs", Severity.NOTICE, message))
    if not reading.document.slug:
        problems.append(Problem(path, 1, "slug", "no-slug", Severity.ERROR, "The file has neither a slug nor a name to make one of."))
    if any(problem.severity is Severity.ERROR for problem in problems):
        return Parsed(path, digest, text, None, "", problems)
    front = reading.front
    lines = [front.line_of(place.key) if (place := reading.places.get((name, ""))) else 1 for name in ("id", "slug")]
    document = reading.document
    return Parsed(path, digest, text, document, document.fingerprint(), problems, (lines[0], lines[1]))


def _refused(path: str, digest: str, problem: Problem) -> Parsed:
    return Parsed(path, digest, "", None, "", [problem])


def _not_utf8(path: str, data: bytes, error: UnicodeDecodeError) -> Problem:
    line = 1 + data[: error.start].count(b"\n")
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        message = "The file is UTF-16; save it as UTF-8."
        line = 1
    else:
        message = f"Byte 0x{data[error.start]:02x} here is not UTF-8; save the file as UTF-8."
    return Problem(path, line, "", "not-utf8", Severity.ERROR, message)


def parse_file(folder: Folder, path: str) -> Parsed:
    """Read one file of a folder."""
    try:
        data = folder.read(path)
    except FileTrouble as trouble:
        return _refused(path, "", trouble.problem)
    return parse(path, data)


def _start_worker() -> None:
    # Documents hold no cycles: looking for them is wasted time here.
    gc.disable()


def _parse_chunk(root: str, paths: Sequence[str]) -> list[Parsed]:
    folder = Folder(Path(root))
    return [parse_file(folder, path) for path in paths]


def parse_files(folder: Folder, paths: Sequence[str], *, workers: int | None = None) -> Iterator[Parsed]:
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
        under_way: deque[Future[list[Parsed]]] = deque()
        try:
            for chunk in chunks:
                under_way.append(pool.submit(_parse_chunk, str(folder.root), chunk))
                if len(under_way) > 2 * count:
                    yield from under_way.popleft().result()
            while under_way:
                yield from under_way.popleft().result()
        finally:
            for future in under_way:
                future.cancel()
