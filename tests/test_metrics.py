"""GET /metrics: the figures are those of the moment they are asked for."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from sqlalchemy import insert

from bot.channels.records import halts
from bot.clock import ManualClock
from bot.metrics import render
from bot.store.database import Database

NOON = datetime(2026, 11, 23, 5, 0, tzinfo=UTC)


async def test_a_pause_of_a_channel_counts_until_it_is_over(database_url: str) -> None:
    clock = ManualClock(NOON)
    db = Database(database_url, clock)
    try:
        async with db.write() as tx:
            await tx.execute(insert(halts).values(account="paused", code=130429, at=tx.now, until=tx.now + timedelta(seconds=60)))
        assert b"sapa_channels_halted 1.0" in await render(db, True)
        clock.advance(60)
        assert b"sapa_channels_halted 0.0" in await render(db, True)
        async with db.write() as tx:
            await tx.execute(insert(halts).values(account="stopped", code=190, at=tx.now, until=None))
        clock.advance(86400)
        assert b"sapa_channels_halted 1.0" in await render(db, True)
    finally:
        await db.close()
