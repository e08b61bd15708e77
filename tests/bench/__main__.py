"""`python -m tests.bench`: the figures, as a table, and whether they meet the marks.

BENCH_LIBRARY: folders of real files, separated by spaces (the example library). BENCH_SIZES: numbers of files,
separated by commas (3600,36000). BENCH_RUNS: how often each work is done for the median (3). On SQLite, or on
PostgreSQL where DATABASE_URL names it; the server's own memory is not counted.
"""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

from tests.bench.measuring import Figures, memory, middle, timed
from tests.bench.multiplying import Original, multiply, originals
from tests.databases import ROOT, command, is_postgresql, throw_away_database

SMALL, LARGE = 3_600, 36_000


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
        self.note("raw parse, one core", raw)
        with self.database() as url:
            self.note("cold import", cold, memory(command("import_patterns", self.library, "-v", "0"), url))
            self.repeat("import, nothing changed", url, command("import_patterns", self.library, "-v", "0"))
            self.repeat(
                "import, one file changed", url, command("import_patterns", self.library, "-v", "0"), self.touch
            )
            out = self.scratch / "out"
            export = command("export_patterns", out, "-v", "0")
            self.note("export, empty folder", [timed(export, url)])
            self.repeat("export, nothing changed", url, export)

    def touch(self) -> None:
        """Change one file."""
        file = next(self.library.rglob("*.md"))
        text = file.read_bytes()
        file.write_bytes(text + b"One line more.\n")

    def repeat(self, name: str, url: str, line: list[str], prepare: Callable[[], None] = lambda: None) -> None:
        seconds = []
        for _ in range(self.runs + 2):
            prepare()
            seconds.append(timed(line, url))
        prepare()
        self.note(name, seconds, memory(line, url))

    def note(self, name: str, seconds: list[float], most: tuple[float, float] = (0.0, 0.0)) -> None:
        self.figures[name] = Figures(middle(seconds), *most)

    def table(self) -> str:
        raw = self.figures["raw parse, one core"].seconds
        lines = [
            f"{self.count:,} files, {self.size / 1e6:,.1f} MB",
            f"  {'':28}{'seconds':>9}{'files/s':>9}{'× raw':>8}{'RSS MB':>8}{'PSS MB':>8}",
        ]
        for name, found in self.figures.items():
            rss, pss = (f"{value:,.0f}" if value else "" for value in (found.resident, found.own))
            per_second, ratio = self.count / found.seconds, found.seconds / raw
            lines.append(f"  {name:28}{found.seconds:>9.2f}{per_second:>9,.0f}{ratio:>8.2f}{rss:>8}{pss:>8}")
        return "\n".join(lines) + "\n"


def marks(benches: dict[int, Bench]) -> list[str]:
    """What was aimed at, what came out, and whether that is it."""
    said = []

    def mark(words: str, found: float, most: float, unit: str) -> None:
        verdict = "met" if found <= most else "MISSED"
        said.append(f"  {verdict}: {words}: {found:.2f} {unit}, at most {most:g} {unit}")

    small, large = benches.get(SMALL), benches.get(LARGE)
    for bench in benches.values():
        if bench is small:
            raw = bench.figures["raw parse, one core"].seconds
            mark(
                "cold import against the raw parse on one core", bench.figures["cold import"].seconds / raw, 3, "times"
            )
            mark("import with nothing changed", bench.figures["import, nothing changed"].seconds, 0.8, "s")
            mark("import with one file changed", bench.figures["import, one file changed"].seconds, 1.2, "s")
        most = max(figures.own for figures in bench.figures.values())
        mark(f"memory of all processes together at {bench.count:,} files", most, 400, "MB")
    if small and large:
        one, ten = (bench.figures["cold import"].seconds / bench.count for bench in (small, large))
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
    return 0


if __name__ == "__main__":
    sys.exit(main())
