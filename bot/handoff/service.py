"""The hand-off: into the queue, to one agent, back to the bot, closed. One row an episode keeps what the bot knew."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from sqlalchemy import func, insert, select, update
from sqlalchemy.engine import Row

from bot.client import Client
from bot.conversations import facts
from bot.conversations.ownership import Owner
from bot.conversations.records import conversations
from bot.conversations.service import OwnerChanged, change_owner, close, get, stop_waiting, wait_for_customer
from bot.conversations.timers import drop_timer, set_timer
from bot.dialogue.unit import Unit
from bot.handoff.records import handoffs, presence
from bot.handoff.rules import SILENT_AFTER_S, Floor, in_hours
from bot.store.database import Tx


@dataclass(frozen=True, slots=True)
class HandOver:
    """The effect of a turn that gives the conversation to people. `context`: slots, form, failed turns, as of now."""

    reason: str
    urgent: bool = False
    context: dict[str, Any] = field(default_factory=dict)

    async def apply(self, tx: Tx, unit: Unit) -> None:
        row = await get(tx, unit.conversation.id)
        if row is not None and row.owner == Owner.BOT:
            await enqueue(tx, row, unit.client, reason=self.reason, urgent=self.urgent, context=self.context, by="bot")


async def enqueue(
    tx: Tx,
    conversation: Row[Any],
    client: Client,
    *,
    reason: str,
    by: str,
    urgent: bool = False,
    late: bool = False,
    context: dict[str, Any] | None = None,
) -> None:
    """Put it in the queue: a new episode. Raises OwnerChanged."""
    episode = conversation.episode + 1
    await stop_waiting(tx, conversation.id)
    await change_owner(
        tx,
        conversation,
        Owner.QUEUE,
        by=by,
        agent_id=None,
        episode=episode,
        reason=reason,
        urgent=urgent,
        late=late or conversation.late,
        queued_at=tx.now,
        idle_since=None,
        idle_stage=0,
    )
    await tx.execute(
        insert(handoffs).values(
            conversation_id=conversation.id,
            episode=episode,
            reason=reason,
            urgent=urgent,
            topic=conversation.topic,
            context=context or {},
            queued_at=tx.now,
        )
    )
    await facts.record(
        tx,
        "handoff_offered",
        conversation=conversation.id,
        customer=conversation.customer_id,
        reason=reason,
        urgent=urgent,
        episode=episode,
    )
    if not late:
        await set_timer(tx, "queue", conversation.id, tx.now + timedelta(seconds=client.handoff.promise_after_s))
    tx.publish("queue", id=conversation.id)


async def accept(tx: Tx, conversation_id: str, episode: int, agent_id: str, agent_name: str) -> Row[Any]:
    """The agent takes it. Raises OwnerChanged when somebody was faster or the episode is over, LookupError for no such conversation."""
    row = await _locked(tx, conversation_id)
    if row.owner != Owner.QUEUE or row.episode != episode:
        raise OwnerChanged("not in the queue")
    await change_owner(tx, row, Owner.AGENT, by=agent_id, agent_id=agent_id, agent_name=agent_name)
    await tx.execute(
        update(handoffs)
        .where(handoffs.c.conversation_id == row.id, handoffs.c.episode == episode)
        .values(accepted_at=tx.now, agent_id=agent_id)
    )
    await drop_timer(tx, "queue", row.id)
    await facts.record(tx, "handoff_accepted", conversation=row.id, customer=row.customer_id, agent=agent_id, episode=episode)
    tx.publish("queue", id=row.id)
    return await _locked(tx, conversation_id)


async def give_back(tx: Tx, row: Row[Any], *, by: str, reason: str, client: Client) -> None:
    """Back to the bot, from the queue or an agent. The dialogue goes on where it was. Raises OwnerChanged."""
    await change_owner(tx, row, Owner.BOT, by=by, agent_id=None, reason=None, urgent=False, queued_at=None)
    await _end(tx, row, "returned")
    await drop_timer(tx, "queue", row.id)
    await facts.record(tx, "handoff_returned", conversation=row.id, customer=row.customer_id, agent=row.agent_id, reason=reason)
    await wait_for_customer(tx, row.id, Owner.BOT, client, tx.now)
    tx.publish("queue", id=row.id)


async def finish(tx: Tx, row: Row[Any], *, by: str, outcome: str, survey: bool) -> None:
    """Close a conversation with a person. Raises OwnerChanged."""
    await close(tx, row, by=by, outcome=outcome, survey=survey)
    await _end(tx, row, "closed")
    tx.publish("queue", id=row.id)


async def _end(tx: Tx, row: Row[Any], how: str) -> None:
    where = (handoffs.c.conversation_id == row.id) & (handoffs.c.episode == row.episode) & handoffs.c.ended_at.is_(None)
    await tx.execute(update(handoffs).where(where).values(ended_at=tx.now, ended_how=how))


async def _locked(tx: Tx, conversation_id: str) -> Row[Any]:
    row = await get(tx, conversation_id, lock=True)
    if row is None:
        raise LookupError(conversation_id)
    return row


async def episode(tx: Tx, conversation_id: str, number: int) -> Row[Any] | None:
    """The hand-off's row."""
    where = (handoffs.c.conversation_id == conversation_id) & (handoffs.c.episode == number)
    return (await tx.execute(select(handoffs).where(where))).first()


async def floor(tx: Tx, client: Client) -> Floor:
    """Who is there right now."""
    alive = tx.now - timedelta(seconds=SILENT_AFTER_S)
    ready = [
        row.agent_id
        for row in await tx.execute(select(presence.c.agent_id).where(presence.c.state == "ready", presence.c.seen_at >= alive))
    ]
    busy = 0
    if ready:
        where = (conversations.c.owner == "agent") & conversations.c.agent_id.in_(ready)
        busy = (await tx.execute(select(func.count()).select_from(conversations).where(where))).scalar_one()
    urgent = (conversations.c.owner == "queue") & conversations.c.urgent.is_(True)
    ahead = (await tx.execute(select(func.count()).select_from(conversations).where(urgent))).scalar_one()
    waiting = (await tx.execute(select(func.count()).select_from(conversations).where(conversations.c.owner == "queue"))).scalar_one()
    room = max(0, len(ready) * client.handoff.capacity - busy - waiting)
    return Floor(len(ready), room, waiting, in_hours(client.handoff, tx.now, client.zone), ahead)


async def position(tx: Tx, row: Row[Any]) -> int:
    """The place in the queue, counted from 1: urgent before others, then by when they came."""
    ahead = (conversations.c.owner == "queue") & (conversations.c.id != row.id)
    earlier = conversations.c.queued_at < row.queued_at
    if row.urgent:
        ahead = ahead & conversations.c.urgent.is_(True) & earlier
    else:
        ahead = ahead & (conversations.c.urgent.is_(True) | earlier)
    return int((await tx.execute(select(func.count()).select_from(conversations).where(ahead))).scalar_one()) + 1
