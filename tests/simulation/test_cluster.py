"""Three services and two engines on one PostgreSQL, under traffic, while everything is killed and cut. Nothing is lost, nothing happens twice.

`make simulate-cluster MINUTES=10` runs it for longer and waits for real leases to run out. SEED repeats the order of the faults.
"""

from __future__ import annotations

import asyncio
import os
import random
import shutil
import uuid
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.conftest import missing
from tests.simulation.cluster.cluster import Cluster
from tests.simulation.cluster.faults import expire_leases, storm
from tests.simulation.cluster.invariants import FELT, LEFT, NEVER, broken, sent, stored
from tests.simulation.cluster.places import overfull
from tests.simulation.cluster.traffic import Traffic
from tests.support.servers import EngineProcess, PostgresServer, postgres_binary
from tests.support.stack import until

pytestmark = [pytest.mark.engine, pytest.mark.postgres]
MINUTES = float(os.environ.get("MINUTES", "0"))
CAPACITY = 4  # clients/pegadaian: handoff.capacity
STORM_S = MINUTES * 60 or 22


@pytest.fixture
def dice() -> random.Random:
    seed = int(os.environ.get("SEED", random.randrange(10**6)))
    print(f"replay with SEED={seed}")
    return random.Random(seed)


@pytest.fixture
async def cluster(engine: EngineProcess, tmp_path: Path) -> AsyncIterator[Cluster]:
    """Three services, two engines, a PostgreSQL of its own (it is restarted)."""
    if not postgres_binary("initdb"):
        missing("PostgreSQL (initdb, pg_ctl)")
    folder = Path("/tmp") / f"sapa-cluster-{uuid.uuid4().hex[:8]}"
    engines = [EngineProcess(tmp_path / f"engine-{n}.log") for n in range(2)]
    postgres = PostgresServer(folder)
    postgres.start()
    made = Cluster(postgres, "postgres", engines, tmp_path)
    try:
        for each in engines:
            each.start()
        for each in engines:
            await asyncio.to_thread(each.wait_ready)
        await made.start(["rani", "dimas", "wulan"])
        yield made
    finally:
        await made.stop()
        for each in engines:
            each.kill()
        postgres.stop()
        shutil.rmtree(folder, ignore_errors=True)


async def test_everything_is_killed_and_cut(cluster: Cluster, dice: random.Random) -> None:
    cluster.patient = MINUTES > 0
    traffic = Traffic(cluster, dice, patience_s=240 if cluster.patient else 100)
    await traffic.start()
    happened = await storm(cluster, dice, STORM_S)
    await cluster.all_ready()
    if not cluster.patient:
        await expire_leases(cluster)
    await traffic.finish()
    print(f"faults: {dict(happened)}; {traffic.told()}")
    await check(cluster, traffic)


async def test_a_rolling_restart_is_felt_by_nobody(cluster: Cluster, dice: random.Random) -> None:
    traffic = Traffic(cluster, dice, patience_s=60)
    await traffic.start()
    codes = [await cluster.replace(process) for process in (*cluster.services, *cluster.engines)]
    await traffic.finish()
    print(traffic.told())
    assert codes == [0] * 5
    await check(cluster, traffic)
    assert await broken(cluster.db, FELT) == {}
    assert cluster.balancer.refused == 0


async def check(cluster: Cluster, traffic: Traffic) -> None:
    """Everything that was promised."""
    await cluster.standin.settle()

    async def nothing_left() -> bool:
        return not await broken(cluster.db, LEFT)

    try:
        await until(nothing_left, "", 75)
    except AssertionError:
        raise AssertionError(f"never finished: {await broken(cluster.db, LEFT)}") from None
    assert await broken(cluster.db, NEVER) == {}
    assert await overfull(cluster.db, CAPACITY) == []
    assert await sent(cluster.db, cluster.standin) == {}
    assert await stored(cluster.db, traffic.written()) == []
    assert await traffic.wrong() == {}
