"""Offers: a queued conversation put before one agent, until it is accepted, declined, missed or withdrawn. One is open a conversation."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy import insert, select, update
from sqlalchemy.engine import Row

from bot.client import Client
from bot.conversations import facts
from bot.conversations.timers import drop_timer, set_timer
from bot.handoff.records import handoffs, offers, presence
from bot.ids import new_id
from bot.store.database import Tx


class NotOffered(Exception):
    """It is not offered to this agent (any more)."""


async def make(tx: Tx, conversation: Row[Any], agent: str, client: Client) -> None:
    """Put it before the agent. The caller holds both and has seen that there is room and no open offer."""
    expires = tx.now + timedelta(seconds=client.floor.routing.offer_s)
    row = {"id": new_id(), "conversation_id": conversation.id, "episode": conversation.episode, "agent_id": agent}
    await tx.execute(insert(offers).values(**row, offered_at=tx.now, expires_at=expires))
    await set_timer(tx, "offer", conversation.id, expires)
    told = {"conversation": conversation.id, "customer": conversation.customer_id, "agent": agent}
    await facts.record(tx, "offer_made", **told, episode=conversation.episode, seconds=client.floor.routing.offer_s)
    tx.publish("queue", id=conversation.id)


async def open_offer(tx: Tx, conversation: str) -> Row[Any] | None:
    """The offer under way."""
    return (await tx.execute(select(offers).where(offers.c.conversation_id == conversation, offers.c.ended_at.is_(None)))).first()


async def end(tx: Tx, offer: Row[Any], how: str, reason: str | None = None) -> bool:
    """End an offer, once: False if it was ended meanwhile. How: accepted, declined, missed or withdrawn."""
    still = (offers.c.id == offer.id) & offers.c.ended_at.is_(None)
    if (await tx.execute(update(offers).where(still).values(ended_at=tx.now, ended_how=how, reason=reason))).rowcount != 1:
        return False
    about = {"conversation": offer.conversation_id, "agent": offer.agent_id, "episode": offer.episode}
    await facts.record(tx, "offer_ended", **about, how=how, reason=reason)
    tx.publish("queue", id=offer.conversation_id)
    return True


async def take_back(tx: Tx, conversation: str, reason: str, for_agent: str | None = None) -> None:
    """The conversation, which the caller holds, leaves the queue: its offer is over. `for_agent` is who accepts it."""
    offer = await open_offer(tx, conversation)
    if offer is not None:
        accepted = offer.agent_id == for_agent
        await end(tx, offer, "accepted" if accepted else "withdrawn", None if accepted else reason)
    await drop_timer(tx, "offer", conversation)


async def withdraw_all(tx: Tx, agent: str, reason: str, keep: int = 0, but: str | None = None) -> None:
    """Withdraw what is before the agent, whose row the caller holds, `but` one conversation; the oldest `keep` stay.

    A timer that is left finds nothing to do.
    """
    own = select(offers).where(offers.c.agent_id == agent, offers.c.ended_at.is_(None), offers.c.conversation_id != (but or ""))
    rows = (await tx.execute(own.order_by(offers.c.offered_at, offers.c.id))).all()
    for offer in rows[keep:]:
        await end(tx, offer, "withdrawn", reason)


async def decline(tx: Tx, conversation: Row[Any], agent: str, reason: str) -> None:
    """The agent does not want it: it goes on to the next. The caller holds both. Raises NotOffered."""
    offer = await open_offer(tx, conversation.id)
    if offer is None or offer.agent_id != agent or not await end(tx, offer, "declined", reason):
        raise NotOffered
    await tx.execute(update(presence).where(presence.c.agent_id == agent).values(missed=0, free_since=tx.now))
    await drop_timer(tx, "offer", conversation.id)
    await not_by_name(tx, conversation, agent)


async def not_by_name(tx: Tx, conversation: Row[Any], agent: str) -> None:
    """A colleague to whom it was transferred did not take it: it is the team's."""
    mine = (handoffs.c.conversation_id == conversation.id) & (handoffs.c.episode == conversation.episode)
    await tx.execute(update(handoffs).where(mine, handoffs.c.for_agent_id == agent).values(for_agent_id=None))
