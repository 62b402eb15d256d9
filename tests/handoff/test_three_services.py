"""Three services on one PostgreSQL, forty customers, six agents who do as they please: nobody gets too much, everybody is served once."""

from __future__ import annotations

import asyncio
import logging
import os
import random
from collections import Counter
from collections.abc import AsyncIterator, Iterable
from typing import Any

import pytest
from sqlalchemy import func, select

from bot.channels.messages import Inbound, Kind, Sender
from bot.client import Client, load_client
from bot.clock import SystemClock
from bot.conversations.calendar import WorkCalendar
from bot.conversations.inbox import accept
from bot.conversations.records import conversations, facts
from bot.conversations.service import get
from bot.conversations.timers import TimerLoop
from bot.desk.errors import DeskError
from bot.desk.service import Desk
from bot.desk.sessions import User, create_user
from bot.desk.work import set_work
from bot.dialogue.unit import Library
from bot.handoff.missed import OfferTimer
from bot.handoff.records import handoffs, offers, wrapups
from bot.handoff.router import Router
from bot.handoff.service import enqueue
from bot.handoff.wrapup import WrapupTimer
from bot.knowledge.index import Knowledge
from bot.settings import Settings
from bot.store.database import Database
from tests.support.stack import until

pytestmark = [pytest.mark.postgres, pytest.mark.parametrize("database_url", ["postgres"], indirect=True)]
CUSTOMERS, CAPACITY = 40, 2


def hurried() -> Client:
    """The client's data with times that a test can wait for."""
    client = load_client("clients/pegadaian")
    routing = client.floor.routing.model_copy(update={"offer_s": 1, "wrap_up_s": 1, "missed_to_aux": 2})
    return client.model_copy(update={"floor": client.floor.model_copy(update={"routing": routing})})


class OneService:
    """What of a service process the floor needs."""

    def __init__(self, url: str, library: Library) -> None:
        self.db = Database(url, SystemClock())
        self.desk = Desk(self.db, library, Settings.model_validate({"SAPA_ENV": "test", "SECRET_KEY": "s"}), str)
        client = library.client
        timers = TimerLoop(self.db, {"offer": OfferTimer(self.db, client).fire, "wrapup": WrapupTimer(self.db, client).fire})
        self.loops: list[Any] = [timers, Router(self.db, client)]
        self.tasks: list[asyncio.Task[None]] = []

    async def start(self) -> None:
        await self.db.listen()
        self.tasks = [asyncio.create_task(loop.run()) for loop in self.loops]

    async def stop(self) -> None:
        for loop in self.loops:
            loop.stop()
        for task in self.tasks:
            task.cancel()
        await asyncio.gather(*self.tasks, return_exceptions=True)
        await self.db.close()


@pytest.fixture
async def services(database_url: str) -> AsyncIterator[list[OneService]]:
    client = hurried()
    library = Library(client, WorkCalendar(client.calendar), Knowledge(client.articles))
    made = [OneService(database_url, library) for _ in range(3)]
    for service in made:
        await service.start()
    yield made
    for service in made:
        await service.stop()


class Agent:
    """Accepts, declines, overlooks, pulls, hands on, closes, takes breaks: at random."""

    def __init__(self, desk: Desk, user: User, colleagues: list[str], dice: random.Random) -> None:
        self._desk, self.user, self._colleagues, self._dice = desk, user, colleagues, dice
        self._overlooked: set[tuple[str, str]] = set()

    async def work(self, over: asyncio.Event) -> None:
        while not over.is_set():
            try:
                await self._step()
            except DeskError as error:  # somebody was faster, or the hands are full
                assert error.code in ("conflict", "at_capacity", "not_yours"), error.code  # noqa: PT017 - whatever else fails the test
            await asyncio.sleep(self._dice.uniform(0, 0.08))

    async def _step(self) -> None:
        dice, desk, user = self._dice, self._desk, self.user
        if (await desk.me(user))["presence"]["state"] == "aux" or dice.random() < 0.02:
            await desk.set_presence(user, "ready", None)
        elif dice.random() < 0.02:
            await desk.set_presence(user, "aux", "istirahat")
        queue = (await desk.box(user, "queue"))["conversations"]
        mine = [each for each in (await desk.box(user, "mine"))["conversations"] if each["owner"] == "agent"]
        offered = [each for each in queue if each["offer"] and each["offer"]["agent"]["id"] == user.id]
        for each in offered:
            await self._answer(each)
        if queue and dice.random() < 0.1:
            pulled = dice.choice(queue)
            await desk.accept(user, pulled["id"], pulled["episode"])
        for each in mine:
            if dice.random() < 0.4:
                await desk.close(user, each["id"], "out_of_topic", True)
            elif dice.random() < 0.1:
                to = f"agent:{dice.choice(self._colleagues)}" if dice.random() < 0.5 else "team:tier1"
                if to != f"agent:{user.id}":
                    await desk.floor.transfer(user, each["id"], to, "keahlian", "")

    async def _answer(self, each: dict[str, Any]) -> None:
        said = self._dice.random()
        if said < 0.2 or (each["id"], each["offer"]["expires_at"]) in self._overlooked:
            self._overlooked.add((each["id"], each["offer"]["expires_at"]))
        elif said < 0.4:
            await self._desk.floor.decline(self.user, each["id"], each["episode"], "penuh")
        else:
            await self._desk.accept(self.user, each["id"], each["episode"])


