"""A library of any size, made of real files: copies under new identities, linked among themselves as the originals are.

Each copy is a file like its original to the character but for its id, slug, title, aliases and the targets of its
relationships; what an original finds within its library, a copy finds within its lot of copies.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from yaml import MappingNode, Node, ScalarNode

from patterns_app.document.dialects import FIELDS, Shape
from patterns_app.document.frontmatter import NULL_TAG, entries, items, scalar_text
from patterns_app.document.reading import Reading, read
from patterns_app.document.values import target_key_of
from patterns_app.document.vocabulary import TYPEID, name_key
from patterns_app.sync.claims import Claims
from patterns_app.sync.library import Folder
from patterns_app.sync.parsing import Parsed, parse_file


@dataclass(frozen=True)
class Original:
    """A file to copy. holes: (start, end, kind) of what a copy says differently: "id", "slug" or "name"."""

    path: str
    text: str
    holes: Sequence[tuple[int, int, str]]

    def copy(self, number: int) -> tuple[str, str]:
        """(path, text) of a copy; number 0 is the original itself."""
        if number == 0:
            return self.path, self.text
        parts, position = [], 0
        for start, end, kind in self.holes:
            value = self.text[start:end]
            parts += [self.text[position:start], _renamed(value, kind, number)]
            position = end
        path = PurePosixPath(self.path)
        renamed = f"copy-{number:03}/{path.parent}/{path.stem}-{number}{path.suffix}"
        return str(PurePosixPath(renamed)), "".join(parts) + self.text[position:]


def _renamed(value: str, kind: str, number: int) -> str:
    if kind == "id":
        if not TYPEID.fullmatch(value):
            return f"{value}{number}"
        digest = hashlib.sha256(f"{value}{number}".encode()).digest()
        letters = base64.b32hexencode(digest)[:25].decode().lower().translate(str.maketrans("ilou", "wxyz"))
        return f"pat_{digest[0] % 8}{letters}"
    return f"{value}-{number}" if kind == "slug" else f"{value} {number}"


def originals(folders: Iterable[Path]) -> list[Original]:
    """The files of the folders that an import of all of them would let in."""
    claims = Claims()
    taken: list[tuple[str, Parsed]] = []
    for folder in folders:
        library = Folder.at(folder)
        for path in library.scan().paths:
            parsed = parse_file(library, path)
            if isinstance(parsed, Parsed) and claims.refusal(parsed, folder.name) is None:
                claims.claim(parsed, folder.name)
                taken.append((f"{folder.name}/{path}", parsed))
    documents = [parsed.document for _, parsed in taken]
    slugs = {document.slug for document in documents}
    identifiers = {document.id for document in documents if document.id}
    names = {name_key(alias) for document in documents for alias in document.aliases}

    def kind_of(target: str) -> str:
        """How the target is found within the library, "" if it is not."""
        return (
            "slug"
            if target in slugs
            else "id"
            if target in identifiers
            else "name"
            if name_key(target) in names
            else ""
        )

    return [Original(path, parsed.text, _holes(parsed, kind_of)) for path, parsed in taken]


def _holes(parsed: Parsed, kind_of: object) -> list[tuple[int, int, str]]:
    assert callable(kind_of)
    reading = read(parsed.text, name="it")
    found: list[tuple[int, int, str]] = []

    def hole(node: Node, kind: str) -> None:
        if kind and isinstance(node, ScalarNode) and node.tag != NULL_TAG and node.style not in (">", "|"):
            start, end = int(node.start_mark.index), int(node.end_mark.index)
            quoted = 1 if node.style in ("'", '"') else 0
            found.append((reading.front.start + start + quoted, reading.front.start + end - quoted, kind))

    for spec in FIELDS:
        place = reading.places.get((spec.name, spec.kind))
        if place is None:
            continue
        if spec.name in ("id", "slug", "title"):
            hole(place.value, {"title": "name"}.get(spec.name, spec.name))
        elif spec.name == "aliases":
            for node in items(place.value):
                hole(node, "name")
        elif spec.shape in (Shape.RELATIONSHIPS, Shape.INFERRED_LINKS):
            for node in items(place.value):
                target = _target(node, reading)
                if target is not None:
                    hole(target, kind_of(scalar_text(target) or ""))
    return sorted(set(found))


def _target(node: Node, reading: Reading) -> Node | None:
    if not isinstance(node, MappingNode):
        return node
    parts = {name: value for name, (_, value) in entries(node, reading.front).items()}
    key = target_key_of(parts, ("slug", "target", "id", "name"))
    return parts[key] if key else None


def multiply(sources: Sequence[Original], count: int, folder: Path) -> int:
    """Write `count` files made of the sources into the folder; how many bytes they have."""
    size = 0
    for number in range(count):
        path, text = sources[number % len(sources)].copy(number // len(sources))
        file = folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        size += file.write_bytes(text.encode())
    return size
