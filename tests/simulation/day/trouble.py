"""Faults that strike while customers' messages are under way: crashes of the service and a database that fails it.

A crash waits until everything of the instant has come as far as the fault wants it, so that the same seed crashes over the same work.
"""

from __future__ import annotations

import asyncio
import sqlite3
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.simulation.day.day import Day, Event

FAR_S = 0.06  # real seconds: whatever is stored is held at the gate by then
BUSY_S = 0.12


class Trouble:
    """Mixed into the day."""

    async def crash_before_turn(self: Day, batch: list[Event]) -> None:
        """Die with turns on their way to the engine."""
        self.proxy.fault = "hold"
        await self.deliver(batch)
        await asyncio.sleep(FAR_S)
        await self._die()

    async def crash_after_turn(self: Day, batch: list[Event]) -> None:
        """Die with the engine's answers on their way back."""
        self.proxy.fault = "hold_answer"
        await self.deliver(batch)
        await asyncio.sleep(3 * FAR_S)
        await self._die()

    async def crash_in_send(self: Day, batch: list[Event]) -> None:
        """Die with sends whose answer has not come."""
        self.standin.set_faults(hang_times=10**6)
        await self.deliver(batch)
        for _ in range(30):
            await asyncio.sleep(FAR_S / 3)
            if not await self.watch.left(self.clock.now()):
                break
        await asyncio.sleep(2 * FAR_S)
        self.standin.set_faults()
        await self._die()

    async def crash_on_arrival(self: Day, batch: list[Event]) -> None:
        """Die in the midst of what comes in."""
        delivery = asyncio.create_task(self.deliver(batch))
        await asyncio.sleep(0.004)
        await self._die()
        await delivery

    async def database_busy(self: Day, batch: list[Event]) -> None:
        """Another process writes to SQLite."""
        self.ledger.add("faults", what="database busy")
        other = sqlite3.connect(self.database_url.partition(":///")[2], isolation_level=None, timeout=5)
        other.execute("BEGIN IMMEDIATE")
        delivery = asyncio.create_task(self.deliver(batch))
        await asyncio.sleep(BUSY_S)
        other.execute("ROLLBACK")
        other.close()
        await delivery

    async def database_cut(self: Day, batch: list[Event]) -> None:
        """PostgreSQL ends the service's connections."""
        self.ledger.add("faults", what="database")
        delivery = asyncio.create_task(self.deliver(batch))
        for _ in range(3):
            await asyncio.sleep(0.008)
            await self.watch.rows(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        await delivery

    async def _die(self: Day) -> None:
        """The service ends as a killed process does, and a new one takes its place."""
        self.ledger.add("faults", what="crash")
        assert self.life is not None
        await self.life.crash()
        self.proxy.let_go()
        await self.begin_life()
