"""A desk on a real loopback port over a database of its own, people who log in to it, and customers who write."""

from __future__ import annotations

import asyncio
import itertools
import os
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from aiohttp import ClientWebSocketResponse, web
from aiohttp.test_utils import TestClient, TestServer
from argon2 import PasswordHasher
from sqlalchemy import update

from bot.assist.web import add_assist_routes
from bot.channels.files import Files
from bot.channels.messages import Inbound, Kind, Sender
from bot.client import load_client
from bot.clock import ManualClock
from bot.conversations.calendar import WorkCalendar
from bot.conversations.inbox import accept
from bot.conversations.records import messages
from bot.conversations.service import get
from bot.desk import passwords
from bot.desk.guard import Guard
from bot.desk.service import Desk
from bot.desk.sessions import User, create_user
from bot.desk.web import add_routes
from bot.dialogue.unit import Library
from bot.handoff.service import enqueue
from bot.knowledge.index import Knowledge
from bot.outside.admin_web import add_admin_routes
from bot.outside.api import Api, add_api_routes
from bot.outside.jira_web import add_jira_routes
from bot.settings import Settings
from bot.store.database import Database
from bot.store.schema import metadata
from tests.support.guide import follow_guide

PASSWORD = "kata kunci rani"
START = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)  # a Monday, 10.00 WIB
CONTEXT = {
    "slots": {
        "consent_given": "granted",
        "complaint_detail": "Saldo tidak masuk",
        "reporter": None,
        "complaint_topic": "keluhan_transaksi",
    },
    "form": "complaint_form",
    "failed_turns": 2,
    "confidence": 0.41,
}


