"""Nobody listens where the engine should be: shorter than the service is patient, or longer."""

from collections.abc import AsyncIterator
from random import Random
from typing import Any

PER_DAY = 1


async def play(dice: Random, day: Any) -> AsyncIterator[float]:
    day.ledger.add("faults", what="engine refuses")
    await day.proxy.refuse()
    yield dice.choice((10, 40, 90))
    await day.proxy.listen()
