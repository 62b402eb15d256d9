"""Customers who may be one person: proposed from a shared phone number, decided by people, undone if wrong. Never silent."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Table, select, update
from sqlalchemy.dialects.postgresql import insert as pg_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.engine import Row

from bot.consent.records import consents
from bot.conversations import facts
from bot.conversations.ownership import Owner
from bot.conversations.records import conversations
from bot.customers.records import customers, identities, merges
from bot.ids import new_id
from bot.procedure.records import verifications
from bot.reservations.records import reservations
from bot.store.database import Tx
from bot.tickets.records import tickets

REASONS = {"same_phone": "Nomor telepon sama", "phone_given": "Nomor yang disebut dalam tiket sama"}
PHONES = ("wa_id", "phone")  # kinds of identity that are phone numbers
# What belongs to a customer and changes hands. Facts stay as they were told.
OWNED: tuple[Table, ...] = (identities, conversations, tickets, reservations, consents, verifications)


class BothOpen(Exception):
    """Both customers have an open conversation on one channel: one must end first."""


async def propose_same_phone(tx: Tx, customer: str) -> None:
    """Propose a merge with every other customer known by a phone number of this one's. A pair is proposed once, whatever came of it."""
    own = await tx.execute(select(identities.c.value).where(identities.c.customer_id == customer, identities.c.kind.in_(PHONES)))
    numbers = set(own.scalars())
    await _propose(tx, customer, numbers, "same_phone")
    given = await tx.execute(select(tickets.c.contact).where(tickets.c.customer_id == customer, tickets.c.contact.is_not(None)))
    await _propose(tx, customer, {_digits(each) for each in given.scalars()} - numbers, "phone_given")


async def _propose(tx: Tx, customer: str, numbers: set[str], because: str) -> None:
    if not numbers:
        return
    same = identities.c.kind.in_(PHONES) & identities.c.value.in_(sorted(numbers)) & (identities.c.customer_id != customer)
    others = set((await tx.execute(select(identities.c.customer_id).where(same))).scalars())
    new_insert = sqlite_insert if tx.dialect == "sqlite" else pg_insert
    for other in sorted(others):
        kept, merged = sorted((customer, other))  # the older one is kept: ids grow with time
        values = {
            "id": new_id(),
            "kept": kept,
            "merged": merged,
            "because": because,
            "state": "proposed",
            "moved": {},
            "proposed_at": tx.now,
        }
        made = await tx.execute(new_insert(merges).values(**values).on_conflict_do_nothing(index_elements=["kept", "merged"]))
        if made.rowcount:
            await facts.record(tx, "merge_proposed", customer=kept, other=merged, because=because)


def _digits(contact: str) -> str:
    digits = "".join(c for c in contact if c.isdigit())
    return f"62{digits[1:]}" if digits.startswith("0") else digits


async def merge(tx: Tx, row: Row[Any], by: str) -> None:
    """Everything of `merged` belongs to `kept` from now on. Raises BothOpen."""
    await _require_apart(tx, row.kept, row.merged)
    moved: dict[str, list[str]] = {}
    for table in OWNED:
        key = next(iter(table.primary_key.columns))
        mine = table.c.customer_id == row.merged
        moved[table.name] = list((await tx.execute(select(key).where(mine))).scalars())
        await tx.execute(update(table).where(mine).values(customer_id=row.kept))
    await tx.execute(update(customers).where(customers.c.id == row.merged).values(merged_into=row.kept))
    await _decided(tx, row, "merged", by, moved)


async def undo(tx: Tx, row: Row[Any], by: str) -> None:
    """Give back what changed hands with the merge; what came since stays. Raises BothOpen."""
    for table in OWNED:
        key = next(iter(table.primary_key.columns))
        ids = (row.moved or {}).get(table.name, [])
        for begin in range(0, len(ids), 500):
            where = key.in_(ids[begin : begin + 500]) & (table.c.customer_id == row.kept)
            await tx.execute(update(table).where(where).values(customer_id=row.merged))
    await tx.execute(update(customers).where(customers.c.id == row.merged).values(merged_into=None))
    await _decided(tx, row, "undone", by, {})


async def refuse(tx: Tx, row: Row[Any], by: str) -> None:
    """They are two people; it is not proposed again."""
    await _decided(tx, row, "refused", by, {})


async def _decided(tx: Tx, row: Row[Any], state: str, by: str, moved: dict[str, list[str]]) -> None:
    await tx.execute(update(merges).where(merges.c.id == row.id).values(state=state, decided_at=tx.now, decided_by=by, moved=moved))
    await facts.record(tx, f"customers_{state}", customer=row.kept, agent=by, other=row.merged)
    open_ones = select(conversations.c.id).where(
        conversations.c.customer_id.in_([row.kept, row.merged]), conversations.c.owner != Owner.CLOSED
    )
    for conversation in (await tx.execute(open_ones)).scalars():
        tx.publish("conversation", id=conversation)
        tx.publish("card", conversation=conversation)


async def _require_apart(tx: Tx, kept: str, merged: str) -> None:
    c = conversations.c
    where = c.customer_id.in_([kept, merged]) & (c.owner != Owner.CLOSED)
    places = [(row.channel, row.account) for row in await tx.execute(select(c.channel, c.account).where(where).with_for_update())]
    if len(places) != len(set(places)):
        raise BothOpen
