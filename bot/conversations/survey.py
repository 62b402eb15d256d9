"""The satisfaction survey (CSI, SOP matrix row 18): asked once when a conversation closes, answered by a tap or a bare number."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

from sqlalchemy import insert, select, update
from sqlalchemy.engine import Row

from bot.channels.messages import Choice, Inbound, Kind, Outbound
from bot.client import Client
from bot.conversations import facts
from bot.conversations.records import conversations, surveys
from bot.store.database import Tx

_CHOICE = re.compile(r"^csi:([1-5])$")
_NUMBER = re.compile(r"^\s*([1-5])\s*[.!]?\s*$")


def question(client: Client) -> Outbound:
    """The question with its five answers, the best first."""
    scale = client.survey.scale
    choices = tuple(Choice(f"csi:{score}", f"{score} - {scale[score - 1]}") for score in range(5, 0, -1))
    return Outbound(client.survey.question, choices, "Beri nilai")


def score_of(item: Inbound) -> int | None:
    """1 to 5 if the item answers the survey: a tapped answer, or nothing but the number."""
    found = _CHOICE.match(item.choice) if item.choice else _NUMBER.match(item.text) if item.kind == Kind.TEXT else None
    return int(found.group(1)) if found else None


async def waiting(tx: Tx, item: Inbound, customer: str, client: Client) -> Row[Any] | None:
    """The closed conversation whose survey this item answers, or None.

    Only the customer's latest conversation counts, only while it waits for an answer, and not while a newer one is open.
    """
    if score_of(item) is None:
        return None
    where = (
        (conversations.c.channel == item.channel) & (conversations.c.account == item.account) & (conversations.c.customer_id == customer)
    )
    row = (
        await tx.execute(select(conversations).where(where).order_by(conversations.c.opened_at.desc(), conversations.c.id.desc()).limit(1))
    ).first()
    if row is None or row.owner != "closed" or row.survey != "asked":
        return None
    if tx.now - (row.survey_asked_at or row.closed_at) > timedelta(seconds=client.survey.expires_after_s):
        return None
    return row


async def ask_again(tx: Tx, row: Row[Any]) -> bool:
    """Ask the survey of a closed conversation that has not answered it: its matter was solved only now. False: it is not to be asked."""
    if row.owner != "closed" or row.survey == "answered":
        return False
    await tx.execute(update(conversations).where(conversations.c.id == row.id).values(survey="asked", survey_asked_at=tx.now))
    return True


async def record(tx: Tx, row: Row[Any], score: int, agent_id: str | None) -> bool:
    """Store the answer, once per conversation. False: it was answered before."""
    where = (conversations.c.id == row.id) & (conversations.c.survey == "asked")
    taken = await tx.execute(update(conversations).where(where).values(survey="answered"))
    if taken.rowcount != 1:
        return False
    served = "agent" if agent_id else "bot"
    await tx.execute(
        insert(surveys).values(conversation_id=row.id, score=score, answered_at=tx.now, owner_served=served, agent_id=agent_id)
    )
    await facts.record(tx, "survey_answered", conversation=row.id, customer=row.customer_id, agent=agent_id, score=score, served=served)
    return True
