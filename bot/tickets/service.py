"""Tickets: made once per cause, numbered, moved under a version, with every change and the state after it in the event log."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert as pg_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.engine import Row

from bot.client import Tickets
from bot.conversations import facts
from bot.dialogue.unit import Library, Unit
from bot.ids import new_id
from bot.store.database import Database, Tx
from bot.tickets import flow
from bot.tickets.cases import undecided
from bot.tickets.flow import Actor, Refused, State
from bot.tickets.records import ticket_hops, ticket_notes, ticket_numbers, tickets
from bot.tickets.search import index_words
from bot.tickets.sla import refresh
from bot.tickets.telling import tell

FIELDS = (
    "summary",
    "detail",
    "kind",
    "topic",
    "product",
    "category",
    "sub_category",
    "outlet_id",
    "priority",
    "form",
    "reporter",
    "contact",
)
_OF_STATE = ("kind", "topic", "product", "category", "priority")
_ENDS = {"dispatch": "dispatched", "return": "returned"}


class TicketConflict(Exception):
    """The ticket changed since it was read; the message says so, in Indonesian."""


@dataclass(frozen=True, slots=True)
class NewTicket:
    """What a ticket begins with. `unit_of_maker`: the unit of the person who makes it; theirs is accepted already where it begins there."""

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
    kind: str | None = None
    category: str | None = None
    sub_category: str | None = None
    outlet_id: str | None = None
    form: dict[str, Any] | None = None
    unit_of_maker: str | None = None


@dataclass(frozen=True, slots=True)
class OpenTicket:
    """The effect of a turn that makes a ticket."""

    ticket: NewTicket

    async def apply(self, tx: Tx, unit: Unit) -> None:
        await create(tx, unit.library, self.ticket)


async def reserve_number(db: Database, rules: Tickets, cause: str) -> str:
    """The number for a cause: the same however often it is asked, so a repeated turn names the same ticket."""
    new_insert = sqlite_insert if db.dialect == "sqlite" else pg_insert
    async with db.write() as tx:
        await tx.execute(new_insert(ticket_numbers).values(cause=cause).on_conflict_do_nothing(index_elements=["cause"]))
        number = (await tx.execute(select(ticket_numbers.c.number).where(ticket_numbers.c.cause == cause))).scalar_one()
    return f"{rules.prefix}-{rules.first_number - 1 + number}"


async def create(tx: Tx, library: Library, ticket: NewTicket) -> bool:
    """Store it, once per cause: a second time is a no-op and False."""
    rules = library.client.ticketing
    kind = ticket.kind or rules.kind_of_topic.get(ticket.topic, "complaint")
    state = flow.opened(
        rules,
        kind,
        ticket.unit_of_maker,
        ticket.created_by,
        topic=ticket.topic,
        product=ticket.product,
        category=ticket.category,
        priority=ticket.priority,
    )
    new_insert = sqlite_insert if tx.dialect == "sqlite" else pg_insert
    values = {name: getattr(ticket, name) for name in NewTicket.__slots__ if name != "unit_of_maker"}
    values |= {"kind": kind, "status": state.status, "unit": state.unit, "hop": state.hop, "accepted": state.accepted}
    values |= {"assignee_id": state.assignee, "created_at": tx.now, "updated_at": tx.now, "version": 1, "calls": 0}
    result = await tx.execute(new_insert(tickets).values(**values).on_conflict_do_nothing())  # number and cause go together
    if not result.rowcount:
        return False
    maker = ticket.created_by
    await _begin_hop(tx, ticket.number, state, None, maker, None, None)
    await facts.record(
        tx,
        "ticket_opened",
        conversation=ticket.conversation_id,
        customer=ticket.customer_id,
        agent=None if maker == "bot" else maker,
        ticket=ticket.number,
        topic=ticket.topic,
        priority=ticket.priority,
        what="opened",
        state=state.to_json(),
    )
    await _changed(tx, library, ticket.number, ticket.conversation_id)
    return True


async def get(tx: Tx, number: str, lock: bool = False) -> Row[Any] | None:
    """The ticket's row."""
    wanted = select(tickets).where(tickets.c.number == number)
    return (await tx.execute(wanted.with_for_update() if lock else wanted)).first()


