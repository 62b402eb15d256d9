"""Conversations: opening, changing the owner, waiting for the customer, closing. Each in the caller's transaction."""

from __future__ import annotations

from collections.abc import Container
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, select
from sqlalchemy.engine import Row

from bot.client import Client
from bot.conversations import facts
from bot.conversations.idle import IdleState, IdleTimes, idle_due
from bot.conversations.ownership import may_change
from bot.conversations.records import conversations
from bot.conversations.timers import drop_timer, set_timer
from bot.ids import new_id
from bot.store.database import Tx
from bot.store.prepared import Prepared


class OwnerChanged(Exception):
    """Somebody was faster: the conversation is not in the state that was assumed."""


_LOCKED = Prepared(select(conversations).where(conversations.c.id == bindparam("id")).with_for_update())
_OPEN = Prepared(
    select(conversations)
    .where(
        conversations.c.channel == bindparam("channel"),
        conversations.c.account == bindparam("account"),
        conversations.c.customer_id == bindparam("customer"),
        conversations.c.owner != "closed",
    )
    .with_for_update()
)
_STEPS = Prepared(select(conversations.c.steps).where(conversations.c.id == bindparam("id")))


async def get(tx: Tx, conversation: str, lock: bool = False) -> Row[Any] | None:
    """The conversation's row; `lock` keeps others from changing it until the transaction ends."""
    if not lock:
        return await tx.find(conversations, id=conversation)
    rows = await tx.run(_LOCKED, id=conversation)
    return rows[0] if rows else None


async def open_for(tx: Tx, channel: str, account: str, customer: str) -> Row[Any]:
    """The customer's open conversation on this channel, locked; a new one with the bot where there is none."""
    open_ones = await tx.run(_OPEN, channel=channel, account=account, customer=customer)
    if open_ones:
        found: Row[Any] = open_ones[0]
        return found
    conversation = new_id()
    await tx.insert(
        conversations,
        id=conversation,
        channel=channel,
        account=account,
        customer_id=customer,
        owner="bot",
        opened_at=tx.now,
        last_at=tx.now,
        steps={},
    )
    await facts.record(tx, "conversation_opened", conversation=conversation, customer=customer, channel=channel)
    row: Row[Any] | None = await tx.find(conversations, id=conversation)
    assert row is not None
    return row


async def change_owner(tx: Tx, conversation: Row[Any], wanted: str, *, by: str, **columns: Any) -> int:
    """Change the owner by compare-and-set on `owner_version`; returns the new version. Raises OwnerChanged.

    `by`: bot, system, customer, or an agent's id. Other columns of the conversation may change along.
    """
    if not may_change(conversation.owner, wanted):
        raise OwnerChanged(f"{conversation.owner} may not become {wanted}")
    expected = {"id": conversation.id, "owner_version": conversation.owner_version}
    if await tx.update(conversations, expected, owner=wanted, owner_version=conversation.owner_version + 1, **columns) != 1:
        raise OwnerChanged("somebody was faster")
    await facts.record(
        tx,
        "owner_changed",
        conversation=conversation.id,
        customer=conversation.customer_id,
        agent=columns.get("agent_id"),
        before=conversation.owner,
        after=wanted,
        by=by,
        reason=columns.get("reason"),
        episode=columns.get("episode", conversation.episode),
    )
    tx.publish("conversation", id=conversation.id)
    return int(conversation.owner_version) + 1


async def wait_for_customer(tx: Tx, conversation: str, owner: str, client: Client, since: datetime, stage: int = 0) -> None:
    """From `since` on it is the customer's turn: set the idle timer for the rule's next step."""
    await tx.update(conversations, {"id": conversation}, idle_since=since, idle_stage=stage)
    due = idle_due(IdleState(owner, since, stage), idle_times(client))
    if due is not None:
        await set_timer(tx, "idle", conversation, due)


async def stop_waiting(tx: Tx, conversation: str) -> None:
    """The customer wrote, or is not waited for any more."""
    await tx.update(conversations, {"id": conversation}, idle_since=None, idle_stage=0)
    await drop_timer(tx, "idle", conversation)


async def close(tx: Tx, conversation: Row[Any], *, by: str, outcome: str, survey: bool) -> None:
    """Close it. `survey`: the question was asked, so an answer that comes later is taken. Raises OwnerChanged."""
    await change_owner(
        tx,
        conversation,
        "closed",
        by=by,
        closed_at=tx.now,
        outcome=outcome,
        idle_since=None,
        waiting_since=None,
        survey="asked" if survey else None,
    )
    for kind in ("idle", "queue"):
        await drop_timer(tx, kind, conversation.id)
    await facts.record(tx, "conversation_closed", conversation=conversation.id, customer=conversation.customer_id, by=by, outcome=outcome)


async def mark_steps(tx: Tx, conversation: str, marks: dict[str, str], by: str, known: Container[str] = ()) -> None:
    """Tick SOP steps with the evidence's message id. A step ticked before keeps its first tick; `known`: those known to be ticked."""
    if all(step in known for step in marks):
        return
    row = (await tx.run(_STEPS, id=conversation))[0]
    at = tx.now.isoformat()
    fresh = {step: {"at": at, "by": by, "evidence": evidence} for step, evidence in marks.items() if step not in (row.steps or {})}
    if fresh:
        await tx.update(conversations, {"id": conversation}, steps={**(row.steps or {}), **fresh})
        for step in fresh:
            await facts.record(tx, "step_done", conversation=conversation, step=step, by=by)


def idle_times(client: Client) -> IdleTimes:
    """The client's idle times."""
    return IdleTimes(client.idle.first_after_s, client.idle.again_after_s, client.idle.close_after_s)
