"""A desk loses its connection, mostly for longer than the grace, and comes back."""

from collections.abc import AsyncIterator
from random import Random
from typing import Any

PER_DAY = 10


async def play(dice: Random, day: Any) -> AsyncIterator[float]:
    there = [p for p in day.floor.people if p.state == "ready" and not p.lost]
    if len(there) < 2:
        return
    person = dice.choice(there)
    await person.lose_line()
    yield dice.choice((20, 120, 200, 320))
    await person.find_line()
