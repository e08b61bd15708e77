"""The form of one pattern as somebody at a browser uses it, and a pattern that has something in every field."""

from __future__ import annotations

from typing import Any

from django.test import Client
from django.urls import reverse

from patterns_app.document.pattern import (
    Community,
    ContextLabel,
    Contributor,
    Entity,
    InferredLink,
    Relationship,
)
from patterns_app.models import Pattern
from tests.browser import fields_of


def address(pattern: Pattern) -> str:
    return reverse("admin:patterns_app_pattern_change", args=[pattern.pk])


def opened(browser: Client, pattern: Pattern) -> dict[str, str]:
    """The fields of the pattern's form as a browser has them."""
    return fields_of(browser.get(address(pattern)).content, "pattern_form")


def saved(browser: Client, pattern: Pattern, fields: dict[str, str]) -> Any:
    return browser.post(address(pattern), {**fields, "_continue": "Save"}, follow=True)


def edited(browser: Client, pattern: Pattern, **changes: str) -> Any:
    return saved(browser, pattern, {**opened(browser, pattern), **changes})


def messages_of(response: Any) -> str:
    return " ".join(str(message) for message in response.context["messages"])


def text_of(pattern: Pattern) -> str:
    pattern.refresh_from_db()
    return pattern.text


def changed(before: str, after: str) -> list[str]:
    """The lines of `after` that `before` does not have, and the other way round with a minus."""
    old, new = before.split("\n"), after.split("\n")
    return [f"-{line}" for line in old if line not in new] + [f"+{line}" for line in new if line not in old]


def related(count: int) -> tuple[Relationship, ...]:
    return tuple(Relationship("enables", f"target-{number}", 0.5) for number in range(count))


FULL: dict[str, Any] = {
    "id": "pat_01kjj4j5hcfy8at1kyx8kezg7c",
    "aliases": ("Tool shed", "Borrowing shop"),
    "context_labels": (ContextLabel("corporate", "Asset pool"), ContextLabel("tech", "Hardware library")),
    "cross_domains": ("economy",),
    "primary_tension": "Owning vs. using",
    "vector_keywords": ("lending", "sharing", "repair"),
    "stakeholder_architecture": 3.0,
    "value_creation": 4.0,
    "resilience": 3.5,
    "ownership": 4.0,
    "autonomy": 3.0,
    "composability": 2.0,
    "fractal_value": 3.0,
    "vitality": 3.6,
    "vitality_reasoning": "It lives as long as somebody keeps the key.",
    "overall_score": 3.2,
    "usage_stage": "operation",
    "adoption_stage": "growth",
    "confidence": 2,
    "relationships": (
        Relationship("generalizes_from", "commons", 0.9),
        Relationship("enables", "repair-cafe", 0.7, "People who borrow also mend.", (("source", "survey"),)),
        Relationship("enables", "street-party", 0.4),
        Relationship("requires", "trust", None),
    ),
    "last_pruned": "2026-02-28",
    "entities": (Entity("ent-lending", "practice", "Lending", 0.9),),
    "communities": (Community("sharing", "Sharing", "taxonomy", 0.8),),
    "inferred_links": (InferredLink("seed-library", "similar", 0.6, None, "Both lend."),),
    "contributors": (Contributor("ada"), Contributor("bo", "reviewer")),
    "sources": ("A. Lender, Things (2014)",),
    "attribution": "by the neighbours",
    "collection": "street-level",
}
