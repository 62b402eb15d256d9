"""The board: the floor as it is now, and figures of a span of time. For who leads."""

from __future__ import annotations

from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import func, or_, select

from bot.channels.records import halts, outbox
from bot.client import Client
from bot.conversations.ownership import Owner
from bot.conversations.records import conversations, messages
from bot.conversations.transcript import iso
from bot.desk.access import LEADS
from bot.desk.errors import DeskError, bad_field, forbidden
from bot.desk.records import users
from bot.desk.sessions import User
from bot.desk.views import presence_json
from bot.handoff.people import AT_DESK, loads
from bot.handoff.records import presence
from bot.store.database import Database, Tx
from bot.supervision.bookings import DIMENSIONS, GRAINS
from bot.supervision.formulas import figures_of
from bot.supervision.reports import TooMuch, day_of, report, totals
from bot.supervision.tally import behind
from bot.tickets.records import tickets

Json = dict[str, Any]
LISTED = 50  # of those who wait, and of tickets about to break
CURVE = ("scr", "response_s", "aht_s", "abandoned")
LONGEST = timedelta(days=3700)
_c, _t = conversations.c, tickets.c


class Board:
    """The board's use cases. They raise DeskError for everything that is refused."""

    def __init__(self, db: Database, client: Client, engine_ready: Callable[[], Awaitable[bool]]) -> None:
        self._db = db
        self._client = client
        self._engine_ready = engine_ready

    async def now(self, user: User) -> Json:
        """Who waits, who works, today against the targets, what is about to break, whether the bot is well."""
        _require_lead(user)
        engine = await self._engine_ready()
        async with self._db.read() as tx:
            return {
                "server_time": iso(tx.now),
                "waiting": await self._waiting(tx),
                "chats": await self._chats(tx),
                "agents": await self._agents(tx),
                **await self._today(tx),
                "sla": await self._sla(tx),
                "health": await self._health(tx, engine),
            }

    async def figures(self, user: User, query: Mapping[str, str]) -> Json:
        """A report."""
        _require_lead(user)
        begin, end = self._span(query)
        step, by = query.get("step", "day"), query.get("by", "all")
        if step not in GRAINS:
            raise bad_field("Pilih langkah waktu: quarter, hour, day, atau month.")
        if by not in DIMENSIONS:
            raise bad_field("Pilih pembagian laporan yang tersedia.")
        async with self._db.read() as tx:
            try:
                rows = await report(tx, self._client, begin, end, step, by)
            except TooMuch:
                raise DeskError(
                    422, "too_much", "Laporan terlalu besar. Pilih rentang yang lebih pendek atau langkah yang lebih panjang."
                ) from None
            _, counted_until = await behind(tx)
            names = await self._names(tx, by, {row.key for row in rows})

        def shown(key: str, amounts: Mapping[str, int]) -> Json:
            return {"key": key, "label": names.get(key, key), "figures": figures_of(amounts), "amounts": dict(amounts)}

        return {
            "from": iso(begin),
            "to": iso(end),
            "step": step,
            "by": by,
            "counted_until": iso(counted_until),
            "targets": self._client.figures.targets.model_dump(),
            "rows": [{"start": iso(row.start), **shown(row.key, row.amounts)} for row in rows],
            "totals": [shown(key, amounts) for key, amounts in sorted(totals(rows).items())],
        }

    def _span(self, query: Mapping[str, str]) -> tuple[datetime, datetime]:
        """From, until before; by default today. A date alone is a day of the client's, as `to` the whole of it."""
        today, tomorrow = day_of(self._db.clock.now(), self._client)
        begin, end = self._moment(query.get("from"), 0) or today, self._moment(query.get("to"), 1) or tomorrow
        if not begin < end or end - begin > LONGEST:
            raise bad_field("Rentang waktu tidak sesuai.")
        return begin, end

    def _moment(self, told: str | None, more_days: int) -> datetime | None:
        if not told:
            return None
        try:
            if len(told) == 10:
                day = date.fromisoformat(told) + timedelta(days=more_days)
                return datetime.combine(day, time(), self._client.zone)
            at = datetime.fromisoformat(told.replace(" ", "+"))  # a plus that was not escaped
            if at.tzinfo is None or not 2000 <= at.year <= 2200:
                raise ValueError
            return at
        except (ValueError, OverflowError):
            raise bad_field("Tanggal tidak sesuai. Tulis seperti 2026-11-23.") from None

    async def _names(self, tx: Tx, by: str, found: set[str]) -> dict[str, str]:
        """Keys as people read them."""
        client = self._client
        if by == "agent":
            rows = await tx.execute(select(users.c.id, users.c.name))
            return {row.id: row.name for row in rows if row.id in found}
        return {
            "team": {key: unit.label for key, unit in client.ticketing.units.items()},
            "topic": client.topics,
            "reason": {**client.handoff.aux_reasons, **client.handoff.reasons},
            "all": {"": "Semua"},
            "served": {"bot": "Bot", "agent": "Petugas"},
        }.get(by, {})

    async def _waiting(self, tx: Tx) -> Json:
        order = (_c.queued_at, _c.id)
        of_queue = _c.owner == Owner.QUEUE
        wanted = select(_c.id, _c.channel, _c.team, _c.reason, _c.urgent, _c.queued_at).where(of_queue).order_by(*order).limit(LISTED)
        counted = select(_c.team, func.count().label("n"), func.min(_c.queued_at).label("since")).where(of_queue).group_by(_c.team)
        teams = (await tx.execute(counted)).all()
        rows = (await tx.execute(wanted)).all()
        since = min((team.since for team in teams if team.since is not None), default=None)
        return {
            "count": sum(team.n for team in teams),
            "longest_since": iso(since),
            "longest_s": round((tx.now - since).total_seconds()) if since else None,
            "teams": [{"id": team.team, "count": team.n, "longest_since": iso(team.since)} for team in sorted(teams, key=lambda t: t.team)],
            "conversations": [
                {
                    "id": row.id,
                    "channel": row.channel,
                    "team": row.team,
                    "reason": {"id": row.reason, "label": self._client.handoff.reasons.get(row.reason or "", row.reason)},
                    "urgent": row.urgent,
                    "since": iso(row.queued_at),
                }
                for row in rows
            ],
        }

    async def _chats(self, tx: Tx) -> list[Json]:
        counted = select(_c.channel, _c.owner, func.count().label("n")).where(_c.owner != Owner.CLOSED).group_by(_c.channel, _c.owner)
        rows = (await tx.execute(counted)).all()
        return [{"channel": row.channel, "owner": row.owner, "count": row.n} for row in sorted(rows, key=lambda r: (r.channel, r.owner))]

    async def _agents(self, tx: Tx) -> list[Json]:
        u, p = users.c, presence.c
        wanted = select(u.id, u.name, u.team, u.capacity, p.state, p.reason, p.since).outerjoin(presence, p.agent_id == u.id)
        rows = (await tx.execute(wanted.where(u.active.is_(True), u.role.in_(AT_DESK)).order_by(func.lower(u.name), u.id))).all()
        taken = await loads(tx, [row.id for row in rows])
        found = []
        for row in rows:
            shown = presence_json(row if row.state else None, self._client)
            overlong = shown["limit_at"] is not None and shown["limit_at"] < iso(tx.now)
            load, room = taken[row.id], row.capacity if row.capacity is not None else self._client.handoff.capacity
            parts = {"held": load.held, "offered": load.offered, "wrapups": load.wrapups}
            found.append({"id": row.id, "name": row.name, "team": row.team, **shown, "overlong": overlong, "capacity": room, **parts})
        return found

    async def _today(self, tx: Tx) -> Json:
        begin, end = day_of(tx.now, self._client)
        today = totals(await report(tx, self._client, begin, end, "day", "all")).get("", Counter())
        hours = timedelta(hours=self._client.figures.board.curve_hours)
        curve = await report(tx, self._client, tx.now - hours, tx.now, "quarter", "all")
        left, counted_until = await behind(tx)
        return {
            "today": {"figures": figures_of(today), "amounts": dict(today), "counted_until": iso(counted_until), "behind": left},
            "targets": self._client.figures.targets.model_dump(),
            "curve": [{"start": iso(row.start), **{name: figures_of(row.amounts)[name] for name in CURVE}} for row in curve],
        }

    async def _sla(self, tx: Tx) -> Json:
        soon = tx.now + timedelta(minutes=self._client.figures.board.sla_soon_minutes)
        due = func.coalesce(_t.hop_due_at, _t.due_at)
        is_open, whole, hop = _t.closed_at.is_(None), _t.due_at.between(tx.now, soon), _t.hop_due_at.between(tx.now, soon)
        breaking = is_open & or_(whole, hop)
        late = is_open & or_(_t.breached_at.is_not(None), _t.hop_breached_at.is_not(None))
        wanted = select(_t.number, _t.unit, _t.priority, _t.due_at, _t.hop_due_at, _t.assignee_id).where(breaking).order_by(due, _t.number)
        rows = (await tx.execute(wanted.limit(LISTED))).all()
        numbers = [(await tx.execute(select(func.count()).select_from(tickets).where(what))).scalar_one() for what in (breaking, late)]
        return {
            "soon": numbers[0],
            "late": numbers[1],
            "tickets": [
                {
                    "number": row.number,
                    "unit": row.unit,
                    "priority": row.priority,
                    "assignee": row.assignee_id,
                    "due_at": iso(row.due_at),
                    "hop_due_at": iso(row.hop_due_at),
                }
                for row in rows
            ],
        }

    async def _health(self, tx: Tx, engine: bool) -> Json:
        oldest = (await tx.execute(select(func.min(messages.c.created_at)).where(messages.c.todo == "answer"))).scalar_one()
        still = or_(halts.c.until.is_(None), halts.c.until > tx.now)
        halted = (await tx.execute(select(func.count()).select_from(halts).where(still))).scalar_one()
        unsent = (await tx.execute(select(func.count()).select_from(outbox))).scalar_one()
        waits = round(max(0.0, (tx.now - oldest).total_seconds()), 1) if oldest else 0.0
        return {"engine": engine, "bot_waits_s": waits, "outbox": unsent, "channels_halted": halted}


def _require_lead(user: User) -> None:
    if user.role not in LEADS:
        raise forbidden()
