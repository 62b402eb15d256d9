"""The service dies in the midst of what comes in: some is stored, some is not, nothing is acknowledged."""

from collections.abc import AsyncIterator
from random import Random
from typing import Any

PER_DAY = 1


async def play(dice: Random, day: Any) -> AsyncIterator[float]:
    day.armed = day.crash_on_arrival
    yield 600
