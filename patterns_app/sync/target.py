"""Which library a path given on the command line belongs to."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from patterns_app.models import Library, LibraryFile
from patterns_app.sync.library import Folder, FolderTrouble


@dataclass(frozen=True, slots=True)
class Target:
    """A library and the part of its folder that is meant.

    library: None until the library is made. below: a folder inside it, "" for the whole. file: a single file's path.
    """

    name: str
    folder: Folder
    library: Library | None
    below: str = ""
    file: str = ""

    @property
    def is_whole(self) -> bool:
        """Whether files that are not found are really missing."""
        return not self.below and not self.file

    def covers(self, path: str) -> bool:
        """Whether a library path lies in the part that is meant."""
        if self.file:
            return path == self.file
        return not self.below or path.startswith(self.below + "/")


def locate(path: str | os.PathLike[str], *, name: str = "") -> Target:
    """The library that a folder or file belongs to.

    That is, first, the library called `name`, if one is given; else the library whose folder it is or lies in; else
    one called like the folder, if it holds that library's files (a clone elsewhere); else a new one. Raises
    `FolderTrouble` where there is nothing at the path, or a different folder of the same name. Never writes.
    """
    given = Path(path)
    if not given.exists():
        raise FolderTrouble(f"There is no file or folder “{path}”. Check the path; nothing was done.")
    resolved = given.resolve()
    base = resolved if resolved.is_dir() else resolved.parent
    libraries = list(Library.objects.all())
    library = _named(libraries, name) if name else _around(libraries, base)
    root = Path(library.root) if library and base.is_relative_to(library.root) else base
    if library is None and not name:
        library = _named(libraries, base.name)
        if library is not None and not _holds_files_of(base, library):
            raise FolderTrouble(
                f"“{base}” is called like the library “{library.name}” (last seen in {library.root}), but holds "
                f"none of its files. Say --library {library.name} if it is the same library, or --library and another "
                "name if not."
            )
    below = base.relative_to(root).as_posix()
    file = resolved.relative_to(root).as_posix() if resolved.is_file() else ""
    return Target(
        name or (library.name if library else base.name or "library"),
        Folder(root),
        library,
        "" if below == "." else below,
        file,
    )


def _named(libraries: Iterable[Library], name: str) -> Library | None:
    return next((library for library in libraries if library.name == name), None)


def _around(libraries: Iterable[Library], base: Path) -> Library | None:
    around = [library for library in libraries if base.is_relative_to(library.root)]
    return max(around, key=lambda library: len(library.root), default=None)


def _holds_files_of(base: Path, library: Library) -> bool:
    paths = list(LibraryFile.objects.filter(library=library).values_list("path", flat=True)[:200])
    return not paths or any((base / path).is_file() for path in paths)
