"""Somebody who works at a desk, and their browser: everything is done over HTTP and the desk's live line, as the page does it."""

from __future__ import annotations

import asyncio
from datetime import datetime
from typing import TYPE_CHECKING, Any

import aiohttp

if TYPE_CHECKING:
    from tests.simulation.day.day import Day

PASSWORD = "kata-sandi-simulasi"


class Person:
    """One agent and their browser."""

    def __init__(self, day: Day, seat: int, name: str, team: str = "tier1", by_offers: bool = False) -> None:
        self.day = day
        self.seat = seat
        self.name = name
        self.id = ""
        self.team = team
        self.by_offers = by_offers  # takes what is put before them; others pull from the queue
        self.state = "offline"
        self.reason: str | None = None
        self.returning = False  # has seen that the service took them for absent
        self.lost = False  # the desk has no connection
        self.load = 0
        self.frames = 0
        self.shift: tuple[float, float] = (0.0, 0.0)
        self.since: datetime | None = None  # logged in
        self._csrf = ""
        self._http: aiohttp.ClientSession | None = None
        self._line: asyncio.Task[None] | None = None
        self.on_line = asyncio.Event()

    @property
    def works(self) -> bool:
        """At the desk, and may take something."""
        return self.state in ("ready", "wrapup") and not self.lost

    async def begin(self) -> None:
        """Log in, open the desk, be ready."""
        await self.log_in()
        await self._open_line()
        await self.be("ready")

    async def log_in(self) -> None:
        """Log in and no more."""
        if self._http is None:
            self._http = aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True))
        status, body = await self.call("POST", "/api/login", {"username": self.name, "password": PASSWORD})
        assert status == 200, body
        self._csrf, self.id, self.since = body["csrf"], body["user"]["id"], self.day.clock.now()

    async def lose_line(self) -> None:
        """The desk's connection breaks, without a logout; the last sign of life is of this instant."""
        if self.state != "wrapup":
            await self.be(self.state, self.reason)
        self.lost = True
        self.day.ledger.add("lines", agent=self.id, what="lost")
        await self._close_line()

    async def find_line(self) -> None:
        """The connection is back, and whoever sits there works on."""
        if not self.lost:
            return
        self.lost = False
        self.day.ledger.add("lines", agent=self.id, what="back")
        await self._open_line()
        await self.be("ready")

    async def _open_line(self) -> None:
        self.on_line.clear()
        self._line = asyncio.create_task(self._listen(), name=f"desk {self.name}")
        async with asyncio.timeout(20):
            await self.on_line.wait()

    async def _close_line(self) -> None:
        if self._line:
            self._line.cancel()
            await asyncio.gather(self._line, return_exceptions=True)
            self._line = None

    async def be(self, state: str, reason: str | None = None) -> None:
        """Ready, AUX or offline."""
        status, body = await self.call("POST", "/api/desk/presence", {"state": state, "reason": reason})
        assert status == 200, body
        self.state, self.reason = state, reason

    async def go(self) -> None:
        """Log out."""
        if self.state == "offline" or self._http is None:
            return
        self.state = "offline"
        status, _ = await self.call("POST", "/api/logout", {})
        assert status in (204, 401), status
        await self.leave()

    async def leave(self) -> None:
        """Close the browser."""
        await self._close_line()
        self.since = None
        if self._http:
            await self._http.close()
            self._http = None

    async def call(self, method: str, path: str, body: Any = None) -> tuple[int, Any]:
        """One call of the page; like the page it tries again while the service is away or busy."""
        assert self._http is not None
        for _ in range(200):
            try:
                async with self._http.request(
                    method,
                    self.day.url + path,
                    json=body,
                    headers={"X-CSRF-Token": self._csrf, "X-Forwarded-For": f"10.200.0.{len(self.name)}"},
                ) as answer:
                    if answer.status < 500:
                        given = await answer.json() if answer.content_type == "application/json" else None
                        self.day.ledger.add("desk", agent=self.id, call=f"{method} {path}", body=body, status=answer.status)
                        return answer.status, given
            except (aiohttp.ClientError, ConnectionError):
                pass
            await asyncio.sleep(0.03)
        raise AssertionError(f"{path} did not succeed")

    async def _listen(self) -> None:
        assert self._http is not None
        while True:
            try:
                headers = {"Origin": self.day.url}
                async with self._http.ws_connect(f"{self.day.url}/ws/desk", headers=headers) as line:
                    async for message in line:
                        if message.type == aiohttp.WSMsgType.TEXT:
                            self.frames += 1
                            self.on_line.set()
            except (aiohttp.ClientError, ConnectionError):
                pass
            self.on_line.clear()
            await asyncio.sleep(0.02)
