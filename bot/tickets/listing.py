"""Pages of tickets: each sort walks an index in its order, from where the page before ended.

A sort by a column that may be empty has two parts: those that have a value, in its order, then the others, the newest first. What does not
change while somebody turns the pages is shown once, whatever else changes.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, exists, func, literal, or_, select, tuple_, union
from sqlalchemy.engine import Row

from bot.client import Client
from bot.store.database import Tx
from bot.store.types import UtcDateTime
from bot.tickets.case_records import case_members
from bot.tickets.filters import BadFilter, Filter, end_of_day
from bot.tickets.records import ticket_hops, tickets
from bot.tickets.search import find

PAGE = 50
COUNTED = 1000
SOON = timedelta(hours=24)
_t = tickets.c
# sort -> its column, whether the greatest comes first
_SORTS: dict[str, tuple[Any, bool]] = {
    "due": (_t.due_at, False),
    "new": (_t.created_at, True),
    "old": (_t.created_at, False),
    "updated": (_t.updated_at, True),
    "call": (_t.call_back_at, False),
}


@dataclass(frozen=True, slots=True)
class Reader:
    """Who reads: what they may see. `everything`: every ticket, else those that are or were with `unit`; `leads`: restricted ones, too."""

    id: str
    unit: str
    everything: bool
    leads: bool


@dataclass(frozen=True, slots=True)
class Page:
    """Rows of `tickets`, where the next page begins, and how many there are: counted to COUNTED, then `more`."""

    rows: Sequence[Row[Any]]
    next: str | None
    total: int
    more: bool


@dataclass(frozen=True, slots=True)
class _Place:
    """The last row of a page: of which part of the sort, its value there, its number."""

    rest: bool
    value: datetime
    number: str


def visible(reader: Reader) -> list[ColumnElement[bool]]:
    """Which tickets somebody sees at all."""
    if reader.everything:
        return []
    return [exists().where(ticket_hops.c.ticket == _t.number, ticket_hops.c.unit == reader.unit)]


def readable(reader: Reader, client: Client) -> ColumnElement[bool] | None:
    """Which tickets somebody may read the contents of; None: all they see."""
    kinds = [name for name, kind in client.ticketing.kinds.items() if kind.restricted]
    if reader.leads or not kinds:
        return None
    m = case_members.c
    member = exists().where(m.ticket == _t.number, m.user_id == reader.id, m.removed_at.is_(None))
    return or_(_t.kind.not_in(kinds), _t.assignee_id == reader.id, _t.unit == reader.unit, member)


async def page(
    tx: Tx, wanted: Filter, reader: Reader, client: Client, after: str | None = None, size: int = PAGE, count: bool = True
) -> Page:
    """One page. Raises BadFilter for a place (`after`) that is none of this sort."""
    start = _place(after, wanted.sort) if after else None
    where = [*visible(reader), *conditions(wanted, reader, client, tx.now)]
    found = await find(tx, wanted.q, client.tickets.prefix) if wanted.q.strip() else None
    if found is not None:
        where.append(found.where)
        allowed = readable(reader, client)
        if allowed is not None and not found.by_number:
            where.append(allowed)
    rows: list[Row[Any]] = []
    rest_from = 0
    if start is None or not start.rest:
        rows = list((await tx.execute(_walk(where, wanted.sort, start, False, size + 1))).all())
        rest_from = len(rows)
    if len(rows) <= size and wanted.sort not in ("new", "old"):
        begin = start if start is not None and start.rest else None
        rows += (await tx.execute(_walk(where, wanted.sort, begin, True, size + 1 - len(rows)))).all()
    more_rows = len(rows) > size
    shown = rows[:size]
    following = _cursor(wanted.sort, shown[-1], len(shown) > rest_from) if more_rows else None
    total, more = len(shown), more_rows
    if count and not (found is not None and found.many):
        total = (
            await tx.execute(select(func.count()).select_from(select(_t.number).where(*where).limit(COUNTED + 1).subquery()))
        ).scalar_one()
        total, more = min(total, COUNTED), total > COUNTED
    return Page(shown, following, total, more)


def conditions(wanted: Filter, reader: Reader, client: Client, now: datetime) -> list[ColumnElement[bool]]:
    """The filter's conditions but for the words."""
    where: list[ColumnElement[bool]] = []
    is_open = _t.closed_at.is_(None)
    if wanted.box != "all":
        where.append(is_open)
    if wanted.box == "mine":
        own = union(*(select(_t.number).where(column == reader.id, is_open) for column in (_t.assignee_id, _t.created_by)))
        where.append(_t.number.in_(own))
    elif wanted.box == "unit":
        where.append(_t.unit == reader.unit)
    elif wanted.box == "calls":
        where.append(_t.call_back_at < end_of_day(now, client))
    for column, value in (
        (_t.unit, wanted.unit),
        (_t.status, wanted.status),
        (_t.kind, wanted.kind),
        (_t.topic, wanted.topic),
        (_t.product, wanted.product),
        (_t.category, wanted.category),
        (_t.priority, wanted.priority),
        (_t.outlet_id, wanted.outlet),
    ):
        if value is not None:
            where.append(column == value)
    if wanted.assignee is not None:
        where.append(_t.assignee_id.is_(None) if wanted.assignee == "none" else _t.assignee_id == _whom(wanted.assignee, reader))
    if wanted.open is not None and wanted.box == "all":
        where.append(is_open if wanted.open else _t.closed_at.is_not(None))
    elif wanted.open is False:
        where.append(_t.closed_at.is_not(None))
    if wanted.late is not None:
        where += [is_open, _late(wanted.late, now)]
    if wanted.since is not None:
        where.append(_t.created_at >= wanted.since)
    if wanted.until is not None:
        where.append(_t.created_at < wanted.until)
    return where


