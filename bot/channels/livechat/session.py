"""A visitor's side of the live chat: frames in, frames out (docs/protocols.md). The same for a socket and for polling."""

from __future__ import annotations

import itertools
import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import bindparam, select, update
from sqlalchemy.engine import Row
from sqlalchemy.exc import IntegrityError

from bot.channels.delivery import send
from bot.channels.files import Files
from bot.channels.livechat.limits import Limits
from bot.channels.livechat.tokens import make_token, new_visitor, read_token
from bot.channels.messages import Inbound, Kind, Media, Outbound, Sender
from bot.channels.records import media
from bot.channels.words import storable
from bot.client import Client
from bot.conversations import facts
from bot.conversations.inbox import Accepted, accept, known
from bot.conversations.ownership import Owner
from bot.conversations.records import conversations, messages
from bot.conversations.service import get, wait_for_customer
from bot.conversations.timers import drop_timer, set_timer
from bot.conversations.transcript import iso, read
from bot.customers.records import identities
from bot.handoff.service import finish
from bot.store.database import Database, Tx
from bot.store.prepared import Prepared

Frame = dict[str, Any]
FILES = 5  # in one message
STORE_TRIES = 20
TYPING_EVERY_S = 2.0
_CLIENT_ID = re.compile(r"[\w.-]{8,64}", re.ASCII)
_MEDIA_ID = re.compile(r"[0-9A-Za-z]{1,26}")
GONE_AFTER_S = 15  # a page that reloads is back sooner
_REFUSALS = {
    "too_long": "Pesan terlalu panjang, mohon dipersingkat.",
    "rate_limited": "Pesan terlalu cepat. Mohon tunggu sebentar lalu coba lagi.",
    "empty": "Pesan masih kosong.",
    "bad_media": "Lampiran tidak dapat dikirim. Mohon unggah kembali.",
}


_LATEST = Prepared(
    select(conversations)
    .where(
        conversations.c.channel == "livechat",
        conversations.c.account == bindparam("inbox"),
        conversations.c.customer_id
        == select(identities.c.customer_id)
        .where(identities.c.kind == "visitor", identities.c.value == bindparam("visitor"))
        .scalar_subquery(),
    )
    .order_by(conversations.c.opened_at.desc(), conversations.c.id.desc())
    .limit(1)
)


