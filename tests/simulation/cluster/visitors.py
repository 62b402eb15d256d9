"""Visitors of the live chat who do what the widget does: connect again elsewhere, and repeat what was not acknowledged."""

from __future__ import annotations

import asyncio
import json
import random
from collections.abc import Sequence
from typing import Any

import aiohttp

from tests.support.servers import ServiceProcess
from tests.support.stack import until

SILENT_S = 4.0  # a socket that says nothing for so long after a ping is given up, as the widget does (after 45 s)


class Visitor:
    """One browser window. `texts` are sent in order; each is there once, under one client id, whatever happens between."""

    def __init__(self, name: str, services: Sequence[ServiceProcess], dice: random.Random, patience_s: float = 90) -> None:
        self.name = name
        self.token: str | None = None
        self.conversation: str | None = None
        self.messages: dict[str, dict[str, Any]] = {}  # what the window shows, by id
        self.confirmed: list[str] = []  # client ids, as they were acknowledged
        self.refusals: list[dict[str, Any]] = []
        self.connects = 0
        self._services = services
        self._dice = dice
        self._patience_s = patience_s
        self._waiting: dict[str, str] = {}  # client id → text, not acknowledged yet
        self._written = 0
        self._socket: aiohttp.ClientWebSocketResponse | None = None
        self._welcomed = False
        self._task: asyncio.Task[None] | None = None

    def open(self) -> None:
        """Open the window."""
        self._task = asyncio.create_task(self._stay_connected(), name=self.name)
        self._task.add_done_callback(self._ended)

    async def close(self) -> None:
        """Close the window."""
        if self._task:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    def _ended(self, task: asyncio.Task[None]) -> None:
        if not task.cancelled():
            self.refusals.append({"went away": repr(task.exception())})

    async def write(self, *texts: str) -> None:
        """Write messages one after the other without waiting for answers; returns when all are acknowledged."""
        for text in texts:
            self._written += 1
            client_id = f"{self.name}-{self._written:04}"
            self._waiting[client_id] = text
            await self._send(client_id, text)
        await until(lambda: not self._waiting, f"{self.name}: not acknowledged: {self._waiting}", self._patience_s)

    async def hear(self, words: str, after: int = 0) -> None:
        """Wait until one of our messages, after the first `after`, says `words`."""
        await self.hear_one_of(after, words)

    async def hear_one_of(self, after: int, *answers: str) -> None:
        """Wait until one of our messages, after the first `after`, says one of the answers."""
        heard = lambda: any(words in m["text"] for m in self.from_us()[after:] for words in answers)  # noqa: E731
        shown = lambda: [m["text"][:60] for m in self.from_us()[-3:]]  # noqa: E731
        try:
            await until(heard, "", self._patience_s)
        except AssertionError:
            raise AssertionError(f"{self.name} in {self.conversation} waits for {answers}; the last heard: {shown()}") from None

    def from_us(self) -> list[dict[str, Any]]:
        """What we said, in order."""
        return [m for m in self.shown() if m["author"] != "customer"]

    def shown(self) -> list[dict[str, Any]]:
        """The window's thread."""
        return sorted(self.messages.values(), key=lambda m: m["seq"])

    async def _stay_connected(self) -> None:
        last: ServiceProcess | None = None
        async with aiohttp.ClientSession() as session:
            while True:
                last = self._dice.choice([service for service in self._services if service is not last])
                try:
                    await self._converse(session, last)
                except (aiohttp.ClientError, OSError, TimeoutError):
                    pass
                self._socket, self._welcomed = None, False
                await asyncio.sleep(self._dice.uniform(0.1, 0.4))

    async def _converse(self, session: aiohttp.ClientSession, service: ServiceProcess) -> None:
        async with asyncio.timeout(SILENT_S):
            socket = await session.ws_connect(f"{service.url}/ws/chat", heartbeat=None)
        async with socket:
            hello = {"type": "hello", "token": self.token, "after": self._after(), "conversation": self.conversation, "inbox": "web"}
            await socket.send_json(hello)
            self._socket = socket
            while True:
                try:
                    message = await socket.receive(timeout=SILENT_S)
                except TimeoutError:
                    await socket.send_json({"type": "ping"})
                    message = await socket.receive(timeout=SILENT_S)
                if message.type != aiohttp.WSMsgType.TEXT:
                    return
                await self._frame(json.loads(message.data))

    def _after(self) -> int:
        return max((m["seq"] for m in self.messages.values()), default=0)

    async def _send(self, client_id: str, text: str) -> None:
        if self._socket is not None and self._welcomed:
            try:
                await self._socket.send_json({"type": "message", "client_id": client_id, "text": text, "payload": None, "media": []})
            except (aiohttp.ClientError, OSError):
                return  # repeated on the next connection

    async def _frame(self, frame: dict[str, Any]) -> None:
        kind = frame["type"]
        if kind == "welcome":
            self.connects += 1
            self.token = frame["token"]
            self._now_in(frame["conversation"])
            for message in frame["messages"]:
                self.messages[message["id"]] = message
            self._welcomed = True
            for client_id, text in list(self._waiting.items()):
                await self._send(client_id, text)
        elif kind == "ack":
            self._now_in(frame["conversation"])
            if self._waiting.pop(frame["client_id"], None) is not None:
                self.confirmed.append(frame["client_id"])
        elif kind == "refused":
            self.refusals.append(frame)
            await asyncio.sleep(1)
            if frame["client_id"] in self._waiting:
                await self._send(frame["client_id"], self._waiting[frame["client_id"]])
        elif kind in ("message", "state"):
            self._now_in(frame["conversation"])
            if kind == "message":
                self.messages[frame["message"]["id"]] = frame["message"]

    def _now_in(self, conversation: str | None) -> None:
        if conversation != self.conversation:
            if self.conversation is not None:
                self.messages.clear()  # as the widget does: another conversation is another thread
            self.conversation = conversation
