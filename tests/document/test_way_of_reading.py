"""Whoever changes what an unchanged text says has to say so: `READING` tells the rows of old databases apart."""

from __future__ import annotations

import json
from pathlib import Path, PurePosixPath

from patterns_app.document.pattern import READING
from patterns_app.document.reading import read
from tests.document import library

GOLDEN = Path(__file__).resolve().parent.parent / "golden" / "fingerprints.json"


def test_every_example_says_what_it_said_when_this_way_of_reading_began() -> None:
    found = {path: read(text, name=PurePosixPath(path).stem) for path, text in library.examples().items()}
    said = {path: reading.document.fingerprint() for path, reading in sorted(found.items())}
    expected = json.loads(GOLDEN.read_text(encoding="utf-8"))
    assert said == expected, (
        f"Texts say something else than before. If examples were edited, take their fingerprints into {GOLDEN.name}. "
        f"If reading was changed, raise READING (it is {READING}) as well, so that databases are read again."
    )
