"""A database, an event log written into it by hand, and what the product made of it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import insert, select

from bot.client import Client, load_client
from bot.clock import ManualClock
from bot.conversations.records import facts
from bot.store.database import Database
from bot.supervision.records import figure_cells
from bot.supervision.tally import Tally
from tests.supervision.reference import cells

CLIENT: Client = load_client("clients/pegadaian")
START = datetime(2026, 11, 30, 16, 20, tzinfo=UTC)  # the last evening of a month, 23.20 in Jakarta
Line = dict[str, Any]


class Books:
    """The log and the figures of one database."""

    def __init__(self, url: str) -> None:
        self.db = Database(url, ManualClock(START))
        self.tally = self.another()

    def another(self, at_once: int = 1000, db: Database | None = None) -> Tally:
        """As another process has it."""
        return Tally(db or self.db, CLIENT, at_once)

    async def write(self, lines: list[Line]) -> None:
        async with self.db.write() as tx:
            for line in lines:
                await tx.execute(insert(facts).values(**line))

    async def log(self) -> list[Line]:
        async with self.db.read() as tx:
            return [dict(row._mapping) for row in await tx.execute(select(facts).order_by(facts.c.id))]

    async def counted(self) -> dict[Any, dict[str, int]]:
        async with self.db.read() as tx:
            rows = (await tx.execute(select(figure_cells))).all()
        return {(row.grain, row.dimension, row.start, row.key): row.amounts for row in rows}

    async def due(self) -> dict[Any, dict[str, int]]:
        """What the reference makes of the whole log."""
        return cells(await self.log(), CLIENT.figures.targets.response_s, CLIENT.zone)


@pytest.fixture
async def books(database_url: str) -> AsyncIterator[Books]:
    made = Books(database_url)
    yield made
    await made.db.close()


@pytest.fixture
async def sqlite_books(sqlite_url: str) -> AsyncIterator[Books]:
    made = Books(sqlite_url)
    yield made
    await made.db.close()
