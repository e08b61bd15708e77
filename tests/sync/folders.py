"""Folders of pattern files to import: the example library, and small files made to order."""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path

from tests.databases import ROOT

EXAMPLES = ROOT / "fixtures" / "patterns"


def copy_examples(folder: Path) -> Path:
    """The example library, copied into `folder`."""
    return shutil.copytree(EXAMPLES, folder)


def example_paths() -> list[str]:
    """Every file of the example library, relative to it."""
    return sorted(path.relative_to(EXAMPLES).as_posix() for path in EXAMPLES.rglob("*.md"))


def typeid(number: int) -> str:
    """A well-formed id, another for each number."""
    return f"pat_01hzzzzzzzzzzzzzzzzz{number:06d}"


def pattern_file(
    slug: str = "",
    *,
    id: str = "",
    title: str = "",
    aliases: Sequence[str] = (),
    enables: Sequence[str] = (),
    status: str = "draft",
    body: str = "Every cellar on the street holds the same ladder.\n",
    extra: str = "",
) -> str:
    """A small pattern file with a comment that only a careful editor keeps."""
    lines = ["---", "# kept by hand"]
    lines += [f"id: {id}"] if id else []
    lines += [f"slug: {slug}"] if slug else []
    lines += [f'title: "{title or slug.replace("-", " ").capitalize()}"']
    lines += ["aliases:", *(f'  - "{alias}"' for alias in aliases)] if aliases else []
    lines += ["lifecycle:", f"  status: {status}  # the author's word"]
    lines += ["relationships:", "  enables:", *(f"    - slug: {target}" for target in enables)] if enables else []
    lines += [extra] if extra else []
    return "\n".join([*lines, "---", "", f"# {title or slug}", "", body])


def write_files(folder: Path, files: Mapping[str, str | bytes]) -> Path:
    """Put the files into the folder, made if need be."""
    folder.mkdir(parents=True, exist_ok=True)
    for path, content in files.items():
        file = folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content.encode() if isinstance(content, str) else content)
    return folder


def write_many(folder: Path, count: int, *, title: str = "", start: int = 0) -> Path:
    """`count` files, each with two aliases and links to its neighbours."""
    return write_files(
        folder,
        {
            f"part-{number % 7}/pattern-{number}.md": pattern_file(
                f"pattern-{number}",
                id=typeid(number),
                title=f"{title} {number}".strip() if title else "",
                aliases=[f"Name {number}", f"Other name {number}"],
                enables=[f"pattern-{number + 1}", f"Name {number + 2}", f"nowhere-{number % 5}"],
            )
            for number in range(start, start + count)
        },
    )


def bytes_in(folder: Path) -> dict[str, bytes]:
    """Everything in the folder, hidden files too: path → bytes."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()
    }
