"""`python -m tests.bench`: the figures, as a table, and whether they meet the marks.

BENCH_LIBRARY: folders of real files, separated by spaces (the example library). BENCH_SIZES: numbers of files,
separated by commas (3600,36000). BENCH_RUNS: how often each work is done for the median (3). BENCH_DESK_SIZE: patterns
on the editors' desk (100000; 0: leave the desk out). BENCH_READERS_SIZES: numbers of published patterns that readers
search and read (3600,100000; empty: leave readers out). On SQLite, or on PostgreSQL where DATABASE_URL names it; the
server's own memory is not counted.
"""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

from tests.bench import desk, readers
from tests.bench.measuring import Figures, Run, memory, timed
from tests.bench.multiplying import Original, multiply, originals
from tests.databases import ROOT, command, is_postgresql, throw_away_database

SMALL, LARGE = 3_600, 36_000
RAW, COLD = "raw parse, one core", "cold import"
SAME, ONE = "import, nothing changed", "import, one file changed"
OUT, AGAIN = "export, empty folder", "export, nothing changed"


class Bench:
    """The works done on one library of one size."""

    def __init__(self, sources: list[Original], count: int, scratch: Path, template: str, runs: int) -> None:
        self.count = count
        self.scratch = scratch
        self.library = scratch / "library"
        self.template = template
        self.runs = runs
        self.size = multiply(sources, count, self.library)
        self.figures: dict[str, Figures] = {}

    def database(self) -> AbstractContextManager[str]:
        return throw_away_database(os.environ.get("DATABASE_URL", ""), like=self.template)

    def run(self) -> None:
        raw, cold = [], []
        # In turn, so that whatever else the machine does disturbs both alike.
        for _ in range(self.runs):
            raw.append(timed([sys.executable, "-m", "tests.bench.raw", str(self.library)], ""))
            with self.database() as url:
                cold.append(timed(command("import_patterns", self.library, "-v", "0"), url))
        self.note(RAW, raw)
        with self.database() as url:
            self.note(COLD, cold, memory(command("import_patterns", self.library, "-v", "0"), url))
            self.repeat(SAME, url, command("import_patterns", self.library, "-v", "0"))
            self.repeat(ONE, url, command("import_patterns", self.library, "-v", "0"), self.touch)
            out = self.scratch / "out"
            export = command("export_patterns", out, "-v", "0")
            self.note(OUT, [timed(export, url)])
            self.repeat(AGAIN, url, export)

    def touch(self) -> None:
        """Change one file."""
        file = next(self.library.rglob("*.md"))
        text = file.read_bytes()
        file.write_bytes(text + b"One line more.\n")

    def repeat(self, name: str, url: str, line: list[str], prepare: Callable[[], None] = lambda: None) -> None:
        runs = []
        for _ in range(self.runs + 2):
            prepare()
            runs.append(timed(line, url))
        prepare()
        self.note(name, runs, memory(line, url))

    def note(self, name: str, runs: list[Run], most: tuple[float, float] = (0.0, 0.0)) -> None:
        self.figures[name] = Figures.of(runs, most)

    def table(self) -> str:
        raw = self.figures[RAW]
        columns = ("seconds", "files/s", "× raw", "CPU s", "× raw", "RSS MB", "PSS MB")
        lines = [
            f"{self.count:,} files, {self.size / 1e6:,.1f} MB",
            f"  {'':26}" + "".join(f"{column:>9}" for column in columns),
        ]
        for name, found in self.figures.items():
            values = [
                f"{found.wall:.2f}",
                f"{self.count / found.wall:,.0f}",
                f"{found.wall / raw.wall:.2f}",
                f"{found.cpu:.2f}",
                f"{found.cpu / raw.cpu:.2f}",
                *(f"{value:,.0f}" if value else "" for value in (found.rss, found.pss)),
            ]
            lines.append(f"  {name:26}" + "".join(f"{value:>9}" for value in values))
        return "\n".join(lines) + "\n"


def marks(benches: dict[int, Bench]) -> list[str]:
    """What was aimed at, what came out, and whether that is it."""
    said = []

    def mark(words: str, found: float, most: float, unit: str) -> None:
        verdict = "met" if found <= most else "MISSED"
        said.append(f"  {verdict}: {words}: {found:.2f} {unit}, at most {most:g} {unit}")

    small, large = benches.get(SMALL), benches.get(LARGE)
    if small:
        found = small.figures
        mark("cold import against the raw parse on one core", found[COLD].wall / found[RAW].wall, 3, "times")
        mark("import with nothing changed", found[SAME].wall, 0.8, "s")
        mark("import with one file changed", found[ONE].wall, 1.2, "s")
    for bench in benches.values():
        most = max(figures.rss for figures in bench.figures.values())
        mark(f"memory of all processes together at {bench.count:,} files", most, 400, "MB")
    if small and large:
        one, ten = (bench.figures[COLD].wall / bench.count for bench in (small, large))
        mark(f"cost of a file at {LARGE:,} against {SMALL:,}", ten / one, 1.2, "times")
    return said


def main() -> int:
    folders = [Path(folder) for folder in os.environ.get("BENCH_LIBRARY", "").split()] or [ROOT / "fixtures/patterns"]
    sizes = [int(size) for size in os.environ.get("BENCH_SIZES", f"{SMALL},{LARGE}").split(",")]
    runs = int(os.environ.get("BENCH_RUNS", "3"))
    server = os.environ.get("DATABASE_URL", "")
    say = sys.stdout.write
    sources = originals(folders)
    say(
        f"{'PostgreSQL' if is_postgresql(server) else 'SQLite'}, {os.cpu_count()} cores, {len(sources):,} originals\n\n"
    )
    benches = {}
    with throw_away_database(server) as template:
        for size in sizes:
            with tempfile.TemporaryDirectory(prefix="bench-") as scratch:
                bench = Bench(sources, size, Path(scratch), template, runs if size < LARGE else max(1, runs - 2))
                bench.run()
            benches[size] = bench
            say(bench.table() + "\n")
            sys.stdout.flush()
    say("\n".join(marks(benches)) + "\n")
    sys.stdout.flush()
    if desk_size := int(os.environ.get("BENCH_DESK_SIZE", str(desk.SIZE))):
        say("\n" + desk.section(sources, lambda: throw_away_database(server), desk_size))
    for count in filter(None, os.environ.get("BENCH_READERS_SIZES", readers.SIZES).split(",")):
        say("\n" + readers.section(sources, lambda: throw_away_database(server), int(count)))
        sys.stdout.flush()
    return 0


if __name__ == "__main__":
    sys.exit(main())
