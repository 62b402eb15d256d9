"""What the worker does with a message: the bot answers it, a late one goes to people, the desk's copy is understood."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Protocol

from sqlalchemy import update
from sqlalchemy.engine import Row

from bot.channels.delivery import OUTBOX_CHANNELS, send
from bot.channels.messages import Kind, Outbound
from bot.conversations.ownership import Owner
from bot.conversations.records import messages
from bot.conversations.secrets import HIDDEN
from bot.conversations.service import OwnerChanged, get, stop_waiting
from bot.conversations.transcript import offered
from bot.conversations.worker import TryLater, done
from bot.dialogue.engine import Engines, EngineUnavailable
from bot.dialogue.service import Dialogue, TurnConflict, parse_payload, shown_insight
from bot.handoff.service import enqueue, give_back
from bot.store.database import Database, Tx
from bot.tickets.telling import bring_news

log = logging.getLogger(__name__)
TRIES = 8  # 0.5 + 1 + 2 + 4 + 8 + 8 + 8 seconds: longer than an engine takes to start; then a person
LONGEST_PAUSE_S = 8.0
SORRY = "Mohon maaf, sistem kami sedang mengalami kendala. Pesan Bapak/Ibu sudah kami terima dan kami teruskan kepada petugas kami."


class Suggesting(Protocol):
    """What helps the people who answer (bot/assist). It never raises."""

    async def read(self, message: Row[Any], insight: Mapping[str, Any] | None) -> dict[str, Any] | None:
        """What to offer for a message that a person answers."""
        ...

    async def keep(self, tx: Tx, message: Row[Any], offered: dict[str, Any]) -> None:
        """Store it and tell the desks."""
        ...

    async def handed_over(self, message: Row[Any]) -> None:
        """The message may have brought the conversation to people: offer something for it then."""
        ...


class InboundHandlers:
    """The handlers of the worker, by `todo`."""

    def __init__(self, db: Database, dialogue: Dialogue, engines: Engines, assist: Suggesting | None = None) -> None:
        self._db = db
        self._dialogue = dialogue
        self._engines = engines
        self._assist = assist

    def by_todo(self) -> dict[str, Any]:
        """What `Worker` wants."""
        return {"answer": self._then_suggest(self.answer), "late": self._then_suggest(self.late), "read": self.read, "recall": self.recall}

    async def answer(self, message: Row[Any]) -> None:
        """The bot's turn. An engine that does not answer is asked again; past the limit the customer is told and handed to a person."""
        if message.seq == 1 and message.channel in OUTBOX_CHANNELS:
            await self._bring_news(message.conversation_id)
        try:
            answered = await self._dialogue.answer(message.conversation_id, await self._as_turn(message))
        except (EngineUnavailable, TurnConflict) as error:
            await self._failed(message, error)
            return
        if not answered:
            async with self._db.write() as tx:
                await done(tx, message.id, skipped="person")

    async def _bring_news(self, conversation: str) -> None:
        """A template said there is news of a ticket; now that the customer has answered it may be told."""
        async with self._db.write() as tx:
            row = await get(tx, conversation, lock=True)
            if row is not None:
                await bring_news(tx, row)

    async def late(self, message: Row[Any]) -> None:
        """A message that arrived long after it was written: to the desk, without an automatic reply."""
        async with self._db.write() as tx:
            row = await get(tx, message.conversation_id, lock=True)
            if await done(tx, message.id, skipped="late") and row is not None and row.owner == Owner.BOT:
                await enqueue(tx, row, self._dialogue.library.client, reason="late", by="system", late=True)

    async def recall(self, message: Row[Any]) -> None:
        """Somebody waiting in the queue chose what the bot can do: back to the bot, which then answers the choice."""
        async with self._db.write() as tx:
            row = await get(tx, message.conversation_id, lock=True)
            if not await done(tx, message.id):
                return
            if row is not None and row.owner == Owner.QUEUE:
                await give_back(tx, row, by="customer", reason="recalled", client=self._dialogue.library.client)
                await stop_waiting(tx, row.id)
            todo = "answer" if row is not None and row.owner in (Owner.QUEUE, Owner.BOT) else "read"
            await tx.execute(update(messages).where(messages.c.id == message.id).values(todo=todo))

    async def read(self, message: Row[Any]) -> None:
        """Understand a message that a person answers, for the desk. A failing engine is no reason to hold anything up."""
        try:
            insight = await self._engines.parse(message.conversation_id, message.text[:1000])
        except EngineUnavailable:
            insight = None
        offered = await self._assist.read(message, insight) if self._assist else None
        async with self._db.write() as tx:
            content = dict(message.content or {})
            if insight:
                content["insight"] = shown_insight(insight, self._dialogue.library.client)
            if await done(tx, message.id, content=content):
                tx.publish("message", conversation=message.conversation_id, seq=message.seq)
                if self._assist and offered is not None:
                    await self._assist.keep(tx, message, offered)

    def _then_suggest(self, handler: Callable[[Row[Any]], Awaitable[None]]) -> Callable[[Row[Any]], Awaitable[None]]:
        async def handle(message: Row[Any]) -> None:
            await handler(message)
            if self._assist:
                await self._assist.handed_over(message)

        return handle

    async def _as_turn(self, message: Row[Any]) -> dict[str, Any]:
        content = message.content or {}
        payload = None
        if choice := content.get("choice"):
            async with self._db.read() as tx:
                # A tap is taken at its word only if we offered it: a forged one is read like any text.
                if await offered(tx, message.conversation_id, choice):
                    payload = parse_payload(choice)
        text = message.text.lstrip("/ ")  # Rasa takes a leading slash for a command
        if payload is None and (message.kind in (Kind.UNSUPPORTED, Kind.UNKNOWN) or not text.strip()):
            payload = {"intent": "lampiran", "entities": {"jenis": message.kind}}
        if payload is None and content.get("secret_hidden") and len(text.replace(HIDDEN, "").split()) <= 4:
            payload = {"intent": "kirim_rahasia"}
        return {"id": message.id, "text": text, "payload": payload, "content": content, "secret": bool(content.get("secret_hidden"))}

    async def _failed(self, message: Row[Any], error: Exception) -> None:
        log.warning("message %s: try %d failed: %s", message.id, message.tries + 1, error)
        if message.tries + 1 < TRIES:
            async with self._db.write() as tx:
                await tx.execute(update(messages).where(messages.c.id == message.id).values(tries=message.tries + 1))
            raise TryLater(min(LONGEST_PAUSE_S, 0.5 * 2**message.tries))
        async with self._db.write() as tx:
            row = await get(tx, message.conversation_id, lock=True)
            if await done(tx, message.id, skipped="engine_down") and row is not None and row.owner == Owner.BOT:
                await send(tx, row, Outbound(SORRY), author="system")
                try:
                    await enqueue(tx, row, self._dialogue.library.client, reason="engine_down", by="system")
                except OwnerChanged:
                    log.info("conversation %s changed hands meanwhile", row.id)
