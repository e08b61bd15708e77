"""What the database holds, and whether it is what it has to be whatever happened before."""

from __future__ import annotations

from collections.abc import Container

from django.apps import apps

from patterns_app.document.reading import read
from patterns_app.models import Alias, InferredLink, LibraryFile, Pattern, Relationship, Revision
from patterns_app.models.links import Resolver
from patterns_app.models.revision import digest_of
from patterns_app.models.working_copy import documents_of


def dump() -> dict[str, list[str]]:
    """Every row of every table of the app."""
    return {
        model.__name__: sorted(repr(row) for row in model._default_manager.order_by("pk").values_list())
        for model in apps.get_app_config("patterns_app").get_models(include_auto_created=True)
    }


def parted() -> dict[str, str]:
    """The patterns whose rows do not say what their head's text says: slug → the fields in which they differ."""
    patterns = {pattern.pk: pattern for pattern in Pattern.objects.select_related("head")}
    said = documents_of(list(patterns))
    found = {}
    for pk, pattern in patterns.items():
        assert pattern.head is not None
        differing = read(pattern.head.text, name=pattern.slug).document.differs_from(said[pk])
        if differing:
            found[pattern.slug] = ", ".join(differing)
    return found


def check_integrity(*, tampered: Container[str] = ()) -> None:
    """Everything that has to be true after any import, export, edit, or kill.

    tampered: the patterns whose rows were changed past the door since the last export.
    """
    assert {slug: fields for slug, fields in parted().items() if slug not in tampered} == {}
    numbers: dict[int, list[int]] = {}
    for revision in Revision.objects.order_by("pattern", "number"):
        assert revision.digest == digest_of(revision.text)
        numbers.setdefault(revision.pattern_id, []).append(revision.number)
    heads = {pattern.pk: pattern.head for pattern in Pattern.objects.select_related("head")}
    for pk, head in heads.items():
        assert head is not None
        assert head.pattern_id == pk
        assert head.number == max(numbers[pk]), "the head is the latest revision"
        assert numbers[pk] == list(range(1, len(numbers[pk]) + 1))
        assert head.fingerprint == read(head.text, name=Pattern.objects.get(pk=pk).slug).document.fingerprint()
    assert set(numbers) == set(heads)
    for file in LibraryFile.objects.select_related("revision"):
        assert file.revision.pattern_id == file.pattern_id
        assert file.digest == file.revision.digest, f"{file.path}: the last common text is the file's"
        assert "\x01" not in file.path
    assert not Pattern.objects.filter(slug__startswith="\x01").exists()
    check_links()


def check_links() -> None:
    """Every link points where the names in the database lead, whatever way it came about."""
    links = [*Relationship.objects.all(), *InferredLink.objects.all()]
    resolver = Resolver((link.target_text, link.target_key) for link in links)
    for link in links:
        assert (link.target_id, link.resolved_by) == resolver.resolve(link.target_text, link.target_key), str(link)


def targets() -> dict[tuple[str, str], tuple[str | None, str]]:
    """(pattern, target as written) → (slug of the pattern meant, what led there)."""
    rows = [
        *Relationship.objects.select_related("pattern", "target"),
        *InferredLink.objects.select_related("pattern", "target"),
    ]
    return {(row.pattern.slug, row.target_text): (row.target and row.target.slug, row.resolved_by) for row in rows}


def slugs() -> list[str]:
    return list(Pattern.objects.order_by("slug").values_list("slug", flat=True))


def aliases_of(slug: str) -> list[str]:
    return list(Alias.objects.filter(pattern__slug=slug).values_list("name", flat=True))


def texts_of(slug: str) -> list[str]:
    """Every text in a pattern's history, oldest first."""
    return list(Revision.objects.filter(pattern__slug=slug).order_by("number").values_list("text", flat=True))
