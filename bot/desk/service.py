"""What an agent does with a conversation: see, take, answer, give back, close. Each use case is one transaction."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.dialects.postgresql import insert as pg_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.engine import Row

from bot.assist.service import Assist
from bot.channels.delivery import send
from bot.channels.messages import Outbound
from bot.channels.records import media
from bot.client import Client
from bot.conversations import facts
from bot.conversations.closing import farewell
from bot.conversations.ownership import Owner
from bot.conversations.records import conversations, messages
from bot.conversations.secrets import asks_for_secret, hide_secrets
from bot.conversations.service import OwnerChanged, get, mark_steps, wait_for_customer
from bot.conversations.transcript import append, iso
from bot.desk.access import LEADS, locked, require_desk, require_own_or_lead, require_owning
from bot.desk.errors import DeskError, bad_field, conflict, not_found
from bot.desk.sessions import User
from bot.desk.ticketing import Ticketing
from bot.desk.views import BOXES, Views, presence_json, window_open
from bot.dialogue.unit import Library
from bot.handoff import presence as presences
from bot.handoff import service as handoff
from bot.handoff.records import presence
from bot.settings import Settings
from bot.store.database import Database, Tx

RETURNED = "Percakapan dilanjutkan oleh asisten virtual kami."
Json = dict[str, Any]


FILE_CHANNELS = ("livechat",)  # files to WhatsApp need an upload to Meta first, which there is not


class Desk:
    """The desk's use cases. They raise DeskError for everything that is refused."""

    def __init__(
        self, db: Database, library: Library, settings: Settings, sign_media: Callable[[str], str], assist: Assist | None = None
    ) -> None:
        self.db = db
        self.library = library
        self.settings = settings
        self.views = Views(library.client, sign_media)
        self.tickets = Ticketing(db, library)
        self.assist = assist or Assist(db, library)

    @property
    def client(self) -> Client:
        return self.library.client

    # --- seeing

    async def me(self, user: User) -> Json:
        """The user's presence and what they may choose from."""
        async with self.db.read() as tx:
            row = await presences.get_presence(tx, user.id)
        reasons = _choices(self.client.handoff.aux_reasons)
        return {"user": user.to_json(), "presence": presence_json(row), "aux_reasons": reasons, "capacity": self.client.handoff.capacity}

    def options(self, user: User) -> Json:
        """What forms at the desk offer."""
        require_desk(user)
        rules = self.client.tickets
        return {
            "topics": _choices(self.client.topics),
            "priorities": _choices(rules.priorities),
            "statuses": _choices(rules.statuses),
            "outcomes": _choices(self.client.handoff.outcomes),
            "products": list(rules.products),
            "return_reasons": _choices(self.client.handoff.return_reasons),
        }

    async def box(self, user: User, box: str) -> Json:
        """A box of conversations: queue, mine or all."""
        require_desk(user)
        if box not in BOXES:
            raise bad_field("Kotak percakapan tidak dikenal.")
        async with self.db.read() as tx:
            listed = await self.views.box(tx, box, user.id)
            return {"conversations": listed, "counts": await self.views.counts(tx, user.id), "server_time": iso(tx.now)}

    async def open(self, user: User, conversation: str, after: int = 0) -> Json:
        """One conversation with its messages and card. For the agent who serves it nothing is unread any more."""
        require_desk(user)
        async with self.db.read() as tx:
            row = await get(tx, conversation)
            if row is None:
                raise not_found()
            shown = {
                "conversation": await self.views.summary(tx, conversation),
                "messages": await self.views.transcript(tx, conversation, after),
                "card": await self.views.card(tx, row),
            }
        if row.owner == Owner.AGENT and row.agent_id == user.id and row.unread:
            async with self.db.write() as tx:
                same = (conversations.c.id == conversation) & (conversations.c.last_seq == row.last_seq)
                await tx.execute(update(conversations).where(same).values(unread=0))
                tx.publish("conversation", id=conversation)
                tx.publish("agent_read", conversation=conversation)
        return shown

    # --- presence

    async def set_presence(self, user: User, state: str, reason: str | None) -> Json:
        """Ready, AUX with one of the client's reasons, or offline."""
        require_desk(user)
        if state not in presences.STATES:
            raise bad_field("Status kehadiran tidak dikenal.")
        if state == "aux" and reason not in self.client.handoff.aux_reasons:
            raise bad_field("Pilih alasan AUX.")
        async with self.db.write() as tx:
            row = await presences.set_presence(tx, user.id, state, reason if state == "aux" else None, by=user.id)
            await presences.seen(tx, user.id)
            return presence_json(row)

    # --- taking and leaving

    async def accept(self, user: User, conversation: str, number: int) -> Json:
        """Take it from the queue; `number` is the episode the agent saw. 409 when somebody was faster or the agent is full."""
        require_desk(user)
        async with self.db.write() as tx:
            await self._lock_agent(tx, user.id)
            row = await locked(tx, conversation)
            if row.owner == Owner.AGENT and row.agent_id == user.id and row.episode == number:
                return await self.views.summary(tx, conversation)  # asked twice
            await self._require_room(tx, user.id)
            try:
                await handoff.accept(tx, conversation, number, user.id, user.name)
                tx.publish("agent_read", conversation=conversation)
            except OwnerChanged:
                raise await self._taken(tx, row) from None
            return await self.views.summary(tx, conversation)

    async def _lock_agent(self, tx: Tx, agent: str) -> None:
        """Hold the agent's presence row: what the agent takes is counted one at a time, in every process."""
        new_insert = sqlite_insert if tx.dialect == "sqlite" else pg_insert
        fresh = new_insert(presence).values(agent_id=agent, state="offline", reason=None, since=tx.now, seen_at=tx.now)
        await tx.execute(fresh.on_conflict_do_nothing(index_elements=["agent_id"]))
        await tx.execute(select(presence.c.agent_id).where(presence.c.agent_id == agent).with_for_update())

    async def _require_room(self, tx: Tx, agent: str) -> None:
        own = (conversations.c.owner == Owner.AGENT) & (conversations.c.agent_id == agent)
        held = (await tx.execute(select(func.count()).select_from(conversations).where(own))).scalar_one()
        if held >= self.client.handoff.capacity:
            raise DeskError(409, "at_capacity", f"Anda sudah menangani {held} percakapan. Selesaikan salah satu terlebih dahulu.")

    async def _taken(self, tx: Tx, row: Row[Any]) -> DeskError:
        summary = await self.views.summary(tx, row.id)
        name = summary["agent"]["name"] if row.owner == Owner.AGENT and summary["agent"] else None
        said = f"Percakapan sudah diambil oleh {name}." if name else "Percakapan ini sudah tidak ada di antrean."
        return conflict(said, taken_by=name, conversation=summary)

    async def give_back(self, user: User, conversation: str, reason: str) -> Json:
        """Back to the bot, by the agent who serves it or by a leader."""
        require_desk(user)
        if reason not in self.client.handoff.return_reasons:
            raise bad_field("Pilih alasan pengembalian.")
        async with self.db.write() as tx:
            row = await locked(tx, conversation)
            self._require_leaving(row, user)
            await handoff.give_back(tx, row, by=user.id, reason=reason, client=self.client)
            await tx.execute(update(conversations).where(conversations.c.id == row.id).values(waiting_since=None, unread=0))
            if window_open(row, tx.now):
                await send(tx, row, Outbound(RETURNED), author="system")
            return await self.views.summary(tx, conversation)

    async def close(self, user: User, conversation: str, outcome: str, closing: bool) -> Json:
        """Close it; `closing`: say the SOP's farewell and ask the survey, where the channel still lets us."""
        require_desk(user)
        if outcome not in self.client.handoff.outcomes:
            raise bad_field("Pilih hasil percakapan.")
        async with self.db.write() as tx:
            row = await locked(tx, conversation)
            self._require_leaving(row, user)
            said = closing and window_open(row, tx.now)
            if said:
                sent = await send(tx, row, farewell(self.client, self.library.calendar, tx.now), author="system")
                await mark_steps(tx, row.id, {"penutup": sent["id"]}, user.id)
            await handoff.finish(tx, row, by=user.id, outcome=outcome, survey=said)
            await tx.execute(update(conversations).where(conversations.c.id == row.id).values(unread=0))
            return await self.views.summary(tx, conversation)

    def _require_leaving(self, row: Row[Any], user: User) -> None:
        """Raises unless the user may end the hand-off under way: its agent, or a leader for anybody, also in the queue."""
        if user.role in LEADS and row.owner in (Owner.QUEUE, Owner.AGENT):
            return
        require_owning(row, user)

    # --- writing

    async def reply(
        self, user: User, conversation: str, client_id: str, text: str, files: list[str], suggestion: dict[str, str] | None = None
    ) -> Json:
        """Answer the customer. The same `client_id` is stored once. `suggestion`: {"message", "id"} of what the text came from.

        409 `not_yours`; 422 `window_closed`, `too_long`, `asks_secret`, `empty`, `bad_media`.
        """
        require_desk(user)
        text = self._checked(text, empty_ok=bool(files))
        if asks_for_secret(text):
            raise DeskError(422, "asks_secret", "Pesan ini meminta data rahasia (PIN, OTP, atau kata sandi). Mohon ubah isinya.")
        async with self.db.write() as tx:
            row = await locked(tx, conversation)
            if (said := await self._said(tx, row.id, user.id, client_id)) is not None:
                return await self._message(tx, row.id, said)
            require_owning(row, user)
            if not window_open(row, tx.now):
                told = "Jendela 24 jam WhatsApp sudah tertutup. Balasan dapat dikirim setelah nasabah menulis lagi."
                raise DeskError(422, "window_closed", told)
            outbound = Outbound(text, media_id=await self._file(tx, row.id, row.channel, files))
            sent = await send(tx, row, outbound, author="agent", agent_id=user.id, name=user.name, client_id=client_id)
            await tx.execute(update(conversations).where(conversations.c.id == row.id).values(waiting_since=None, unread=0))
            waited = (tx.now - row.waiting_since).total_seconds() if row.waiting_since else None
            await facts.record(
                tx,
                "agent_replied",
                conversation=row.id,
                customer=row.customer_id,
                agent=user.id,
                message=sent["id"],
                episode=row.episode,
                waiting_since=iso(row.waiting_since),
                response_s=waited,
            )
            await self.assist.settle(tx, row, user.id, user.name, text, suggestion)
            await wait_for_customer(tx, row.id, Owner.AGENT, self.client, tx.now)
            tx.publish("conversation", id=row.id)
            return await self._message(tx, row.id, sent["seq"])

    async def note(self, user: User, conversation: str, client_id: str, text: str) -> Json:
        """Write a note that no customer sees: into one's own, a queued, and as a leader into any conversation."""
        require_desk(user)
        text = hide_secrets(self._checked(text))[0]
        async with self.db.write() as tx:
            row = await locked(tx, conversation)
            if (said := await self._said(tx, row.id, user.id, client_id)) is not None:
                return await self._message(tx, row.id, said)
            if row.owner != Owner.QUEUE:
                require_own_or_lead(row, user)
            content = {"client_id": client_id}
            written = await append(tx, row.id, author="agent", text=text, agent_id=user.id, name=user.name, note=True, content=content)
            await facts.record(tx, "note_added", conversation=row.id, customer=row.customer_id, agent=user.id, message=written["id"])
            return await self._message(tx, row.id, written["seq"])

    async def typing(self, user: User, conversation: str) -> None:
        """The agent writes: only the serving agent's typing is told."""
        require_desk(user)
        async with self.db.read() as tx:
            row = await get(tx, conversation)
        if row is None:
            raise not_found()
        require_owning(row, user)
        async with self.db.write() as tx:
            tx.publish("agent_typing", conversation=conversation, name=user.name)

    def _checked(self, text: str, empty_ok: bool = False) -> str:
        text, most = text.strip(), self.client.messages.max_chars
        if not text and not empty_ok:
            raise DeskError(422, "empty", "Pesan masih kosong.")
        if len(text) > most:
            raise DeskError(422, "too_long", f"Pesan terlalu panjang, paling banyak {most} karakter.")
        return text

    async def _said(self, tx: Tx, conversation: str, agent: str, client_id: str) -> int | None:
        """The seq of what this agent already wrote under this client_id."""
        where = (messages.c.conversation_id == conversation) & (messages.c.agent_id == agent)
        same = messages.c.content["client_id"].as_string() == client_id
        return (await tx.execute(select(messages.c.seq).where(where, same).limit(1))).scalar()

    async def _file(self, tx: Tx, conversation: str, channel: str, files: list[str]) -> str | None:
        if not files:
            return None
        where = media.c.id.in_(files) & (media.c.conversation_id == conversation) & (media.c.state == "stored")
        found = (await tx.execute(select(media.c.id).where(where))).scalars().all()
        if len(files) != 1 or len(found) != 1 or channel not in FILE_CHANNELS:
            raise DeskError(422, "bad_media", "Lampiran tidak dapat dikirim.")
        return str(found[0])

    async def _message(self, tx: Tx, conversation: str, seq: int) -> Json:
        return (await self.views.messages(tx, conversation, [seq]))[0]


def _choices(named: dict[str, str]) -> list[Json]:
    return [{"id": key, "label": label} for key, label in named.items()]
