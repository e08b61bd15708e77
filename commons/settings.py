"""The one settings file: what differs between deployments is read from the environment.

=====================  ====================  ===========================================================================
variable               when it is not set    what it does
=====================  ====================  ===========================================================================
SECRET_KEY             a server refuses to   Signs sessions and cookies. Long, random, kept. Commands that serve nobody
                       start                 (migrate, import_patterns, check_patterns …) run without one. With DEBUG, a
                                             new one at every start.
DEBUG                  off                   Error pages with source and data, plain cookies over http. Only ever on a
                                             developer's own machine; `make run` sets it.
ALLOWED_HOSTS          none                  Host names to answer to, separated by commas.
CSRF_TRUSTED_ORIGINS   none                  Origins (https://…) whose forms are accepted besides the site's own.
HTTPS                  on, unless DEBUG      Redirects to https, secure cookies, HSTS. Turn it off only where no network
                                             lies between browser and server.
HSTS_SECONDS           a week                For how long browsers then insist on https.
DATABASE_URL           var/commons.sqlite3   postgres://user:password@host:port/name or sqlite:////absolute/path.
DATABASE_POOL          0: no pool            PostgreSQL: at most this many connections, shared by a process's threads.
SITE_URL               of the first of       Where the site is reached, for links in mails: https://patterns.example.org
                       ALLOWED_HOSTS
FOUR_EYES              off                   Nobody approves or publishes a text they have a part in.
EMAIL_URL              consolemail://,       smtp+tls://user:password@host:587, smtp+ssl://…:465 or smtp://host:25;
                       which prints mails    signs other than letters and digits in user and password percent-encoded.
DEFAULT_FROM_EMAIL     commons@localhost     Who mails are from.
EMAIL_TIMEOUT          10                    Seconds to wait for the mail server.
MAIL_AT_ONCE           on                    Mails leave with the request that caused them. Off: with the next run of
                                             send_notices, so that no editor waits for the mail server.
CACHE_URL              a process's memory;   Where copies of public pages are kept for a minute: redis://host:6379/0, so
                       with DEBUG or         that several machines share them, and drop them at once when something is
                       PURGE_URLS nowhere    published.
PURGE_URLS             none                  Caches in front of the site, separated by commas: each gets a PURGE request
                                             when something is published.
LOG_LEVEL              INFO                  What is logged to stderr.
=====================  ====================  ===========================================================================
"""

import os
import secrets
from pathlib import Path
from typing import Any

import environ
from django.core.exceptions import ImproperlyConfigured

env = environ.Env()

BASE_DIR = Path(__file__).resolve().parent.parent

# Everything that a running library writes on its own account; git ignores what is in it.
VAR_DIR = BASE_DIR / "var"

DEBUG: bool = env.bool("DEBUG", default=False)

# Read without django-environ, to which a value that begins with "$" is the name of another variable.
# Left empty when it is missing: Django refuses to hand out an empty key, so nothing can be signed by mistake,
# while commands that sign nothing need no secret. What serves asks for it when it starts (serving.py).
SECRET_KEY = os.environ.get("SECRET_KEY", "") or (secrets.token_urlsafe(50) if DEBUG else "")

ALLOWED_HOSTS: list[str] = env.list("ALLOWED_HOSTS", default=[])
CSRF_TRUSTED_ORIGINS: list[str] = env.list("CSRF_TRUSTED_ORIGINS", default=[])

INSTALLED_APPS = [
    "patterns_app.apps.PatternsAppConfig",
    "taggit",
    "commons.apps.DeskAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
]

MIDDLEWARE = [
    "patterns_app.views.preview.unseen",
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "django_permissions_policy.PermissionsPolicyMiddleware",
    # While debugging, runserver finds static files where they are written.
    *([] if DEBUG else ["whitenoise.middleware.WhiteNoiseMiddleware"]),
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]

ROOT_URLCONF = "commons.urls"
WSGI_APPLICATION = "commons.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "patterns_app.views.navigator.context",
                "patterns_app.views.card.context",
            ],
        },
    },
]

