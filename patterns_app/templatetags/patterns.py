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


@register.filter
def thousands(count: int) -> str:
    """A count as people read it: 1,102."""
    return f"{count:,}"


@register.filter
def spaced(word: str) -> str:
    """A word of a file's own as people read it: early adopters."""
    return word.replace("_", " ")


@register.filter
def stars_said(stars: int) -> str:
    """A confidence in words. The scale has three stars, but the format takes four, and a file has them."""
    return f"{stars} of 3 stars" if stars <= 3 else f"{stars} stars"
