"""Sending, the durable half: a message of ours is stored with the decision to send it, in the caller's transaction.

Live chat needs no more: the stored message is what its clients fetch. WhatsApp gets an outbox row, which the sender takes later.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.engine import Row

from bot.channels.messages import Delivery, Outbound
from bot.channels.records import outbox
from bot.conversations import facts
from bot.conversations.transcript import append, content_of
from bot.store.database import Tx

WINDOW = timedelta(hours=24)  # WhatsApp: free text only so long after the customer's last message
OUTBOX_CHANNELS = ("whatsapp",)
CHANNELS = (*OUTBOX_CHANNELS, "livechat")  # any other is a contact recorded by hand: nothing can be sent there


def reachable(conversation: Row[Any]) -> bool:
    """Whether the customer can be written to in this conversation."""
    return conversation.channel in CHANNELS


def window_closes_at(conversation: Row[Any]) -> datetime | None:
    """Until when free text may be sent; None where there is no such limit or nobody has written yet."""
    if conversation.channel != "whatsapp" or conversation.last_customer_at is None:
        return None
    closes: datetime = conversation.last_customer_at + WINDOW
    return closes


def window_open(conversation: Row[Any], now: datetime) -> bool:
    """Whether free text may be sent now."""
    closes = window_closes_at(conversation)
    return reachable(conversation) and (conversation.channel != "whatsapp" or (closes is not None and now < closes))


async def send(
    tx: Tx,
    conversation: Row[Any],
    outbound: Outbound,
    *,
    author: str,
    agent_id: str | None = None,
    name: str | None = None,
    client_id: str | None = None,
) -> dict[str, Any]:
    """Append our message to the transcript and queue it where the channel must be called. Returns the message's row.

    A bot's message is dropped at send time if a person has taken over meanwhile.
    """
    queued = conversation.channel in OUTBOX_CHANNELS
    content = content_of(outbound)
    if client_id:
        content["client_id"] = client_id
    message = await append(
        tx,
        conversation.id,
        author=author,
        text=outbound.text,
        agent_id=agent_id,
        name=name,
        content=content,
        delivery=Delivery.QUEUED if queued else Delivery.SENT,
        delivery_at=tx.now,
    )
    if queued:
        await tx.insert(
            outbox,
            message_id=message["id"],
            conversation_id=conversation.id,
            account=conversation.account,
            seq=message["seq"],
            author=author,
            body=outbound.to_json(),
            due_at=tx.now,
        )
        tx.publish("outbox", conversation=conversation.id)
    await facts.record(
        tx,
        "message_sent",
        conversation=conversation.id,
        customer=conversation.customer_id,
        agent=agent_id,
        author=author,
        message=message["id"],
    )
    return message
