"""The assist at work: each customer's message with a person is read, stored with what is suggested, and shown to the desk."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert as pg_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.engine import Row

from bot.assist.fates import settle, suggestions_of
from bot.assist.filling import fill, values_for
from bot.assist.flags import client_flags
from bot.assist.ranking import Shelf, Suggestion
from bot.assist.reading import Reader, Situation, Spoken
from bot.assist.records import assists, canned_replies
from bot.assist.shelf import of_client
from bot.assist.summary import summary
from bot.assist.telling import context_of, story_of
from bot.assist.words import client_words
from bot.client import Client
from bot.conversations.ownership import Owner
from bot.conversations.records import messages
from bot.conversations.service import get
from bot.conversations.transcript import HIDDEN_KINDS
from bot.customers.records import customers
from bot.dialogue.engine import Engines, EngineUnavailable
from bot.dialogue.unit import Library
from bot.store.database import Database, Tx
from bot.tickets.records import tickets

log = logging.getLogger(__name__)
WITH_PEOPLE = (Owner.QUEUE, Owner.AGENT)
READ = 40  # messages of the conversation that are looked at
PARSED = 1000  # characters
SOLVED = "solved"
Json = dict[str, Any]


class Assist:
    """Suggests, and tells the story so far. The index is built once; a reply changed at the desk builds it anew, beside the loop."""

    def __init__(self, db: Database, library: Library, engines: Engines | None = None) -> None:
        self.db = db
        self.client: Client = library.client
        self._engines = engines
        self._words = client_words()
        self._reader = Reader(self.client, self._words, client_flags())
        self._shelf: Shelf | None = None
        self._changes = 0  # of the replies, as far as they were heard of
        self._building = asyncio.Lock()
        db.subscribe(self._heard)

    async def warm(self) -> None:
        """Build the index, so that the first message does not wait for it."""
        async with self.db.read() as tx:
            await self._answers(tx)

    # --- for the worker

    async def read(self, message: Row[Any], insight: Mapping[str, Any] | None) -> Json | None:
        """What to offer for a message, to be stored with `keep`; None where no person has the conversation. Never raises."""
        try:
            async with self.db.read() as tx:
                row = await get(tx, message.conversation_id)
                if row is None or row.owner not in WITH_PEOPLE:
                    return None
                return await self._read(tx, row, message, insight)
        except Exception:
            log.exception("nothing can be suggested for message %s", message.id)
            return None

    async def keep(self, tx: Tx, message: Row[Any], offered: Json) -> None:
        """Store what is offered for a message, once, and tell the desks."""
        took = max(0.0, (tx.now - message.created_at).total_seconds())
        new_insert = sqlite_insert if tx.dialect == "sqlite" else pg_insert
        values = {"message_id": message.id, "conversation_id": message.conversation_id, "at": tx.now, "took_s": took, "fates": {}}
        offered = {"message": offered["message"], "took_ms": round(took * 1000), **{k: v for k, v in offered.items() if k != "message"}}
        statement = new_insert(assists).values(**values, offered=offered).on_conflict_do_nothing(index_elements=["message_id"])
        if (await tx.execute(statement)).rowcount:
            tx.publish("assist", conversation=message.conversation_id, message=message.id)

    async def handed_over(self, message: Row[Any]) -> None:
        """A turn is over: where it gave the conversation to people, its message is read for them. Never raises."""
        try:
            async with self.db.read() as tx:
                row = await get(tx, message.conversation_id)
            if row is None or row.owner not in WITH_PEOPLE or not message.text.strip():
                return
            offered = await self.read(message, await self._parse(message))
            if offered is not None:
                async with self.db.write() as tx:
                    await self.keep(tx, message, offered)
        except Exception:
            log.exception("nothing can be suggested for message %s", message.id)

    # --- for the desk

    async def show(self, conversation: str, name: str) -> Json | None:
        """The newest assist and the summary, for the colleague `name`; None for no such conversation."""
        async with self.db.read() as tx:
            row = await get(tx, conversation)
            if row is None:
                return None
            missed = await self._missed(tx, row)
        if missed is not None:
            await self.handed_over(missed)
        async with self.db.read() as tx:
            kept = await newest(tx, conversation)
            shown = await self.shown(tx, row, kept, name) if kept is not None else None
            return {"assist": shown, "summary": summary(await story_of(tx, row, self.client, self._reader))}

    async def shown(self, tx: Tx, row: Row[Any], kept: Row[Any], name: str) -> Json:
        """A kept assist as one colleague sees it: places filled in, duplicates as they are now."""
        texts = await self.texts(tx, row, kept.offered["suggestions"], name)
        suggestions = [{**each, "text": texts[each["id"]]} for each in kept.offered["suggestions"]]
        return {**kept.offered, "suggestions": suggestions, "duplicates": await self._duplicates(tx, row, kept.offered)}

    async def told(self, tx: Tx, conversation: str, ids: Iterable[str], name: str) -> list[Json]:
        """What was just offered for messages of a conversation, as one colleague sees it."""
        row = await get(tx, conversation)
        found = (await tx.execute(select(assists).where(assists.c.message_id.in_(sorted(ids))).order_by(assists.c.message_id))).all()
        return [await self.shown(tx, row, each, name) for each in found] if row is not None else []

    async def settle(self, tx: Tx, row: Row[Any], agent: str, name: str, text: str, suggestion: Mapping[str, str] | None) -> str | None:
        """A reply of the agent `name` was sent: what was still open in the conversation gets its fate. The caller holds the row.

        Returns the fate of the suggestion that the text came from.
        """
        texts = None
        if suggestion is not None:
            kept = await tx.find(assists, message_id=suggestion["message"])
            if kept is not None and kept.conversation_id == row.id:
                texts = await self.texts(tx, row, suggestions_of(kept), name)
        return await settle(tx, row, agent, text, suggestion, texts)

    async def texts(self, tx: Tx, row: Row[Any], suggestions: Sequence[Json], name: str) -> dict[str, str]:
        """How suggestions read for a colleague, by id."""
        values = await self.values(tx, row, name)
        return {each["id"]: fill(each["text"], values) if each["kind"] == "canned" else each["text"] for each in suggestions}

    async def values(self, tx: Tx, row: Row[Any] | None, name: str) -> dict[str, str | None]:
        """What the places of canned replies stand for in a conversation."""
        if row is None:
            return values_for(self.client, tx.now, agent=name)
        customer = (await tx.execute(select(customers.c.name).where(customers.c.id == row.customer_id))).scalar()
        made = select(tickets.c.number).where(tickets.c.conversation_id == row.id).order_by(tickets.c.created_at.desc()).limit(1)
        return values_for(self.client, tx.now, name=customer, agent=name, ticket=(await tx.execute(made)).scalar())

    # --- inside

    async def _read(self, tx: Tx, row: Row[Any], message: Row[Any], insight: Mapping[str, Any] | None) -> Json:
        m = messages.c
        own = (m.conversation_id == row.id) & (m.author == "customer") & (m.seq <= message.seq) & m.revoked.is_(False) & (m.text != "")
        found = (await tx.execute(select(m.id, m.text, m.content).where(own).order_by(m.seq.desc()).limit(READ))).all()
        spoken = [Spoken(each.text, (each.content or {}).get("insight")) for each in reversed(found) if each.id != message.id]
        ours = (m.conversation_id == row.id) & m.author.in_(("agent", "bot")) & m.note.is_(False) & (m.seq < message.seq)
        said = (await tx.execute(select(m.text).where(ours).order_by(m.seq.desc()).limit(1))).scalar()
        context = await context_of(tx, row)
        slots = context.get("slots")
        situation = Situation(
            [*spoken, Spoken(message.text, insight)],
            tx.now,
            row.topic,
            row.team,
            context.get("form"),
            slots if isinstance(slots, Mapping) else {},
            (said or "")[:PARSED],
        )
        offered = self._reader.read(message.id, situation, await self._answers(tx))
        return {**offered, "duplicates": await self._duplicates(tx, row, offered)}

    async def _parse(self, message: Row[Any]) -> Mapping[str, Any] | None:
        if self._engines is None:
            return (message.content or {}).get("insight")
        try:
            return await self._engines.parse(message.conversation_id, message.text[:PARSED])
        except EngineUnavailable:
            return (message.content or {}).get("insight")

    async def _missed(self, tx: Tx, row: Row[Any]) -> Row[Any] | None:
        """The customer's newest message with words, if it was not read for people and nobody is about to."""
        m = messages.c
        own = (m.conversation_id == row.id) & (m.author == "customer") & m.kind.not_in(HIDDEN_KINDS) & (m.text != "")
        last = (await tx.execute(select(messages).where(own).order_by(m.seq.desc()).limit(1))).first()
        if last is None or last.todo is not None:
            return None
        return None if await tx.find(assists, message_id=last.id) is not None else last

    async def _duplicates(self, tx: Tx, row: Row[Any], offered: Json) -> list[Json]:
        """The customer's open tickets on the topic. Those of other conversations only once verification has unlocked them."""
        form = (offered.get("prefill") or {}).get("ticket") or {}
        topic = form.get("topic") or (offered.get("topic") or {}).get("id")
        t = tickets.c
        where = (t.customer_id == row.customer_id) & (t.topic == topic) & (t.status != SOLVED)
        if not unlocks(self.client, row.verified, "tickets"):
            where = where & (t.conversation_id == row.id)
        found = await tx.execute(select(t.number, t.summary, t.status).where(where).order_by(t.created_at.desc()).limit(5))
        statuses = self.client.tickets.statuses
        return [
            {"number": r.number, "summary": r.summary, "status": {"id": r.status, "label": statuses.get(r.status, r.status)}} for r in found
        ]

    def _heard(self, topic: str, _data: Json) -> None:
        if topic in ("replies", "refresh"):
            self._changes += 1
            self._shelf = None

    async def _answers(self, tx: Tx) -> Shelf:
        if (shelf := self._shelf) is not None:
            return shelf
        async with self._building:
            if (shelf := self._shelf) is not None:
                return shelf
            before = self._changes
            shelf = await self._build(tx)
            if before == self._changes:  # otherwise it is old already, and the next message builds it again
                self._shelf = shelf
            return shelf

    async def _build(self, tx: Tx) -> Shelf:
        c = canned_replies.c
        shared = select(canned_replies).where(c.scope.in_(("all", "team")), c.active.is_(True)).order_by(c.id).limit(2000)
        rows = (await tx.execute(shared)).all()
        answers = [*of_client(self.client), *map(_of_row, rows)]
        return await asyncio.to_thread(Shelf, answers, self._words)


def _of_row(row: Row[Any]) -> Suggestion:
    holder = row.holder if row.scope == "team" else ""
    return Suggestion(f"r:{row.id}", "canned", row.title, row.text, tuple(row.topics or ()), (row.title,), holder=holder)


def unlocks(client: Client, level: int, section: str) -> bool:
    """Whether verification has gone so far that a section of the customer's data may be seen."""
    return any(section in each.unlocks for each in client.procedures.verification.levels[: level or 0])


async def newest(tx: Tx, conversation: str) -> Row[Any] | None:
    """The assist of the conversation's newest message that has one."""
    listed = select(assists).join(messages, messages.c.id == assists.c.message_id).where(assists.c.conversation_id == conversation)
    return (await tx.execute(listed.order_by(messages.c.seq.desc()).limit(1))).first()
