"""The floor over HTTP: docs/protocols.md, "The floor"."""

from __future__ import annotations

from aiohttp import web

from bot.desk.floor import FloorDesk
from bot.desk.guard import Guard, body_of, number_of, text_of
from bot.desk.sessions import Session

_ID = "{id:[0-9A-Za-z_-]{1,26}}"


def add_floor_routes(app: web.Application, floor: FloorDesk, guard: Guard) -> None:
    """Mount decline, transfer, wrapup and people."""
    pages, one, signed_in = _Pages(floor), f"/api/desk/conversations/{_ID}", guard.signed_in
    app.add_routes(
        [
            web.post(f"{one}/decline", signed_in(pages.decline)),
            web.post(f"{one}/transfer", signed_in(pages.transfer)),
            web.post(f"{one}/wrapup", signed_in(pages.wrapup)),
            web.get("/api/desk/people", signed_in(pages.people)),
            web.post(f"/api/desk/people/{_ID}/presence", signed_in(pages.presence)),
        ]
    )


class _Pages:
    def __init__(self, floor: FloorDesk) -> None:
        self._floor = floor

    async def decline(self, request: web.Request, session: Session) -> web.Response:
        body = await body_of(request)
        number, reason = number_of(body, "episode"), text_of(body, "reason", 40)
        return web.json_response({"conversation": await self._floor.decline(session.user, request.match_info["id"], number, reason)})

    async def transfer(self, request: web.Request, session: Session) -> web.Response:
        body = await body_of(request)
        to, reason, note = text_of(body, "to", 60), text_of(body, "reason", 40), text_of(body, "note")
        return web.json_response({"conversation": await self._floor.transfer(session.user, request.match_info["id"], to, reason, note)})

    async def wrapup(self, request: web.Request, session: Session) -> web.Response:
        return web.json_response({"conversation": await self._floor.end_wrapup(session.user, request.match_info["id"])})

    async def people(self, _request: web.Request, session: Session) -> web.Response:
        return web.json_response(await self._floor.people(session.user))

    async def presence(self, request: web.Request, session: Session) -> web.Response:
        body = await body_of(request)
        state, reason = text_of(body, "state", 20), text_of(body, "reason", 40)
        return web.json_response(await self._floor.set_presence_of(session.user, request.match_info["id"], state, reason or None))
