"""Boards of tickets over HTTP: lists, counts, options, saved views, bulk actions, export (docs/protocols.md, "Tickets")."""

from __future__ import annotations

from aiohttp import web

from bot.client import Client
from bot.desk.guard import Guard, Guarded, Page, body_of, text_of
from bot.desk.sessions import Session
from bot.desk.ticket_bulk import Bulk, Do, bulk_of
from bot.desk.ticket_export import Export
from bot.desk.ticket_lists import TicketLists
from bot.desk.ticket_saved import SavedViews
from bot.desk.web_tickets import at_tickets
from bot.store.database import Database

_ID = "{id:[0-9A-Za-z_-]{1,26}}"


def add_list_routes(app: web.Application, db: Database, client: Client, guard: Guard, do: Do) -> None:
    """Mount the boards. `do`: what a single action on a ticket calls, too."""
    pages, views = _Pages(db, client, do), "/api/desk/tickets/views"

    def signed_in(handler: Guarded) -> Page:
        return at_tickets(guard, handler)

    app.add_routes(
        [
            web.get("/api/desk/tickets", signed_in(pages.show)),
            web.get("/api/desk/tickets/counts", signed_in(pages.counts)),
            web.get("/api/desk/tickets/options", signed_in(pages.options)),
            web.get("/api/desk/tickets.csv", signed_in(pages.export)),
            web.post("/api/desk/tickets/bulk", signed_in(pages.bulk)),
            web.get(views, signed_in(pages.views)),
            web.post(views, signed_in(pages.save_view)),
            web.put(f"{views}/{_ID}", signed_in(pages.change_view)),
            web.delete(f"{views}/{_ID}", signed_in(pages.drop_view)),
            web.get("/api/desk/monev", signed_in(pages.asked_outlets)),
        ]
    )


class _Pages:
    def __init__(self, db: Database, client: Client, do: Do) -> None:
        self._lists = TicketLists(db, client)
        self._views = SavedViews(db, client)
        self._export = Export(db, client)
        self._bulk = Bulk(do)

    async def show(self, request: web.Request, session: Session) -> web.Response:
        return web.json_response(await self._lists.show(session.user, request.query))

    async def counts(self, _request: web.Request, session: Session) -> web.Response:
        return web.json_response(await self._lists.counts(session.user))

    async def options(self, _request: web.Request, session: Session) -> web.Response:
        return web.json_response(await self._lists.options(session.user))

    async def asked_outlets(self, request: web.Request, session: Session) -> web.Response:
        return web.json_response(await self._lists.asked_outlets(session.user, request.query))

    async def export(self, request: web.Request, session: Session) -> web.StreamResponse:
        wanted = self._lists.filter(request.query)
        pieces = self._export.pieces(session.user, wanted, request.query)
        first = await anext(pieces)  # what is refused is refused before anything is sent
        response = web.StreamResponse(headers={"Content-Disposition": 'attachment; filename="tiket.csv"', "Cache-Control": "no-store"})
        response.content_type, response.charset = "text/csv", "utf-8"
        await response.prepare(request)
        try:
            await response.write(first)
            async for piece in pieces:
                await response.write(piece)
        finally:
            await pieces.aclose()
        await response.write_eof()
        return response

    async def bulk(self, request: web.Request, session: Session) -> web.Response:
        return web.json_response(await self._bulk.do(session.user, bulk_of(await body_of(request))))

    async def views(self, _request: web.Request, session: Session) -> web.Response:
        return web.json_response({"views": await self._views.list(session.user)})

    async def save_view(self, request: web.Request, session: Session) -> web.Response:
        body = await body_of(request)
        view = await self._views.save(session.user, text_of(body, "title", 1000), text_of(body, "scope", 10), body.get("filter"))
        return web.json_response({"view": view}, status=201)

    async def change_view(self, request: web.Request, session: Session) -> web.Response:
        body = await body_of(request)
        given = text_of(body, "title", 1000), text_of(body, "scope", 10), body.get("filter")
        return web.json_response({"view": await self._views.change(session.user, request.match_info["id"], *given)})

    async def drop_view(self, request: web.Request, session: Session) -> web.Response:
        await self._views.drop(session.user, request.match_info["id"])
        return web.Response(status=204)
