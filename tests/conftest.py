"""What all tests share: settings that differ from a deployment's, and how hard hypothesis tries."""

import os

import hypothesis
import pytest
from django.conf import settings

# Generating an example can take long on a busy machine, which says nothing about the code: no deadline. The same
# examples run every time, so that a red run can be repeated and a green one is no luck; EXPLORE=1 looks elsewhere.
hypothesis.settings.register_profile("steady", deadline=None, derandomize=True, print_blob=True)
hypothesis.settings.register_profile("explore", deadline=None)
hypothesis.settings.load_profile("explore" if os.environ.get("EXPLORE") else "steady")


def pytest_configure(config: pytest.Config) -> None:
    settings.SECRET_KEY = "known to everybody, good for tests only"
    settings.SECURE_SSL_REDIRECT = False  # the test client speaks plain http
    settings.STORAGES = {
        **settings.STORAGES,
        # Digests in names need `collectstatic` to have run.
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
    }
    # A test changes rows behind the back of what publishes; those about copies bring a cache of their own.
    settings.CACHES = {**settings.CACHES, "pages": {"BACKEND": "django.core.cache.backends.dummy.DummyCache"}}
    settings.PUBLISHED_MARK = ""
    # Slow on purpose in earnest; here it would be most of the time of every test that logs somebody in.
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
