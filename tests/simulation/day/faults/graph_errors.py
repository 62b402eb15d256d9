"""The Graph API refuses for a while: out of order, too fast, throttled."""

from collections.abc import AsyncIterator
from random import Random
from typing import Any

PER_DAY = 2


async def play(dice: Random, day: Any) -> AsyncIterator[float]:
    day.ledger.add("faults", what="Graph refuses")
    day.standin.set_faults(fail_code=dice.choice((131000, 131016, 131056, 130429, 2)), fail_times=10**6)
    yield dice.choice((5, 15, 40))
    day.standin.set_faults()
