"""The guide, contacts by hand, mentions and customers over HTTP."""

from __future__ import annotations

from aiohttp import web

from bot.desk.access import require_desk
from bot.desk.errors import bad_field
from bot.desk.guard import Guard, Guarded, Page, body_of, text_of
from bot.desk.service import Desk
from bot.desk.sessions import Session

ID = "{id:[0-9A-Za-z_-]{1,26}}"


def add_guiding_routes(app: web.Application, desk: Desk, guard: Guard) -> None:
    """Mount the routes of docs/protocols.md, "The procedure" and "Customers"."""
    pages = _Pages(desk)

    def signed_in(handler: Guarded) -> Page:
        return at_desk(guard, handler)

    one = f"/api/desk/conversations/{ID}"
    app.add_routes(
        [
            web.post(f"{one}/steps", signed_in(pages.tick)),
            web.post(f"{one}/verify", signed_in(pages.verify)),
            web.post(f"{one}/topic", signed_in(pages.topic)),
            web.post(f"{one}/said", signed_in(pages.said)),
            web.post("/api/desk/contacts", signed_in(pages.contact)),
            web.get("/api/desk/mentions", signed_in(pages.mentions)),
            web.get(f"/api/desk/customers/{ID}", signed_in(pages.customer)),
            web.get(f"/api/desk/customers/{ID}/journey", signed_in(pages.journey)),
            web.post(f"/api/desk/merges/{ID}", signed_in(pages.merge)),
        ]
    )


def at_desk(guard: Guard, handler: Guarded) -> Page:
    """A handler for who works at the desk: the role is looked at before the body."""

    async def handle(request: web.Request, session: Session) -> web.StreamResponse:
        require_desk(session.user)
        return await handler(request, session)

    return guard.signed_in(handle)


class _Pages:
    """The handlers."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    async def tick(self, request: web.Request, session: Session) -> web.Response:
        body = await body_of(request)
        step, reason, undo = text_of(body, "step", 40), text_of(body, "reason", 2000), body.get("undo") is True
        return web.json_response({"procedure": await self._desk.guiding.tick(session.user, _id(request), step, reason, undo)})

    async def verify(self, request: web.Request, session: Session) -> web.Response:
        body = await body_of(request)
        field, matched = text_of(body, "field", 40), body.get("matched")
        if not isinstance(matched, bool):
            raise bad_field("Pilih cocok atau tidak cocok.")
        return web.json_response({"procedure": await self._desk.guiding.verify(session.user, _id(request), field, matched)})

    async def topic(self, request: web.Request, session: Session) -> web.Response:
        body = await body_of(request)
        procedure = await self._desk.guiding.name_topic(session.user, _id(request), text_of(body, "topic", 40))
        return web.json_response({"procedure": procedure, "conversation": await self._desk.summary(session.user, _id(request))})

    async def contact(self, request: web.Request, session: Session) -> web.Response:
        body = await body_of(request)
        given = {name: text_of(body, name, 200) for name in ("kind", "name", "phone", "outlet", "topic")}
        return web.json_response({"conversation": await self._desk.contacts.begin(session.user, **given)}, status=201)

    async def said(self, request: web.Request, session: Session) -> web.Response:
        body = await body_of(request)
        client_id, author = text_of(body, "client_id", 64), text_of(body, "author", 10)
        if not client_id:
            raise bad_field("Isian 'client_id' tidak sesuai.")
        message = await self._desk.contacts.said(session.user, _id(request), client_id, author, text_of(body, "text"))
        return web.json_response({"message": message})

    async def mentions(self, request: web.Request, session: Session) -> web.Response:
        return web.json_response({"mentions": await self._desk.consulting.mentions(session.user)})

    async def customer(self, request: web.Request, session: Session) -> web.Response:
        return web.json_response(await self._desk.customers.show(session.user, _id(request)))

    async def journey(self, request: web.Request, session: Session) -> web.Response:
        return web.json_response(await self._desk.customers.journey(session.user, _id(request), request.query.get("before")))

    async def merge(self, request: web.Request, session: Session) -> web.Response:
        body = await body_of(request)
        return web.json_response({"merge": await self._desk.customers.decide(session.user, _id(request), text_of(body, "decision", 10))})


def _id(request: web.Request) -> str:
    return request.match_info["id"]
