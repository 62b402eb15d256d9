"""Boards of tickets: lists, how many there are, what forms offer, what outlets were asked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import case, func, or_, select
from sqlalchemy.engine import Row

from bot.client import Client
from bot.conversations.transcript import iso
from bot.desk.access import AT_TICKETS
from bot.desk.errors import bad_field
from bot.desk.records import users
from bot.desk.sessions import User
from bot.desk.ticket_access import Ticket, may_read, reader_of
from bot.desk.ticket_rows import names_of, row_of
from bot.store.database import Database, Tx
from bot.tickets.case_records import monev
from bot.tickets.filters import BadFilter, Filter, end_of_day, parse
from bot.tickets.listing import Reader, page, readable, visible
from bot.tickets.records import tickets

ASKED_OUTLETS = 200  # MONEV requests shown
Json = dict[str, Any]
_t = tickets.c


class TicketLists:
    """What of tickets is listed. Raises DeskError for everything that is refused."""

    def __init__(self, db: Database, client: Client) -> None:
        self._db = db
        self._client = client

    async def show(self, user: User, query: Mapping[str, str]) -> Json:
        """A page of a list."""
        wanted = self.filter(query)
        async with self._db.read() as tx:
            reader = await reader_of(tx, user)
            try:
                found = await page(tx, wanted, reader, self._client, query.get("after") or None)
            except BadFilter as error:
                raise bad_field(str(error)) from None
            shown = await shown_rows(tx, found.rows, reader, self._client)
        return {"tickets": shown, "next": found.next, "total": found.total, "more": found.more}

    def filter(self, query: Mapping[str, str]) -> Filter:
        """A query's filter. Raises `bad_field`."""
        try:
            return parse(query, self._client)
        except BadFilter as error:
            raise bad_field(str(error)) from None

    async def counts(self, user: User) -> Json:
        """How many open tickets are where, of those the caller sees."""
        async with self._db.read() as tx:
            reader = await reader_of(tx, user)
            is_open = _t.closed_at.is_(None)
            breached = or_(_t.hop_breached_at.is_not(None), _t.breached_at.is_not(None))
            waiting, late = (func.sum(case((what, 1), else_=0)) for what in (_t.accepted.is_(False), breached))
            board = (
                select(_t.unit, func.count().label("open"), waiting.label("waiting"), late.label("late")).where(is_open).group_by(_t.unit)
            )
            if not reader.everything:
                board = board.where(_t.unit == reader.unit)
            units = {row.unit: {"open": row.open, "waiting": int(row.waiting), "late": int(row.late)} for row in await tx.execute(board)}
            seen = visible(reader)
            mine = (select(_t.number).where(column == reader.id, is_open) for column in (_t.assignee_id, _t.created_by))
            own = await self._many(tx, select(_t.number).where(_t.number.in_(next(mine).union(next(mine))), *seen))
            calls = await self._many(tx, select(_t.number).where(is_open, _t.call_back_at < end_of_day(tx.now, self._client), *seen))
        return {"mine": own, "calls": calls, "units": units, "late": sum(each["late"] for each in units.values())}

    async def _many(self, tx: Tx, wanted: Any) -> int:
        return int((await tx.execute(select(func.count()).select_from(wanted.subquery()))).scalar_one())

    async def options(self, user: User) -> Json:
        """What the forms and filters of tickets offer."""
        client, rules = self._client, self._client.ticketing
        async with self._db.read() as tx:
            await reader_of(tx, user)
            staff = select(users.c.id, users.c.name, users.c.team).where(users.c.active.is_(True), users.c.role.in_(AT_TICKETS))
            people = (await tx.execute(staff.order_by(func.lower(users.c.name), users.c.id))).all()
        return {
            "kinds": [
                {"id": key, **kind.model_dump(include={"label", "form", "topic", "restricted"})} for key, kind in rules.kinds.items()
            ],
            "units": [{"id": key, "label": unit.label, "tier": unit.tier} for key, unit in rules.units.items()],
            "statuses": _choices(client.tickets.statuses),
            "priorities": _choices(client.tickets.priorities),
            "topics": _choices(client.topics),
            "catalogue": [
                {
                    "product": product,
                    "categories": [{"id": key, "label": each.label, "subs": _choices(each.subs)} for key, each in categories.items()],
                }
                for product, categories in rules.catalogue.items()
            ],
            "dispatch_reasons": _choices(rules.dispatch_reasons),
            "return_reasons": _choices(rules.return_reasons),
            "reopen_reasons": _choices(rules.reopen_reasons),
            "call_outcomes": _choices(rules.call_outcomes),
            "forms": {
                key: {"label": form.label, "fields": [{"id": name, **field.model_dump()} for name, field in form.fields.items()]}
                for key, form in rules.forms.items()
            },
            "outlets": [{"id": outlet.id, "label": outlet.name} for outlet in client.outlets],
            "people": [{"id": row.id, "name": row.name, "unit": row.team} for row in people],
            "evidence": [
                {"id": key, "label": label, "required": key in rules.break_in.required} for key, label in rules.break_in.evidence.items()
            ],
            "decisions": _choices(rules.break_in.decisions),
            "notices": {key: notice.text for key, notice in rules.notices.items()},
        }

    async def asked_outlets(self, user: User, query: Mapping[str, str]) -> Json:
        """What outlets were asked about complaints (MONEV), the newest first."""
        outlet, answered, m = query.get("outlet", ""), query.get("answered", ""), monev.c
        if (outlet and outlet not in self._client.outlet_by_id) or answered not in ("", "0", "1"):
            raise bad_field("Outlet atau saringan tidak dikenal.")
        wanted = select(monev).join(tickets, _t.number == m.ticket).order_by(m.sent_at.desc(), m.id.desc()).limit(ASKED_OUTLETS)
        if outlet:
            wanted = wanted.where(m.outlet_id == outlet)
        if answered:
            wanted = wanted.where(m.answered_at.is_not(None) if answered == "1" else m.answered_at.is_(None))
        async with self._db.read() as tx:
            reader = await reader_of(tx, user)
            wanted = wanted.where(*visible(reader))
            if (allowed := readable(reader, self._client)) is not None:
                wanted = wanted.where(allowed)
            return {"requests": [self._asked(row) for row in await tx.execute(wanted)]}

    def _asked(self, row: Row[Any]) -> Json:
        outlet = self._client.outlet_by_id.get(row.outlet_id)
        moments = {name: iso(getattr(row, name)) for name in ("sent_at", "due_at", "revoked_at", "answered_at")}
        said = {name: getattr(row, name) for name in ("question", "answered_by", "position", "chronology", "follow_up")}
        shown_outlet = {"id": row.outlet_id, "label": outlet.name if outlet else row.outlet_id}
        return {"id": row.id, "ticket": row.ticket, "outlet": shown_outlet, **moments, **said}


async def shown_rows(tx: Tx, rows: Sequence[Row[Any]], reader: Reader, client: Client) -> list[Json]:
    """Rows as shown to a reader: three queries, however many."""
    names = await names_of(tx, rows)
    read = await may_read(tx, reader, client, [Ticket(row.number, row.kind, row.unit, row.assignee_id) for row in rows])
    return [row_of(row, client, names, row.number in read) for row in rows]


def _choices(named: Mapping[str, str]) -> list[Json]:
    return [{"id": key, "label": label} for key, label in named.items()]
