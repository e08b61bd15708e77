"""Throw-away databases for what runs as processes of its own, and `manage.py` run on them."""

from __future__ import annotations

import os
import secrets
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg
from psycopg import sql

ROOT = Path(__file__).resolve().parent.parent


def is_postgresql(url: str) -> bool:
    return url.startswith(("postgres://", "postgresql://"))


def environment(url: str) -> dict[str, str]:
    """The environment of a process that works on the database at `url`."""
    kept = {key: value for key, value in os.environ.items() if key not in {"DATABASE_POOL", "DEBUG", "SECRET_KEY"}}
    return {**kept, "DATABASE_URL": url, "DJANGO_SETTINGS_MODULE": "commons.settings"}


def command(*arguments: str | os.PathLike[str]) -> list[str]:
    """The command line of `manage.py` with these arguments."""
    return [sys.executable, str(ROOT / "manage.py"), *(os.fspath(argument) for argument in arguments)]


def manage(url: str, *arguments: str | os.PathLike[str], timeout: float = 600) -> subprocess.CompletedProcess[str]:
    """Run `manage.py` with the arguments on the database at `url`, to its end."""
    return subprocess.run(
        command(*arguments),
        cwd=ROOT,
        env=environment(url),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        timeout=timeout,
    )


@contextmanager
def throw_away_database(server: str = "", *, like: str = "") -> Iterator[str]:
    """The URL of a database of its own, removed afterwards: a SQLite file, or one beside that of a PostgreSQL URL.

    Its tables are made; like: the URL of a database that this function gave, to copy instead of migrating anew.
    """
    with _empty(server, like) as url:
        if not like:
            migrated = manage(url, "migrate", "--verbosity", "0")
            if migrated.returncode:
                raise RuntimeError(migrated.stderr)
        yield url


@contextmanager
def _empty(server: str, like: str) -> Iterator[str]:
    if not is_postgresql(server):
        with tempfile.TemporaryDirectory(prefix="patterns-") as folder:
            file = Path(folder) / "patterns.sqlite3"
            if like:
                shutil.copy(like.removeprefix("sqlite:///"), file)
            yield f"sqlite:///{file}"
        return
    parts = urlsplit(server)
    name = f"throw_away_{os.getpid()}_{secrets.token_hex(4)}"
    template = urlsplit(like).path.lstrip("/") if like else "template0"
    maintenance = urlunsplit(parts._replace(path="/postgres"))
    with psycopg.connect(maintenance, autocommit=True) as connection:
        connection.execute(
            sql.SQL("CREATE DATABASE {} TEMPLATE {} ENCODING 'UTF8'").format(
                sql.Identifier(name), sql.Identifier(template)
            )
        )
        try:
            yield urlunsplit(parts._replace(path=f"/{name}"))
        finally:
            connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))
