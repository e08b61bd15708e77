"""`python -m tests.bench.raw FOLDER`: read every file, cut off the front matter, load it with `yaml.CSafeLoader`.

What anything that reads such a library has to do at the least, on one core. Prints how many files it loaded.
"""

from __future__ import annotations

import os
import sys

import yaml


def main(folder: str) -> None:
    loaded = 0
    for place, _, names in os.walk(folder):
        for name in names:
            if not name.endswith(".md"):
                continue
            with open(os.path.join(place, name), encoding="utf-8", newline="") as stream:  # noqa: PTH118, PTH123
                text = stream.read()
            front = text.split("\n---", 1)[0].removeprefix("---")
            try:
                yaml.load(front, yaml.CSafeLoader)
            except (yaml.YAMLError, ValueError):
                continue
            loaded += 1
    sys.stdout.write(f"{loaded}\n")


if __name__ == "__main__":
    main(sys.argv[1])
