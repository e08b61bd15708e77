"""What readers wait for: how well and how quickly a large library is searched, and how many pages a second it serves.

`python -m tests.bench.readers` measures on the database that DATABASE_URL names, which has to hold an import; it
publishes what is not public yet, since no import publishes drafts without a change to each. `make bench` makes them of
3,600 and of 100,000 patterns first (BENCH_READERS_SIZES). Pages are asked for by wrk (Debian's package of that name),
against gunicorn with two workers, as deployed; the bare view beside it is Django with nothing but one look-up by
primary key and a template of the same size, no middleware at all.
"""

from __future__ import annotations

import os
import random
import re
import secrets
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Final, NamedTuple

from tests.bench.multiplying import Original, multiply
from tests.databases import ROOT, command, environment, is_postgresql

SIZES: Final = "3600,100000"
QUERIES: Final = 100
"""Queries of each kind that are measured."""

PAGES: Final = 500
"""Different patterns that are asked for."""

SECONDS: Final = 5
WARMING: Final = 20
"""Seconds before, in which each worker makes its copies of the pages."""

CONNECTIONS: Final = 4
"""Two for each worker: with more, all that is measured is how long they wait for their turn."""

P95: Final = {3_600: 20.0, 100_000: 100.0}
"""Milliseconds of the server's time within which nineteen of twenty searches are answered, by size of the library."""

LEAST: Final = 0.6
"""Of the bare view's requests a second."""

P99: Final = 20.0
"""Milliseconds within which 99 of 100 pages are there."""


class Served(NamedTuple):
    """Requests a second, and milliseconds within which 99 of 100 were answered."""

    rate: float
    p99: float


def publish_all() -> None:
    """Make every draft public as it is: a bench is no place for 100,000 decisions."""
    from django.db import connection, transaction
    from django.utils import timezone

    from patterns_app.models import Pattern
    from patterns_app.models.bulk import chunks
    from patterns_app.publishing import publish_many

    waiting = list(Pattern.objects.filter(snapshot__isnull=True).order_by("pk").values_list("pk", flat=True))
    for chunk in chunks(waiting, 2_000):
        with transaction.atomic():
            Pattern.objects.filter(pk__among=chunk).update(status="published")
            publish_many(chunk, at=timezone.now())
    with connection.cursor() as cursor:
        # Nothing here waits for a server's own housekeeping.
        cursor.execute("VACUUM ANALYZE" if connection.vendor == "postgresql" else "ANALYZE")


def searching(count: int) -> str:
    """The table of the search, and its marks."""
    from tests.search.quality import MARKS, items, measure

    known = items(most=QUERIES * 40)
    lines = [f"  {'query':<16}{'count':>7}{'hit@1':>8}{'hit@10':>8}{'MRR@10':>8}{'p50 ms':>8}{'p95 ms':>8}"]
    most = P95[min((size for size in P95 if count <= size), default=max(P95))]
    said = []
    for kind in MARKS:
        chosen = [item for item in known if item.kind == kind]
        chosen = random.Random(kind).sample(chosen, min(QUERIES, len(chosen)))
        if not chosen:
            continue
        measure(chosen[:1])  # the first query of a process opens the connection
        found = measure(chosen)[kind]
        lines.append(
            f"  {kind:<16}{found.count:>7,}{found.hit_1:>8.3f}{found.hit_10:>8.3f}{found.mrr_10:>8.3f}"
            f"{found.p50 * 1000:>8.1f}{found.p95 * 1000:>8.1f}"
        )
        verdict = "met" if found.p95 * 1000 <= most else "MISSED"
        said.append(f"  {verdict}: p95 of a search by {kind}: {found.p95 * 1000:.1f} ms, at most {most:g} ms")
    return "\n".join([*lines, *said]) + "\n"


# Serving


