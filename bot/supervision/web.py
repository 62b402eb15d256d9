"""The board over HTTP: docs/protocols.md, "Board"."""

from __future__ import annotations

from aiohttp import web

from bot.desk.guard import Guard
from bot.desk.sessions import Session
from bot.supervision.board import Board


def add_board_routes(app: web.Application, board: Board, guard: Guard) -> None:
    """Mount /api/board/now and /api/board/figures."""

    async def now(_request: web.Request, session: Session) -> web.Response:
        return web.json_response(await board.now(session.user))

    async def figures(request: web.Request, session: Session) -> web.Response:
        return web.json_response(await board.figures(session.user, request.query))

    app.add_routes([web.get("/api/board/now", guard.signed_in(now)), web.get("/api/board/figures", guard.signed_in(figures))])
