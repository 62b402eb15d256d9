"""Joins the parts together. The only module that knows them all."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Protocol

import aiohttp
from aiohttp import web
from sqlalchemy import text

from bot.assist.service import Assist
from bot.assist.web import add_assist_routes
from bot.channels.files import Files
from bot.channels.livechat.leaving import GoneTimer
from bot.channels.livechat.web import LiveChat
from bot.channels.whatsapp.attachments import Attachments, Receipts
from bot.channels.whatsapp.graph import GraphClient
from bot.channels.whatsapp.sender import Sender
from bot.channels.whatsapp.web import BODY_LIMIT, WhatsAppWebhook
from bot.client import Client, load_client
from bot.clock import Clock, SystemClock
from bot.conversations.calendar import WorkCalendar
from bot.conversations.delay import DelayNotices
from bot.conversations.timers import TimerLoop
from bot.conversations.worker import Worker
from bot.desk.guard import Guard
from bot.desk.service import Desk
from bot.desk.web import add_routes as add_desk_routes
from bot.dialogue.endpoint import CALL_LIMIT, ActionEndpoint
from bot.dialogue.engine import Engines
from bot.dialogue.idle import IdleTimer
from bot.dialogue.inbound import InboundHandlers
from bot.dialogue.service import Dialogue
from bot.dialogue.unit import Library
from bot.handoff.missed import OfferTimer
from bot.handoff.router import Router
from bot.handoff.waiting import QueueTimer
from bot.handoff.wrapup import WrapupTimer
from bot.knowledge.index import Knowledge
from bot.metrics import render
from bot.outside.admin_web import add_admin_routes
from bot.outside.api import Api, add_api_routes
from bot.outside.deliveries import Deliveries
from bot.outside.jira import Jira
from bot.outside.jira_in import Reader
from bot.outside.jira_out import JiraCourier
from bot.outside.jira_reconcile import TIMER, Reconciliation, forget
from bot.outside.jira_web import add_jira_routes
from bot.outside.outbox import JIRA, Outbox
from bot.outside.webhooks import Webhooks
from bot.pages import Pages, headers_middleware
from bot.settings import Settings
from bot.simulator.graph_standin import GraphStandIn
from bot.simulator.web import add_routes as add_simulator_routes
from bot.store.database import Database
from bot.supervision.board import Board
from bot.supervision.gauges import business
from bot.supervision.loop import FiguresLoop
from bot.supervision.web import add_board_routes
from bot.tickets.sla import SlaTimer
from bot.training.models import Models
from bot.training.models_web import add_model_routes
from bot.training.runs import Runs
from bot.training.service import Training
from bot.training.serving import ModelWatch
from bot.training.web import add_routes as add_training_routes
from bot.training.workshop import Workshop

log = logging.getLogger(__name__)
STANDIN_PREFIX = "/simulator/graph"
FINISH_S = 15  # what is under way at the end may take so long: a turn, or a send to WhatsApp


class Loop(Protocol):
    """What runs beside the handlers."""

    async def run(self) -> None: ...

    def stop(self) -> None: ...

    async def drain(self) -> None: ...


@dataclass
class Service:
    """One service process: what it holds and what runs in it."""

    settings: Settings
    clock: Clock
    db: Database
    library: Library
    engines: Engines
    actions: ActionEndpoint
    files: Files
    models: Models
    assist: Assist
    runs: Runs
    loops: list[Loop] = field(default_factory=list)
    tasks: list[asyncio.Task[None]] = field(default_factory=list)
    draining: bool = False
    worker: Worker | None = None
    sender: Sender | None = None
    standin: GraphStandIn | None = None

    @property
    def client(self) -> Client:
        return self.library.client

    async def drain(self) -> None:
        """Take no new work, finish what is under way, FINISH_S at most. From now on `/readyz` says 503; requests are still served."""
        self.draining = True
        for loop in self.loops:
            loop.stop()
        try:
            async with asyncio.timeout(FINISH_S):
                await asyncio.gather(*self.tasks, return_exceptions=True)
                for loop in self.loops:
                    await loop.drain()
        except TimeoutError:
            log.warning("some work was still under way at the end; it is taken up again when its lease runs out")
        for task in self.tasks:
            task.cancel()
        await asyncio.gather(*self.tasks, return_exceptions=True)


SERVICE: web.AppKey[Service] = web.AppKey("service", Service)
CHAT: web.AppKey[LiveChat] = web.AppKey("chat", LiveChat)


def create_service(settings: Settings, clock: Clock | None = None) -> Service:
    """Read the client's data and prepare everything that needs no running loop. Raises ClientDataError."""
    clock = clock or SystemClock()
    client = load_client(settings.client_folder)
    db = Database(settings.database, clock)
    library = Library(client, WorkCalendar(client.calendar), Knowledge(client.articles))
    Outbox(db, settings.jira_enabled)
    engines = Engines(settings.engine_url, settings.engine_token, settings.engine_timeout_s)
    models = Models(db, client, Workshop.of(settings), engines)
    return Service(
        settings,
        clock,
        db,
        library,
        engines,
        ActionEndpoint("actions", settings.engine_token),
        Files(settings.var / "media", settings.secret_key, db),
        models,
        Assist(db, library, engines),
        Runs(models),
    )


