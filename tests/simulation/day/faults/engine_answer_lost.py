"""The engine does the turn and its answer is lost: its dialogue is ahead of ours."""

from collections.abc import AsyncIterator
from random import Random
from typing import Any

PER_DAY = 2


async def play(dice: Random, day: Any) -> AsyncIterator[float]:
    day.ledger.add("faults", what="engine's answer lost")
    day.proxy.fault = "lose"
    yield dice.choice((5, 10))
    day.proxy.let_go()
