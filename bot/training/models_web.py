"""The models over HTTP: list, report, train, promote, roll back. For trainers, leaders and admins; nobody promotes past the gate."""

from __future__ import annotations

from aiohttp import web

from bot.desk.errors import bad_field
from bot.desk.guard import Guard, body_of, text_of
from bot.desk.sessions import Session
from bot.training.models import Models, Person, read_line
from bot.training.models_views import overview, shown_report, shown_run
from bot.training.runs import Runs
from bot.training.web import for_trainers

_BASE = "/api/train/models"
_ID = "{id:[0-9A-Za-z_-]{1,40}}"


def add_model_routes(app: web.Application, models: Models, runs: Runs, guard: Guard) -> None:
    """Mount /api/train/models…"""
    pages = _Pages(models, runs)
    app.add_routes(
        [
            web.get(_BASE, for_trainers(guard, pages.all)),
            web.post(f"{_BASE}/runs", for_trainers(guard, pages.begin)),
            web.post(f"{_BASE}/runs/{_ID}/cancel", for_trainers(guard, pages.cancel)),
            web.post(f"{_BASE}/rollback", for_trainers(guard, pages.roll_back)),
            web.get(f"{_BASE}/{_ID}", for_trainers(guard, pages.one)),
            web.post(f"{_BASE}/{_ID}/promote", for_trainers(guard, pages.promote)),
        ]
    )


class _Pages:
    """The handlers."""

    def __init__(self, models: Models, runs: Runs) -> None:
        self._models = models
        self._runs = runs

    async def all(self, _request: web.Request, _session: Session) -> web.Response:
        await self._runs.sweep()
        running = await self._models.running()
        async with self._models.db.read() as tx:
            shown = await overview(tx, running, self._models.client)
        return web.json_response({**shown, "lacking": self._models.workshop.lacking()})

    async def one(self, request: web.Request, _session: Session) -> web.Response:
        row = await self._models.row(request.match_info["id"])
        running = await self._models.running()
        return web.json_response({"model": row.id, **shown_report(row, running, self._models.client)})

    async def begin(self, request: web.Request, session: Session) -> web.Response:
        body = await body_of(request)
        kind, model = text_of(body, "kind", 10), text_of(body, "model", 40) or None
        if kind not in ("train", "report") or (kind == "report") != (model is not None):
            raise bad_field("Isian 'kind' tidak sesuai.")
        return web.json_response({"run": shown_run(await self._runs.begin(kind, _person(session), model))}, status=201)

    async def cancel(self, request: web.Request, _session: Session) -> web.Response:
        return web.json_response({"run": shown_run(await self._runs.cancel(request.match_info["id"]))})

    async def promote(self, request: web.Request, session: Session) -> web.Response:
        body = await body_of(request)
        await self._models.promote(request.match_info["id"], text_of(body, "over", 40) or None, _person(session))
        return await self._serving()

    async def roll_back(self, request: web.Request, session: Session) -> web.Response:
        await self._models.roll_back(text_of(await body_of(request), "to", 40), _person(session))
        return await self._serving()

    async def _serving(self) -> web.Response:
        async with self._models.db.read() as tx:
            line = await read_line(tx)
        return web.json_response({"in_service": line.in_service, "previous": line.previous})


def _person(session: Session) -> Person:
    return Person(session.user.id, session.user.name)
