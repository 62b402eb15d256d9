"""The trainers' page over HTTP: each handler reads the request, calls one use case and writes its answer."""

from __future__ import annotations

from datetime import date
from typing import Any

from aiohttp import web

from bot.desk.errors import bad_field
from bot.desk.guard import Guard, Guarded, Page, body_of, text_of
from bot.desk.sessions import Session
from bot.training.access import require_trainer
from bot.training.deciding import Choice
from bot.training.marks import Mark
from bot.training.queue import ALSO, Wanted
from bot.training.service import Training

_ID = "{id:[0-9A-Za-z_-]{1,26}}"
_MARKS = 50


def add_routes(app: web.Application, training: Training, guard: Guard) -> None:
    """Mount /api/train/*. Every one of them needs a session of somebody who trains."""
    pages, one = _Pages(training), f"/api/train/messages/{_ID}"

    def guarded(handler: Guarded) -> Page:
        return for_trainers(guard, handler)

    app.add_routes(
        [
            web.get("/api/train/me", guarded(_me)),
            web.get("/api/train/options", guarded(pages.options)),
            web.get("/api/train/messages", guarded(pages.queue)),
            web.get(one, guarded(pages.open)),
            web.post(f"{one}/decide", guarded(pages.decide)),
            web.post(f"{one}/undo", guarded(pages.undo)),
            web.get("/api/train/reviews", guarded(pages.recent)),
            web.post(f"/api/train/conversations/{_ID}/test", guarded(pages.make_test)),
            web.get("/api/train/diff", guarded(pages.diff)),
        ]
    )


def for_trainers(guard: Guard, handler: Guarded) -> Page:
    """A handler for trainers, leaders and admins: 401 without a session, 403 for others and for a foreign page."""

    async def handle(request: web.Request, session: Session) -> web.StreamResponse:
        require_trainer(session.user)
        return await handler(request, session)

    return guard.signed_in(handle)


async def _me(_request: web.Request, session: Session) -> web.Response:
    return web.json_response({"user": session.user.to_json(), "csrf": session.csrf})


class _Pages:
    """The handlers."""

    def __init__(self, training: Training) -> None:
        self._training = training

    async def options(self, request: web.Request, session: Session) -> web.Response:
        return web.json_response(await self._training.options(session.user))

    async def queue(self, request: web.Request, session: Session) -> web.Response:
        given = request.query
        wanted = Wanted(
            since=_day(given.get("from", "")),
            until=_day(given.get("to", "")),
            search=given.get("q", "")[:200],
            **{name: given.get(name, "")[:60] for name in ("topic", "channel", "reason", "after")},
        )
        return web.json_response(await self._training.page(session.user, wanted))

    async def open(self, request: web.Request, session: Session) -> web.Response:
        return web.json_response(await self._training.open(session.user, request.match_info["id"]))

    async def decide(self, request: web.Request, session: Session) -> web.Response:
        choice = _choice(await body_of(request))
        return web.json_response(await self._training.decide(session.user, request.match_info["id"], choice))

    async def undo(self, request: web.Request, session: Session) -> web.Response:
        await body_of(request)
        return web.json_response(await self._training.undo(session.user, request.match_info["id"]))

    async def recent(self, request: web.Request, session: Session) -> web.Response:
        return web.json_response(await self._training.recent(session.user))

    async def make_test(self, request: web.Request, session: Session) -> web.Response:
        await body_of(request)
        return web.json_response(await self._training.make_test(session.user, request.match_info["id"]))

    async def diff(self, request: web.Request, session: Session) -> web.Response:
        return web.json_response(await self._training.diff(session.user))


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise bad_field("Tanggal tidak sesuai.") from None


def _choice(body: dict[str, Any]) -> Choice:
    also, marks = body.get("also") or [], body.get("entities") or []
    if not isinstance(also, list) or len(also) > ALSO or not all(isinstance(each, str) for each in also):
        raise bad_field("Isian 'also' tidak sesuai.")
    if not isinstance(marks, list) or len(marks) > _MARKS:
        raise bad_field("Isian 'entities' tidak sesuai.")
    return Choice(
        decision=text_of(body, "decision", 20),
        intent=text_of(body, "intent", 80),
        label=text_of(body, "label", 80),
        text=text_of(body, "text", 5000) if body.get("text") is not None else None,
        marks=[_mark(each) for each in marks],
        also=also,
    )


def _mark(given: Any) -> Mark:
    if isinstance(given, dict):
        start, end, entity = given.get("start"), given.get("end"), given.get("entity")
        if type(start) is int and type(end) is int and isinstance(entity, str) and entity:
            return Mark(start, end, entity)
    raise bad_field("Tanda pada contoh tidak sesuai. Mohon tandai ulang.")
