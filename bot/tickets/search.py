"""Finding tickets by what stands in them: a number, a phone number, or words.

A word that more tickets hold than `FEW` is not collected but tested, row by row, while a list walks its own order.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Text, and_, bindparam, cast, column, exists, false, func, or_, select, table, true
from sqlalchemy.dialects.postgresql import TSQUERY, TSVECTOR
from sqlalchemy.dialects.postgresql import insert as pg_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.engine import Row

from bot.client import Client
from bot.customers.records import identities
from bot.store.database import Tx
from bot.tickets.records import ticket_notes, tickets
from bot.tickets.search_records import ticket_words
from bot.tickets.words import Asked, asked, indexed

FEW = 1000
_PHONE = re.compile(r"(?:\+?62|0)?(8\d{7,12}|[2-9]\d{7,11})")
_fts = table("ticket_words_fts", column("rowid"), column("ticket_words_fts"))


@dataclass(frozen=True, slots=True)
class Found:
    """What a query names. `where`: the condition on `tickets`. `many`: it was not collected. `by_number`: it is a ticket's own number."""

    where: ColumnElement[bool]
    many: bool = False
    by_number: bool = False


async def index_words(tx: Tx, number: str, client: Client | None = None) -> None:
    """Bring a ticket's words up to what stands in it now; without `client` categories are read by their keys. For every change of its texts."""
    row = (await tx.execute(select(tickets).where(tickets.c.number == number))).first()
    if row is None:
        return
    notes = select(ticket_notes.c.text).where(ticket_notes.c.ticket == number).order_by(ticket_notes.c.id)
    words = indexed([*texts_of(row, client), *(await tx.execute(notes)).scalars()])
    new_insert = sqlite_insert if tx.dialect == "sqlite" else pg_insert
    adding = new_insert(ticket_words).values(ticket=number, words=words)
    differs = ticket_words.c.words != adding.excluded.words
    await tx.execute(adding.on_conflict_do_update(index_elements=["ticket"], set_={"words": adding.excluded.words}, where=differs))


def texts_of(row: Row[Any], client: Client | None) -> list[str | None]:
    """What stands in a ticket besides its notes."""
    category = client.ticketing.catalogue.get(row.product or "", {}).get(row.category or "") if client else None
    labels = (
        [category.label, category.subs.get(row.sub_category or "")] if category else [_spelled(row.category), _spelled(row.sub_category)]
    )
    return [row.number, row.summary, row.detail, row.reporter, row.product, *labels, row.resolution]


def _spelled(key: str | None) -> str:
    return (key or "").replace("_", " ")


async def find(tx: Tx, query: str, prefix: str) -> Found:
    """What a query names. `prefix`: how the client's ticket numbers begin."""
    compact = re.sub(r"[\s().\-]", "", query)
    if number := await _numbered(tx, compact, prefix):
        return Found(tickets.c.number == number, by_number=True)
    if phone := _PHONE.fullmatch(compact):
        of_phone = await _of_phone(tx, phone[1])
        if of_phone:
            return Found(tickets.c.number.in_(of_phone))
    looked = asked(query)
    if not (looked.whole or looked.last):
        return Found(false())
    few = list((await tx.execute(_few(looked, tx.dialect))).scalars())
    if len(few) <= FEW:
        return Found(tickets.c.number.in_(few) if few else false())
    return Found(exists().where(ticket_words.c.ticket == tickets.c.number, _holds(looked, tx.dialect)), many=True)


async def _numbered(tx: Tx, compact: str, prefix: str) -> str | None:
    found = re.fullmatch(rf"(?:{re.escape(prefix)})?(\d{{4,12}})", compact, re.IGNORECASE)
    if found is None:
        return None
    number: str | None = (await tx.execute(select(tickets.c.number).where(tickets.c.number == f"{prefix}-{found[1]}"))).scalar()
    return number


async def _of_phone(tx: Tx, digits: str) -> list[str]:
    forms = [f"62{digits}", f"0{digits}", f"+62{digits}", digits]
    owners = select(identities.c.customer_id).where(identities.c.kind.in_(("wa_id", "phone")), identities.c.value.in_(forms))
    by_contact = select(tickets.c.number).where(tickets.c.contact.in_(forms)).limit(FEW)
    by_customer = select(tickets.c.number).where(tickets.c.customer_id.in_(owners)).limit(FEW)
    return sorted({number for wanted in (by_contact, by_customer) for number in (await tx.execute(wanted)).scalars()})[:FEW]


def _few(looked: Asked, dialect: str) -> Any:
    """The numbers of at most FEW tickets and one more, by the database's index."""
    whole, begun = list(looked.whole), looked.begun
    if dialect == "sqlite":
        last = " OR ".join([*(f'"{word}"' for word in looked.last), *([f'"{begun}"*'] if begun else [])])
        match = " AND ".join([*(f'"{word}"' for word in whole), *([f"({last})"] if last else [])])
        rows = select(_fts.c.rowid).where(_fts.c.ticket_words_fts.op("MATCH")(match)).order_by(_fts.c.rowid.desc()).limit(FEW + 1)
        return select(ticket_words.c.ticket).where(ticket_words.c.id.in_(rows))
    last = " | ".join([*(f"'{word}'" for word in looked.last), *([f"'{begun}':*"] if begun else [])])
    match = " & ".join([*(f"'{word}'" for word in whole), *([f"({last})"] if last else [])])
    # Written out, not bound: how frequent a word is decides how to look for it. It holds letters and digits only.
    vector = column("vector", TSVECTOR)
    query = bindparam("query", match, type_=Text, literal_execute=True)
    # Planned as if all were wanted, or a word that is neither rare nor frequent would be looked for row by row.
    hits = select(ticket_words.c.ticket).where(vector.op("@@")(cast(query, TSQUERY))).cte("hits").prefix_with("MATERIALIZED")
    return select(hits.c.ticket).limit(FEW + 1)


def _holds(looked: Asked, dialect: str) -> ColumnElement[bool]:
    """Whether a row of `ticket_words` holds what is asked, without an index. No LIKE: PostgreSQL would guess that hardly any does."""
    place = func.instr if dialect == "sqlite" else func.strpos

    def has(text: str) -> ColumnElement[bool]:
        return place(ticket_words.c.words, text) > 0

    last = [has(f" {word} ") for word in looked.last] + ([has(f" {looked.begun}")] if looked.begun else [])
    return and_(true(), *(has(f" {word} ") for word in looked.whole), *([or_(*last)] if last else []))
