"""What goes wrong, at random moments from a seed. None of it needs a person to repair it."""

from __future__ import annotations

import asyncio
import random
import signal
from collections import Counter
from collections.abc import Awaitable, Callable

from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from tests.simulation.cluster.cluster import Cluster

Fault = Callable[[Cluster, random.Random], Awaitable[None]]
LEASE_S = 60


async def kill_service(cluster: Cluster, dice: random.Random) -> None:
    """SIGKILL."""
    dice.choice(cluster.services).kill()


async def kill_engine(cluster: Cluster, dice: random.Random) -> None:
    """SIGKILL; it takes some fifteen seconds to come back."""
    dice.choice(cluster.engines).kill()


async def cut_line(cluster: Cluster, dice: random.Random) -> None:
    """Every connection of one service to PostgreSQL breaks."""
    dice.choice(cluster.lines).cut()


async def refuse_line(cluster: Cluster, dice: random.Random) -> None:
    """One service cannot reach PostgreSQL for a while."""
    line = dice.choice(cluster.lines)
    line.refuse()
    await asyncio.sleep(dice.uniform(0.5, 2))
    line.heal()


async def stall_line(cluster: Cluster, dice: random.Random) -> None:
    """PostgreSQL seems to hang for one service; while it does, its leases run out."""
    line = dice.choice(cluster.lines)
    line.stall()
    await _outlive_leases(cluster, dice)
    line.heal()


async def freeze_service(cluster: Cluster, dice: random.Random) -> None:
    """One service stands still until its leases have run out and somebody else has gone on; then it wakes and knows nothing of it."""
    service = dice.choice(cluster.services)
    if not service.running():
        return
    service.signal(signal.SIGSTOP)
    await _outlive_leases(cluster, dice)
    service.signal(signal.SIGCONT)


async def restart_postgres(cluster: Cluster, _dice: random.Random) -> None:
    """As after a crash of the database server."""
    async with cluster.postgres_in_hand:
        await asyncio.to_thread(cluster.postgres.restart)


async def expire_leases(cluster: Cluster, _dice: random.Random | None = None) -> None:
    """Every lease runs out at this moment: whoever holds one has become a zombie."""
    try:
        async with cluster.db.write() as tx:
            for table in ("conversations", "timers"):
                held = f"SELECT ctid FROM {table} WHERE lease_until > now() FOR UPDATE SKIP LOCKED"  # whoever stands still may hold rows
                await tx.execute(text(f"UPDATE {table} SET lease_until = now() WHERE ctid IN ({held})"))
    except (DBAPIError, OSError):
        pass  # the database is away just now


async def _outlive_leases(cluster: Cluster, dice: random.Random) -> None:
    """Wait as long as a lease lasts; where a minute is too long to wait, it is cut short in the database."""
    if cluster.patient:
        await asyncio.sleep(LEASE_S + dice.uniform(1, 5))
        return
    await asyncio.sleep(dice.uniform(0.5, 1.5))
    await expire_leases(cluster)
    await asyncio.sleep(dice.uniform(1, 3))


SHARES: dict[Fault, int] = {
    kill_service: 5,
    cut_line: 4,
    expire_leases: 4,
    freeze_service: 3,
    refuse_line: 1,
    stall_line: 1,
    kill_engine: 1,
    restart_postgres: 1,
}


async def storm(cluster: Cluster, dice: random.Random, seconds: float) -> Counter[str]:
    """One fault after the other for so long, every kind among them; what happened, by name."""
    happened: Counter[str] = Counter()
    end = asyncio.get_running_loop().time() + seconds
    while asyncio.get_running_loop().time() < end:
        faults = [fault for fault, share in SHARES.items() for _ in range(share)]
        dice.shuffle(faults)
        for fault in faults:
            await asyncio.sleep(dice.uniform(0.2, 1.2))
            await fault(cluster, dice)
            happened[fault.__name__] += 1
            if asyncio.get_running_loop().time() > end and len(happened) == len(SHARES):
                break
    return happened
