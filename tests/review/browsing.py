"""A real Chromium at the marking page."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from playwright import sync_api as sync_api
else:
    sync_api = pytest.importorskip("playwright.sync_api", reason="Playwright is not installed")
CHROMIUM = shutil.which("chromium")
needs_chromium = [
    pytest.mark.slow,
    pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed"),
]

LONGEST_WAIT = 600_000.0
"""Milliseconds; for what happens at once, unless the machine is very busy."""

FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


@contextmanager
def started_browser() -> Iterator[sync_api.Browser]:
    sync_api.expect.set_options(timeout=LONGEST_WAIT)
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS), headless=True)
        yield browser
        browser.close()


def opened(browser: sync_api.Browser, link: str, **options: Any) -> tuple[sync_api.Page, list[str]]:
    """A reviewer's own browser window, and everything that went wrong or left the page's host in it."""
    context = browser.new_context(**options)
    context.set_default_timeout(LONGEST_WAIT)
    page = context.new_page()
    trouble: list[str] = []
    host = link.split("/r/")[0]
    page.on("pageerror", lambda error: trouble.append(str(error)))
    page.on("dialog", lambda dialog: trouble.append(dialog.message))
    page.on("request", lambda request: trouble.append(request.url) if not request.url.startswith(host) else None)
    show(page, link)
    return page, trouble


def show(page: sync_api.Page, link: str) -> sync_api.Page:
    """Open a link, and wait until there is an answer to mark."""
    page.goto(link)
    page.wait_for_selector("#key button")
    return page


def press(page: sync_api.Page, *keys: str) -> None:
    for key in keys:
        page.keyboard.press(key)


def saved(page: sync_api.Page) -> None:
    says(page, "#saved", "✓ All marks saved")


def says(page: sync_api.Page, place: str, words: str) -> None:
    """Wait until these words stand in a place of the page."""
    sync_api.expect(page.locator(place)).to_contain_text(words)
