"""Tickets whose clocks run in a database: opened and changed as the service does it, on a clock that is moved by hand."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from bot.client import load_client
from bot.clock import ManualClock
from bot.conversations import facts as log
from bot.conversations.calendar import WorkCalendar
from bot.conversations.records import facts, timers
from bot.conversations.timers import TimerLoop
from bot.customers.records import customers
from bot.dialogue.unit import Library
from bot.ids import new_id
from bot.knowledge.index import Knowledge
from bot.store.database import Database, Tx
from bot.tickets.records import ticket_alerts, tickets
from bot.tickets.sla import SlaTimer, refresh
from tests.support.servers import ROOT

CLIENT = load_client(ROOT / "clients/pegadaian")
LIBRARY = Library(CLIENT, WorkCalendar(CLIENT.calendar), Knowledge([]))
WIB = CLIENT.zone
OPEN: dict[str, Any] = {
    "status": "open", "unit": "tier1", "hop": 1, "accepted": False, "assignee": None, "kind": "complaint", "topic": "keluhan_transaksi",
    "product": None, "category": None, "priority": "normal",
}  # fmt: skip


def at(text: str) -> datetime:
    """`23 10:00`: of November 2026 (31 on: December), in Jakarta."""
    day, clock = text.split()
    hour, minute, second = (int(part) for part in (clock + ":00").split(":")[:3])
    return datetime(2026, 11, 1, hour, minute, second, tzinfo=WIB) + timedelta(days=int(day) - 1)


def said(moment: datetime) -> str:
    return f"{moment.astimezone(WIB):%m-%d %H:%M:%S}"


class Book:
    """The tickets of a database: opened and changed, and what they have been told."""

    def __init__(self, db: Database) -> None:
        self.db = db
        self.states: dict[str, dict[str, Any]] = {}

    async def open(self, number: str = "T-1", **state: Any) -> None:
        async with self.db.write() as tx:
            now, customer = {**OPEN, **state}, new_id()
            await tx.insert(customers, id=customer, name="Nasabah", created_at=tx.now)
            columns = {name: now[name] for name in ("status", "unit", "hop", "accepted", "kind", "topic", "priority")}
            about = {"cause": number, "customer_id": customer, "channel": "whatsapp", "summary": "Saldo belum masuk", "detail": ""}
            await tx.insert(tickets, number=number, **columns, **about, created_by="bot", created_at=tx.now, promised_at=tx.now, version=1)
            await self._record(tx, number, "opened", now)

    async def change(self, what: str, number: str = "T-1", **state: Any) -> None:
        async with self.db.write() as tx:
            await tx.execute(select(tickets.c.number).where(tickets.c.number == number).with_for_update())
            now = {**self.states[number], **state}
            columns = {name: now[name] for name in ("status", "unit", "hop", "accepted", "priority", "topic")}
            await tx.update(tickets, {"number": number}, **columns, assignee_id=now["assignee"])
            await self._record(tx, number, what, now)

    async def _record(self, tx: Tx, number: str, what: str, state: dict[str, Any]) -> None:
        kind = "ticket_opened" if what == "opened" else "ticket_changed"
        await log.record(tx, kind, ticket=number, what=what, state=state)
        await refresh(tx, LIBRARY, number, pending=(what, state))
        self.states[number] = state

    async def alerts(self, number: str = "T-1") -> list[str]:
        """What was told, when, about which second."""
        async with self.db.read() as tx:
            rows = (await tx.execute(select(ticket_alerts).where(ticket_alerts.c.ticket == number))).all()
        rows = sorted(rows, key=lambda row: (row.at, row.due_at, ("reminder", "breach", "escalation").index(row.what)))
        return [f"{said(r.at)} {r.what} {r.scope} {r.mark}".strip() + f" of {said(r.due_at)}" for r in rows]

    async def timer(self, number: str = "T-1") -> str | None:
        async with self.db.read() as tx:
            due = (await tx.execute(select(timers.c.due_at).where(timers.c.subject == number))).scalar()
        return due and said(due)

    async def row(self, number: str = "T-1") -> Any:
        async with self.db.read() as tx:
            return (await tx.execute(select(tickets).where(tickets.c.number == number))).one()

    async def facts(self, kind: str) -> list[Any]:
        async with self.db.read() as tx:
            return list((await tx.execute(select(facts).where(facts.c.kind == kind).order_by(facts.c.id))).all())


class Floor(Book):
    """One or more services on a database, whose timers are fired by hand."""

    def __init__(self, url: str, start: datetime, services: int = 1) -> None:
        self.clock = ManualClock(start)
        self.dbs = [Database(url, self.clock) for _ in range(services)]
        self.loops = [TimerLoop(db, {"sla": SlaTimer(db, LIBRARY).fire}) for db in self.dbs]
        super().__init__(self.dbs[0])

    async def close(self) -> None:
        for db in self.dbs:
            await db.close()

    async def fire(self) -> None:
        """Everything that is due now, by all services at the same time."""
        while True:
            async with self.db.read() as tx:
                due = (await tx.execute(select(func.count()).where(timers.c.due_at <= tx.now))).scalar_one()
            if not due:
                return
            await asyncio.gather(*(loop.fire_due() for loop in self.loops))
            for loop in self.loops:
                await loop.drain()

    async def until(self, moment: str) -> None:
        """Time passes, and each timer is fired at its second."""
        end = at(moment)
        while True:
            await self.fire()
            async with self.db.read() as tx:
                due = (await tx.execute(select(func.min(timers.c.due_at)))).scalar()
            if due is None or due > end:
                break
            self.clock.set(due)
        self.clock.set(end)


@pytest.fixture
async def floor(database_url: str) -> AsyncIterator[Floor]:
    """Monday, 23 November 2026, 10.00 in Jakarta; on SQLite and on PostgreSQL."""
    made = Floor(database_url, at("23 10:00"))
    yield made
    await made.close()
