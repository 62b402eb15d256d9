"""Something between service and engine answers 502 for some seconds."""

from collections.abc import AsyncIterator
from random import Random
from typing import Any

PER_DAY = 2


async def play(dice: Random, day: Any) -> AsyncIterator[float]:
    day.proxy.fault = "gateway"
    day.ledger.add("faults", what="engine 502")
    yield dice.choice((5, 10, 20))
    day.proxy.let_go()
