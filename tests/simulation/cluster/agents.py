"""Agents at the desk, each on whichever service answers, who race for the same conversations."""

from __future__ import annotations

import asyncio
import itertools
import json
import random
from collections import defaultdict
from collections.abc import Sequence
from typing import Any

import aiohttp

from tests.support.guide import follow_guide
from tests.support.servers import ServiceProcess

PASSWORD = "kata kunci panjang"
TIMEOUT = aiohttp.ClientTimeout(total=6)
GREETING = "Selamat siang, ada yang bisa saya bantu?"


class Races:
    """Who was told to have taken which hand-off: (conversation, episode) → usernames."""

    def __init__(self) -> None:
        self.won: dict[tuple[str, int], set[str]] = defaultdict(set)
        self.lost = 0
        self.full = 0


class Agent:
    """Logs in once, takes everything in the queue as fast as possible, answers, and closes or gives back."""

    def __init__(self, username: str, services: Sequence[ServiceProcess], races: Races, dice: random.Random) -> None:
        self.username = username
        self.replied: dict[str, str] = {}  # client id → conversation
        self.failures: list[str] = []
        self._services = services
        self._races = races
        self._dice = dice
        self._cookie = ""
        self._csrf = ""
        self._numbers = itertools.count()
        self.ready = asyncio.Event()
        self._news = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []
        self._http: aiohttp.ClientSession | None = None

    def come(self) -> None:
        """Sit down at the desk."""
        self._http = aiohttp.ClientSession(timeout=TIMEOUT, cookie_jar=aiohttp.DummyCookieJar())
        self._tasks = [asyncio.create_task(self._work()), asyncio.create_task(self._listen())]
        for task in self._tasks:
            task.add_done_callback(self._ended)

    async def leave(self) -> None:
        """Go home; what is in hand stays in hand."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._http:
            await self._http.close()

    def _ended(self, task: asyncio.Task[None]) -> None:
        if not task.cancelled():
            self.failures.append(f"{self.username} went away: {task.exception()!r}")

    async def _work(self) -> None:
        await self._log_in()
        await self._call("POST", "/api/desk/presence", {"state": "ready"})
        self.ready.set()
        while True:
            self._news.clear()
            _, queue = await self._call("GET", "/api/desk/conversations?box=queue")
            waiting = queue["conversations"]
            self._dice.shuffle(waiting)
            # All at once: room must be counted one at a time, whoever asks.
            await asyncio.gather(*(self._take(c["id"], c["episode"]) for c in waiting[:6]))
            _, mine = await self._call("GET", "/api/desk/conversations?box=mine")
            await asyncio.gather(*(self._serve(c["id"]) for c in mine["conversations"]))
            try:
                async with asyncio.timeout(0.7):
                    await self._news.wait()
            except TimeoutError:
                continue

    async def _log_in(self) -> None:
        while not self._cookie:
            await self._call("POST", "/api/login", {"username": self.username, "password": PASSWORD}, keep=True)

    async def _take(self, conversation: str, episode: int) -> None:
        status, answer = await self._call("POST", f"/api/desk/conversations/{conversation}/accept", {"episode": episode})
        if status == 200:
            self._races.won[(conversation, episode)].add(self.username)
        elif answer["error"]["code"] == "at_capacity":
            self._races.full += 1
        else:
            self._races.lost += 1

    async def _serve(self, conversation: str) -> None:
        client_id = f"{self.username}-{next(self._numbers):06}"
        path = f"/api/desk/conversations/{conversation}"
        status, _ = await self._call("POST", f"{path}/reply", {"client_id": client_id, "text": GREETING, "media": []})
        if status == 200:
            self.replied[client_id] = conversation
        if self._dice.random() < 0.3:
            await self._call("POST", f"{path}/return", {"reason": "solved_part"})
        else:
            await follow_guide(self._call, conversation, "solved")
            await self._call("POST", f"{path}/close", {"outcome": "solved", "closing": True})

    async def _call(self, method: str, path: str, body: Any = None, keep: bool = False) -> tuple[int, Any]:
        """Ask one service after the other until one answers with anything but a failure of its own (5xx): what the desk page does."""
        assert self._http is not None
        while True:
            service = self._dice.choice(self._services)
            headers = {"X-CSRF-Token": self._csrf, "Cookie": f"sapa_session={self._cookie}"}
            try:
                async with self._http.request(method, service.url + path, json=body, headers=headers) as answer:
                    told = await answer.json() if answer.content_type == "application/json" else {}
                    if answer.status == 200 and keep:
                        self._cookie, self._csrf = answer.cookies["sapa_session"].value, told["csrf"]
                    if answer.status < 500:
                        if answer.status not in (200, 409):
                            self.failures.append(f"{method} {path}: {answer.status} {told}")
                        return answer.status, told
            except (aiohttp.ClientError, OSError, TimeoutError):
                pass
            await asyncio.sleep(0.2)

    async def _listen(self) -> None:
        """The live line: only wakes us, and is opened again elsewhere when it breaks."""
        assert self._http is not None
        while True:
            service = self._dice.choice(self._services)
            headers = {"Cookie": f"sapa_session={self._cookie}", "Origin": service.url}
            try:
                async with asyncio.timeout(4):
                    socket = await self._http.ws_connect(f"{service.url}/ws/desk", headers=headers, heartbeat=3)
                async with socket:
                    async for message in socket:
                        if message.type == aiohttp.WSMsgType.TEXT and json.loads(message.data)["type"] in ("conversation", "refresh"):
                            self._news.set()
            except (aiohttp.ClientError, OSError, TimeoutError):
                pass
            await asyncio.sleep(0.3)
