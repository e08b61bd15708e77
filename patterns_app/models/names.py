"""Names that many patterns share: audiences, domains, collections, contributors, entities, communities, keywords.

Each is found by `name` (or `key`), exactly as files write it: two spellings are two rows, because a file must come
back as it was. How a particular file words a label stays with that file, in `parts`.
"""

from __future__ import annotations

import hashlib
from typing import ClassVar

from django.db import models
from django.utils.text import slugify
from taggit.models import TagBase

from patterns_app.document.vocabulary import NAME_MAX


class Name(models.Model):
    """A name, unique to the character."""

    name = models.CharField(max_length=NAME_MAX, unique=True)

    class Meta:
        abstract = True
        ordering: ClassVar[list[str]] = ["name"]

    def __str__(self) -> str:
        return self.name


class Audience(Name):
    """For whom a context label is meant: corporate, government, activist, tech, academic, …"""


class Domain(Name):
    """A field of practice that patterns belong to or reach into."""


class Collection(Name):
    """A named set of patterns, usually one book or body of work."""

    description = models.TextField(blank=True)


class Contributor(Name):
    """Someone named in the files, by handle or by full name."""


class Entity(models.Model):
    """A concept, practice, framework, … that the machine-tended garden found in patterns."""

    key = models.CharField(max_length=NAME_MAX, unique=True, help_text="The id files use, or the label in slug form.")
    label = models.TextField(blank=True, help_text="As first seen.")
    type = models.TextField(blank=True, help_text="As first seen.")

    class Meta:
        verbose_name_plural = "entities"
        ordering: ClassVar[list[str]] = ["key"]

    def __str__(self) -> str:
        return self.label or self.key


class Community(models.Model):
    """A cluster of patterns, by machine or by hand."""

    key = models.CharField(max_length=NAME_MAX, unique=True, help_text="The id files use, or the label in slug form.")
    label = models.TextField(blank=True, help_text="As first seen.")

    class Meta:
        verbose_name_plural = "communities"
        ordering: ClassVar[list[str]] = ["key"]

    def __str__(self) -> str:
        return self.label or self.key


class Keyword(TagBase):
    """A phrase for retrieval (the format's vector keywords), kept by django-taggit."""

    name = models.CharField(max_length=NAME_MAX, unique=True)
    slug = models.CharField(max_length=NAME_MAX, unique=True)

    class Meta:
        ordering: ClassVar[list[str]] = ["name"]

    @classmethod
    def slug_for(cls, name: str) -> str:
        """A slug that depends on the name alone, so that bulk writes need not look which slugs are taken.

        A name that is its own slug keeps it; any other gets eight digits of its digest, since "Value chain" and
        "value chain" are two keywords with one slugified form.
        """
        slug = slugify(name, allow_unicode=True)
        if slug == name:
            return slug
        digest = hashlib.sha256(name.encode()).hexdigest()[:8]
        return f"{slug[: NAME_MAX - 9]}-{digest}".lstrip("-")