def _whom(assignee: str, reader: Reader) -> str:
    return reader.id if assignee == "me" else assignee


def _late(late: str, now: datetime) -> ColumnElement[bool]:
    if late == "soon":
        until = now + SOON
        return or_(and_(_t.due_at >= now, _t.due_at < until), and_(_t.hop_due_at >= now, _t.hop_due_at < until))
    return (_t.hop_breached_at if late == "hop" else _t.breached_at).is_not(None)


def _walk(where: list[ColumnElement[bool]], sort: str, start: _Place | None, rest: bool, size: int) -> Select[Any]:
    """The next rows of one part of a sort."""
    by, downwards = _SORTS[sort]
    part = [by.is_(None)] if rest else [by.is_not(None)]
    key, falls = (_t.created_at, True) if rest else (by, downwards)
    if start is not None:
        here, there = tuple_(key, _t.number), tuple_(literal(start.value, UtcDateTime), literal(start.number))
        part.append(here < there if falls else here > there)
    order = (key.desc(), _t.number.desc()) if falls else (key, _t.number)
    return select(tickets).where(*where, *part).order_by(*order).limit(size)


def _cursor(sort: str, row: Row[Any], rest: bool) -> str:
    key = _t.created_at if rest else _SORTS[sort][0]
    value: datetime = row._mapping[key.name]
    told = json.dumps([sort, int(rest), value.astimezone(UTC).isoformat(), row.number])
    return base64.urlsafe_b64encode(told.encode()).decode().rstrip("=")


def _place(after: str, sort: str) -> _Place:
    try:
        told = json.loads(base64.urlsafe_b64decode(after.encode("ascii") + b"=" * (-len(after) % 4)))
        of, rest, value, number = told
        moment = datetime.fromisoformat(value)
        if of == sort and rest in (0, 1) and moment.tzinfo and isinstance(number, str) and number.isascii() and number.isprintable():
            return _Place(bool(rest), moment.astimezone(UTC), number[:30])
    except (ValueError, TypeError, binascii.Error, OverflowError, RecursionError):
        pass
    raise BadFilter("Halaman berikutnya tidak dikenal. Muat ulang daftar.")
