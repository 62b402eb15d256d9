"""What an agent does with a conversation: see, take, answer, give back, close. Each use case is one transaction."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.engine import Row

from bot.assist.service import Assist
from bot.channels.delivery import reachable, send, window_open
from bot.channels.files import Files
from bot.channels.messages import Outbound
from bot.client import Client
from bot.conversations.closing import farewell
from bot.conversations.ownership import Owner
from bot.conversations.records import conversations
from bot.conversations.service import OwnerChanged, get, mark_steps
from bot.conversations.transcript import iso
from bot.desk.access import LEADS, locked, require_desk, require_owning
from bot.desk.casework import Casework
from bot.desk.consulting import Consulting
from bot.desk.contacts import Contacts
from bot.desk.customers import Customers
from bot.desk.errors import DeskError, bad_field, conflict, not_found
from bot.desk.floor import FloorDesk, check_presence
from bot.desk.guiding import Guiding
from bot.desk.records import users
from bot.desk.replying import Replying
from bot.desk.sessions import User
from bot.desk.ticketing import Ticketing
from bot.desk.views import BOXES, Views, presence_json
from bot.desk.writing import Writing, kept_draft
from bot.dialogue.unit import Library
from bot.handoff import presence as presences
from bot.handoff import service as handoff
from bot.handoff.offers import open_offer
from bot.handoff.people import capacity_of
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
        self.views = Views(library, sign_media)
        self.assist = assist or Assist(db, library)
        self.tickets = Ticketing(db, library, self.views.tickets, files, settings.upload_max_bytes)
        self.casework = Casework(db, library, self.tickets, sign_media)
        self.guiding = Guiding(db, library)
        self.contacts = Contacts(db, library, self.views)
        self.consulting = Consulting(db, self.views)
        self.customers = Customers(db, library)
        self.replying = Replying(db, library.client, self.views, self.assist, self.consulting)
        self.writing = Writing(db, library, settings, self.views, self.guiding, files)
        self.floor = FloorDesk(db, library.client, self.views)

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


def _choices(named: dict[str, str]) -> list[Json]:
    return [{"id": key, "label": label} for key, label in named.items()]
