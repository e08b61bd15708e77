"""`make fuzz`: broken and mangled files against the document layer, for a minute or as long as FUZZ_SECONDS says.

Each round mangles example files (characters, lines, pieces of YAML, halves of two files) and asks for what holds of
every text: reading either refuses with a line or gives a document; writing what is said anyway changes nothing; a
changed field reads back as meant, touches no other key, and changes back to what was said.

FUZZ_SEED: begin with this seed instead of a random one. A text that breaks a promise is kept in var/fuzz, cut down as
far as it still does, and the exit status is 1.
"""

from __future__ import annotations

import dataclasses
import os
import random
import sys
import time
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

from patterns_app.document.dialects import FIELDS, Shape
from patterns_app.document.pattern import PatternDocument, Relationship
from patterns_app.document.reading import Unreadable, other_keys, read
from patterns_app.document.writing import EditRefused, write
from tests.document import library, strategies

KEPT = Path(__file__).resolve().parent.parent / "var" / "fuzz"

TOKENS = (
    "---\n",
    "...\n",
    "\t",
    "\r\n",
    "\r",
    "\ufeff",
    "\0",
    "\x85",
    "\u2028",
    "\u202e",
    "\ud83d\ude42",
    "# ",
    " #c\n",
    ": ",
    "- ",
    "- - ",
    "? ",
    "{",
    "}",
    "[",
    "]",
    ", ",
    "'",
    '"',
    "''",
    '\\"',
    "|",
    ">-\n",
    ">+\n",
    "|2-\n",
    "&a ",
    "*a",
    "<<: *a\n",
    "!!str ",
    "!!binary ",
    "%YAML 1.1\n",
    "~",
    "null",
    "yes",
    "1.10",
    "0x1F",
    "1e999",
    "-.inf",
    ".nan",
    "\\x00",
    "\\ud800",
    "aliases: [a, a]\n",
    "title: x\n",
    "relationships: {enables: [{slug: a, weight: 2}]}\n",
    "  weight: 0.5\n",
    "```\n",
    "### Section 1: Context\n",
    "\n\n\n",
)


def mangled(chance: random.Random, texts: list[str]) -> str:
    """One or two example files after a few blows, most of them into the front matter."""
    text = chance.choice(texts)
    if chance.random() < 0.15:
        other = chance.choice(texts)
        text = text[: chance.randrange(len(text))] + other[chance.randrange(len(other)) :]
    for _ in range(chance.choice((0, 1, 1, 2, 3, 6))):
        end = max(text.find("\n---", 4), 20) if chance.random() < 0.85 else len(text)
        at = chance.randrange(max(end, 1))
        match chance.randrange(6):
            case 0:
                text = text[:at] + chance.choice(TOKENS) + text[at:]
            case 1:
                text = text[:at] + text[at + chance.choice((1, 1, 2, 8, 40)) :]
            case 2:
                lines = text.splitlines(keepends=True) or [""]
                line = chance.randrange(len(lines))
                lines[line : line + chance.choice((1, 1, 3))] = chance.choice(
                    ([], [lines[line]] * 2, [chance.choice(TOKENS)])
                )
                text = "".join(lines)
            case 3:
                text = (
                    text[:at]
                    + chr(chance.choice((32, 9, 34, 39, 35, 58, 45, 160, 173, 8203, 0x1F642)))
                    + text[at + 1 :]
                )
            case 4:
                text = text.replace("\n", chance.choice(("\r\n", "\r", "\n\n")), chance.choice((1, 5, -1)))
            case _:
                start = chance.randrange(max(end, 1))
                text = text[:at] + text[start : start + chance.randrange(1, 60)] + text[at:]
    return text


