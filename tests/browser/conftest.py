"""One Chromium for the run, one context per person, the whole stack behind it; a page that logs an error fails its test."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright._impl._driver import compute_driver_executable, get_driver_env
from playwright.async_api import Browser, BrowserContext, ConsoleMessage, Page, async_playwright, expect

from tests.browser.host_page import HostPage
from tests.browser.pages import PASSWORD, ChatPage, DeskPage, SimulatorPage
from tests.conftest import missing
from tests.support.servers import ROOT
from tests.support.stack import Stack

FLAGS = (
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
)
BEFORE_LOGIN = re.compile(r"/api/me .*status of 401")
expect.set_options(timeout=30_000)


def _chromium() -> str | None:
    """$CHROMIUM, one on PATH, or the one Playwright installed."""
    for name in (os.environ.get("CHROMIUM"), "chromium", "chromium-browser", "google-chrome"):
        if name and (found := shutil.which(name)):
            return found
    folder = Path(os.environ.get("PLAYWRIGHT_BROWSERS_PATH", Path.home() / ".cache/ms-playwright"))
    return next((str(path) for path in sorted(folder.glob("chromium-*/chrome-linux*/chrome"))), None)


@pytest.fixture(scope="session")
def browser_address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a Chromium for the whole run."""
    chromium = _chromium()
    if chromium is None:
        missing("a Chromium")
    if not (ROOT / "web/dist/chat.html").is_file():
        missing("the built browser side (make web)")
    options = tmp_path_factory.mktemp("browser") / "options.json"
    options.write_text(json.dumps({"executablePath": chromium, "args": list(FLAGS), "headless": True}))
    command = [*compute_driver_executable(), "launch-server", "--browser", "chromium", "--config", str(options)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=get_driver_env()) as process:
        try:
            assert process.stdout is not None
            address = process.stdout.readline().strip()
            assert address.startswith("ws://"), address
            yield address
        finally:
            process.terminate()


@pytest.fixture
async def browser(browser_address: str) -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        yield await playwright.chromium.connect(browser_address)


class People:
    """Opens pages, each person in a context of their own, and keeps what the pages complained of.

    Pictures go to the test's folder, or to $BROWSER_SHOTS.
    """

    def __init__(self, browser: Browser, stack: Stack, shots: Path) -> None:
        self._browser, self._stack, self._shots = browser, stack, shots
        self._contexts: list[BrowserContext] = []
        self.complaints: list[str] = []
        self.allowed: list[re.Pattern[str]] = [BEFORE_LOGIN]

    async def context(self, **options: Any) -> BrowserContext:
        context = await self._browser.new_context(
            **{"viewport": {"width": 1366, "height": 768}, "locale": "id-ID", "reduced_motion": "reduce", **options}
        )
        context.on("console", self._console)
        context.on("weberror", lambda error: self.complaints.append(f"thrown: {error.error}"))
        self._contexts.append(context)
        return context

    def _console(self, message: ConsoleMessage) -> None:
        if message.type not in ("error", "warning"):
            return
        text = f"{message.location.get('url', '')} {message.text}"
        if not any(pattern.search(text) for pattern in self.allowed):
            self.complaints.append(f"{message.type}: {text}")

    async def page(self, path: str, **options: Any) -> Page:
        page = await (await self.context(**options)).new_page()
        await page.goto(path if "://" in path else self._stack.url + path)
        return page

    async def chat(self, **options: Any) -> ChatPage:
        """A customer on the chat page itself."""
        page = await self.page("/chat?inbox=web", **options)
        return ChatPage(self._stack, page, page)

    async def simulator(self, **options: Any) -> SimulatorPage:
        return SimulatorPage(self._stack, await self.page("/simulator", **options))

    async def agent(self, number: int = 0, ready: bool = True, role: str = "agent", team: str | None = None, **options: Any) -> DeskPage:
        """Somebody who has logged in at a desk."""
        user = await DeskPage.hire(self._stack, number, role, team)
        desk = DeskPage(self._stack, await self.page("/desk", **options), user)
        await desk.login(user.username, PASSWORD)
        if ready:
            await desk.presence("ready")
        return desk

    async def shot(self, page: Page, name: str) -> None:
        """A picture of the page as it stands, for people to look at."""
        await page.screenshot(path=self._shots / f"{name}.png")

    async def leave(self) -> None:
        for context in self._contexts:
            await context.close()


@pytest.fixture
async def people(browser: Browser, stack: Stack, tmp_path: Path) -> AsyncIterator[People]:
    shots = Path(os.environ.get("BROWSER_SHOTS", tmp_path))
    shots.mkdir(parents=True, exist_ok=True)
    everybody = People(browser, stack, shots)
    yield everybody
    await everybody.leave()
    assert everybody.complaints == [], "\n".join(everybody.complaints)


@pytest.fixture
async def host_page(stack: Stack) -> AsyncIterator[HostPage]:
    """Somebody else's site, of another origin, that loads the widget."""
    page = HostPage(stack.url)
    await page.start()
    yield page
    await page.stop()
