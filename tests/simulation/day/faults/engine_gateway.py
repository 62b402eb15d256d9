"""Something between service and engine answers 502 for some seconds."""

from collections.abc import AsyncIterator
from random import Random
from typing import Any

PER_DAY = 1


async def play(dice: Random, day: Any) -> AsyncIterator[float]:
    day.ledger.add("faults", what="engine 502")
    day.proxy.fault = "gateway"
    yield dice.choice((5, 10, 20))
    day.proxy.let_go()
