"""Posting webhooks the way Meta does: signed over the escaped body, repeated until answered 200, without a promise of order."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from typing import Any

import aiohttp

from bot.channels.whatsapp.signature import HEADER, sign


class WebhookSender:
    """Posts to one address. `tries` per webhook (Meta goes on for seven days), `pause_s` between them."""

    def __init__(self, url: str, app_secret: str, *, tries: int = 3, pause_s: float = 1.0) -> None:
        self.url = url
        self._secret, self._tries, self._pause_s = app_secret, tries, pause_s
        self._session: aiohttp.ClientSession | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    async def post(self, body: dict[str, Any]) -> int:
        """Posts now; the HTTP status, 0 if nobody answered. Anything but 200 is tried again in the background."""
        status = await self._once(body)
        if status != 200:
            self._spawn(self._deliver(body, self._tries - 1))
        return status

    def post_later(self, bodies: Sequence[dict[str, Any]], gap_s: float = 0.0) -> None:
        """Posts in the background, one after the other, each `gap_s` after the one before."""
        self._spawn(self._deliver_all(tuple(bodies), gap_s))

    async def settle(self) -> None:
        """Returns when nothing is left to post."""
        while self._tasks:
            await asyncio.gather(*self._tasks)

    async def close(self) -> None:
        """Drops what is left to post and closes the connections."""
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        if self._session is not None:
            await self._session.close()
            self._session = None

    def _spawn(self, work: Any) -> None:
        task: asyncio.Task[None] = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _deliver_all(self, bodies: tuple[dict[str, Any], ...], gap_s: float) -> None:
        for body in bodies:
            if gap_s:
                await asyncio.sleep(gap_s)
            await self._deliver(body, self._tries)

    async def _deliver(self, body: dict[str, Any], tries: int) -> None:
        for left in range(tries, 0, -1):
            if await self._once(body) == 200:
                return
            if left > 1 and self._pause_s:
                await asyncio.sleep(self._pause_s)

    async def _once(self, body: dict[str, Any]) -> int:
        if self._session is None:
            self._session = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=10))
        # Meta escapes non-ASCII and slashes before it signs: a receiver that hashes a re-encoded body fails here, too.
        raw = json.dumps(body).replace("/", "\\/").encode()
        headers = {"Content-Type": "application/json", HEADER: sign(self._secret, raw), "User-Agent": "facebookexternalua"}
        try:
            async with self._session.post(self.url, data=raw, headers=headers) as response:
                await response.read()
                return response.status
        except (aiohttp.ClientError, TimeoutError, OSError):
            return 0
