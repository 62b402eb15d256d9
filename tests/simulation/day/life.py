"""One life of the service: started over a database, ended properly or abandoned as a crash would leave it."""

from __future__ import annotations

import asyncio
import contextvars
import functools
import gc
import socket
import warnings
from collections.abc import Coroutine
from typing import Any
from unittest.mock import patch

from aiohttp import web

from bot.app import Service, create_app, create_service
from bot.channels.whatsapp.attachments import Attachments, Receipts
from bot.channels.whatsapp.sender import Sender
from bot.client import load_client
from bot.clock import ManualClock
from bot.conversations.timers import TimerLoop
from bot.conversations.worker import Worker
from bot.settings import Settings
from tests.simulation.day.gate import GatedRouter

_LIFE: contextvars.ContextVar[Life | None] = contextvars.ContextVar("life", default=None)
# Tasks that are work of the present instant; all others (loops, sockets) wait for something.
_WORK = {f.__qualname__ for f in (Worker._serve, Sender._send, TimerLoop._handle, Receipts._mark, Attachments._fetch)}


PATIENCE_S = 30.0  # real seconds
_client = functools.cache(load_client)


class Dead(ConnectionError):
    """The process is gone: nothing reaches the database any more."""


class Life:
    """A service that can be crashed."""

    def __init__(self, settings: Settings, clock: ManualClock) -> None:
        with patch("bot.app.load_client", _client):  # reading and checking it takes half a second, and it does not change in a day
            self.service: Service = create_service(settings, clock)
        self._tasks: set[asyncio.Task[Any]] = set()
        self.busy: set[asyncio.Task[Any]] = set()
        self._runner = web.AppRunner(create_app(self.service), access_log=None, shutdown_timeout=0.1)

    @staticmethod
    def keep_track() -> None:
        """Once a loop: every task a life starts belongs to it, however deep."""

        def factory(loop: asyncio.AbstractEventLoop, coro: Coroutine[Any, Any, Any], **options: Any) -> asyncio.Task[Any]:
            task: asyncio.Task[Any] = asyncio.Task(coro, loop=loop, **options)
            life = _LIFE.get()
            if life is not None:
                life._tasks.add(task)
                task.add_done_callback(life._tasks.discard)
                if getattr(coro, "__qualname__", "") in _WORK:
                    life.busy.add(task)
                    task.add_done_callback(life.busy.discard)
            return task

        asyncio.get_running_loop().set_task_factory(factory)

    async def start(self) -> None:
        """Take connections, run the loops."""
        token = _LIFE.set(self)
        try:
            with patch("bot.app.Router", GatedRouter):
                await self._runner.setup()
            settings = self.service.settings
            await web.TCPSite(self._runner, settings.host, settings.port, reuse_address=True).start()
        finally:
            _LIFE.reset(token)

    def nudge(self, *topics: str) -> None:
        """The look once a second of worker (`inbox`), sender (`outbox`) and downloads (`media`), on the virtual clock: it has moved, so they look."""
        for topic in topics:
            self.service.db.emit(topic, {})

    async def route(self) -> None:
        """It is the router's turn."""
        async with asyncio.timeout(PATIENCE_S):
            await next(loop for loop in self.service.loops if isinstance(loop, GatedRouter)).turn()

    async def idle(self) -> None:
        """Return when no work is under way."""
        while self.busy:
            await asyncio.wait(self.busy)

    async def stop(self) -> None:
        """End properly."""
        await self._runner.cleanup()

    async def crash(self) -> None:
        """End as a killed process does: no statement more, connections reset, nothing told to anybody."""
        db = self.service.db
        db.write = db.read = _refuse  # type: ignore[method-assign,assignment]
        server = self._runner.server
        for connection in list(server.connections if server else ()):
            if (transport := connection.transport) is not None:
                peer = transport.get_extra_info("socket")
                if peer is not None:
                    peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\x00\x00\x00\x00\x00\x00\x00")
                transport.abort()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*list(self._tasks), return_exceptions=True)
        await self._runner.cleanup()  # only to give back sockets and files: there is nobody left to drain
        self._tasks.clear()
        with warnings.catch_warnings():  # connections that were in hand: the pool complains where a killed process could not
            warnings.simplefilter("ignore")
            gc.collect()


def _refuse(*_: Any, **__: Any) -> Any:
    raise Dead("the process has died")
