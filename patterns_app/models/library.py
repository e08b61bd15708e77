"""Libraries: folders of files, and what each file was when it and its pattern last said the same."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from patterns_app.document.vocabulary import NAME_MAX, PATH_MAX
from patterns_app.models.pattern import Pattern
from patterns_app.models.revision import Revision


class Library(models.Model):
    """A folder that was imported from or exported to. Its files are addressed relative to it."""

    name = models.CharField(max_length=NAME_MAX, unique=True)
    root = models.TextField(help_text="Absolute path of the folder when it was last used.")

    class Meta:
        verbose_name_plural = "libraries"
        ordering: ClassVar[list[str]] = ["name"]

    def __str__(self) -> str:
        return self.name


class LibraryFile(models.Model):
    """A file and its pattern when they last said the same: what sync compares with, so that it never guesses.

    The file changed if its digest is another; the rows changed if `pattern.head` is not `revision`.
    """

    library = models.ForeignKey(Library, models.CASCADE, related_name="files")
    path = models.CharField(max_length=PATH_MAX, help_text="Relative to the library, with forward slashes.")
    pattern = models.ForeignKey(Pattern, models.CASCADE, related_name="files")
    revision = models.ForeignKey(Revision, models.RESTRICT, related_name="+", help_text="The last common text.")
    digest = models.CharField(max_length=64, help_text="SHA-256 of the file's bytes as last seen.")

    class Meta:
        ordering: ClassVar[list[str]] = ["path"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["library", "path"], name="library_file_path_once"),
            models.UniqueConstraint(fields=["library", "pattern"], name="library_file_pattern_once"),
        ]

    def __str__(self) -> str:
        return self.path
