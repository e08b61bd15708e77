"""Things to test with, made by plain functions. The cast: ada edits, bo reviews, cy only reads."""

from __future__ import annotations

import datetime
from importlib import import_module
from typing import Any

from django.contrib.auth.models import Group, Permission, User

from patterns_app.document.body import Section
from patterns_app.document.pattern import PatternDocument
from patterns_app.models import Pattern
from patterns_app.workflow import create_draft

NOON = datetime.datetime(2026, 3, 1, 12, 0, tzinfo=datetime.UTC)


def make_document(**fields: Any) -> PatternDocument:
    """A small pattern that has what the format asks for; `fields` say otherwise."""
    slug = fields.get("slug", "shared-tool-library")
    said: dict[str, Any] = {
        "slug": slug,
        "title": slug.replace("-", " ").capitalize(),
        "summary": "Neighbours keep tools together that none of them needs every day.",
        "domain": "neighbourhood",
        "status": "draft",
        "version": "0.1",
        "license": "CC-BY-SA-4.0",
        "preamble": "> A drill is used for thirteen minutes in its life.\n\n",
        "sections": (
            Section("### Section 1: Context\n", "Every cellar on the street holds the same ladder.\n\n"),
            Section("### Section 2: Problem\n", "Tools are dear, rarely used, and in the way.\n"),
        ),
    }
    return PatternDocument(**{**said, **fields})


def make_pattern(*, author: User | None = None, **fields: Any) -> Pattern:
    """A draft with one revision."""
    return create_draft(document=make_document(**fields), author=author, at=NOON)


def make_user(name: str, *, can: tuple[str, ...] = (), **fields: Any) -> User:
    """Somebody of the staff. can: names of permissions, such as "change_pattern"."""
    user = User.objects.create_user(name, password="correct horse", **{"is_staff": True, **fields})
    user.user_permissions.set(Permission.objects.filter(codename__in=can))
    return user


def make_member(name: str, group: str) -> User:
    """Somebody of one of the four groups."""
    user = make_user(name, email=f"{name}@example.org")
    user.groups.add(the_group(group))
    return user


def the_group(name: str) -> Group:
    """A group as the migration makes it: made again where a test that commits emptied the database behind itself."""
    group, is_new = Group.objects.get_or_create(name=name)
    if is_new:
        codenames = import_module("patterns_app.migrations.0003_groups").GROUPS[name]
        ours = Permission.objects.filter(content_type__app_label="patterns_app")
        group.permissions.set(ours if codenames is None else ours.filter(codename__in=codenames))
    return group


def make_ada() -> User:
    """Ada edits: she may do everything an editor does."""
    return make_user("ada", can=("view_pattern", "add_pattern", "change_pattern"))


def make_cy() -> User:
    """Cy only reads."""
    return make_user("cy", can=("view_pattern",))
