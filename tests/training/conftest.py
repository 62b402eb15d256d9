"""A training room on a real loopback port: customers' messages as the model left them, trainers who log in, data/nlu as a copy."""

from __future__ import annotations

import itertools
import shutil
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer
from argon2 import PasswordHasher
from sqlalchemy import select, update

from bot.channels.messages import Inbound, Kind, Sender
from bot.client import load_client
from bot.clock import ManualClock
from bot.conversations.calendar import WorkCalendar
from bot.conversations.inbox import accept
from bot.conversations.records import facts, messages
from bot.conversations.service import get
from bot.desk import passwords
from bot.desk.guard import Guard
from bot.desk.service import Desk
from bot.desk.sessions import create_user
from bot.desk.web import add_routes as add_desk_routes
from bot.dialogue.unit import Library
from bot.handoff.service import enqueue
from bot.knowledge.index import Knowledge
from bot.settings import Settings
from bot.store.database import Database
from bot.training.service import Training
from bot.training.web import add_routes
from tests.support.servers import ROOT

PASSWORD = "kata-sandi-uji"
START = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)


def insight(intent: str = "info_gadai", confidence: float = 0.4, **more: Any) -> dict[str, Any]:
    """What a message keeps of its parse."""
    return {"intent": intent, "confidence": confidence, "topic": {"id": intent, "label": intent}, **more}


@pytest.fixture(autouse=True, scope="session")
def quick_passwords() -> Iterator[None]:
    """Real Argon2 hashes of the least strength."""
    real, passwords._HASHER = passwords._HASHER, PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    passwords._nobody.cache_clear()
    yield
    passwords._HASHER = real
    passwords._nobody.cache_clear()


@dataclass
class Person:
    """Somebody with a browser."""

    client: TestClient[web.Request, web.Application]
    csrf: str = ""
    user: dict[str, Any] = field(default_factory=dict)

    async def call(self, method: str, path: str, body: Any = None, **headers: str) -> tuple[int, Any]:
        if self.csrf and method != "GET":
            headers.setdefault("X-CSRF-Token", self.csrf)
        async with self.client.request(method, path, json=body, headers=headers) as response:
            return response.status, await response.json()

    async def get(self, path: str) -> Any:
        status, body = await self.call("GET", path)
        assert status == 200, body
        return body

    async def texts(self, query: str = "") -> list[str]:
        return [group["text"] for group in (await self.get(f"/api/train/messages{query}"))["groups"]]

    async def decide(self, message: str, decision: str, expect: int = 200, **more: Any) -> Any:
        status, body = await self.call("POST", f"/api/train/messages/{message}/decide", {"decision": decision, **more})
        assert status == expect, body
        return body

    async def undo(self, message: str, expect: int = 200) -> Any:
        status, body = await self.call("POST", f"/api/train/messages/{message}/undo", {})
        assert status == expect, body
        return body


class Room:
    """Everything a test needs. `another()` is a second process on the same database and data."""

    def __init__(self, url: str, folder: Path) -> None:
        self.url, self.folder = url, folder
        self.clock = ManualClock(START)
        client = load_client(ROOT / "clients/pegadaian")
        self.library = Library(client, WorkCalendar(client.calendar), Knowledge(client.articles))
        self.settings = Settings.model_validate(
            {"SAPA_ENV": "test", "SECRET_KEY": "s", "SAPA_DATA": folder / "data", "SAPA_VAR": folder / "var"}
        )
        self.servers: list[TestServer] = []
        self.dbs: list[Database] = []
        self.clients: list[TestClient[web.Request, web.Application]] = []
        self._numbers = itertools.count(1)

    async def another(self) -> TestServer:
        db = Database(self.url, self.clock)
        self.dbs.append(db)
        app = web.Application()
        add_desk_routes(app, Desk(db, self.library, self.settings, lambda url: url))
        add_routes(app, Training(db, self.library.client, self.settings), Guard(db, self.settings))
        server = TestServer(app)
        await server.start_server()
        self.servers.append(server)
        return server

    @property
    def db(self) -> Database:
        return self.dbs[0]

    async def person(self, username: str, role: str = "trainer", server: TestServer | None = None) -> Person:
        async with self.db.write() as tx:
            await create_user(tx, username, username.title(), role, PASSWORD)
        client = TestClient(server or self.servers[0])
        self.clients.append(client)
        person = Person(client)
        status, answer = await person.call("POST", "/api/login", {"username": username, "password": PASSWORD})
        assert status == 200
        person.csrf, person.user = answer["csrf"], answer["user"]
        return person

    async def writes(
        self,
        text: str,
        read: dict[str, Any] | None = None,
        phone: int = 1,
        channel: str = "whatsapp",
        name: str = "Nasabah",
        **content: Any,
    ) -> str:
        """A customer's message as the model left it; returns its id."""
        number = next(self._numbers)
        identity = ("wa_id", f"62812000000{phone:02}") if channel == "whatsapp" else ("visitor", f"v{phone}")
        item = Inbound(channel, "1065", f"wamid.{number}", Sender((identity,), name), self.clock.now(), Kind.TEXT, text)
        async with self.db.write() as tx:
            accepted = await accept(tx, item, self.library.client)
            kept = {"insight": read if read is not None else insight(), **content}
            await tx.execute(update(messages).where(messages.c.id == accepted.message_id).values(content=kept, todo=None))
        self.clock.advance(1)
        return accepted.message_id

    async def hand_over(self, message: str, reason: str = "fallback") -> None:
        async with self.db.write() as tx:
            found = (await tx.execute(select(messages.c.conversation_id).where(messages.c.id == message))).one()
            row = await get(tx, found.conversation_id, lock=True)
            assert row is not None
            await enqueue(tx, row, self.library.client, reason=reason, by="bot", context={})
        self.clock.advance(1)

    async def facts(self, kind: str) -> list[Any]:
        async with self.db.read() as tx:
            return list((await tx.execute(select(facts).where(facts.c.kind == kind).order_by(facts.c.id))).all())

    def file(self, name: str) -> str:
        return (self.folder / "data/nlu" / f"{name}.yml").read_text(encoding="utf-8")


async def _room(url: str, folder: Path) -> AsyncIterator[Room]:
    shutil.copytree(ROOT / "data", folder / "data")
    shutil.copy(ROOT / "domain.yml", folder)
    made = Room(url, folder)
    try:
        await made.another()
        yield made
    finally:
        for client in made.clients:
            await client.session.close()
        for server in made.servers:
            await server.close()
        for db in made.dbs:
            await db.close()


@pytest.fixture
async def room(sqlite_url: str, tmp_path: Path) -> AsyncIterator[Room]:
    """On SQLite."""
    async for made in _room(sqlite_url, tmp_path / "project"):
        yield made


@pytest.fixture
async def both(database_url: str, tmp_path: Path) -> AsyncIterator[Room]:
    """On SQLite and on PostgreSQL."""
    async for made in _room(database_url, tmp_path / "project"):
        yield made
