"""Who may see what of tickets: the desk all, a division what is or was with it, trainers nothing."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select

from bot.client import Client
from bot.desk.access import DESK, LEADS, require_tickets, unit_of
from bot.desk.sessions import User
from bot.store.database import Tx
from bot.tickets.case_records import case_members
from bot.tickets.listing import Reader
from bot.tickets.records import ticket_hops


async def reader_of(tx: Tx, user: User) -> Reader:
    """What this user may see. Raises `forbidden` for a role that has nothing to do with tickets."""
    require_tickets(user)
    return Reader(user.id, await unit_of(tx, user) or "", everything=user.role in DESK, leads=user.role in LEADS)


@dataclass(frozen=True, slots=True)
class Ticket:
    """What of a ticket decides who sees and who reads it."""

    number: str
    kind: str
    unit: str
    assignee_id: str | None


async def may_see(tx: Tx, reader: Reader, number: str) -> bool:
    """Whether the ticket is shown to this reader at all."""
    if reader.everything:
        return True
    hops = ticket_hops.c
    return (await tx.execute(select(hops.hop).where(hops.ticket == number, hops.unit == reader.unit).limit(1))).first() is not None


async def may_read(tx: Tx, reader: Reader, client: Client, tickets: list[Ticket]) -> set[str]:
    """The numbers of those whose contents this reader may read; restricted kinds only who leads, holds, works in the unit or is in the case."""
    kinds = client.ticketing.kinds
    restricted = [each for each in tickets if (kind := kinds.get(each.kind)) and kind.restricted]
    free = {each.number for each in tickets} - {each.number for each in restricted}
    if reader.leads or not restricted:
        return free | {each.number for each in restricted}
    own = {each.number for each in restricted if each.assignee_id == reader.id or each.unit == reader.unit}
    m = case_members.c
    member = select(m.ticket).where(m.user_id == reader.id, m.removed_at.is_(None), m.ticket.in_([each.number for each in restricted]))
    return free | own | set((await tx.execute(member)).scalars())
