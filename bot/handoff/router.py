"""The loop that puts waiting conversations before agents, as `routing` decides. Every service process runs one.

It looks when the queue, a presence or a place changes, and every few seconds as a net. Choosing and writing are one transaction: on PostgreSQL
one process at a time, with the conversations and the agents it has chosen held. What somebody else holds is left for the next look.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import and_, case, func, select, text
from sqlalchemy.engine import Row

from bot.client import Client
from bot.conversations.ownership import Owner
from bot.conversations.records import conversations
from bot.handoff import offers
from bot.handoff.people import ready_agents
from bot.handoff.records import handoffs, presence
from bot.handoff.records import offers as offer_rows
from bot.handoff.routing import Waiting, match
from bot.handoff.service import midnight
from bot.handoff.watch import Watch
from bot.store.database import Database, Tx

log = logging.getLogger(__name__)
NET_S = 3  # so often at least it looks
GATHER_S = 0.01  # a burst of signals becomes one look
SOON_S = 0.05  # what somebody else held is looked at again
LOCK = 0x5A9A_F100
TOPICS = ("queue", "presence", "refresh")
_Episode = tuple[str, int]  # a conversation's id and the number of the hand-off


class Router:
    """Offers what waits to who is free, and looks after who has gone."""

    def __init__(self, db: Database, client: Client) -> None:
        self._db = db
        self._client = client
        self._watch = Watch(db, client)
        self._woken = asyncio.Event()
        self._stopping = False

    async def run(self) -> None:
        """Until `stop`."""
        unsubscribe = self._db.subscribe(self._heard)
        try:
            while not self._stopping:
                self._woken.clear()
                try:
                    await self._watch.look()
                    if not await self.look():
                        await asyncio.sleep(SOON_S)
                        continue
                except Exception:
                    log.exception("the router stumbled; going on")
                    self._watch.begin_anew()  # whoever could not give a sign of life meanwhile is not gone
                await self._rest()
        finally:
            unsubscribe()

    def stop(self) -> None:
        """Offer nothing more."""
        self._stopping = True
        self._woken.set()

    async def drain(self) -> None:
        """Nothing is under way between two looks."""

    def _heard(self, topic: str, _data: dict[str, Any]) -> None:
        if topic in TOPICS:
            self._woken.set()

    async def _rest(self) -> None:
        waits = [
            asyncio.ensure_future(self._woken.wait()),
            asyncio.ensure_future(self._db.clock.sleep_until(self._db.clock.now() + timedelta(seconds=NET_S))),
        ]
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for wait in waits:
                wait.cancel()
        await asyncio.sleep(GATHER_S)

    async def look(self) -> bool:
        """Offer what can be offered now. False: something was in other hands, look again soon."""
        async with self._db.read() as tx:
            if not await _somebody_waits(tx) or not any(agent.room for agent in await ready_agents(tx, self._client)):
                return True
        async with self._db.write() as tx:
            if tx.dialect == "postgresql":
                await tx.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": LOCK})
            return await self._offer(tx)

    async def _offer(self, tx: Tx) -> bool:
        client = self._client
        chosen = match(await waiting(tx, client), await ready_agents(tx, client), client.floor.routing.sticky)
        if not chosen:
            return True
        held = await self._hold_conversations(tx, [each.conversation for each in chosen])
        agents = await self._hold_agents(tx, [each.agent for each in chosen])
        free = {agent.id: agent.room for agent in await ready_agents(tx, client, agents)}
        made = 0
        for each in chosen:
            row = held.get(each.conversation)
            if row is None or free.get(each.agent, 0) <= 0 or await offers.open_offer(tx, row.id) is not None:
                continue
            await offers.make(tx, row, each.agent, client)
            free[each.agent] -= 1
            made += 1
        return made == len(chosen)

    async def _hold_conversations(self, tx: Tx, ids: Sequence[str]) -> dict[str, Row[Any]]:
        still = select(conversations).where(conversations.c.id.in_(ids), conversations.c.owner == Owner.QUEUE)
        rows = await tx.execute(still.order_by(conversations.c.id).with_for_update(skip_locked=True))
        return {row.id: row for row in rows}

    async def _hold_agents(self, tx: Tx, ids: Sequence[str]) -> list[str]:
        rows = select(presence.c.agent_id).where(presence.c.agent_id.in_(ids)).order_by(presence.c.agent_id)
        return list((await tx.execute(rows.with_for_update(skip_locked=True))).scalars())


async def _somebody_waits(tx: Tx) -> bool:
    c, o = conversations.c, offer_rows.c
    unoffered = select(c.id).outerjoin(offer_rows, and_(o.conversation_id == c.id, o.ended_at.is_(None)))
    return (await tx.execute(unoffered.where(c.owner == Owner.QUEUE, o.id.is_(None)).limit(1))).first() is not None


async def waiting(tx: Tx, client: Client) -> list[Waiting]:
    """What is in the queue and offered to nobody."""
    c, h, o = conversations.c, handoffs.c, offer_rows.c
    wanted = (
        select(
            c.id, c.customer_id, c.team, c.queued_at, c.urgent, c.reason, c.topic, c.language, c.episode, h.for_agent_id, h.from_agent_id
        )
        .outerjoin(handoffs, and_(h.conversation_id == c.id, h.episode == c.episode))
        .outerjoin(offer_rows, and_(o.conversation_id == c.id, o.ended_at.is_(None)))
        .where(c.owner == Owner.QUEUE, o.id.is_(None))
    )
    rows = (await tx.execute(wanted)).all()
    if not rows:
        return []
    asked, resting = await _asked(tx, [row.id for row in rows], timedelta(seconds=client.floor.routing.offer_s))
    served = await _served_today(tx, client, {row.customer_id for row in rows}) if client.floor.routing.sticky else {}
    return [
        Waiting(
            id=row.id,
            team=row.team,
            since=row.queued_at,
            urgent=row.urgent,
            reason=row.reason,
            topic=row.topic,
            language=row.language,
            for_agent=row.for_agent_id,
            not_for=row.from_agent_id if row.reason == "transfer" else None,
            served_by=served.get(row.customer_id),
            asked=asked.get((row.id, row.episode), {}),
            resting=resting.get((row.id, row.episode), ()),
        )
        for row in rows
    ]


async def _asked(tx: Tx, ids: Sequence[str], rest: timedelta) -> tuple[dict[_Episode, dict[str, int]], dict[_Episode, set[str]]]:
    """Who declined or missed each conversation in its episode, how often; and who declined it within `rest`."""
    o = offer_rows.c
    columns = (
        o.conversation_id,
        o.episode,
        o.agent_id,
        func.count().label("times"),
        func.max(case((o.ended_how == "declined", o.ended_at))).label("declined"),
    )
    where = o.conversation_id.in_(ids) & o.ended_how.in_(("declined", "missed"))
    found: dict[_Episode, dict[str, int]] = {}
    resting: dict[_Episode, set[str]] = {}
    for row in await tx.execute(select(*columns).where(where).group_by(o.conversation_id, o.episode, o.agent_id)):
        episode = (row.conversation_id, row.episode)
        found.setdefault(episode, {})[row.agent_id] = row.times
        if row.declined is not None and row.declined > tx.now - rest:
            resting.setdefault(episode, set()).add(row.agent_id)
    return found, resting


async def _served_today(tx: Tx, client: Client, customers: set[str]) -> dict[str, str]:
    h, c = handoffs.c, conversations.c
    wanted = (
        select(c.customer_id, h.agent_id)
        .join(handoffs, h.conversation_id == c.id)
        .where(c.customer_id.in_(customers), h.accepted_at >= midnight(tx.now, client.zone), h.agent_id.is_not(None))
        .order_by(h.accepted_at, h.episode)
    )
    return {row.customer_id: row.agent_id for row in await tx.execute(wanted)}
