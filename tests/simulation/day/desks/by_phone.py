"""Somebody rings up: the agent records the contact by hand, writes down what is said, and closes it."""

from collections.abc import AsyncIterator
from random import Random
from typing import Any

from tests.support.guide import follow_guide

PER_DAY = 10
SAID = (("customer", "saya mau tanya syarat gadai emas"), ("agent", "Selamat pagi, kami bantu ya."), ("customer", "baik, terima kasih"))


async def play(dice: Random, day: Any) -> AsyncIterator[float]:
    free = [p for p in day.floor.people if p.state == "ready" and not p.lost and p.load < 3]
    if not free:
        return
    person, number = dice.choice(free), dice.randint(10**6, 10**7 - 1)
    body = {"kind": "phone", "name": "Penelepon", "phone": f"0812{number}", "outlet": None, "topic": "info_gadai"}
    status, given = await person.call("POST", "/api/desk/contacts", body)
    assert status == 201, given
    conversation = given["conversation"]["id"]
    day.floor.name_contact(conversation, f"by-phone-{number}")
    one = f"/api/desk/conversations/{conversation}"
    for count, (author, text) in enumerate(SAID):
        yield dice.choice((10, 20, 30))
        while person.lost:
            yield 30
        await person.call("POST", f"{one}/said", {"client_id": f"phone-{number}-{count}", "author": author, "text": text})
    yield 10
    while person.lost:
        yield 30
    await follow_guide(person.call, conversation, "solved")
    await person.call("POST", f"{one}/close", {"outcome": "solved", "closing": False, "topic": "info_gadai"})
