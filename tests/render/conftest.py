"""A browser for the pages, and one way to open them."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from browsing import LAPTOP

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")


@pytest.fixture(scope="module")
def browser():
    """Start Chromium, or skip what needs it, with the reason."""
    if CHROMIUM is None:
        pytest.skip("no Chromium on this machine")
    sync = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    with sync.sync_playwright() as play:
        try:
            started = play.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        except sync.Error as error:
            pytest.skip(f"Chromium does not start: {error}")
        yield started
        started.close()


@pytest.fixture(scope="module")
def opened(browser, tmp_path_factory):
    """Open a page; it must ask for nothing and complain of nothing."""
    complaints: list[str] = []

    def open_page(html: str):
        file: Path = tmp_path_factory.mktemp("page") / "page.html"
        file.write_text(html, encoding="utf-8")
        page = browser.new_page(viewport=LAPTOP)
        page.set_default_timeout(5000)
        page.on("console", lambda message: complaints.append(message.text))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on(
            "request",
            lambda request: request.url == file.as_uri() or complaints.append(request.url),
        )
        page.goto(file.as_uri())
        return page

    yield open_page
    assert complaints == []
