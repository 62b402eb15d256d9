"""What an agent does with a conversation: see, take, answer, give back, close. Each use case is one transaction."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.engine import Row

from bot.assist.service import Assist
from bot.channels.delivery import reachable, send, window_open
from bot.channels.files import Files
from bot.channels.messages import Outbound
from bot.client import Client
from bot.conversations import facts
from bot.conversations.closing import farewell
from bot.conversations.ownership import Owner
from bot.conversations.records import conversations, messages
from bot.conversations.secrets import asks_for_secret, hide_secrets
from bot.conversations.service import OwnerChanged, get, mark_steps, wait_for_customer
from bot.conversations.transcript import append, iso
from bot.desk.access import LEADS, locked, require_desk, require_own_or_lead, require_owning
from bot.desk.consulting import Consulting
from bot.desk.contacts import Contacts
from bot.desk.customers import Customers
from bot.desk.errors import DeskError, bad_field, conflict, not_found
from bot.desk.floor import FloorDesk, check_presence
from bot.desk.guiding import Guiding
from bot.desk.leaks import foreign_data
from bot.desk.records import users
from bot.desk.sessions import User
from bot.desk.ticketing import Ticketing
from bot.desk.views import BOXES, Views, presence_json
from bot.desk.writing import Writing, closed_window, drop_draft, file_of, foreign, kept_draft, said_before
from bot.dialogue.unit import Library
from bot.handoff import presence as presences
from bot.handoff import service as handoff
from bot.handoff.offers import open_offer
from bot.handoff.people import capacity_of
from bot.procedure.service import said, solved
from bot.settings import Settings
from bot.store.database import Database, Tx

RETURNED = "Percakapan dilanjutkan oleh asisten virtual kami."
Json = dict[str, Any]


class Desk:
    """The desk's use cases. They raise DeskError for everything that is refused."""

    def __init__(
        self,
        db: Database,
        library: Library,
        settings: Settings,
        sign_media: Callable[[str], str],
        files: Files | None = None,
        assist: Assist | None = None,
    ) -> None:
        self.db = db
        self.library = library
        self.settings = settings
        self.views = Views(library.client, sign_media)
        self.tickets = Ticketing(db, library)
        self.guiding = Guiding(db, library)
        self.contacts = Contacts(db, library, self.views)
        self.consulting = Consulting(db, self.views)
        self.customers = Customers(db, library)
        self.writing = Writing(db, library, settings, self.views, self.guiding, files)
        self.floor = FloorDesk(db, library.client, self.views)
        self.assist = assist or Assist(db, library)

    @property
    def client(self) -> Client:
        return self.library.client

    # --- seeing

    async def me(self, user: User) -> Json:
        """The user's presence and what they may choose from."""
        async with self.db.read() as tx:
            row = await presences.get_presence(tx, user.id)
            team = (await tx.execute(select(users.c.team).where(users.c.id == user.id))).scalar_one()
            capacity = await capacity_of(tx, user.id, self.client)
        return {
            "user": user.to_json(),
            "presence": presence_json(row, self.client),
            "aux_reasons": _choices(self.client.handoff.aux_reasons),
            "capacity": capacity,
            "team": self.views.team(team),
        }

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
            "sub_topics": {topic: _choices(names) for topic, names in self.client.procedures.sub_topics.items()},
            "contacts": [
                {"id": kind, "label": contact.label, "guide": contact.guide, "caller": contact.caller}
                for kind, contact in self.client.procedures.contacts.items()
            ],
            "verification_fields": _choices(self.client.procedures.verification.fields),
            "outlets": [{"id": outlet.id, "label": outlet.name} for outlet in self.client.outlets],
            "teams": [{"id": key, "label": team.label, "tier": team.tier} for key, team in self.client.floor.teams.items()],
            "transfer_reasons": _choices(self.client.floor.transfer_reasons),
            "decline_reasons": _choices(self.client.floor.decline_reasons),
        }

    async def summary(self, user: User, conversation: str) -> Json:
        """One conversation's summary. Raises `not_found`."""
        require_desk(user)
        async with self.db.read() as tx:
            if await get(tx, conversation) is None:
                raise not_found()
            return await self.views.summary(tx, conversation)

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
                "card": await self.views.card(tx, row, user),
                "procedure": await self.guiding.present(tx, row, user.name),
                "draft": await kept_draft(tx, user.id, row.id),
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
        check_presence(self.client, state, reason)
        async with self.db.write() as tx:
            row = await presences.set_presence(tx, user.id, state, reason if state == "aux" else None, by=user.id)
            return presence_json(row, self.client)

    # --- taking and leaving

    async def accept(self, user: User, conversation: str, number: int) -> Json:
        """Take it from the queue; `number` is the episode the agent saw. 409 when somebody was faster or the agent is full."""
        require_desk(user)
        routing = self.client.floor.routing
        async with self.db.write() as tx:
            row = await locked(tx, conversation)
            if row.owner == Owner.AGENT and row.agent_id == user.id and row.episode == number:
                return await self.views.summary(tx, conversation)  # asked twice
            await presences.hold(tx, user.id)
            try:
                if row.owner == Owner.QUEUE and row.episode == number:
                    offer = await open_offer(tx, row.id)
                    if not routing.pull and user.role not in LEADS and (offer is None or offer.agent_id != user.id):
                        raise DeskError(409, "not_offered", "Percakapan ini tidak ditawarkan kepada Anda.")
                    await handoff.make_room(tx, user.id, row.id, await capacity_of(tx, user.id, self.client), self.client)
                await handoff.accept(tx, conversation, number, user.id, user.name)
                tx.publish("agent_read", conversation=conversation)
            except OwnerChanged:
                raise await self._taken(tx, row) from None
            except handoff.Full as full:
                told = f"Anda sudah menangani {full.held} percakapan. Selesaikan salah satu terlebih dahulu."
                raise DeskError(409, "at_capacity", told) from None
            return await self.views.summary(tx, conversation)

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
            if not reachable(row):
                raise DeskError(422, "no_channel", "Kontak ini dicatat manual: tidak dapat dikembalikan ke bot.")
            await handoff.give_back(tx, row, by=user.id, reason=reason, client=self.client)
            await tx.execute(update(conversations).where(conversations.c.id == row.id).values(waiting_since=None, unread=0))
            if window_open(row, tx.now):
                await send(tx, row, Outbound(RETURNED), author="system")
            return await self.views.summary(tx, conversation)

    async def close(
        self, user: User, conversation: str, outcome: str, closing: bool, topic: str = "", sub_topic: str = "", override: str = ""
    ) -> Json:
        """Close it; `closing`: say the SOP's farewell and ask the survey, where the channel still lets us.

        422 `steps_missing` when the guide's steps for this outcome are not done; who leads may say why not (`override`).
        """
        require_desk(user)
        if outcome not in self.client.handoff.outcomes:
            raise bad_field("Pilih hasil percakapan.")
        async with self.db.write() as tx:
            row = await locked(tx, conversation)
            self._require_leaving(row, user)
            if topic:
                await self.guiding.set_topic(tx, row, topic, sub_topic or None, user.id)
                row = await locked(tx, conversation)
            await self.guiding.require_steps(tx, row, outcome, override, user, user.role in LEADS)
            parting = closing and window_open(row, tx.now)
            if parting:
                sent = await send(tx, row, farewell(self.client, self.library.calendar, tx.now), author="system")
                await mark_steps(tx, row.id, {"penutup": sent["id"]}, user.id)
            await handoff.finish(tx, row, by=user.id, outcome=outcome, survey=parting, client=self.client)
            await tx.execute(update(conversations).where(conversations.c.id == row.id).values(unread=0))
            return await self.views.summary(tx, conversation)

    def _require_leaving(self, row: Row[Any], user: User) -> None:
        """Raises unless the user may end the hand-off under way: its agent, or a leader for anybody, also in the queue."""
        if user.role in LEADS and row.owner in (Owner.QUEUE, Owner.AGENT):
            return
        require_owning(row, user)

    # --- writing

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
        async with self.db.write() as tx:
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
            await drop_draft(tx, user.id, row.id)
            await said(tx, self.client, row, text, sent["id"], user.id)
            fate = await self.assist.settle(tx, row, user.id, user.name, text, suggestion)
            if suggestion and suggestion["id"].startswith("k:") and fate in ("used", "edited"):
                await solved(tx, self.client, row, sent["id"], user.id)
            await wait_for_customer(tx, row.id, Owner.AGENT, self.client, tx.now)
            tx.publish("conversation", id=row.id)
            return await self._message(tx, row.id, sent["seq"])

    async def note(self, user: User, conversation: str, client_id: str, text: str, to: Collection[str] = ()) -> Json:
        """Write a note that no customer sees: into one's own, a queued, as a leader into any conversation, and where one was asked.

        `to`: ids of colleagues who are asked about it.
        """
        require_desk(user)
        text = hide_secrets(self._checked(text))[0]
        async with self.db.write() as tx:
            row = await locked(tx, conversation)
            if (stored := await said_before(tx, row.id, user.id, client_id)) is not None:
                return await self._message(tx, row.id, stored)
            if row.owner != Owner.QUEUE and not await self.consulting.asked(tx, row.id, user):
                require_own_or_lead(row, user)
            content = {"client_id": client_id}
            written = await append(tx, row.id, author="agent", text=text, agent_id=user.id, name=user.name, note=True, content=content)
            await facts.record(tx, "note_added", conversation=row.id, customer=row.customer_id, agent=user.id, message=written["id"])
            await self.consulting.ask(tx, row, user, written["id"], text, to)
            return await self._message(tx, row.id, written["seq"])

    async def typing(self, user: User, conversation: str) -> None:
        """The agent writes: only the serving agent's typing is told."""
        require_desk(user)
        async with self.db.read() as tx:
            row = await get(tx, conversation)
        if row is None:
            raise not_found()
        require_owning(row, user)
        await self.db.tell(("agent_typing", {"conversation": conversation, "name": user.name}))

    def _checked(self, text: str, empty_ok: bool = False) -> str:
        text, most = text.strip(), self.client.messages.max_chars
        if not text and not empty_ok:
            raise DeskError(422, "empty", "Pesan masih kosong.")
        if len(text) > most:
            raise DeskError(422, "too_long", f"Pesan terlalu panjang, paling banyak {most} karakter.")
        return text

    async def _may_leave(self, tx: Tx, row: Row[Any], user: User, text: str, seen: int | None) -> None:
        """Raises `foreign_data`, or `others_wrote` when a person of ours wrote to the customer what the writer has not seen."""
        if found := await foreign_data(tx, self.client, row, text):
            raise foreign(found)
        if seen is None:
            return
        m = messages.c
        newer = (m.conversation_id == row.id) & (m.seq > seen) & (m.author == "agent") & m.note.is_(False)
        unseen = list((await tx.execute(select(m.seq).where(newer).order_by(m.seq).limit(5))).scalars())
        if unseen:
            shown = await self.views.messages(tx, row.id, unseen)
            told = "Ada balasan lain yang baru saja terkirim dan belum Anda lihat. Kirim juga?"
            raise DeskError(409, "others_wrote", told, messages=shown)

    async def _message(self, tx: Tx, conversation: str, seq: int) -> Json:
        return (await self.views.messages(tx, conversation, [seq]))[0]


def _choices(named: dict[str, str]) -> list[Json]:
    return [{"id": key, "label": label} for key, label in named.items()]
