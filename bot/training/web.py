"""The trainers' page over HTTP: each handler reads the request, calls one use case and writes its answer."""

from __future__ import annotations

from aiohttp import web

from bot.desk.guard import Guard, Guarded, Page
from bot.desk.sessions import Session
from bot.settings import Settings
from bot.store.database import Database
from bot.training.access import require_trainer


def add_routes(app: web.Application, db: Database, settings: Settings) -> None:
    """Mount /api/train/*. Every one of them needs a session of somebody who trains."""
    guard = Guard(db, settings)
    app.add_routes([web.get("/api/train/me", for_trainers(guard, _me))])


def for_trainers(guard: Guard, handler: Guarded) -> Page:
    """A handler for trainers, leaders and admins: 401 without a session, 403 for others and for a foreign page."""

    async def handle(request: web.Request, session: Session) -> web.StreamResponse:
        require_trainer(session.user)
        return await handler(request, session)

    return guard.signed_in(handle)


async def _me(_request: web.Request, session: Session) -> web.Response:
    return web.json_response({"user": session.user.to_json(), "csrf": session.csrf})
