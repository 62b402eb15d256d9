"""Drafts, files, templates and retries over HTTP."""

from __future__ import annotations

from aiohttp import web

from bot.desk.errors import bad_field
from bot.desk.guard import Guard, Guarded, Page, body_of, text_of
from bot.desk.service import Desk
from bot.desk.sessions import Session
from bot.desk.web_guiding import ID, at_desk


def add_writing_routes(app: web.Application, desk: Desk, guard: Guard) -> None:
    """Mount the routes of docs/protocols.md, "Writing"."""
    pages = _Pages(desk)

    def signed_in(handler: Guarded) -> Page:
        return at_desk(guard, handler)

    one = f"/api/desk/conversations/{ID}"
    app.add_routes(
        [
            web.put(f"{one}/draft", signed_in(pages.draft)),
            web.post(f"{one}/upload", signed_in(pages.upload)),
            web.get(f"{one}/templates", signed_in(pages.templates)),
            web.post(f"{one}/template", signed_in(pages.template)),
            web.post(f"{one}/retry", signed_in(pages.retry)),
        ]
    )


class _Pages:
    """The handlers."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    async def draft(self, request: web.Request, session: Session) -> web.Response:
        body = await body_of(request)
        await self._desk.writing.draft(session.user, request.match_info["id"], text_of(body, "text"))
        return web.Response(status=204)

    async def upload(self, request: web.Request, session: Session) -> web.Response:
        return web.json_response(await self._desk.writing.upload(session.user, request.match_info["id"], request), status=201)

    async def templates(self, request: web.Request, session: Session) -> web.Response:
        return web.json_response({"templates": await self._desk.writing.templates(session.user, request.match_info["id"])})

    async def template(self, request: web.Request, session: Session) -> web.Response:
        body = await body_of(request)
        client_id, template, values = text_of(body, "client_id", 64), text_of(body, "template", 40), body.get("values") or {}
        if not client_id or not isinstance(values, dict):
            raise bad_field("Isian templat tidak sesuai.")
        named = {name: text_of(values, name, 1000) for name in values if isinstance(name, str)}
        message = await self._desk.writing.send_template(session.user, request.match_info["id"], client_id, template, named)
        return web.json_response({"message": message})

    async def retry(self, request: web.Request, session: Session) -> web.Response:
        body = await body_of(request)
        message = await self._desk.writing.retry(session.user, request.match_info["id"], text_of(body, "message", 26))
        return web.json_response({"message": message})
