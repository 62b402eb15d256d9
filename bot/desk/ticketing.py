"""Tickets at the desk: made for a conversation, changed under their version."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select
from sqlalchemy.engine import Row

from bot.conversations.secrets import hide_secrets
from bot.conversations.service import get
from bot.desk.access import locked, require_desk, require_own_or_lead
from bot.desk.errors import DeskError, bad_field, conflict, not_found
from bot.desk.sessions import User
from bot.dialogue.unit import Library
from bot.ids import new_id
from bot.procedure.service import solved
from bot.store.database import Database, Tx
from bot.tickets import service as tickets
from bot.tickets.clock import promised_at
from bot.tickets.records import tickets as table
from bot.tickets.service import NewTicket, TicketConflict, reserve_number

SUMMARY, DETAIL = 200, 8000  # most characters
Json = dict[str, Any]


class Ticketing:
    """Making and changing tickets. Raises DeskError for everything that is refused."""

    def __init__(self, db: Database, library: Library) -> None:
        self._db = db
        self._library = library

    async def make(self, user: User, conversation: str, fields: dict[str, Any], client_id: str | None = None) -> Json:
        """A ticket for a conversation of one's own, or as a leader for any. The same `client_id` makes one ticket."""
        require_desk(user)
        wanted = self._checked({"product": None, "detail": "", "priority": "normal", **fields}, needed=("topic", "summary"))
        async with self._db.read() as tx:
            row = await get(tx, conversation)
        if row is None:
            raise not_found()
        require_own_or_lead(row, user)
        cause = f"{row.id}:{user.id}:{client_id or new_id()}"
        number = await reserve_number(self._db, self._library.client.tickets, cause)
        async with self._db.write() as tx:
            row = await locked(tx, conversation)  # requests for the same ticket come one after the other
            require_own_or_lead(row, user)
            await tickets.create(tx, self._new(user, row, cause, number, wanted, tx))
            await solved(tx, self._library.client, row, number, user.id)
            return await self._shown(tx, cause)

    def _new(self, user: User, row: Row[Any], cause: str, number: str, wanted: dict[str, Any], tx: Tx) -> NewTicket:
        client = self._library.client
        return NewTicket(
            cause=cause,
            number=number,
            customer_id=row.customer_id,
            conversation_id=row.id,
            channel=row.channel,
            topic=wanted["topic"],
            summary=wanted["summary"],
            detail=wanted["detail"],
            priority=wanted["priority"],
            promised_at=promised_at(tx.now, wanted["topic"], client, self._library.calendar),
            created_by=user.id,
            product=wanted["product"],
        )

    async def _shown(self, tx: Tx, cause: str) -> Json:
        row = (await tx.execute(select(table).where(table.c.cause == cause))).one()
        return await tickets.present(tx, row, self._library.client)

    async def change(self, user: User, number: str, version: int, fields: dict[str, Any]) -> Json:
        """Change a ticket that is still at `version`; 409 `conflict` with the ticket as it is now otherwise."""
        require_desk(user)
        wanted = self._checked(fields)
        if not wanted:
            raise DeskError(422, "empty", "Tidak ada yang diubah.")
        client = self._library.client
        async with self._db.write() as tx:
            try:
                await tickets.change(tx, number, version, user.name, user.id, **wanted)
            except LookupError:
                raise not_found() from None
            except TicketConflict as error:
                now = await tickets.get(tx, number)
                assert now is not None
                raise conflict(str(error), ticket=await tickets.present(tx, now, client)) from None
            row = await tickets.get(tx, number)
            assert row is not None
            return await tickets.present(tx, row, client)

    def _checked(self, fields: dict[str, Any], needed: tuple[str, ...] = ()) -> dict[str, Any]:
        """The fields that make sense, secrets hidden; raises `bad_field` for the first that does not."""
        rules, client = self._library.client.tickets, self._library.client
        for name, known, told in (
            ("topic", client.topics, "Pilih topik tiket."),
            ("priority", rules.priorities, "Pilih prioritas tiket."),
            ("status", rules.statuses, "Pilih status tiket."),
        ):
            if (name in fields or name in needed) and fields.get(name) not in known:
                raise bad_field(told)
        if fields.get("product") is not None and fields["product"] not in rules.products:
            raise bad_field("Produk tidak dikenal.")
        checked = dict(fields)
        for name, most, told in (("summary", SUMMARY, "Ringkasan"), ("detail", DETAIL, "Uraian"), ("note", DETAIL, "Catatan")):
            if name in fields or name in needed:
                checked[name] = hide_secrets(str(fields.get(name) or "").strip())[0]
                if len(checked[name]) > most:
                    raise DeskError(422, "too_long", f"{told} terlalu panjang, paling banyak {most} karakter.")
        if "summary" in checked and not checked["summary"]:
            raise bad_field("Isi ringkasan tiket.")
        if not checked.get("note", "-"):
            del checked["note"]
        return checked