def create_app(service: Service) -> web.Application:
    """The service's public application; its loops run while it does."""
    settings = service.settings
    app = web.Application(
        middlewares=[headers_middleware(settings)], client_max_size=max(BODY_LIMIT, settings.upload_max_bytes + 64 * 1024)
    )
    app[SERVICE] = service
    Pages(settings).add_routes(app)
    app.router.add_get("/healthz", _healthy)
    app.router.add_get("/readyz", _ready)
    app.router.add_get("/metrics", _metrics)
    app.router.add_get("/media/{id}", service.files.serve)
    app[CHAT] = LiveChat(service.db, service.client, service.files, settings)
    app[CHAT].add_routes(app)
    desk, guard = (
        Desk(service.db, service.library, settings, service.files.sign, service.files, service.assist),
        Guard(service.db, settings),
    )
    add_desk_routes(app, desk)
    add_api_routes(app, Api(service.db, service.library, desk.tickets, settings), service.library)
    add_admin_routes(app, service.db, service.library, guard, settings.development)
    add_jira_routes(app, service.db, settings.jira_webhook_secret)
    add_assist_routes(app, service.assist, guard)
    add_training_routes(app, Training(service.db, service.client, settings), guard)
    add_model_routes(app, service.models, service.runs, guard)
    if settings.figures:
        add_board_routes(app, Board(service.db, service.client, service.engines.ready), guard)
    if settings.whatsapp_enabled:
        webhook = WhatsAppWebhook(service.db, service.client, settings)
        app.router.add_get("/webhooks/whatsapp", webhook.verify)
        app.router.add_post("/webhooks/whatsapp", webhook.receive)
    if settings.development and settings.whatsapp_enabled:
        _mount_simulator(app, service)
    app.cleanup_ctx.append(_run)
    return app


def create_runner(service: Service, shutdown_timeout: float = 10) -> web.AppRunner:
    """What serves it. Nobody sends us compressed bodies but to blow them up: they stay as they are, and are no JSON."""
    return web.AppRunner(create_app(service), access_log=None, shutdown_timeout=shutdown_timeout, auto_decompress=False)


def _mount_simulator(app: web.Application, service: Service) -> None:
    """A pretend phone and a stand-in of the Graph API, reached over HTTP like the real ones. Never in production."""
    settings = service.settings
    service.standin = GraphStandIn(
        webhook_url="",
        app_secret=settings.whatsapp_app_secret,
        token=settings.whatsapp_access_token,
        phone_number_id=settings.whatsapp_phone_number_id,
        clock=service.clock.now,
    )
    app.add_subapp(STANDIN_PREFIX, service.standin.app)
    add_simulator_routes(app, service.standin)


