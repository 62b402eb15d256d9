"""What admins set up for other systems: tokens of the API, webhooks out, and a look at what could not be delivered."""

from __future__ import annotations

from typing import Any

from aiohttp import web

from bot.desk.errors import bad_field, forbidden
from bot.desk.guard import Guard, Guarded, Page, body_of, number_of, text_of
from bot.desk.sessions import Session
from bot.dialogue.unit import Library
from bot.outside import tokens, webhooks
from bot.outside.deliveries import failed
from bot.store.database import Database

_ID = "{id:[0-9A-Za-z_-]{1,26}}"


def add_admin_routes(app: web.Application, db: Database, library: Library, guard: Guard, anywhere: bool) -> None:
    """Mount /api/desk/tokens, /api/desk/webhooks and /api/desk/deliveries."""
    pages = _Pages(db, library, anywhere)

    def for_admins(handler: Guarded) -> Page:
        async def handle(request: web.Request, session: Session) -> web.StreamResponse:
            if session.user.role != "admin":
                raise forbidden()
            return await handler(request, session)

        return guard.signed_in(handle)

    app.add_routes(
        [
            web.get("/api/desk/tokens", for_admins(pages.tokens)),
            web.post("/api/desk/tokens", for_admins(pages.make_token)),
            web.delete(f"/api/desk/tokens/{_ID}", for_admins(pages.revoke_token)),
            web.get("/api/desk/webhooks", for_admins(pages.webhooks)),
            web.post("/api/desk/webhooks", for_admins(pages.add_webhook)),
            web.delete(f"/api/desk/webhooks/{_ID}", for_admins(pages.remove_webhook)),
            web.get("/api/desk/deliveries", for_admins(pages.deliveries)),
        ]
    )


class _Pages:
    """The handlers."""

    def __init__(self, db: Database, library: Library, anywhere: bool) -> None:
        self._db = db
        self._anywhere = anywhere
        self._units = library.client.ticketing.units

    async def tokens(self, _request: web.Request, _session: Session) -> web.Response:
        async with self._db.read() as tx:
            return web.json_response({"tokens": await tokens.listed(tx)})

    async def make_token(self, request: web.Request, session: Session) -> web.Response:
        body = await body_of(request)
        name, scopes, unit, days = (
            text_of(body, "name", 200),
            _words(body, "scopes"),
            text_of(body, "unit", 40) or None,
            number_of(body, "days"),
        )
        async with self._db.write() as tx:
            token, token_id = await tokens.make(tx, name, scopes, days, unit, self._units, session.user.id)
        return web.json_response({"token": token, "id": token_id}, status=201)

    async def revoke_token(self, request: web.Request, session: Session) -> web.Response:
        async with self._db.write() as tx:
            await tokens.revoke(tx, request.match_info["id"], session.user.id)
        return web.Response(status=204)

    async def webhooks(self, _request: web.Request, _session: Session) -> web.Response:
        async with self._db.read() as tx:
            return web.json_response({"webhooks": await webhooks.listed(tx)})

    async def add_webhook(self, request: web.Request, session: Session) -> web.Response:
        body = await body_of(request)
        url, events = text_of(body, "url", 2000).strip(), _words(body, "events")
        async with self._db.write() as tx:
            hook, secret = await webhooks.add(tx, url, events, session.user.id, self._anywhere)
        return web.json_response({"id": hook, "secret": secret}, status=201)

    async def remove_webhook(self, request: web.Request, session: Session) -> web.Response:
        async with self._db.write() as tx:
            await webhooks.remove(tx, request.match_info["id"], session.user.id)
        return web.Response(status=204)

    async def deliveries(self, _request: web.Request, _session: Session) -> web.Response:
        async with self._db.read() as tx:
            shown = await failed(tx)
        return web.json_response({"deliveries": shown})


def _words(body: dict[str, Any], name: str) -> list[str]:
    given = body.get(name)
    if not isinstance(given, list) or len(given) > 20 or not all(isinstance(each, str) for each in given):
        raise bad_field(f"Isian '{name}' tidak sesuai.")
    return given
