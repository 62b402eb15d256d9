"""What becomes of a change in Jira: a request, a comment, a transition, an attachment; or a look at what Jira has that we have not.

From the second try on, what may have arrived is looked for before it is sent again.
"""

from __future__ import annotations

import asyncio
import logging
from typing import Any

from sqlalchemy import update
from sqlalchemy.engine import Row

from bot.channels.files import Files
from bot.channels.records import media
from bot.client_tickets import Jira as Mapping
from bot.conversations.transcript import iso
from bot.dialogue.unit import Library
from bot.outside import mirrors
from bot.outside.jira import Jira, JiraAway, JiraRefused
from bot.outside.jira_in import Reader
from bot.outside.outcomes import Again, Done, Failed, Outcome
from bot.store.database import Database
from bot.tickets.records import ticket_notes, tickets

log = logging.getLogger(__name__)
FOUND_AFTER_S = 60.0  # a new issue may not be found by search sooner
_TIMES = ("created_at", "due_at", "promised_at")


class JiraCourier:
    """Brings a ticket's changes to Jira."""

    def __init__(self, db: Database, library: Library, jira: Jira, files: Files, reader: Reader) -> None:
        self._db = db
        self._library = library
        self._rules: Mapping = library.client.ticketing.jira
        self._jira = jira
        self._files = files
        self._reader = reader

    async def deliver(self, row: Row[Any], tries: int) -> Outcome:
        """Bring one change, or look."""
        try:
            async with self._db.read() as tx:
                ticket = await tx.find(tickets, number=row.subject)
            if ticket is None:
                return Done("no such ticket")
            if row.event == "look":
                return Done(await self._reader.look(ticket))
            if not ticket.jira_key and ticket.kind not in self._rules.request_types:
                return Done("tickets of this kind stay here")
            key = ticket.jira_key or await self._request(ticket, tries)
            match row.event:
                case "ticket_noted":
                    return Done(await self._comment(ticket, key, row.body.get("note"), tries))
                case "ticket_filed":
                    return Done(await self._attach(ticket, key, row.body.get("media"), tries))
                case "ticket_changed":
                    return await self._transition(ticket, key, row.body, tries)
            return Done(key)
        except JiraAway as away:
            return Again(str(away), _wait(away, row.event), away=away.whole)
        except JiraRefused as refused:
            return Failed(str(refused))

    async def _request(self, ticket: Row[Any], tries: int) -> str:
        """The ticket's issue, made unless an earlier try made it."""
        key = await self._find(ticket.number) if tries > 1 else None
        if key is None:
            try:
                key = await self._jira.create(self._rules.service_desk, self._rules.request_types[ticket.kind], self._fields(ticket))
            except JiraAway as away:
                if away.uncertain:
                    raise JiraAway(str(away), after=max(FOUND_AFTER_S, away.after or 0), uncertain=True, whole=away.whole) from None
                raise
        async with self._db.write() as tx:
            await tx.execute(update(tickets).where(tickets.c.number == ticket.number, tickets.c.jira_key.is_(None)).values(jira_key=key))
            tx.publish("ticket", number=ticket.number)
        return key

    async def _find(self, number: str) -> str | None:
        """The issue whose summary begins with our number."""
        jql = f'project = "{self._rules.project}" AND summary ~ "\\"{number}\\"" ORDER BY created ASC'
        async for issue in self._jira.search(jql, "summary"):
            if str((issue.get("fields") or {}).get("summary", "")).startswith(f"[{number}]"):
                return str(issue["key"])
        return None

    def _fields(self, ticket: Row[Any]) -> dict[str, Any]:
        fields: dict[str, Any] = {"summary": f"[{ticket.number}] {ticket.summary}"[:255], "description": ticket.detail or ticket.summary}
        if name := self._rules.priorities.get(ticket.priority):
            fields["priority"] = {"name": name}
        for ours, theirs in self._rules.fields.items():
            value = getattr(ticket, ours, None)
            if value is not None:
                fields[theirs] = iso(value) if ours in _TIMES else value
        return fields

    async def _comment(self, ticket: Row[Any], key: str, note: str | None, tries: int) -> str:
        async with self._db.read() as tx:
            row = await tx.find(ticket_notes, id=note) if note else None
            there = await mirrors.theirs(tx, mirrors.COMMENT, note) if note else None
        if row is None or there is not None:
            return there or "no such note"
        comment: str | None = None
        if tries > 1:
            async for each in self._jira.comments(key):
                if mirrors.note_of(str(each.get("body", ""))) == row.id:
                    comment = str(each.get("id"))
        if comment is None:
            comment = await self._jira.comment(key, mirrors.signed(row.text, row.author, row.id), row.audience == "customer")
        async with self._db.write() as tx:
            await mirrors.keep(tx, mirrors.COMMENT, row.id, comment, ticket.number)
        return comment

    async def _attach(self, ticket: Row[Any], key: str, file: str | None, tries: int) -> str:
        async with self._db.read() as tx:
            row = await tx.find(media, id=file) if file else None
            there = await mirrors.theirs(tx, mirrors.FILE, file) if file else None
        if row is None or there is not None or not self._files.path(row.id).is_file():
            return there or "no such file"
        name, attachment = mirrors.named(row.name, row.id), None
        if tries > 1:
            listed = (await self._jira.issue(key)).get("attachment") or []
            attachment = next((str(each["id"]) for each in listed if each.get("filename") == name), None)
        if attachment is None:
            data = await asyncio.to_thread(self._files.path(row.id).read_bytes)
            attachment = await self._jira.attach(key, name, row.mime, data)
        async with self._db.write() as tx:
            await mirrors.keep(tx, mirrors.FILE, row.id, attachment, ticket.number)
        return attachment

    async def _transition(self, ticket: Row[Any], key: str, body: dict[str, Any], tries: int) -> Outcome:
        wanted = self._rules.transitions.get(str(body.get("status")))
        if wanted is None or wanted == self._rules.transitions.get(str(body.get("before"))):
            return Done("nothing to do in Jira")
        offered = await self._jira.transitions(key)
        found = next((each for each in offered if str(each.get("name", "")).casefold() == wanted.casefold()), None)
        if found is None:
            if tries > 1:
                return Done(f"'{wanted}' is not offered any more: taken before")
            return Failed(f"Jira does not offer '{wanted}' in the issue's status")
        await self._jira.transition(key, str(found["id"]))
        status = str((found.get("to") or {}).get("name", ""))
        async with self._db.write() as tx:
            await mirrors.keep_status(tx, ticket.number, key, status)
        return Done(status)


def _wait(away: JiraAway, event: str) -> float | None:
    return away.after if event != "look" or away.after is None else min(away.after, 300)
