"""Template tags of the public pages. They show, and never query."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import template

from patterns_app.models import Snapshot

register = template.Library()


@register.simple_tag(takes_context=True)
def label_of(context: Mapping[str, Any], snapshot: Snapshot) -> str:
    """What the page's audience calls a pattern, "" where it has no word of its own for it."""
    return snapshot.label_for(context.get("audience", ""))
