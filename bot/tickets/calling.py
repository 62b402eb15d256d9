"""Calls to the customer about a ticket (SOP matrix rows 4 and 13): what came of each, attempts counted, when to call again."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import update

from bot.conversations import facts
from bot.dialogue.unit import Library
from bot.ids import new_id
from bot.store.database import Tx
from bot.tickets import flow
from bot.tickets.flow import Actor, Refused
from bot.tickets.records import ticket_calls, tickets
from bot.tickets.service import act, add_note, asker_of, locked, state_of, store, touch

AGAIN = timedelta(days=1)  # when nobody says otherwise: the next working day at the same hour


async def record_call(
    tx: Tx, library: Library, number: str, by: Actor, outcome: str, note: str, next_at: datetime | None, client_id: str
) -> None:
    """Record a call, once per `client_id`. `solved` closes the ticket; `not_solved` puts the procedure's note and takes it up again.

    Raises LookupError, Refused.
    """
    row = await locked(tx, number)
    if await tx.find(ticket_calls, client_id=client_id) is not None:
        return
    state = state_of(row)
    if not by.may_move(state):
        raise Refused("Tiket ini sedang ditangani unit lain.")
    again = None if outcome == "solved" else next_at or next_day(tx.now, library)
    values = {"at": tx.now, "by_id": by.id, "outcome": outcome, "note": note, "next_at": again, "client_id": client_id}
    await tx.insert(ticket_calls, id=new_id(), ticket=number, **values)
    await tx.execute(update(tickets).where(tickets.c.number == number).values(calls=row.calls + 1, call_back_at=again))
    await facts.record(
        tx,
        "ticket_called",
        conversation=row.conversation_id,
        customer=row.customer_id,
        agent=by.id,
        ticket=number,
        outcome=outcome,
        attempt=row.calls + 1,
    )
    if outcome == "solved" and not state.closed:
        step = "confirm" if state.status == "confirming" else "solve"
        resolution = row.resolution or note or library.client.ticketing.call_outcomes["solved"]
        await act(tx, library, number, step, by, {"note": note, "resolution": resolution, "how": "confirmed"})
    elif outcome == "not_solved":
        await _not_solved(tx, library, number, by, note, again)
    else:
        if note:
            await add_note(tx, row, by, note, "internal")
        await touch(tx, library, row)


async def _not_solved(tx: Tx, library: Library, number: str, by: Actor, note: str, again: datetime | None) -> None:
    """The procedure's own words on the ticket, back to work, the customer told of the new date."""
    words = library.client.ticketing.not_resolved_note
    note = f"{note} ({words})" if note else words
    row = await locked(tx, number)
    if state_of(row).closed:
        row = await act(tx, library, number, "reopen", by, {"reason": "belum_selesai", "quiet": True})
    state = state_of(row)
    actions = flow.allowed(state, by, library.client.ticketing, await asker_of(tx, number))
    step = next((each for each in ("resume", "work") if each in actions), None)
    if step is not None:
        state = flow.after(state, step, by, library.client.ticketing, None, {})
    await store(tx, library, row, "unsolved", by, state, {"status": state.status, "call_back_at": again}, {"note": note})


def next_day(now: datetime, library: Library) -> datetime:
    """The same hour on the next working day."""
    zone = library.client.zone
    return library.calendar.add_working_days(now.astimezone(zone), AGAIN.days).astimezone(now.tzinfo)
