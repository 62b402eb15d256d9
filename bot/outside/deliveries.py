"""The outbox loop: what is to be told to Jira and webhooks, in order for each ticket and destination, tried until done or given up.

A row is leased before it leaves, so several processes share the work, and one that dies leaves its row to the next. Each courier sees how
often a row was tried: from the second try on it first looks whether the first one arrived.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Protocol

from sqlalchemy import and_, delete, exists, func, or_, select, update
from sqlalchemy.engine import Row

from bot.conversations.transcript import iso
from bot.outside.outcomes import Again, Done, Failed, Outcome, next_try
from bot.outside.records import deliveries
from bot.store.database import Database, Tx

log = logging.getLogger(__name__)
POLL_S = 1.0
AT_ONCE = 8
LEASE_S = 120
TAKES_S = 90  # one delivery, at most: shorter than its lease
AWAY_MOST_S = 60  # who is away is asked again after so long at the latest, with one row
KEPT = timedelta(days=30)
_ANSWER = 500
_TODO = deliveries.c.done_at.is_(None)


class Courier(Protocol):
    """Brings rows to one kind of destination."""

    async def deliver(self, row: Row[Any], tries: int) -> Outcome:
        """Bring it. `tries`: which try this is, from 1. Raises nothing that it can name."""
        ...


class Deliveries:
    """The loop. `couriers`: by the first word of a destination: `jira`, `webhook`."""

    def __init__(self, db: Database, couriers: Mapping[str, Courier]) -> None:
        self._db = db
        self._couriers = couriers
        self._wake = asyncio.Event()
        self._running: set[asyncio.Task[None]] = set()
        self._away: dict[str, datetime] = {}  # destinations that do not answer, and until when they are left alone
        self._swept: datetime | None = None
        self._stopping = False

    async def run(self) -> None:
        """Until `stop`; what is under way is finished by `drain`."""
        unsubscribe = self._db.subscribe(lambda topic, _: self._wake.set() if topic in ("delivery", "refresh") else None)
        try:
            while not self._stopping:
                self._wake.clear()
                started = 0
                try:
                    started = await self.step()
                    await self._sweep()
                except Exception:
                    log.exception("the deliveries stumbled; going on")
                if not started:
                    with contextlib.suppress(TimeoutError):
                        async with asyncio.timeout(POLL_S):  # unlike wait_for, never swallows a cancellation (Python 3.11)
                            await self._wake.wait()
        finally:
            unsubscribe()

    def stop(self) -> None:
        """Begin nothing more."""
        self._stopping = True
        self._wake.set()

    async def drain(self) -> None:
        """Wait for what is under way."""
        await asyncio.gather(*self._running, return_exceptions=True)

    async def step(self) -> int:
        """Start what is due; how many were started."""
        free = AT_ONCE - len(self._running)
        if free <= 0 or not self._couriers:
            return 0
        async with self._db.read() as tx:  # most of the time nothing is due: no lock, no write
            if (await tx.execute(self._due(tx, 1))).first() is None:
                return 0
        async with self._db.write() as tx:
            rows = (await tx.execute(self._due(tx, free).with_for_update(skip_locked=True, of=deliveries))).all()
            until = tx.now + timedelta(seconds=LEASE_S)
            for row in rows:
                await tx.execute(update(deliveries).where(deliveries.c.id == row.id).values(lease_until=until, tries=row.tries + 1))
        for row in rows:
            task = asyncio.create_task(self._deliver(row, until), name=f"delivery {row.id}")
            self._running.add(task)
            task.add_done_callback(self._done)
        if rows:
            await asyncio.sleep(0)
        return len(rows)

    def _due(self, tx: Tx, limit: int) -> Any:
        """The first undone row of each ticket and destination, where it is due, nobody is at it and the destination answers."""
        earlier = deliveries.alias("earlier")
        same = and_(earlier.c.destination == deliveries.c.destination, earlier.c.subject == deliveries.c.subject)
        is_first = ~exists().where(same, earlier.c.done_at.is_(None), earlier.c.id < deliveries.c.id)
        ours = or_(*(or_(deliveries.c.destination == kind, deliveries.c.destination.startswith(f"{kind}:")) for kind in self._couriers))
        free = or_(deliveries.c.lease_until.is_(None), deliveries.c.lease_until <= tx.now)
        away = [name for name, until in self._away.items() if until > tx.now]
        wanted = select(deliveries).where(_TODO, deliveries.c.due_at <= tx.now, is_first, ours, free)
        return wanted.where(deliveries.c.destination.not_in(away)).order_by(deliveries.c.due_at, deliveries.c.id).limit(limit)

    async def _deliver(self, row: Row[Any], until: datetime) -> None:
        courier = self._couriers[row.destination.partition(":")[0]]
        outcome: Outcome
        try:
            async with asyncio.timeout(TAKES_S):
                outcome = await courier.deliver(row, row.tries + 1)
        except TimeoutError:
            outcome = Again("took too long", away=True)
        except Exception as error:
            log.exception("delivery %s to %s", row.id, row.destination)
            outcome = Again(type(error).__name__)
        await self._settle(row, until, outcome)

    async def _settle(self, row: Row[Any], until: datetime, outcome: Outcome) -> None:
        tries = row.tries + 1
        async with self._db.write() as tx:
            values: dict[str, Any] = {"lease_until": None}
            match outcome:
                case Done(answer):
                    values |= {"done_at": tx.now, "answer": answer[:_ANSWER]}
                    self._away.pop(row.destination, None)
                case Failed(reason):
                    log.warning("delivery %s to %s failed for good: %s", row.id, row.destination, reason)
                    values |= {"done_at": tx.now, "failed": True, "answer": reason[:_ANSWER]}
                case Again(reason):
                    at = next_try(row.destination, tries, outcome, row.created_at, tx.now)
                    log.info("delivery %s to %s, try %s: %s", row.id, row.destination, tries, reason)
                    given_up = {"done_at": tx.now, "failed": True} if at is None else {"due_at": at}
                    values |= {"answer": reason[:_ANSWER], **given_up}
                    if outcome.away and at is not None:
                        most = tx.now + timedelta(seconds=max(AWAY_MOST_S, outcome.after or 0))
                        self._away[row.destination] = min(at, most)
            held = (deliveries.c.id == row.id) & _TODO & (deliveries.c.lease_until == until)
            await tx.execute(update(deliveries).where(held).values(**values))

    def _done(self, task: asyncio.Task[None]) -> None:
        self._running.discard(task)
        if not task.cancelled() and task.exception():
            log.error("a delivery could not be settled", exc_info=task.exception())
        self._wake.set()

    async def _sweep(self) -> None:
        """Forget what was delivered long ago; what failed stays to be seen."""
        now = self._db.clock.now()
        if self._swept is not None and now - self._swept < timedelta(hours=1):
            return
        self._swept = now
        async with self._db.write() as tx:
            old = (deliveries.c.done_at < tx.now - KEPT) & ~deliveries.c.failed
            await tx.execute(delete(deliveries).where(old))


async def outlook(tx: Tx) -> dict[str, dict[str, Any]]:
    """By destination: how many wait, since when, how many failed, and what was last said to one that waits or failed."""
    waits = func.count().filter(_TODO)
    counted = select(
        deliveries.c.destination,
        waits.label("waiting"),
        func.min(deliveries.c.created_at).filter(_TODO).label("since"),
        func.count().filter(deliveries.c.failed).label("failed"),
        func.max(deliveries.c.id).filter(or_(_TODO, deliveries.c.failed) & deliveries.c.answer.is_not(None)).label("last"),
    ).group_by(deliveries.c.destination)
    found = {row.destination: row for row in await tx.execute(counted)}
    wanted = [row.last for row in found.values() if row.last is not None]
    said = {row.id: row.answer for row in await tx.execute(select(deliveries.c.id, deliveries.c.answer).where(deliveries.c.id.in_(wanted)))}
    return {
        name: {"waiting": row.waiting, "since": row.since, "failed": row.failed, "answer": said.get(row.last)}
        for name, row in found.items()
    }


async def failed(tx: Tx, limit: int = 100) -> list[dict[str, Any]]:
    """What failed for good, and what was tried in vain and waits, newest first."""
    wanted = select(deliveries).where(deliveries.c.failed | (_TODO & (deliveries.c.tries > 0)))
    rows = await tx.execute(wanted.order_by(deliveries.c.id.desc()).limit(limit))
    return [
        {
            "id": row.id,
            "destination": row.destination,
            "ticket": row.subject,
            "event": row.event,
            "tries": row.tries,
            "failed": row.failed,
            "answer": row.answer,
            "created_at": iso(row.created_at),
            "due_at": None if row.failed else iso(row.due_at),
        }
        for row in rows
    ]