@contextmanager
def server(url: str, settings: str, **variables: str) -> Iterator[str]:
    """The address at which gunicorn serves the library, by a module of settings, with two workers."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    said = {"SECRET_KEY": secrets.token_hex(32), "ALLOWED_HOSTS": "127.0.0.1", "HTTPS": "off", "LOG_LEVEL": "ERROR"}
    line = [sys.executable, "-m", "gunicorn", "commons.wsgi:application", "--workers=2", "--log-level=error"]
    variables = {**environment(url), "DJANGO_SETTINGS_MODULE": settings, **said, **variables}
    process = subprocess.Popen([*line, f"--bind=127.0.0.1:{port}"], cwd=ROOT, env=variables)
    try:
        address = f"http://127.0.0.1:{port}"
        for _ in range(100):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.1)
        yield address
    finally:
        process.terminate()
        process.wait()


def loaded(address: str, paths: Sequence[str], scratch: Path) -> Served:
    """What wrk measures when it asks for the paths in turn. Raises `RuntimeError` where any answer is not 200."""
    wrk = shutil.which("wrk")
    if wrk is None:
        raise RuntimeError("The load is made by wrk, which is not installed: apt-get install wrk")
    listed = ", ".join(f'"{path}"' for path in paths)
    script = scratch / "paths.lua"
    script.write_text(
        f"paths = {{{listed}}}\nat = 0\nfunction request()\n  at = at % #paths + 1\n"
        '  return wrk.format("GET", paths[at])\nend\n',
        encoding="utf-8",
    )
    options = ["-t1", f"-c{CONNECTIONS}", "--latency", "-s", str(script), address]
    subprocess.run([wrk, f"-d{WARMING}s", *options], capture_output=True, check=True)
    text = subprocess.run([wrk, f"-d{SECONDS}s", *options], capture_output=True, text=True, check=True).stdout
    if "Non-2xx" in text or "Socket errors" in text:
        raise RuntimeError(text)
    rate = re.search(r"Requests/sec:\s+([\d.]+)", text)
    late = re.search(r"99%\s+([\d.]+)(us|ms|s)", text)
    if rate is None or late is None:
        raise RuntimeError(text)
    return Served(float(rate[1]), float(late[1]) * {"us": 0.001, "ms": 1, "s": 1000}[late[2]])


def serving(url: str) -> str:
    """The table of pages served, and its marks."""
    from patterns_app.models import Snapshot

    slugs = list(Snapshot.objects.order_by("pk").values_list("slug", flat=True))
    chosen = random.Random(1).sample(slugs, min(PAGES, len(slugs)))
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        scratch = Path(folder)
        pages = [f"/patterns/{slug}/" for slug in chosen if slug.isascii() and '"' not in slug]
        found: dict[str, Served] = {}
        ours, collected = "tests.bench.served", {"BENCH_STATIC": str(scratch / "static")}
        subprocess.run(
            command("collectstatic", "--no-input", "-v", "0"),
            cwd=ROOT,
            env={**environment(url), "DJANGO_SETTINGS_MODULE": ours, **collected},
            check=True,
        )
        with server(url, ours, **collected) as address:
            sizes = [len(urllib.request.urlopen(address + page).read()) for page in pages[:50]]
        size = sum(sizes) // len(sizes)
        bare = {"BENCH_PAGE_SIZE": str(size)}
        keys = [f"/{pk}/" for pk in Snapshot.objects.order_by("pk").values_list("pk", flat=True)[:PAGES]]

        def bare_view(name: str) -> None:
            with server(url, "tests.bench.bare", **bare) as address:
                found[name] = loaded(address, keys, scratch)

        bare_view("bare view")
        with server(url, ours, **collected) as address:
            found["a pattern, its copy fresh"] = loaded(address, pages[:1], scratch)
            found[f"{len(pages)} patterns, copies fresh"] = loaded(address, pages, scratch)
        bare_view("bare view again")
        with server(url, ours, CACHE_URL="dummycache://", **collected) as address:
            found[f"{len(pages)} patterns, none kept"] = loaded(address, pages, scratch)
            found["browse, none kept"] = loaded(address, ["/browse/"], scratch)
    base = (found["bare view"].rate + found["bare view again"].rate) / 2
    lines = [f"  {'':34}{'requests/s':>12}{'of bare':>9}{'p99 ms':>9}   (pages of {size / 1000:.0f} kB on average)"]
    lines += [f"  {name:34}{one.rate:>12,.0f}{one.rate / base:>9.2f}{one.p99:>9.1f}" for name, one in found.items()]
    fresh = found[f"{len(pages)} patterns, copies fresh"]
    marks = [
        f"  {'met' if fresh.rate / base >= LEAST else 'MISSED'}: patterns a second, of the bare view's:"
        f" {fresh.rate / base:.2f}, at least {LEAST:g}",
        f"  {'met' if fresh.p99 <= P99 else 'MISSED'}: p99 of a pattern: {fresh.p99:.1f} ms, at most {P99:g} ms",
    ]
    return "\n".join([*lines, *marks]) + "\n"


def section(sources: Sequence[Original], database: Callable[[], AbstractContextManager[str]], size: int) -> str:
    """The section of `make bench`: a library of that size is made, imported, published and read by a crowd."""
    with tempfile.TemporaryDirectory(prefix="bench-") as scratch, database() as url:
        library = Path(scratch) / "library"
        multiply(sources, size, library)
        lines = [command("import_patterns", library, "-v", "0"), [sys.executable, "-m", "tests.bench.readers"]]
        for line, worst in zip(lines, (1, 0), strict=True):
            done = subprocess.run(line, cwd=ROOT, env=environment(url), capture_output=True, text=True, check=False)
            if done.returncode > worst:
                raise RuntimeError(done.stderr)
        return done.stdout


def main() -> int:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "commons.settings")
    import django

    django.setup()
    from patterns_app.models import Snapshot

    url = os.environ.get("DATABASE_URL", "")
    publish_all()
    count = Snapshot.objects.count()
    say = sys.stdout.write
    say(f"Readers of {count:,} patterns, {'PostgreSQL' if is_postgresql(url) else 'SQLite'}\n")
    say(searching(count))
    sys.stdout.flush()
    say(serving(url))
    return 0


if __name__ == "__main__":
    sys.exit(main())
