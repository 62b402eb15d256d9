"""Delivery states: a message of ours only climbs. What comes before its message is parked and applied when the message is known."""

from __future__ import annotations

from typing import Any

from sqlalchemy import delete, or_, select, update
from sqlalchemy.dialects.postgresql import insert as pg_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.engine import Row

from bot.channels.messages import Delivery, StatusUpdate
from bot.channels.records import outbox, parked_statuses
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


def part_token(message_id: str, part: int, parts: int) -> str:
    """What a part of a message carries along, so that its status finds it: parts count from 0."""
    return f"{message_id}:{part}:{parts}" if parts > 1 else message_id


def read_token(token: str | None) -> tuple[str | None, int, bool]:
    """(message id, part, whether it is the last part) of what a status brings back."""
    if token is None:
        return None, 0, True
    message, _, rest = token.partition(":")
    part, _, parts = rest.partition(":")
    if not (part.isdigit() and parts.isdigit()):
        return message, 0, True
    return message, int(part), int(part) + 1 == int(parts)


async def apply(tx: Tx, status: StatusUpdate, explanation: str | None) -> bool:
    """Apply a status, or park it if we do not know the message (yet). True if a message moved.

    Of a message in several parts the last one tells how far it is; an earlier one only ends the doubt about itself, or fails the message.
    """
    message_id, part, last = read_token(status.token)
    if not last and status.status != Delivery.FAILED:
        doubted = (outbox.c.message_id == message_id) & (outbox.c.part == part) & outbox.c.uncertain_since.is_not(None)
        await tx.execute(update(outbox).where(doubted).values(part=part + 1, uncertain_since=None, due_at=tx.now))
        await facts.record(tx, "message_status", message=message_id, status=status.status, part=part)
        return False
    named = messages.c.external_id == status.external_id
    ours = (messages.c.channel == status.channel) & (messages.c.account == status.account) & (messages.c.author != "customer")
    clause = or_(named, messages.c.id == message_id) if message_id else named
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
