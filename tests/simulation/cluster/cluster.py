"""The cluster itself: PostgreSQL, services that reach it over lines of their own, engines, and a supervisor that starts again what ended."""

from __future__ import annotations

import asyncio
from pathlib import Path

from aiohttp import web

from bot.clock import SystemClock
from bot.desk.sessions import create_user
from bot.simulator.graph_standin import GraphStandIn
from bot.store.database import Database
from tests.simulation.cluster.agents import PASSWORD
from tests.simulation.cluster.balancer import Balancer
from tests.support.proxy import TcpProxy
from tests.support.servers import NUMBER, SECRET, EngineProcess, PostgresServer, ServiceProcess, free_port
from tests.support.stack import until


class Cluster:
    """Start it, make trouble, and look at it through `db`, which no trouble reaches but PostgreSQL's own."""

    def __init__(self, postgres: PostgresServer, database: str, engines: list[EngineProcess], folder: Path, services: int = 3) -> None:
        self.postgres = postgres
        self.engines = engines
        self.lines = [TcpProxy(postgres.port) for _ in range(services)]
        self.db = Database(f"{postgres.url}/{database}", SystemClock())
        graph_port = free_port()
        self.standin = GraphStandIn("", SECRET, "access", NUMBER, webhook_tries=2000, webhook_pause_s=0.2)
        urls = ",".join(engine.url for engine in engines)
        self.services = [
            ServiceProcess(f"{PostgresServer.url_at(line.port)}/{database}", urls, f"http://127.0.0.1:{graph_port}", folder, DRAIN_S="1.5")
            for line in self.lines
        ]
        self.balancer = Balancer(self.services)
        self.standin.webhooks.url = f"{self.balancer.url}/webhooks/whatsapp"
        self.patient = False  # wait for leases to run out instead of cutting them short
        self.postgres_in_hand = asyncio.Lock()  # one at a time starts or stops it
        self._graph_port = graph_port
        self._runner: web.AppRunner | None = None
        self._supervisor: asyncio.Task[None] | None = None

    async def start(self, agents: list[str]) -> None:
        self._runner = web.AppRunner(self.standin.app, access_log=None)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", self._graph_port).start()
        for line in self.lines:
            await line.start()
        for service in self.services:  # all at once: each brings the database to the present schema, or finds it there
            service.launch()
        await self.balancer.start()
        self._supervisor = asyncio.create_task(self._supervise())
        await self.all_ready()
        for username in agents:
            async with self.db.write() as tx:
                await create_user(tx, username, username.title(), "agent", PASSWORD)

    async def all_ready(self, seconds: float = 60) -> None:
        """Wait until the balancer would choose any service."""
        await until(lambda: len(self.balancer.ready) == len(self.services), "not every service became ready", seconds)

    async def replace(self, process: ServiceProcess | EngineProcess) -> int:
        """Tell it to stop, wait until it has, and until the supervisor has brought its successor up; the code it ended with."""
        old = process.process
        assert old is not None
        old.terminate()
        await until(lambda: old.poll() is not None, "it was told to stop and did not", 45)
        await until(lambda: process.process is not old and process.running(), "nobody started it again")
        if isinstance(process, EngineProcess):
            await asyncio.to_thread(process.wait_ready)
        else:
            await self.all_ready()
        assert old.returncode is not None
        return old.returncode

    async def stop(self) -> None:
        if self._supervisor:
            self._supervisor.cancel()
            await asyncio.gather(self._supervisor, return_exceptions=True)
        for service in self.services:
            service.kill()
        await self.balancer.close()
        for line in self.lines:
            await line.close()
        await self.standin.close()
        if self._runner:
            await self._runner.cleanup()
        await self.db.close()

    async def _supervise(self) -> None:
        """What systemd or a container platform does: nothing else than starting again what has ended."""
        while True:
            for service in self.services:
                if not service.running():
                    service.launch()
            for engine in self.engines:
                if not engine.running():
                    engine.start()
            async with self.postgres_in_hand:
                if not await asyncio.to_thread(self.postgres.running):
                    await asyncio.to_thread(self._start_postgres)
            await asyncio.sleep(0.3)

    def _start_postgres(self) -> None:
        try:
            self.postgres.start()
        except Exception:
            pass
