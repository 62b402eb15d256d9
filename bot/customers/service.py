"""Who wrote: our own customer id behind the identities a channel knows."""

from __future__ import annotations

from typing import Any

from sqlalchemy import bindparam, insert, select, update
from sqlalchemy.engine import Row

from bot.channels.messages import IdentityChange, Sender
from bot.customers.records import customers, identities
from bot.ids import new_id
from bot.store.database import Tx
from bot.store.prepared import Prepared

# Where several identities are known, the strongest decides who it is: the phone number wins over a BSUID (whatsapp.md, section 7).
_STRENGTH = {"wa_id": 0, "bsuid": 1, "parent_bsuid": 2, "visitor": 3}


_NAMED = Prepared(update(customers).where(customers.c.id == bindparam("of"), customers.c.name.is_(None)).values(name=bindparam("said")))
_IDENTITIES = Prepared(
    select(identities.c.kind, identities.c.value).where(identities.c.customer_id == bindparam("customer")).order_by(identities.c.id)
)


async def find_or_create(tx: Tx, sender: Sender) -> str:
    """The customer's id. Unknown identities of a known customer are added; identities of two customers never merge them."""
    wanted = sorted(sender.identities, key=lambda identity: _STRENGTH.get(identity[0], 9))
    rows = [await tx.find(identities, kind=kind, value=value) for kind, value in wanted]
    known = {(row.kind, row.value): row.customer_id for row in rows if row is not None}
    customer = next((known[identity] for identity in wanted if identity in known), None)
    if customer is None:
        customer = new_id()
        await tx.insert(customers, id=customer, name=sender.name, created_at=tx.now)
    elif sender.name:
        await tx.affect(_NAMED, of=customer, said=sender.name)
    for kind, value in wanted:
        if (kind, value) not in known:
            await tx.insert(identities, id=new_id(), customer_id=customer, kind=kind, value=value, created_at=tx.now)
    return customer


async def relink(tx: Tx, change: IdentityChange) -> bool:
    """A person's identity changed: the new value belongs to the same customer. False if the old one is unknown."""
    where = (identities.c.kind == change.kind) & (identities.c.value == change.previous)
    row = (await tx.execute(select(identities.c.customer_id).where(where))).first()
    if row is None:
        return False
    taken = (
        await tx.execute(select(identities.c.id).where(identities.c.kind == change.kind, identities.c.value == change.current))
    ).first()
    if taken is None:
        await tx.execute(
            insert(identities).values(id=new_id(), customer_id=row.customer_id, kind=change.kind, value=change.current, created_at=tx.now)
        )
    return True


async def identities_of(tx: Tx, customer: str) -> dict[str, str]:
    """The newest identity of each kind."""
    return {row.kind: row.value for row in await tx.run(_IDENTITIES, customer=customer)}


async def get(tx: Tx, customer: str) -> Row[Any] | None:
    """The customer's row: id, name, …"""
    return await tx.find(customers, id=customer)


def handle_of(known: dict[str, str]) -> str:
    """How a customer is shown to staff: a phone number grouped, else that there is none."""
    if phone := known.get("wa_id") or known.get("phone"):
        return f"+{phone[:2]} {phone[2:5]}-{phone[5:9]}-{phone[9:]}".rstrip("-")
    if "bsuid" in known:
        return "Tanpa nomor (BSUID)"
    return "Pengunjung web" if "visitor" in known or not known else "Tanpa nomor"