async def locked(tx: Tx, number: str, version: int | None = None) -> Row[Any]:
    """The ticket, locked until the transaction ends. Raises LookupError; TicketConflict when `version` is not the present one."""
    row = await get(tx, number, lock=True)
    if row is None:
        raise LookupError(number)
    if version is not None and row.version != version:
        raise TicketConflict("Tiket sudah diubah oleh rekan lain. Muat ulang lalu coba kembali.")
    return row


def state_of(row: Row[Any]) -> State:
    """A ticket's state."""
    return State(row.status, row.unit, row.hop, row.accepted, row.assignee_id, *(getattr(row, name) for name in _OF_STATE))


async def hops_of(tx: Tx, number: str) -> list[Row[Any]]:
    """Its hops in order."""
    return list((await tx.execute(select(ticket_hops).where(ticket_hops.c.ticket == number).order_by(ticket_hops.c.hop))).all())


async def asker_of(tx: Tx, number: str) -> str | None:
    """The unit it may be returned to."""
    return flow.asker([(hop.unit, hop.ended_how) for hop in await hops_of(tx, number)])


async def act(
    tx: Tx, library: Library, number: str, action: str, by: Actor, given: Mapping[str, Any] | None = None, version: int | None = None
) -> Row[Any]:
    """Move a ticket; the row after it. `given`: `to`, `reason`, `note`, `resolution`, `how`, `form`, `call_back_at`, `merged_into` as the action needs.

    Raises LookupError, TicketConflict, Refused.
    """
    given = given or {}
    row = await locked(tx, number, version)
    if action in ("solve", "confirm", "no_response") and await undecided(tx, number):
        raise Refused("Kasus ini belum diputuskan.")
    before, came_from = state_of(row), await asker_of(tx, number)
    state = flow.after(before, action, by, library.client.ticketing, came_from, given)
    changes: dict[str, Any] = {"status": state.status, "unit": state.unit, "hop": state.hop, "accepted": state.accepted}
    changes["assignee_id"] = state.assignee
    if state.closed and not before.closed:
        changes |= {"closed_at": tx.now, "solved_how": given.get("how") or ("confirmed" if action == "confirm" else "system")}
        changes |= {"call_back_at": None, "merged_into": given.get("merged_into"), "solved_form": given.get("form")}
    if state.closed and given.get("resolution"):
        changes["resolution"] = given["resolution"]
    if action == "propose":
        changes["resolution"] = given.get("note") or row.resolution
    if action == "reopen":
        changes |= {"closed_at": None, "solved_how": None, "solved_form": None, "merged_into": None}
    if "call_back_at" in given:
        changes["call_back_at"] = given["call_back_at"]
    await _walk(tx, number, action, before, state, by, given)
    return await store(tx, library, row, action, by, state, changes, given)


async def store(
    tx: Tx, library: Library, row: Row[Any], what: str, by: Actor, state: State, changes: Mapping[str, Any], given: Mapping[str, Any]
) -> Row[Any]:
    """Write a change of a locked ticket: columns, the note, the fact with the state after it, its clocks, what the customer is told."""
    values = {**changes, "version": row.version + 1, "updated_at": tx.now}
    await tx.execute(update(tickets).where(tickets.c.number == row.number).values(**values))
    note = given.get("note")
    if note:
        await add_note(tx, row, by, note, "internal")
    await facts.record(
        tx,
        "ticket_changed",
        conversation=row.conversation_id,
        customer=row.customer_id,
        agent=None if by.id == "system" else by.id,
        ticket=row.number,
        what=what,
        reason=given.get("reason"),
        changed=sorted([*changes, *(["note"] if note else [])]),
        status=state.status,
        state=state.to_json(),
    )
    await _changed(tx, library, row.number, row.conversation_id)
    now = await get(tx, row.number)
    assert now is not None
    told = what != "accept" or state.hop == 1  # that it is in hand is news once; who holds it later is a matter of ours
    if told and (notice := flow.NOTICES.get(what)) and not given.get("quiet"):
        await tell(tx, library, now, notice, str(given.get("note") or given.get("resolution") or ""))
    return now