def changed(chance: random.Random, document: PatternDocument) -> PatternDocument:
    """The document with one field changed."""
    spec = chance.choice(FIELDS)
    nasty = [text for text in strategies.NASTY if "\0" not in text and 0 < len(text) <= 255 and text.strip()]
    match spec.shape:
        case Shape.TEXT:
            value: Any = chance.choice(["a-slug", "another"] if spec.name in ("slug", "id") else [*nasty, ""])
        case Shape.SCORE:
            value = chance.choice((None, 0.0, 1.0, 2.5, 4.65, 5.0))
        case Shape.STARS:
            value = chance.choice((None, 0, 1, 4))
        case Shape.RELATIONSHIPS:
            stated = list(document.relationships)
            own = [entry for entry in stated if entry.kind == spec.kind]
            if own and chance.random() < 0.5:
                stated.remove(chance.choice(own))
            else:
                stated.append(
                    Relationship(spec.kind, "quite-new", chance.choice((None, 0.5)), chance.choice(["", *nasty]))
                )
            value = tuple(stated)
        case _:
            entries = list(getattr(document, spec.name))
            if spec.shape is Shape.TEXTS and chance.random() < 0.5:
                entries.insert(chance.randrange(len(entries) + 1), f"new {chance.choice(nasty)}"[:200])
            elif entries:
                entries.pop(chance.randrange(len(entries)))
            value = tuple(entries)
    return dataclasses.replace(document, **{spec.name: value})


def attempt(text: str, seed: int) -> str:
    """What became of one text: "refused", "read" or "changed". Raises whatever a broken promise raises."""
    try:
        reading = read(text, name="fuzz")
    except Unreadable:
        return "refused"
    document = reading.document
    assert document.body == text[reading.front.body :]
    assert document.fingerprint() == read(text, name="fuzz").document.fingerprint()
    assert write(text, document, name="fuzz") == text
    keys = [(key.path, key.source) for key in other_keys(reading)]
    wanted = changed(random.Random(seed), document)
    try:
        result = write(text, wanted, name="fuzz")
    except EditRefused:
        return "read"
    said = read(result, name="fuzz")
    assert not {
        name for name in said.document.differs_from(wanted) if name not in ("preamble", "sections", "relationships")
    }
    assert set(said.document.relationships) == set(wanted.relationships)
    assert [(key.path, key.source) for key in other_keys(said)] == keys
    # The very bytes come back for files as people write them (tests/document); of a mangled one, at least what it said.
    back = read(write(result, document, name="fuzz", precedents=[text]), name="fuzz")
    assert back.document == document
    assert [(key.path, key.source) for key in other_keys(back)] == keys
    return "changed"


def broken(text: str, seed: int) -> str:
    """The traceback of a broken promise, "" if all hold."""
    try:
        attempt(text, seed)
    except Exception:  # noqa: BLE001 # whatever it is, it is what we look for
        return traceback.format_exc()
    return ""


def cut_down(text: str, is_broken: Callable[[str], bool], until: float) -> str:
    """A shorter text that still breaks the promise: pieces taken out, ever smaller ones, as long as there is time."""
    size = len(text) // 2
    while size and time.monotonic() < until:
        start = 0
        while start < len(text) and time.monotonic() < until:
            shorter = text[:start] + text[start + size :]
            if is_broken(shorter):
                text = shorter
            else:
                start += size
        size //= 2
    return text


def main() -> int:
    seconds = float(os.environ.get("FUZZ_SECONDS", "60"))
    first = int(os.environ.get("FUZZ_SEED", "0")) or random.randrange(1, 10**9)
    texts = [text[:6000] if chance % 2 else text for chance, text in enumerate(library.texts().values())]
    tally = {"refused": 0, "read": 0, "changed": 0}
    until, seed = time.monotonic() + seconds, first
    while time.monotonic() < until:
        text = mangled(random.Random(seed), texts)
        if why := broken(text, seed):
            short = cut_down(text, lambda shorter, seed=seed: bool(broken(shorter, seed)), time.monotonic() + 20)  # type: ignore[misc]
            KEPT.mkdir(parents=True, exist_ok=True)
            file = KEPT / f"{seed}.md"
            file.write_bytes(short.encode(errors="surrogatepass"))
            sys.stderr.write(f"{why}\nFUZZ_SEED={seed} breaks a promise; the text is kept, cut down, in {file}.\n")
            sys.stdout.write(f"{seed - first} passed, 1 failed\n")
            return 1
        tally[attempt(text, seed)] += 1
        seed += 1
    done = ", ".join(f"{count:,} {word}" for word, count in tally.items())
    sys.stdout.write(f"FUZZ_SEED={first}: {done}\n{seed - first} passed, 0 failed\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
