"""A ticket as a line of a list (docs/protocols.md, `row`)."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select
from sqlalchemy.engine import Row

from bot.client import Client
from bot.conversations.transcript import iso
from bot.customers.records import customers
from bot.desk.floor_views import person
from bot.desk.records import users
from bot.outside.records import api_tokens
from bot.store.database import Tx

HIDDEN = "Kasus terbatas"
_OURS = {"system": "Sistem", "jira": "Jira"}
Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Names:
    """Names of customers and of users, by id."""

    customers: Mapping[str, str | None] = field(default_factory=dict)
    users: Mapping[str, str] = field(default_factory=dict)


async def names_of(tx: Tx, rows: Sequence[Row[Any]]) -> Names:
    """The names that the rows need, in two queries."""
    people = {row.customer_id for row in rows}
    held = {row.assignee_id for row in rows if row.assignee_id}
    wanted = select(customers.c.id, customers.c.name).where(customers.c.id.in_(people))
    named = {row.id: row.name for row in await tx.execute(wanted)} if people else {}
    return Names(named, await people_of(tx, held))


async def people_of(tx: Tx, ids: Collection[str]) -> dict[str, str]:
    """The names of those who act: users, other systems' tokens, and what acts by itself."""
    named = dict(_OURS)
    if wanted := set(ids) - set(named):
        for table in (users, api_tokens):
            named |= {row.id: row.name for row in await tx.execute(select(table.c.id, table.c.name).where(table.c.id.in_(wanted)))}
            if not (wanted := wanted - set(named)):
                break
    return named


def row_of(row: Row[Any], client: Client, names: Names, readable: bool = True) -> Json:
    """A row of `tickets` as shown. `readable`: whether the caller may read what it is about (restricted kinds)."""
    kind = client.ticketing.kinds.get(row.kind)
    category = client.ticketing.catalogue.get(row.product or "", {}).get(row.category or "")
    outlet = client.outlet_by_id.get(row.outlet_id or "")
    unit = client.ticketing.units.get(row.unit)
    subs = category.subs if category else {}
    return {
        "number": row.number,
        "kind": _named(row.kind, kind.label if kind else None),
        "topic": _named(row.topic, client.topic_label(row.topic)),
        "product": row.product,
        "category": _named(row.category, category.label if category else None),
        "sub_category": _named(row.sub_category, subs.get(row.sub_category or "")),
        "summary": row.summary if readable else HIDDEN,
        "priority": _named(row.priority, client.tickets.priorities.get(row.priority)),
        "status": _named(row.status, client.tickets.statuses.get(row.status)),
        "unit": _named(row.unit, unit.label if unit else None),
        "accepted": row.accepted,
        "assignee": person(row.assignee_id, names.users),
        "customer": {"id": row.customer_id, "name": names.customers.get(row.customer_id) or (row.reporter if readable else None)},
        "channel": row.channel,
        "outlet": _named(row.outlet_id, outlet.name if outlet else None),
        "created_at": iso(row.created_at),
        "updated_at": iso(row.updated_at),
        "due_at": iso(row.due_at),
        "hop_due_at": iso(row.hop_due_at),
        "breached_at": iso(row.breached_at),
        "hop_breached_at": iso(row.hop_breached_at),
        "paused": row.closed_at is None and row.status in client.ticketing.sla.paused_in,
        "call_back_at": iso(row.call_back_at),
        "calls": row.calls,
        "closed_at": iso(row.closed_at),
        "restricted": bool(kind and kind.restricted),
        "version": row.version,
    }


def _named(key: str | None, label: str | None) -> Json | None:
    return {"id": key, "label": label or key} if key else None
