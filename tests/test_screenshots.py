"""The tour in docs/pages.md shows the pictures that tests/screenshots.py makes, of patterns that there are."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

from tests.screenshots import FOLDER, PAGES

ROOT: Final = Path(__file__).resolve().parent.parent
MADE: Final = {f"{library}-{word}.webp" for library, pages in PAGES.items() for word in pages}


def test_the_tour_shows_each_picture_that_is_made_and_no_other() -> None:
    shown = re.findall(r"\]\(images/([\w-]+\.webp)\)", (ROOT / "docs/pages.md").read_text())
    assert sorted(shown) == sorted(MADE)
    assert {path.name for path in FOLDER.glob("*.webp")} == MADE


def test_pictures_of_the_example_library_are_of_its_patterns() -> None:
    slugs = {path.stem for path in (ROOT / "fixtures/patterns").rglob("*.md")}
    for word, path in PAGES["example"].items():
        if word != "missing" and (named := re.match(r"/patterns/([\w-]+)/", path)):
            assert named[1] in slugs, word


def test_the_pictures_stay_small() -> None:
    assert sum(path.stat().st_size for path in FOLDER.iterdir()) < 2_000_000
