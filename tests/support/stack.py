"""The whole stack in a test: the service on a clock of its own, a real engine beside it, customers on both channels."""

from __future__ import annotations

import asyncio
import itertools
import json
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import aiohttp
from aiohttp import web
from sqlalchemy import func, select

from bot.app import STANDIN_PREFIX, Service, create_runner, create_service
from bot.clock import ManualClock
from bot.conversations.records import conversations, facts, messages, timers
from bot.simulator.graph_standin import GraphStandIn
from bot.store.database import Database
from tests.support.servers import NUMBER, SECRET, TOKEN, free_port

MONDAY_10 = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)  # Monday 10.00 in Jakarta
PATIENCE_S = 40.0  # how long a test waits for something to happen; it returns as soon as it has


class Stack:
    """A running service. `clock` stands still until a test moves it with `advance`."""

    def __init__(
        self,
        database_url: str,
        engine_url: str,
        var: Path,
        web_folder: Path,
        start: datetime = MONDAY_10,
        port: int | None = None,
        **settings: str,
    ) -> None:
        from bot.settings import load_settings

        self.port = port or free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.clock = ManualClock(start)
        self.settings = load_settings(
            SAPA_ENV="test",
            SAPA_VAR=str(var),
            SAPA_WEB=str(web_folder),
            PORT=str(self.port),
            DATABASE_URL=database_url,
            SECRET_KEY="test-secret-key-" + "x" * 32,
            ENGINE_URL=engine_url,
            ENGINE_TOKEN=TOKEN,
            ENGINE_TIMEOUT_S="20",
            WHATSAPP_APP_SECRET=SECRET,
            WHATSAPP_VERIFY_TOKEN="verify",
            WHATSAPP_ACCESS_TOKEN="access",
            WHATSAPP_PHONE_NUMBER_ID=NUMBER,
            WHATSAPP_API_URL=f"{self.url}{STANDIN_PREFIX}",
            **{"SAPA_DATA": str(var.parent / "data"), **settings},  # never the project's own: a test that trains puts a copy there
        )
        self.service: Service = create_service(self.settings, self.clock)
        self._runner: web.AppRunner | None = None
        self._http: aiohttp.ClientSession | None = None
        self._visitors: list[Visitor] = []

    @property
    def db(self) -> Database:
        return self.service.db

    @property
    def graph(self) -> GraphStandIn:
        assert self.service.standin is not None
        return self.service.standin

    @property
    def http(self) -> aiohttp.ClientSession:
        assert self._http is not None
        return self._http

    async def start(self) -> None:
        self._runner = create_runner(self.service, shutdown_timeout=1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", self.port).start()
        self.graph.webhooks.url = f"{self.url}/webhooks/whatsapp"
        self._http = aiohttp.ClientSession()

    async def stop(self) -> None:
        for visitor in self._visitors:
            await visitor.leave()
        if self._http:
            await self._http.close()
        if self._runner:
            await self._runner.cleanup()

    async def visitor(self, token: str | None = None) -> Visitor:
        """A customer on the live chat."""
        visitor = Visitor(self, token)
        await visitor.connect()
        self._visitors.append(visitor)
        return visitor

    def phone(self, reference: int | str = 0) -> Phone:
        """A pretend customer on WhatsApp."""
        return Phone(self, reference)

    async def advance(self, seconds: float) -> None:
        """Move the clock on, second by second as timers fall due, and let what that causes finish."""
        for _ in range(int(seconds)):
            self.clock.advance(1)
            await self._timers_done()
        self.clock.advance(seconds - int(seconds))
        await self._timers_done()

    async def pass_time(self, seconds: float) -> None:
        """Move the clock on from timer to timer; each time everything that comes of it is done, and sent, before time goes on."""
        end = self.clock.now() + timedelta(seconds=seconds)
        while self.clock.now() < end:
            async with self.db.read() as tx:
                due = (await tx.execute(select(func.min(timers.c.due_at)))).scalar()
            self.clock.set(min(due, end) if due else end)
            await self._timers_done()
            await self.quiet()

    async def _timers_done(self) -> None:
        async def none_due() -> bool:
            async with self.db.read() as tx:
                due = timers.c.due_at <= self.clock.now()
                return (await tx.execute(select(timers.c.kind).where(due).limit(1))).first() is None

        await until(none_due, "a timer that is due was not handled")

    async def facts(self, kind: str) -> list[Any]:
        """The facts of a kind, in order."""
        async with self.db.read() as tx:
            return list((await tx.execute(select(facts).where(facts.c.kind == kind).order_by(facts.c.id))).all())

    async def transcript(self, conversation: str) -> list[Any]:
        """Every message row of a conversation, in order."""
        async with self.db.read() as tx:
            return list(
                (await tx.execute(select(messages).where(messages.c.conversation_id == conversation).order_by(messages.c.seq))).all()
            )

    async def conversation(self, conversation: str) -> Any:
        async with self.db.read() as tx:
            return (await tx.execute(select(conversations).where(conversations.c.id == conversation))).one()

    async def quiet(self) -> None:
        """Wait until nothing is left to do and nothing waits to be sent."""

        async def nothing_left() -> bool:
            async with self.db.read() as tx:
                left = (await tx.execute(select(messages.c.id).where(messages.c.todo.is_not(None)).limit(1))).first()
                unsent = (await tx.execute(select(messages.c.id).where(messages.c.delivery.in_(("queued", "sending"))).limit(1))).first()
            return left is None and unsent is None

        await until(nothing_left, "something is still left to do")


class Visitor:
    """A customer on the live chat, over a real WebSocket."""

    def __init__(self, stack: Stack, token: str | None) -> None:
        self._stack = stack
        self.token = token
        self.conversation: str | None = None
        self.seen: dict[str, dict[str, Any]] = {}
        self.frames: list[dict[str, Any]] = []
        self._socket: aiohttp.ClientWebSocketResponse | None = None
        self._reader: asyncio.Task[None] | None = None
        self._ids = itertools.count()
        self._last: dict[str, Any] = {}
        self._answered = 0

    async def connect(self, after: int = 0) -> None:
        self._socket = await self._stack.http.ws_connect(f"{self._stack.url}/ws/chat")
        self._reader = asyncio.create_task(self._read())
        await self.send({"type": "hello", "token": self.token, "after": after, "conversation": self.conversation, "inbox": "web"})
        await until(lambda: any(f["type"] == "welcome" for f in self.frames), "no welcome")

    async def leave(self) -> None:
        if self._reader:
            self._reader.cancel()
            await asyncio.gather(self._reader, return_exceptions=True)
        if self._socket and not self._socket.closed:
            await self._socket.close()

    async def send(self, frame: dict[str, Any]) -> None:
        assert self._socket is not None
        await self._socket.send_json(frame)

    async def send_text(self, text: str, payload: str | None = None, media: list[str] | None = None) -> str:
        """Write without waiting for anything; returns the message's client id."""
        client_id = f"client-{id(self):x}-{next(self._ids):04}"
        self._last = {"type": "message", "client_id": client_id, "text": text, "payload": payload, "media": media or []}
        await self.send(self._last)
        return client_id

    async def send_again(self) -> None:
        """The last message once more, as a client does that missed the acknowledgement."""
        await self.send(self._last)
        await self.taken()

    async def taken(self) -> None:
        """Wait until the service has dealt with every frame sent so far: frames are taken in order."""
        pongs = sum(f["type"] == "pong" for f in self.frames)
        await self.send({"type": "ping"})
        await until(lambda: sum(f["type"] == "pong" for f in self.frames) > pongs, "no pong")

    async def _read(self) -> None:
        assert self._socket is not None
        async for message in self._socket:
            if message.type != aiohttp.WSMsgType.TEXT:
                break
            frame = json.loads(message.data)
            self.frames.append(frame)
            if frame["type"] == "welcome":
                self.token, self.conversation = frame["token"], frame["conversation"]
                for shown in frame["messages"]:
                    self.seen[shown["id"]] = shown
            elif frame["type"] == "state":
                self.conversation = frame["conversation"]
            elif frame["type"] == "message":
                self.conversation = frame["conversation"]
                self.seen[frame["message"]["id"]] = frame["message"]

    def from_us(self) -> list[dict[str, Any]]:
        """What the customer was told, in order."""
        return sorted((m for m in self.seen.values() if m["author"] != "customer"), key=lambda m: m["id"])

    async def say(self, text: str, payload: str | None = None, media: list[str] | None = None) -> str:
        """Write; returns what the bot answers (its new messages joined). Waits until nothing is left to do."""
        before = {m["id"] for m in self.from_us()}
        client_id = await self.send_text(text, payload, media)
        await until(
            lambda: any(f.get("client_id") == client_id for f in self.frames if f["type"] in ("ack", "refused")),
            f"'{text}' was not acknowledged",
        )
        await self._stack.quiet()
        return await self.heard(before)

    async def heard(self, before: set[str]) -> str:
        """What came after the messages `before`, joined; waits until the client has all that is stored."""
        if self.conversation:

            async def caught_up() -> bool:
                rows = await self._stack.transcript(self.conversation or "")
                return all(r.id in self.seen for r in rows if r.author != "customer" and not r.note)

            await until(caught_up, "the client did not get every message")
        return "\n".join(m["text"] for m in self.from_us() if m["id"] not in before)

    def choices(self) -> list[dict[str, str]]:
        """The choices of the last message that has any."""
        for message in reversed(self.from_us()):
            found = message.get("buttons") or [r for s in message.get("list", {}).get("sections", []) for r in s["rows"]]
            if found:
                return list(found)
        return []

    async def tap(self, title: str) -> str:
        """Tap the choice whose title contains `title`."""
        choice = next((c for c in self.choices() if title.lower() in c["title"].lower()), None)
        assert choice, f"no choice '{title}' among {[c['title'] for c in self.choices()]}"
        return await self.say(choice["title"], payload=choice["id"])


class Phone:
    """A customer on WhatsApp: the stand-in posts what Meta would post and keeps what Sapa sent."""

    def __init__(self, stack: Stack, reference: int | str) -> None:
        self._stack = stack
        self.customer = stack.graph.customer(reference)

    def from_us(self) -> list[dict[str, Any]]:
        view = self._stack.graph.thread(self.customer.bsuid).view(self._stack.clock.now())
        return [m for m in view["messages"] if m["from"] == "sapa"]

    async def say(self, text: str, kind: str = "text", **more: Any) -> str:
        """Write; returns what Sapa answered (its new messages joined)."""
        before = len(self.from_us())
        status, _ = await self._stack.graph.customer_sends(self.customer, kind, text=text, **more)
        assert status == 200
        await self._stack.quiet()
        await self._stack.graph.settle()
        return "\n".join(m["text"] for m in self.from_us()[before:])

    def choices(self) -> list[dict[str, str]]:
        for message in reversed(self.from_us()):
            rows = [r for s in (message.get("list") or {}).get("sections", []) for r in s["rows"]]
            found = message.get("buttons") or rows
            if found:
                return list(found)
        return []

    async def tap(self, title: str) -> str:
        found = self.choices()
        choice = next((c for c in found if title.lower() in c["title"].lower()), None)
        assert choice, f"no choice '{title}' among {[c['title'] for c in found]}"
        message = next(m for m in reversed(self.from_us()) if m.get("buttons") or m.get("list"))
        kind = "button" if message.get("buttons") else "list"
        return await self.say(choice["title"], kind, choice_id=choice["id"], reply_to=message["wamid"])


async def until(condition: Callable[[], bool | Awaitable[bool]], why: str, seconds: float = PATIENCE_S) -> None:
    """Return once `condition` holds; fails with `why` when it never does."""
    end = asyncio.get_running_loop().time() + seconds
    while True:
        result = condition()
        if await result if isinstance(result, Awaitable) else result:
            return
        if asyncio.get_running_loop().time() > end:
            raise AssertionError(why)
        await asyncio.sleep(0.01)
