"""Fetching the files customers send (a webhook's media id lives seven days), and telling them that we have read and are writing."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from datetime import timedelta
from typing import Any

from sqlalchemy import bindparam, select, update
from sqlalchemy.engine import Row

from bot.channels.files import Files
from bot.channels.records import media
from bot.channels.whatsapp.graph import GraphClient
from bot.channels.whatsapp.media_download import MediaCorrupt, MediaError, MediaGone, MediaTooLarge, MediaUnreachable
from bot.conversations.records import messages
from bot.store.database import Database
from bot.store.prepared import Prepared

log = logging.getLogger(__name__)
POLL_S = 2.0
TRIES = 12
_REASONS: dict[type[MediaError], str] = {
    MediaTooLarge: "Berkas melebihi batas ukuran.",
    MediaCorrupt: "Berkas rusak saat diterima.",
    MediaGone: "Berkas sudah tidak tersedia di WhatsApp.",
}


class Attachments:
    """Downloads pending media: type and size checked, hash compared, kept where agents can see it."""

    def __init__(self, db: Database, graph: GraphClient, files: Files, max_bytes: int) -> None:
        self._db = db
        self._graph = graph
        self._files = files
        self._max_bytes = max_bytes
        self._wake = asyncio.Event()
        self._stopping = False

    async def run(self) -> None:
        """Until `stop` or cancelled."""
        unsubscribe = self._db.subscribe(lambda topic, _: self._wake.set() if topic == "media" else None)
        try:
            while not self._stopping:
                self._wake.clear()
                try:
                    if await self.step():
                        continue
                except Exception:
                    log.exception("the media download stumbled; going on")
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(POLL_S):  # unlike wait_for, never swallows a cancellation (Python 3.11)
                        await self._wake.wait()
        finally:
            unsubscribe()

    def stop(self) -> None:
        """Fetch nothing more after the files under way."""
        self._stopping = True
        self._wake.set()

    async def drain(self) -> None:
        """Nothing goes on beside `run`."""

    async def step(self) -> int:
        """Fetch what is due; how many were tried."""
        async with self._db.write() as tx:
            due = (media.c.state == "pending") & (media.c.channel == "whatsapp") & (media.c.due_at <= tx.now)
            rows = (await tx.execute(select(media).where(due).order_by(media.c.due_at).limit(4).with_for_update(skip_locked=True))).all()
            for row in rows:  # held for a minute: a process that dies leaves it to the next
                held = {"due_at": tx.now + timedelta(seconds=60), "tries": row.tries + 1}
                await tx.execute(update(media).where(media.c.id == row.id).values(**held))
        await asyncio.gather(*(self._fetch(row) for row in rows))
        return len(rows)

    async def _fetch(self, row: Row[Any]) -> None:
        try:
            data, mime = await self._graph.media(row.external_id, self._max_bytes, row.sha256)
        except MediaUnreachable as error:
            if row.tries + 1 < TRIES:
                log.info("media %s not fetched, again later: %s", row.id, error)
                await self._note(row, due_at=self._db.clock.now() + timedelta(seconds=min(3600, 2 ** (row.tries + 1))))
                return
            await self._note(row, state="failed", error="Berkas tidak dapat diunduh.")
            return
        except MediaError as error:
            log.warning("media %s refused: %s", row.id, type(error).__name__)
            await self._note(row, state="failed", error=_REASONS.get(type(error), "Berkas tidak dapat diunduh."))
            return
        await asyncio.to_thread(self._files.write, row.id, data)
        await self._note(row, state="stored", size=len(data), mime=mime.split(";")[0].strip() or row.mime)

    async def _note(self, row: Row[Any], **columns: Any) -> None:
        async with self._db.write() as tx:
            await tx.execute(update(media).where(media.c.id == row.id).values(**columns))
            shown = await tx.execute(
                select(messages.c.seq, messages.c.content).where(
                    messages.c.conversation_id == row.conversation_id, messages.c.kind == "media"
                )
            )
            for message in shown:
                if row.id in (message.content or {}).get("media", ()):
                    tx.publish("message", conversation=row.conversation_id, seq=message.seq)


_NEWEST = Prepared(
    select(messages.c.external_id, messages.c.todo)
    .where(
        messages.c.conversation_id == bindparam("of"),
        messages.c.author == "customer",
        messages.c.channel == "whatsapp",
    )
    .order_by(messages.c.seq.desc())
    .limit(1)
)


class Receipts:
    """Read marks, with the typing indicator while the bot works. Best effort: a failure changes nothing that matters."""

    def __init__(self, db: Database, graph: GraphClient) -> None:
        self._db = db
        self._graph = graph
        self._running: set[asyncio.Task[None]] = set()

    def start(self) -> Any:
        """Begin; returns how to stop."""
        return self._db.subscribe(self._heard)

    def _heard(self, topic: str, data: dict[str, Any]) -> None:
        # The bot reads at once; what a person answers is read when the person opens it.
        if data.get("channel", "whatsapp") != "whatsapp":
            return
        if (topic == "agent_read" or (topic == "inbox" and data.get("todo") == "answer")) and len(self._running) < 50:
            task = asyncio.get_running_loop().create_task(self._mark(data["conversation"]))
            self._running.add(task)
            task.add_done_callback(self._running.discard)

    async def _mark(self, conversation: str) -> None:
        async with self._db.read() as tx:
            rows = await tx.run(_NEWEST, of=conversation)
        if rows and rows[0].external_id:
            await self._graph.mark_read(rows[0].external_id, typing=rows[0].todo == "answer")
