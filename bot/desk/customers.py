"""Who the customer is and what happened so far: identities, consent, proposals to merge, and one timeline over every channel."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.engine import Row

from bot.client import Client
from bot.consent.records import consents
from bot.conversations.ownership import Owner
from bot.conversations.records import conversations, surveys
from bot.conversations.transcript import iso
from bot.customers.records import customers, identities, merges
from bot.customers.service import handle_of, identities_of
from bot.desk.access import LEADS, require_desk
from bot.desk.errors import DeskError, bad_field, conflict, not_found
from bot.desk.merging import REASONS, BothOpen, merge, propose_same_phone, refuse, undo
from bot.desk.sessions import User
from bot.dialogue.unit import Library
from bot.procedure.rules import lockable, unlocked
from bot.reservations.records import reservations
from bot.store.database import Database, Tx
from bot.tickets.records import tickets

PAGE = 50
WRITING_UP = timedelta(minutes=15)
CHANNELS = {"whatsapp": "WhatsApp", "livechat": "Obrolan web"}
KINDS = {
    "wa_id": "WhatsApp",
    "bsuid": "ID WhatsApp",
    "parent_bsuid": "WhatsApp (induk)",
    "visitor": "Pengunjung web",
    "phone": "Telepon",
    "outlet": "Outlet",
    "walk_in": "Tatap muka",
}
CONSENT = {"granted": "disetujui", "declined": "ditolak", "withdrawn": "ditarik kembali"}
RESERVED = {"booked": "Terjadwal", "cancelled": "Dibatalkan", "moved": "Dipindahkan"}
Json = dict[str, Any]


class Customers:
    """The customer's use cases. They raise DeskError for everything that is refused."""

    def __init__(self, db: Database, library: Library) -> None:
        self._db = db
        self._client: Client = library.client

    async def show(self, user: User, customer: str) -> Json:
        """Identities, consent, proposals. Looking for the same phone number elsewhere may propose a merge."""
        require_desk(user)
        async with self._db.write() as tx:
            row = await self._get(tx, customer)
            await propose_same_phone(tx, row.id)
            open_sections = await self._unlocked(tx, user, row.id)
            known = await tx.execute(select(identities).where(identities.c.customer_id == row.id).order_by(identities.c.created_at))
            ledger = consents.c.customer_id == row.id
            given = await tx.execute(select(consents).where(ledger).order_by(consents.c.at.desc()).limit(20))
            clear = "contact" in open_sections
            return {
                "customer": {
                    "id": row.id,
                    "name": row.name,
                    "since": iso(row.created_at),
                    "identities": [
                        {"kind": each.kind, "label": KINDS.get(each.kind, each.kind), "value": self._shown(each, clear)} for each in known
                    ],
                },
                "consent": [
                    {
                        "purpose": each.purpose,
                        "state": each.decision,
                        "at": iso(each.at),
                        "version": each.text_version,
                        "channel": each.channel,
                    }
                    for each in given
                ],
                "merges": await self._merges(tx, row.id),
            }

    def _shown(self, identity: Row[Any], clear: bool) -> str:
        if identity.kind == "outlet":
            outlet = self._client.outlet_by_id.get(identity.value)
            return outlet.name if outlet else str(identity.value)
        if identity.kind not in ("wa_id", "phone"):
            return f"…{identity.value[-4:]}"
        return handle_of({"wa_id": identity.value}) if clear else f"+{identity.value[:2]} ••• {identity.value[-3:]}"

    async def _merges(self, tx: Tx, customer: str) -> list[Json]:
        ours = (merges.c.kept == customer) | (merges.c.merged == customer)
        rows = (await tx.execute(select(merges).where(ours).order_by(merges.c.proposed_at.desc()).limit(20))).all()
        return [await self._merge(tx, row, customer) for row in rows]

    async def _merge(self, tx: Tx, row: Row[Any], customer: str) -> Json:
        other = row.merged if row.kept == customer else row.kept
        known = (await tx.execute(select(customers.c.name).where(customers.c.id == other))).scalar()
        return {
            "id": row.id,
            "other": {"id": other, "name": known, "handle": handle_of(await identities_of(tx, other))},
            "because": {"id": row.because, "label": REASONS.get(row.because, row.because)},
            "state": row.state,
        }

    async def decide(self, user: User, number: str, decision: str) -> Json:
        """Merge, refuse, or undo a merge."""
        require_desk(user)
        steps: dict[str, tuple[str, Callable[[Tx, Row[Any], str], Any]]] = {
            "merge": ("proposed", merge),
            "refuse": ("proposed", refuse),
            "undo": ("merged", undo),
        }
        if decision not in steps:
            raise bad_field("Pilih keputusan penggabungan.")
        needed, act = steps[decision]
        async with self._db.write() as tx:
            row = (await tx.execute(select(merges).where(merges.c.id == number).with_for_update())).first()
            if row is None:
                raise not_found()
            if row.state != needed:
                raise conflict("Usulan ini sudah diputuskan.", merge=await self._merge(tx, row, row.kept))
            try:
                await act(tx, row, user.id)
            except BothOpen:
                told = "Kedua nasabah sedang memiliki percakapan terbuka di kanal yang sama. Selesaikan salah satunya dahulu."
                raise DeskError(409, "both_open", told) from None
            row = (await tx.execute(select(merges).where(merges.c.id == number))).one()
            return await self._merge(tx, row, row.kept)

    # --- the journey

    async def journey(self, user: User, customer: str, before: str | None) -> Json:
        """What happened, newest first, a page at a time. 403 `locked` until verification opened it."""
        require_desk(user)
        async with self._db.read() as tx:
            row = await self._get(tx, customer)
            if "history" not in await self._unlocked(tx, user, row.id):
                raise DeskError(403, "locked", "Riwayat terbuka setelah nasabah diverifikasi.")
            until = _moment(before) if before else None
            entries = [
                *await self._conversations(tx, row.id, until),
                *await self._tickets(tx, row.id, until),
                *await self._reservations(tx, row.id, until),
                *await self._consents(tx, row.id, until),
                *await self._surveys(tx, row.id, until),
            ]
        entries.sort(key=lambda entry: (entry["at"], entry["id"]), reverse=True)
        last = entries[PAGE - 1]["at"] if len(entries) > PAGE else None
        page = [entry for entry in entries if last is None or entry["at"] >= last]  # what happened in one moment stays on one page
        return {
            "entries": [{**entry, "at": iso(entry["at"])} for entry in page],
            "next": last.isoformat() if last is not None and len(page) < len(entries) else None,
        }

    async def _conversations(self, tx: Tx, customer: str, until: datetime | None) -> list[Json]:
        c, client = conversations.c, self._client
        shown = []
        for row in await tx.execute(_page(select(conversations).where(c.customer_id == customer), c.opened_at, until)):
            contact = client.procedures.contacts.get(row.channel)
            ended = client.handoff.outcomes.get(row.outcome or "", "Berakhir") if row.closed_at else "Berlangsung"
            where = contact.label if contact else CHANNELS.get(row.channel, row.channel)
            kind = "contact" if contact else "conversation"
            title = client.topic_label(row.topic) if row.topic else "Percakapan"
            shown.append(_entry(row.opened_at, kind, row.id, title, f"{where} · {ended}", row.channel, row.id))
        return shown

    async def _tickets(self, tx: Tx, customer: str, until: datetime | None) -> list[Json]:
        statuses = self._client.tickets.statuses
        rows = await tx.execute(_page(select(tickets).where(tickets.c.customer_id == customer), tickets.c.created_at, until))
        return [
            _entry(
                row.created_at,
                "ticket",
                row.number,
                f"Tiket {row.number}",
                f"{statuses.get(row.status, row.status)} · {row.summary}",
                row.channel,
                row.conversation_id,
            )
            for row in rows
        ]

    async def _reservations(self, tx: Tx, customer: str, until: datetime | None) -> list[Json]:
        r = reservations.c
        shown = []
        for row in await tx.execute(_page(select(reservations).where(r.customer_id == customer), r.created_at, until)):
            outlet = self._client.outlet_by_id.get(row.outlet)
            detail = f"{outlet.name if outlet else row.outlet} · {RESERVED.get(row.status, row.status)}"
            shown.append(_entry(row.created_at, "reservation", row.code, f"Reservasi {row.code}", detail, None, row.conversation_id))
        return shown

    async def _consents(self, tx: Tx, customer: str, until: datetime | None) -> list[Json]:
        rows = await tx.execute(_page(select(consents).where(consents.c.customer_id == customer), consents.c.at, until))
        return [
            _entry(
                row.at,
                "consent",
                row.id,
                f"Persetujuan data {CONSENT.get(row.decision, row.decision)}",
                f"Versi {row.text_version}",
                row.channel,
                row.conversation_id,
            )
            for row in rows
        ]

    async def _surveys(self, tx: Tx, customer: str, until: datetime | None) -> list[Json]:
        joined = select(surveys, conversations.c.channel).join(conversations, conversations.c.id == surveys.c.conversation_id)
        rows = await tx.execute(_page(joined.where(conversations.c.customer_id == customer), surveys.c.answered_at, until))
        scale = self._client.survey.scale
        return [
            _entry(
                row.answered_at,
                "survey",
                row.conversation_id,
                f"Survei: {scale[row.score - 1]}",
                f"{row.score} dari {len(scale)}",
                row.channel,
                row.conversation_id,
            )
            for row in rows
        ]

    async def _get(self, tx: Tx, customer: str) -> Row[Any]:
        row: Row[Any] | None = await tx.find(customers, id=customer)
        if row is None:
            raise not_found()
        if row.merged_into:
            return await self._get(tx, row.merged_into)
        return row

    async def _unlocked(self, tx: Tx, user: User, customer: str) -> set[str]:
        """What this user may see of the customer: as the verification of a conversation in their hands, or of one that they closed just now,
        says; who leads sees all."""
        rules = self._client.procedures.verification
        if user.role in LEADS:
            return lockable(rules)
        c = conversations.c
        lately = (c.owner == Owner.AGENT) | (c.closed_at >= tx.now - WRITING_UP)
        mine = (c.customer_id == customer) & (c.agent_id == user.id) & lately
        reached = (await tx.execute(select(func.max(c.verified)).where(mine))).scalar()
        return unlocked(rules, reached or 0)


def _page(query: Any, column: Any, until: datetime | None) -> Any:
    if until is not None:
        query = query.where(column < until)
    return query.order_by(column.desc()).limit(PAGE + 1)


def _entry(at: datetime, kind: str, number: str, title: str, detail: str, channel: str | None, conversation: str | None) -> Json:
    return {"at": at, "kind": kind, "id": number, "title": title, "detail": detail, "channel": channel, "conversation": conversation}


def _moment(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise bad_field("Isian 'before' tidak sesuai.") from None
    if moment.tzinfo is None:
        raise bad_field("Isian 'before' tidak sesuai.")
    return moment
