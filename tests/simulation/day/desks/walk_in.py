"""Somebody comes in person, or an outlet calls for help: a ticket by hand, asked for twice as an answer got lost."""

from collections.abc import AsyncIterator
from random import Random
from typing import Any

from tests.simulation.day.offices import OUTLETS

PER_DAY = 15
VISIT = {
    "kind": "walk_in", "topic": "keluhan_layanan", "summary": "Datang ke kantor", "channel": "walk_in",
    "form": {"keperluan": "Keluhan antrean", "ditemui": "Rani", "tanggapan": "Dicatat"},
}  # fmt: skip
OUTLET = {
    "kind": "outlet_problem", "topic": "keluhan_aplikasi", "summary": "Printer nota mati", "channel": "outlet_call",
    "form": {"penelepon": "Dewi", "sistem": "Passion", "dampak": "Satu outlet"},
}  # fmt: skip


async def play(dice: Random, day: Any) -> AsyncIterator[float]:
    there = day.offices.tier1()
    if not there:
        return
    number, outlet = dice.randint(10**6, 10**7 - 1), dice.choice(OUTLETS)
    priority = dice.choice(("normal", "high", "urgent"))
    body: dict[str, Any] = {"client_id": f"walk-in-{number}", "priority": priority}
    if dice.random() < 0.6:
        body |= {**VISIT, "name": f"Tamu {number}", "phone": f"0812{number}"}
    else:
        body |= {**OUTLET, "outlet": outlet, "form": {**OUTLET["form"], "outlet": outlet}}  # type: ignore[dict-item]
    numbers = set()
    for _ in range(2):
        status, given = await there[0].call("POST", "/api/desk/tickets", body)
        assert status == 201, given
        numbers.add(given["ticket"]["number"])
    assert len(numbers) == 1, numbers
    yield 5
