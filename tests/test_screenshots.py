"""The tour in docs/pages.md shows the pictures that tests/screenshots.py makes, of patterns that there are."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

from patterns_app.urls import urlpatterns
from tests.screenshots import BROUGHT_ABOUT, FOLDER, PAGES

ROOT: Final = Path(__file__).resolve().parent.parent
KINDS: Final = {library: [*pages, *BROUGHT_ABOUT] for library, pages in PAGES.items()}
MADE: Final = {f"{library}-{word}.webp" for library, words in KINDS.items() for word in words}

FOR_MACHINES: Final = {"permanent", "patterns", "search_suggest", "edit-link", "library-card"}
"""Addresses that lead on, or are no page to look at; formats, feeds and the like have a suffix or no template."""


def test_the_tour_shows_each_picture_that_is_made_and_no_other() -> None:
    shown = re.findall(r"\]\(images/([\w-]+\.webp)\)", (ROOT / "docs/pages.md").read_text())
    assert sorted(shown) == sorted(MADE)
    assert {path.name for path in FOLDER.glob("*.webp")} == MADE


def test_both_libraries_show_each_kind_of_page_that_they_have() -> None:
    # No pattern of commons.engineering is deprecated.
    assert set(KINDS["example"]) - set(KINDS["commons"]) == {"deprecated"}
    assert set(KINDS["commons"]) <= set(KINDS["example"])


def test_each_page_for_people_is_shown() -> None:
    """A new page needs a picture: what has an address ending in a slash is looked at by people."""
    pages = [entry for entry in urlpatterns if str(entry.pattern).rstrip("$").endswith("/") or not str(entry.pattern)]
    pages = [entry for entry in pages if entry.name not in FOR_MACHINES and "feed" not in str(entry.name)]
    shown = [path.split("?")[0].split("#")[0].lstrip("/") for path in PAGES["example"].values()]
    lists = {"domains", "collections", "contributors", "entities", "communities"}  # One stands for all of them.
    for entry in pages:
        if entry.name in lists:
            assert any(path.rstrip("/") in lists for path in shown)
        elif entry.name != "shared-preview":
            assert any(entry.pattern.match(path) for path in shown), entry.name


def test_pictures_of_the_example_library_are_of_its_patterns() -> None:
    slugs = {path.stem for path in (ROOT / "fixtures/patterns").rglob("*.md")}
    for word, path in PAGES["example"].items():
        if word != "missing" and (named := re.match(r"/patterns/([\w-]+)/", path)):
            assert named[1] in slugs, word


def test_the_pictures_stay_small() -> None:
    assert sum(path.stat().st_size for path in FOLDER.iterdir()) < 4_200_000
