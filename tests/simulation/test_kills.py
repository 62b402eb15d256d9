"""Service and engine are killed (SIGKILL) at random moments under traffic. Nothing may be lost, nothing may happen twice."""

from __future__ import annotations

import asyncio
import json
import os
import random
from collections import Counter
from pathlib import Path

import pytest
from aiohttp import web
from sqlalchemy import select

from bot.clock import SystemClock
from bot.conversations.records import conversations, facts, messages
from bot.dialogue.records import dialogue_turns
from bot.simulator.graph_standin import GraphStandIn
from bot.store.database import Database
from bot.tickets.records import tickets
from tests.simulation.cluster.phones import Caller
from tests.support.servers import NUMBER, SECRET, EngineProcess, ServiceProcess, free_port
from tests.support.stack import until

CUSTOMERS = 14
AT_ONCE = 5
SERVICE_KILLS = 6
ENGINE_KILLS = 2


@pytest.mark.engine
async def test_nothing_is_lost_and_nothing_happens_twice(engine: EngineProcess, database_url: str, tmp_path: Path) -> None:
    seed = int(os.environ.get("SEED", random.randrange(10**6)))
    print(f"replay with SEED={seed}")
    dice = random.Random(seed)
    second = EngineProcess(tmp_path / "engine.log")
    second.start()
    standin = GraphStandIn("", SECRET, "access", NUMBER, webhook_tries=200, webhook_pause_s=0.2)
    runner = web.AppRunner(standin.app, access_log=None)
    await runner.setup()
    graph_port = free_port()
    await web.TCPSite(runner, "127.0.0.1", graph_port).start()
    service = ServiceProcess(database_url, second.url, f"http://127.0.0.1:{graph_port}", tmp_path)
    standin.webhooks.url = f"http://127.0.0.1:{service.port}/webhooks/whatsapp"
    try:
        await asyncio.to_thread(second.wait_ready)
        await service.start()
        killer = asyncio.create_task(_kill(service, second, dice))
        places = asyncio.Semaphore(AT_ONCE)
        people = [Caller(standin, number, dice) for number in range(CUSTOMERS)]
        await asyncio.gather(*(_complain(caller, places) for caller in people))
        killer.cancel()
        await asyncio.gather(killer, return_exceptions=True)
        if not service.running():
            await service.start()
        await standin.settle()
        await _check(database_url, standin, len(people))
        print(f"{service.lives - 1} kills of the service survived")
    finally:
        service.kill()
        second.kill()
        await standin.close()
        await runner.cleanup()


async def _kill(service: ServiceProcess, engine: EngineProcess, dice: random.Random) -> None:
    """Kills at random moments, the engine less often, as it takes long to come back."""
    targets = ["service"] * SERVICE_KILLS + ["engine"] * ENGINE_KILLS
    dice.shuffle(targets)
    for target in targets:
        await asyncio.sleep(dice.uniform(0.3, 2.5))
        if target == "service":
            service.kill()
            await service.start()
        else:
            engine.kill()
            engine.start()


async def _complain(caller: Caller, places: asyncio.Semaphore) -> None:
    async with places:
        await caller.complain()


async def _check(database_url: str, standin: GraphStandIn, people: int) -> None:
    db = Database(database_url, SystemClock())
    try:

        async def nothing_left() -> bool:
            async with db.read() as tx:
                todo = (await tx.execute(select(messages.c.id).where(messages.c.todo.is_not(None)).limit(1))).first()
                unsent = (await tx.execute(select(messages.c.id).where(messages.c.delivery.in_(("queued", "sending"))).limit(1))).first()
            return todo is None and unsent is None

        await until(nothing_left, "something was never finished", 90)
        async with db.read() as tx:
            inbound = (await tx.execute(select(messages).where(messages.c.author == "customer"))).all()
            answered = Counter(f.data["message"] for f in await tx.execute(select(facts).where(facts.c.kind == "bot_answered")))
            made = (await tx.execute(select(tickets))).all()
            turns = (await tx.execute(select(dialogue_turns.c.conversation_id, dialogue_turns.c.version))).all()
            versions = {c.id: c.dialogue_version for c in await tx.execute(select(conversations))}
        assert len({m.external_id for m in inbound}) == len(inbound) == people * 4
        assert [m.id for m in inbound if answered[m.id] != 1] == [], "a message was not answered exactly once"
        assert len(made) == people, f"{len(made)} tickets of {people} customers"
        by_conversation = Counter(turn.conversation_id for turn in turns)
        assert all(by_conversation[conversation] == version for conversation, version in versions.items()), (
            "the dialogue's versions have a gap"
        )
        sent = Counter((r["body"].get("biz_opaque_callback_data"), json.dumps(r["body"], sort_keys=True)) for r in standin.record)
        assert [token for (token, _), count in sent.items() if count > 1] == [], "a message was sent twice"
    finally:
        await db.close()
