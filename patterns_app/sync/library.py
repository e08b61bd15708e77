"""A library's folder: which files it has, reading them, and writing them whole or not at all.

The only module that touches pattern files. Paths are relative to the folder, with forward slashes.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Final

from patterns_app.document.frontmatter import MAX_TEXT
from patterns_app.document.problems import Problem, Severity
from patterns_app.document.vocabulary import PATH_MAX

SUFFIXES: Final = (".md", ".markdown")
MAX_BYTES: Final = 2 * MAX_TEXT
"""Largest file in bytes that is opened at all."""

# Files that stand in many libraries and are no patterns; without front matter they are passed over in silence.
_COMPANIONS: Final = frozenset(
    {
        "readme",
        "license",
        "contributing",
        "changelog",
        "code_of_conduct",
        "security",
        "index",
        "_index",
        "authors",
        "notice",
    }
)
_THREADS: Final = 4


class FileTrouble(Exception):
    """A file that could not be read or written; `problem` says which and why."""

    def __init__(self, path: str, code: str, message: str) -> None:
        self.problem = Problem(path, 0, "", code, Severity.ERROR, message)
        super().__init__(message)


class FolderTrouble(Exception):
    """A folder that cannot be used at all: misuse, not a problem of one file."""


def is_companion(path: str) -> bool:
    """Whether a file is the kind that accompanies a library (README, LICENSE …) rather than belonging to it."""
    return PurePosixPath(path).stem.casefold() in _COMPANIONS


@dataclass(slots=True)
class Scan:
    """What a folder holds: pattern files in order, and what was left out and why."""

    paths: list[str] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Folder:
    """A library's folder. `root` is absolute, without links."""

    root: Path

    @classmethod
    def at(cls, path: str | os.PathLike[str]) -> Folder:
        """The folder at `path`. Raises `FolderTrouble` where there is none."""
        given = Path(path)
        if not given.exists():
            raise FolderTrouble(f"There is no folder “{path}”. Check the path; nothing was done.")
        if not given.is_dir():
            raise FolderTrouble(f"“{path}” is a file, but a folder is needed here; nothing was done.")
        return cls(given.resolve())

    @staticmethod
    def is_at(path: str | os.PathLike[str]) -> bool:
        """Whether there is a folder at `path`."""
        return Path(path).is_dir()

    @classmethod
    def made_at(cls, path: str | os.PathLike[str]) -> Folder:
        """The folder at `path`, made if there is none. Raises `FolderTrouble`."""
        try:
            Path(path).mkdir(parents=True, exist_ok=True)
        except FileExistsError as error:
            raise FolderTrouble(f"“{path}” is a file, but a folder is needed here; nothing was written.") from error
        except OSError as error:
            raise FolderTrouble(
                f"The folder “{path}” cannot be made: {error.strerror}; nothing was written."
            ) from error
        return cls.at(path)

    def scan(self, below: str = "") -> Scan:
        """Every Markdown file in the folder (or in its part `below`), sorted by path.

        Hidden folders and files are left out, and so are links: what they point at is either here under its own path
        or not the library's.
        """
        found = Scan()
        self._scan(self.root / below if below else self.root, below, found)
        found.paths.sort()
        return found

    def _scan(self, folder: Path, prefix: str, found: Scan) -> None:
        try:
            with os.scandir(folder) as listing:
                listed = list(listing)
        except OSError as error:
            found.problems.append(
                Problem(
                    prefix or ".",
                    0,
                    "",
                    "cannot-read",
                    Severity.ERROR,
                    f"This folder cannot be read: {error.strerror}.",
                )
            )
            return
        for entry in listed:
            if entry.name.startswith("."):
                continue
            path = f"{prefix}/{entry.name}" if prefix else entry.name
            is_pattern = entry.name.casefold().endswith(SUFFIXES)
            if entry.is_symlink():
                if is_pattern:
                    inside = Path(entry.path).resolve().is_relative_to(self.root)
                    reason = "it stands in the library under its own path" if inside else "it leads out of the library"
                    severity = Severity.NOTICE if inside else Severity.ERROR
                    message = f"This is a link and was not followed: {reason}."
                    found.problems.append(Problem(path, 0, "", "link", severity, message))
            elif entry.is_dir(follow_symlinks=False):
                self._scan(Path(entry.path), path, found)
            elif is_pattern:
                if not entry.is_file(follow_symlinks=False):
                    found.problems.append(
                        Problem(path, 0, "", "no-file", Severity.ERROR, "This is no regular file; it was not opened.")
                    )
                elif problem := _unusable_path(path):
                    found.problems.append(problem)
                else:
                    found.paths.append(path)

    def has(self, path: str) -> bool:
        """Whether there is a file at the path."""
        return (self.root / path).is_file()

    def read(self, path: str) -> bytes:
        """A file's bytes. Raises `FileTrouble`."""
        file = self.root / path
        try:
            size = file.stat().st_size
            if size > MAX_BYTES:
                raise FileTrouble(
                    path,
                    "too-large",
                    f"The file has {size:,} bytes; at most {MAX_BYTES:,} are read. Split the pattern or move data out.",
                )
            return file.read_bytes()
        except OSError as error:
            raise FileTrouble(path, "cannot-read", f"The file cannot be read: {error.strerror}.") from error

    def digests(self, paths: Iterable[str]) -> Iterator[tuple[str, str | None]]:
        """(path, SHA-256 of the bytes in hexadecimal) in order; None for a file that is not there or not readable.

        Reads and hashes in a few threads, which is what makes an import with nothing changed quick.
        """

        def digest(path: str) -> tuple[str, str | None]:
            try:
                return path, hashlib.sha256(self.read(path)).hexdigest()
            except FileTrouble:
                return path, None

        with ThreadPoolExecutor(_THREADS) as threads:
            yield from threads.map(digest, paths)

    def write(self, path: str, data: bytes) -> None:
        """Put `data` at `path`: a temporary file beside it, flushed to disk, then renamed over it.

        Whatever happens, the path holds the old bytes or the new ones. Raises `FileTrouble`.
        """
        file = self._inside(path)
        temporary = file.with_name(f".{file.name[:200]}.{os.getpid()}.tmp")
        try:
            file.parent.mkdir(parents=True, exist_ok=True)
            if not file.parent.resolve().is_relative_to(self.root):
                raise FileTrouble(
                    path,
                    "outside",
                    "The folder of this file is a link that leads out of the library; nothing was written.",
                )
            mode = file.stat().st_mode & 0o7777 if file.exists() else None
            with temporary.open("wb") as stream:
                stream.write(data)
                stream.flush()
                os.fsync(stream.fileno())
            if mode is not None:
                temporary.chmod(mode)
            temporary.replace(file)
        except OSError as error:
            with contextlib.suppress(OSError):
                temporary.unlink()
            raise FileTrouble(
                path, "cannot-write", f"The file cannot be written: {error.strerror}. It is as it was."
            ) from error

    def write_all(self, files: Iterable[tuple[str, bytes]]) -> Iterator[tuple[str, FileTrouble | None]]:
        """Write many files, waiting for the disk in a few threads: (path, its trouble or None) in order."""

        def write(file: tuple[str, bytes]) -> tuple[str, FileTrouble | None]:
            try:
                self.write(*file)
            except FileTrouble as trouble:
                return file[0], trouble
            return file[0], None

        with ThreadPoolExecutor(_THREADS) as threads:
            yield from threads.map(write, files)

    def _inside(self, path: str) -> Path:
        pure = PurePosixPath(path)
        if pure.is_absolute() or ".." in pure.parts or not pure.parts or "\0" in path:
            raise FileTrouble(path, "outside", "This path leads out of the library; nothing was written.")
        file = self.root / pure
        if file.is_symlink():
            raise FileTrouble(path, "link", "A link stands here; it was not followed and nothing was written.")
        return file


def _unusable_path(path: str) -> Problem | None:
    try:
        path.encode()
    except UnicodeEncodeError:
        shown = path.encode(errors="surrogateescape").decode(errors="replace")
        return Problem(shown, 0, "", "file-name", Severity.ERROR, "The file's name is not UTF-8; rename it.")
    if len(path) > PATH_MAX:
        return Problem(
            path,
            0,
            "",
            "file-name",
            Severity.ERROR,
            f"The path has {len(path)} characters, at most {PATH_MAX} can be kept; shorten it.",
        )
    return None
