"""A library's folder: which files it has, reading them, and writing them whole or not at all.

The only module that touches pattern files. Paths are relative to the folder, with forward slashes.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import re
import stat
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
_TEMPORARY: Final = re.compile(r"\.[0-9a-f]{16}\.(\d+)\.tmp")
_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f]")


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
        root = given.resolve()
        if _shown(str(root)) != str(root):
            raise FolderTrouble(f"The path “{_shown(str(root))}” is not UTF-8; rename the folder. Nothing was done.")
        return cls(root)

    @classmethod
    def around(cls, path: str | os.PathLike[str]) -> tuple[Folder, str]:
        """The folder at `path` and "", or that of the pattern file at `path` and the file's name.

        Raises `FolderTrouble` where there is neither.
        """
        given = Path(path)
        if given.is_file():
            given = given.resolve()
            if not given.name.casefold().endswith(SUFFIXES):
                raise FolderTrouble(
                    f"“{path}” is no pattern file: its name would end in {' or '.join(SUFFIXES)}. Nothing was done."
                )
            return cls.at(given.parent), given.name
        if given.exists() and not given.is_dir():
            raise FolderTrouble(f"“{path}” is neither a folder nor a file; nothing was done.")
        if not given.exists():
            raise FolderTrouble(f"There is no file or folder “{path}”. Check the path; nothing was done.")
        return cls.at(given), ""

    @classmethod
    def planned_at(cls, path: str | os.PathLike[str]) -> Folder:
        """The folder at `path`, which need not be there yet. Raises `FolderTrouble` where something else is."""
        return cls.at(path) if Path(path).exists() else cls(Path(os.path.realpath(path)))

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
        folders = [below]
        while folders:
            folders += self._scan(folders.pop(), found)
        found.paths.sort()
        return found

    def scan_file(self, path: str) -> Scan:
        """The one file at the path, as `scan` would find it."""
        problem = _unusable_path(path)
        return Scan(problems=[problem]) if problem else Scan(paths=[path])

    def _scan(self, prefix: str, found: Scan) -> list[str]:
        """Look through one folder; the folders in it."""
        folders: list[str] = []
        try:
            with os.scandir(self.root / prefix) as listing:
                listed = list(listing)
        except OSError as error:
            message = f"This folder cannot be read: {error.strerror}."
            found.problems.append(Problem(_shown(prefix) or ".", 0, "", "cannot-read", Severity.ERROR, message))
            return folders
        for entry in listed:
            if entry.name.startswith("."):
                continue
            path = f"{prefix}/{entry.name}" if prefix else entry.name
            is_pattern = entry.name.casefold().endswith(SUFFIXES)
            if entry.is_symlink():
                if is_pattern or entry.is_dir():
                    found.problems.append(self._link(path, is_pattern=is_pattern))
            elif entry.is_dir(follow_symlinks=False):
                folders.append(path)
            elif is_pattern:
                if not entry.is_file(follow_symlinks=False):
                    message = "This is no regular file; it was not opened."
                    found.problems.append(Problem(_shown(path), 0, "", "no-file", Severity.ERROR, message))
                elif problem := _unusable_path(path):
                    found.problems.append(problem)
                else:
                    found.paths.append(path)
        return folders

    def _link(self, path: str, *, is_pattern: bool) -> Problem:
        # Not Path.resolve(), which raises for a link that leads to itself.
        leads_to = Path(os.path.realpath(self.root / path))
        if leads_to.is_relative_to(self.root):
            severity, reason = Severity.NOTICE, "what it leads to stands in the library under its own path"
        else:
            # A link to a folder may be anything; one that is called like a pattern was meant as one.
            severity = Severity.ERROR if is_pattern else Severity.WARNING
            reason = "it leads out of the library"
        return Problem(_shown(path), 0, "", "link", severity, f"This is a link and was not followed: {reason}.")

    def has(self, path: str) -> bool:
        """Whether anything stands at the path."""
        return os.path.lexists(self.root / path)

    def read(self, path: str) -> bytes:
        """A file's bytes; what is no regular file is not opened. Raises `FileTrouble`."""
        try:
            # Without following a link and without waiting for the other end of a pipe.
            handle = os.open(self.root / path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
            with os.fdopen(handle, "rb") as stream:
                found = os.fstat(handle)
                if not stat.S_ISREG(found.st_mode):
                    raise FileTrouble(path, "no-file", "This is no regular file; it was not opened.")
                if found.st_size > MAX_BYTES:
                    raise FileTrouble(
                        path,
                        "too-large",
                        f"The file has {found.st_size:,} bytes; at most {MAX_BYTES:,} are read. "
                        "Split the pattern or move data out.",
                    )
                return stream.read()
        except OSError as error:
            if error.errno == errno.ELOOP:
                raise FileTrouble(path, "link", "This is a link and was not followed.") from error
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
        file = self.place(path)
        # A name may be as long as names can be, so the temporary one is not made of it.
        name = hashlib.sha256(file.name.encode()).hexdigest()[:16]
        temporary = file.with_name(f".{name}.{os.getpid()}.tmp")
        try:
            file.parent.mkdir(parents=True, exist_ok=True)
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

        files = list(files)
        folders = {(self.root / path).parent for path, _ in files}
        for folder in folders:
            _sweep(folder)
        with ThreadPoolExecutor(_THREADS) as threads:
            yield from threads.map(write, files)
        for folder in folders:
            _flush(folder)

    def place(self, path: str) -> Path:
        """Where a file of the library may be written. Raises `FileTrouble` where that would leave the folder."""
        pure = PurePosixPath(path)
        if pure.is_absolute() or ".." in pure.parts or not pure.parts or "\0" in path:
            raise FileTrouble(path, "outside", "This path leads out of the library; nothing was written.")
        file = self.root / pure
        if not Path(os.path.realpath(file.parent)).is_relative_to(self.root):
            raise FileTrouble(
                path, "outside", "The folder of this file is a link that leads out of the library; nothing was written."
            )
        if file.is_symlink():
            raise FileTrouble(path, "link", "A link stands here; it was not followed and nothing was written.")
        if file.exists() and not file.is_file():
            raise FileTrouble(path, "no-file", "Something that is no file stands here; nothing was written.")
        return file


def _sweep(folder: Path) -> None:
    """Remove the temporary files of writers that were killed."""
    with contextlib.suppress(OSError), os.scandir(folder) as listing:
        for entry in listing:
            if (match := _TEMPORARY.fullmatch(entry.name)) and not _is_running(int(match[1])):
                Path(entry.path).unlink()


def _is_running(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True


def _flush(folder: Path) -> None:
    """Make the renames in a folder outlast a power cut: what is remembered as written must be."""
    with contextlib.suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def _shown(path: str) -> str:
    """A path as it can be printed and stored, whatever bytes it has."""
    return path.encode(errors="surrogateescape").decode(errors="replace")


def _unusable_path(path: str) -> Problem | None:
    if len(path) > PATH_MAX:
        message = f"The path has {len(path)} characters, at most {PATH_MAX} can be kept; shorten it."
    elif _shown(path) != path:
        message = "The file's name is not UTF-8; rename it."
    elif _CONTROL.search(path):
        message = "The file's name holds control characters; rename it."
    else:
        return None
    return Problem(_shown(path), 0, "", "file-name", Severity.ERROR, message)
