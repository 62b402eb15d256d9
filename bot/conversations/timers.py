"""Durable timers: rows with a due time. Setting one again moves it; firing re-checks what it assumed, in one transaction.

A due timer is leased before it is handled and deleted by the handler's own transaction, so it takes effect exactly once across restarts
and processes; a handler that dies leaves it to be taken up again when the lease runs out.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, delete, func, or_, select, update
from sqlalchemy.dialects.postgresql import insert as pg_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from bot.conversations.records import timers
from bot.store.database import Database, Tx
from bot.store.prepared import Prepared

log = logging.getLogger(__name__)
LEASE_S = 30
AT_ONCE = 16


@dataclass(frozen=True, slots=True)
class Due:
    """A timer that is due. `token` is its lease: only while it stands may the timer be taken out."""

    kind: str
    subject: str
    due_at: datetime
    token: datetime


Handler = Callable[[Due], Awaitable[None]]


def _setting(new_insert: Any) -> Prepared:
    names = ("kind", "subject", "due_at", "tries", "lease_until")
    statement = new_insert(timers).values({name: bindparam(name, type_=timers.c[name].type) for name in names})
    renewed = {name: statement.excluded[name] for name in ("due_at", "tries", "lease_until")}
    return Prepared(statement.on_conflict_do_update(index_elements=["kind", "subject"], set_=renewed))


_SET = {"sqlite": _setting(sqlite_insert), "postgresql": _setting(pg_insert)}
_DROP = Prepared(delete(timers).where(timers.c.kind == bindparam("kind"), timers.c.subject == bindparam("subject")))


async def set_timer(tx: Tx, kind: str, subject: str, due_at: datetime) -> None:
    """Set the timer of `kind` about `subject`, or move it."""
    await tx.affect(_SET[tx.dialect], kind=kind, subject=subject, due_at=due_at, tries=0, lease_until=None)
    tx.publish("timer", at=due_at.isoformat())


async def drop_timer(tx: Tx, kind: str, subject: str) -> None:
    """Remove the timer if it is there."""
    await tx.affect(_DROP, kind=kind, subject=subject)


async def take_out(tx: Tx, due: Due) -> bool:
    """Remove a due timer within the handler's transaction. False: it was moved, dropped or handled meanwhile, so do nothing.

    Lock the conversation first, as everybody does who changes one and its timers: two orders would be a deadlock.
    """
    result = await tx.execute(
        delete(timers).where(timers.c.kind == due.kind, timers.c.subject == due.subject, timers.c.lease_until == due.token)
    )
    return result.rowcount == 1


class TimerLoop:
    """Fires due timers to the handler of their kind; sleeps until the next is due or one is set earlier."""

    def __init__(self, db: Database, handlers: dict[str, Handler]) -> None:
        self._db = db
        self._handlers = handlers
        self._wake = asyncio.Event()
        self._running: set[asyncio.Task[None]] = set()
        self._next_at: datetime | None = None
        self._stopping = False

    async def run(self) -> None:
        """Until `stop`; cancelled, it drops what is under way."""
        unsubscribe = self._db.subscribe(self._heard)
        try:
            while not self._stopping:
                self._wake.clear()
                self._next_at = None  # while we look, every timer that is set counts
                try:
                    self._next_at = await self.fire_due()
                except Exception:
                    log.exception("the timer loop stumbled; going on")
                    self._next_at = self._db.clock.now() + timedelta(seconds=1)
                await self._rest(self._next_at)
        except asyncio.CancelledError:
            for task in self._running:
                task.cancel()
            raise
        finally:
            unsubscribe()

    def stop(self) -> None:
        """Fire nothing more."""
        self._stopping = True
        self._wake.set()

    async def drain(self) -> None:
        """Wait for what is under way."""
        await asyncio.gather(*self._running, return_exceptions=True)

    async def fire_due(self) -> datetime | None:
        """Lease and start what is due; returns when the next timer is due, if any."""
        now = self._db.clock.now()
        free = AT_ONCE - len(self._running)
        if free <= 0:
            return None  # whoever ends first wakes the loop
        is_free = or_(timers.c.lease_until.is_(None), timers.c.lease_until <= now)
        async with self._db.read() as tx:
            upcoming = (await tx.execute(select(func.min(timers.c.due_at)).where(is_free))).scalar()
            if upcoming is None or upcoming > now:
                # What is in somebody's hands is due again when its lease runs out, which may be sooner.
                leased = (await tx.execute(select(func.min(timers.c.lease_until)).where(timers.c.lease_until > now))).scalar()
                return min((at for at in (upcoming, leased) if at is not None), default=None)
        token = now + timedelta(seconds=LEASE_S)
        async with self._db.write() as tx:
            rows = (
                await tx.execute(
                    select(timers)
                    .where(timers.c.due_at <= now, is_free, timers.c.kind.in_(self._handlers))
                    .order_by(timers.c.due_at)
                    .limit(free)
                    .with_for_update(skip_locked=True)
                )
            ).all()
            for row in rows:
                await tx.execute(
                    update(timers)
                    .where(timers.c.kind == row.kind, timers.c.subject == row.subject)
                    .values(lease_until=token, tries=timers.c.tries + 1)
                )
        for row in rows:
            self._start(Due(row.kind, row.subject, row.due_at, token))
        return now if rows else now + timedelta(seconds=1)

    def _start(self, due: Due) -> None:
        task = asyncio.create_task(self._handle(due), name=f"timer {due.kind}")
        self._running.add(task)
        task.add_done_callback(self._done)

    def _done(self, task: asyncio.Task[None]) -> None:
        if len(self._running) >= AT_ONCE:
            self._wake.set()  # there may be more that is due
        self._running.discard(task)

    async def _handle(self, due: Due) -> None:
        try:
            await self._handlers[due.kind](due)
        except Exception:
            log.exception("timer %s failed; it will be tried again", due.kind)

    def _heard(self, topic: str, data: dict[str, object]) -> None:
        if topic == "refresh" or (topic == "timer" and (self._next_at is None or datetime.fromisoformat(str(data["at"])) < self._next_at)):
            self._wake.set()

    async def _rest(self, until: datetime | None) -> None:
        if self._wake.is_set():
            return
        woken = asyncio.ensure_future(self._wake.wait())
        far = self._db.clock.now() + timedelta(hours=1)
        slept = asyncio.ensure_future(self._db.clock.sleep_until(min(until, far) if until else far))
        try:
            await asyncio.wait({woken, slept}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            woken.cancel()
            slept.cancel()
