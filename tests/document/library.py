"""The example library as texts, and whatever folders PATTERNS_CORPUS adds to it.

PATTERNS_CORPUS: folders, separated like PATH. Tests that take minutes over thousands of files look at a sample there.
"""

from __future__ import annotations

import os
from functools import cache
from pathlib import Path

from patterns_app.document.frontmatter import Unreadable, split

EXAMPLES = Path(__file__).parents[2] / "fixtures" / "patterns"


def _text(path: Path) -> str:
    return path.read_bytes().decode()  # never through newline translation


@cache
def examples() -> dict[str, str]:
    """Every file of the example library by its path in it."""
    return {path.relative_to(EXAMPLES).as_posix(): _text(path) for path in sorted(EXAMPLES.rglob("*.md"))}


def example(name: str) -> str:
    """One file of the example library by its slug."""
    return next(text for path, text in examples().items() if path.endswith(f"/{name}.md"))


@cache
def texts() -> dict[str, str]:
    """The example library, and every file of the corpus that can be read."""
    found = dict(examples())
    for folder in os.environ.get("PATTERNS_CORPUS", "").split(os.pathsep):
        for path in sorted(Path(folder).rglob("*.md")) if folder else ():
            text = _text(path)
            try:
                split(text)
            except Unreadable:
                continue
            found[path.as_posix()] = text
    return found
