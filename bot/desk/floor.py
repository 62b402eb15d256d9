"""The floor at the desk: answering offers, handing on, writing up, and who works with whom. Each use case is one transaction."""

from __future__ import annotations

from typing import Any

from sqlalchemy import func, select

from bot.channels.delivery import send, window_open
from bot.channels.messages import Outbound
from bot.client import Client
from bot.conversations.ownership import Owner
from bot.conversations.secrets import hide_secrets
from bot.conversations.service import OwnerChanged
from bot.desk.access import LEADS, locked, not_yours, require_desk, require_owning
from bot.desk.errors import bad_field, conflict, forbidden, not_found
from bot.desk.records import users
from bot.desk.sessions import User
from bot.desk.views import Views, presence_json
from bot.handoff import offers, wrapup
from bot.handoff import presence as presences
from bot.handoff.people import AT_DESK, loads
from bot.handoff.records import presence, wrapups
from bot.handoff.transfer import place_of, told, transfer
from bot.store.database import Database

Json = dict[str, Any]
NOTE = 1000  # characters of a transfer's note


class FloorDesk:
    """The floor's use cases. They raise DeskError for everything that is refused."""

    def __init__(self, db: Database, client: Client, views: Views) -> None:
        self._db = db
        self._client = client
        self._views = views

    async def decline(self, user: User, conversation: str, number: int, reason: str) -> Json:
        """Not now, or not me: it goes on to the next. 409 `conflict` when it is not offered to the caller."""
        require_desk(user)
        if reason not in self._client.floor.decline_reasons:
            raise bad_field("Pilih alasan menolak.")
        async with self._db.write() as tx:
            row = await locked(tx, conversation)
            await presences.hold(tx, user.id)
            try:
                if row.episode != number:
                    raise offers.NotOffered
                await offers.decline(tx, row, user.id, reason)
            except offers.NotOffered:
                summary = await self._views.summary(tx, conversation)
                raise conflict("Percakapan ini tidak sedang ditawarkan kepada Anda.", conversation=summary) from None
            return await self._views.summary(tx, conversation)

    async def transfer(self, user: User, conversation: str, to: str, reason: str, note: str) -> Json:
        """Hand it on to `team:ID` or `agent:ID`; leaders anybody's, also out of the queue. The customer is told, where the channel lets us."""
        require_desk(user)
        client = self._client
        if reason not in client.floor.transfer_reasons:
            raise bad_field("Pilih alasan pengalihan.")
        note = hide_secrets(note.strip())[0]
        if len(note) > NOTE:
            raise bad_field(f"Catatan terlalu panjang, paling banyak {NOTE} karakter.")
        async with self._db.write() as tx:
            row = await locked(tx, conversation)
            if not (user.role in LEADS and row.owner in (Owner.QUEUE, Owner.AGENT)):
                require_owning(row, user)
            place = await place_of(tx, to, client)
            if place is None or (row.owner == Owner.AGENT and place.agent == row.agent_id):
                raise bad_field("Pilih tim atau petugas lain.")
            try:
                await transfer(tx, row, place, client, by=user.id, reason=reason, note=note)
            except OwnerChanged:
                raise conflict("Percakapan sudah berpindah.", conversation=await self._views.summary(tx, conversation)) from None
            if window_open(row, tx.now):
                await send(tx, row, Outbound(told(place)), author="system")
            return await self._views.summary(tx, conversation)

    async def end_wrapup(self, user: User, conversation: str) -> Json:
        """Writing up is done. Asked again it changes nothing."""
        require_desk(user)
        async with self._db.write() as tx:
            row = await locked(tx, conversation)
            open_ones = select(wrapups.c.agent_id).where(wrapups.c.conversation_id == row.id)
            agent = (await tx.execute(open_ones)).scalar()
            if agent is None or (agent != user.id and user.role not in LEADS):
                raise not_yours()
            await wrapup.finish(tx, row.id, user.id, self._client)
            return await self._views.summary(tx, conversation)

    async def people(self, user: User) -> Json:
        """Who works at the desk, by name, with presence and load."""
        require_desk(user)
        u, p = users.c, presence.c
        wanted = select(u.id, u.name, u.role, u.team, u.capacity, p.state, p.reason, p.since).outerjoin(presence, p.agent_id == u.id)
        async with self._db.read() as tx:
            rows = (await tx.execute(wanted.where(u.active.is_(True), u.role.in_(AT_DESK)).order_by(func.lower(u.name), u.id))).all()
            taken = await loads(tx, [row.id for row in rows])
        return {
            "people": [
                {
                    "id": row.id,
                    "name": row.name,
                    "role": row.role,
                    "team": self._views.team(row.team),
                    "presence": presence_json(row if row.state else None, self._client),
                    "load": taken[row.id].total,
                    "capacity": row.capacity if row.capacity is not None else self._client.handoff.capacity,
                }
                for row in rows
            ]
        }

    async def set_presence_of(self, user: User, agent: str, state: str, reason: str | None) -> Json:
        """A leader sets somebody's state."""
        if user.role not in LEADS:
            raise forbidden()
        check_presence(self._client, state, reason)
        async with self._db.write() as tx:
            at_desk = select(users.c.id).where(users.c.id == agent, users.c.active.is_(True), users.c.role.in_(AT_DESK))
            if (await tx.execute(at_desk)).first() is None:
                raise not_found()
            row = await presences.set_presence(tx, agent, state, reason if state == "aux" else None, by=user.id)
            return presence_json(row, self._client)


def check_presence(client: Client, state: str, reason: str | None) -> None:
    """Raises `bad_field` for a state that nobody may choose, or an AUX without one of the client's reasons."""
    if state not in presences.STATES:
        raise bad_field("Status kehadiran tidak dikenal.")
    if state == "aux" and reason not in client.handoff.aux_reasons:
        raise bad_field("Pilih alasan AUX.")
