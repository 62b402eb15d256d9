"""Looks after agents who have gone: a desk that fell silent is offline, and a customer who waits for somebody offline waits in the queue again."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import and_, or_, select

from bot.channels.delivery import send, window_open
from bot.channels.messages import Outbound
from bot.client import Client
from bot.conversations.ownership import Owner
from bot.conversations.records import conversations
from bot.conversations.service import OwnerChanged, get
from bot.handoff.people import alive_since
from bot.handoff.presence import hold, set_presence
from bot.handoff.records import handoffs, presence
from bot.handoff.service import requeue
from bot.store.database import Database

log = logging.getLogger(__name__)
HANDED_ON = "Mohon maaf, sambungan petugas kami terputus. Percakapan Bapak/Ibu kami teruskan kepada petugas lain; mohon menunggu sebentar."
EVERY = timedelta(seconds=1)


class Watch:
    """One process's watch over all agents. It believes in no silence that it has not watched for a whole grace, and seen twice."""

    def __init__(self, db: Database, client: Client) -> None:
        self._db = db
        self._client = client
        self._grace = timedelta(seconds=client.floor.presence.grace_s)
        self._since: datetime | None = None
        self._looked: datetime | None = None
        self._silent: set[str] = set()  # at the last look

    def begin_anew(self) -> None:
        """This process, or the database, stood still: every desk gets a new grace to be heard."""
        self._since = None

    async def look(self) -> None:
        """Record who is gone, and put back what they had."""
        now = self._db.clock.now()
        if self._since is None or self._looked is None or now - self._looked > self._grace:
            self._since = now
        elif now - self._looked < EVERY:
            return
        watched, self._looked = now - self._since >= self._grace, now
        await self._sweep(watched)
        await self._put_back(watched)

    async def _sweep(self, watched: bool) -> None:
        p = presence.c
        async with self._db.read() as tx:
            late = select(p.agent_id).where(p.state != "offline", p.seen_at < alive_since(self._client, tx.now)).order_by(p.agent_id)
            silent = list((await tx.execute(late)).scalars())
        gone = [agent for agent in silent if agent in self._silent] if watched else []
        self._silent = set(silent)
        for agent in gone:
            async with self._db.write() as tx:
                row = await hold(tx, agent)
                if row.state != "offline" and row.seen_at < alive_since(self._client, tx.now):
                    await set_presence(tx, agent, "offline", None, by="system", lost=True)

    async def _put_back(self, watched: bool) -> None:
        async with self._db.read() as tx:
            found = await tx.execute(self._left_alone(tx.now, watched))
            ids = list(found.scalars())
        for conversation in ids:
            async with self._db.write() as tx:
                row = await get(tx, conversation, lock=True)
                still = (await tx.execute(self._left_alone(tx.now, watched).where(conversations.c.id == conversation))).first()
                if row is None or still is None:
                    continue
                try:
                    await requeue(
                        tx, row, self._client, how="agent_gone", by="system", reason="agent_gone", team=row.team, from_agent_id=row.agent_id
                    )
                except OwnerChanged:
                    log.info("conversation %s changed hands meanwhile", conversation)
                    continue
                if window_open(row, tx.now):
                    await send(tx, row, Outbound(HANDED_ON), author="system")

    def _left_alone(self, now: datetime, watched: bool) -> Any:
        """Conversations whose customer waits for an agent who went offline after taking it, or whose desk is silent, for a grace."""
        c, p, h = conversations.c, presence.c, handoffs.c
        past = now - self._grace
        went = and_(p.since <= past, or_(h.accepted_at.is_(None), h.accepted_at <= p.since))
        gone = or_(went, p.seen_at <= past) if watched else went
        return (
            select(c.id)
            .join(presence, and_(p.agent_id == c.agent_id, p.state == "offline"))
            .outerjoin(handoffs, and_(h.conversation_id == c.id, h.episode == c.episode))
            .where(c.owner == Owner.AGENT, c.waiting_since.is_not(None), gone)
            .order_by(c.waiting_since, c.id)
        )
