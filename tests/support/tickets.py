"""Tickets put straight into a database, as if they had come and travelled."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import insert

from bot.customers.records import customers, identities
from bot.ids import new_id
from bot.store.database import Tx
from bot.tickets.records import ticket_hops, tickets
from bot.tickets.search import index_words


async def put_customer(tx: Tx, name: str | None, phone: str | None = None) -> str:
    customer = new_id()
    await tx.execute(insert(customers).values(id=customer, name=name, created_at=tx.now))
    if phone:
        await tx.execute(insert(identities).values(id=new_id(), customer_id=customer, kind="wa_id", value=phone, created_at=tx.now))
    return customer


async def put_ticket(tx: Tx, number: int, at: datetime, customer: str, been: tuple[str, ...] = (), **values: Any) -> str:
    """A ticket with its words, and a hop for each unit it was with and the one it is with."""
    name = f"ARIA-{number}"
    row = {
        "number": name,
        "cause": f"test:{number}",
        "customer_id": customer,
        "channel": "whatsapp",
        "topic": "keluhan_layanan",
        "summary": f"Keluhan {number}",
        "detail": "",
        "priority": "normal",
        "status": "open",
        "unit": "tier1",
        "created_by": "bot",
        "created_at": at,
        "updated_at": at,
        "promised_at": at,
        "version": 1,
        **values,
    }
    await tx.execute(insert(tickets).values(**row))
    for hop, unit in enumerate((*been, row["unit"]), 1):
        await tx.execute(insert(ticket_hops).values(ticket=name, hop=hop, unit=unit, sent_by="bot", sent_at=at))
    await index_words(tx, name)
    return name
