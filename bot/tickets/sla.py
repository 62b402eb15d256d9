"""A ticket's clocks in the database: read from its facts, kept in its columns, with one timer for the next moment something is to be told."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, or_, select
from sqlalchemy.dialects.postgresql import insert as pg_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from bot.conversations import facts as log
from bot.conversations.records import facts
from bot.conversations.timers import Due, drop_timer, set_timer, take_out
from bot.conversations.transcript import iso
from bot.dialogue.unit import Library
from bot.ids import new_id
from bot.store.database import Database, Tx
from bot.store.prepared import Prepared
from bot.tickets.clock import Change, Clocks, Rules, State, replay
from bot.tickets.moments import Moment, key_of, moments
from bot.tickets.records import ticket_alerts, tickets

TIMER = "sla"
CHANGES = ("ticket_opened", "ticket_changed")
_OLD = ("status", "topic", "priority")  # what facts without a state told beside it
_OF_TICKET = Prepared(
    select(facts.c.at, facts.c.data)
    .where(facts.c.ticket == bindparam("number"), or_(*(facts.c.kind == kind for kind in CHANGES)))
    .order_by(facts.c.id)
)
_a = ticket_alerts.c
_TOLD = Prepared(select(_a.what, _a.scope, _a.hop, _a.mark, _a.due_at).where(_a.ticket == bindparam("number")))


async def refresh(tx: Tx, library: Library, number: str, pending: tuple[str, State] | None = None) -> Clocks | None:
    """After a change of a ticket, in its transaction and holding its row: compute its clocks, keep them, set its timer.

    Facts that this transaction has recorded count; `pending` is one more, that is about to be. None: nothing has ever happened to it.
    """
    clocks = await clocks_of(tx, library, number, pending)
    if clocks is not None:
        await tx.update(tickets, {"number": number}, **columns(clocks))
        await _set_next(tx, number, untold(clocks, library, await _told(tx, number)))
    return clocks


async def clocks_of(tx: Tx, library: Library, number: str, pending: tuple[str, State] | None = None) -> Clocks | None:
    """The clocks as they are now. None: nothing has ever happened to such a ticket."""
    changes = [change_of(row.at, row.data) for row in await tx.run(_OF_TICKET, number=number)]
    mine = (row for row in tx.rows.get(facts, ()) if row["ticket"] == number and row["kind"] in CHANGES)
    changes += [change_of(row["at"], row["data"]) for row in mine]
    if pending is not None:
        changes.append(Change(tx.now, *pending))
    return replay(changes, Rules(library.client, library.calendar), tx.now)


def change_of(at: datetime, data: Mapping[str, Any]) -> Change:
    """What a fact tells."""
    state = data.get("state") or {name: data[name] for name in _OLD if isinstance(data.get(name), str)}
    return Change(at, data.get("what", ""), state)


def columns(clocks: Clocks) -> dict[str, datetime | None]:
    """What the ticket's row keeps, so that lists can be sorted and searched by it."""
    overall, hop = clocks.overall, clocks.hop
    return {
        "due_at": overall.due_at,
        "breached_at": overall.breached_at,
        "hop_due_at": hop.due_at,
        "hop_breached_at": hop.breached_at,
    }


def untold(clocks: Clocks, library: Library, told: set[tuple[object, ...]]) -> list[Moment]:
    """What is still to be told, by time."""
    return [moment for moment in moments(clocks, library.client.ticketing.sla) if moment.key not in told]


class SlaTimer:
    """The handler of timers of kind 'sla'."""

    def __init__(self, db: Database, library: Library) -> None:
        self._db = db
        self._library = library

    async def fire(self, due: Due) -> None:
        """Tell what has become due, each once and with the second it was due at, however late it is."""
        number = due.subject
        async with self._db.write() as tx:
            row = (await tx.execute(select(tickets).where(tickets.c.number == number).with_for_update())).first()
            if not await take_out(tx, due) or row is None:
                return
            clocks = await clocks_of(tx, self._library, number)
            if clocks is None:
                return
            kept = columns(clocks)
            if any(getattr(row, name) != value for name, value in kept.items()):
                await tx.update(tickets, {"number": number}, **kept)
            left = untold(clocks, self._library, await _told(tx, number))
            for moment in left:
                if moment.at <= tx.now:
                    await _tell(tx, row, moment)
            await _set_next(tx, number, (moment for moment in left if moment.at > tx.now))
            tx.publish("ticket", number=number)


async def _tell(tx: Tx, ticket: Any, moment: Moment) -> None:
    new_insert = sqlite_insert if tx.dialect == "sqlite" else pg_insert
    named = {"what": moment.what, "scope": moment.scope, "hop": moment.hop, "mark": moment.mark}
    values = {"id": new_id(), "ticket": ticket.number, "due_at": moment.due_at, "at": tx.now, "audience": moment.audience, **named}
    added = await tx.execute(new_insert(ticket_alerts).values(**values).on_conflict_do_nothing())
    if added.rowcount:
        told: dict[str, Any] = {"ticket": ticket.number, **named, "due_at": iso(moment.due_at)}
        await log.record(tx, "ticket_alerted", conversation=ticket.conversation_id, customer=ticket.customer_id, **told)
        tx.publish("alert", id=values["id"])


async def _told(tx: Tx, number: str) -> set[tuple[object, ...]]:
    return {key_of(*row) for row in await tx.run(_TOLD, number=number)}


async def _set_next(tx: Tx, number: str, left: Iterable[Moment]) -> None:
    first = next(iter(left), None)
    if first is None:
        await drop_timer(tx, TIMER, number)
    else:
        await set_timer(tx, TIMER, number, first.at)
