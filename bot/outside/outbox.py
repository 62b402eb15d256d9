"""What other systems are to be told: at the end of each transaction, one row for each of its facts about tickets and each destination.

The rows are written with the change itself, so that nothing is told that did not happen, and nothing that happened is left out. Without
Jira and webhooks a write costs a look at what it recorded.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert as pg_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from bot.conversations.records import facts
from bot.conversations.transcript import iso
from bot.ids import new_id
from bot.outside.records import deliveries, webhooks
from bot.store.database import Database, Tx
from bot.tickets.records import tickets

EVENTS = ("ticket_opened", "ticket_changed", "ticket_noted", "ticket_filed", "ticket_called", "ticket_alerted")
OF_JIRA = ("ticket_opened", "ticket_changed", "ticket_noted", "ticket_filed")
JIRA = "jira"
CHANGED = "webhooks"  # published when one is added or removed
# A webhook is told codes and ids: who may read more asks the API.
_TOLD = ("number", "kind", "topic", "product", "category", "status", "unit", "hop", "accepted", "priority", "channel", "version")
_TOLD_TIMES = ("created_at", "updated_at", "due_at", "hop_due_at", "closed_at")
_OF_FACT = ("what", "reason", "audience", "outcome", "scope", "hop", "mark", "due_at")
_from_jira: ContextVar[bool] = ContextVar("from_jira", default=False)
Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class _Hook:
    id: str
    events: frozenset[str]


@contextmanager
def from_jira() -> Iterator[None]:
    """What is written inside came from Jira: it is not told to Jira."""
    token = _from_jira.set(True)
    try:
        yield
    finally:
        _from_jira.reset(token)


class Outbox:
    """Writes the rows. Knows which webhooks there are until somebody says that they changed."""

    def __init__(self, db: Database, jira: bool) -> None:
        self._jira = jira
        self._hooks: list[_Hook] | None = None
        self._age = 0
        db.subscribe(self._heard)
        db.before_commit(self.queue)

    def _heard(self, topic: str, _data: Json) -> None:
        if topic in (CHANGED, "refresh"):
            self._hooks, self._age = None, self._age + 1

    async def queue(self, tx: Tx) -> None:
        """Tell what this transaction recorded."""
        told = [fact for fact in tx.rows.get(facts, ()) if fact["ticket"] and fact["kind"] in EVENTS]
        if not told:
            return
        hooks = self._hooks if self._hooks is not None else await self._look(tx)
        to_jira = self._jira and not _from_jira.get()
        if not hooks and not to_jira:
            return
        for number in dict.fromkeys(fact["ticket"] for fact in told):
            await self._queue(tx, number, [fact for fact in told if fact["ticket"] == number], hooks, to_jira)

    async def _queue(self, tx: Tx, number: str, told: list[Json], hooks: list[_Hook], to_jira: bool) -> None:
        row = await tx.find(tickets, number=number)
        before = await _status_before(tx, number) if to_jira else None
        for fact in told:
            event, data = new_id(), fact["data"]
            body = {"id": event, "event": fact["kind"], "at": iso(tx.now), **{name: data[name] for name in _OF_FACT if data.get(name)}}
            shown = _shown(row, data.get("state") or {})
            for hook in hooks:
                if fact["kind"] in hook.events:
                    await put(tx, f"webhook:{hook.id}", number, fact["kind"], f"webhook:{hook.id}:{event}", {**body, "ticket": shown})
            if to_jira and fact["kind"] in OF_JIRA:
                status = (data.get("state") or {}).get("status", before)
                wanted = {
                    "what": data.get("what"),
                    "before": before,
                    "status": status,
                    "note": data.get("note"),
                    "media": data.get("media"),
                }
                await put(tx, JIRA, number, fact["kind"], f"{JIRA}:{event}", wanted)
                before = status

    async def _look(self, tx: Tx) -> list[_Hook]:
        age = self._age
        rows = await tx.execute(select(webhooks.c.id, webhooks.c.events).where(webhooks.c.disabled_at.is_(None)))
        found = [_Hook(row.id, frozenset(row.events)) for row in rows]
        if age == self._age:
            self._hooks = found
        return found


async def put(tx: Tx, destination: str, subject: str, event: str, key: str, body: Json) -> bool:
    """One row, once for its key; False: it was there."""
    new_insert = sqlite_insert if tx.dialect == "sqlite" else pg_insert
    values: Json = {"destination": destination, "subject": subject, "event": event, "key": key, "body": body}
    values |= {"tries": 0, "due_at": tx.now, "created_at": tx.now, "failed": False}
    added = await tx.execute(new_insert(deliveries).values(**values).on_conflict_do_nothing(index_elements=["key"]))
    tx.publish("delivery")
    return bool(added.rowcount)


def _shown(row: Any, state: Json) -> Json:
    """The ticket as it was after the fact, as far as the fact tells; nothing about people."""
    shown = {name: getattr(row, name) for name in _TOLD} | {name: iso(getattr(row, name)) for name in _TOLD_TIMES}
    return shown | {name: state[name] for name in _TOLD if name in state}


async def _status_before(tx: Tx, number: str) -> str | None:
    kinds: Collection[str] = ("ticket_opened", "ticket_changed")
    last = select(facts.c.data).where(facts.c.ticket == number, facts.c.kind.in_(kinds)).order_by(facts.c.id.desc()).limit(1)
    data: Json = (await tx.execute(last)).scalar() or {}
    status: str | None = data.get("state", {}).get("status")
    return status
