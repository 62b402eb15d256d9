"""Counts the event log into the figures' tables, little by little: each fact once, whatever happens to processes.

A step takes the next facts, looks which conversations, tickets and agents they are about, and adds the difference between what each of these
counted for before and what it counts for now. What is kept of how far we are, and what was added, are one transaction; one process at a time
has the row that says how far. Other definitions or targets than those that were counted by mean counting anew from the first fact.
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.dialects.postgresql import insert as pg_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from bot.client import Client
from bot.conversations.records import facts
from bot.store.database import Database, Tx
from bot.supervision import cells, stays
from bot.supervision.bookings import Bookings, Fact, difference
from bot.supervision.records import figure_cells, figure_progress, figure_states, figure_stays
from bot.supervision.settled import settled
from bot.supervision.standing import OF_CHANNELS, OF_TICKETS, in_state, stops, ticket
from bot.supervision.stays import Change
from bot.supervision.story import KINDS, Stay, Story

log = logging.getLogger(__name__)
DEFINITIONS = 1  # raised whenever a rule counts otherwise than before
AT_ONCE = 1000  # facts of a step
ONE = "figures"
PAUSE_S = 0.1
_SUBJECTS = 300  # conversations whose facts are read by one statement
_p = figure_progress.c
_f = facts.c


@dataclass(frozen=True, slots=True)
class Step:
    """How far the log is counted, and whether more was there to count. `mine` is False where another process was at it, or about to write."""

    fact_id: int
    more: bool
    mine: bool = True


class Tally:
    """The figures of one database. Any number may exist, in any process."""

    def __init__(self, db: Database, client: Client, at_once: int = AT_ONCE) -> None:
        self._db = db
        self._client = client
        self._at_once = at_once
        told = f"{DEFINITIONS} {client.timezone} {client.figures.targets.response_s}"
        self.known = False  # whether the log was seen to be counted by these definitions
        self._rules = hashlib.sha256(told.encode()).hexdigest()

    async def catch_up(self) -> int:
        """Count until nothing is left, waiting for whoever is at it; the last fact counted."""
        while True:
            step = await self.advance()
            if not step.mine:
                await asyncio.sleep(PAUSE_S)
            elif not step.more:
                return step.fact_id

    async def advance(self) -> Step:
        """Count the next facts."""
        async with self._db.write() as tx:
            progress = await self._hold(tx)
            self.known = progress is not None
            if progress is None:
                return Step(0, False, mine=False)
            end = await settled(tx)
            if end is None:
                return Step(progress, False, mine=False)
            wanted = select(facts).where(_f.id > progress, _f.id <= end).order_by(_f.id).limit(self._at_once)
            fresh = (await tx.execute(wanted)).all()
            if fresh:
                await self._count(tx, fresh, progress)
                progress = int(fresh[-1].id)
                await tx.execute(update(figure_progress).where(_p.name == ONE).values(fact_id=progress, at=fresh[-1].at))
            return Step(progress, len(fresh) == self._at_once)

    async def begin_anew(self) -> None:
        """Forget everything that was counted: the next steps count the whole log."""
        async with self._db.write() as tx:
            await tx.execute(select(figure_progress).where(_p.name == ONE).with_for_update())
            await self._forget(tx)

    async def _hold(self, tx: Tx) -> int | None:
        """How far we are, held until the transaction ends; None if somebody else holds it."""
        mine = select(figure_progress).where(_p.name == ONE).with_for_update(skip_locked=True)
        row = (await tx.execute(mine)).first()
        if row is None:
            new_insert = sqlite_insert if tx.dialect == "sqlite" else pg_insert
            fresh = new_insert(figure_progress).values(name=ONE, fact_id=0, rules=self._rules)
            if not (await tx.execute(fresh.on_conflict_do_nothing())).rowcount:
                return None
            return 0
        if row.rules != self._rules:
            log.info("the figures' definitions have changed: the event log is counted anew")
            await self._forget(tx)
            return 0
        return int(row.fact_id)

    async def _forget(self, tx: Tx) -> None:
        for table in (figure_cells, figure_stays, figure_states):
            await tx.execute(delete(table))
        await tx.execute(update(figure_progress).where(_p.name == ONE).values(fact_id=0, at=None, rules=self._rules))

    async def _count(self, tx: Tx, fresh: Sequence[Any], before: int) -> None:
        last = int(fresh[-1].id)
        bookings: Bookings = Bookings()
        conversations = sorted({row.conversation_id for row in fresh if row.conversation_id and row.kind in KINDS})
        change = Change()
        for told in await facts_of(tx, _f.conversation_id, conversations, KINDS, last):
            for subject, mine in told.items():
                was, stayed = self._story(subject, mine, before)
                now, stays_now = self._story(subject, mine, last)
                bookings.update(difference(now, was))
                change.note(stayed, stays_now)
        bookings.update(await stays.change(tx, change))
        numbers = sorted({row.ticket for row in fresh if row.ticket and row.kind in OF_TICKETS})
        for told in await facts_of(tx, _f.ticket, numbers, OF_TICKETS, last):
            for mine in told.values():
                bookings.update(difference(ticket(mine), ticket(_until(mine, before))))
        if any(row.kind in OF_CHANNELS for row in fresh):
            rows = await tx.execute(select(facts).where(_f.kind.in_(OF_CHANNELS), _f.id <= last).order_by(_f.id))
            told_of = [fact_of(row) for row in rows]
            bookings.update(difference(stops(told_of), stops(_until(told_of, before))))
        bookings.update(await _states(tx, [row for row in fresh if row.kind == "agent_state_changed" and row.agent_id]))
        await cells.add(tx, Bookings({booking: amount for booking, amount in bookings.items() if amount}), self._client.zone)

    def _story(self, conversation: str, told: list[Fact], last: int) -> tuple[Bookings, list[Stay]]:
        return Story(conversation, self._client.figures.targets.response_s * 1000).read(_until(told, last))


def fact_of(row: Any) -> Fact:
    """A row of the log."""
    return Fact(row.id, row.kind, row.at, row.channel_at, row.agent_id, row.data or {})


def _until(told: Iterable[Fact], last: int) -> list[Fact]:
    return [fact for fact in told if fact.id <= last]


async def facts_of(tx: Tx, column: Any, subjects: Sequence[str], kinds: Collection[str], last: int) -> list[dict[str, list[Fact]]]:
    """The facts of these subjects, in order."""
    found = []
    for first in range(0, len(subjects), _SUBJECTS):
        part = subjects[first : first + _SUBJECTS]
        told: dict[str, list[Fact]] = defaultdict(list)
        wanted = select(facts, column.label("subject")).where(column.in_(part), _f.id <= last, _f.kind.in_(kinds))
        for row in await tx.execute(wanted.order_by(_f.id)):
            told[row.subject].append(fact_of(row))
        found.append(told)
    return found


async def _states(tx: Tx, fresh: Sequence[Any]) -> Bookings:
    """Each change of an agent's state ends the one before. Their time never goes back."""
    bookings: Bookings = Bookings()
    s = figure_states.c
    for row in fresh:
        present = (await tx.execute(select(figure_states).where(s.agent_id == row.agent_id, s.ended_at.is_(None)))).first()
        at: datetime = row.at
        if present is not None:
            at = max(at, present.began_at)
            await tx.execute(update(figure_states).where(s.fact_id == present.fact_id).values(ended_at=at))
            bookings.update(in_state(row.agent_id, present.state, present.reason, present.began_at, at))
        values = {"state": row.data.get("state") or "offline", "reason": row.data.get("reason"), "began_at": at}
        await tx.execute(insert(figure_states).values(fact_id=row.id, agent_id=row.agent_id, **values))
    return bookings


async def behind(tx: Tx) -> tuple[int, datetime | None]:
    """How many facts are not counted yet (at most; ids may have gaps), and until when everything that is there is counted."""
    row = (await tx.execute(select(figure_progress).where(_p.name == ONE))).first()
    newest = int((await tx.execute(select(func.max(_f.id)))).scalar() or 0)
    if row is None:
        return newest, None
    return max(0, newest - int(row.fact_id)), (tx.now if newest <= row.fact_id else row.at)