# ---- Database ----------------------------------------------------------------------------------------------------

# WAL lets readers go on while one writes, and with synchronous NORMAL a power cut can lose the last commits but never
# damages the file. The cache is 32 MiB and the mapped part of the file 64 MiB: both count into an import's memory.
SQLITE_PRAGMAS = """
    PRAGMA journal_mode = WAL;
    PRAGMA synchronous = NORMAL;
    PRAGMA foreign_keys = ON;
    PRAGMA cache_size = -32768;
    PRAGMA mmap_size = 67108864;
"""


def database() -> dict[str, Any]:
    """What DATABASE_URL names, else the SQLite file in var/; raises ImproperlyConfigured for any other engine."""
    url = os.environ.get("DATABASE_URL", "")
    scheme = url.partition(":")[0]
    if not url or scheme == "sqlite":
        default = {"ENGINE": "django.db.backends.sqlite3", "NAME": str(VAR_DIR / "commons.sqlite3")}
        config: dict[str, Any] = env.db_url_config(url) if url else default
        options = config.setdefault("OPTIONS", {})
        options["init_command"] = SQLITE_PRAGMAS
        options["timeout"] = 20  # seconds to wait for another writer
        # A transaction takes the write lock when it begins. One that begins by reading and then writes would
        # otherwise fail at once, without waiting, if somebody else wrote in between.
        options["transaction_mode"] = "IMMEDIATE"
        return config
    if scheme in {"postgres", "postgresql"}:
        config = env.db_url_config(url)
        if pool := env.int("DATABASE_POOL", default=0):
            # The pool keeps connections open, so Django must not (it refuses the combination).
            config.setdefault("OPTIONS", {})["pool"] = {"min_size": 1, "max_size": pool}
        else:
            config.setdefault("CONN_MAX_AGE", 60)
            config.setdefault("CONN_HEALTH_CHECKS", True)
        return config
    raise ImproperlyConfigured(
        "DATABASE_URL must begin with postgres:// (PostgreSQL) or sqlite:/// (SQLite); no other database is supported."
    )


DATABASES = {"default": database()}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# ---- Copies of public pages -------------------------------------------------------------------------------------

PURGE_URLS: list[str] = env.list("PURGE_URLS", default=[])
# By it the processes of one machine tell each other that something was published.
PUBLISHED_MARK = str(VAR_DIR / "published")
CACHES: dict[str, Any] = {
    "default": env.cache_url("CACHE_URL", default="locmemcache://"),
    # A developer wants to see what a template says now. And a cache in front that was just told to drop everything must
    # not get the copy of a process, on whatever machine, that does not know yet.
    "pages": env.cache_url("CACHE_URL", default="dummycache://" if DEBUG or PURGE_URLS else "locmemcache://pages"),
}
for _cache in CACHES.values():
    if _cache["BACKEND"].endswith("LocMemCache"):
        # Some 40 kB each, 100 at most with parameters; Django's own limit of 300 would drop a page before anybody came
        # again.
        _cache["OPTIONS"] = {"MAX_ENTRIES": 1_000}

# ---- People and forms --------------------------------------------------------------------------------------------

AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]

# One save sends every row of every part of a pattern. Two hundred relationships of ten inputs each already pass
# Django's limit of 1,000 fields, and the editor would get an error page instead of a saved pattern.
DATA_UPLOAD_MAX_NUMBER_FIELDS = 20_000

# A body of 400 kB in a script that is not Latin is three times that when a browser has encoded it.
DATA_UPLOAD_MAX_MEMORY_SIZE = 16 * 1024 * 1024

# ---- Language and time -------------------------------------------------------------------------------------------

LANGUAGE_CODE = "en"
TIME_ZONE = "UTC"
USE_I18N = True
USE_TZ = True

# ---- Static files ------------------------------------------------------------------------------------------------

STATIC_URL = "static/"
STATIC_ROOT = VAR_DIR / "static"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        # Names with a digest, compressed, cached for good: needs `collectstatic`, which a developer should not.
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG
        else "whitenoise.storage.CompressedManifestStaticFilesStorage",
    },
}

