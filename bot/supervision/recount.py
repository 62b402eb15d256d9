"""The cells of single days, counted anew from the log: does what is kept agree, and put right what does not.

Everything a day's facts belong to is read whole; only what lies beside it in agents' hands is taken from the table of stays. A day is one
transaction, in which nobody else counts; who reads reports is not held up. Months are the sums of their days.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

from sqlalchemy import and_, delete, func, or_, select, update

from bot.client import Client
from bot.conversations.records import facts
from bot.store.database import Database, Tx
from bot.supervision.bookings import Bookings, Fact, start_of
from bot.supervision.cells import Cell, cells_of, row_of, store
from bot.supervision.records import figure_cells, figure_progress, figure_stays
from bot.supervision.sharing import handled, overlaps
from bot.supervision.standing import OF_CHANNELS, OF_TICKETS, in_state, stops, ticket
from bot.supervision.stays import beside, extent
from bot.supervision.story import KINDS, Stay, Story
from bot.supervision.tally import ONE, fact_of, facts_of

GRAINS = ("quarter", "hour", "day")
LATEST = timedelta(days=31)  # a customer's message that the channel brought later than this is not looked for
NEAR = timedelta(days=1)
_f, _c, _p, _s = facts.c, figure_cells.c, figure_progress.c, figure_stays.c
Kept = dict[Cell, dict[str, int]]


class Recount:
    """Counts days anew."""

    def __init__(self, db: Database, client: Client) -> None:
        self._db = db
        self._client = client

    async def run(self, begin: datetime, end: datetime, mend: bool) -> list[Cell]:
        """The rows of these days, and of their months, that the log does not bear out; with `mend` they are as the log has it now."""
        wrong: list[Cell] = []
        days = await self._days(begin, end)
        for day in days:
            async with self._db.write() as tx:
                last = (await tx.execute(select(_p.fact_id).where(_p.name == ONE).with_for_update())).scalar() or 0
                await tx.execute(update(figure_progress).where(_p.name == ONE).values(fact_id=last))
                after = start_of("day", day + timedelta(hours=36), self._client.zone)
                due = _cells(await self._bookings(tx, day, after, int(last)), self._client, day, after)
                wrong += await _compare(tx, await _kept(tx, GRAINS, day, after), due, mend)
        for month in sorted({start_of("month", day, self._client.zone) for day in days}):
            async with self._db.write() as tx:
                await tx.execute(select(_p.fact_id).where(_p.name == ONE).with_for_update())
                after = start_of("month", month + timedelta(days=45), self._client.zone)
                sums: dict[Cell, Counter[str]] = defaultdict(Counter)
                for (_, dimension, _, key), amounts in (await _kept(tx, ("day",), month, after)).items():
                    sums[("month", dimension, month, key)].update(amounts)
                wrong += await _compare(tx, await _kept(tx, ("month",), month, after), _nonzero(sums), mend)
        return wrong

    async def _days(self, begin: datetime, end: datetime) -> list[datetime]:
        """The starts of the days in the span of which there can be anything."""
        async with self._db.read() as tx:
            first = (await tx.execute(select(func.min(_f.at)))).scalar()
            last = (await tx.execute(select(func.max(_f.at)))).scalar()
        if first is None or last is None:
            return []
        day = start_of("day", max(begin, first - LATEST), self._client.zone)
        days = []
        while day < min(end, last + NEAR):
            days.append(day)
            day = start_of("day", day + timedelta(hours=36), self._client.zone)
        return days

    async def _bookings(self, tx: Tx, begin: datetime, end: datetime, last: int) -> Bookings:
        """What the facts up to `last` count for, all that lies in the day and some that lies beside it."""
        counted: Bookings = Bookings()
        stays: dict[str, set[Stay]] = defaultdict(set)
        conversations = await self._conversations(tx, begin, end)
        async for conversation, told in _stories(tx, _f.conversation_id, conversations, KINDS, last):
            found, held = Story(conversation, self._client.figures.targets.response_s * 1000).read(told)
            counted.update(found)
            for stay in held:
                stays[stay.agent].add(stay)
        for agent, own in stays.items():
            ended = {stay for stay in own if stay.ended_at is not None and overlaps(stay, begin, end)}
            if ended:
                others = {stay for stay in await beside(tx, agent, *extent(ended)) if stay.conversation not in conversations}
                counted.update(handled(ended, others | own))
        in_day = _f.kind.in_(OF_TICKETS) & (_f.at >= begin) & (_f.at < end)
        numbers = {number for number in (await tx.execute(select(_f.ticket).where(in_day).distinct())).scalars() if number}
        async for _, told in _stories(tx, _f.ticket, numbers, OF_TICKETS, last):
            counted.update(ticket(told))
        rows = await tx.execute(select(facts).where(_f.kind.in_(OF_CHANNELS), _f.id <= last).order_by(_f.id))
        counted.update(stops([fact_of(row) for row in rows]))
        for states in (await self._states(tx, begin, end, last)).values():
            counted.update(_passed(states))
        return counted

    async def _conversations(self, tx: Tx, begin: datetime, end: datetime) -> set[str]:
        """Those that can count for anything in the day: something happened to them then, was written then, or they were in somebody's hands."""
        here = _f.kind.in_(KINDS) & (_f.at >= begin) & (_f.at < end)
        late = (_f.kind == "message_received") & (_f.at >= end) & (_f.at < end + LATEST) & (_f.channel_at >= begin) & (_f.channel_at < end)
        found: set[str | None] = set()
        for which in (here, late):
            found.update((await tx.execute(select(_f.conversation_id).where(which).distinct())).scalars())
        held = (_s.began_at < end) & (_s.ended_at >= begin)
        found.update((await tx.execute(select(_s.conversation_id).where(held).distinct())).scalars())
        return {conversation for conversation in found if conversation}

    async def _states(self, tx: Tx, begin: datetime, end: datetime, last: int) -> dict[str, list[Fact]]:
        """Each agent's changes of state around the day, with the last one before and the first one after."""
        changes = (_f.kind == "agent_state_changed") & _f.agent_id.is_not(None) & (_f.id <= last)
        near = select(_f.id).where(changes, _f.at >= begin - NEAR, _f.at < end + NEAR)
        before = select(func.max(_f.id)).where(changes, _f.at < begin - NEAR).group_by(_f.agent_id)
        after = select(func.min(_f.id)).where(changes, _f.at >= end + NEAR).group_by(_f.agent_id)
        found: dict[str, list[Fact]] = defaultdict(list)
        for row in await tx.execute(select(facts).where(or_(*(_f.id.in_(ids) for ids in (near, before, after)))).order_by(_f.id)):
            found[row.agent_id].append(fact_of(row))
        return found


