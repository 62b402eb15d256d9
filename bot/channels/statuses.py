"""Delivery states: a message of ours only climbs. What comes before its message is parked and applied when the message is known."""

from __future__ import annotations

from typing import Any

from sqlalchemy import delete, or_, select, update
from sqlalchemy.dialects.postgresql import insert as pg_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.engine import Row

from bot.channels.messages import Delivery, StatusUpdate
from bot.channels.records import parked_statuses
from bot.conversations import facts
from bot.conversations.records import messages
from bot.store.database import Tx

_RANK = {
    Delivery.QUEUED: 0,
    Delivery.SENDING: 1,
    Delivery.UNCERTAIN: 2,
    Delivery.SENT: 3,
    Delivery.DELIVERED: 4,
    Delivery.READ: 5,
    Delivery.PLAYED: 6,
    Delivery.FAILED: 9,
    Delivery.DROPPED: 9,
}


def climbs(before: str | None, after: str) -> bool:
    """Whether a state may follow another. FAILED is final, and cannot follow proof of delivery."""
    if before is None:
        return True
    if after == Delivery.FAILED and _RANK[Delivery(before)] >= _RANK[Delivery.DELIVERED]:
        return False
    return _RANK[Delivery(after)] > _RANK[Delivery(before)]


async def apply(tx: Tx, status: StatusUpdate, explanation: str | None) -> bool:
    """Apply a status, or park it if we do not know the message (yet). True if a message moved."""
    named = messages.c.external_id == status.external_id
    ours = (messages.c.channel == status.channel) & (messages.c.account == status.account) & (messages.c.author != "customer")
    clause = or_(named, messages.c.id == status.token) if status.token else named
    row = (await tx.execute(select(messages).where(ours, clause).with_for_update())).first()
    if row is None:
        new_insert = sqlite_insert if tx.dialect == "sqlite" else pg_insert
        values = {
            "external_id": status.external_id,
            "status": status.status,
            "at": status.at,
            "error_code": status.error_code,
            "parked_at": tx.now,
        }
        await tx.execute(new_insert(parked_statuses).values(**values).on_conflict_do_nothing())
        return False
    return await _move(tx, row, status.status, status.error_code, explanation, status)


async def apply_parked(tx: Tx, external_id: str) -> None:
    """A message has learnt its channel's id: apply what was parked for it."""
    parked = (await tx.execute(select(parked_statuses).where(parked_statuses.c.external_id == external_id))).all()
    for status in sorted(parked, key=lambda p: _RANK[Delivery(p.status)]):
        row = (await tx.execute(select(messages).where(messages.c.external_id == external_id, messages.c.author != "customer"))).first()
        if row is not None:
            await _move(tx, row, status.status, status.error_code, None, None)
    if parked:
        await tx.execute(delete(parked_statuses).where(parked_statuses.c.external_id == external_id))


async def _move(tx: Tx, row: Row[Any], after: str, code: int | None, explanation: str | None, status: StatusUpdate | None) -> bool:
    if not climbs(row.delivery, after):
        return False
    changes: dict[str, Any] = {"delivery": after, "delivery_at": status.at if status else tx.now}
    if code is not None:
        changes["error_code"] = code
    if after == Delivery.FAILED and explanation:
        changes["content"] = {**(row.content or {}), "error": explanation}
    if row.external_id is None and status is not None:
        changes["external_id"] = status.external_id  # an uncertain send has shown that it arrived
    await tx.execute(update(messages).where(messages.c.id == row.id).values(**changes))
    await facts.record(
        tx,
        "message_status",
        conversation=row.conversation_id,
        channel_at=status.at if status else None,
        message=row.id,
        status=after,
        code=code,
    )
    tx.publish("message", conversation=row.conversation_id, seq=row.seq)
    return True
