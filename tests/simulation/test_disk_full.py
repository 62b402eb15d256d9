"""The database's disk is full: what cannot be stored is not acknowledged, and once there is room again everything goes on by itself."""

from __future__ import annotations

import asyncio
import os
import random
import shutil
import subprocess
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.store.migrate import upgrade
from tests.conftest import StackFactory, missing
from tests.simulation.cluster.cluster import Cluster
from tests.simulation.cluster.invariants import LEFT, NEVER, broken, sent, stored
from tests.simulation.cluster.phones import Caller
from tests.support.servers import EngineProcess, PostgresServer, postgres_binary
from tests.support.stack import until

pytestmark = pytest.mark.engine


class SmallDisk:
    """A file system of its own that can be filled."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def fill(self) -> None:
        """Not a byte is left."""
        with (self.folder / "filler").open("ab", buffering=0) as filler:
            for size in (2**20, 4096, 1):
                try:
                    while filler.write(b"x" * size) == size:
                        pass
                except OSError:
                    continue

    def make_room(self) -> None:
        (self.folder / "filler").unlink(missing_ok=True)


@pytest.fixture
def disk(request: pytest.FixtureRequest) -> Iterator[SmallDisk]:
    """A small disk in memory. Mounting one takes root."""
    folder = Path("/tmp") / f"sapa-disk-{uuid.uuid4().hex[:8]}"
    folder.mkdir()
    size = f"size={request.param}m"
    if os.geteuid() != 0 or subprocess.run(["mount", "-t", "tmpfs", "-o", size, "tmpfs", str(folder)], capture_output=True).returncode:
        folder.rmdir()
        missing("the right to mount a small disk (root)")
    folder.chmod(0o755)
    try:
        yield SmallDisk(folder)
    finally:
        subprocess.run(["umount", str(folder)], check=True)
        folder.rmdir()


@pytest.mark.parametrize("disk", [6], indirect=True)
async def test_sqlite(disk: SmallDisk, start_stack: StackFactory) -> None:
    url = f"sqlite+aiosqlite:///{disk.folder / 'sapa.db'}"
    await upgrade(url)
    stack = await start_stack(url)
    await stack.phone(0).say("halo")
    visitor = await stack.visitor()
    await visitor.say("halo")
    disk.fill()
    stack.graph.webhooks._pause_s = 0.2
    stack.graph.webhooks._tries = 500
    statuses = []
    for number in range(40):
        status, _ = await stack.graph.customer_sends(number % 4, "text", text=f"brp sih bunga gadai di pegadaian {number}")
        statuses.append(status)
        if status != 200:
            break
    assert statuses[-1] == 500, "it was never full"
    disk.make_room()
    await stack.graph.settle()
    await stack.quiet()
    again = await stack.visitor(visitor.token)
    assert "sewa modal" in await again.say("brp sih bunga gadai di pegadaian")
    rows = await stack.facts("message_received")
    assert len(rows) == len(statuses) + 3, "a message was lost or stored twice"
    assert len(await stack.facts("bot_answered")) == len(rows)


@pytest.mark.postgres
@pytest.mark.parametrize("disk", [150], indirect=True)
async def test_postgres(engine: EngineProcess, disk: SmallDisk, tmp_path: Path) -> None:
    if not postgres_binary("initdb"):
        missing("PostgreSQL (initdb, pg_ctl)")
    postgres = PostgresServer(disk.folder / "postgres", "-c min_wal_size=32MB -c max_wal_size=48MB")
    postgres.start()
    cluster = Cluster(postgres, "postgres", [engine], tmp_path, services=2)
    dice = random.Random(1)
    try:
        await cluster.start([])
        callers = [Caller(cluster.standin, number, dice) for number in range(8)]
        await callers[0].complain()
        disk.fill()
        complaints = [asyncio.create_task(caller.complain()) for caller in callers[1:]]
        await until(lambda: cluster.balancer.statuses[500] + cluster.balancer.refused > 10, "it was never full", 30)
        assert not any(complaint.done() for complaint in complaints)
        disk.make_room()
        await asyncio.gather(*complaints)
        await cluster.standin.settle()

        async def nothing_left() -> bool:
            return not await broken(cluster.db, LEFT)

        await until(nothing_left, "something was never finished", 75)
        assert await broken(cluster.db, NEVER) == {}
        assert await sent(cluster.db, cluster.standin) == {}
        assert await stored(cluster.db, [wamid for caller in callers for wamid in caller.sent]) == []
        print(dict(cluster.balancer.statuses), cluster.balancer.refused)
    finally:
        await cluster.stop()
        postgres.stop()
        shutil.rmtree(disk.folder / "postgres", ignore_errors=True)
