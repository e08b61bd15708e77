"""The settings as a fresh process sees them: each test starts one, with an environment of its own."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings

DEPLOYED = {
    "SECRET_KEY": "x7Jr2vW9-a-long-and-random-text-of-more-than-fifty-characters-q0Zt5Lm8",
    "ALLOWED_HOSTS": "patterns.example.org",
    "CSRF_TRUSTED_ORIGINS": "https://patterns.example.org",
}

SQLITE_PRAGMAS = """
import django, json
django.setup()
from django.db import connection

def pragma(name):
    with connection.cursor() as cursor:
        return cursor.execute(f"PRAGMA {name}").fetchone()[0]

names = ["foreign_keys", "journal_mode", "synchronous", "busy_timeout", "cache_size", "mmap_size"]
print(json.dumps({name: pragma(name) for name in names}))
"""

TRANSACTION = """
import django, sqlite3
django.setup()
from django.db import connection, transaction
with transaction.atomic():
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    other = sqlite3.connect(connection.settings_dict["NAME"], timeout=0)
    try:
        other.execute("CREATE TABLE late (id)")
    except sqlite3.OperationalError as error:
        print(error)
"""


# As in pyproject.toml.
WARNINGS = "error,ignore:No directory at:UserWarning"


def python(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run Python in the project's folder with these variables and no others; a warning is an error there too."""
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=settings.BASE_DIR,
        env={"DJANGO_SETTINGS_MODULE": "commons.settings", "PYTHONWARNINGS": WARNINGS, **environment},
        capture_output=True,
        text=True,
        check=False,
    )


def setting(name: str, **environment: str) -> object:
    """What the setting is, with these variables and no others."""
    run = python(
        "-c",
        f"import json; from django.conf import settings; print(json.dumps(settings.{name}, default=str))",
        **environment,
    )
    assert run.returncode == 0, run.stderr
    return json.loads(run.stdout)


@pytest.mark.parametrize("module", ["commons.wsgi", "commons.asgi"])
def test_a_server_without_a_secret_key_refuses_to_start_and_says_what_to_do(module: str) -> None:
    run = python("-c", f"import {module}")
    assert run.returncode == 1
    assert "SECRET_KEY is not set" in run.stderr
    assert "keep it, and set SECRET_KEY to it" in run.stderr


def test_runserver_without_a_secret_key_refuses_to_start_too() -> None:
    run = python("manage.py", "runserver", "--noreload", "127.0.0.1:0", ALLOWED_HOSTS="localhost")
    assert run.returncode == 1
    assert "SECRET_KEY is not set" in run.stderr


@pytest.mark.parametrize("module", ["commons.wsgi", "commons.asgi"])
def test_a_server_with_a_secret_key_starts(module: str) -> None:
    run = python("-c", f"import {module}", SECRET_KEY="$begins with a dollar")
    assert run.returncode == 0, run.stderr


def test_commands_that_serve_nobody_need_no_secret_key(tmp_path: Path) -> None:
    run = python("manage.py", "migrate", "--verbosity", "0", DATABASE_URL=f"sqlite:///{tmp_path}/commons.sqlite3")
    assert run.returncode == 0, run.stderr


def test_only_debugging_makes_a_key_up_and_never_the_same_twice() -> None:
    assert setting("SECRET_KEY", DEBUG="1") != setting("SECRET_KEY", DEBUG="1")


def test_debug_is_off_and_no_host_is_answered_unless_the_environment_says_so() -> None:
    assert setting("DEBUG") is False
    assert setting("ALLOWED_HOSTS") == []
    assert setting("DEBUG", DEBUG="1") is True


def test_https_is_on_unless_debugging_or_told_otherwise() -> None:
    for name in ("SECURE_SSL_REDIRECT", "SESSION_COOKIE_SECURE", "CSRF_COOKIE_SECURE"):
        assert setting(name) is True
        assert setting(name, DEBUG="1") is False
        assert setting(name, HTTPS="0") is False
    assert setting("SECURE_HSTS_SECONDS", HTTPS="0") == 0


def test_check_deploy_finds_nothing_with_the_documented_environment() -> None:
    run = python("manage.py", "check", "--deploy", "--fail-level", "WARNING", **DEPLOYED)
    assert run.returncode == 0, run.stderr
    assert "no issues" in run.stdout


def test_sqlite_is_the_default_and_every_connection_has_the_pragmas_we_promise(tmp_path: Path) -> None:
    assert setting("DATABASES['default']['NAME']") == str(settings.BASE_DIR / "var" / "commons.sqlite3")
    run = python("-c", SQLITE_PRAGMAS, DATABASE_URL=f"sqlite:///{tmp_path}/with a space.sqlite3")
    assert run.returncode == 0, run.stderr
    assert json.loads(run.stdout) == {
        "foreign_keys": 1,
        "journal_mode": "wal",
        "synchronous": 1,  # NORMAL
        "busy_timeout": 20_000,
        "cache_size": -32_768,
        "mmap_size": 67_108_864,
    }
    assert (tmp_path / "with a space.sqlite3").exists()


def test_a_sqlite_transaction_takes_the_write_lock_when_it_begins(tmp_path: Path) -> None:
    run = python("-c", TRANSACTION, DATABASE_URL=f"sqlite:///{tmp_path}/commons.sqlite3")
    assert run.stdout.strip() == "database is locked", run.stderr


def test_database_url_switches_to_postgresql() -> None:
    database = setting("DATABASES['default']", DATABASE_URL="postgres://ada:p%40ss@db.example.org:5433/library")
    assert isinstance(database, dict)
    assert database["ENGINE"] == "django.db.backends.postgresql"
    assert (database["USER"], database["PASSWORD"]) == ("ada", "p@ss")
    assert (database["HOST"], database["PORT"], database["NAME"]) == ("db.example.org", 5433, "library")
    assert "pool" not in database.get("OPTIONS", {})


def test_database_pool_bounds_the_connections_and_leaves_keeping_them_to_the_pool() -> None:
    database = setting("DATABASES['default']", DATABASE_URL="postgres:///library", DATABASE_POOL="8")
    assert isinstance(database, dict)
    assert database["OPTIONS"]["pool"] == {"min_size": 1, "max_size": 8}
    assert database.get("CONN_MAX_AGE", 0) == 0


def test_an_engine_we_do_not_support_is_refused_without_showing_the_password() -> None:
    run = python("manage.py", "check", DATABASE_URL="mysql://ada:geheim@localhost/library")
    assert run.returncode == 1
    assert "DATABASE_URL must begin with postgres:// (PostgreSQL) or sqlite:/// (SQLite)" in run.stderr
    assert "geheim" not in run.stderr