@dataclass(slots=True)
class ChatSession:
    """One visitor's connection. `conversation` is the one shown; `sent` the highest seq its client has."""

    db: Database
    client: Client
    files: Files
    secret: str
    limits: Limits
    address: str
    inbox: str = "web"
    visitor: str | None = None
    conversation: str | None = None
    sent: int = 0
    elsewhere: bool = True  # the visitor may have begun another conversation in another window
    max_file: int = 10 * 2**20
    typed_at: float = 0.0

    async def handle(self, frame: Any) -> list[Frame]:
        """Answer one client frame. Never raises on what a client sends."""
        if not isinstance(frame, dict):
            return [_error("bad_frame", "Pesan tidak dapat dibaca.")]
        kind = frame.get("type")
        if kind == "ping":
            return [{"type": "pong"}]
        if kind == "hello":
            return await self._hello(frame)
        if self.visitor is None:
            return [_error("hello_first", "Sambungan belum siap.")]
        if kind == "message":
            return await self._message(frame)
        if kind == "read":
            await self._read(frame.get("seq"))
            return []
        if kind == "typing":
            if self.conversation and time.monotonic() - self.typed_at >= TYPING_EVERY_S:
                self.typed_at = time.monotonic()
                async with self.db.write() as tx:
                    tx.publish("customer_typing", conversation=self.conversation)
            return []
        if kind == "end":
            return await self._end()
        return [_error("unknown_type", "Jenis pesan tidak dikenal.")]

    async def _hello(self, frame: Frame) -> list[Frame]:
        known = read_token(self.secret, frame.get("token"))
        if known is None and not self.limits.visitors.take(self.address):
            return [_error("rate_limited", "Terlalu banyak sambungan baru dari jaringan Anda. Mohon tunggu sebentar.")]
        self.visitor = known or new_visitor()
        inbox = frame.get("inbox")
        self.inbox = inbox[:40] if isinstance(inbox, str) and inbox.isidentifier() else "web"
        async with self.db.read() as tx:
            row = await self._latest(tx) if known else None
        if row is not None:
            async with self.db.write() as tx:
                await get(tx, row.id, lock=True)  # after whoever notes at this moment that another window went away
                await drop_timer(tx, "gone", row.id)
        self.conversation = row.id if row is not None else None
        self.sent = seq_of(frame.get("after")) if frame.get("conversation") == self.conversation else 0
        welcome = {
            "type": "welcome",
            "token": make_token(self.secret, self.visitor),
            "conversation": self.conversation,
            "messages": await self._news(),
            "state": row.owner if row is not None else "bot",
            "agent": row.agent_name if row is not None and row.owner == Owner.AGENT else None,
            "brand": {
                "name": self.client.brand.name,
                "title": self.client.brand.title,
                "subtitle": self.client.brand.subtitle,
                "color": self.client.brand.color,
                "greeting": self.client.brand.greeting,
                "quick": [{"id": f"/{q.intent}", "title": q.title} for q in self.client.brand.quick],
            },
            "limits": {"text": self.client.messages.max_chars, "file": self.max_file},
        }
        return [welcome]

    async def _message(self, frame: Frame) -> list[Frame]:
        client_id, text = frame.get("client_id"), frame.get("text")
        if not isinstance(client_id, str) or not _CLIENT_ID.fullmatch(client_id):
            return [_error("bad_frame", "Pesan tidak dapat dibaca.")]
        text = storable(text) if isinstance(text, str) else ""
        files = frame.get("media") or []
        if refusal := await self._refusal(text, files):
            return [{"type": "refused", "client_id": client_id, "code": refusal, "message": _REFUSALS[refusal]}]
        item = await self._item(client_id, text, frame, files)
        accepted = await self._accept(item)
        frames: list[Frame] = []
        async with self.db.read() as tx:
            row = await get(tx, accepted.conversation_id)
        assert row is not None
        if accepted.conversation_id != self.conversation:
            self.conversation, self.sent = accepted.conversation_id, 0
            frames.append({"type": "state", "conversation": row.id, "state": row.owner, "agent": None})
        frames.append(
            {
                "type": "ack",
                "client_id": client_id,
                "id": accepted.message_id,
                "seq": accepted.seq,
                "conversation": row.id,
                "at": iso(item.at),
            }
        )
        if row.owner == Owner.BOT and not accepted.duplicate:
            frames.append({"type": "typing", "author": "bot", "name": None})
        return frames

    async def _refusal(self, text: str, files: Any) -> str | None:
        assert self.visitor is not None
        if len(text) > self.client.messages.max_chars:
            return "too_long"
        if not isinstance(files, list) or len(files) > FILES or not all(isinstance(f, str) and _MEDIA_ID.fullmatch(f) for f in files):
            return "bad_media"
        if not text.strip() and not files:
            return "empty"
        if not self.limits.messages.take(self.visitor):
            return "rate_limited"
        if files:
            async with self.db.read() as tx:
                own = (media.c.channel == "livechat") & (media.c.external_id == self.visitor) & (media.c.state == "stored")
                found = (await tx.execute(select(media.c.id).where(media.c.id.in_(files), own))).all()
            if len(found) != len(set(files)):
                return "bad_media"
        return None

    async def _item(self, client_id: str, text: str, frame: Frame, files: list[str]) -> Inbound:
        assert self.visitor is not None
        parts: tuple[Media, ...] = ()
        if files:
            async with self.db.read() as tx:
                rows = (await tx.execute(select(media).where(media.c.id.in_(files)))).all()
            parts = tuple(Media(row.kind, row.id, row.mime, name=row.name, size=row.size) for row in rows)
        payload, quoted = frame.get("payload"), frame.get("reply_to")
        reply_to = storable(quoted) or None if isinstance(quoted, str) and len(quoted) <= 60 else None
        tapped = storable(payload) or None if isinstance(payload, str) and len(payload) <= 200 else None
        return Inbound(
            channel="livechat",
            account=self.inbox,
            external_id=f"{self.visitor}:{client_id}",
            sender=Sender((("visitor", self.visitor),)),
            at=self.db.clock.now(),
            kind=Kind.CHOICE if tapped else Kind.MEDIA if parts else Kind.TEXT,
            text=text,
            choice=tapped,
            reply_to=reply_to,
            media=parts,
        )

    async def _accept(self, item: Inbound) -> Accepted:
        key = (item.channel, item.account, item.external_id)
        for tries in itertools.count(1):
            try:
                async with self.db.write() as tx:
                    if repeated := (await known(tx, [item])).get(key):
                        return repeated
                    return await accept(tx, item, self.client)
            except IntegrityError:  # another process stored it, or opened the conversation, in the same moment
                if tries >= STORE_TRIES:
                    raise
        raise AssertionError("unreachable")

    async def _read(self, seq: Any) -> None:
        if not seq_of(seq) or not self.conversation:
            return
        async with self.db.write() as tx:
            where = (conversations.c.id == self.conversation) & (conversations.c.read_seq < seq)
            moved = await tx.execute(update(conversations).where(where).values(read_seq=seq))
            if moved.rowcount:
                ours = (
                    (messages.c.conversation_id == self.conversation)
                    & (messages.c.seq <= seq)
                    & messages.c.delivery.in_(("sent", "delivered"))
                )
                rows = (
                    await tx.execute(update(messages).where(ours).values(delivery="read", delivery_at=tx.now).returning(messages.c.seq))
                ).all()
                for row in rows[-20:]:
                    tx.publish("message", conversation=self.conversation, seq=row.seq)

    async def _end(self) -> list[Frame]:
        """The customer leaves: ask once, wait a minute, close (SOP Customer Handling 8.5 2c). Out of the queue they simply go."""
        if not self.conversation:
            return []
        async with self.db.write() as tx:
            row = await get(tx, self.conversation, lock=True)
            if row is None or row.owner == Owner.CLOSED:
                return []
            if row.owner == Owner.QUEUE:
                await finish(tx, row, by="customer", outcome="abandoned", survey=False, client=self.client)
            else:
                await ask_before_leaving(tx, row, self.client)
        return []

    async def gone(self, back: Callable[[], bool]) -> None:
        """The last window went away: unless it is back soon, the customer has ended the chat. `back`: whether it is back already."""
        if not self.conversation:
            return
        async with self.db.write() as tx:
            row = await get(tx, self.conversation, lock=True)
            if row is not None and row.owner in (Owner.BOT, Owner.AGENT) and not back():
                await set_timer(tx, "gone", row.id, tx.now + timedelta(seconds=GONE_AFTER_S))

    async def news(self) -> list[Frame]:
        """What the client does not have yet, as frames."""
        if self.conversation is None or self.elsewhere:
            self.elsewhere = False  # before we look: whoever says so meanwhile is heard
            try:
                async with self.db.read() as tx:
                    row = await self._latest(tx)
            except Exception:
                self.elsewhere = True
                raise
            if row is None:
                return []
            if row.id != self.conversation:
                self.conversation, self.sent = row.id, 0
        news = await self._news()
        frames: list[Frame] = [{"type": "message", "conversation": self.conversation, "message": message} for message in news]
        theirs = [message["seq"] for message in news if message["author"] == "customer"]
        if any(message["author"] in ("bot", "agent") for message in news):
            frames.append({"type": "read", "seq": max([*theirs, news[0]["seq"] - 1])})  # whoever answers has read what came before
        return frames

    async def _news(self) -> list[dict[str, Any]]:
        if not self.conversation:
            return []
        async with self.db.read() as tx:
            found = await read(tx, self.conversation, self.sent, notes=False, limit=500)
        if found:
            self.sent = max(self.sent, max(message["seq"] for message in found))
        return self.files.signed([for_customer(message) for message in found])

    async def _latest(self, tx: Tx) -> Row[Any] | None:
        rows = await tx.run(_LATEST, visitor=self.visitor, inbox=self.inbox)
        return rows[0] if rows else None


async def ask_before_leaving(tx: Tx, row: Row[Any], client: Client) -> None:
    """Ask whether the customer is still there, for the last time: a minute later the conversation closes."""
    if row.owner not in (Owner.BOT, Owner.AGENT) or row.idle_stage >= 2:
        return
    await send(tx, row, Outbound(client.idle.question), author="system")
    await facts.record(tx, "idle_asked", conversation=row.id, customer=row.customer_id, stage=2, owner=row.owner, why="left")
    await wait_for_customer(tx, row.id, row.owner, client, tx.now, stage=2)


def for_customer(message: dict[str, Any]) -> dict[str, Any]:
    """What a customer may see of a message: not what the model made of it, nor an agent's internals."""
    return {key: value for key, value in message.items() if key not in ("insight", "error")}


def seq_of(value: object) -> int:
    """A message's number, as a client names it; 0 for anything else."""
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 < value < 2**31 else 0


def _error(code: str, message: str) -> Frame:
    return {"type": "error", "code": code, "message": message}
