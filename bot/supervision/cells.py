"""Bookings into the tables that reports read: one row for each interval, dimension and key, added to in place."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import and_, delete, insert, or_, select
from sqlalchemy.dialects.postgresql import insert as pg_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from bot.store.database import Tx
from bot.supervision.bookings import GRAINS, Bookings, start_of
from bot.supervision.records import figure_cells

Cell = tuple[str, str, datetime, str]  # grain, dimension, start, key
Amounts = Counter[str]
AT_ONCE = 100
_c = figure_cells.c


def cells_of(bookings: Bookings, zone: ZoneInfo, grains: Sequence[str] = GRAINS) -> dict[Cell, Amounts]:
    """What each cell is to have more of."""
    found: dict[Cell, Amounts] = defaultdict(Counter)
    starts: dict[tuple[str, datetime], datetime] = {}
    for (quarter, measure, where), amount in bookings.items():
        for grain in grains:
            if (grain, quarter) not in starts:
                starts[(grain, quarter)] = start_of(grain, quarter, zone)
            start = starts[(grain, quarter)]
            found[(grain, "all", start, "")][measure] += amount
            for dimension, key in where:
                found[(grain, dimension, start, key)][measure] += amount
    return found


async def add(tx: Tx, bookings: Bookings, zone: ZoneInfo) -> None:
    """Add them. The caller is the only one who writes cells."""
    changes = list(cells_of(bookings, zone).items())
    for first in range(0, len(changes), AT_ONCE):
        part = dict(changes[first : first + AT_ONCE])
        which = or_(*(_is(cell) for cell in part))
        kept = {(row.grain, row.dimension, row.start, row.key): row.amounts for row in await tx.execute(select(figure_cells).where(which))}
        rows, empty = [], []
        for cell, more in part.items():
            amounts = added(kept.get(cell, {}), more)
            if amounts:
                rows.append(row_of(cell, amounts))
            elif cell in kept:
                empty.append(cell)
        if rows:
            new_insert = sqlite_insert if tx.dialect == "sqlite" else pg_insert
            statement = new_insert(figure_cells).values(rows)
            key = ["grain", "dimension", "start", "key"]
            await tx.execute(statement.on_conflict_do_update(index_elements=key, set_={"amounts": statement.excluded.amounts}))
        if empty:
            await tx.execute(delete(figure_cells).where(or_(*(_is(cell) for cell in empty))))


def added(kept: dict[str, int], more: Amounts) -> dict[str, int]:
    """What a cell holds then; zeros are left out."""
    amounts = Counter(kept)
    for measure, amount in more.items():
        amounts[measure] += amount
    return {measure: amount for measure, amount in sorted(amounts.items()) if amount}


def row_of(cell: Cell, amounts: dict[str, int]) -> dict[str, Any]:
    """A cell as a row."""
    grain, dimension, start, key = cell
    return {"grain": grain, "dimension": dimension, "start": start, "key": key, "amounts": amounts}


async def store(tx: Tx, rows: Iterable[dict[str, Any]]) -> None:
    """Store rows that are not there yet."""
    made = list(rows)
    for first in range(0, len(made), 1000):
        await tx.execute(insert(figure_cells), made[first : first + 1000])


def _is(cell: Cell) -> Any:
    grain, dimension, start, key = cell
    return and_(_c.grain == grain, _c.dimension == dimension, _c.start == start, _c.key == key)
