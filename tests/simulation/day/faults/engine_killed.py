"""The engine is killed (SIGKILL) and comes back with nothing in its cache."""

from collections.abc import AsyncIterator
from random import Random
from typing import Any

PER_DAY = 1


def fits(day: Any) -> bool:
    """Where there are engines to kill."""
    return day.engines is not None


async def play(dice: Random, day: Any) -> AsyncIterator[float]:
    day.ledger.add("faults", what="engine killed")
    day.engines.kill()
    yield dice.choice((10, 20))
    day.proxy.target = await day.engines.restart()