BOTH = pytest.mark.parametrize("db_url", ["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)], indirect=True)


@pytest.fixture
def db_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """SQLite, unless the test asks for both or TEST_DATABASE_URL names a PostgreSQL database whose tables may be dropped."""
    if getattr(request, "param", "sqlite") == "postgres":
        return f"{request.getfixturevalue('postgres')}/postgres"
    return os.environ.get("TEST_DATABASE_URL") or f"sqlite+aiosqlite:///{tmp_path / 'desk.db'}"


@pytest.fixture(autouse=True, scope="session")
def quick_passwords() -> Iterator[None]:
    """Real Argon2 hashes, of the least strength, so that logging in costs a test nothing."""
    real, passwords._HASHER = passwords._HASHER, PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    passwords._nobody.cache_clear()
    yield
    passwords._HASHER = real
    passwords._nobody.cache_clear()


@pytest.fixture(scope="session")
def library() -> Library:
    client = load_client(Path(__file__).parents[2] / "clients/pegadaian")
    return Library(client, WorkCalendar(client.calendar), Knowledge(client.articles))


@dataclass
class Person:
    """Somebody with a browser at the desk."""

    client: TestClient[web.Request, web.Application]
    db: Database  # of the process this browser talks to
    user: dict[str, Any] = field(default_factory=dict)
    csrf: str = ""

    async def call(self, method: str, path: str, body: Any = None, **headers: str) -> tuple[int, Any]:
        if self.csrf and method != "GET":
            headers.setdefault("X-CSRF-Token", self.csrf)
        async with self.client.request(method, path, json=body, headers=headers) as response:
            return response.status, await response.json() if response.status != 204 else None

    async def get(self, path: str) -> Any:
        status, body = await self.call("GET", path)
        assert status == 200, body
        return body

    async def post(self, path: str, body: Any = None, expect: int = 200) -> Any:
        status, answer = await self.call("POST", path, body or {})
        assert status == expect, answer
        return answer

    async def refused(self, path: str, body: Any = None, method: str = "POST") -> tuple[int, str]:
        """(status, code) of what is refused, with a sentence."""
        status, answer = await self.call(method, path, body)
        assert status >= 400
        assert answer["error"]["message"]
        return status, answer["error"]["code"]

    async def reply(self, conversation: str, text: str, client_id: str = "c-1", expect: int = 200) -> Any:
        return await self.post(f"/api/desk/conversations/{conversation}/reply", {"client_id": client_id, "text": text, "media": []}, expect)

    async def accept(self, conversation: str) -> Any:
        return await self.post(f"/api/desk/conversations/{conversation}/accept", {"episode": 1})

    async def close(self, conversation: str, outcome: str = "solved", **more: Any) -> Any:
        """Follow the guide, then close."""
        await follow_guide(self.call, conversation, outcome)
        return await self.post(f"/api/desk/conversations/{conversation}/close", {"outcome": outcome, **more})

    async def live(self) -> Line:
        origin = str(self.client.make_url("/")).rstrip("/")
        line = Line(await self.client.ws_connect("/ws/desk", headers={"Origin": origin}), self.db)
        assert (await line.next("ready"))["server_time"]
        return line


@dataclass
class Line:
    """A desk's socket."""

    socket: ClientWebSocketResponse
    db: Database

    async def next(self, *kinds: str) -> dict[str, Any]:
        """The next frame of one of the kinds; others are passed over."""
        async with asyncio.timeout(30):
            while True:
                frame: dict[str, Any] = await self.socket.receive_json()
                if frame["type"] in kinds:
                    return frame

    async def sync(self) -> list[dict[str, Any]]:
        """Everything told so far. Our frames are heard (pong); news comes in rounds, and a second refresh ends the first one's round."""
        frames: list[dict[str, Any]] = []
        await self.socket.send_json({"type": "ping"})
        await self._until("pong", frames)
        for _ in range(2):
            self.db.emit("refresh", {})
            await self._until("refresh", frames)
        return frames

    async def _until(self, kind: str, frames: list[dict[str, Any]]) -> None:
        async with asyncio.timeout(30):
            while (frame := await self.socket.receive_json())["type"] != kind:
                frames.append(frame)


class Bench:
    """Everything a test needs. `another()` is a second process on the same database."""

    def __init__(self, url: str, library: Library, folder: Path) -> None:
        self.url = url
        self.folder = folder
        self.library = library
        self.clock = ManualClock(START)
        self.dbs: list[Database] = []
        self.desks: list[Desk] = []
        self.servers: list[TestServer] = []
        self.clients: list[TestClient[web.Request, web.Application]] = []
        self._numbers = itertools.count(1)

    async def another(self, **settings: Any) -> TestServer:
        db = Database(self.url, self.clock)
        await db.listen()
        self.dbs.append(db)
        given = Settings.model_validate({"SAPA_ENV": "test", "SECRET_KEY": "s", **settings})
        app = web.Application()
        desk = Desk(db, self.library, given, lambda url: f"{url}?signed", Files(self.folder, "s", db))
        add_routes(app, desk)
        guard = Guard(db, given)
        add_assist_routes(app, desk.assist, guard)
        add_api_routes(app, Api(db, self.library, desk.tickets, given), self.library)
        add_admin_routes(app, db, self.library, guard, given.development)
        add_jira_routes(app, db, given.jira_webhook_secret)
        self.desks.append(desk)
        server = TestServer(app)
        await server.start_server()
        self.servers.append(server)
        return server

    @property
    def db(self) -> Database:
        return self.dbs[0]

    async def add(self, username: str, role: str = "agent", name: str | None = None) -> User:
        async with self.db.write() as tx:
            return await create_user(tx, username, name or username.title(), role, PASSWORD)

    def browser(self, server: TestServer | None = None) -> Person:
        server = server or self.servers[0]
        client = TestClient(server)
        self.clients.append(client)
        return Person(client, self.dbs[self.servers.index(server)])

    async def person(self, username: str, role: str = "agent", server: TestServer | None = None) -> Person:
        """A new user, logged in."""
        await self.add(username, role)
        return await self.log_in(username, server)

    async def log_in(self, username: str, server: TestServer | None = None) -> Person:
        person = self.browser(server)
        answer = await person.post("/api/login", {"username": username, "password": PASSWORD})
        person.user, person.csrf = answer["user"], answer["csrf"]
        return person

    async def writes(self, text: str = "Halo", phone: int = 1, channel: str = "whatsapp") -> str:
        """A customer writes; returns the conversation's id."""
        number = next(self._numbers)
        identity = ("wa_id", f"62812000000{phone:02}") if channel == "whatsapp" else ("visitor", f"v{phone}")
        sender = Sender((identity,), f"Nasabah {phone}")
        item = Inbound(channel, "1065", f"wamid.{number}", sender, self.clock.now(), Kind.TEXT, text)
        async with self.db.write() as tx:
            return (await accept(tx, item, self.library.client)).conversation_id

    async def queued(self, phone: int = 1, channel: str = "whatsapp", urgent: bool = False, text: str = "Mau bicara dengan petugas") -> str:
        """A customer who waits for a person."""
        conversation = await self.writes(text, phone, channel)
        async with self.db.write() as tx:
            row = await get(tx, conversation)
            assert row is not None
            await enqueue(tx, row, self.library.client, reason="requested", by="bot", urgent=urgent, context=CONTEXT)
        return conversation

    async def read(self) -> None:
        """Nothing is left to do, as if a worker had been here."""
        async with self.db.write() as tx:
            await tx.execute(update(messages).values(todo=None))

    async def facts(self, kind: str) -> list[Any]:
        from sqlalchemy import select

        from bot.conversations.records import facts

        async with self.db.read() as tx:
            return list((await tx.execute(select(facts).where(facts.c.kind == kind).order_by(facts.c.id))).all())

    async def row(self, conversation: str) -> Any:
        async with self.db.read() as tx:
            return await get(tx, conversation)


@pytest_asyncio.fixture
async def bench(db_url: str, library: Library, tmp_path: Path) -> AsyncIterator[Bench]:
    made = Bench(db_url, library, tmp_path / "media")
    try:
        await made.another()
        async with made.db.engine.begin() as conn:
            await conn.run_sync(metadata.drop_all)
            await conn.run_sync(metadata.create_all)
        yield made
    finally:
        for client in made.clients:
            await client.session.close()
        for server in made.servers:
            await server.close()
        for db in made.dbs:
            await db.close()
