"""`sapa tickets check`: do the clocks that tickets' rows keep agree with the event log? `--mend` writes what the log says."""

from __future__ import annotations

import argparse
import asyncio
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select

from bot.client import load_client
from bot.clock import SystemClock
from bot.conversations.calendar import WorkCalendar
from bot.conversations.records import facts, timers
from bot.dialogue.unit import Library
from bot.knowledge.index import Knowledge
from bot.settings import load_settings
from bot.store.database import Database, Tx
from bot.tickets.clock import Change, Rules, replay
from bot.tickets.moments import key_of
from bot.tickets.records import ticket_alerts, tickets
from bot.tickets.sla import CHANGES, TIMER, change_of, columns, refresh, untold

AT_ONCE = 500
_SECOND = timedelta(seconds=1)
Difference = tuple[str, datetime | None, datetime | None]


def add_commands(commands: Any) -> None:
    """Register the commands."""
    parts = commands.add_parser("tickets", help="tickets and their clocks").add_subparsers(required=True, metavar="COMMAND")
    look = parts.add_parser("check", help="compute every ticket's clocks from the event log; exit code 1 if a row says otherwise")
    look.add_argument("--mend", action="store_true", help="write what the log says, and set the timers")
    look.set_defaults(run=lambda options: asyncio.run(_check(options)))


async def _check(options: argparse.Namespace) -> int:
    settings = load_settings()
    client = load_client(settings.client_folder)
    db = Database(settings.database, SystemClock())
    try:
        return await check(db, Library(client, WorkCalendar(client.calendar), Knowledge(client.articles)), mend=options.mend)
    finally:
        await db.close()


async def check(db: Database, library: Library, mend: bool = False) -> int:
    """Prints each ticket whose row differs from the log, and how many there are. 1 if any does and it is not mended."""
    looked, differing, after = 0, 0, ""
    while True:
        async with db.read() as tx:
            found = await _batch(tx, library, after)
        for number, differences in found:
            looked, after = looked + 1, number
            if differences:
                differing += 1
                print(f"{number}: " + "; ".join(f"{name} is {_said(kept)}, by the log {_said(due)}" for name, kept, due in differences))
                if mend:
                    await _mend(db, library, number)
        if len(found) < AT_ONCE:
            break
    print(f"{looked} tickets, {differing} {'mended' if mend else 'differing'}")
    return int(differing > 0 and not mend)


async def _batch(tx: Tx, library: Library, after: str) -> list[tuple[str, list[Difference]]]:
    """The next tickets, each with its differences."""
    rows = (await tx.execute(select(tickets).where(tickets.c.number > after).order_by(tickets.c.number).limit(AT_ONCE))).all()
    if not rows:
        return []
    first, last = rows[0].number, rows[-1].number
    changes: dict[str, list[Change]] = {}
    of_these = facts.c.ticket.between(first, last) & facts.c.kind.in_(CHANGES)
    for fact in await tx.execute(select(facts.c.ticket, facts.c.at, facts.c.data).where(of_these).order_by(facts.c.id)):
        changes.setdefault(fact.ticket, []).append(change_of(fact.at, fact.data))
    told: dict[str, set[tuple[object, ...]]] = {}
    a = ticket_alerts.c
    for alert in await tx.execute(select(a.ticket, a.what, a.scope, a.hop, a.mark, a.due_at).where(a.ticket.between(first, last))):
        told.setdefault(alert.ticket, set()).add(key_of(alert.what, alert.scope, alert.hop, alert.mark, alert.due_at))
    set_for = select(timers.c.subject, timers.c.due_at).where(timers.c.kind == TIMER, timers.c.subject.between(first, last))
    alarms = {timer.subject: timer.due_at for timer in await tx.execute(set_for)}
    return [
        (row.number, list(_differences(row, changes.get(row.number, []), told.get(row.number, set()), alarms.get(row.number), tx, library)))
        for row in rows
    ]


def _differences(
    row: Any, changes: list[Change], told: set[tuple[object, ...]], alarm: datetime | None, tx: Tx, library: Library
) -> Iterator[Difference]:
    if not changes:
        return
    # What the timer has not yet told, the row does not yet know: it is as of the last second before.
    now = max(changes[-1].at, min(tx.now, alarm - _SECOND) if alarm else tx.now)
    clocks = replay(changes, Rules(library.client, library.calendar), now)
    assert clocks is not None
    for name, due in columns(clocks).items():
        if getattr(row, name) != due:
            yield name, getattr(row, name), due
    left = untold(clocks, library, told)
    first = left[0].at if left else None
    if alarm != first:
        yield "timer", alarm, first


async def _mend(db: Database, library: Library, number: str) -> None:
    async with db.write() as tx:
        await tx.execute(select(tickets.c.number).where(tickets.c.number == number).with_for_update())
        await refresh(tx, library, number)


def _said(at: datetime | None) -> str:
    return f"{at:%Y-%m-%d %H:%M:%S}" if at else "none"
