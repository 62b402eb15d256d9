"""Tickets that belong together: merged into another, split in two, linked."""

from __future__ import annotations

from sqlalchemy import ColumnElement, delete, or_, select

from bot.dialogue.unit import Library
from bot.store.database import Tx
from bot.tickets.flow import Actor, Refused
from bot.tickets.records import ticket_links
from bot.tickets.service import NewTicket, act, create, get, locked, touch


async def merge(tx: Tx, library: Library, number: str, into: str, by: Actor, version: int) -> None:
    """Close `number` as part of `into`. Raises LookupError, TicketConflict, Refused."""
    if number == into:
        raise Refused("Pilih tiket lain.")
    for each in sorted((number, into)):  # in one order, so that two who merge across each other do not wait for ever
        await locked(tx, each)
    row, other = await locked(tx, number, version), await locked(tx, into)
    if other.merged_into:
        raise Refused(f"Tiket {into} sudah digabungkan ke {other.merged_into}.")
    if row.customer_id != other.customer_id and not by.leads:
        raise Refused("Hanya ketua tim yang dapat menggabungkan tiket nasabah yang berbeda.")
    given = {"merged_into": into, "how": "system", "resolution": f"Digabungkan ke {into}.", "quiet": True}
    await act(tx, library, number, "merge", by, given, version)
    await tx.execute(delete(ticket_links).where(_pair(number, into)))  # what they were to each other before
    await _link(tx, number, into, "merged", by)
    await touch(tx, library, other)


async def split(tx: Tx, library: Library, number: str, new: NewTicket, by: Actor, version: int) -> None:
    """Make `new` out of `number`, once. Raises LookupError, TicketConflict."""
    if await get(tx, new.number) is not None:
        return
    row = await locked(tx, number, version)
    if await create(tx, library, new):
        await _link(tx, new.number, number, "split", by)
        await touch(tx, library, row)


async def link(tx: Tx, library: Library, number: str, other: str, by: Actor) -> None:
    """Name two tickets related. Raises LookupError, Refused."""
    if number == other:
        raise Refused("Pilih tiket lain.")
    for each in sorted((number, other)):
        await locked(tx, each)
    if await _between(tx, number, other) is None:
        await _link(tx, number, other, "related", by)
        await _told(tx, library, number, other)


async def unlink(tx: Tx, library: Library, number: str, other: str, _by: Actor) -> None:
    """Take back that two are related; what was merged or split stays so."""
    for each in sorted((number, other)):
        await locked(tx, each)
    await tx.execute(delete(ticket_links).where(_pair(number, other), ticket_links.c.kind == "related"))
    await _told(tx, library, number, other)


async def links_of(tx: Tx, number: str) -> list[tuple[str, str]]:
    """(other ticket, kind): related; merged into it, merged_from it; split off from here, split_from there."""
    mine = or_(ticket_links.c.ticket == number, ticket_links.c.other == number)
    rows = await tx.execute(select(ticket_links).where(mine).order_by(ticket_links.c.at))
    return [(row.other, _OF[row.kind][0]) if row.ticket == number else (row.ticket, _OF[row.kind][1]) for row in rows]


_OF = {"related": ("related", "related"), "merged": ("merged", "merged_from"), "split": ("split_from", "split")}


def _pair(number: str, other: str) -> ColumnElement[bool]:
    one, two = ticket_links.c.ticket, ticket_links.c.other
    return ((one == number) & (two == other)) | ((one == other) & (two == number))


async def _between(tx: Tx, number: str, other: str) -> str | None:
    return (await tx.execute(select(ticket_links.c.kind).where(_pair(number, other)))).scalar()


async def _link(tx: Tx, number: str, other: str, kind: str, by: Actor) -> None:
    await tx.insert(ticket_links, ticket=number, other=other, kind=kind, by_id=by.id, at=tx.now)


async def _told(tx: Tx, library: Library, *numbers: str) -> None:
    for number in numbers:
        await touch(tx, library, await locked(tx, number))
