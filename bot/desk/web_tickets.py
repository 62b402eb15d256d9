"""Tickets over HTTP, one at a time: shown, made, changed, moved. Lists, search and export are in web_ticket_lists."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from aiohttp import web

from bot.desk.access import require_tickets
from bot.desk.errors import bad_field
from bot.desk.guard import Guard, Guarded, Page, body_of, number_of, text_of
from bot.desk.sessions import Session
from bot.desk.ticketing import Ticketing

NUMBER = "{number:[0-9A-Za-z]+-[0-9]{1,12}}"
_MADE = ("topic", "summary", "detail", "product", "priority", "category", "sub_category")
_BY_HAND = (*_MADE, "kind", "channel", "customer", "name", "phone", "outlet")
_CHANGES = (*_MADE, "kind", "outlet", "status", "note")
_GIVEN = ("to", "reason", "note", "how", "resolution")
ACTIONS = ("accept", "work", "resume", "confirm", "no_response", "wait", "propose", "return", "dispatch", "assign", "solve", "reopen")


def add_ticket_routes(app: web.Application, tickets: Ticketing, guard: Guard) -> None:
    """Mount what concerns one ticket."""
    pages, one = _Pages(tickets), f"/api/desk/tickets/{NUMBER}"

    def signed_in(handler: Guarded) -> Page:
        return at_tickets(guard, handler)

    app.add_routes(
        [
            web.post("/api/desk/tickets", signed_in(pages.make)),
            web.get(one, signed_in(pages.show)),
            web.patch(one, signed_in(pages.change)),
            *(web.post(f"{one}/{action}", signed_in(pages.doing(action))) for action in ACTIONS),
            web.post(f"{one}/merge", signed_in(pages.merge)),
            web.post(f"{one}/split", signed_in(pages.split)),
            web.post(f"{one}/link", signed_in(pages.link)),
            web.post(f"{one}/notes", signed_in(pages.note)),
            web.post(f"{one}/calls", signed_in(pages.call)),
            web.post(f"{one}/files", signed_in(pages.file)),
        ]
    )


def at_tickets(guard: Guard, handler: Guarded) -> Page:
    """A handler for who works with tickets: the role is looked at before the body."""

    async def handle(request: web.Request, session: Session) -> web.StreamResponse:
        require_tickets(session.user)
        return await handler(request, session)

    return guard.signed_in(handle)


class _Pages:
    """The handlers."""

    def __init__(self, tickets: Ticketing) -> None:
        self._tickets = tickets

    async def show(self, request: web.Request, session: Session) -> web.Response:
        return web.json_response({"ticket": await self._tickets.show(session.user, _number(request))})

    async def make(self, request: web.Request, session: Session) -> web.Response:
        body = await body_of(request)
        fields = {**fields_of(body, _BY_HAND), "form": body.get("form")}
        return web.json_response({"ticket": await self._tickets.make_by_hand(session.user, fields, client_id_of(body))}, status=201)

    async def change(self, request: web.Request, session: Session) -> web.Response:
        body = await body_of(request)
        fields = fields_of(body, _CHANGES) | ({"form": body["form"]} if "form" in body else {})
        return web.json_response({"ticket": await self._tickets.change(session.user, _number(request), number_of(body, "version"), fields)})

    def doing(self, action: str) -> Guarded:
        """The handler of one step of the flow."""

        async def do(request: web.Request, session: Session) -> web.Response:
            body = await body_of(request)
            given = {name: text_of(body, name) for name in _GIVEN} | {"form": body.get("form")}
            version = number_of(body, "version")
            return web.json_response({"ticket": await self._tickets.do(session.user, _number(request), action, version, given)})

        return do

    async def merge(self, request: web.Request, session: Session) -> web.Response:
        body = await body_of(request)
        version, into = number_of(body, "version"), text_of(body, "into", 30).strip().upper()
        return web.json_response({"ticket": await self._tickets.merge(session.user, _number(request), version, into)})

    async def split(self, request: web.Request, session: Session) -> web.Response:
        body = await body_of(request)
        version, fields = number_of(body, "version"), fields_of(body, _MADE)
        ticket = await self._tickets.split(session.user, _number(request), version, client_id_of(body), fields)
        return web.json_response({"ticket": ticket}, status=201)

    async def link(self, request: web.Request, session: Session) -> web.Response:
        body = await body_of(request)
        other, remove = text_of(body, "other", 30).strip().upper(), body.get("remove") is True
        return web.json_response({"ticket": await self._tickets.link(session.user, _number(request), other, remove)})

    async def note(self, request: web.Request, session: Session) -> web.Response:
        body = await body_of(request)
        text, audience = text_of(body, "text"), text_of(body, "audience", 20) or "internal"
        ticket = await self._tickets.note(session.user, _number(request), client_id_of(body), text, audience)
        return web.json_response({"ticket": ticket}, status=201)

    async def call(self, request: web.Request, session: Session) -> web.Response:
        body = await body_of(request)
        outcome, note, next_at = text_of(body, "outcome", 40), text_of(body, "note"), _moment(text_of(body, "next_at", 40))
        ticket = await self._tickets.call(session.user, _number(request), client_id_of(body), outcome, note, next_at)
        return web.json_response({"ticket": ticket}, status=201)

    async def file(self, request: web.Request, session: Session) -> web.Response:
        return web.json_response({"ticket": await self._tickets.attach(session.user, _number(request), request)}, status=201)


def _number(request: web.Request) -> str:
    return request.match_info["number"]


def client_id_of(body: dict[str, Any]) -> str:
    """What makes a request that is repeated happen once. Raises `bad_field`."""
    client_id = text_of(body, "client_id", 64)
    if not client_id:
        raise bad_field("Isian 'client_id' tidak sesuai.")
    return client_id


def fields_of(body: dict[str, Any], names: tuple[str, ...]) -> dict[str, Any]:
    """The fields that were given; an empty product is none."""
    given: dict[str, Any] = {name: text_of(body, name) for name in names if body.get(name) is not None}
    if given.get("product") == "":
        given["product"] = None
    return given


def _moment(text: str) -> datetime | None:
    if not text:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise bad_field("Waktu tidak sesuai.") from None
    if moment.tzinfo is None:
        raise bad_field("Waktu tidak sesuai.")
    return moment.astimezone(UTC)
