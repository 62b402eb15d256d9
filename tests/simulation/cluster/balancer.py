"""A load balancer as small as can be: requests go round the services that are ready; one that is not is passed over."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Sequence

import aiohttp
from aiohttp import web

from tests.support.servers import ServiceProcess, free_port

LOOK_EVERY_S = 0.3


class Balancer:
    """HTTP on `url`; `ready` are the services it would choose from."""

    def __init__(self, services: Sequence[ServiceProcess]) -> None:
        self.url = f"http://127.0.0.1:{free_port()}"
        self.ready: list[ServiceProcess] = []
        self.statuses: Counter[int] = Counter()  # of what was passed on
        self.refused = 0
        self._services = services
        self._turn = 0
        self._runner: web.AppRunner | None = None
        self._looker: asyncio.Task[None] | None = None
        self._http: aiohttp.ClientSession | None = None

    async def start(self) -> None:
        # A connection for each request: a balancer that keeps them meets those that a stopping service closes.
        self._http = aiohttp.ClientSession(
            timeout=aiohttp.ClientTimeout(total=10), connector=aiohttp.TCPConnector(limit=0, force_close=True)
        )
        app = web.Application(client_max_size=8 * 2**20)
        app.router.add_route("*", "/{path:.*}", self._pass_on)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", int(self.url.rsplit(":", 1)[1])).start()
        self._looker = asyncio.create_task(self._look())

    async def close(self) -> None:
        if self._looker:
            self._looker.cancel()
            await asyncio.gather(self._looker, return_exceptions=True)
        if self._runner:
            await self._runner.cleanup()
        if self._http:
            await self._http.close()

    async def _look(self) -> None:
        while True:
            answers = await asyncio.gather(*(service.answers("/readyz", 2) for service in self._services))
            self.ready = [service for service, answer in zip(self._services, answers, strict=True) if answer]
            await asyncio.sleep(LOOK_EVERY_S)

    async def _pass_on(self, request: web.Request) -> web.Response:
        assert self._http is not None
        body = await request.read()
        headers = {name: value for name, value in request.headers.items() if name.lower() not in ("host", "content-length")}
        for _ in range(len(self.ready)):
            self._turn += 1
            service = self.ready[self._turn % len(self.ready)]
            try:
                async with self._http.request(request.method, service.url + request.path_qs, data=body, headers=headers) as answer:
                    self.statuses[answer.status] += 1
                    return web.Response(status=answer.status, body=await answer.read())
            except aiohttp.ClientConnectorError:
                continue  # nothing was sent: the next one
            except (aiohttp.ClientError, TimeoutError):
                break
        self.refused += 1
        return web.Response(status=503)
