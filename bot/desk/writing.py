"""Writing at the desk beside the plain reply: drafts, files, templates outside the 24 hours, a failed send once more."""

from __future__ import annotations

import re
from typing import Any

from aiohttp import web
from sqlalchemy import delete, select, update
from sqlalchemy.dialects.postgresql import insert as pg_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.engine import Row

from bot.channels.delivery import reachable, send, window_open
from bot.channels.files import Files
from bot.channels.messages import Delivery, Outbound, TemplateCall
from bot.channels.records import media
from bot.channels.uploads import UploadRefused, take_upload
from bot.client import Client
from bot.client_desk import Template
from bot.conversations import facts
from bot.conversations.ownership import Owner
from bot.conversations.records import conversations, messages
from bot.conversations.secrets import asks_for_secret, hide_secrets
from bot.conversations.service import get, wait_for_customer
from bot.conversations.transcript import iso
from bot.desk.access import locked, require_desk, require_owning
from bot.desk.errors import DeskError, bad_field, conflict, not_found
from bot.desk.guiding import Guiding
from bot.desk.leaks import foreign_data
from bot.desk.records import drafts
from bot.desk.sessions import User
from bot.desk.views import Views
from bot.dialogue.unit import Library
from bot.settings import Settings
from bot.store.database import Database, Tx
from bot.tickets.records import tickets

PLACE = 120  # most characters of a template's value
Json = dict[str, Any]


class Writing:
    """The use cases. They raise DeskError for everything that is refused."""

    def __init__(self, db: Database, library: Library, settings: Settings, views: Views, guiding: Guiding, files: Files | None) -> None:
        self._db = db
        self._client: Client = library.client
        self._settings = settings
        self._views = views
        self._guiding = guiding
        self._files = files

    # --- drafts

    async def draft(self, user: User, conversation: str, text: str) -> None:
        """Keep what the user has begun to write there; an empty text is no draft. Secrets are not kept."""
        require_desk(user)
        text = hide_secrets(text[: self._client.messages.max_chars])[0]
        async with self._db.write() as tx:
            if await get(tx, conversation) is None:
                raise not_found()
            if not text.strip():
                await drop_draft(tx, user.id, conversation)
                return
            values = {"agent_id": user.id, "conversation_id": conversation, "text": text, "updated_at": tx.now}
            new_insert = sqlite_insert if tx.dialect == "sqlite" else pg_insert
            kept = {"text": text, "updated_at": tx.now}
            await tx.execute(
                new_insert(drafts).values(**values).on_conflict_do_update(index_elements=["agent_id", "conversation_id"], set_=kept)
            )

    # --- files

    async def upload(self, user: User, conversation: str, request: web.Request) -> Json:
        """Take a file for the conversation; `reply` sends it. 413, 415 and 400 as at the live chat."""
        require_desk(user)
        async with self._db.read() as tx:
            row = await get(tx, conversation)
        if row is None:
            raise not_found()
        require_owning(row, user)
        if not reachable(row) or self._files is None:
            raise DeskError(422, "no_channel", "Di percakapan ini berkas tidak dapat dikirim.")
        owner = {"channel": row.channel, "conversation_id": row.id, "customer_id": row.customer_id}
        try:
            return await take_upload(request, self._db, self._files, self._settings.upload_max_bytes, **owner)
        except UploadRefused as refused:
            raise DeskError(refused.status, refused.code, refused.message) from None

    # --- templates

    async def templates(self, user: User, conversation: str) -> list[Json]:
        """The templates for a WhatsApp conversation, filled in as far as we know."""
        require_desk(user)
        async with self._db.read() as tx:
            row = await get(tx, conversation)
            if row is None:
                raise not_found()
            places = await self._places(tx, row, user)
        if row.channel != "whatsapp":
            return []
        return [
            {
                "id": template.id,
                "label": template.label,
                "text": template.text,
                "places": template.places,
                "filled": {place: places.get(place) or "" for place in template.places},
            }
            for template in self._client.templates
        ]

    async def send_template(self, user: User, conversation: str, client_id: str, template: str, values: Json) -> Json:
        """Send a template, also outside the 24 hours. Raises `bad_field`, `no_channel`, `asks_secret`, `not_yours`."""
        require_desk(user)
        chosen = next((each for each in self._client.templates if each.id == template), None)
        if chosen is None:
            raise bad_field("Pilih templat.")
        given = _checked(chosen, values)
        text = chosen.text
        for place, value in given.items():
            text = text.replace(f"{{{place}}}", value)
        if asks_for_secret(text):
            raise DeskError(422, "asks_secret", "Pesan ini meminta data rahasia (PIN, OTP, atau kata sandi). Mohon ubah isinya.")
        async with self._db.write() as tx:
            row = await locked(tx, conversation)
            if (stored := await said_before(tx, row.id, user.id, client_id)) is not None:
                return (await self._views.messages(tx, row.id, [stored]))[0]
            require_owning(row, user)
            if row.channel != "whatsapp":
                raise DeskError(422, "no_channel", "Templat hanya untuk WhatsApp.")
            if found := await foreign_data(tx, self._client, row, text):
                raise foreign(found)
            call = TemplateCall(chosen.name, chosen.language, tuple(given[place] for place in chosen.places))
            sent = await send(tx, row, Outbound(text, template=call), author="agent", agent_id=user.id, name=user.name, client_id=client_id)
            await facts.record(tx, "template_sent", conversation=row.id, customer=row.customer_id, agent=user.id, template=chosen.id)
            await answered(tx, row, user, sent["id"], self._client)
            return (await self._views.messages(tx, row.id, [sent["seq"]]))[0]

    async def _places(self, tx: Tx, row: Row[Any], user: User) -> dict[str, str | None]:
        newest = select(tickets.c.number).where(tickets.c.customer_id == row.customer_id).order_by(tickets.c.created_at.desc()).limit(1)
        return {**await self._guiding.places(tx, row, user.name), "tiket": (await tx.execute(newest)).scalar()}

    # --- failed sends

    async def retry(self, user: User, conversation: str, message: str) -> Json:
        """Send what failed once more, as a new message. 409 `conflict` when it did not fail, or was sent again already."""
        require_desk(user)
        async with self._db.write() as tx:
            row = await locked(tx, conversation)
            require_owning(row, user)
            failed = (await tx.execute(select(messages).where(messages.c.id == message, messages.c.conversation_id == row.id))).first()
            if failed is None:
                raise not_found()
            again = f"retry-{failed.id}"
            if failed.delivery != Delivery.FAILED or await said_before(tx, row.id, user.id, again) is not None:
                raise conflict("Pesan ini tidak perlu dikirim ulang.")
            if not window_open(row, tx.now):
                raise closed_window()
            content = failed.content or {}
            outbound = Outbound(failed.text, media_id=next(iter(content.get("media", ())), None))
            sent = await send(tx, row, outbound, author="agent", agent_id=user.id, name=user.name, client_id=again)
            await answered(tx, row, user, sent["id"], self._client)
            return (await self._views.messages(tx, row.id, [sent["seq"]]))[0]


