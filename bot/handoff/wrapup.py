"""Writing up after a conversation: it keeps the conversation's place until its time is over or the agent says so."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy import insert, select, update
from sqlalchemy.engine import Row

from bot.client import Client
from bot.conversations import facts
from bot.conversations.service import get
from bot.conversations.timers import Due, drop_timer, set_timer, take_out
from bot.handoff.people import load_of, place_freed
from bot.handoff.presence import hold, set_presence
from bot.handoff.records import wrapups
from bot.store.database import Database, Tx


async def begin(tx: Tx, conversation: Row[Any], client: Client) -> None:
    """An agent's conversation was closed, in this transaction. Nobody writes up who is not there. With the last one the state is `wrapup`."""
    agent, seconds = conversation.agent_id, client.floor.routing.wrap_up_s
    present = await hold(tx, agent)
    if seconds == 0 or present.state == "offline":
        await place_freed(tx, agent, client)
        return
    until = tx.now + timedelta(seconds=seconds)
    await tx.execute(insert(wrapups).values(conversation_id=conversation.id, agent_id=agent, started_at=tx.now, until=until))
    await set_timer(tx, "wrapup", conversation.id, until)
    await facts.record(
        tx, "wrapup_started", conversation=conversation.id, customer=conversation.customer_id, agent=agent, episode=conversation.episode
    )
    if present.state == "ready" and (await load_of(tx, agent)).held == 0:
        await set_presence(tx, agent, "wrapup", None, by="system")


async def finish(tx: Tx, conversation: str, by: str, client: Client) -> bool:
    """The writing up is over; False if there is none. After the last one its agent is ready again."""
    row = await _open(tx, conversation)
    if row is None:
        return False
    present = await hold(tx, row.agent_id)
    still = (wrapups.c.conversation_id == conversation) & wrapups.c.ended_at.is_(None)
    if (await tx.execute(update(wrapups).where(still).values(ended_at=tx.now))).rowcount != 1:
        return False
    await drop_timer(tx, "wrapup", conversation)
    seconds = (tx.now - row.started_at).total_seconds()
    await facts.record(tx, "wrapup_ended", conversation=conversation, agent=row.agent_id, by=by, seconds=seconds)
    load = await load_of(tx, row.agent_id)
    if present.state == "wrapup" and load.wrapups == 0:
        await set_presence(tx, row.agent_id, "ready", None, by="system")
    await place_freed(tx, row.agent_id, client)
    tx.publish("conversation", id=conversation)
    tx.publish("queue", id=conversation)
    return True


async def _open(tx: Tx, conversation: str) -> Row[Any] | None:
    return (await tx.execute(select(wrapups).where(wrapups.c.conversation_id == conversation, wrapups.c.ended_at.is_(None)))).first()


async def make_place(tx: Tx, agent: str, places: int, client: Client) -> None:
    """Whoever takes something while writing up has written enough: the oldest `places` wrap-ups end."""
    own = select(wrapups.c.conversation_id).where(wrapups.c.agent_id == agent, wrapups.c.ended_at.is_(None))
    for conversation in (await tx.execute(own.order_by(wrapups.c.started_at, wrapups.c.conversation_id).limit(places))).scalars().all():
        await finish(tx, conversation, agent, client)


class WrapupTimer:
    """The handler of timers of kind 'wrapup'."""

    def __init__(self, db: Database, client: Client) -> None:
        self._db = db
        self._client = client

    async def fire(self, due: Due) -> None:
        """Its time is over."""
        async with self._db.write() as tx:
            await get(tx, due.subject, lock=True)
            if (row := await _open(tx, due.subject)) is not None:
                await hold(tx, row.agent_id)
            if await take_out(tx, due):
                await finish(tx, due.subject, "system", self._client)
