"""Copies of what the public reads: kept for a minute on this side of the network, and dropped when anything is
published.

The copies live in Django's cache under the library's generation, a word that every publication changes. By default
that cache is a process's own memory; processes beside it then learn of a publication by a file that is made anew
(PUBLISHED_MARK). Caches in front of the site (Varnish, a CDN) are told by a PURGE request each, if PURGE_URLS names
them.
"""

from __future__ import annotations

import functools
import hashlib
import logging
import os
import secrets
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any, Final, Literal

from django.conf import settings
from django.core.cache import caches
from django.core.cache.backends.base import BaseCache
from django.db import transaction

log = logging.getLogger(__name__)

KEPT: Final = 60
"""Seconds for which a copy is good: for so long a machine that knows nothing of a publication shows what was before."""

WAIT: Final = 3
"""Seconds to wait for a cache in front of the site."""

_GENERATION: Final = "patterns-generation"

_STARTED: Final = time.time()
"""Before this there may have been other software, with other templates, or another database."""


def kept(what: str, generation: str = "") -> Any:
    """The copy of something as it was last made in a generation (`keep`), the current one by default; None if there is
    none."""
    return _asked("get", _key(what, generation or current_generation()))


def keep(what: str, copy: Any, generation: str) -> None:
    """Keep a copy of something that was begun to be made in a generation: none that was overtaken while it was made."""
    if generation == current_generation():
        # By that generation's key, for the next one may have begun since the line above.
        _asked("set", _key(what, generation), copy, KEPT)


def current_generation() -> str:
    """A word that is another one after anything was published."""
    generation: str | None = _asked("get", _GENERATION)
    if generation is None:
        # Whoever is first, all have the same.
        _asked("add", _GENERATION, _new_word(), None)
        # A cache that keeps nothing leaves it to the mark to tell generations apart.
        generation = _asked("get", _GENERATION) or ("" if settings.PUBLISHED_MARK else _new_word())
    return f"{generation} {_mark()}"


def is_over(generation: str) -> bool:
    """Whether something was published since a generation was the current one."""
    now = current_generation()
    # Where nothing remembers a generation, each is another one.
    return now != generation and now == current_generation()


def changed_at(generation: str) -> float:
    """When a generation began, in seconds since 1970: whatever is shown has not changed since.

    Now, where no cache keeps the word: then nothing tells of what other machines publish.
    """
    word, _, mark = generation.partition(" ")
    began, dash, _ = word.partition("-")
    if not dash:
        return time.time()
    return max(float(began), int(mark.partition(" ")[2] or 0) / 1e9, _STARTED)


def purge() -> None:
    """Drop every copy: now, for whoever reads within this transaction, and for all others once it is committed."""
    _forget()
    using = transaction.get_connection()
    # An import publishes batch by batch, and one word at its end is enough.
    if not any(waiting[1] is _tell for waiting in using.run_on_commit):
        transaction.on_commit(_tell, robust=True)


def _cache() -> BaseCache:
    return caches["pages"]


def _asked(what: Literal["get", "set", "add"], *said: Any) -> Any:
    """What the cache answers; None where it does not, for that costs speed and not the library.

    A page that somebody kept elsewhere may then be a minute older than what was published meanwhile.
    """
    try:
        return getattr(_cache(), what)(*said)
    except Exception as error:  # noqa: BLE001 # each kind of cache has errors of its own
        log.error(
            "The cache of pages (CACHE_URL) does not answer: %s. Pages are made anew for each request until it does.",
            error,
        )
        return None


def _key(what: str, generation: str) -> str:
    # Of any length and with any signs, which not every cache takes as a key.
    return hashlib.sha256(f"{generation} {what}".encode(errors="surrogatepass")).hexdigest()


def _new_word() -> str:
    return f"{time.time():.6f}-{secrets.token_hex(8)}"


def _forget() -> None:
    _asked("set", _GENERATION, _new_word(), None)
    if not settings.PUBLISHED_MARK:
        return
    mark = Path(settings.PUBLISHED_MARK)
    try:
        mark.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=mark.parent, prefix=f"{mark.name}-", delete=False) as new:
            pass
        # The file system's own clock may be a tick behind.
        now = time.time()
        os.utime(new.name, (now, now))
        # Another file, not a later time: two publications can fall into one tick of the file system's clock.
        Path(new.name).replace(mark)
    except OSError as error:
        log.error(
            "%s (PUBLISHED_MARK) cannot be written: %s. Server processes beside this one may show what was public "
            "before for a minute more. Make its folder writable, or set CACHE_URL to a cache that all share.",
            mark,
            error,
        )


def _mark() -> str:
    """What tells that another process on this machine has published."""
    if not settings.PUBLISHED_MARK:
        return ""
    try:
        found = os.stat(settings.PUBLISHED_MARK)  # noqa: PTH116 # at every request: a Path would cost as much again
    except OSError:
        return ""
    return f"{found.st_ino} {found.st_mtime_ns}"


def _tell() -> None:
    _forget()
    for address in settings.PURGE_URLS:
        _ask_to_purge(address)


def _ask_to_purge(address: str) -> None:
    request = urllib.request.Request(address, method="PURGE")  # noqa: S310 # the administrator's own addresses
    try:
        with _opener().open(request, timeout=WAIT):
            log.debug("%s was told to drop its copies.", address)
    except (OSError, urllib.error.HTTPError) as error:
        log.error(
            "%s (PURGE_URLS) could not be told that something was published: %s. Until its copies are five minutes "
            "old it may show what was public before. Purge it by hand, and see whether it takes PURGE requests.",
            address,
            error,
        )


@functools.cache
def _opener() -> urllib.request.OpenerDirector:
    # Without the proxies of the environment: these caches stand beside the server.
    return urllib.request.build_opener(urllib.request.ProxyHandler({}))
