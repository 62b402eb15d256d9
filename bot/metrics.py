"""GET /metrics: what an operator watches, counted from the database at each scrape. No personal data."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Gauge, generate_latest
from sqlalchemy import func, or_, select

from bot.channels.records import halts, outbox
from bot.conversations.records import conversations, messages, timers
from bot.store.database import Database


async def render(db: Database, engine_ready: bool) -> bytes:
    """The figures in Prometheus' text format."""
    registry = CollectorRegistry()
    owners = Gauge("sapa_conversations", "Conversations by owner", ["owner"], registry=registry)
    inbox = Gauge("sapa_inbox_waiting", "Messages that still have something to do", ["todo"], registry=registry)
    waiting = Gauge("sapa_outbox_waiting", "Messages waiting to be sent", registry=registry)
    late = Gauge("sapa_timers_overdue", "Timers whose time has passed", registry=registry)
    halted = Gauge("sapa_channels_halted", "Channel accounts whose sending is stopped", registry=registry)
    engine = Gauge("sapa_engine_ready", "Whether every engine answers", registry=registry)
    async with db.read() as tx:
        open_now = conversations.c.owner != "closed"
        for owner in ("bot", "queue", "agent"):
            owners.labels(owner).set(0)
        for row in await tx.execute(select(conversations.c.owner, func.count().label("n")).where(open_now).group_by(conversations.c.owner)):
            owners.labels(row.owner).set(row.n)
        for row in await tx.execute(
            select(messages.c.todo, func.count().label("n")).where(messages.c.todo.is_not(None)).group_by(messages.c.todo)
        ):
            inbox.labels(row.todo).set(row.n)
        waiting.set((await tx.execute(select(func.count()).select_from(outbox))).scalar_one())
        late.set((await tx.execute(select(func.count()).select_from(timers).where(timers.c.due_at < tx.now))).scalar_one())
        still = or_(halts.c.until.is_(None), halts.c.until > tx.now)  # a pause that is over leaves its row
        halted.set((await tx.execute(select(func.count()).select_from(halts).where(still))).scalar_one())
    engine.set(1 if engine_ready else 0)
    return generate_latest(registry)
