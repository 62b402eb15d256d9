"""One message with the conversation around it, masked, and what was decided about it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from sqlalchemy import literal, select
from sqlalchemy.engine import Row

from bot.client import Client
from bot.conversations.records import conversations, messages
from bot.conversations.transcript import HIDDEN_KINDS, iso
from bot.customers.records import customers
from bot.desk.errors import not_found
from bot.store.database import Tx
from bot.training.masking import masked
from bot.training.queue import gives_name, intent_label, names_of
from bot.training.records import reviews

AROUND = 8  # messages before and after
DECISIONS = {
    "right": "dibaca benar",
    "other": "topik lain",
    "new": "intent baru",
    "out_of_topic": "di luar topik",
    "skip": "dilewati",
}
_ASKS_NAME = re.compile(r"\bnama\b", re.IGNORECASE)
_KINDS = {"media": "[lampiran]", "location": "[lokasi]", "contacts": "[kontak]", "order": "[pesanan]"}
Json = dict[str, Any]


async def written(tx: Tx, message: str) -> Row[Any]:
    """A customer's message with what the conversation says of it. Raises `not_found`."""
    m = messages.c
    found = (
        select(messages, customers.c.name.label("customer_name"), conversations.c.owner, conversations.c.closed_at)
        .join(conversations, conversations.c.id == m.conversation_id)
        .join(customers, customers.c.id == conversations.c.customer_id)
        .where(m.id == message, m.author == "customer")
    )
    row = (await tx.execute(found)).first()
    if row is None:
        raise not_found()
    return row


async def around(tx: Tx, row: Row[Any], names: Sequence[str]) -> list[Json]:
    """The messages before and after, masked; notes of agents are left out."""
    m = messages.c
    near = m.seq.between(row.seq - AROUND, row.seq + AROUND)
    listed = select(messages).where(m.conversation_id == row.conversation_id, near, m.note.is_(False), m.kind.not_in(HIDDEN_KINDS))
    rows = (await tx.execute(listed.order_by(m.seq))).all()
    return [{**each, "here": each["id"] == row.id} for each in shown(rows, names)]


async def whole(tx: Tx, client: Client, conversation: str) -> tuple[Row[Any], list[Row[Any]], dict[str, str]]:
    """A conversation, its messages in order, and which of them trainers called misread (as what). Raises `not_found`."""
    c, m = conversations.c, messages.c
    name, none = customers.c.name.label("customer_name"), literal(None).label("name")
    joined = select(conversations, c.id.label("conversation_id"), name, none)
    talk = (await tx.execute(joined.join(customers, customers.c.id == c.customer_id).where(c.id == conversation))).first()
    if talk is None:
        raise not_found()
    listed = select(messages).where(m.conversation_id == conversation, m.note.is_(False), m.kind.not_in(HIDDEN_KINDS)).order_by(m.seq)
    wrong = (
        select(reviews.c.message_id, reviews.c.guess)
        .join(messages, m.id == reviews.c.message_id)
        .where(m.conversation_id == conversation, reviews.c.decision.in_(("other", "new", "out_of_topic")))
    )
    misread = {row.message_id: intent_label(client, row.guess) for row in await tx.execute(wrong)}
    return talk, list((await tx.execute(listed)).all()), misread


async def names_in(tx: Tx, row: Row[Any]) -> list[str]:
    """What the customer is called, also by what they told a form in this conversation."""
    m = messages.c
    said = select(m.text, m.content).where(m.conversation_id == row.conversation_id, m.author == "customer")
    return [*names_of(row), *(each.text for each in await tx.execute(said) if gives_name(each))]


def shown(rows: Sequence[Row[Any]], names: Sequence[str]) -> list[Json]:
    """Messages as trainers see them. A short answer to a question for the name is one, whatever it looks like."""
    result, asked = [], False
    for row in rows:
        text = "" if row.revoked else row.text
        tapped = bool((row.content or {}).get("choice"))
        if row.author == "customer" and asked and not tapped and 0 < len(text.split()) <= 4 and not re.search(r"[?\d]", text):
            text = "[NAMA]"
        else:
            text = masked(text, names, ours=row.author != "customer")
        asked = row.author != "customer" and bool(_ASKS_NAME.search(row.text))
        result.append(
            {
                "id": row.id,
                "author": row.author,
                "text": text or _KINDS.get(row.kind, ""),
                "at": iso(row.created_at),
                "tapped": tapped,
            }
        )
    return result


async def review_of(tx: Tx, message: str) -> Row[Any] | None:
    """What was decided about a message."""
    return (await tx.execute(select(reviews).where(reviews.c.message_id == message))).first()


def review_json(client: Client, row: Row[Any]) -> Json:
    """A decision in words."""
    what = DECISIONS[row.decision]
    return {
        "decision": row.decision,
        "label": f"{what}: {intent_label(client, row.intent)}" if row.intent and row.decision in ("other", "new") else what,
        "intent": row.intent,
        "example": row.example,
        "by": {"id": row.by_id, "name": row.by_name},
        "at": iso(row.at),
    }
