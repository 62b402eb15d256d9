"""A leader sends somebody on a break, and calls them back."""

from collections.abc import AsyncIterator
from random import Random
from typing import Any

PER_DAY = 5


async def play(dice: Random, day: Any) -> AsyncIterator[float]:
    there = [p for p in day.floor.people if p.works and p.seat]
    if not there:
        return
    person, leader = dice.choice(there), day.floor.leaders[0]
    path = f"/api/desk/people/{person.id}/presence"
    status, _ = await leader.call("POST", path, {"state": "aux", "reason": "rapat"})
    assert status == 200
    yield dice.choice((60, 180))
    if person.state == "aux":
        await leader.call("POST", path, {"state": "ready", "reason": None})
