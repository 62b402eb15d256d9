"""Tickets: made once per cause, numbered, changed under a version, with every change in the event log."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import insert, select, update
from sqlalchemy.dialects.postgresql import insert as pg_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.engine import Row

from bot.client import Client, Tickets
from bot.conversations import facts
from bot.conversations.transcript import iso
from bot.dialogue.unit import Unit
from bot.ids import new_id
from bot.store.database import Database, Tx
from bot.tickets.records import ticket_notes, ticket_numbers, tickets
from bot.tickets.rules import may_follow


class TicketConflict(Exception):
    """The ticket changed since it was read, or the change is not allowed; the message says which, in Indonesian."""


@dataclass(frozen=True, slots=True)
class NewTicket:
    """What a ticket begins with."""

    cause: str
    number: str
    customer_id: str
    conversation_id: str | None
    channel: str
    topic: str
    summary: str
    detail: str
    priority: str
    promised_at: datetime
    created_by: str
    product: str | None = None
    reporter: str | None = None
    contact: str | None = None


@dataclass(frozen=True, slots=True)
class OpenTicket:
    """The effect of a turn that makes a ticket."""

    ticket: NewTicket

    async def apply(self, tx: Tx, unit: Unit) -> None:
        await create(tx, self.ticket)


async def reserve_number(db: Database, rules: Tickets, cause: str) -> str:
    """The number for a cause: the same however often it is asked, so a repeated turn names the same ticket."""
    new_insert = sqlite_insert if db.dialect == "sqlite" else pg_insert
    async with db.write() as tx:
        await tx.execute(new_insert(ticket_numbers).values(cause=cause).on_conflict_do_nothing(index_elements=["cause"]))
        number = (await tx.execute(select(ticket_numbers.c.number).where(ticket_numbers.c.cause == cause))).scalar_one()
    return f"{rules.prefix}-{rules.first_number - 1 + number}"


async def create(tx: Tx, ticket: NewTicket) -> None:
    """Store it, once per cause: a second time is a no-op."""
    new_insert = sqlite_insert if tx.dialect == "sqlite" else pg_insert
    values = {name: getattr(ticket, name) for name in NewTicket.__slots__}
    statement = new_insert(tickets).values(**values, status="open", created_at=tx.now, updated_at=tx.now, version=1)
    result = await tx.execute(statement.on_conflict_do_nothing())  # whichever key is met first: number and cause go together
    if result.rowcount:
        await facts.record(
            tx,
            "ticket_opened",
            conversation=ticket.conversation_id,
            customer=ticket.customer_id,
            agent=None if ticket.created_by == "bot" else ticket.created_by,
            ticket=ticket.number,
            topic=ticket.topic,
            priority=ticket.priority,
        )
        tx.publish("card", conversation=ticket.conversation_id)


async def change(tx: Tx, number: str, version: int, author: str, author_id: str, **changes: Any) -> None:
    """Change fields and add a note. Raises TicketConflict when `version` is not the present one, LookupError for no such ticket."""
    row = (await tx.execute(select(tickets).where(tickets.c.number == number).with_for_update())).first()
    if row is None:
        raise LookupError(number)
    if row.version != version:
        raise TicketConflict("Tiket sudah diubah oleh rekan lain. Muat ulang lalu coba kembali.")
    note = changes.pop("note", None)
    status = changes.get("status")
    if status and not may_follow(row.status, status):
        raise TicketConflict("Tiket yang sudah selesai hanya dapat dibuka kembali menjadi 'Sedang ditangani'.")
    if status:
        changes["closed_at"] = tx.now if status == "solved" else None
    await tx.execute(update(tickets).where(tickets.c.number == number).values(version=version + 1, **changes))
    if note:
        await tx.execute(insert(ticket_notes).values(id=new_id(), ticket=number, at=tx.now, author=author, text=note))
    await facts.record(
        tx,
        "ticket_changed",
        conversation=row.conversation_id,
        customer=row.customer_id,
        agent=author_id,
        ticket=number,
        changed=sorted([*changes, *(["note"] if note else [])]),
        status=status or row.status,
    )
    tx.publish("card", conversation=row.conversation_id)


async def of_customer(tx: Tx, customer: str, limit: int = 10) -> list[Row[Any]]:
    """The customer's newest tickets."""
    return list(
        (
            await tx.execute(select(tickets).where(tickets.c.customer_id == customer).order_by(tickets.c.created_at.desc()).limit(limit))
        ).all()
    )


async def get(tx: Tx, number: str) -> Row[Any] | None:
    """The ticket's row."""
    return (await tx.execute(select(tickets).where(tickets.c.number == number))).first()


async def present(tx: Tx, row: Row[Any], client: Client) -> dict[str, Any]:
    """A ticket as docs/protocols.md shows it."""
    notes = await tx.execute(select(ticket_notes).where(ticket_notes.c.ticket == row.number).order_by(ticket_notes.c.id))
    return {
        "number": row.number,
        "topic": {"id": row.topic, "label": client.topic_label(row.topic)},
        "summary": row.summary,
        "detail": row.detail,
        "product": row.product,
        "reporter": row.reporter,
        "contact": row.contact,
        "priority": row.priority,
        "status": {"id": row.status, "label": client.tickets.statuses.get(row.status, row.status)},
        "created_at": iso(row.created_at),
        "promised_at": iso(row.promised_at),
        "conversation": row.conversation_id,
        "version": row.version,
        "notes": [{"at": iso(note.at), "author": note.author, "text": note.text} for note in notes],
    }
