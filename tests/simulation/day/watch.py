"""A look into the database from outside the service: is everything done for this instant, and when is the next thing due?

It reads with plain SQL on a connection of its own, so that looking costs little and disturbs nobody.
"""

from __future__ import annotations

import asyncio
import sqlite3
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

TIMER_LEASE, WORK_LEASE = timedelta(seconds=30), timedelta(seconds=60)
ABANDONED = timedelta(seconds=30, milliseconds=1)  # a send marked for longer belongs to a process that died


@dataclass(frozen=True, slots=True)
class Waiting:
    """A conversation that is with people. `customer`: the values of the customer's identities."""

    id: str
    owner: str
    agent: str | None
    episode: int
    urgent: bool
    queued_at: datetime | None
    waiting_since: datetime | None
    team: str


class Watch:
    """Opened once a day."""

    def __init__(self, url: str) -> None:
        self._sqlite = url.startswith("sqlite")
        self._address = url.partition(":///")[2] if self._sqlite else url.replace("+asyncpg", "")
        self._conn: Any = None
        self._one_at_a_time = asyncio.Lock()  # a connection answers one question after the other

    async def open(self) -> None:
        """Connect."""
        if self._sqlite:
            self._conn = sqlite3.connect(self._address, isolation_level=None)
        else:
            import asyncpg

            self._conn = await asyncpg.connect(self._address, server_settings={"application_name": "watch"})

    async def close(self) -> None:
        """Let go."""
        if self._sqlite:
            self._conn.close()
        else:
            await self._conn.close()

    async def rows(self, sql: str, *args: Any) -> list[Any]:
        """Rows of a statement whose places are `$1`, `$2` …"""
        if self._sqlite:
            given = [_text(a) if isinstance(a, datetime) else a for a in args]
            return list(self._conn.execute(sql.replace("$", "?"), given))
        async with self._one_at_a_time:
            return list(await self._conn.fetch(sql, *args))

    async def left(self, now: datetime) -> list[str]:
        """What is still to be done at `now` and in nobody's hands, in words."""
        todo = (
            "SELECT m.id, c.id FROM messages m JOIN conversations c ON c.id = m.conversation_id"
            " WHERE m.todo IS NOT NULL AND (c.lease_until IS NULL OR c.lease_until <= $1)"
        )
        found = [f"message {r[0]} of {r[1]} waits" for r in await self.rows(todo, now)]
        due = "SELECT kind, subject FROM timers WHERE due_at <= $1 AND (lease_until IS NULL OR lease_until <= $1)"
        found += [f"timer {r[0]} of {r[1]} is due" for r in await self.rows(due, now)]
        found += [f"message {key} is to be sent" for key, when in await self._outbox(now) if when <= now]
        pending = "SELECT id FROM media WHERE state = 'pending' AND channel = 'whatsapp' AND due_at <= $1"
        return found + [f"file {r[0]} is to be fetched" for r in await self.rows(pending, now)]

    async def due_topics(self, now: datetime) -> set[str]:
        """Whose look once a second finds something at `now`, by the signal that wakes them."""
        words = {"waits": "inbox", "sent": "outbox", "fetched": "media"}
        return {words[left.rpartition(" ")[2]] for left in await self.left(now) if left.rpartition(" ")[2] in words}

    async def in_hand(self, now: datetime) -> int:
        """Timers and conversations leased at this very instant: being handled, or left behind by a process that died over them."""
        timers = "SELECT count(*) FROM timers WHERE lease_until = $1"
        held = (
            "SELECT count(*) FROM conversations c WHERE c.lease_until = $1"
            " AND EXISTS (SELECT 1 FROM messages m WHERE m.conversation_id = c.id AND m.todo IS NOT NULL)"
        )
        return sum([(await self.rows(timers, now + TIMER_LEASE))[0][0], (await self.rows(held, now + WORK_LEASE))[0][0]])

    async def next_due(self, now: datetime, tickets: bool = True) -> datetime | None:
        """When the service has something to do next, later than `now`; without `tickets`, beside their clocks."""
        moments: list[datetime] = [when for _, when in await self._outbox(now) if when > now]
        which = "" if tickets else " WHERE kind <> 'sla'"
        for due, lease in await self.rows(f"SELECT due_at, lease_until FROM timers{which} ORDER BY due_at LIMIT 50"):
            moments.append(max(_moment(due), _moment(lease) if lease else _moment(due)))
        leased = (
            "SELECT min(c.lease_until) FROM conversations c WHERE c.lease_until > $1"
            " AND EXISTS (SELECT 1 FROM messages m WHERE m.conversation_id = c.id AND m.todo IS NOT NULL)"
        )
        pending = "SELECT min(due_at) FROM media WHERE state = 'pending' AND channel = 'whatsapp' AND due_at > $1"
        for sql in (leased, pending):
            moments += [_moment(r[0]) for r in await self.rows(sql, now) if r[0]]
        return min((m for m in moments if m > now), default=None)

    async def _outbox(self, now: datetime) -> list[tuple[str, datetime]]:
        """The first message of each conversation and when the sender may take it up."""
        rows = await self.rows("SELECT message_id, conversation_id, due_at, sending_since FROM outbox ORDER BY seq")
        if not rows:
            return []
        halted = await self.rows("SELECT until FROM halts")
        until = max((_moment(r[0]) for r in halted if r[0]), default=now)
        first: dict[str, tuple[str, datetime]] = {}
        for message, conversation, due, sending in rows:
            when = _moment(due)
            if sending:
                when = max(when, _moment(sending) + ABANDONED)
            first.setdefault(conversation, (message, max(when, until) if until > now else when))
        return list(first.values())

    async def last_fact(self) -> int:
        """The newest fact's number."""
        return (await self.rows("SELECT max(id) FROM facts"))[0][0] or 0

    async def with_people(self) -> list[Waiting]:
        """The conversations in the queue and with agents."""
        sql = "SELECT id, owner, agent_id, episode, urgent, queued_at, waiting_since, team FROM conversations WHERE owner IN ('queue', 'agent')"
        return [
            Waiting(r[0], r[1], r[2], r[3], bool(r[4]), _moment(r[5]) if r[5] else None, _moment(r[6]) if r[6] else None, r[7])
            for r in await self.rows(sql)
        ]

    async def identities(self, conversation: str) -> list[str]:
        """By what the conversation's customer is known."""
        sql = "SELECT i.value FROM identities i JOIN conversations c ON c.customer_id = i.customer_id WHERE c.id = $1"
        return [r[0] for r in await self.rows(sql, conversation)]

    async def timers_due(self, now: datetime) -> set[str]:
        """The conversations with a timer that falls due at this instant."""
        return {r[0] for r in await self.rows("SELECT subject FROM timers WHERE due_at <= $1", now)}

    async def shown(self, conversation: str) -> int:
        """The highest seq a live-chat client should have."""
        sql = "SELECT max(seq) FROM messages WHERE conversation_id = $1 AND NOT note AND kind NOT IN ('reaction', 'edit', 'revoke')"
        return int((await self.rows(sql, conversation))[0][0] or 0)

    async def newest(self, now: datetime) -> dict[str, int]:
        """Conversations of the live chat in which something was written at `now`, with their last seq."""
        sql = "SELECT id, last_seq FROM conversations WHERE channel = 'livechat' AND last_at = $1"
        return {r[0]: r[1] for r in await self.rows(sql, now)}

    async def silent_desks(self, now: datetime, seconds: float) -> set[str]:
        """Agents at work whose desk gave no sign of life for so long."""
        sql = "SELECT agent_id FROM presence WHERE state <> 'offline' AND seen_at < $1"
        return {r[0] for r in await self.rows(sql, now - timedelta(seconds=seconds))}

    async def states(self) -> dict[str, tuple[str, str | None]]:
        """Each agent's state and its reason."""
        return {r[0]: (r[1], r[2]) for r in await self.rows("SELECT agent_id, state, reason FROM presence")}

    async def offers(self) -> dict[tuple[str, int], tuple[str, int]]:
        """What is offered now, by conversation and episode: to whom, and the how manieth offer of the episode it is."""
        sql = (
            "SELECT o.conversation_id, o.episode, o.agent_id, (SELECT count(*) FROM offers e"
            " WHERE e.conversation_id = o.conversation_id AND e.episode = o.episode) FROM offers o WHERE o.ended_at IS NULL"
        )
        return {(r[0], r[1]): (r[2], r[3]) for r in await self.rows(sql)}


def _moment(value: Any) -> datetime:
    if isinstance(value, str):
        value = datetime.fromisoformat(value)
    return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def _text(value: datetime) -> str:
    return value.astimezone(UTC).replace(tzinfo=None).isoformat(" ", "microseconds")
