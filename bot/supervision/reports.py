"""Reports: figures of a span of time by interval and by one dimension, out of the cells alone."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import bindparam, func, select

from bot.client import Client
from bot.store.database import Tx
from bot.store.prepared import Prepared
from bot.supervision.bookings import DIMENSIONS, GRAINS, start_of
from bot.supervision.records import figure_cells

MOST_ROWS = 9_000  # a year of hours; more than that would not be told in two seconds, and nobody reads it
_c = figure_cells.c
_IN_SPAN = (
    _c.grain == bindparam("grain"),
    _c.dimension == bindparam("dimension"),
    _c.start >= bindparam("begin"),
    _c.start < bindparam("end"),
)
_CELLS = Prepared(select(_c.start, _c.key, _c.amounts).where(*_IN_SPAN).order_by(_c.start, _c.key))
_HOW_MANY = Prepared(select(func.count().label("n")).where(*_IN_SPAN))


class TooMuch(Exception):
    """More rows than a report may have: a coarser step or a shorter span is needed."""


@dataclass(frozen=True, slots=True)
class Row:
    """One interval and key."""

    start: datetime
    key: str
    amounts: Mapping[str, int]


async def report(tx: Tx, client: Client, begin: datetime, end: datetime, step: str, by: str) -> list[Row]:
    """The rows from `begin` (its interval is taken whole) until before `end`, in order. Raises TooMuch."""
    assert step in GRAINS and by in DIMENSIONS
    asked = {"grain": step, "dimension": by, "begin": start_of(step, begin, client.zone), "end": end}
    if (await tx.run(_HOW_MANY, **asked))[0].n > MOST_ROWS:
        raise TooMuch
    return [Row(row.start, row.key, row.amounts) for row in await tx.run(_CELLS, **asked)]


def totals(rows: list[Row]) -> dict[str, Counter[str]]:
    """The sum of each key."""
    found: dict[str, Counter[str]] = {}
    for row in rows:
        sums = found.setdefault(row.key, Counter())
        for measure, amount in row.amounts.items():
            sums[measure] += amount
    return found


def day_of(at: datetime, client: Client) -> tuple[datetime, datetime]:
    """The client's day that holds it: from, until before."""
    begin = start_of("day", at, client.zone)
    return begin, start_of("day", begin + timedelta(hours=36), client.zone)