def _checked(template: Template, values: Json) -> dict[str, str]:
    given = {}
    for place in template.places:
        value = values.get(place)
        if not isinstance(value, str) or not value.strip() or len(value) > PLACE:
            raise bad_field(f"Isi '{place}', paling banyak {PLACE} karakter.")
        given[place] = re.sub(r"\s+", " ", hide_secrets(value)[0]).strip()
    return given


async def answered(tx: Tx, row: Row[Any], user: User, message: str, client: Client) -> None:
    """The customer has our answer: nobody waits for us any more, from now on we wait for the customer. Response time in seconds."""
    await tx.execute(update(conversations).where(conversations.c.id == row.id).values(waiting_since=None, unread=0))
    waited = (tx.now - row.waiting_since).total_seconds() if row.waiting_since else None
    await facts.record(
        tx,
        "agent_replied",
        conversation=row.id,
        customer=row.customer_id,
        agent=user.id,
        message=message,
        episode=row.episode,
        waiting_since=iso(row.waiting_since),
        response_s=waited,
    )
    await wait_for_customer(tx, row.id, Owner.AGENT, client, tx.now)
    tx.publish("conversation", id=row.id)


def foreign(found: list[str]) -> DeskError:
    """The text holds data of another customer."""
    return DeskError(422, "foreign_data", f"Pesan memuat data nasabah lain: {', '.join(found)}.", found=found)


def closed_window() -> DeskError:
    """WhatsApp takes no free text any more."""
    told = "Jendela 24 jam WhatsApp sudah tertutup. Gunakan templat, atau tunggu nasabah menulis lagi."
    return DeskError(422, "window_closed", told)


async def kept_draft(tx: Tx, agent: str, conversation: str) -> str | None:
    """The user's draft in this conversation."""
    where = (drafts.c.agent_id == agent) & (drafts.c.conversation_id == conversation)
    return (await tx.execute(select(drafts.c.text).where(where))).scalar()


async def drop_draft(tx: Tx, agent: str, conversation: str) -> None:
    """It was sent, or taken back."""
    await tx.execute(delete(drafts).where(drafts.c.agent_id == agent, drafts.c.conversation_id == conversation))


async def said_before(tx: Tx, conversation: str, agent: str, client_id: str) -> int | None:
    """The seq of what this agent already wrote under this client_id."""
    where = (messages.c.conversation_id == conversation) & (messages.c.agent_id == agent)
    same = messages.c.content["client_id"].as_string() == client_id
    return (await tx.execute(select(messages.c.seq).where(where, same).limit(1))).scalar()


async def file_of(tx: Tx, conversation: str, files: list[str]) -> str | None:
    """The one stored file of the conversation that a reply names. Raises `bad_media`."""
    if not files:
        return None
    where = media.c.id.in_(files) & (media.c.conversation_id == conversation) & (media.c.state == "stored")
    found = (await tx.execute(select(media.c.id).where(where))).scalars().all()
    if len(files) != 1 or len(found) != 1:
        raise DeskError(422, "bad_media", "Lampiran tidak dapat dikirim.")
    return str(found[0])
