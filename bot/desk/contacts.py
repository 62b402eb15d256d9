"""Contacts recorded by hand: a call, an outlet on the line, somebody at head office (SOP matrix rows 1, 7, 10). The same guide leads them."""

from __future__ import annotations

from typing import Any

import phonenumbers
from sqlalchemy import select
from sqlalchemy.engine import Row
from sqlalchemy.exc import IntegrityError

from bot.channels.messages import Sender
from bot.client import Client
from bot.client_desk import Contact
from bot.conversations import facts
from bot.conversations.ownership import Owner
from bot.conversations.records import conversations, messages
from bot.conversations.secrets import hide_secrets
from bot.conversations.transcript import append
from bot.customers.service import find_or_create
from bot.desk.access import locked, require_desk, require_owning
from bot.desk.errors import DeskError, bad_field, conflict
from bot.desk.merging import propose_same_phone
from bot.desk.sessions import User
from bot.desk.views import Views
from bot.dialogue.unit import Library
from bot.ids import new_id
from bot.procedure.rules import NO_NEED
from bot.procedure.service import said, topic_known
from bot.store.database import Database, Tx

NAME = 100  # most characters
Json = dict[str, Any]


class Contacts:
    """Beginning a contact by hand and writing down what was said. Raises DeskError for everything that is refused."""

    def __init__(self, db: Database, library: Library, views: Views) -> None:
        self._db = db
        self._client: Client = library.client
        self._views = views

    async def begin(self, user: User, kind: str, name: str, phone: str, outlet: str, topic: str) -> Json:
        """A conversation in the caller's hands. It counts towards the agent's load but is never refused for it: the caller is there already.

        422 `bad_field`; 409 `conflict` with the conversation when one of this kind with this customer is in the caller's hands already.
        """
        require_desk(user)
        contact = self._client.procedures.contacts.get(kind)
        if contact is None:
            raise bad_field("Pilih jenis kontak.")
        if topic and (topic not in self._client.topics or topic in NO_NEED):
            raise bad_field("Pilih topik percakapan.")
        sender = self._sender(contact, name.strip(), phone.strip(), outlet)
        try:
            async with self._db.write() as tx:
                customer = await find_or_create(tx, sender)
                await propose_same_phone(tx, customer)
                conversation = await self._open(tx, user, kind, contact, customer, topic or None)
                return await self._views.summary(tx, conversation)
        except IntegrityError:
            raise await self._already(user, kind, sender) from None

    def _sender(self, contact: Contact, name: str, phone: str, outlet: str) -> Sender:
        if contact.caller == "outlet":
            if outlet not in self._client.outlet_by_id:
                raise bad_field("Pilih outlet yang menghubungi.")
            return Sender((("outlet", outlet),), self._client.outlet_by_id[outlet].name)
        if not 1 <= len(name) <= NAME:
            raise bad_field("Isi nama nasabah.")
        if not phone:
            return Sender((("walk_in", new_id()),), name)
        digits = phone_digits(phone)
        if digits is None:
            raise bad_field("Nomor telepon tidak dikenali. Tulis seperti 0812… atau +62812….")
        return Sender((("phone", digits),), name)

    async def _open(self, tx: Tx, user: User, kind: str, contact: Contact, customer: str, topic: str | None) -> str:
        conversation = new_id()
        await tx.insert(
            conversations,
            id=conversation,
            channel=kind,
            account=user.id,
            customer_id=customer,
            owner=Owner.AGENT,
            agent_id=user.id,
            agent_name=user.name,
            opened_at=tx.now,
            last_at=tx.now,
            topic=topic,
            procedure=contact.guide,
            steps={},
        )
        await facts.record(tx, "conversation_opened", conversation=conversation, customer=customer, channel=kind)
        await facts.record(tx, "contact_recorded", conversation=conversation, customer=customer, agent=user.id, channel=kind, topic=topic)
        row: Row[Any] | None = await tx.find(conversations, id=conversation)
        assert row is not None
        if topic:
            await topic_known(tx, self._client, row, topic, user.id)
        tx.publish("conversation", id=conversation)
        return conversation

    async def _already(self, user: User, kind: str, sender: Sender) -> DeskError:
        async with self._db.write() as tx:
            customer = await find_or_create(tx, sender)
            mine = (conversations.c.account == user.id) & (conversations.c.channel == kind) & (conversations.c.owner != Owner.CLOSED)
            found = await tx.execute(select(conversations.c.id).where(mine, conversations.c.customer_id == customer))
            summaries = await self._views.by_ids(tx, list(found.scalars()))
        return conflict("Kontak dengan nasabah ini sedang Anda tangani.", conversation=summaries[0] if summaries else None)

    async def said(self, user: User, conversation: str, client_id: str, author: str, text: str) -> Json:
        """What the customer or the agent said, written down. The same `client_id` is stored once."""
        require_desk(user)
        if author not in ("customer", "agent"):
            raise bad_field("Pilih siapa yang berbicara.")
        text = hide_secrets(text.strip())[0]
        if not text:
            raise DeskError(422, "empty", "Tulisan masih kosong.")
        if len(text) > self._client.messages.max_chars:
            raise DeskError(422, "too_long", f"Tulisan terlalu panjang, paling banyak {self._client.messages.max_chars} karakter.")
        async with self._db.write() as tx:
            row = await locked(tx, conversation)
            require_owning(row, user)
            if row.channel not in self._client.procedures.contacts:
                raise bad_field("Percakapan ini berlangsung di kanal nasabah: balas langsung di sana.")
            same = messages.c.content["client_id"].as_string() == client_id
            stored = (await tx.execute(select(messages.c.seq).where(messages.c.conversation_id == row.id, same).limit(1))).scalar()
            if stored is None:
                stored = await self._write_down(tx, row, user, author, text, client_id)
            return (await self._views.messages(tx, row.id, [stored]))[0]

    async def _write_down(self, tx: Tx, row: Row[Any], user: User, author: str, text: str, client_id: str) -> int:
        columns: Json = {"content": {"client_id": client_id}}
        if author == "agent":
            columns |= {"agent_id": user.id, "name": user.name}
        else:
            columns |= {"todo": "read"}  # understood for the desk's assist, like any customer's message
        written = await append(tx, row.id, author=author, text=text, **columns)
        await facts.record(
            tx, "contact_said", conversation=row.id, customer=row.customer_id, agent=user.id, author=author, message=written["id"]
        )
        if author == "agent":
            await said(tx, self._client, row, text, written["id"], user.id)
        else:
            tx.publish("inbox", conversation=row.id, todo="read", channel=row.channel)
        tx.publish("conversation", id=row.id)
        return int(written["seq"])


def phone_digits(phone: str) -> str | None:
    """An Indonesian or international number as digits with the country's code, None if it is none."""
    try:
        parsed = phonenumbers.parse(phone, "ID")
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_possible_number(parsed):
        return None
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164).removeprefix("+")
