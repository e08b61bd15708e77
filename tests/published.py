"""Public patterns to test with: made, renamed and published past the workflow, which is tested elsewhere."""

from __future__ import annotations

import dataclasses
from typing import Any

from patterns_app.document.pattern import Relationship
from patterns_app.models import Pattern
from patterns_app.models.working_copy import document_of
from patterns_app.publishing import publish_many
from patterns_app.workflow import save_draft
from tests.factories import NOON, make_pattern


def public(slug: str, *targets: str, **fields: Any) -> Pattern:
    """A public pattern that enables others."""
    links = tuple(Relationship("enables", target) for target in targets)
    pattern = make_pattern(**{"slug": slug, "status": "published", "relationships": links, **fields})
    assert publish_many([pattern.pk], at=NOON) == {}
    return pattern


def rename(pattern: Pattern, slug: str) -> None:
    """Publish it under another slug."""
    said = dataclasses.replace(document_of(pattern), slug=slug)
    save_draft(Pattern.objects.get(pk=pattern.pk), document=said, author=None, at=NOON)
    publish_many([pattern.pk], at=NOON)
