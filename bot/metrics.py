"""GET /metrics: what an operator watches. No personal data.

What all processes share is counted from the database at each scrape, so every process tells the same: take the maximum of them, not the sum.
What this process did comes from bot/telemetry.py. Where the database is away, the shared part is missing and the rest is still told.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable

from prometheus_client import CollectorRegistry, Gauge, generate_latest
from sqlalchemy import func, or_, select

from bot import telemetry
from bot.channels.records import halts, outbox
from bot.conversations.records import conversations, messages, timers
from bot.store.database import Database, Tx

log = logging.getLogger(__name__)
COUNT_S = 5.0  # counting may take so long; Prometheus gives a scrape up after ten seconds
OWNERS = ("bot", "queue", "agent")


More = Callable[[Tx], Awaitable[bytes]]


async def render(db: Database, engine_ready: bool, more: More | None = None) -> bytes:
    """The figures in Prometheus' text format. `more`: counted in the same look at the database."""
    registry = CollectorRegistry()
    engine = Gauge("sapa_engine_ready", "Whether every engine answers", registry=registry)
    database = Gauge("sapa_database_up", "Whether the database could be read", registry=registry)
    engine.set(1 if engine_ready else 0)
    try:
        async with asyncio.timeout(COUNT_S):
            shared = await _shared(db, more)
        database.set(1)
    except Exception as error:
        log.warning("the database could not be counted for /metrics: %s", type(error).__name__)
        shared = b""
    return shared + generate_latest(registry) + telemetry.exposition()


async def _shared(db: Database, more: More | None) -> bytes:
    registry = CollectorRegistry()
    owners = Gauge("sapa_conversations", "Conversations by owner", ["owner"], registry=registry)
    inbox = Gauge("sapa_inbox_waiting", "Messages that still have something to do", ["todo"], registry=registry)
    oldest = Gauge("sapa_inbox_oldest_seconds", "Age of the oldest message that waits for the bot's answer", registry=registry)
    waiting = Gauge("sapa_outbox_waiting", "Messages waiting to be sent", registry=registry)
    late = Gauge("sapa_timers_overdue", "Timers whose time has passed", registry=registry)
    halted = Gauge("sapa_channels_halted", "Channel accounts whose sending is stopped", registry=registry)
    async with db.read() as tx:
        for owner in OWNERS:
            owners.labels(owner).set(0)
        by_owner = select(conversations.c.owner, func.count().label("n")).where(conversations.c.owner.in_(OWNERS))
        for row in await tx.execute(by_owner.group_by(conversations.c.owner)):
            owners.labels(row.owner).set(row.n)
        for row in await tx.execute(
            select(messages.c.todo, func.count().label("n")).where(messages.c.todo.is_not(None)).group_by(messages.c.todo)
        ):
            inbox.labels(row.todo).set(row.n)
        first = (await tx.execute(select(func.min(messages.c.created_at)).where(messages.c.todo == "answer"))).scalar_one()
        oldest.set(max(0.0, (tx.now - first).total_seconds()) if first else 0)
        waiting.set((await tx.execute(select(func.count()).select_from(outbox))).scalar_one())
        late.set((await tx.execute(select(func.count()).select_from(timers).where(timers.c.due_at < tx.now))).scalar_one())
        still = or_(halts.c.until.is_(None), halts.c.until > tx.now)  # a pause that is over leaves its row
        halted.set((await tx.execute(select(func.count()).select_from(halts).where(still))).scalar_one())
        rest = await more(tx) if more is not None else b""
    return generate_latest(registry) + rest
