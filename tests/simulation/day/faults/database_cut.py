"""PostgreSQL ends every connection of the service, in the midst of what it does."""

from collections.abc import AsyncIterator
from random import Random
from typing import Any

PER_DAY = 2


def fits(day: Any) -> bool:
    """Where it can happen."""
    return not str(day.database_url).startswith("sqlite")


async def play(dice: Random, day: Any) -> AsyncIterator[float]:
    day.armed = day.database_cut
    yield 600
