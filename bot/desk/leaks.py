"""Another customer's data in what an agent is about to send: phone numbers, ticket numbers and reservation codes that belong to somebody else."""

from __future__ import annotations

import re
from typing import Any

import phonenumbers
from sqlalchemy import select
from sqlalchemy.engine import Row

from bot.client import Client
from bot.customers.records import identities
from bot.desk.merging import PHONES
from bot.reservations.records import reservations
from bot.store.database import Tx
from bot.tickets.records import tickets

MOST = 20  # of each kind that are looked up


async def foreign_data(tx: Tx, client: Client, row: Row[Any], text: str) -> list[str]:
    """What in the text belongs to another customer than the conversation's, as written; empty if nothing does."""
    found = await _phones(tx, row.customer_id, text)
    numbers = _codes(client.tickets.prefix, text)
    if numbers:
        t = tickets.c
        others = await tx.execute(select(t.number).where(t.number.in_(sorted(numbers)), t.customer_id != row.customer_id))
        found += sorted(others.scalars())
    codes = _codes(client.reservations.prefix, text)
    if codes:
        r = reservations.c
        others = await tx.execute(select(r.code).where(r.code.in_(sorted(codes)), r.customer_id != row.customer_id))
        found += sorted(others.scalars())
    return found


async def _phones(tx: Tx, customer: str, text: str) -> list[str]:
    written: dict[str, str] = {}
    for match in phonenumbers.PhoneNumberMatcher(text, "ID", leniency=phonenumbers.Leniency.POSSIBLE, max_tries=MOST):
        digits = phonenumbers.format_number(match.number, phonenumbers.PhoneNumberFormat.E164).removeprefix("+")
        written.setdefault(digits, match.raw_string)
    if not written:
        return []
    known = identities.c.kind.in_(PHONES) & identities.c.value.in_(sorted(written))
    rows = (await tx.execute(select(identities.c.value, identities.c.customer_id).where(known))).all()
    own = {row.value for row in rows if row.customer_id == customer}
    # A number that the customer gave us is theirs to hear, whoever else is known by it.
    given = await tx.execute(select(tickets.c.contact).where(tickets.c.customer_id == customer, tickets.c.contact.is_not(None)))
    own |= {re.sub(r"\D", "", each).replace("0", "62", 1) if each.startswith("0") else re.sub(r"\D", "", each) for each in given.scalars()}
    return sorted({written[row.value] for row in rows if row.value not in own})


def _codes(prefix: str, text: str) -> set[str]:
    return {code.upper() for code in re.findall(rf"\b{re.escape(prefix)}-[0-9A-Za-z]{{2,20}}\b", text, re.IGNORECASE)[:MOST]}