def _passed(states: Sequence[Fact]) -> Bookings:
    bookings: Bookings = Bookings()
    began: datetime | None = None
    for fact, following in pairwise(states):
        began = max(began or fact.at, fact.at)
        ended = max(began, following.at)
        bookings.update(in_state(fact.agent or "", fact.data.get("state") or "offline", fact.data.get("reason"), began, ended))
    return bookings


async def _stories(tx: Tx, column: Any, subjects: Iterable[str], kinds: Any, last: int) -> Any:
    for told in await facts_of(tx, column, sorted(subjects), kinds, last):
        for subject, mine in told.items():
            yield subject, mine


def _cells(bookings: Bookings, client: Client, begin: datetime, end: datetime) -> Kept:
    inside = Bookings({booking: amount for booking, amount in bookings.items() if begin <= booking[0] < end})
    return _nonzero(cells_of(inside, client.zone, GRAINS))


def _nonzero(cells: dict[Cell, Counter[str]]) -> Kept:
    due = {cell: {measure: amount for measure, amount in sorted(more.items()) if amount} for cell, more in cells.items()}
    return {cell: amounts for cell, amounts in due.items() if amounts}


async def _kept(tx: Tx, grains: Sequence[str], begin: datetime, end: datetime) -> Kept:
    wanted = select(figure_cells).where(_c.grain.in_(grains), _c.start >= begin, _c.start < end)
    return {(row.grain, row.dimension, row.start, row.key): row.amounts for row in await tx.execute(wanted)}


async def _compare(tx: Tx, kept: Kept, due: Kept, mend: bool) -> list[Cell]:
    wrong = sorted(cell for cell in {*kept, *due} if kept.get(cell) != due.get(cell))
    if mend:
        for part in _parts(wrong):
            which = (and_(_c.grain == g, _c.dimension == d, _c.start == start, _c.key == key) for g, d, start, key in part)
            await tx.execute(delete(figure_cells).where(or_(*which)))
        await store(tx, (row_of(cell, due[cell]) for cell in wrong if cell in due))
    return wrong


def _parts(cells: Sequence[Cell]) -> Iterator[Sequence[Cell]]:
    for first in range(0, len(cells), 100):
        yield cells[first : first + 100]