async def _run(app: web.Application) -> AsyncIterator[None]:
    service = app[SERVICE]
    await service.db.listen()
    await service.engines.open()
    internal, callback = await _internal_site(service)
    dialogue = Dialogue(service.db, service.engines, service.actions, service.library, callback)
    await service.assist.warm()
    service.worker = Worker(service.db, InboundHandlers(service.db, dialogue, service.engines, service.assist).by_todo())
    session = aiohttp.ClientSession()
    jira = await _jira(service, session)
    timers = TimerLoop(
        service.db,
        {
            **({TIMER: jira[1].fire} if jira else {}),
            "idle": IdleTimer(service.db, dialogue).fire,
            "queue": QueueTimer(service.db, service.client).fire,
            "offer": OfferTimer(service.db, service.client).fire,
            "wrapup": WrapupTimer(service.db, service.client).fire,
            "gone": GoneTimer(service.db, service.client).fire,
            "sla": SlaTimer(service.db, service.library).fire,
        },
    )
    service.loops = [service.worker, timers, DelayNotices(service.db, service.client), Router(service.db, service.client)]
    service.loops += [ModelWatch(service.db, service.engines, service.models.workshop), service.runs]
    if service.settings.figures:
        service.loops.append(FiguresLoop(service.db, service.client))
    stop_receipts = None
    if service.settings.whatsapp_enabled:
        graph = _graph(service, session)
        service.sender = Sender(service.db, graph, service.settings.whatsapp_phone_number_id, service.files)
        service.loops += [service.sender, Attachments(service.db, graph, service.files, service.settings.media_max_bytes)]
        stop_receipts = Receipts(service.db, graph).start()
    told = Webhooks(service.db, service.settings.development)
    await told.open()
    service.loops.append(Deliveries(service.db, {"webhook": told, **({JIRA: jira[0]} if jira else {})}))
    service.tasks = [asyncio.create_task(loop.run()) for loop in service.loops]
    yield
    await service.drain()
    if stop_receipts:
        stop_receipts()
    await session.close()
    await told.close()
    await internal.cleanup()
    await service.engines.close()
    await service.db.close()


def _graph(service: Service, session: aiohttp.ClientSession) -> GraphClient:
    settings = service.settings
    return GraphClient(
        session, settings.whatsapp_api_url, settings.whatsapp_api_version, settings.whatsapp_access_token, settings.whatsapp_phone_number_id
    )


async def _jira(service: Service, session: aiohttp.ClientSession) -> tuple[JiraCourier, Reconciliation] | None:
    """The line to Jira, with a first look under way; None without one."""
    settings, db, library = service.settings, service.db, service.library
    if not settings.jira_enabled:
        await forget(db)
        return None
    jira = Jira(session, settings.jira_url, settings.jira_user, settings.jira_token)
    reader = Reader(db, library, jira, service.files, settings.upload_max_bytes)
    reconciliation = Reconciliation(db, library, jira)
    await reconciliation.begin()
    return JiraCourier(db, library, jira, service.files, reader), reconciliation


async def _internal_site(service: Service) -> tuple[web.AppRunner, str]:
    """The action endpoint, on loopback at a port of its own; the engine is told where with each turn."""
    internal = web.Application(client_max_size=CALL_LIMIT)
    internal.router.add_post("/internal/actions", service.actions.handle)
    runner = web.AppRunner(internal, access_log=None, auto_decompress=False)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", service.settings.internal_port)
    await site.start()
    port = runner.addresses[0][1]
    return runner, service.settings.callback_url or f"http://127.0.0.1:{port}/internal/actions"


async def _healthy(_request: web.Request) -> web.Response:
    return web.json_response({"status": "ok"})


async def _ready(request: web.Request) -> web.Response:
    """200 when this process may be sent work: its database answers and it is not about to stop; else 503.

    Whether every engine answers is told along, and decides nothing: without an engine desk, queue and inbox go on.
    """
    service = request.app[SERVICE]
    parts = {"engine": await service.engines.ready(), "database": True, "draining": service.draining}
    try:
        async with asyncio.timeout(2), service.db.read() as tx:
            await tx.execute(text("SELECT 1"))
    except Exception:
        parts["database"] = False
    return web.json_response(parts, status=200 if parts["database"] and not parts["draining"] else 503)


async def _metrics(request: web.Request) -> web.Response:
    service = request.app[SERVICE]
    more = (lambda tx: business(tx, service.client)) if service.settings.figures else None
    body = await render(service.db, await service.engines.ready(), more)
    return web.Response(body=body, headers={"Content-Type": "text/plain; version=0.0.4; charset=utf-8"})
