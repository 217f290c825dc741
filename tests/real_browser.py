"""A real Chromium for tests, with their time limits."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, expect, sync_playwright

from tests.patience import PATIENCE_SECONDS

_CHROMIUM = shutil.which("chromium")
_ARGUMENTS = (
    "--no-sandbox", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
    "--js-flags=--no-opt --no-maglev",  # no page is open for long enough to be worth them
)  # fmt: skip
_LOCAL = ("http://127.0.0.1", "ws://127.0.0.1", "data:", "blob:")
IN_A_BROWSER = [
    pytest.mark.browser,
    pytest.mark.skipif(_CHROMIUM is None, reason="Chromium is not installed"),
]
"""Pytest marks of a test file that uses it."""


@contextmanager
def running_browser() -> Iterator[Browser]:
    """Yields a fresh browser."""
    expect.set_options(timeout=PATIENCE_SECONDS * 1000)
    with (
        sync_playwright() as playwright,
        playwright.chromium.launch(executable_path=_CHROMIUM, args=_ARGUMENTS) as browser,
    ):
        yield browser


def new_person(browser: Browser, **options: Any) -> BrowserContext:
    """Returns a browser context with its own cookies."""
    context = browser.new_context(**{"locale": "ko-KR", "viewport": {"width": 1280, "height": 1000}} | options)
    context.set_default_timeout(PATIENCE_SECONDS * 1000)
    return context


@contextmanager
def nothing_from_outside(person: BrowserContext) -> Iterator[None]:
    """Fails if the block requested anything outside this machine."""
    outside: list[str] = []
    person.on("request", lambda request: None if request.url.startswith(_LOCAL) else outside.append(request.url))
    yield
    assert outside == [], "the page must work where there is no internet"
