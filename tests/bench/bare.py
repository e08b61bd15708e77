"""Settings of the least that a Django page can be: one look-up by primary key, a template, no middleware."""

from commons.settings import *  # noqa: F403

MIDDLEWARE = []
ROOT_URLCONF = "tests.bench.bare_urls"
