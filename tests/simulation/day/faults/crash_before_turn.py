"""The service dies with turns on their way to the engine."""

from collections.abc import AsyncIterator
from random import Random
from typing import Any

PER_DAY = 1


async def play(dice: Random, day: Any) -> AsyncIterator[float]:
    day.armed = day.crash_before_turn
    yield 600
