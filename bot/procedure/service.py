"""The guide's ticks: by evidence as it happens, by hand with a reason, and what was checked of who the customer is. In the caller's transaction."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from sqlalchemy import insert, select, update
from sqlalchemy.engine import Row

from bot.client import Client
from bot.client_desk import Guide
from bot.conversations import facts
from bot.conversations.records import conversations, messages
from bot.conversations.service import mark_steps
from bot.ids import new_id
from bot.procedure.records import verifications
from bot.procedure.rules import level_of, ticked_by
from bot.store.database import Tx

HEARD = 100  # so many of our messages are looked at once the need is named


class UnknownStep(Exception):
    """The conversation's guide has no such step, or it cannot be changed so."""


def guide_of(client: Client, conversation: Row[Any]) -> Guide:
    """The guide the conversation is led by."""
    guides = client.procedures.guides
    return guides.get(conversation.procedure) or guides["nonvoice"]


async def said(tx: Tx, client: Client, row: Row[Any], text: str, message: str, by: str) -> None:
    """An agent said this: tick what it is evidence of."""
    products = [product.name for product in client.products]
    await tick(tx, row, ticked_by(guide_of(client, row), text, products, row.topic, row.steps or {}), message, by)


async def solved(tx: Tx, client: Client, row: Row[Any], evidence: str, by: str) -> None:
    """A solution was given: a ticket made, or a suggestion of the knowledge base sent."""
    await tick(tx, row, {step.step for step in guide_of(client, row).steps if step.solved or (step.known and row.topic)}, evidence, by)


async def topic_known(tx: Tx, client: Client, row: Row[Any], topic: str, by: str) -> None:
    """The need was named. What agents said before may be the answer to it."""
    guide, products = guide_of(client, row), [product.name for product in client.products]
    done = set(row.steps or {}) | {step.step for step in guide.steps if step.known}
    await tick(tx, row, done - set(row.steps or {}), "", by)
    ours = (messages.c.conversation_id == row.id) & (messages.c.author == "agent") & messages.c.note.is_(False)
    for said_before in (await tx.execute(select(messages).where(ours).order_by(messages.c.seq).limit(HEARD))).all():
        found = ticked_by(guide, said_before.text, products, topic, done)
        await tick(tx, row, found, said_before.id, said_before.agent_id or by)
        done |= found


async def tick(tx: Tx, row: Row[Any], steps: Collection[str], evidence: str, by: str) -> None:
    """Tick steps by evidence; the first tick of a step stays."""
    if steps:
        await mark_steps(tx, row.id, dict.fromkeys(sorted(steps), evidence), by)
        tx.publish("card", conversation=row.id)


async def tick_by_hand(tx: Tx, client: Client, row: Row[Any], step: str, reason: str, by: str) -> None:
    """Tick a step that nothing shows, with a reason. Raises UnknownStep. A step ticked before stays as it is."""
    if step not in {each.step for each in guide_of(client, row).steps}:
        raise UnknownStep(step)
    done = dict(row.steps or {})
    if step in done:
        return
    done[step] = {"at": tx.now.isoformat(), "by": by, "how": "hand", "reason": reason}
    await _store(tx, row, done)
    await facts.record(tx, "step_done", conversation=row.id, customer=row.customer_id, agent=by, step=step, by=by, how="hand")


async def untick(tx: Tx, row: Row[Any], step: str, by: str) -> None:
    """Take back a tick by hand; evidence stays. Raises UnknownStep."""
    done = dict(row.steps or {})
    if (done.get(step) or {}).get("how") != "hand":
        raise UnknownStep(step)
    del done[step]
    await _store(tx, row, done)
    await facts.record(tx, "step_undone", conversation=row.id, customer=row.customer_id, agent=by, step=step)


async def _store(tx: Tx, row: Row[Any], steps: dict[str, Any]) -> None:
    await tx.execute(update(conversations).where(conversations.c.id == row.id).values(steps=steps))
    tx.publish("card", conversation=row.id)


async def checked(tx: Tx, conversation: str) -> dict[str, Row[Any]]:
    """The latest result of each field that was checked in this conversation."""
    where = verifications.c.conversation_id == conversation
    rows = await tx.execute(select(verifications).where(where).order_by(verifications.c.at, verifications.c.id))
    return {row.field: row for row in rows}


async def verify(tx: Tx, client: Client, row: Row[Any], field: str, matched: bool, by: str) -> int:
    """Record that a field was compared, never the answer; returns the level reached. Raises UnknownStep for an unknown field.

    A field that did not match any more takes its level away.
    """
    rules = client.procedures.verification
    if field not in rules.fields:
        raise UnknownStep(field)
    known = {name: each.matched for name, each in (await checked(tx, row.id)).items()} | {field: matched}
    level = level_of(rules, {name for name, fits in known.items() if fits})
    await tx.execute(
        insert(verifications).values(
            id=new_id(),
            conversation_id=row.id,
            customer_id=row.customer_id,
            field=field,
            matched=matched,
            level=level,
            agent_id=by,
            at=tx.now,
        )
    )
    await tx.execute(update(conversations).where(conversations.c.id == row.id).values(verified=level))
    await facts.record(
        tx, "identity_checked", conversation=row.id, customer=row.customer_id, agent=by, field=field, matched=matched, level=level
    )
    reached = {step.step for step in guide_of(client, row).steps if step.level is not None and step.level <= level}
    await tick(tx, row, reached, "", by)
    tx.publish("card", conversation=row.id)
    return level
