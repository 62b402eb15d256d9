"""The desk over HTTP: each handler reads the request, calls one use case and writes its answer."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from aiohttp import web

from bot.assist.fates import suggestion_of
from bot.desk.alerts import Alerts, add_alert_routes
from bot.desk.errors import DeskError, bad_field, not_found
from bot.desk.floor_web import add_floor_routes
from bot.desk.guard import COOKIE, Guard, answering, body_of, number_of, refusal, text_of
from bot.desk.live import Live
from bot.desk.misread import mark
from bot.desk.service import Desk
from bot.desk.sessions import Session, log_in, log_out
from bot.desk.ticket_bulk import single_actions
from bot.desk.web_cases import OutletPage, add_case_routes
from bot.desk.web_guiding import add_guiding_routes
from bot.desk.web_tickets import add_ticket_routes, client_id_of, fields_of
from bot.desk.web_tickets_lists import add_list_routes
from bot.desk.web_writing import add_writing_routes

_ID = "{id:[0-9A-Za-z_-]{1,26}}"
_PREFIXES = ("/api/login", "/api/logout", "/api/me", "/api/desk/", "/api/train/", "/api/v1/", "/api/board/")
_TICKET_FIELDS = ("topic", "summary", "detail", "product", "priority")


def add_routes(app: web.Application, desk: Desk) -> None:
    """Mount /api/login, /api/logout, /api/me, /api/desk/* and /ws/desk; the live line runs as long as the app."""
    guard = Guard(desk.db, desk.settings)
    pages, live = _Pages(desk, guard), Live(desk, guard)
    one, signed_in = f"/api/desk/conversations/{_ID}", guard.signed_in
    app.add_routes(
        [
            web.post("/api/login", answering(pages.login)),
            web.post("/api/logout", signed_in(pages.logout)),
            web.get("/api/me", signed_in(pages.me)),
            web.get("/api/desk/options", signed_in(pages.options)),
            web.post("/api/desk/presence", signed_in(pages.presence)),
            web.get("/api/desk/conversations", signed_in(pages.box)),
            web.get(one, signed_in(pages.open)),
            web.post(f"{one}/accept", signed_in(pages.accept)),
            web.post(f"{one}/reply", signed_in(pages.reply)),
            web.post(f"{one}/note", signed_in(pages.note)),
            web.post(f"{one}/misread", signed_in(pages.misread)),
            web.post(f"{one}/typing", signed_in(pages.typing)),
            web.post(f"{one}/return", signed_in(pages.give_back)),
            web.post(f"{one}/close", signed_in(pages.close)),
            web.post(f"{one}/ticket", signed_in(pages.make_ticket)),
            web.get("/ws/desk", answering(live.socket)),
        ]
    )
    add_guiding_routes(app, desk, guard)
    add_writing_routes(app, desk, guard)
    add_floor_routes(app, desk.floor, guard)
    add_ticket_routes(app, desk.tickets, guard)
    add_list_routes(app, desk.db, desk.client, guard, single_actions(desk.tickets))
    add_case_routes(app, desk.casework, guard, OutletPage(desk.db, desk.library), desk.settings.public_url)
    add_alert_routes(app, Alerts(desk.db), guard)
    app.middlewares.append(_unknown_paths)
    app.cleanup_ctx.append(live.running)
    app.on_shutdown.append(live.close)


@web.middleware
async def _unknown_paths(request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]) -> web.StreamResponse:
    """404 and 405 under the desk's paths are JSON too."""
    try:
        return await handler(request)
    except web.HTTPMethodNotAllowed as error:
        if not request.path.startswith(_PREFIXES):
            raise
        response = refusal(DeskError(405, "method_not_allowed", "Cara memanggil tidak sesuai."))
        response.headers["Allow"] = ", ".join(sorted(error.allowed_methods))
        return response
    except web.HTTPNotFound:
        if not request.path.startswith(_PREFIXES):
            raise
        return refusal(not_found())


class _Pages:
    """The handlers."""

    def __init__(self, desk: Desk, guard: Guard) -> None:
        self._desk = desk
        self._guard = guard

    async def login(self, request: web.Request) -> web.Response:
        self._guard.require_own_page(request)
        body = await body_of(request)
        username, password = text_of(body, "username", 200), body.get("password")
        if not isinstance(password, str):
            raise bad_field("Isi nama pengguna dan kata sandi.")
        token, session = await log_in(self._desk.db, username, password, self._guard.ip(request), request.cookies.get(COOKIE))
        response = web.json_response({"user": session.user.to_json(), "csrf": session.csrf})
        self._guard.set_cookie(request, response, token)
        return response

    async def logout(self, request: web.Request, session: Session) -> web.Response:
        await log_out(self._desk.db, session)
        response = web.Response(status=204)
        self._guard.drop_cookie(request, response)
        return response

    async def me(self, request: web.Request, session: Session) -> web.Response:
        return web.json_response({**await self._desk.me(session.user), "csrf": session.csrf})

    async def options(self, request: web.Request, session: Session) -> web.Response:
        return web.json_response(self._desk.options(session.user))

    async def presence(self, request: web.Request, session: Session) -> web.Response:
        body = await body_of(request)
        state, reason = text_of(body, "state", 20), text_of(body, "reason", 40)
        return web.json_response(await self._desk.set_presence(session.user, state, reason or None))

    async def box(self, request: web.Request, session: Session) -> web.Response:
        return web.json_response(await self._desk.box(session.user, request.query.get("box", "queue")))

    async def open(self, request: web.Request, session: Session) -> web.Response:
        after = request.query.get("after", "0")
        if not (after.isascii() and after.isdigit() and len(after) <= 9):
            raise bad_field("Isian 'after' tidak sesuai.")
        return web.json_response(await self._desk.open(session.user, _id(request), int(after)))

    async def accept(self, request: web.Request, session: Session) -> web.Response:
        body = await body_of(request)
        return web.json_response({"conversation": await self._desk.accept(session.user, _id(request), number_of(body, "episode"))})

    async def reply(self, request: web.Request, session: Session) -> web.Response:
        body = await body_of(request)
        files = body.get("media") or []
        if not isinstance(files, list) or len(files) > 5 or not all(isinstance(f, str) and f.isascii() and f.isalnum() for f in files):
            raise DeskError(422, "bad_media", "Lampiran tidak dapat dikirim.")
        seen = number_of(body, "seen") if body.get("seen") is not None and body.get("anyway") is not True else None
        message = await self._desk.replying.reply(
            session.user, _id(request), client_id_of(body), text_of(body, "text"), files, suggestion_of(body), seen
        )
        return web.json_response({"message": message})

    async def note(self, request: web.Request, session: Session) -> web.Response:
        body = await body_of(request)
        to = body.get("to") or []
        if not isinstance(to, list) or not all(isinstance(each, str) and each.isascii() and len(each) <= 26 for each in to):
            raise bad_field("Rekan yang disebut tidak dikenal.")
        message = await self._desk.replying.note(session.user, _id(request), client_id_of(body), text_of(body, "text"), to)
        return web.json_response({"message": message})

    async def misread(self, request: web.Request, session: Session) -> web.Response:
        body = await body_of(request)
        message, wrong = text_of(body, "message", 26), body.get("wrong") is True
        await mark(self._desk.db, session.user, _id(request), message, wrong)
        return web.json_response({"wrong": wrong})

    async def typing(self, request: web.Request, session: Session) -> web.Response:
        await self._desk.replying.typing(session.user, _id(request))
        return web.Response(status=204)

    async def give_back(self, request: web.Request, session: Session) -> web.Response:
        body = await body_of(request)
        return web.json_response({"conversation": await self._desk.give_back(session.user, _id(request), text_of(body, "reason", 40))})

    async def close(self, request: web.Request, session: Session) -> web.Response:
        body = await body_of(request)
        outcome, closing = text_of(body, "outcome", 40), body.get("closing") is True
        about = {name: text_of(body, name, 300).strip() for name in ("topic", "sub_topic", "override")}
        return web.json_response({"conversation": await self._desk.close(session.user, _id(request), outcome, closing, **about)})

    async def make_ticket(self, request: web.Request, session: Session) -> web.Response:
        body = await body_of(request)
        client_id = client_id_of(body) if "client_id" in body else None
        ticket = await self._desk.tickets.make(session.user, _id(request), fields_of(body, _TICKET_FIELDS), client_id)
        return web.json_response({"ticket": ticket}, status=201)


def _id(request: web.Request) -> str:
    return request.match_info["id"]
