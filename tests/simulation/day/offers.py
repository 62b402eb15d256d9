"""How people answer what is offered to them: they take it, decline it with a reason, or do not look."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random
from typing import TYPE_CHECKING

from tests.simulation.day.person import Person
from tests.simulation.day.watch import Waiting

if TYPE_CHECKING:
    from tests.simulation.day.floor import Floor

REASONS = ("penuh", "bukan_keahlian", "konflik")
PATIENCE = 4  # what was put before so many is taken by the next


class Answers:
    """Each offer is answered once, by a throw of dice that belongs to customer, episode and number of the offer."""

    def __init__(self, floor: Floor) -> None:
        self._floor = floor
        self._seen: set[tuple[str, int, int]] = set()

    async def look(self, queue: Sequence[tuple[Waiting, str]]) -> None:
        """Whoever has something new before them decides what to do about it."""
        offered = await self._floor.day.watch.offers()
        people = {person.id: person for person in self._floor.people if person.state != "offline"}
        for row, label in queue:
            agent, number = offered.get((row.id, row.episode), ("", 0))
            person = people.get(agent)
            if person is None or (row.id, row.episode, number) in self._seen or person.lost:
                continue
            self._seen.add((row.id, row.episode, number))
            self._decide(row, label, person, number)

    def _decide(self, row: Waiting, label: str, person: Person, number: int) -> None:
        floor, day = self._floor, self._floor.day
        dice = Random(f"{day.seed}:{label}:{row.episode}:offer {number}")
        luck, after = dice.random(), dice.randint(3, 20)
        if luck < 0.7 or number > PATIENCE or not person.by_offers:
            floor.about_to_take(person)
            day.at(after, label, lambda: floor.take_offered(row, label, person), f"{label} is accepted", of=person.name)
        elif luck < 0.85:
            reason = dice.choice(REASONS)
            day.at(after, label, lambda: self._decline(row, person, reason), f"{label} is declined", of=person.name)

    async def _decline(self, row: Waiting, person: Person, reason: str) -> None:
        if not person.lost and person.state != "offline" and await self._floor.shown(row, person):
            path = f"/api/desk/conversations/{row.id}/decline"
            status, body = await person.call("POST", path, {"episode": row.episode, "reason": reason})
            assert status == 200 or body["error"]["code"] == "conflict", body  # somebody may pull it in the same second
