"""A pattern's page, taken to pieces to look at."""

from __future__ import annotations

from html.parser import HTMLParser
from typing import Any

from django.test import Client
from django.urls import reverse

from patterns_app.models import Pattern
from patterns_app.publishing import publish_many
from tests.factories import NOON, make_pattern

VOID = frozenset({"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"})
# What closes itself in SVG, where a slash does so.
DRAWN = frozenset({"path", "rect", "circle", "line"})


class Page(HTMLParser):
    """A page taken to pieces. Raises AssertionError where an element is not closed, or closed where none is open."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.ids: list[str] = []
        self.links: list[str] = []
        self.tags: list[tuple[str, dict[str, str]]] = []
        self.words: dict[str, list[str]] = {}
        self.feed(html)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = {name: value or "" for name, value in attrs}
        assert len(said) == len(attrs), f"an attribute twice in {tag}"
        self.tags.append((tag, said))
        self.ids += [said["id"]] if "id" in said else []
        if tag == "a" and "href" in said:
            assert "a" not in self.open, "a link in a link"
            self.links.append(said["href"])
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag in DRAWN
        self.tags.append((tag, {name: value or "" for name, value in attrs}))

    def handle_endtag(self, tag: str) -> None:
        assert self.open, f"{tag} is closed where none is open"
        assert self.open[-1] == tag, f"{tag} is closed within {self.open[-1]}"
        self.open.pop()

    def handle_data(self, data: str) -> None:
        for tag in set(self.open):
            self.words.setdefault(tag, []).append(data)

    def text(self, tag: str = "body") -> str:
        return " ".join("".join(self.words.get(tag, [])).split())


def make_public(slug: str = "shared-tool-library", **fields: Any) -> Pattern:
    pattern = make_pattern(slug=slug, **{"status": "published", **fields})
    assert publish_many([pattern.pk], at=NOON) == {}
    return pattern


def get(slug: str = "shared-tool-library", audience: str = "") -> str:
    response = Client().get(reverse("pattern", args=[slug]), {"audience": audience} if audience else {})
    assert response.status_code == 200
    return str(response.content.decode())


def looked_at(slug: str = "shared-tool-library", audience: str = "") -> Page:
    return Page(get(slug, audience))
