"""MONEV: a complaint about an outlet goes to that outlet, which answers with chronology and follow-up through a link (SOP matrix row 3).

The link's token is random, shown once, kept as its SHA-256, good until it is answered, taken back, or `LASTS` over.
"""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.engine import Row

from bot.conversations import facts
from bot.dialogue.unit import Library
from bot.ids import new_id
from bot.store.database import Tx
from bot.tickets.case_records import monev
from bot.tickets.flow import Actor, Refused
from bot.tickets.records import tickets
from bot.tickets.service import add_note, locked, touch

LASTS = timedelta(days=30)


async def ask_outlet(tx: Tx, library: Library, number: str, outlet: str, question: str, by: Actor, due_at: datetime) -> tuple[str, str]:
    """Ask an outlet; (request's id, the link's token). Raises LookupError, Refused when it is asked already."""
    row = await locked(tx, number)
    open_one = (monev.c.ticket == number) & (monev.c.outlet_id == outlet) & monev.c.answered_at.is_(None) & monev.c.revoked_at.is_(None)
    if (await tx.execute(select(monev.c.id).where(open_one))).first() is not None:
        raise Refused("Outlet ini sudah ditanya dan belum menjawab. Tarik kembali tautannya bila perlu yang baru.")
    token, request = secrets.token_urlsafe(32), new_id()
    values = {"question": question, "sent_by": by.id, "sent_at": tx.now, "due_at": due_at}
    await tx.insert(monev, id=request, ticket=number, outlet_id=outlet, token_sha256=hashed(token), **values)
    if not row.outlet_id:
        await tx.execute(update(tickets).where(tickets.c.number == number).values(outlet_id=outlet))
    await _record(tx, "monev_sent", row, by.id, outlet)
    await touch(tx, library, row)
    return request, token


async def find(tx: Tx, token: str) -> Row[Any] | None:
    """The request of a link that is still good or was answered; None for any other."""
    row: Row[Any] | None = await tx.find(monev, token_sha256=hashed(token))
    if row is None or row.revoked_at is not None or (row.answered_at is None and tx.now - row.sent_at > LASTS):
        return None
    return row


async def answer(tx: Tx, library: Library, token: str, name: str, position: str, chronology: str, follow_up: str) -> bool:
    """The outlet's answer, once: False when there was one. Raises LookupError for a link that is not good."""
    request = await find(tx, token)
    if request is None:
        raise LookupError(token)
    row = await locked(tx, request.ticket)
    given = {"answered_at": tx.now, "answered_by": name, "position": position, "chronology": chronology, "follow_up": follow_up}
    first = (monev.c.id == request.id) & monev.c.answered_at.is_(None)
    if (await tx.execute(update(monev).where(first).values(**given))).rowcount != 1:
        return False
    outlet = library.client.outlet_by_id.get(request.outlet_id)
    by = Actor("system", outlet.name if outlet else request.outlet_id, None)
    await add_note(tx, row, by, f"Jawaban MONEV dari {name} ({position}). Tindak lanjut: {follow_up}", "internal")
    await _record(tx, "monev_answered", row, None, request.outlet_id)
    await touch(tx, library, row)
    return True


async def take_back(tx: Tx, library: Library, number: str, request: str, by: Actor) -> None:
    """The link is good no more. Raises LookupError, Refused when it was answered."""
    row = await locked(tx, number)
    found = await tx.find(monev, id=request)
    if found is None or found.ticket != number:
        raise LookupError(request)
    if found.answered_at is not None:
        raise Refused("Outlet sudah menjawab.")
    await tx.execute(update(monev).where(monev.c.id == request).values(revoked_at=tx.now))
    await _record(tx, "monev_revoked", row, by.id, found.outlet_id)
    await touch(tx, library, row)


async def of_ticket(tx: Tx, number: str) -> list[Row[Any]]:
    """The ticket's requests, the newest last."""
    return list((await tx.execute(select(monev).where(monev.c.ticket == number).order_by(monev.c.sent_at, monev.c.id))).all())


def hashed(token: str) -> str:
    """What the table keeps of a token."""
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()


async def _record(tx: Tx, kind: str, row: Row[Any], agent: str | None, outlet: str) -> None:
    about = {"conversation": row.conversation_id, "customer": row.customer_id}
    await facts.record(tx, kind, agent=agent, ticket=row.number, outlet=outlet, **about)
