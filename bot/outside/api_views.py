"""What other systems are told of a ticket: codes, no labels, one flat object (openapi.yml is the promise)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import exists, func, select
from sqlalchemy.engine import Row

from bot.client import Client
from bot.conversations.records import facts
from bot.conversations.transcript import iso
from bot.desk.ticket_history import sentence
from bot.desk.ticket_rows import HIDDEN
from bot.store.database import Tx
from bot.tickets.records import ticket_hops, tickets

EVENTS = ("ticket_opened", "ticket_changed", "ticket_noted", "ticket_filed", "ticket_called", "ticket_alerted", "ticket_told")
changed_at = func.coalesce(tickets.c.updated_at, tickets.c.created_at)
_AS_THEY_ARE = (
    "number",
    "kind",
    "topic",
    "product",
    "category",
    "sub_category",
    "summary",
    "detail",
    "priority",
    "status",
    "unit",
    "hop",
    "accepted",
    "assignee_id",
    "channel",
    "outlet_id",
    "customer_id",
    "reporter",
    "contact",
    "form",
    "resolution",
    "solved_how",
    "merged_into",
    "jira_key",
    "version",
)
_TIMES = ("created_at", "due_at", "hop_due_at", "breached_at", "hop_breached_at", "closed_at")
Json = dict[str, Any]


def ticket_json(row: Row[Any], readable: bool) -> Json:
    """A ticket. `readable`: whether the caller may read what it is about (restricted kinds)."""
    shown = {name.removesuffix("_id"): getattr(row, name) for name in _AS_THEY_ARE}
    if not readable:
        shown |= {"summary": HIDDEN, "detail": "", **dict.fromkeys(("reporter", "contact", "form", "resolution"))}
    return shown | {name: iso(getattr(row, name)) for name in _TIMES} | {"updated_at": iso(row.updated_at or row.created_at)}


def event_json(row: Row[Any], client: Client) -> Json:
    """A line of a ticket's history."""
    data: Mapping[str, Any] = row.data or {}
    return {
        "id": row.id,
        "at": iso(row.at),
        "event": row.kind,
        "what": data.get("what"),
        "by": row.agent_id,
        "text": sentence(row.kind, data, client, {}),
        "state": data.get("state"),
    }


async def page(tx: Tx, where: Mapping[str, Any], after: tuple[Any, str] | None, limit: int) -> list[Row[Any]]:
    """Tickets from the longest unchanged on. `where`: status, unit, since; been_with: only those that are or were with this unit."""
    wanted = select(tickets).order_by(changed_at, tickets.c.number).limit(limit)
    if where.get("status"):
        wanted = wanted.where(tickets.c.status == where["status"])
    if where.get("unit"):
        wanted = wanted.where(tickets.c.unit == where["unit"])
    if where.get("since"):
        wanted = wanted.where(changed_at >= where["since"])
    if where.get("been_with"):
        wanted = wanted.where(exists().where(ticket_hops.c.ticket == tickets.c.number, ticket_hops.c.unit == where["been_with"]))
    if after:
        moment, number = after
        wanted = wanted.where((changed_at > moment) | ((changed_at == moment) & (tickets.c.number > number)))
    return list((await tx.execute(wanted)).all())


async def history(tx: Tx, number: str, after: int, limit: int) -> list[Row[Any]]:
    """A ticket's facts that others are told, in order."""
    mine = (facts.c.ticket == number) & (facts.c.id > after) & facts.c.kind.in_(EVENTS)
    return list((await tx.execute(select(facts).where(mine).order_by(facts.c.id).limit(limit))).all())
