"""Other systems: the desk's bench, somebody who set a token up, calls with it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest_asyncio
from aiohttp import web
from aiohttp.test_utils import TestServer

from bot.outside.deliveries import Deliveries
from tests.desk.conftest import bench, db_url, library, quick_passwords

if TYPE_CHECKING:
    from tests.desk.conftest import Bench, Person

__all__ = ["bench", "db_url", "library", "quick_passwords"]
TICKET = {"kind": "complaint", "topic": "keluhan_transaksi", "summary": "Saldo belum masuk", "channel": "phone", "name": "Budi"}


@dataclass
class System:
    """Another system with its token."""

    person: Person
    token: str
    id: str = ""

    async def call(self, method: str, path: str, body: Any = None, key: str = "") -> tuple[int, Any]:
        headers = {"Authorization": f"Bearer {self.token}"} | ({"Idempotency-Key": key} if key else {})
        async with self.person.client.request(method, f"/api/v1{path}", json=body, headers=headers) as answer:
            return answer.status, await answer.json()

    async def good(self, method: str, path: str, body: Any = None, key: str = "") -> Any:
        status, answer = await self.call(method, path, body, key)
        assert status in (200, 201), answer
        return answer

    async def refused(self, method: str, path: str, body: Any = None, key: str = "") -> tuple[int, str]:
        status, answer = await self.call(method, path, body, key)
        assert status >= 400, answer
        assert set(answer) == {"error"}
        return status, answer["error"]["code"]


async def system(bench: Bench, *scopes: str, unit: str = "", admin: Person | None = None) -> System:
    """Another system whose token an admin made."""
    admin = admin or await bench.person("admin", "admin")
    given = {"name": "Inti", "scopes": scopes or ("tickets:read", "tickets:write"), "days": 30, "unit": unit or None}
    made = await admin.post("/api/desk/tokens", given, expect=201)
    return System(admin, made["token"], made["id"])


@dataclass
class Receiver:
    """Somebody's webhook on a loopback port. `answers`: statuses to give, in order; then 200."""

    got: list[dict[str, Any]] = field(default_factory=list)
    answers: list[int] = field(default_factory=list)
    headers: dict[str, str] = field(default_factory=dict)
    hold: asyncio.Event | None = None
    url: str = ""

    async def handle(self, request: web.Request) -> web.Response:
        raw = await request.read()
        self.got.append({"raw": raw, "body": json.loads(raw), "headers": dict(request.headers)})
        if self.hold is not None:
            await self.hold.wait()
        status = self.answers.pop(0) if self.answers else 200
        return web.Response(status=status, text="halo" * 10_000, headers=self.headers)

    def told(self) -> list[tuple[str, str]]:
        """(ticket, event and what) in the order they came."""
        return [(each["body"]["ticket"]["number"], f"{each['body']['event']} {each['body'].get('what', '')}".strip()) for each in self.got]


@pytest_asyncio.fixture
async def receiver() -> AsyncIterator[Receiver]:
    made, app = Receiver(), web.Application()
    app.router.add_post("/hook", made.handle)
    server = TestServer(app)
    await server.start_server()
    made.url = str(server.make_url("/hook"))
    yield made
    if made.hold is not None:
        made.hold.set()
    await server.close()


async def deliver(*loops: Deliveries) -> None:
    """Let them bring everything that is due now."""
    while sum([await loop.step() for loop in loops]):
        for loop in loops:
            await loop.drain()