async def change(
    tx: Tx, library: Library, number: str, by: Actor, fields: Mapping[str, Any], version: int | None = None, note: str | None = None
) -> Row[Any]:
    """Change what a ticket says (FIELDS). Raises LookupError, TicketConflict, Refused."""
    row = await locked(tx, number, version)
    before = state_of(row)
    changes = {name: value for name, value in fields.items() if name in FIELDS and value != getattr(row, name)}
    if changes and before.closed:
        raise Refused("Tiket sudah selesai. Buka kembali terlebih dahulu.")
    state = replace(before, **{name: changes[name] for name in _OF_STATE if name in changes})
    return await store(tx, library, row, "fields", by, state, changes, {"note": note})


async def add_note(tx: Tx, row: Row[Any], by: Actor, text: str, audience: str, client_id: str | None = None) -> bool:
    """A note on the ticket, once per `client_id`; False: it was there. To the customer it is sent by the caller."""
    if client_id and await tx.find(ticket_notes, client_id=client_id) is not None:
        return False
    written = {"at": tx.now, "author": by.name, "author_id": by.id, "audience": audience, "text": text, "client_id": client_id}
    note = new_id()
    await tx.insert(ticket_notes, id=note, ticket=row.number, **written)
    about: dict[str, Any] = {"conversation": row.conversation_id, "customer": row.customer_id, "agent": by.id}
    await facts.record(tx, "ticket_noted", **about, ticket=row.number, audience=audience, note=note)
    return True


async def touch(tx: Tx, library: Library, row: Row[Any]) -> None:
    """Something beside the ticket's own columns changed (a note, a file, a link): tell who looks at it."""
    await tx.execute(update(tickets).where(tickets.c.number == row.number).values(updated_at=tx.now))
    await _changed(tx, library, row.number, row.conversation_id)


async def of_customer(tx: Tx, customer: str, limit: int = 10) -> list[Row[Any]]:
    """The customer's newest tickets."""
    newest = select(tickets).where(tickets.c.customer_id == customer).order_by(tickets.c.created_at.desc(), tickets.c.number.desc())
    return list((await tx.execute(newest.limit(limit))).all())


async def _walk(tx: Tx, number: str, action: str, before: State, state: State, by: Actor, given: Mapping[str, Any]) -> None:
    """Keep the hops in step with the state: the open one accepted or ended, a new one begun."""
    this = (ticket_hops.c.ticket == number) & (ticket_hops.c.hop == before.hop)
    if state.hop != before.hop:
        if not before.closed:
            await tx.execute(update(ticket_hops).where(this).values(ended_at=tx.now, ended_how=_ENDS[action]))
        await _begin_hop(tx, number, state, before.unit, by.id, given.get("reason"), given.get("note"))
    elif state.closed and not before.closed:
        await tx.execute(update(ticket_hops).where(this).values(ended_at=tx.now, ended_how="closed"))
    elif state.accepted and not before.accepted:
        await tx.execute(update(ticket_hops).where(this).values(accepted_at=tx.now, accepted_by=by.id))


async def _begin_hop(tx: Tx, number: str, state: State, source: str | None, by: str, reason: str | None, note: str | None) -> None:
    accepted = {"accepted_by": by, "accepted_at": tx.now} if state.accepted else {"accepted_by": None, "accepted_at": None}
    columns = {"from_unit": source, "reason": reason, "note": note, "sent_by": by, "sent_at": tx.now, **accepted}
    await tx.insert(ticket_hops, ticket=number, hop=state.hop, unit=state.unit, **columns)


async def _changed(tx: Tx, library: Library, number: str, conversation: str | None) -> None:
    """After every change: clocks, what is searched, who looks at it."""
    await index_words(tx, number, library.client)
    await refresh(tx, library, number)
    tx.publish("ticket", number=number)
    if conversation:
        tx.publish("card", conversation=conversation)
