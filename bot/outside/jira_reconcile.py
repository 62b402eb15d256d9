"""At the start and every hour: which issues changed since the last look. What webhooks missed is made up for."""

from __future__ import annotations

import hashlib
import logging
import math
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert as pg_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from bot.conversations.timers import Due, drop_timer, set_timer, take_out
from bot.dialogue.unit import Library
from bot.outside.jira import Jira, JiraAway, JiraRefused
from bot.outside.jira_web import look_at
from bot.outside.records import jira_inbox
from bot.store.database import Database, Tx
from bot.tickets.records import tickets

log = logging.getLogger(__name__)
TIMER, SUBJECT = "jira", "reconcile"
EVERY, SOON = timedelta(hours=1), timedelta(minutes=1)
FIRST = timedelta(days=1)  # how far the very first look goes back
OVERLAP = timedelta(minutes=5)  # clocks differ, and search is a little behind
AT_ONCE = 50  # issues a transaction


class Reconciliation:
    """The handler of timers of kind 'jira'."""

    def __init__(self, db: Database, library: Library, jira: Jira) -> None:
        self._db = db
        self._project = library.client.ticketing.jira.project
        self._jira = jira

    async def begin(self) -> None:
        """Look now, and every hour from then on."""
        async with self._db.write() as tx:
            await set_timer(tx, TIMER, SUBJECT, tx.now)

    async def fire(self, due: Due) -> None:
        """Page through what changed; the last look is noted when all of it was seen."""
        started = self._db.clock.now()
        try:
            found = await self._page_through(started)
        except (JiraAway, JiraRefused) as error:
            log.warning("Jira cannot be reconciled now: %s", error)
            again = SOON
        else:
            again = EVERY
        async with self._db.write() as tx:
            if again == EVERY:
                await _note(tx, started, found)
            if await take_out(tx, due):
                await set_timer(tx, TIMER, SUBJECT, started + again)

    async def _page_through(self, started: datetime) -> int:
        async with self._db.read() as tx:
            last = (await tx.execute(select(jira_inbox.c.at).where(jira_inbox.c.id == SUBJECT))).scalar()
        back = started - (last or started - FIRST) + OVERLAP
        # Relative, for a date would be read in the account's time zone.
        jql = f'project = "{self._project}" AND updated >= "-{math.ceil(back.total_seconds() / 60)}m" ORDER BY updated ASC'
        looks, waiting = 0, dict[str, str]()
        async for issue in self._jira.search(jql, "updated"):
            waiting[str(issue["key"])] = str((issue.get("fields") or {}).get("updated", ""))
            if len(waiting) >= AT_ONCE:
                looks += await self._look_at(waiting)
                waiting = {}
        return looks + await self._look_at(waiting)

    async def _look_at(self, issues: dict[str, str]) -> int:
        async with self._db.write() as tx:
            ours = await tx.execute(select(tickets.c.number, tickets.c.jira_key).where(tickets.c.jira_key.in_(list(issues))))
            looks = 0
            for row in ours.all():
                once = hashlib.sha256(f"{row.jira_key} {issues[row.jira_key]}".encode("utf-8", "replace")).hexdigest()
                looks += await look_at(tx, row.number, once)
        return looks


async def forget(db: Database) -> None:
    """Without Jira nothing is to be reconciled, whatever was set before."""
    async with db.write() as tx:
        await drop_timer(tx, TIMER, SUBJECT)


async def _note(tx: Tx, at: datetime, looks: int) -> None:
    new_insert = sqlite_insert if tx.dialect == "sqlite" else pg_insert
    values = {"at": at, "issue": "-", "event": "reconcile", "outcome": f"{looks} to be looked at"}
    statement = new_insert(jira_inbox).values(id=SUBJECT, **values)
    await tx.execute(statement.on_conflict_do_update(index_elements=["id"], set_=values))
