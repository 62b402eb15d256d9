"""Somebody else holds SQLite's write lock for a moment."""

from collections.abc import AsyncIterator
from random import Random
from typing import Any

PER_DAY = 2


def fits(day: Any) -> bool:
    """Where it can happen."""
    return str(day.database_url).startswith("sqlite")


async def play(dice: Random, day: Any) -> AsyncIterator[float]:
    day.armed = day.database_busy
    yield 600
