"""A real headless Chromium for tests, where there is one."""

import os
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Browser, Page, async_playwright

REQUIRED = "TRAPWISE_REQUIRE_BROWSER"
PLACES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
SERIOUS = ("serious", "critical")


def chromium() -> str:
    """Where Chromium is. Without one the test is skipped, or fails if a browser is required."""
    found = next((path for name in PLACES if (path := shutil.which(name))), None)
    if found is None:
        sentence = f"no Chromium found (looked for {', '.join(PLACES)})"
        if os.environ.get(REQUIRED) == "1":
            pytest.fail(f"{sentence}, and {REQUIRED}=1 requires one")
        pytest.skip(sentence)
    return found


@asynccontextmanager
async def running_browser() -> AsyncIterator[Browser]:
    """A browser that is closed afterwards."""
    path = chromium()
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=path, args=list(ARGUMENTS))
        try:
            yield browser
        finally:
            await browser.close()


async def axe_faults(page: Page) -> list[str]:
    """What axe finds that is serious or critical: the rule, and where."""
    results = await Axe().run(page)
    return [
        f"{fault['id']}: {node['html']}"
        for fault in results.response["violations"]
        if fault["impact"] in SERIOUS
        for node in fault["nodes"]
    ]


async def join(page: Page, url: str, name: str) -> None:
    """Join the web space and wait until the page is live."""
    await page.goto(url)
    await page.get_by_label("Your name").fill(name)
    await page.get_by_role("button", name="Join").click()
    await page.wait_for_selector("#channel[data-live=yes]")


async def too_wide(page: Page) -> bool:
    """Whether the page has to be scrolled sideways."""
    return bool(await page.evaluate("document.documentElement.scrollWidth > window.innerWidth"))
