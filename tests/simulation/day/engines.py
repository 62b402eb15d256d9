"""Engines and what goes wrong between them and the service: a small proxy on loopback with faults, and real processes that are killed."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

import aiohttp
from aiohttp import web

from tests.support.servers import EngineProcess, free_port

HOP = {"transfer-encoding", "content-length", "connection", "keep-alive", "host"}


class EngineProxy:
    """Passes calls on to an engine. `fault` says what goes wrong from now on:

    `gateway`: 502 without asking. `drop`: the connection ends. `lose`: the engine does the turn, its answer is lost. `hold`: calls wait
    before they reach the engine; `hold_answer`: after. Both until `let_go`.
    """

    def __init__(self) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.target = ""
        self.fault: str | None = None
        self.calls = self.under_way = self.at_the_gate = 0
        self._gate = asyncio.Event()
        self._runner: web.ServerRunner | None = None
        self._site: web.TCPSite | None = None
        self._http: aiohttp.ClientSession | None = None

    async def start(self) -> None:
        """Listen."""
        self._http = aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0), timeout=aiohttp.ClientTimeout(total=60))
        self._runner = web.ServerRunner(web.Server(self._pass_on, access_log=None), shutdown_timeout=0.1)
        await self._runner.setup()
        await self.listen()

    async def stop(self) -> None:
        """End."""
        self.let_go()
        if self._runner and self._http:
            await self._runner.cleanup()
            await self._http.close()

    async def listen(self) -> None:
        """Take connections (again)."""
        assert self._runner is not None
        if self._site is None:
            self._site = web.TCPSite(self._runner, "127.0.0.1", self.port, reuse_address=True)
            await self._site.start()

    async def refuse(self) -> None:
        """Be as a dead process is: nobody listens, open connections end."""
        if self._site is not None and self._runner is not None:
            await self._site.stop()
            self._site = None
            for connection in list(self._runner.server.connections if self._runner.server else ()):
                if connection.transport is not None:
                    connection.transport.abort()

    def let_go(self) -> None:
        """What was held goes on; no fault from now on."""
        self.fault = None
        self._gate.set()
        self._gate = asyncio.Event()

    async def _pass_on(self, request: web.BaseRequest) -> web.StreamResponse:
        body = await request.read()
        if request.path == "/health":
            return await self._forward(request, body)
        self.calls += 1
        self.under_way += 1
        try:
            return await self._with_faults(request, body, self.fault)
        finally:
            self.under_way -= 1

    async def _held(self) -> None:
        self.at_the_gate += 1
        try:
            await self._gate.wait()
        finally:
            self.at_the_gate -= 1

    async def _with_faults(self, request: web.BaseRequest, body: bytes, fault: str | None) -> web.StreamResponse:
        if fault == "gateway":
            return web.Response(status=502, text="<html>Bad Gateway</html>", content_type="text/html")
        if fault == "drop":
            return _abort(request)
        if fault == "hold":
            await self._held()
        answer = await self._forward(request, body)
        if fault == "lose":
            return _abort(request)
        if fault == "hold_answer":
            await self._held()
        return answer

    async def _forward(self, request: web.BaseRequest, body: bytes) -> web.StreamResponse:
        assert self._http is not None
        headers = {k: v for k, v in request.headers.items() if k.lower() not in HOP}
        try:
            async with self._http.request(request.method, self.target + request.path, data=body, headers=headers) as answer:
                content = await answer.read()
                return web.Response(status=answer.status, body=content, content_type=answer.content_type)
        except aiohttp.ClientError:
            return _abort(request)


def _abort(request: web.BaseRequest) -> web.Response:
    if request.transport is not None:
        request.transport.abort()
    return web.Response(status=502)


class Engines:
    """The engine in service and, where engines are to be killed, a spare that is already warm: a restart in no time."""

    def __init__(self, folder: Path, spare: bool) -> None:
        self._folder = folder
        self._spares = spare
        self._number = 0
        self.now: EngineProcess | None = None
        self._spare: EngineProcess | None = None
        self.kills = 0

    async def start(self) -> None:
        """Start the first, and the spare beside it."""
        self.now = self._new()
        if self._spares:
            self._spare = self._new(nice=True)
        await asyncio.to_thread(self.now.wait_ready, 240)

    def _new(self, nice: bool = False) -> EngineProcess:
        self._number += 1
        engine = EngineProcess(self._folder / f"engine-{self._number}.log")
        engine.start()
        if nice and engine.process is not None:
            os.setpriority(os.PRIO_PROCESS, engine.process.pid, 5)
        return engine

    def kill(self) -> None:
        """SIGKILL."""
        if self.now is not None:
            self.now.kill()
            self.kills += 1

    async def restart(self) -> str:
        """A fresh process, with nothing in its cache; returns its address."""
        spare, self._spare = self._spare or self._new(), None
        await asyncio.to_thread(spare.wait_ready, 240)
        self.now = spare
        if self._spares:
            self._spare = self._new(nice=True)
        return spare.url

    def stop(self) -> None:
        """End all of them."""
        for engine in (self.now, self._spare):
            if engine is not None:
                engine.kill()
