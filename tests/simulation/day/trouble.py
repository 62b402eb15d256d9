"""Faults that strike while customers' messages are under way: crashes of the service and a database that fails it.

A crash waits until everything of the instant has come as far as the fault wants it, so that the same seed crashes over the same work.
"""

from __future__ import annotations

import asyncio
import sqlite3
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.simulation.day.day import Day, Event

LOOK_S = 0.02  # real seconds between two looks whether everything stands at the gate
BUSY_S = 0.12


class Trouble:
    """Mixed into the day."""

    async def crash_before_turn(self: Day, batch: list[Event]) -> None:
        """Die with turns on their way to the engine."""
        self.proxy.fault = "hold"
        await self.deliver(batch)
        await self._all_at_the_gate()
        await self._die()

    async def crash_after_turn(self: Day, batch: list[Event]) -> None:
        """Die with the engine's answers on their way back."""
        self.proxy.fault = "hold_answer"
        await self.deliver(batch)
        await self._all_at_the_gate()
        await self._die()

    async def crash_in_send(self: Day, batch: list[Event]) -> None:
        """Die with sends whose answer has not come."""
        self.standin.set_faults(hang_times=10**6)
        await self.deliver(batch)
        await self._all_at_the_gate()
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

    async def _all_at_the_gate(self: Day) -> None:
        """Return when nothing moves any more: every call that can is at the gate, and what was looked at five times was the same."""
        assert self.life is not None
        before, same = None, 0
        for _ in range(500):
            await asyncio.sleep(LOOK_S)
            left = await self.watch.left(self.clock.now())
            now = (len(self.life.busy), self.proxy.calls, self.proxy.under_way, self.proxy.at_the_gate, len(self.standin.record))
            same = same + 1 if now == before and not left and self.proxy.under_way == self.proxy.at_the_gate else 0
            before = now
            if same == 5:
                return

    async def _die(self: Day) -> None:
        """The service ends as a killed process does, and a new one takes its place."""
        self.ledger.add("faults", what="crash")
        assert self.life is not None
        await self.life.crash()
        self.proxy.let_go()
        await self.begin_life()
