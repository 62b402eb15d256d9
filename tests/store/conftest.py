"""A SQLite file with every table and a clock that stands still."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.clock import ManualClock
from bot.store.database import Database
from bot.store.schema import metadata

START = datetime(2026, 11, 18, 2, 0, tzinfo=UTC)


@pytest.fixture
def clock() -> ManualClock:
    """Wednesday 09.00 in Jakarta, until it is moved."""
    return ManualClock(START)


@pytest.fixture
async def db(tmp_path: Path, clock: ManualClock) -> AsyncIterator[Database]:
    """An empty database on a file."""
    database = Database(f"sqlite+aiosqlite:///{tmp_path / 'sapa.db'}", clock)
    async with database.engine.begin() as conn:
        await conn.run_sync(metadata.create_all)
    yield database
    await database.close()
