"""What agents' states, tickets and stops of a channel count for, from their facts alone. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime

from bot.supervision.bookings import Bookings, Fact, keys, milliseconds, quarter_of, spread
from bot.tickets.flow import CLOSED

STATES = {"ready": "ready_ms", "wrapup": "writing_ms", "aux": "aux_ms"}
OF_TICKETS = ("ticket_opened", "ticket_changed", "ticket_alerted")
OF_CHANNELS = ("channel_halted", "channel_resumed")


def in_state(agent: str, state: str, reason: str | None, began: datetime, ended: datetime) -> Bookings:
    """A state that is over, in the quarters in which it passed. Offline counts for nothing."""
    bookings: Bookings = Counter()
    if state in STATES:
        where = keys(agent=agent, reason=reason if state == "aux" else None)
        for start, part in spread(began, ended):
            bookings[(start, STATES[state], where)] += milliseconds(part)
    return Counter({booking: amount for booking, amount in bookings.items() if amount})


def ticket(facts: Iterable[Fact]) -> Bookings:
    """One ticket: opened when it was; closed at its last closing, unless it was opened again; in time where no breach of the whole came before."""
    bookings: Bookings = Counter()
    closed: tuple[datetime, dict[str, str | None]] | None = None
    breached = False
    for fact in facts:
        if fact.kind == "ticket_alerted":
            breached |= fact.data.get("what") == "breach" and fact.data.get("scope") == "overall"
            continue
        state = fact.data.get("state") or {}
        where = {"team": state.get("unit"), "topic": state.get("topic") or fact.data.get("topic")}
        if fact.kind == "ticket_opened":
            bookings[(quarter_of(fact.at), "tickets_opened", keys(**where))] += 1
        status = state.get("status") or fact.data.get("status")
        if status in CLOSED and closed is None:
            closed = (fact.at, where)
        elif status is not None and status not in CLOSED:
            closed = None
    if closed is not None:
        at, where = closed
        bookings[(quarter_of(at), "tickets_closed", keys(**where))] += 1
        if not breached:
            bookings[(quarter_of(at), "tickets_in_time", keys(**where))] += 1
    return bookings


def stops(facts: Sequence[Fact]) -> Bookings:
    """The time in which sending of WhatsApp stood still, of each account: from a stop until it is over, taken back or told anew.

    A stop without an end counts once it is over.
    """
    bookings: Bookings = Counter()
    since: dict[str, tuple[datetime, datetime | None]] = {}
    for fact in [*facts, None]:
        ending = [fact.data.get("account", "")] if fact is not None else list(since)
        for account in ending:
            if account not in since:
                continue
            began, until = since.pop(account)
            known = [at for at in (until, fact.at if fact is not None else None) if at is not None]
            for start, part in spread(began, min(known)) if known else ():
                bookings[(start, "halted_ms", keys(channel="whatsapp"))] += milliseconds(part)
        if fact is not None and fact.kind == "channel_halted":
            told = fact.data.get("until")
            since[fact.data.get("account", "")] = (fact.at, datetime.fromisoformat(told) if told else None)
    return Counter({booking: amount for booking, amount in bookings.items() if amount})
