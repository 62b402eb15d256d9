"""Agents' stays with conversations as a table: when some change, so does what others beside them count for, as they share the agent's time."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import delete, insert, or_, select, tuple_

from bot.store.database import Tx
from bot.supervision.bookings import Bookings, difference
from bot.supervision.records import figure_stays
from bot.supervision.sharing import handled, overlaps
from bot.supervision.story import Stay

_s = figure_stays.c
AT_ONCE = 300


@dataclass
class Change:
    """Stays that are no longer as they were, and what they are now; by agent."""

    gone: dict[str, set[Stay]] = field(default_factory=lambda: defaultdict(set))
    new: dict[str, set[Stay]] = field(default_factory=lambda: defaultdict(set))

    def note(self, before: Iterable[Stay], after: Iterable[Stay]) -> None:
        """A conversation's stays as they were and as they are."""
        old, now = set(before), set(after)
        for stay in old - now:
            self.gone[stay.agent].add(stay)
        for stay in now - old:
            self.new[stay.agent].add(stay)


async def change(tx: Tx, changed: Change) -> Bookings:
    """Write the change; what all stays that it touches count for now beyond what they did."""
    bookings: Bookings = Bookings()
    plans = []
    for agent in sorted({*changed.gone, *changed.new}):
        gone, new = changed.gone.get(agent, set()), changed.new.get(agent, set())
        began, ended = extent(gone | new)
        touched = {stay for stay in await beside(tx, agent, began, ended) if stay.ended_at is not None and overlaps(stay, began, ended)}
        if counting := {stay for stay in touched | gone | new if stay.ended_at is not None}:  # who is still in hand counts for nothing yet
            before = await beside(tx, agent, *extent(counting))
            bookings.update(difference(handled((touched - gone) | new, (before - gone) | new), handled(touched | gone, before)))
        plans.append((gone, new))
    removed = [stay for gone, _ in plans for stay in gone]
    for first in range(0, len(removed), AT_ONCE):
        named = [(stay.conversation, stay.number) for stay in removed[first : first + AT_ONCE]]
        await tx.execute(delete(figure_stays).where(tuple_(_s.conversation_id, _s.number).in_(named)))
    if rows := [_row(stay) for _, new in plans for stay in new]:
        await tx.execute(insert(figure_stays), rows)
    return bookings


def extent(stays: Iterable[Stay]) -> tuple[datetime, datetime | None]:
    """From when until when they lie; None is without an end."""
    all_of_them = list(stays)
    ends = [stay.ended_at for stay in all_of_them]
    return min(stay.began_at for stay in all_of_them), None if None in ends else max(end for end in ends if end is not None)


async def beside(tx: Tx, agent: str, began: datetime, ended: datetime | None) -> set[Stay]:
    """An agent's stays that lie in a span of time, at least in part; None is without an end."""
    wanted = select(figure_stays).where(_s.agent_id == agent, or_(_s.ended_at.is_(None), _s.ended_at >= began))
    if ended is not None:
        wanted = wanted.where(_s.began_at <= ended)
    return {_stay(row) for row in await tx.execute(wanted)}


def _stay(row: Any) -> Stay:
    return Stay(row.conversation_id, row.number, row.agent_id, row.channel, row.team, row.topic, row.began_at, row.ended_at, row.wrap_ms)


def _row(stay: Stay) -> dict[str, Any]:
    values = asdict(stay)
    return {"conversation_id": values.pop("conversation"), "agent_id": values.pop("agent"), **values}
