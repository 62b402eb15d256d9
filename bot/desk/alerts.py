"""What the clocks of tickets have told: reminders, breaches and escalations, for those whom the client's data names."""

from __future__ import annotations

from collections.abc import Collection
from datetime import timedelta
from typing import Any

from aiohttp import web
from sqlalchemy import literal, or_, select
from sqlalchemy.engine import Row

from bot.conversations.transcript import iso
from bot.desk.access import DESK, LEADS
from bot.desk.errors import forbidden
from bot.desk.guard import Guard
from bot.desk.records import users
from bot.desk.sessions import Session, User
from bot.store.database import Database, Tx
from bot.tickets.records import ticket_alerts, tickets

SHOWN = timedelta(hours=24)
MOST = 200
WORKS_WITH_TICKETS = DESK | {"division"}
Json = dict[str, Any]
_COLUMNS = (ticket_alerts, tickets.c.summary, tickets.c.assignee_id, tickets.c.unit)
_TOLD = select(*_COLUMNS).join(tickets, tickets.c.number == ticket_alerts.c.ticket)


class Alerts:
    """Reads what was told; who is meant is seen when it is read: who holds the ticket now, who leads now."""

    def __init__(self, db: Database) -> None:
        self._db = db

    async def of(self, user: User) -> list[Json]:
        """What the last 24 hours brought for a user, newest first, at most 200."""
        if user.role not in WORKS_WITH_TICKETS:
            raise forbidden()
        async with self._db.read() as tx:
            team = (await tx.execute(select(users.c.team).where(users.c.id == user.id))).scalar()
            mine = or_(tickets.c.assignee_id == user.id, tickets.c.unit == team, literal(user.role in LEADS))
            recent = _TOLD.where(ticket_alerts.c.at > tx.now - SHOWN, mine).order_by(
                ticket_alerts.c.at.desc(), ticket_alerts.c.due_at.desc(), ticket_alerts.c.id
            )
            rows = (await tx.execute(recent.limit(5 * MOST))).all()
        return [_json(row) for row in rows if _is_for(row, user.id, user.role, team)][:MOST]

    async def told(self, tx: Tx, ids: Collection[str], listening: Collection[str]) -> list[tuple[Json, set[str]]]:
        """Each of these alerts with the users it is for, out of those who listen."""
        rows = (await tx.execute(_TOLD.where(ticket_alerts.c.id.in_(ids)).order_by(ticket_alerts.c.id))).all()
        there = users.c.id.in_(listening) & users.c.role.in_(WORKS_WITH_TICKETS)
        people = (await tx.execute(select(users.c.id, users.c.role, users.c.team).where(there))).all() if rows else []
        return [(_json(row), {one.id for one in people if _is_for(row, one.id, one.role, one.team)}) for row in rows]


def add_alert_routes(app: web.Application, alerts: Alerts, guard: Guard) -> None:
    """Mount /api/desk/tickets/alerts."""

    async def show(_request: web.Request, session: Session) -> web.Response:
        return web.json_response({"alerts": await alerts.of(session.user)})

    app.router.add_get("/api/desk/tickets/alerts", guard.signed_in(show))


def _is_for(alert: Row[Any], user: str, role: str, team: str | None) -> bool:
    """Whether an alert is for a user. `leaders` is everybody who leads; a unit's id, those who lead this unit."""
    audience, leads = alert.audience, role in LEADS
    if isinstance(audience, str):
        return leads and team == audience
    return (
        ("assignee" in audience and alert.assignee_id == user)
        or ("unit" in audience and alert.unit == team)
        or ("leaders" in audience and leads)
    )


def _json(alert: Row[Any]) -> Json:
    """As docs/protocols.md shows it."""
    return {
        "ticket": alert.ticket, "what": alert.what, "scope": alert.scope, "due_at": iso(alert.due_at), "summary": alert.summary,
    }  # fmt: skip
