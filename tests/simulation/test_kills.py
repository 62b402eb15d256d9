"""Service and engine are killed (SIGKILL) at random moments under traffic. Nothing may be lost, nothing may happen twice."""

from __future__ import annotations

import asyncio
import json
import os
import random
import signal
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from sqlalchemy import select

from bot.clock import SystemClock
from bot.conversations.records import conversations, facts, messages
from bot.dialogue.records import dialogue_turns
from bot.simulator.graph_standin import GraphStandIn
from bot.simulator.phone import Customer
from bot.store.database import Database
from bot.tickets.records import tickets
from tests.support.servers import ROOT, TOKEN, EngineProcess, free_port
from tests.support.stack import NUMBER, SECRET, until

CUSTOMERS = 14
AT_ONCE = 5
SERVICE_KILLS = 6
ENGINE_KILLS = 2


class ServiceProcess:
    """A service of its own process, on one port through all its lives."""

    def __init__(self, database_url: str, engine_url: str, graph_url: str, var: Path) -> None:
        self.port = free_port()
        self.lives = 0
        self._log = var / "service.log"
        self._environment = {
            **os.environ,
            "SAPA_ENV": "test",
            "SAPA_VAR": str(var),
            "DATABASE_URL": database_url,
            "PORT": str(self.port),
            "SECRET_KEY": "test-secret-key-" + "x" * 32,
            "ENGINE_URL": engine_url,
            "ENGINE_TOKEN": TOKEN,
            "WHATSAPP_APP_SECRET": SECRET,
            "WHATSAPP_VERIFY_TOKEN": "verify",
            "WHATSAPP_ACCESS_TOKEN": "access",
            "WHATSAPP_PHONE_NUMBER_ID": NUMBER,
            "WHATSAPP_API_URL": graph_url,
        }
        self.process: subprocess.Popen[bytes] | None = None

    async def start(self) -> None:
        with self._log.open("ab") as log:
            command = [sys.executable, "-m", "bot", "serve"]
            self.process = subprocess.Popen(command, env=self._environment, stdout=log, stderr=log, cwd=ROOT)
        self.lives += 1

        async def healthy() -> bool:
            assert self.process is not None
            assert self.process.poll() is None, self._log.read_text()[-3000:]
            try:
                async with aiohttp.ClientSession() as session, session.get(f"http://127.0.0.1:{self.port}/healthz") as answer:
                    return answer.status == 200
            except aiohttp.ClientError:
                return False

        await until(healthy, "the service did not start", 60)

    def kill(self) -> None:
        assert self.process is not None
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()


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
        people = [Customer(f"ID.KILL{n:04}", f"Nasabah {n}", f"62813{n:08}") for n in range(CUSTOMERS)]
        await asyncio.gather(*(_complain(standin, person, places, dice) for person in people))
        killer.cancel()
        await asyncio.gather(killer, return_exceptions=True)
        if service.process is None or service.process.poll() is not None:
            await service.start()
        await standin.settle()
        await _check(database_url, standin, len(people))
        print(f"{service.lives - 1} kills of the service survived")
    finally:
        if service.process is not None:
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


async def _complain(standin: GraphStandIn, person: Customer, places: asyncio.Semaphore, dice: random.Random) -> None:
    """One customer's whole complaint; one message in five reaches the webhook twice."""
    async with places:
        await _send(standin, person, dice, "aplikasi tring error terus dari kemarin tidak bisa login sama sekali", "Bapak/Ibu setuju?")
        await _tap(standin, person, dice, "Setuju", "nama lengkap")
        await _send(standin, person, dice, "budi santoso", "dapat kami kirim?")
        await _tap(standin, person, dice, "Ya", "nomor tiket")


async def _send(
    standin: GraphStandIn, person: Customer, dice: random.Random, text: str, answer: str, kind: str = "text", **more: Any
) -> None:
    """Write, and wait for the answer that has `answer` in it."""
    before = len(_from_us(standin, person))
    duplicate = dice.random() < 0.2
    await standin.customer_sends(person, kind, text=text, duplicate=duplicate, **more)  # repeated until it gets a 200, as Meta does

    def answered() -> bool:
        return any(answer in m["text"] for m in _from_us(standin, person)[before:])

    await until(answered, f"{person.name} got no answer to '{text}'", 90)


async def _tap(standin: GraphStandIn, person: Customer, dice: random.Random, title: str, answer: str) -> None:
    message = next(m for m in reversed(_from_us(standin, person)) if m.get("buttons"))
    button = next(b for b in message["buttons"] if b["title"] == title)
    await _send(standin, person, dice, title, answer, "button", choice_id=button["id"], reply_to=message["wamid"])


def _from_us(standin: GraphStandIn, person: Customer) -> list[dict[str, Any]]:
    view = standin.thread(person.bsuid).view(standin.clock())
    return [m for m in view["messages"] if m["from"] == "sapa"]


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
