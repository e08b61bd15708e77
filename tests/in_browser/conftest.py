"""A browser for tests: headless Chromium against a live server, as desktop or tablet, light or dark.

`page` is a desktop in light mode; `open_page(device="tablet", theme="dark")` opens another browser, with its own login.
A test fails when a page it opened reports an error on its console.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Literal, Protocol

import pytest
from django.contrib.auth import get_user_model
from django.db import connection
from django.test import Client
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, sync_playwright
from pytest_django.live_server_helper import LiveServer

CHROMIUM = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
INSTALL = "These tests need Chromium. On Debian and Ubuntu: apt install chromium"

DEVICES: dict[str, dict[str, Any]] = {
    "desktop": {"viewport": {"width": 1280, "height": 900}},
    "tablet": {"viewport": {"width": 820, "height": 1180}, "has_touch": True},
}

MESSAGES = ".messagelist:not([aria-label])"
"""What the last request had to say; the other list of this look says who else is here."""

Device = Literal["desktop", "tablet"]
Theme = Literal["light", "dark"]


class OpenPage(Protocol):
    """Opens a browser of its own: with its own cookies and its own storage."""

    def __call__(self, device: Device = "desktop", theme: Theme = "light", scripts: bool = True) -> Page: ...


def chromium() -> str:
    """The path of the browser. Fails with a sentence that says how to get one."""
    for name in CHROMIUM:
        if path := shutil.which(name):
            return path
    pytest.fail(INSTALL, pytrace=False)


@pytest.fixture(scope="session")
def django_db_modify_db_settings(tmp_path_factory: pytest.TempPathFactory) -> None:
    """A file for SQLite: the server's last request may run beyond its test, and only a file can be waited for."""
    if connection.vendor == "sqlite":
        connection.settings_dict["TEST"]["NAME"] = str(tmp_path_factory.mktemp("database") / "test.sqlite3")


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=["--no-sandbox", "--disable-gpu"])
        yield browser
        browser.close()


@pytest.fixture
def expected_errors() -> list[str]:
    """Parts of console errors that a test provokes on purpose: append to it."""
    return []


@pytest.fixture
def open_page(browser: Browser, live_server: LiveServer, expected_errors: list[str]) -> Iterator[OpenPage]:
    """Opens browsers, closes them after the test, and fails it for what their consoles said."""
    contexts: list[BrowserContext] = []
    errors: list[str] = []

    def note(message: ConsoleMessage) -> None:
        # Browsers ask for an icon of their own accord.
        if message.type == "error" and not message.location.get("url", "").endswith("/favicon.ico"):
            errors.append(f"{message.text} ({message.location.get('url', '')})")

    def watch(page: Page) -> None:
        page.on("console", note)
        page.on("pageerror", lambda error: errors.append(str(error)))

    def open_page(device: Device = "desktop", theme: Theme = "light", scripts: bool = True) -> Page:
        context = browser.new_context(
            base_url=live_server.url, color_scheme=theme, java_script_enabled=scripts, **DEVICES[device]
        )
        context.set_default_timeout(10_000)
        context.on("page", watch)
        contexts.append(context)
        return context.new_page()

    yield open_page
    for context in contexts:
        context.close()
    unexpected = [error for error in errors if not any(part in error for part in expected_errors)]
    assert not unexpected, "The console said: " + "; ".join(unexpected)


@pytest.fixture
def page(open_page: OpenPage) -> Page:
    """A desktop browser in light mode."""
    return open_page()


@pytest.fixture
def log_in(live_server: LiveServer) -> Callable[..., Page]:
    """Gives a page the session of a user: log_in("ada", page)."""

    def log_in(name: str, page: Page) -> Page:
        session = Client()
        session.force_login(get_user_model().objects.get(username=name))
        page.context.add_cookies(
            [{"name": "sessionid", "value": session.cookies["sessionid"].value, "url": live_server.url}]
        )
        return page

    return log_in


@pytest.fixture
def screenshot() -> Callable[[Page, str], None]:
    """Keeps a picture of a page in var/screenshots, to be looked at."""
    folder = Path(__file__).resolve().parents[2] / "var" / "screenshots"

    def screenshot(page: Page, name: str) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        page.screenshot(path=folder / f"{name}.png", full_page=False)

    return screenshot
