"""The service dies while the Graph API has its messages and it does not know yet."""

from collections.abc import AsyncIterator
from random import Random
from typing import Any

PER_DAY = 1


async def play(dice: Random, day: Any) -> AsyncIterator[float]:
    day.armed = day.crash_in_send
    yield 600
