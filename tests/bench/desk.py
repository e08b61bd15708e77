"""The editors' desk over a large library: what each page costs in queries and in milliseconds of the server's time.

`python -m tests.bench.desk` measures on the database that DATABASE_URL names, which has to hold an import; it makes it
look used if it does not (see `crowding`). `make bench` makes one of 100,000 patterns first (BENCH_DESK_SIZE; 0: none).
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any, Final, NamedTuple

from tests.bench.multiplying import Original, multiply
from tests.databases import ROOT, command, environment, is_postgresql

SIZE: Final = 100_000
ROUNDS: Final = 5

LIST: Final = "/admin/patterns_app/pattern/"
LIST_QUERIES, LIST_MS = 12, 300.0
DASHBOARD_MS: Final = 500.0
OPEN_QUERIES, SAVE_QUERIES = 25, 40

STOCK: Final = {
    "form opened, 8 relationships": "Wagtail 57 queries, 79 ms",
    "form opened, 44 relationships": "Wagtail 165 queries, 199 ms",
    "form saved, 8 relationships": "Wagtail 91 queries, 61 ms",
    "form saved, 44 relationships": "Wagtail 271 queries, 114 ms",
    "search: two words": "Wagtail 236 ms (PostgreSQL), 1,699 ms (SQLite), over 3,616 pages",
}
"""The same work in Wagtail 8.0, on the same kind of machine, with a library of 3,616 patterns."""

PAGES: Final = {
    "list, first page": "",
    "list, page 20": "p=20",
    "list, page 1,900": "p=1900",
    # The first column has the boxes to tick.
    "list, by state, page 1,900": "o=2&p=1900",
    "list, by vitality": "o=-5",
    "list, by vitality, page 1,900": "o=-5&p=1900",
    "list, by change, page 1,900": "o=6&p=1900",
    "filter: waiting for my review": "work=review",
    "filter: sent back to me": "work=sent-back",
    "filter: written by me": "work=mine",
    "filter: draft": "state=draft",
    "filter: sent back": "state=sent-back",
    "filter: in review": "state=in-review",
    "filter: approved": "state=approved",
    "filter: published": "state=published",
    "filter: published, page 1,000": "state=published&p=1000",
    "filter: with unpublished changes": "state=unpublished-changes",
    "filter: held": "state=held",
    "filter: scheduled": "state=scheduled",
    "filter: deprecated": "state=deprecated",
    "filter: archived": "state=archived",
    "filter: problems, some": "problems=some",
    "filter: problems, some, page 100": "problems=some&p=100",
    "filter: problems, none, page 600": "problems=none&p=600",
    "filter: a domain": "domain={domain}",
    "filter: no domain": "domain=none",
    "filter: a collection": "collection={collection}",
    "filter: confidence": "confidence=2",
    "filter: confidence, other": "confidence=other",
    "filter: vitality band": "vitality=sustaining",
    "filter: vitality, none": "vitality=none",
    "filter: contributor": "contributor={contributor}",
    "filter: contributor, by name": "contributor=gardener+12",
    "filter: relationships, wanted": "relationships=wanted",
    "filter: relationships, resolved": "relationships=resolved",
    "filter: relationships, none": "relationships=none",
    "filter: standing alone": "relationships=orphan",
    "filter: standing alone, page 40": "relationships=orphan&p=40",
    "filter: audience": "audience={audience}",
    "filter: keyword": "keyword={keyword}",
    "filter: entity": "entity={entity}",
    "filter: community": "community={community}",
    "filter: published, problems, band, domain": "state=published&problems=some&vitality=sustaining&domain={domain}",
    "search: one word": "q=community",
    "search: a common part": "q=ing",
    "search: two words": "q=community+design",
    "search: two words, page 5": "q=community+design&p=5",
    "search: three words": "q=open+source+governance",
    "search: two letters": "q=ai",
    "search: no such word": "q=xylophonic",
    "search: two that never meet": "q=whistleblower+canvas",
    "search: how an id begins": "q=pat_01",
    "search: a word, in published": "q=community&state=published",
}


class Cost(NamedTuple):
    """queries of one request, median and slowest of some, in milliseconds."""

    queries: int
    ms: float
    slowest: float


def measure(request: Callable[[], Any], rounds: int = ROUNDS) -> Cost:
    """Ask once to warm up and to count, then some times by the clock."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    with CaptureQueriesContext(connection) as captured:
        request()
        # The next request forgets them.
        queries = len(captured)
    times = []
    for _ in range(rounds):
        start = time.perf_counter()
        request()
        times.append((time.perf_counter() - start) * 1000)
    return Cost(queries, median(times), max(times))


