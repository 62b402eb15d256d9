"""Tickets at the desk: made for a conversation or by hand, changed and moved under their version, by whoever may."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from aiohttp import web
from sqlalchemy import select
from sqlalchemy.engine import Row

from bot.channels.files import Files
from bot.channels.messages import Sender
from bot.channels.uploads import UploadRefused, take_upload
from bot.conversations import facts
from bot.conversations.secrets import hide_secrets
from bot.conversations.service import get as get_conversation
from bot.customers.service import find_or_create
from bot.desk.access import DESK, LEADS, locked, require_desk, require_own_or_lead, require_tickets, unit_of
from bot.desk.contacts import NAME, phone_digits
from bot.desk.errors import DeskError, bad_field, conflict, forbidden, not_found
from bot.desk.records import users
from bot.desk.sessions import User
from bot.desk.ticket_access import may_see, reader_of
from bot.desk.ticket_fields import checked
from bot.desk.ticket_views import TicketViews
from bot.dialogue.unit import Library
from bot.ids import new_id
from bot.procedure.service import solved
from bot.store.database import Database, Tx
from bot.tickets import service as tickets
from bot.tickets.calling import record_call
from bot.tickets.clock import promised_at
from bot.tickets.flow import Actor, Refused
from bot.tickets.linking import link, merge, split, unlink
from bot.tickets.records import ticket_files, ticket_numbers
from bot.tickets.records import tickets as table
from bot.tickets.service import NewTicket, TicketConflict, reserve_number
from bot.tickets.telling import write_to

CHANNELS = ("phone", "walk_in", "outlet_call", "social", "email")  # of what is recorded by hand
Json = dict[str, Any]


class Ticketing:
    """The use cases. They raise DeskError for everything that is refused."""

    def __init__(self, db: Database, library: Library, views: TicketViews, files: Files | None, upload_max_bytes: int) -> None:
        self._db = db
        self._library = library
        self._views = views
        self._files = files
        self._most = upload_max_bytes

    async def make(self, user: User, conversation: str, fields: dict[str, Any], client_id: str | None = None) -> Json:
        """A ticket for a conversation of one's own, or as a leader for any. The same `client_id` makes one ticket."""
        require_desk(user)
        wanted = checked(self._library.client, {"product": None, "detail": "", "priority": "normal", **fields}, needed=("topic", "summary"))
        async with self._db.read() as tx:
            row = await get_conversation(tx, conversation)
        if row is None:
            raise not_found()
        require_own_or_lead(row, user)
        cause = f"{row.id}:{user.id}:{client_id or new_id()}"
        number = await reserve_number(self._db, self._library.client.tickets, cause)
        async with self._db.write() as tx:
            row = await locked(tx, conversation)  # requests for the same ticket come one after the other
            require_own_or_lead(row, user)
            by = await self.actor(tx, user)
            await tickets.create(tx, self._library, self._new(tx, by, cause, number, wanted, row.customer_id, row.id, row.channel))
            await solved(tx, self._library.client, row, number, user.id)
            return await self._of_cause(tx, cause, user, by)

    async def make_by_hand(self, user: User, fields: dict[str, Any], client_id: str) -> Json:
        """A ticket of a phone call, a visit, an outlet's call (matrix rows 1, 7, 10). The same `client_id` makes one ticket."""
        require_desk(user)
        client = self._library.client
        wanted = checked(
            client, {"product": None, "detail": "", "priority": "normal", **fields}, needed=("kind", "topic", "summary", "form")
        )
        if fields.get("channel") not in CHANNELS:
            raise bad_field("Pilih saluran.")
        cause = f"hand:{user.id}:{client_id}"
        number = await reserve_number(self._db, client.tickets, cause)
        if fields["channel"] != "outlet_call" and not fields.get("customer"):
            wanted |= {"reporter": str(fields.get("name") or "").strip(), "contact": str(fields.get("phone") or "").strip() or None}
        async with self._db.write() as tx:
            by = await self.actor(tx, user)
            held = select(ticket_numbers).where(ticket_numbers.c.cause == cause).with_for_update()  # one request after the other
            await tx.execute(held)
            if await tx.find(table, cause=cause) is not None:
                return await self._of_cause(tx, cause, user, by)
            customer = await self._customer(tx, fields)
            new = self._new(tx, by, cause, number, wanted, customer, None, fields["channel"])
            await tickets.create(tx, self._library, new)
            return await self._of_cause(tx, cause, user, by)

    async def _customer(self, tx: Tx, fields: Mapping[str, Any]) -> str:
        """Whom it is about: a known customer, an outlet that called, or a name with or without a number."""
        if known := fields.get("customer"):
            if not await self._views.customer_exists(tx, known):
                raise bad_field("Nasabah tidak dikenal.")
            return str(known)
        outlet = self._library.client.outlet_by_id.get(fields.get("outlet") or "")
        if fields["channel"] == "outlet_call":
            if outlet is None:
                raise bad_field("Pilih outlet yang menghubungi.")
            return await find_or_create(tx, Sender((("outlet", outlet.id),), outlet.name))
        name, phone = str(fields.get("name") or "").strip(), str(fields.get("phone") or "").strip()
        if not 1 <= len(name) <= NAME:
            raise bad_field("Isi nama nasabah.")
        if not phone:
            return await find_or_create(tx, Sender((("walk_in", new_id()),), name))
        digits = phone_digits(phone)
        if digits is None:
            raise bad_field("Nomor telepon tidak dikenali. Tulis seperti 0812… atau +62812….")
        return await find_or_create(tx, Sender((("phone", digits),), name))

    def _new(
        self, tx: Tx, by: Actor, cause: str, number: str, wanted: Json, customer: str, conversation: str | None, channel: str
    ) -> NewTicket:
        client = self._library.client
        kind = wanted.get("kind") or client.ticketing.kind_of_topic.get(wanted["topic"])
        return NewTicket(
            cause=cause,
            number=number,
            customer_id=customer,
            conversation_id=conversation,
            channel=channel,
            topic=wanted["topic"],
            summary=wanted["summary"],
            detail=wanted["detail"],
            priority=wanted["priority"],
            promised_at=promised_at(tx.now, wanted["topic"], client, self._library.calendar, kind),
            created_by=by.id,
            unit_of_maker=by.unit,
            **{
                name: wanted.get(name)
                for name in ("product", "kind", "category", "sub_category", "outlet_id", "form", "reporter", "contact")
            },
        )

    async def _of_cause(self, tx: Tx, cause: str, user: User, by: Actor) -> Json:
        row = (await tx.execute(select(table).where(table.c.cause == cause))).one()
        return await self._views.whole(tx, row, user, by)

    async def show(self, user: User, number: str) -> Json:
        """A ticket with everything, as far as the caller may see it."""
        require_tickets(user)
        async with self._db.read() as tx:
            row = await self.seen(tx, user, number)
            return await self._views.whole(tx, row, user, await self.actor(tx, user))

    async def change(self, user: User, number: str, version: int, fields: dict[str, Any]) -> Json:
        """Change what it says, or its status in the words of the desk; 409 `conflict` with the ticket as it is when another was faster."""
        wanted = checked(self._library.client, fields)
        note, status = wanted.pop("note", None), wanted.pop("status", None)
        if not (wanted or note or status):
            raise DeskError(422, "empty", "Tidak ada yang diubah.")

        async def write(tx: Tx, by: Actor) -> None:
            held: int | None = version
            row = await self.seen(tx, user, number)
            if wanted or (note and not status):
                if wanted and not self._may_write(row, by):
                    raise forbidden()
                await tickets.change(tx, self._library, number, by, wanted, version, note)
                held = None
            if status:
                await self._to_status(tx, row, by, status, note, held)

        return await self._writing(user, number, write)

    async def _to_status(self, tx: Tx, row: Row[Any], by: Actor, status: str, note: str | None, version: int | None) -> None:
        """The desk's short way: accepted if it was not, then to `in_progress`, `waiting_customer` or `solved`."""
        state = tickets.state_of(row)
        if state.status == status:
            if note:
                await tickets.change(tx, self._library, row.number, by, {}, version, note)
            return
        if not state.accepted and not state.closed:
            await tickets.act(tx, self._library, row.number, "accept", by, {"quiet": status != "in_progress"}, version)
            version = None
            state = tickets.state_of(await tickets.locked(tx, row.number))
            if state.status == status:
                return
        steps = {"in_progress": "reopen" if state.closed else "resume" if state.status in ("waiting_customer", "confirming") else "work"}
        steps |= {"waiting_customer": "wait", "solved": "confirm" if state.status == "confirming" else "solve"}
        if status not in steps:
            raise bad_field("Pilih status tiket.")
        given = {"note": note, "resolution": note, "how": "system", "quiet": status == "waiting_customer" and not note}
        await tickets.act(tx, self._library, row.number, steps[status], by, given, version)

    async def do(self, user: User, number: str, action: str, version: int, fields: Mapping[str, Any]) -> Json:
        """One step of the flow (bot/tickets/flow.py). Raises 409 `conflict` (another version), 409 `not_now`, 422 `bad_field`."""
        given = await self._given(action, fields)

        async def write(tx: Tx, by: Actor) -> None:
            row = await self.seen(tx, user, number)
            if action == "assign" and given["to"]:
                await self._require_colleague(tx, row, given["to"])
            await tickets.act(tx, self._library, number, action, by, given, version)

        return await self._writing(user, number, write)

    async def _given(self, action: str, fields: Mapping[str, Any]) -> Json:
        """What an action needs, checked."""
        rules = self._library.client.ticketing
        note = hide_secrets(str(fields.get("note") or "").strip())[0]
        given: Json = {"note": note, "to": fields.get("to") or None}
        reasons = {"dispatch": rules.dispatch_reasons, "return": rules.return_reasons, "reopen": rules.reopen_reasons}.get(action)
        if reasons is not None:
            if fields.get("reason") not in reasons:
                raise bad_field("Pilih alasan.")
            given["reason"] = fields["reason"]
        if action == "dispatch" and given["to"] not in rules.units:
            raise bad_field("Pilih unit tujuan.")
        if action in ("wait", "propose") and not note:
            raise bad_field("Tulis yang akan dibaca nasabah.")
        if action == "solve":
            given |= checked(self._library.client, {"resolution": fields.get("resolution")}, needed=("resolution",))
            given["how"] = fields.get("how") or "system"
            if given["how"] not in ("system", "berita_acara"):
                raise bad_field("Pilih cara penyelesaian.")
            if given["how"] == "berita_acara":
                given |= checked(self._library.client, {"form": fields.get("form")}, needed=("form",), form="berita_acara")
        return given

    async def note(self, user: User, number: str, client_id: str, text: str, audience: str) -> Json:
        """A note; to the `customer` it is sent as well. The same `client_id` is stored once."""
        text = checked(self._library.client, {"note": text}).get("note") or ""
        if not text:
            raise DeskError(422, "empty", "Tulisan masih kosong.")
        if audience not in ("internal", "customer"):
            raise bad_field("Pilih untuk siapa catatan ini.")
        if audience == "customer" and user.role not in DESK:
            raise forbidden()

        async def write(tx: Tx, by: Actor) -> None:
            await self.seen(tx, user, number)
            row = await tickets.locked(tx, number)
            if await tickets.add_note(tx, row, by, text, audience, f"{user.id}:{client_id}"[:64]):
                if audience == "customer" and await write_to(tx, self._library, row, text) == "none":
                    raise DeskError(422, "no_channel", "Nasabah ini tidak dapat dikirimi pesan. Hubungi melalui telepon.")
                await tickets.touch(tx, self._library, row)

        return await self._writing(user, number, write)

    async def call(self, user: User, number: str, client_id: str, outcome: str, note: str, next_at: datetime | None) -> Json:
        """A call to the customer (matrix row 4): what came of it, and when to call again."""
        if outcome not in self._library.client.ticketing.call_outcomes:
            raise bad_field("Pilih hasil panggilan.")
        note = checked(self._library.client, {"note": note}).get("note") or ""
        require_desk(user)

        async def write(tx: Tx, by: Actor) -> None:
            await self.seen(tx, user, number)
            if next_at is not None and next_at <= tx.now:
                raise bad_field("Waktu menghubungi kembali harus di depan.")
            await record_call(tx, self._library, number, by, outcome, note, next_at, f"{user.id}:{client_id}"[:64])

        return await self._writing(user, number, write)

    async def merge(self, user: User, number: str, version: int, into: str) -> Json:
        """Close it as part of another ticket of the same customer (a leader: of any)."""

        async def write(tx: Tx, by: Actor) -> None:
            await self.seen(tx, user, number)
            await self.seen(tx, user, into)
            await merge(tx, self._library, number, into, by, version)

        return await self._writing(user, number, write)

    async def split(self, user: User, number: str, version: int, client_id: str, fields: Json) -> Json:
        """A second ticket out of one; the new one."""
        wanted = checked(self._library.client, {"product": None, "detail": "", "priority": "normal", **fields}, needed=("topic", "summary"))
        cause = f"split:{number}:{user.id}:{client_id}"
        new = await reserve_number(self._db, self._library.client.tickets, cause)

        async def write(tx: Tx, by: Actor) -> None:
            row = await self.seen(tx, user, number)
            made = self._new(tx, by, cause, new, wanted, row.customer_id, row.conversation_id, row.channel)
            await split(tx, self._library, number, made, by, version)

        await self._writing(user, number, write)
        return await self.show(user, new)

    async def link(self, user: User, number: str, other: str, remove: bool) -> Json:
        """Name two tickets related, or no more."""

        async def write(tx: Tx, by: Actor) -> None:
            await self.seen(tx, user, number)
            await self.seen(tx, user, other)
            await (unlink if remove else link)(tx, self._library, number, other, by)

        return await self._writing(user, number, write)

    async def attach(self, user: User, number: str, request: web.Request) -> Json:
        """Keep an uploaded file with the ticket. Raises what an upload raises at the desk."""
        require_tickets(user)
        async with self._db.read() as tx:
            row = await self.seen(tx, user, number)
        assert self._files is not None
        try:
            kept = await take_upload(request, self._db, self._files, self._most, channel="desk", customer_id=row.customer_id)
        except UploadRefused as refused:
            raise DeskError(refused.status, refused.code, refused.message) from None

        async def write(tx: Tx, by: Actor) -> None:
            locked_row = await tickets.locked(tx, number)
            await tx.insert(ticket_files, ticket=number, media_id=kept["id"], by_id=by.id, at=tx.now)
            await facts.record(tx, "ticket_filed", customer=locked_row.customer_id, agent=by.id, ticket=number, media=kept["id"])
            await tickets.touch(tx, self._library, locked_row)

        return await self._writing(user, number, write)

    async def _writing(self, user: User, number: str, write: Any) -> Json:
        """Run one change in a transaction; refusals as the desk says them; the ticket after it."""
        require_tickets(user)
        async with self._db.write() as tx:
            by = await self.actor(tx, user)
            try:
                await write(tx, by)
            except LookupError:
                raise not_found() from None
            except TicketConflict as error:
                raise conflict(str(error), ticket=await self._now(tx, number, user, by)) from None
            except Refused as error:
                raise DeskError(409, "not_now", str(error), ticket=await self._now(tx, number, user, by)) from None
            return await self._now(tx, number, user, by)

    async def _now(self, tx: Tx, number: str, user: User, by: Actor) -> Json:
        row = await tickets.get(tx, number)
        assert row is not None
        return await self._views.whole(tx, row, user, by)

    async def seen(self, tx: Tx, user: User, number: str, lock: bool = False) -> Row[Any]:
        """The ticket, if the caller may know of it. Raises `not_found`."""
        row = await tickets.get(tx, number, lock)
        if row is None or not await may_see(tx, await reader_of(tx, user), number):
            raise not_found()
        return row

    @staticmethod
    def _may_write(row: Row[Any], by: Actor) -> bool:
        return by.may_move(tickets.state_of(row)) or row.created_by == by.id

    async def _require_colleague(self, tx: Tx, row: Row[Any], person: str) -> None:
        found = (await tx.execute(select(users).where(users.c.id == person))).first()
        if found is None or not found.active or (found.team != row.unit and found.role not in LEADS):
            raise bad_field("Pilih rekan di unit yang memegang tiket ini.")

    async def actor(self, tx: Tx, user: User) -> Actor:
        """The caller as the flow knows them."""
        return Actor(user.id, user.name, await unit_of(tx, user), user.role in LEADS)
