"""What Jira has that we have not: a changed status, comments, files. A webhook says only where to look; what is true is asked.

So a webhook that comes twice, late or out of order does no harm, and one that never comes is made up for by the hourly reconciliation
(jira_reconcile.py), which looks in the same way.
"""

from __future__ import annotations

import asyncio
import hashlib
import re
from typing import Any

from sqlalchemy import select
from sqlalchemy.engine import Row

from bot.channels.files import Files, safe_name, sniff
from bot.channels.records import media
from bot.conversations import facts
from bot.conversations.secrets import hide_secrets
from bot.dialogue.unit import Library
from bot.ids import new_id
from bot.outside import mirrors
from bot.outside.jira import Jira, JiraRefused, TooLarge
from bot.outside.outbox import JIRA, from_jira
from bot.outside.records import deliveries
from bot.store.database import Database, Tx
from bot.tickets import service as tickets
from bot.tickets.flow import SYSTEM, WAITING, Actor, Refused, State, after
from bot.tickets.records import ticket_files, ticket_notes

COMMENT = 8000  # most characters kept
SOLVED_THERE = "Tindak lanjut telah selesai."
Json = dict[str, Any]


class Reader:
    """Looks at one ticket's issue and takes over what is new."""

    def __init__(self, db: Database, library: Library, jira: Jira, files: Files, most: int) -> None:
        self._db = db
        self._library = library
        self._rules = library.client.ticketing.jira
        self._jira = jira
        self._files = files
        self._most = most

    async def look(self, ticket: Row[Any]) -> str:
        """What was found new, in a word. Raises JiraAway, JiraRefused."""
        key, number = ticket.jira_key, ticket.number
        if key is None:
            return "no issue"
        issue = await self._jira.issue(key)
        comments = [each async for each in self._jira.comments(key)]
        attachments = [each for each in issue.get("attachment") or [] if isinstance(each, dict)]
        fetched = await self._fetch(number, attachments)
        status = str((issue.get("status") or {}).get("name", ""))
        with from_jira():
            async with self._db.write() as tx:
                row = await tickets.locked(tx, number)
                found = [
                    await self._status(tx, row, key, status),
                    await self._comments(tx, row, comments),
                    await self._keep(tx, row, fetched),
                ]
        return ", ".join(each for each in found if each) or "nothing new"

    async def _status(self, tx: Tx, row: Row[Any], key: str, status: str) -> str:
        """Do here what a change of the status there means."""
        if not status or await mirrors.theirs(tx, mirrors.STATUS, row.number) == mirrors.status_seen(key, status):
            return ""
        await mirrors.keep_status(tx, row.number, key, status)
        action = self._rules.statuses.get(status)
        if action is None or await self._ours_is_on_its_way(tx, row.number):
            return ""
        state, asker = tickets.state_of(row), await tickets.asker_of(tx, row.number)
        todo = steps(state, action)
        try:
            for step in todo:  # all of it, or nothing
                state = after(state, step, SYSTEM, self._library.client.ticketing, asker, {})
            for step in todo:
                given: Json = {"reason": "belum_selesai"} if step == "reopen" else {"quiet": step in ("accept", "wait")}
                if step in ("solve", "confirm"):
                    given = {"resolution": row.resolution or SOLVED_THERE, "how": "system"}
                await tickets.act(tx, self._library, row.number, step, SYSTEM, given)
        except Refused as refused:
            text = f"Status di Jira ({key}) menjadi '{status}', tetapi tidak dapat diikuti: {refused}"
            await tickets.add_note(tx, row, SYSTEM, text, "internal")
            await tickets.touch(tx, self._library, row)
            return f"{status} refused"
        return status

    async def _ours_is_on_its_way(self, tx: Tx, number: str) -> bool:
        """Whether Jira has still to be told of a change here: then ours holds."""
        todo = deliveries.c.done_at.is_(None) & (deliveries.c.event == "ticket_changed")
        mine = (deliveries.c.destination == JIRA) & (deliveries.c.subject == number)
        rules = self._rules.transitions
        rows = await tx.execute(select(deliveries.c.body).where(mine, todo))
        return any(rules.get(body.get("status")) not in (None, rules.get(body.get("before"))) for (body,) in rows)

    async def _comments(self, tx: Tx, row: Row[Any], comments: list[Json]) -> str:
        known, new = await mirrors.known(tx, mirrors.COMMENT, row.number), 0
        for comment in comments:
            theirs, body = str(comment.get("id", "")), str(comment.get("body", "")).strip()
            if not theirs or theirs in known or not body:
                continue
            ours = mirrors.note_of(body)
            if ours is not None and await tx.find(ticket_notes, id=ours, ticket=row.number) is not None:
                await mirrors.keep(tx, mirrors.COMMENT, ours, theirs, row.number)  # our own, whose answer was lost
                continue
            name = str((comment.get("author") or {}).get("displayName") or "Jira")[:100]
            text, once = hide_secrets(_clean(body))[0][:COMMENT], f"jira:{theirs}"[:64]
            if await tickets.add_note(tx, row, Actor("jira", f"{name} (Jira)", None), text, "internal", once):
                new += 1
            note = (await tx.execute(select(ticket_notes.c.id).where(ticket_notes.c.client_id == once))).scalar_one()
            await mirrors.keep(tx, mirrors.COMMENT, note, theirs, row.number)
        if new:
            await tickets.touch(tx, self._library, row)
        return f"{new} comments" if new else ""

    async def _fetch(self, number: str, attachments: list[Json]) -> list[tuple[str, str, bytes | None, str]]:
        """(their id, name, bytes or None, ours or why not) of each file that is not known."""
        async with self._db.read() as tx:
            known = await mirrors.known(tx, mirrors.FILE, number)
            own = set((await tx.execute(select(ticket_files.c.media_id).where(ticket_files.c.ticket == number))).scalars())
        fetched: list[tuple[str, str, bytes | None, str]] = []
        for each in attachments:
            theirs, name = str(each.get("id", "")), str(each.get("filename", ""))
            if not theirs or theirs in known:
                continue
            ours = mirrors.media_of(name)
            if ours in own and ours is not None:
                fetched.append((theirs, name, None, ours))
                continue
            try:
                data = await self._jira.content(theirs, self._most)
            except TooLarge:
                fetched.append((theirs, name, None, "terlalu besar"))
            except JiraRefused:
                fetched.append((theirs, name, None, "tidak dapat diambil"))
            else:
                good = sniff(data[:16], name) is not None
                fetched.append((theirs, name, data if good else None, "" if good else "jenis berkas tidak diterima"))
        return fetched

    async def _keep(self, tx: Tx, row: Row[Any], fetched: list[tuple[str, str, bytes | None, str]]) -> str:
        known, new = await mirrors.known(tx, mirrors.FILE, row.number), 0
        for theirs, name, data, said in fetched:
            if theirs in known:
                continue
            new += 1
            if data is None:
                if len(said) == 26:
                    await mirrors.keep(tx, mirrors.FILE, said, theirs, row.number)
                    continue
                await mirrors.keep(tx, mirrors.FILE, f"refused:{theirs}", theirs, row.number)
                await tickets.add_note(tx, row, SYSTEM, f"Lampiran '{safe_name(name)}' di Jira tidak disimpan: {said}.", "internal")
                continue
            await self._store(tx, row, theirs, name, data)
        if new:
            await tickets.touch(tx, self._library, row)
        return f"{new} files" if new else ""

    async def _store(self, tx: Tx, row: Row[Any], theirs: str, name: str, data: bytes) -> None:
        found = sniff(data[:16], name)
        assert found is not None
        (mime, kind), file = found, new_id()
        await asyncio.to_thread(self._files.write, file, data)
        about: Json = {"kind": kind, "name": safe_name(name), "mime": mime, "size": len(data), "sha256": hashlib.sha256(data).hexdigest()}
        about |= {"channel": "jira", "customer_id": row.customer_id, "state": "stored", "tries": 0, "created_at": tx.now}
        await tx.insert(media, id=file, **about)
        await tx.insert(ticket_files, ticket=row.number, media_id=file, by_id="jira", at=tx.now)
        await mirrors.keep(tx, mirrors.FILE, file, theirs, row.number)
        await facts.record(tx, "ticket_filed", customer=row.customer_id, agent="jira", ticket=row.number, media=file)


def steps(state: State, action: str) -> list[str]:
    """What is to be done for an action of the client's mapping, from the state the ticket is in. Pure."""
    if action == "reopen":
        return ["reopen"] if state.closed else []
    if action in ("confirm", "solve", "no_response"):
        if state.closed:
            return []
        end = "confirm" if state.status == "confirming" else "no_response" if action == "no_response" else "solve"
        return [*([] if state.accepted else ["accept"]), end]
    if action == "wait" and state.status == "waiting_customer":
        return []
    if action == "work":
        if state.status in WAITING:
            return ["resume"]
        if not state.accepted and not state.closed:
            return ["accept"]
        return [] if state.status in ("in_progress", "analysis", "waiting_support") else ["work"]
    return [*([] if state.accepted or state.closed else ["accept"]), action]


_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")


def _clean(text: str) -> str:
    whole = text.replace("\r\n", "\n").encode("utf-8", "replace").decode()
    return _CONTROL.sub("", whole)
