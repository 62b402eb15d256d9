"""Reservations: a seat in a slot, kept by a unique key; cancelled and moved, never deleted."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import insert, select, update
from sqlalchemy.engine import Row

from bot.client import Client, Outlet
from bot.conversations import facts
from bot.conversations.transcript import iso
from bot.dialogue.unit import TurnMustRepeat, Unit
from bot.ids import derived_code
from bot.reservations.records import reservations
from bot.reservations.rules import capacity
from bot.store.database import Database, Tx
from bot.wording import say_date


@dataclass(frozen=True, slots=True)
class BookSlot:
    """The effect of a confirmed reservation. `replaces`: the code of the reservation it moves."""

    code: str
    outlet: str
    starts_at: datetime
    name: str
    purpose: str
    replaces: str | None = None

    async def apply(self, tx: Tx, unit: Unit) -> None:
        known = (await tx.execute(select(reservations.c.code).where(reservations.c.code == self.code))).first()
        if known is not None:
            return
        if self.replaces:
            await _end(tx, self.replaces, "moved", unit)
        places = capacity(unit.client.outlet_by_id[self.outlet], unit.client.reservations)
        seat = await _free_seat(tx, self.outlet, self.starts_at, places)
        if seat is None:
            raise TurnMustRepeat("the slot was taken meanwhile")
        await tx.execute(
            insert(reservations).values(
                code=self.code,
                cause=unit.cause("reservation"),
                customer_id=unit.conversation.customer_id,
                conversation_id=unit.conversation.id,
                outlet=self.outlet,
                starts_at=self.starts_at,
                seat=seat,
                name=self.name,
                purpose=self.purpose,
                status="booked",
                created_at=tx.now,
            )
        )
        await facts.record(
            tx,
            "reservation_booked",
            conversation=unit.conversation.id,
            customer=unit.conversation.customer_id,
            code=self.code,
            outlet=self.outlet,
            starts_at=iso(self.starts_at),
            seat=seat,
            replaces=self.replaces,
        )
        tx.publish("card", conversation=unit.conversation.id)


@dataclass(frozen=True, slots=True)
class CancelReservation:
    """The effect of a cancelled reservation."""

    code: str

    async def apply(self, tx: Tx, unit: Unit) -> None:
        await _end(tx, self.code, "cancelled", unit)


async def _end(tx: Tx, code: str, status: str, unit: Unit) -> None:
    where = (reservations.c.code == code) & (reservations.c.status == "booked")
    result = await tx.execute(update(reservations).where(where).values(status=status, ended_at=tx.now))
    if result.rowcount:
        await facts.record(
            tx, f"reservation_{status}", conversation=unit.conversation.id, customer=unit.conversation.customer_id, code=code
        )
        tx.publish("card", conversation=unit.conversation.id)


async def _free_seat(tx: Tx, outlet: str, starts_at: datetime, places: int) -> int | None:
    where = (reservations.c.outlet == outlet) & (reservations.c.starts_at == starts_at) & (reservations.c.status == "booked")
    taken = {row.seat for row in await tx.execute(select(reservations.c.seat).where(where))}
    return next((seat for seat in range(places) if seat not in taken), None)


async def taken_slots(tx: Tx, outlet: Outlet, day: date) -> Counter[datetime]:
    """How many visitors are booked, by slot start, on a date of the outlet's own calendar."""
    midnight = datetime.combine(day, datetime.min.time(), ZoneInfo(outlet.timezone))
    where = (
        (reservations.c.outlet == outlet.id)
        & (reservations.c.starts_at >= midnight)
        & (reservations.c.starts_at < midnight + timedelta(days=1))
        & (reservations.c.status == "booked")
    )
    return Counter(row.starts_at for row in await tx.execute(select(reservations.c.starts_at).where(where)))


async def upcoming(tx: Tx, customer: str, now: datetime) -> list[Row[Any]]:
    """The customer's reservations still to come, the next first."""
    where = (reservations.c.customer_id == customer) & (reservations.c.status == "booked") & (reservations.c.starts_at > now)
    return list((await tx.execute(select(reservations).where(where).order_by(reservations.c.starts_at))).all())


async def unused_code(db: Database, prefix: str, cause: str) -> str:
    """A code derived from the cause that nobody else has: the same when the turn is repeated."""
    async with db.read() as tx:
        for salt in range(100):
            code = f"{prefix}-{derived_code(5, cause, str(salt))}"
            row = (await tx.execute(select(reservations.c.cause).where(reservations.c.code == code))).first()
            if row is None or row.cause == cause:
                return code
    raise RuntimeError("no reservation code is free")


def present(row: Row[Any], client: Client) -> dict[str, Any]:
    """A reservation as docs/protocols.md shows it."""
    outlet = client.outlet_by_id.get(row.outlet)
    labels = {"booked": "Terdaftar", "cancelled": "Dibatalkan", "moved": "Dipindahkan"}
    return {
        "code": row.code,
        "outlet": outlet.name if outlet else row.outlet,
        "starts_at": iso(row.starts_at),
        "purpose": row.purpose,
        "status": row.status,
        "label": labels[row.status],
    }


def say_slot(starts_at: datetime, outlet: Outlet) -> str:
    """'Senin, 30 November 2026 pukul 10.00 WIB'."""
    zone = ZoneInfo(outlet.timezone)
    names = {"Asia/Jakarta": "WIB", "Asia/Makassar": "WITA", "Asia/Jayapura": "WIT", "Asia/Pontianak": "WIB"}
    return f"{say_date(starts_at, zone)} pukul {starts_at.astimezone(zone).strftime('%H.%M')} {names.get(outlet.timezone, '')}".strip()
