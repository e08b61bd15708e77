"""Editing as an editor does, through the door."""

from __future__ import annotations

import dataclasses
from typing import Any

from patterns_app.models import Pattern, Revision
from patterns_app.models.working_copy import document_of
from patterns_app.workflow import save_draft
from tests.factories import NOON


def edit(slug: str, /, **changes: Any) -> Revision | None:
    """Save a draft in which the given document fields differ from what the rows say."""
    pattern = Pattern.objects.get(slug=slug)
    document = dataclasses.replace(document_of(pattern), **changes)
    return save_draft(pattern, document=document, author=None, at=NOON)
