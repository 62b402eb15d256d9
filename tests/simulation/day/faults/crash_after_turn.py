"""The service dies with the engine's answers on their way back."""

from collections.abc import AsyncIterator
from random import Random
from typing import Any

PER_DAY = 1


async def play(dice: Random, day: Any) -> AsyncIterator[float]:
    day.armed = day.crash_after_turn
    yield 600
