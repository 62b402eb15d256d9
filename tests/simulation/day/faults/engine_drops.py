"""Connections to the engine break before it answers."""

from collections.abc import AsyncIterator
from random import Random
from typing import Any

PER_DAY = 1


async def play(dice: Random, day: Any) -> AsyncIterator[float]:
    day.ledger.add("faults", what="engine drops")
    day.proxy.fault = "drop"
    yield dice.choice((5, 10))
    day.proxy.let_go()
