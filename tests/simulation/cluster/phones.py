"""Customers on WhatsApp, as the stand-in of the Graph API plays them."""

from __future__ import annotations

import random
from typing import Any

from bot.simulator.graph_standin import GraphStandIn
from bot.simulator.phone import Customer
from tests.support.stack import until

COMPLAINT = "aplikasi tring error terus dari kemarin tidak bisa login sama sekali"


class Caller:
    """One customer. Webhooks are repeated until they get a 200, as Meta does; one in five is posted twice."""

    def __init__(self, standin: GraphStandIn, number: int, dice: random.Random, patience_s: float = 90) -> None:
        self.person = Customer(f"ID.KILL{number:04}", f"Nasabah {number}", f"62813{number:08}")
        self.sent: list[str] = []  # wamids, in order
        self._standin = standin
        self._dice = dice
        self._patience_s = patience_s

    def from_us(self) -> list[dict[str, Any]]:
        """What came, in order."""
        view = self._standin.thread(self.person.bsuid).view(self._standin.clock())
        return [m for m in view["messages"] if m["from"] == "sapa"]

    async def say(self, text: str, answer: str, kind: str = "text", **more: Any) -> None:
        """Write, and wait for an answer that has `answer` in it."""
        before = len(self.from_us())
        duplicate = self._dice.random() < 0.2
        _, wamid = await self._standin.customer_sends(self.person, kind, text=text, duplicate=duplicate, **more)
        self.sent.append(wamid)
        await self.hear(answer, before)

    async def hear(self, answer: str, before: int = 0) -> None:
        """Wait for a message with `answer` in it, after the first `before`."""
        await self.hear_one_of(before, answer)

    async def hear_one_of(self, before: int, *answers: str) -> None:
        """Wait for a message with one of the answers in it, after the first `before`."""

        def heard() -> bool:
            return any(answer in m["text"] for m in self.from_us()[before:] for answer in answers)

        await until(
            heard,
            f"{self.person.name} waits for {answers}; the last heard: {[m['text'][:60] for m in self.from_us()[-3:]]}",
            self._patience_s,
        )

    async def tap(self, title: str, answer: str) -> None:
        """Tap the button of the newest message that has any."""
        message = next(m for m in reversed(self.from_us()) if m.get("buttons"))
        button = next(b for b in message["buttons"] if b["title"] == title)
        await self.say(title, answer, "button", choice_id=button["id"], reply_to=message["wamid"])

    async def complain(self) -> None:
        """A whole complaint, up to the ticket's number: four messages."""
        await self.say(COMPLAINT, "Bapak/Ibu setuju?")
        await self.tap("Setuju", "nama lengkap")
        await self.say("budi santoso", "dapat kami kirim?")
        await self.tap("Ya", "nomor tiket")
