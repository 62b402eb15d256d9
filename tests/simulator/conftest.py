"""A stand-in on a real loopback port, a webhook address that notes what it gets, and a client: nothing leaves the machine."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import aiohttp
import pytest_asyncio
from aiohttp import web
from aiohttp.test_utils import TestServer

from bot.channels.whatsapp.graph import GraphClient
from bot.channels.whatsapp.parse import Parsed, parse_webhook
from bot.channels.whatsapp.signature import verify_signature
from bot.simulator.graph_standin import GraphStandIn
from bot.simulator.web import add_routes

PNID, TOKEN, SECRET = "106540352242922", "EAAG-test-token", "app-secret"


@dataclass
class Clock:
    """A clock that only moves when told."""

    now: datetime = datetime(2026, 11, 21, 3, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def forward(self, **parts: float) -> None:
        self.now += timedelta(**parts)


@dataclass
class Bench:
    """Everything a test needs: `got` holds the webhook bodies in the order they came; `answers` the next statuses to give (default 200)."""

    standin: GraphStandIn
    client: GraphClient
    clock: Clock
    base: str
    session: aiohttp.ClientSession
    got: list[dict[str, Any]] = field(default_factory=list)
    answers: list[int] = field(default_factory=list)
    signed: list[bool] = field(default_factory=list)

    def parsed(self) -> Parsed:
        whole = Parsed()
        for body in self.got:
            one = parse_webhook(body, self.clock())
            whole.messages += one.messages
            whole.statuses += one.statuses
            whole.ignored += one.ignored
            whole.identity_changes += one.identity_changes
        return whole

    def other_client(self, **changes: Any) -> GraphClient:
        settings: dict[str, Any] = {"base_url": self.base, "token": TOKEN, "phone_number_id": PNID, "timeout_s": 5}
        return GraphClient(self.session, **(settings | changes))


@pytest_asyncio.fixture
async def bench() -> AsyncIterator[Bench]:
    holder: list[Bench] = []

    async def webhook(request: web.Request) -> web.Response:
        raw = await request.read()
        bench = holder[0]
        bench.signed.append(verify_signature(SECRET, raw, request.headers.get("X-Hub-Signature-256")))
        status = bench.answers.pop(0) if bench.answers else 200
        if status == 200:
            bench.got.append(json.loads(raw))
        return web.Response(status=status)

    app = web.Application()
    app.router.add_post("/webhooks/whatsapp", webhook)
    clock = Clock()
    standin = GraphStandIn("", SECRET, TOKEN, PNID, clock, webhook_pause_s=0)
    app.add_subapp("/graph/", standin.app)
    add_routes(app, standin)
    async with TestServer(app) as server, aiohttp.ClientSession() as session:
        standin.webhooks.url = str(server.make_url("/webhooks/whatsapp"))
        base = str(server.make_url("/graph"))
        client = GraphClient(session, base_url=base, token=TOKEN, phone_number_id=PNID, timeout_s=5)
        holder.append(Bench(standin, client, clock, base, session))
        yield holder[0]
