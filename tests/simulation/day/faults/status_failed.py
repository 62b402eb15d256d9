"""Messages are taken and reported as failed later."""

from collections.abc import AsyncIterator
from random import Random
from typing import Any

PER_DAY = 1


async def play(dice: Random, day: Any) -> AsyncIterator[float]:
    day.ledger.add("faults", what="status failed")
    day.standin.set_faults(fail_status_code=131026, fail_times=10**6)
    yield 5
    day.standin.set_faults()
