"""Which library a path given on the command line belongs to."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from patterns_app.document.vocabulary import NAME_MAX
from patterns_app.models import Library, LibraryFile
from patterns_app.sync.library import Folder, FolderTrouble


@dataclass(frozen=True, slots=True)
class Target:
    """A library and the part of its folder that is meant.

    library: None until the library is made. below: a folder inside it, "" for the whole. file: a single file's path.
    inside: where in the folder the library's own lay until now, "" if they are the same.
    """

    name: str
    folder: Folder
    library: Library | None
    below: str = ""
    file: str = ""
    inside: str = ""

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
    one that lies in the folder (so far only a part was used); else one called like the folder, if it holds that
    library's files (a clone elsewhere); else a new one. Raises `FolderTrouble` where there is nothing usable at the
    path, or a different folder of the same name. Never writes.
    """
    given, file = Folder.around(path)
    base = given.root
    check_name(name)
    libraries = list(Library.objects.all())
    library = _named(libraries, name) if name else _around(libraries, base)
    root, inside = base, ""
    if library and base.is_relative_to(library.root):
        root = Path(library.root)
    elif library is None and not name:
        library = _within(libraries, base)
        if library is not None:
            inside = Path(library.root).relative_to(base).as_posix()
        else:
            library = _called(libraries, base)
    below = "" if base == root else base.relative_to(root).as_posix()
    file = f"{below}/{file}" if below and file else file
    if any(part.startswith(".") for part in PurePosixPath(file or below).parts):
        raise FolderTrouble(f"“{path}” is hidden; hidden files and folders are no part of a library. Nothing was done.")
    name = name or (library.name if library else base.name or "library")
    return Target(name, Folder(root), library, below, file, inside)


def check_name(name: str) -> None:
    """Raise `FolderTrouble` for a name that no library can have."""
    if len(name) > NAME_MAX:
        raise FolderTrouble(f"A library's name has at most {NAME_MAX} characters; nothing was done.")


def _named(libraries: Iterable[Library], name: str) -> Library | None:
    return next((library for library in libraries if library.name == name), None)


def _around(libraries: Iterable[Library], base: Path) -> Library | None:
    around = [library for library in libraries if base.is_relative_to(library.root)]
    return max(around, key=lambda library: len(library.root), default=None)


def _within(libraries: Iterable[Library], base: Path) -> Library | None:
    """The one library whose folder lies in this one, if there is one: only a part of the folder was used so far."""
    within = [library for library in libraries if Path(library.root).is_relative_to(base)]
    hidden = within and any(part.startswith(".") for part in Path(within[0].root).relative_to(base).parts)
    return within[0] if len(within) == 1 and not hidden else None


def _called(libraries: Iterable[Library], base: Path) -> Library | None:
    """The library that is called like the folder. Raises `FolderTrouble` if the folder holds none of its files."""
    library = _named(libraries, base.name)
    if library is not None and not holds_files_of(base, library):
        raise FolderTrouble(
            f"“{base}” is called like the library “{library.name}” (last seen in {library.root}), but holds none "
            f"of its files. Say --library {library.name} if it is the same library, or --library and another name "
            "if not."
        )
    return library


def holds_files_of(base: Path, library: Library) -> bool:
    """Whether a folder holds files of a library at the paths where they were last seen."""
    paths = list(LibraryFile.objects.filter(library=library).values_list("path", flat=True)[:200])
    return not paths or any((base / path).is_file() for path in paths)
