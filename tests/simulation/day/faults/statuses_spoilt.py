"""Webhooks come twice, statuses newest first."""

from collections.abc import AsyncIterator
from random import Random
from typing import Any

PER_DAY = 2


async def play(dice: Random, day: Any) -> AsyncIterator[float]:
    day.ledger.add("faults", what="webhooks spoilt")
    day.standin.set_faults(duplicate=True, reorder=True)
    yield dice.choice((60, 180))
    day.standin.set_faults()
