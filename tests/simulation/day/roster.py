"""Who works when: shifts, breaks, and what else happens at the desks (`desks/`)."""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING

from tests.simulation.day.person import Person

if TYPE_CHECKING:
    from tests.simulation.day.day import Day

BREAKS = ("istirahat", "ibadah", "toilet", "pelatihan", "rapat")
ALWAYS = 3  # the first of each kind stay all day: one for offers, one who pulls, one of the helpdesk
KINDS = (("tier1", True), ("tier1", False), ("helpdesk", True))


def plan_shifts(day: Day, dice: Random, seconds: float) -> None:
    """Plan shifts and breaks. The last of them stays until the queue is empty."""
    for number, person in enumerate(day.floor.people):
        half = seconds / 2
        person.shift = (
            (0.0, seconds)
            if number < ALWAYS or dice.random() < 0.5
            else (0.0, half * 1.2)
            if dice.random() < 0.5
            else (half * 0.8, seconds)
        )
        begin, end = person.shift
        day.at(begin, None, person.begin, f"{person.name} comes")
        if number not in (0, 2):
            pause = dice.uniform(begin + 60, max(begin + 61, end - 600))
            reason = dice.choice(BREAKS)
            day.at(pause, None, lambda p=person, r=reason: _aux(p, r), f"{person.name} takes a break", of=person.name)
            day.at(pause + dice.randint(120, 900), None, lambda p=person: _ready(p), f"{person.name} is back", of=person.name)
        if number >= ALWAYS:
            day.at(end, None, lambda p=person: _home(day, p), f"{person.name} goes home", of=person.name)
    for leader in day.floor.leaders:
        day.at(0, None, leader.log_in, f"{leader.name} comes")


async def _aux(person: Person, reason: str) -> None:
    if person.works:
        await person.be("aux", reason)


async def _ready(person: Person) -> None:
    if person.state == "aux" and not person.lost:
        await person.be("ready")


async def _home(day: Day, person: Person) -> None:
    """After their shift, once what they hold is done."""
    if person.state == "offline":
        return
    if person.lost or person.load or any(s.person is person for s in day.floor.served.values()):
        if person.works:
            await person.be("aux", "tugas_lain")
        day.at(60, None, lambda: _home(day, person), f"{person.name} goes home", of=person.name)
    else:
        await person.go()