def most_at_once(story: Iterable[Any]) -> dict[str, int]:
    """The highest load of each agent at any time, by the facts."""
    load: Counter[str] = Counter()
    most: Counter[str] = Counter()
    holder: dict[str, str] = {}
    for fact in story:
        kind, agent, conversation = fact.kind, fact.agent_id, fact.conversation_id
        if kind == "owner_changed" and fact.data["before"] == "agent":
            load[holder.pop(conversation)] -= 1
        if kind == "owner_changed" and fact.data["after"] == "agent":
            holder[conversation] = agent
        if kind in ("offer_made", "wrapup_started") or (kind == "owner_changed" and fact.data["after"] == "agent"):
            load[agent] += 1
            most[agent] = max(most[agent], load[agent])
        if kind in ("offer_ended", "wrapup_ended"):
            load[agent] -= 1
    return dict(most)


async def arrives(db: Database, client: Client, number: int) -> None:
    sender = Sender((("wa_id", f"62812000{number:05}"),), f"Nasabah {number}")
    item = Inbound("whatsapp", "1065", f"wamid.{number}", sender, db.clock.now(), Kind.TEXT, "Mau bicara dengan petugas")
    async with db.write() as tx:
        conversation = (await accept(tx, item, client)).conversation_id
        row = await get(tx, conversation)
        assert row is not None
        await enqueue(tx, row, client, reason="requested", by="bot", urgent=number % 7 == 0)


async def test_never_above_capacity_and_everybody_is_served_once(services: list[OneService], caplog: pytest.LogCaptureFixture) -> None:
    seed = int(os.environ.get("SEED", random.randrange(10**6)))
    print(f"replay with SEED={seed}")
    dice, db, client = random.Random(seed), services[0].db, services[0].desk.client
    users = []
    for name in ("rani", "dimas", "wulan", "dewi", "putri", "bayu"):
        async with db.write() as tx:
            users.append(await create_user(tx, name, name.title(), "agent", "kata-sandi-uji"))
            await set_work(tx, client, name, capacity=CAPACITY)
    names = [user.id for user in users]
    agents = [Agent(services[number % 3].desk, user, names, random.Random(f"{seed}:{number}")) for number, user in enumerate(users)]
    over = asyncio.Event()
    with caplog.at_level(logging.ERROR):
        for agent in agents:
            await services[0].desk.set_presence(agent.user, "ready", None)
        working = [asyncio.create_task(agent.work(over)) for agent in agents]
        for number in range(CUSTOMERS):
            await arrives(services[number % 3].db, client, number)
            await asyncio.sleep(dice.uniform(0, 0.05))

        async def all_closed() -> bool:
            failed = next((task for task in working if task.done()), None)
            if failed is not None:
                failed.result()
            async with db.read() as tx:
                left = select(func.count()).select_from(conversations).where(conversations.c.owner != "closed")
                return bool((await tx.execute(left)).scalar_one() == 0)

        await until(all_closed, "somebody was never served", 90)
        over.set()
        await asyncio.gather(*working)

        async def written_up() -> bool:
            async with db.read() as tx:
                return (await tx.execute(select(wrapups.c.agent_id).where(wrapups.c.ended_at.is_(None)))).first() is None

        await until(written_up, "somebody writes up for ever", 20)
    assert [record.getMessage() for record in caplog.records if record.levelno >= logging.ERROR] == []
    async with db.read() as tx:
        story = (await tx.execute(select(facts).order_by(facts.c.id))).all()
        still_open = (await tx.execute(select(offers.c.id).where(offers.c.ended_at.is_(None)))).all()
        episodes = (await tx.execute(select(handoffs))).all()
    assert still_open == []
    assert max(most_at_once(story).values()) <= CAPACITY, f"SEED={seed}"
    kinds = Counter(fact.kind for fact in story)
    assert kinds["conversation_closed"] == kinds["wrapup_started"] == kinds["wrapup_ended"] == CUSTOMERS
    assert kinds["offer_made"] == kinds["offer_ended"]
    taken = Counter((fact.conversation_id, fact.data["episode"]) for fact in story if fact.kind == "handoff_accepted")
    assert set(taken.values()) == {1}, "an episode was served twice"
    assert all(row.ended_at is not None for row in episodes)
    assert Counter(row.ended_how for row in episodes)["closed"] == CUSTOMERS
