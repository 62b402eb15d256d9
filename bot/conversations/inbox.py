"""The inbox: what a channel verified is stored here, once, before anybody is told that it arrived.

A message's `todo` says what is left: 'answer' while the bot owes an answer, 'late' for one that people should see instead, 'recall' when
somebody in the queue chose something the bot can do, 'read' while the desk's copy still has to be understood, NULL when nothing is.
Whatever is deliberately not answered says why in `skipped`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import insert, select, update
from sqlalchemy.engine import Row

from bot.channels.delivery import send
from bot.channels.messages import Inbound, Kind, Outbound
from bot.channels.records import media
from bot.client import Client
from bot.conversations import facts, survey
from bot.conversations.ownership import Owner
from bot.conversations.records import conversations, messages
from bot.conversations.secrets import hide_secrets
from bot.conversations.service import mark_steps, open_for
from bot.conversations.timers import drop_timer
from bot.conversations.transcript import append, offered
from bot.customers.service import find_or_create
from bot.ids import new_id
from bot.store.database import Tx

# Kinds that say something an answer is owed for. Others are stored and shown, or change an earlier message.
ANSWERED = frozenset({Kind.TEXT, Kind.CHOICE, Kind.MEDIA, Kind.LOCATION, Kind.CONTACTS, Kind.ORDER, Kind.UNSUPPORTED, Kind.UNKNOWN})
CHANGING = frozenset({Kind.REACTION, Kind.EDIT, Kind.REVOKE})


@dataclass(frozen=True, slots=True)
class Accepted:
    """What became of an inbound item: its message row, or the one it repeats (`duplicate`)."""

    message_id: str
    conversation_id: str
    seq: int
    duplicate: bool


async def known(tx: Tx, items: Sequence[Inbound]) -> dict[tuple[str, str, str], Accepted]:
    """Which items are stored already, by (channel, account, external id)."""
    found: dict[tuple[str, str, str], Accepted] = {}
    if len(items) == 1:
        item = items[0]
        row = await tx.find(messages, channel=item.channel, account=item.account, external_id=item.external_id)
        if row is not None:
            found[(row.channel, row.account, row.external_id)] = Accepted(row.id, row.conversation_id, row.seq, True)
        return found
    for start in range(0, len(items), 500):
        part = items[start : start + 500]
        mine = (messages.c.channel.in_({item.channel for item in part})) & (messages.c.account.in_({item.account for item in part}))
        ids = [item.external_id for item in part]
        rows = await tx.execute(
            select(
                messages.c.id, messages.c.conversation_id, messages.c.seq, messages.c.channel, messages.c.account, messages.c.external_id
            ).where(mine, messages.c.external_id.in_(ids))
        )
        for row in rows:
            found[(row.channel, row.account, row.external_id)] = Accepted(row.id, row.conversation_id, row.seq, True)
    return found


async def accept(tx: Tx, item: Inbound, client: Client) -> Accepted:
    """Store one item that `known` did not find. Raises IntegrityError if another process stored it in the same moment."""
    customer = await find_or_create(tx, item.sender)
    if item.kind in CHANGING:
        return await _change_earlier(tx, item, customer, client)
    rated = await survey.waiting(tx, item, customer, client)
    if rated is not None:
        return await _rate(tx, item, rated, client)
    conversation = await open_for(tx, item.channel, item.account, customer)
    todo, skipped = _todo(item, conversation, client, tx)
    if conversation.owner == Owner.QUEUE and item.kind == Kind.CHOICE and await offered(tx, conversation.id, item.choice or ""):
        todo, skipped = "recall", None  # whoever waits chose something the bot can do meanwhile
    return await _store(tx, item, conversation, todo, skipped, client)


async def _rate(tx: Tx, item: Inbound, conversation: Row[Any], client: Client) -> Accepted:
    accepted = await _store(tx, item, conversation, None, "survey", client)
    score = survey.score_of(item)
    if score is not None and await survey.record(tx, conversation, score, conversation.agent_id):
        await mark_steps(tx, conversation.id, {"survei": accepted.message_id}, "customer")
        await send(tx, conversation, Outbound(client.survey.thanks if score > 2 else client.survey.sorry), author="system")
    return accepted


def _todo(item: Inbound, conversation: Row[Any], client: Client, tx: Tx) -> tuple[str | None, str | None]:
    if item.kind == Kind.ECHO:
        return None, "echo"
    if item.kind not in ANSWERED:
        return None, item.kind.value
    if conversation.owner == Owner.BOT:
        late = tx.now - item.at > timedelta(seconds=client.messages.late_after_s)
        return ("late", "late") if late else ("answer", None)
    return ("read" if item.text else None), "person"


async def _store(tx: Tx, item: Inbound, conversation: Row[Any], todo: str | None, skipped: str | None, client: Client) -> Accepted:
    text, hidden = hide_secrets(item.text[: client.messages.max_chars])
    content: dict[str, Any] = dict(item.data)
    if hidden:
        content["secret_hidden"] = True
    if item.choice is not None:
        content["choice"] = item.choice
    if item.media:
        content["media"] = await _register_media(tx, item, conversation)
    changes: dict[str, Any] = {}
    if item.kind not in (Kind.ECHO, Kind.SYSTEM):  # only what the customer wrote opens the 24-hour window
        changes["last_customer_at"] = max(conversation.last_customer_at or item.at, item.at)
    if item.kind in ANSWERED:
        changes |= {"waiting_since": conversation.waiting_since or tx.now, "idle_since": None, "idle_stage": 0}
        if conversation.owner != Owner.BOT:
            changes["unread"] = 1
        if conversation.idle_since is not None:
            await drop_timer(tx, "idle", conversation.id)
    message = await append(
        tx,
        conversation.id,
        author="agent" if item.kind == Kind.ECHO else "customer",
        text=text,
        conversation_changes=changes if conversation.owner != Owner.CLOSED else None,
        name=item.sender.name,
        external_id=item.external_id,
        kind=item.kind.value,
        content=content,
        reply_to=item.reply_to,
        channel_at=item.at,
        todo=todo,
        skipped=skipped,
    )
    await facts.record(
        tx,
        "message_received",
        conversation=conversation.id,
        customer=conversation.customer_id,
        channel_at=item.at,
        message=message["id"],
        type=item.kind.value,
        owner=conversation.owner,
        skipped=skipped,
    )
    if todo:
        tx.publish("inbox", conversation=conversation.id, todo=todo, channel=item.channel)
    if item.channel == "livechat":
        tx.publish("visitor_wrote", visitor=item.sender.identities[0][1], conversation=conversation.id)
    tx.publish("conversation", id=conversation.id)
    return Accepted(message["id"], conversation.id, message["seq"], False)


async def _register_media(tx: Tx, item: Inbound, conversation: Row[Any]) -> list[str]:
    ids = []
    for part in item.media:
        media_id = new_id()
        if item.channel == "livechat":  # uploaded before: the file is ours already and only learns where it belongs
            await tx.execute(update(media).where(media.c.id == part.external_id).values(conversation_id=conversation.id))
            ids.append(part.external_id)
            continue
        await tx.execute(
            insert(media).values(
                id=media_id,
                conversation_id=conversation.id,
                customer_id=conversation.customer_id,
                channel=item.channel,
                external_id=part.external_id,
                kind=part.kind,
                name=part.name,
                mime=part.mime,
                sha256=part.sha256,
                size=part.size,
                state="pending",
                due_at=tx.now,
                created_at=tx.now,
            )
        )
        ids.append(media_id)
        tx.publish("media")
    return ids


async def _change_earlier(tx: Tx, item: Inbound, customer: str, client: Client) -> Accepted:
    """A reaction, edit or revoke: stored for the record, applied to the message it is about if we have it."""
    where = (messages.c.channel == item.channel) & (messages.c.account == item.account) & (messages.c.external_id == item.target)
    target = (await tx.execute(select(messages).where(where))).first() if item.target else None
    if target is None:
        conversation = await open_for(tx, item.channel, item.account, customer)
    else:
        conversation = (await tx.execute(select(conversations).where(conversations.c.id == target.conversation_id))).one()
        changes: dict[str, Any] = {}
        if item.kind == Kind.REACTION:
            changes["content"] = {**(target.content or {}), "reactions": item.data.get("emoji") or ""}
        elif target.author == "customer" and item.kind == Kind.EDIT:
            changes |= {"text": hide_secrets(item.text[: client.messages.max_chars])[0], "edited": True}
        elif target.author == "customer":
            changes["revoked"] = True
        if changes:
            await tx.execute(update(messages).where(messages.c.id == target.id).values(**changes))
            tx.publish("message", conversation=conversation.id, seq=target.seq)
    message = await append(
        tx,
        conversation.id,
        author="customer",
        text="",
        external_id=item.external_id,
        kind=item.kind.value,
        content={"target": item.target},
        channel_at=item.at,
        skipped=item.kind.value,
    )
    await facts.record(
        tx,
        "message_received",
        conversation=conversation.id,
        customer=customer,
        channel_at=item.at,
        message=message["id"],
        type=item.kind.value,
        owner=conversation.owner,
        skipped=item.kind.value,
    )
    return Accepted(message["id"], conversation.id, message["seq"], False)
