"""An agent's words: replies to the customer, notes among colleagues."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from sqlalchemy import select
from sqlalchemy.engine import Row

from bot.assist.service import Assist
from bot.channels.delivery import reachable, send, window_open
from bot.channels.messages import Outbound
from bot.client import Client
from bot.conversations import facts
from bot.conversations.ownership import Owner
from bot.conversations.records import messages
from bot.conversations.secrets import asks_for_secret, hide_secrets
from bot.conversations.service import get
from bot.conversations.transcript import append
from bot.desk.access import locked, require_desk, require_own_or_lead, require_owning
from bot.desk.consulting import Consulting
from bot.desk.errors import DeskError, not_found
from bot.desk.leaks import foreign_data
from bot.desk.sessions import User
from bot.desk.views import Views
from bot.desk.writing import answered, closed_window, drop_draft, file_of, foreign, said_before
from bot.procedure.service import said, solved
from bot.store.database import Database, Tx

Json = dict[str, Any]


class Replying:
    """The use cases. They raise DeskError for everything that is refused."""

    def __init__(self, db: Database, client: Client, views: Views, assist: Assist, consulting: Consulting) -> None:
        self._db = db
        self._client = client
        self._views = views
        self._assist = assist
        self._consulting = consulting

    async def reply(
        self,
        user: User,
        conversation: str,
        client_id: str,
        text: str,
        files: list[str],
        suggestion: dict[str, str] | None = None,
        seen: int | None = None,
    ) -> Json:
        """Answer the customer. The same `client_id` is stored once. `suggestion`: {"message", "id"} of what the text came from; `seen`: the
        newest message on the writer's screen; None: send anyway.

        409 `not_yours`, `others_wrote`; 422 `window_closed`, `too_long`, `asks_secret`, `foreign_data`, `empty`, `bad_media`, `no_channel`.
        """
        require_desk(user)
        text = self._checked(text, empty_ok=bool(files))
        if asks_for_secret(text):
            raise DeskError(422, "asks_secret", "Pesan ini meminta data rahasia (PIN, OTP, atau kata sandi). Mohon ubah isinya.")
        async with self._db.write() as tx:
            row = await locked(tx, conversation)
            if (stored := await said_before(tx, row.id, user.id, client_id)) is not None:
                return await self._message(tx, row.id, stored)
            require_owning(row, user)
            if not reachable(row):
                raise DeskError(422, "no_channel", "Kontak ini dicatat manual: tidak ada kanal untuk mengirim pesan.")
            if not window_open(row, tx.now):
                raise closed_window()
            await self._may_leave(tx, row, user, text, seen)
            outbound = Outbound(text, media_id=await file_of(tx, row.id, files))
            sent = await send(tx, row, outbound, author="agent", agent_id=user.id, name=user.name, client_id=client_id)
            await drop_draft(tx, user.id, row.id)
            await said(tx, self._client, row, text, sent["id"], user.id)
            fate = await self._assist.settle(tx, row, user.id, user.name, text, suggestion)
            if suggestion and suggestion["id"].startswith("k:") and fate in ("used", "edited"):
                await solved(tx, self._client, row, sent["id"], user.id)
            await answered(tx, row, user, sent["id"], self._client)
            return await self._message(tx, row.id, sent["seq"])

    async def note(self, user: User, conversation: str, client_id: str, text: str, to: Collection[str] = ()) -> Json:
        """Write a note that no customer sees: into one's own, a queued, as a leader into any conversation, and where one was asked.

        `to`: ids of colleagues who are asked about it.
        """
        require_desk(user)
        text = hide_secrets(self._checked(text))[0]
        async with self._db.write() as tx:
            row = await locked(tx, conversation)
            if (stored := await said_before(tx, row.id, user.id, client_id)) is not None:
                return await self._message(tx, row.id, stored)
            if row.owner != Owner.QUEUE and not await self._consulting.asked(tx, row.id, user):
                require_own_or_lead(row, user)
            content = {"client_id": client_id}
            written = await append(tx, row.id, author="agent", text=text, agent_id=user.id, name=user.name, note=True, content=content)
            await facts.record(tx, "note_added", conversation=row.id, customer=row.customer_id, agent=user.id, message=written["id"])
            await self._consulting.ask(tx, row, user, written["id"], text, to)
            return await self._message(tx, row.id, written["seq"])

    async def typing(self, user: User, conversation: str) -> None:
        """The agent writes: only the serving agent's typing is told."""
        require_desk(user)
        async with self._db.read() as tx:
            row = await get(tx, conversation)
        if row is None:
            raise not_found()
        require_owning(row, user)
        await self._db.tell(("agent_typing", {"conversation": conversation, "name": user.name}))

    def _checked(self, text: str, empty_ok: bool = False) -> str:
        text, most = text.strip(), self._client.messages.max_chars
        if not text and not empty_ok:
            raise DeskError(422, "empty", "Pesan masih kosong.")
        if len(text) > most:
            raise DeskError(422, "too_long", f"Pesan terlalu panjang, paling banyak {most} karakter.")
        return text

    async def _may_leave(self, tx: Tx, row: Row[Any], user: User, text: str, seen: int | None) -> None:
        """Raises `foreign_data`, or `others_wrote` when a person of ours wrote to the customer what the writer has not seen."""
        if found := await foreign_data(tx, self._client, row, text):
            raise foreign(found)
        if seen is None:
            return
        m = messages.c
        newer = (m.conversation_id == row.id) & (m.seq > seen) & (m.author == "agent") & m.note.is_(False)
        unseen = list((await tx.execute(select(m.seq).where(newer).order_by(m.seq).limit(5))).scalars())
        if unseen:
            shown = await self._views.messages(tx, row.id, unseen)
            told = "Ada balasan lain yang baru saja terkirim dan belum Anda lihat. Kirim juga?"
            raise DeskError(409, "others_wrote", told, messages=shown)

    async def _message(self, tx: Tx, conversation: str, seq: int) -> Json:
        return (await self._views.messages(tx, conversation, [seq]))[0]
