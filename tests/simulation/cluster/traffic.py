"""Customers on both channels and agents, as long as it is asked for; and what each of them saw."""

from __future__ import annotations

import asyncio
import random
from typing import Any

from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from bot.client import load_client
from tests.simulation.cluster.agents import GREETING, Agent, Races
from tests.simulation.cluster.cluster import Cluster
from tests.simulation.cluster.invariants import LEFT, NEVER, broken
from tests.simulation.cluster.phones import Caller
from tests.simulation.cluster.visitors import Visitor
from tests.support.servers import ROOT

CALLERS, VISITORS = 4, 3  # at once
AGENTS = ("rani", "dimas", "wulan")
QUESTIONS = ("brp sih bunga gadai di pegadaian", "klo hri sabtu buka ga kak", "ada lelang online gk min")
NOBODY = ("belum ada petugas", "di luar jam layanan")  # no desk gave a sign of life for 45 seconds: the customer asks again
PERSON = "mau ngomong sama orang aja dong"


class Traffic:
    """Everybody. One customer after the other until `finish`, which lets those under way come to their end."""

    def __init__(self, cluster: Cluster, dice: random.Random, patience_s: float) -> None:
        self.cluster = cluster
        self.races = Races()
        self.callers: list[Caller] = []
        self.visitors: list[Visitor] = []
        self.agents = [Agent(name, cluster.services, self.races, dice) for name in AGENTS]
        self.most_held = 0
        self.capacity = load_client(ROOT / "clients/pegadaian").handoff.capacity
        self._dice = dice
        self._patience_s = patience_s
        self._over = asyncio.Event()
        self._customers: list[asyncio.Task[None]] = []
        self._beside: list[asyncio.Task[None]] = []

    async def start(self) -> None:
        """Everybody comes, the agents first: where nobody is at the desk, a customer is offered a ticket instead of a place in the queue."""
        for agent in self.agents:
            agent.come()
        await asyncio.gather(*(agent.ready.wait() for agent in self.agents))
        self._customers = [asyncio.create_task(self._phones()) for _ in range(CALLERS)]
        self._customers += [asyncio.create_task(self._windows()) for _ in range(VISITORS)]
        self._beside = [asyncio.create_task(self._small_talk()), asyncio.create_task(self._watch_capacity())]

    async def finish(self) -> None:
        """No new customers; returns when the last one has heard everything. Raises what a customer waited for in vain."""
        self._over.set()
        try:
            await asyncio.gather(*self._customers)
        except AssertionError:
            print(f"{self.told()}; {await self.wrong()}; {await broken(self.cluster.db, {**LEFT, **NEVER})}")
            raise
        finally:
            for task in [*self._customers, *self._beside]:
                task.cancel()
            await asyncio.gather(*self._customers, *self._beside, return_exceptions=True)
            for agent in self.agents:
                await agent.leave()
            for visitor in self.visitors:
                await visitor.close()

    def written(self) -> list[str]:
        """Every message customers know to have arrived, by its id on the channel."""
        return [wamid for c in self.callers for wamid in c.sent] + [client_id for v in self.visitors for client_id in v.confirmed]

    def told(self) -> str:
        """In figures."""
        reconnects = sum(visitor.connects - 1 for visitor in self.visitors)
        return (
            f"{len(self.callers)} callers, {len(self.visitors)} visitors with {reconnects} reconnects, {len(self.written())} messages, "
            f"{len(self.races.won)} hand-offs, {self.races.lost} lost races, {self.races.full} times full, "
            f"{sum(s.lives - 1 for s in self.cluster.services)} new lives of services, {self.cluster.balancer.refused} webhooks refused"
        )

    async def wrong(self) -> dict[str, Any]:
        """What somebody saw that must not be."""
        found: dict[str, Any] = {
            "two agents told that they took one hand-off": [race for race, winners in self.races.won.items() if len(winners) > 1],
            "an agent held more than there is room for": [self.most_held] if self.most_held > self.capacity else [],
            "an agent was refused": [failure for agent in self.agents for failure in agent.failures],
            "a visitor was refused": [refusal for visitor in self.visitors for refusal in visitor.refusals],
            "a window does not show what is stored": [v.name for v in self.visitors if not await self._shows_all(v)],
            "a reply of an agent is gone": await self._lost_replies(),
        }
        return {name: seen for name, seen in found.items() if seen}

    async def _shows_all(self, visitor: Visitor) -> bool:
        """Whether the window shows each message of its conversation once, in order, as stored; nothing of what came after it closed."""
        query = text("SELECT id, seq FROM messages WHERE conversation_id = :id AND NOT note ORDER BY seq")
        async with self.cluster.db.read() as tx:
            rows = [(row.id, row.seq) for row in await tx.execute(query, {"id": visitor.conversation})]
        shown = [(message["id"], message["seq"]) for message in visitor.shown()]
        return bool(shown) and shown == rows[: len(shown)]

    async def _lost_replies(self) -> list[str]:
        async with self.cluster.db.read() as tx:
            rows = await tx.execute(text("SELECT content->>'client_id' AS id FROM messages WHERE author = 'agent'"))
            there = {row.id for row in rows}
        return [client_id for agent in self.agents for client_id in agent.replied if client_id not in there]

    async def _phones(self) -> None:
        while not self._over.is_set():
            caller = Caller(self.cluster.standin, len(self.callers), self._dice, self._patience_s)
            self.callers.append(caller)
            await caller.complain()
            if self._dice.random() < 0.6:
                before = len(caller.from_us())
                while not any(GREETING in message["text"] for message in caller.from_us()[before:]):
                    asked = len(caller.from_us())
                    await caller.say(PERSON, "petugas")
                    await caller.hear_one_of(asked, GREETING, *NOBODY)
                    await asyncio.sleep(1)

    async def _windows(self) -> None:
        while not self._over.is_set():
            visitor = Visitor(f"visitor-{len(self.visitors):04}", self.cluster.services, self._dice, self._patience_s)
            self.visitors.append(visitor)
            visitor.open()
            await visitor.write(*QUESTIONS)
            await visitor.hear("lelang")
            before = len(visitor.from_us())
            while not any(GREETING in message["text"] for message in visitor.from_us()[before:]):
                asked = len(visitor.from_us())
                await visitor.write(PERSON)
                await visitor.hear_one_of(asked, GREETING, *NOBODY)
                await asyncio.sleep(1)
            await visitor.close()

    async def _small_talk(self) -> None:
        """A customer who says hello now and then, so that statuses keep coming: they tell of sends whose outcome is unknown."""
        caller = Caller(self.cluster.standin, 9999, self._dice, self._patience_s)
        self.callers.append(caller)
        while True:
            await caller.say(QUESTIONS[0], "sewa modal")
            await asyncio.sleep(4)

    async def _watch_capacity(self) -> None:
        held = text("SELECT max(held) FROM (SELECT count(*) AS held FROM conversations WHERE owner = 'agent' GROUP BY agent_id) agents")
        while True:
            try:
                async with self.cluster.db.read() as tx:
                    self.most_held = max(self.most_held, (await tx.execute(held)).scalar() or 0)
            except (DBAPIError, OSError):
                pass  # PostgreSQL is away just now
            await asyncio.sleep(0.1)
