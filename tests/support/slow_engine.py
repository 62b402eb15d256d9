"""An engine that serves as fast as a test lets it: a proxy in front of the real one."""

from __future__ import annotations

import asyncio

import aiohttp
from aiohttp import web

from tests.support.servers import free_port


class SlowEngine:
    """Passes requests on, so many at once; `allow(n)` lets n more turns through, `open()` all of them, `broken` answers 503."""

    def __init__(self, real_url: str, at_once: int = 16) -> None:
        self.url = f"http://127.0.0.1:{free_port()}"
        self.asked: list[str] = []  # conversations in the order they came to be served
        self.broken = False
        self._real = real_url
        self._at_once = asyncio.Semaphore(at_once)
        self._allowed = asyncio.Semaphore(0)
        self._is_open = False
        self._session: aiohttp.ClientSession | None = None
        self._runner: web.AppRunner | None = None

    async def start(self) -> None:
        app = web.Application(client_max_size=16 * 2**20)
        app.router.add_route("*", "/{path:.*}", self._pass_on)
        self._session = aiohttp.ClientSession()
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", int(self.url.rsplit(":", 1)[1])).start()

    async def stop(self) -> None:
        if self._runner:
            await self._runner.cleanup()
        if self._session:
            await self._session.close()

    def allow(self, turns: int) -> None:
        for _ in range(turns):
            self._allowed.release()

    def open(self) -> None:
        self._is_open = True
        self.allow(1000)

    async def _pass_on(self, request: web.Request) -> web.Response:
        assert self._session is not None
        if self.broken:
            return web.json_response({"error": "down"}, status=503)
        body = await request.read()
        if request.path == "/turn" and not self._is_open:
            await self._allowed.acquire()
        async with self._at_once:
            if request.path == "/turn":
                self.asked.append((await request.json())["conversation_id"])
            headers = {"Authorization": request.headers.get("Authorization", ""), "Content-Type": "application/json"}
            async with self._session.request(request.method, self._real + request.path, data=body, headers=headers) as answer:
                return web.Response(body=await answer.read(), status=answer.status, content_type="application/json")


class PretendEngine:
    """Answers every turn at once with the same sentence: for tests that are not about the dialogue."""

    def __init__(self) -> None:
        self.url = f"http://127.0.0.1:{free_port()}"
        self._runner: web.AppRunner | None = None

    async def start(self) -> None:
        app = web.Application()
        app.add_routes([web.get("/health", self._health), web.post("/turn", self._turn)])
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", int(self.url.rsplit(":", 1)[1])).start()

    async def stop(self) -> None:
        if self._runner:
            await self._runner.cleanup()

    async def _health(self, _request: web.Request) -> web.Response:
        return web.json_response({"model": "pretend"})

    async def _turn(self, request: web.Request) -> web.Response:
        version = (await request.json())["version"] + 1
        insight = {"intent": "info_emas", "confidence": 0.9, "ranking": [], "entities": []}
        answer = {"version": version, "model": "pretend", "responses": [{"text": "Baik."}], "new_events": [], "insight": insight}
        return web.json_response(answer)
