"""Sends without an answer, taken or not: the outcome is unknown (docs/decisions/0005-uncertain-sends.md)."""

from collections.abc import AsyncIterator
from random import Random
from typing import Any

PER_DAY = 2


async def play(dice: Random, day: Any) -> AsyncIterator[float]:
    day.ledger.add("faults", what="Graph silent")
    day.standin.set_faults(**{dice.choice(("gateway_error_times", "drop_connection_times")): 10**6}, accept_first=dice.random() < 0.5)
    yield dice.choice((5, 15))
    day.standin.set_faults()