# ---- HTTPS -------------------------------------------------------------------------------------------------------

# Behind a proxy that ends TLS, gunicorn learns the scheme from X-Forwarded-Proto of the addresses named in its own
# FORWARDED_ALLOW_IPS; believing that header from anybody (SECURE_PROXY_SSL_HEADER) is not needed.
HTTPS: bool = env.bool("HTTPS", default=not DEBUG)
SECURE_SSL_REDIRECT = HTTPS
SESSION_COOKIE_SECURE = HTTPS
CSRF_COOKIE_SECURE = HTTPS
SECURE_HSTS_SECONDS: int = env.int("HSTS_SECONDS", default=7 * 24 * 3600) if HTTPS else 0
# Whether neighbouring host names are https too, and for good, is not for one site of a domain to decide.
SILENCED_SYSTEM_CHECKS = ["security.W005", "security.W021"]

# ---- What a page may do ------------------------------------------------------------------------------------------

# The texts are data from strangers: should one ever get past the sanitiser, its scripts, styles, pictures and forms do
# nothing. So no script or style stands in a page, and nothing comes from another host. Django adds nosniff, DENY for
# frames, and "same-origin" for referrers.
CONTENT_SECURITY_POLICY: dict[str, Any] = {
    "DIRECTIVES": {
        "default-src": ["'none'"],
        **{f"{kind}-src": ["'self'"] for kind in ("script", "style", "img", "font", "connect", "manifest")},
        "form-action": ["'self'"],
        "frame-ancestors": ["'none'"],
        "base-uri": ["'none'"],
    }
}
PERMISSIONS_POLICY: dict[str, list[str]] = {
    power: [] for power in ("camera", "microphone", "geolocation", "payment", "usb", "display-capture")
}

# ---- Workflow and mail -------------------------------------------------------------------------------------------

# Whether somebody else has to approve what one wrote.
FOUR_EYES: bool = env.bool("FOUR_EYES", default=False)


def site_url() -> str:
    """SITE_URL, else what the first of ALLOWED_HOSTS stands for that names one host."""
    named = next((host for host in ALLOWED_HOSTS if host and host == host.strip("*.")), "")
    guessed = f"http{'s' if HTTPS else ''}://{named}" if named else "http://localhost:8000"
    return env.str("SITE_URL", default="") or guessed


SITE_URL = site_url()
MAIL_AT_ONCE: bool = env.bool("MAIL_AT_ONCE", default=True)

_mail: dict[str, Any] = env.email_url("EMAIL_URL", default="consolemail://")
EMAIL_BACKEND: str = _mail["EMAIL_BACKEND"]
EMAIL_HOST: str = _mail["EMAIL_HOST"] or "localhost"
EMAIL_PORT: int = _mail["EMAIL_PORT"] or 25
EMAIL_HOST_USER: str = _mail["EMAIL_HOST_USER"] or ""
EMAIL_HOST_PASSWORD: str = _mail["EMAIL_HOST_PASSWORD"] or ""
EMAIL_USE_TLS: bool = _mail.get("EMAIL_USE_TLS", False)
EMAIL_USE_SSL: bool = _mail.get("EMAIL_USE_SSL", False)
EMAIL_FILE_PATH: str = _mail["EMAIL_FILE_PATH"]
# Who waits for it is an editor at a button, or a command that holds no lock.
EMAIL_TIMEOUT: int = env.int("EMAIL_TIMEOUT", default=10)
DEFAULT_FROM_EMAIL: str = env.str("DEFAULT_FROM_EMAIL", default="commons@localhost")
SERVER_EMAIL = DEFAULT_FROM_EMAIL

# ---- Logging -----------------------------------------------------------------------------------------------------

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name}: {message}", "style": "{"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": "WARNING"},
    "loggers": {
        "django": {"handlers": [], "level": env.str("LOG_LEVEL", default="INFO")},
        "patterns_app": {"level": env.str("LOG_LEVEL", default="INFO")},
    },
}
