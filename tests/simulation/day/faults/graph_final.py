"""The Graph API refuses some messages for good."""

from collections.abc import AsyncIterator
from random import Random
from typing import Any

PER_DAY = 1


async def play(dice: Random, day: Any) -> AsyncIterator[float]:
    day.ledger.add("faults", what="Graph refuses for good")
    day.standin.set_faults(fail_code=131026, fail_times=10**6)
    yield 5
    day.standin.set_faults()