class DeskBench:
    """Somebody with every permission at the desk."""

    def __init__(self) -> None:
        from django.contrib.auth.models import User
        from django.test import Client

        self.user = User.objects.filter(username="bench").first() or User.objects.create_superuser("bench")
        self.client = Client(HTTP_HOST="localhost")
        self.client.force_login(self.user)

    def get(self, address: str) -> Any:
        response = self.client.get(address, secure=True)
        if response.status_code != 200:
            raise RuntimeError(f"{address}: {response.status_code}")
        return response

    def names(self) -> dict[str, int]:
        """Keys of what filters are tried with: middling ones, neither the commonest nor the rarest."""
        from patterns_app.models import Audience, Collection, Community, Contributor, Domain, Entity, Keyword

        models = (Audience, Collection, Community, Contributor, Domain, Entity, Keyword)
        found = {}
        for model in models:
            keys = list(model._default_manager.order_by("pk").values_list("pk", flat=True))
            found[model.__name__.lower()] = keys[len(keys) // 2] if keys else 0
        return found

    def lists(self) -> dict[str, Cost]:
        """What each list costs; pages that a small library does not have are left out."""
        names = self.names()
        found = {}
        for name, query in PAGES.items():
            address = f"{LIST}?{query.format(**names)}"
            if self.client.get(address, secure=True).status_code == 200:
                found[name] = measure(partial(self.get, address))
        return found

    def dashboard(self) -> dict[str, Cost]:
        from django.core.cache import cache
        from django.utils import timezone

        from patterns_app.admin.health import look

        def cold() -> None:
            cache.clear()
            look(at=timezone.now())

        found = {"a look at all relationships": measure(cold, 1)}
        found["dashboard"] = measure(partial(self.get, "/admin/"))
        for page in ("one-sided", "cycles", "published"):
            found[f"page of {page}"] = measure(partial(self.get, f"/admin/health/{page}/"))
        return found

    def forms(self) -> dict[str, Cost]:
        from tests.browser import fields_of

        found = {}
        opened, saved = {}, {}
        for count in (8, 44, 200):
            address = f"{LIST}{self.pattern(count)}/change/"
            opened[f"form opened, {count} relationships"] = measure(partial(self.get, address))
            fields = fields_of(self.get(address).content, "pattern_form")
            number = iter(range(1_000))

            def save(address: str = address, fields: dict[str, str] = fields, number: Any = number) -> None:
                # What the page has since the last save; reading it is not part of the work.
                posted = {**fields, "summary": f"Said the {next(number)}th time.", "_continue": "Save"}
                response = self.client.post(address, posted, secure=True)
                if response.status_code != 302:
                    raise RuntimeError(f"{address}: not saved")

            saved[f"form saved, {count} relationships"] = self._saving(address, save, fields)
        found.update(opened)
        found.update(saved)
        return found

    def _saving(self, address: str, save: Callable[[], None], fields: dict[str, str]) -> Cost:
        from tests.browser import fields_of

        costs = []
        for _ in range(ROUNDS):
            costs.append(_once(save))
            fields.update(fields_of(self.get(address).content, "pattern_form"))
        return Cost(costs[0].queries, median(cost.ms for cost in costs), max(cost.ms for cost in costs))

    def pattern(self, count: int) -> int:
        """A pattern with so many relationships, made if it is not there."""
        from django.utils import timezone

        from patterns_app.document.pattern import Relationship
        from patterns_app.models import Pattern
        from patterns_app.workflow import create_draft
        from tests.factories import make_document

        slug = f"bench-{count}-relationships"
        if found := Pattern.objects.filter(slug=slug).first():
            return found.pk
        targets = Pattern.objects.order_by("pk").values_list("slug", flat=True)[:count]
        related = tuple(Relationship("enables", target, 0.5) for target in targets)
        made = create_draft(
            document=make_document(slug=slug, relationships=related), author=self.user, at=timezone.now()
        )
        return made.pk


def _once(request: Callable[[], Any]) -> Cost:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    with CaptureQueriesContext(connection) as captured:
        start = time.perf_counter()
        request()
        ms = (time.perf_counter() - start) * 1000
        return Cost(len(captured), ms, ms)


def table(title: str, costs: dict[str, Cost]) -> str:
    lines = [title, f"  {'':44}{'queries':>9}{'ms':>9}{'slowest':>9}"]
    for name, cost in costs.items():
        line = f"  {name:44}{cost.queries:>9}{cost.ms:>9.0f}{cost.slowest:>9.0f}"
        lines.append(f"{line}   {STOCK[name]}" if name in STOCK else line)
    return "\n".join(lines) + "\n"


def marks(lists: dict[str, Cost], pages: dict[str, Cost], forms: dict[str, Cost]) -> list[str]:
    """What was aimed at, what came out, and whether that is it."""
    said = []

    def mark(words: str, found: float, most: float, where: str = "") -> None:
        said.append(f"  {'met' if found <= most else 'MISSED'}: {words}: {found:,.0f}, at most {most:,.0f}{where}")

    plain = {name: cost.ms for name, cost in lists.items() if not name.startswith("search")}
    worst = max(plain, key=lambda name: plain[name])
    mark("queries of any list", max(cost.queries for cost in lists.values()), LIST_QUERIES)
    mark("ms of any list, any filter, any page", plain[worst], LIST_MS, f" ({worst})")
    mark("ms of a search for two words", lists["search: two words"].ms, LIST_MS)
    mark("ms of the dashboard, warm", pages["dashboard"].ms, DASHBOARD_MS)
    opened = [cost.queries for name, cost in forms.items() if "opened" in name]
    mark("queries to open a form", max(opened), OPEN_QUERIES)
    mark("more queries for 200 relationships than for 8", opened[-1] - opened[0], 0)
    mark("queries to save a form", max(cost.queries for name, cost in forms.items() if "saved" in name), SAVE_QUERIES)
    return said


def section(sources: Sequence[Original], database: Callable[[], AbstractContextManager[str]], size: int) -> str:
    """The section of `make bench`: a library of that size is made, imported and measured in a process of its own."""
    with tempfile.TemporaryDirectory(prefix="bench-") as scratch, database() as url:
        library = Path(scratch) / "library"
        multiply(sources, size, library)
        imported = subprocess.run(
            command("import_patterns", library, "-v", "0"),
            cwd=ROOT,
            env=environment(url),
            capture_output=True,
            check=False,
        )
        if imported.returncode > 1:
            raise RuntimeError(imported.stderr.decode())
        measured = subprocess.run(
            [sys.executable, "-m", "tests.bench.desk"],
            cwd=ROOT,
            env=environment(url),
            capture_output=True,
            text=True,
            check=False,
        )
        if measured.returncode:
            raise RuntimeError(measured.stderr)
        return measured.stdout


def main() -> int:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "commons.settings")
    import django
    from django.conf import settings

    settings.SECRET_KEY = "of the bench"
    settings.ALLOWED_HOSTS = ["localhost"]
    # Names with digests need `collectstatic` to have run.
    settings.STORAGES = {
        **settings.STORAGES,
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
    }
    settings.EMAIL_BACKEND = "django.core.mail.backends.dummy.EmailBackend"
    django.setup()
    from django.contrib.auth.models import User
    from django.utils import timezone

    from patterns_app.models import Pattern
    from tests.bench.crowding import crowd

    if not User.objects.filter(username="person-0").exists():
        crowd(at=timezone.now())
    bench = DeskBench()
    lists, pages, forms = bench.lists(), bench.dashboard(), bench.forms()
    engine = "PostgreSQL" if is_postgresql(os.environ.get("DATABASE_URL", "")) else "SQLite"
    say = sys.stdout.write
    say(table(f"The desk over {Pattern.objects.count():,} patterns, {engine}", lists))
    say(table("", pages))
    say(table("", forms))
    say("\n".join(marks(lists, pages, forms)) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
