"""The desk's live line, GET /ws/desk: what changed is told to every desk that may see it, gathered from the database's signals.

Nothing told here is needed for correctness: a desk that missed something is told to fetch everything again.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from aiohttp import WSMsgType, web
from sqlalchemy import or_, select

from bot import telemetry
from bot.channels.wire import TOO_MANY, Wire
from bot.conversations.ownership import Owner
from bot.conversations.records import conversations
from bot.conversations.transcript import iso
from bot.desk.access import DESK, require_tickets
from bot.desk.alerts import Alerts
from bot.desk.bell import Bell
from bot.desk.guard import Guard
from bot.desk.line import PEOPLE, REFRESH, Frame, Line, dump
from bot.desk.service import Desk
from bot.desk.sessions import valid_keys
from bot.desk.viewing import Viewers
from bot.desk.views import presence_json
from bot.handoff.presence import get_presence, seen

log = logging.getLogger(__name__)
GATHER_S = 0.02  # a burst of signals becomes one look into the database
ALIVE_S = 15
LINES_OF_USER = 20
ENDED = 4401  # close code: the session is over


@dataclass(slots=True)
class _News:
    """What happened since the last look."""

    conversations: set[str] = field(default_factory=set)
    messages: dict[str, set[int]] = field(default_factory=dict)
    cards: set[str] = field(default_factory=set)
    assists: dict[str, set[str]] = field(default_factory=dict)
    typing: set[str] = field(default_factory=set)
    agents: set[str] = field(default_factory=set)
    leaving: set[str] = field(default_factory=set)
    mentions: list[dict[str, Any]] = field(default_factory=list)
    alerts: set[str] = field(default_factory=set)
    views: list[dict[str, Any]] = field(default_factory=list)
    tickets: set[str] = field(default_factory=set)
    people: bool = False  # somebody's presence, load or team has changed
    refresh: bool = False

    def hear(self, topic: str, data: dict[str, Any]) -> bool:
        """Take a signal in; False if it does not matter here."""
        if topic in ("conversation", "queue"):
            self.conversations.add(data["id"])
            self.people |= topic == "queue"
        elif topic == "message":
            self.conversations.add(data["conversation"])
            self.messages.setdefault(data["conversation"], set()).add(data["seq"])
        elif topic == "card" and data["conversation"]:
            self.cards.add(data["conversation"])
        elif topic == "assist":
            self.conversations.add(data["conversation"])
            self.assists.setdefault(data["conversation"], set()).add(data["message"])
        elif topic == "customer_typing":
            self.typing.add(data["conversation"])
        elif topic == "presence":
            self.agents.add(data["agent"])
            self.people = True
        elif topic == "session":
            self.leaving.add(data["user"])
        elif topic == "viewing":
            self.views.append(data)
        elif topic == "mention":
            self.mentions.append(data)
        elif topic == "ticket":
            self.tickets.add(data["number"])
        elif topic == "alert":
            self.alerts.add(data["id"])
        elif topic == "refresh":
            self.refresh = True
        else:
            return False
        return True


class Live:
    """All sockets of this process and the one task that feeds them."""

    def __init__(self, desk: Desk, guard: Guard) -> None:
        self._desk = desk
        self._db = desk.db
        self._guard = guard
        self._alerts = Alerts(desk.db)
        self._lines: set[Line] = set()
        self._divisions: set[Line] = set()  # who hears of tickets, and of nothing else
        self._news = _News()
        self._viewers = Viewers()
        self._woken = asyncio.Event()
        self._look_again = asyncio.Event()  # a desk has come, or a session may be over
        self._seen_at: dict[str, datetime] = {}
        self._ending: set[asyncio.Task[bool]] = set()
        self._people = Bell(lambda: self._put(self._lines, PEOPLE))

    async def running(self, _app: web.Application) -> AsyncIterator[None]:
        """For the app's cleanup_ctx: hears signals while the app runs."""
        unsubscribe = self._db.subscribe(self._heard)
        tasks = [asyncio.create_task(self._tell_forever(), name="desk live"), asyncio.create_task(self._keep_alive(), name="desk alive")]
        yield
        unsubscribe()
        self._people.still()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def close(self, _app: web.Application) -> None:
        """The service stops: every desk connects again, elsewhere or later."""
        lines = self._lines | self._divisions
        await asyncio.gather(*(line.wire.socket.close(code=1001, message=b"restart") for line in lines), return_exceptions=True)

    async def socket(self, request: web.Request) -> web.StreamResponse:
        """GET /ws/desk: 403 for a foreign page or a role without a desk, 401 without a session."""
        self._guard.require_own_page(request, needed=True)
        session = await self._guard.session(request)
        require_tickets(session.user)
        socket = web.WebSocketResponse(heartbeat=20, max_msg_size=16 * 1024)
        await socket.prepare(request)
        line = Line(Wire(request, socket), session)
        lines = self._lines if session.user.role in DESK else self._divisions
        if sum(other.user.id == session.user.id for other in lines) >= LINES_OF_USER:
            await line.wire.drop(TOO_MANY, b"too many desks")
            return socket
        telemetry.sockets("desk", len(self._lines) + 1)
        lines.add(line)  # from here on nothing is missed; what the desk fetches on `ready` is newer
        writer = asyncio.create_task(line.write(), name="desk write")
        self._look_again.set()
        try:
            await self._greet(line)
            async for message in socket:
                if message.type in (WSMsgType.TEXT, WSMsgType.BINARY):
                    line.hear(message.data if message.type == WSMsgType.TEXT else "")
                await self._pass_on([line])
        except Exception:
            log.exception("a desk's socket failed")
            await socket.close(code=1011)
        finally:
            lines.discard(line)
            telemetry.sockets("desk", len(self._lines))
            line.leave()
            await self._pass_on([line])
            writer.cancel()
            await asyncio.gather(writer, return_exceptions=True)
        return socket

    async def _greet(self, line: Line) -> None:
        if line.user.role not in DESK:
            line.put(dump({"type": "ready", "server_time": iso(self._db.clock.now())}))
            return
        own = (conversations.c.owner == Owner.AGENT) & (conversations.c.agent_id == line.user.id)
        async with self._db.read() as tx:
            found = await tx.execute(select(conversations.c.id).where(or_(conversations.c.owner == Owner.QUEUE, own)))
            line.concerned |= set(found.scalars())
            line.put(dump({"type": "ready", "server_time": iso(tx.now)}))

    async def _keep_alive(self) -> None:
        """While sockets stand (they are pinged), their agents count as there and their sessions are looked at again: all at once, every
        `ALIVE_S`, as hundreds of desks would otherwise write hundreds of times."""
        clock = self._db.clock
        while True:
            self._look_again.clear()
            later = clock.now() + timedelta(seconds=ALIVE_S)
            try:
                await self._end_sessions()
                await self._signs_of_life()
                lines = list(self._lines)
                for line in lines:
                    line.say_again()
                await self._pass_on(lines)
                self._show_viewers(self._viewers.forget(clock.now()))
            except Exception:
                log.exception("signs of life could not be stored; going on")
            waits = [asyncio.ensure_future(clock.sleep_until(later)), asyncio.ensure_future(self._look_again.wait())]
            try:
                await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
            finally:
                for wait in waits:
                    wait.cancel()

    async def _pass_on(self, lines: Iterable[Line]) -> None:
        """Tell every process what these desks look at. A view that is not told is told again soon."""
        told = [signal for line in lines for signal in line.told]
        for line in lines:
            line.told.clear()
        if told:
            try:
                await self._db.tell(*told)
            except Exception:
                log.exception("what desks look at could not be told")

    def _show_viewers(self, conversations: Iterable[str]) -> None:
        now = self._db.clock.now()
        for conversation in conversations:
            for line in self._lines:
                if line.watched == conversation:
                    viewers = self._viewers.of(conversation, now, but=line.user.id)
                    line.put(dump({"type": "viewers", "conversation": conversation, "viewers": viewers}))

    async def _end_sessions(self) -> None:
        lines = self._lines | self._divisions
        valid = await valid_keys(self._db, {line.session.key for line in lines})
        over = [line for line in lines if line.session.key not in valid]
        self._lines.difference_update(over)
        self._divisions.difference_update(over)
        for line in over:  # nobody waits for a browser that takes its time to answer
            task = asyncio.create_task(line.wire.socket.close(code=ENDED, message=b"session ended"), name="desk ends")
            self._ending.add(task)
            task.add_done_callback(self._ending.discard)

    async def _signs_of_life(self) -> None:
        now, lately = self._db.clock.now(), timedelta(seconds=ALIVE_S)
        agents = {line.user.id for line in self._lines}
        self._seen_at = {agent: at for agent, at in self._seen_at.items() if agent in agents}
        due = sorted(agent for agent in agents if agent not in self._seen_at or now - self._seen_at[agent] >= lately)
        if due:
            async with self._db.write() as tx:
                await seen(tx, *due)
            self._seen_at |= dict.fromkeys(due, now)

    def _heard(self, topic: str, data: dict[str, Any]) -> None:
        if (self._lines or self._divisions) and self._news.hear(topic, data):
            self._woken.set()

    async def _tell_forever(self) -> None:
        while True:
            await self._woken.wait()
            await asyncio.sleep(GATHER_S)
            self._woken.clear()
            news, self._news = self._news, _News()
            try:
                await self._tell(news)
            except Exception:
                log.exception("desks could not be told; they fetch everything again")
                self._put(self._lines, REFRESH)

    async def _tell(self, news: _News) -> None:
        lines = list(self._lines)
        if news.refresh:
            self._put([*lines, *self._divisions], REFRESH)
        for number in news.tickets:
            self._put([*lines, *self._divisions], dump({"type": "ticket", "number": number}))
        if news.leaving:
            self._look_again.set()
        if news.people:
            self._people.ring()
        async with self._db.read() as tx:
            summaries = {summary["id"]: summary for summary in await self._desk.views.by_ids(tx, sorted(news.conversations))}
            for conversation, seqs in news.messages.items():
                near = [line for line in lines if _near(line, summaries.get(conversation))]
                if near:
                    for message in await self._desk.views.messages(tx, conversation, sorted(seqs)):
                        self._put(near, dump({"type": "message", "conversation": conversation, "message": message}))
            for conversation, found in news.assists.items():
                for line in (line for line in lines if _near(line, summaries.get(conversation))):
                    for assist in await self._desk.assist.told(tx, conversation, found, line.user.name):
                        line.put(dump({"type": "assist", "conversation": conversation, "assist": assist}))
            if news.alerts:
                everybody = [*lines, *self._divisions]
                for alert, meant in await self._alerts.told(tx, news.alerts, {line.user.id for line in everybody}):
                    self._put((line for line in everybody if line.user.id in meant), dump({"type": "alert", "alert": alert}))
            for agent in news.agents:
                own = [line for line in lines if line.user.id == agent]
                if own:
                    self._put(own, dump({"type": "presence", "presence": presence_json(await get_presence(tx, agent), self._desk.client)}))
        for summary in summaries.values():
            text = dump({"type": "conversation", "conversation": summary})
            for line in lines:
                line.tell_conversation(summary, text)
        now = self._db.clock.now()
        for view in news.views:
            who = (view["conversation"], view["agent"], view["name"], view["state"])
            self._viewers.heard(now, *who)
        self._show_viewers({view["conversation"] for view in news.views})
        for asked in news.mentions:
            frame = {"type": "mention", "conversation": asked["conversation"], "by": asked["by"], "text": asked["text"]}
            self._put((line for line in lines if line.user.id in asked["to"]), dump(frame))
        for conversation in news.cards:
            self._put((line for line in lines if line.watched == conversation), dump({"type": "card", "conversation": conversation}))
        for conversation in news.typing:
            self._put((line for line in lines if line.watched == conversation), dump({"type": "typing", "conversation": conversation}))

    @staticmethod
    def _put(lines: Iterable[Line], text: str) -> None:
        for line in lines:
            line.put(text)


def _near(line: Line, summary: Frame | None) -> bool:
    """Whether a desk shows the conversation, or its agent serves it."""
    if summary is None:
        return False
    return line.watched == summary["id"] or (summary["agent"] is not None and summary["agent"]["id"] == line.user.id)
