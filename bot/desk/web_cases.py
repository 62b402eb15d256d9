"""Case files, questions to outlets and papers over HTTP; and the outlet's own page, which needs no account but the link."""

from __future__ import annotations

import hashlib
import logging
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from aiohttp import web
from jinja2 import Environment, FileSystemLoader, select_autoescape

from bot.conversations.secrets import hide_secrets
from bot.desk.casework import Casework
from bot.desk.errors import bad_field
from bot.desk.guard import Guard, answering, body_of, text_of
from bot.desk.sessions import Session
from bot.desk.web_tickets import NUMBER, at_tickets, client_id_of
from bot.dialogue.unit import Library
from bot.store.database import Database
from bot.tickets import monev
from bot.tickets import service as tickets
from bot.wording import say_date

log = logging.getLogger(__name__)
FOLDER = Path(__file__).parent / "outlet_page"
TOKEN = "{token:[0-9A-Za-z_-]{20,80}}"
_ID = "{id:[0-9A-Za-z]{1,26}}"
_FIELDS = {"name": 100, "position": 100, "chronology": 8000, "follow_up": 8000}


def add_case_routes(app: web.Application, work: Casework, guard: Guard, outlets: OutletPage, public_url: str) -> None:
    """Mount …/case, …/monev, the papers and /monev/{token}."""
    pages, one = _Pages(work, public_url), f"/api/desk/tickets/{NUMBER}"
    routes = {
        ("GET", f"{one}/case"): pages.show,
        ("POST", f"{one}/case"): pages.open,
        ("POST", f"{one}/case/members"): pages.member,
        ("POST", f"{one}/case/evidence"): pages.evidence,
        ("POST", f"{one}/case/minutes"): pages.minutes,
        ("POST", f"{one}/case/decision"): pages.decision,
        ("POST", f"{one}/case/approve"): pages.approve,
        ("GET", f"{one}/case.pdf"): pages.case_paper,
        ("GET", f"{one}/berita-acara.pdf"): pages.berita_acara,
        ("POST", f"{one}/monev"): pages.ask,
        ("DELETE", f"{one}/monev/{_ID}"): pages.take_back,
    }
    for (method, path), handler in routes.items():
        app.router.add_route(method, path, at_tickets(guard, handler))
    app.router.add_get(f"/monev/{TOKEN}", answering(outlets.show))
    app.router.add_post(f"/monev/{TOKEN}", answering(outlets.answer))
    app.router.add_get("/monev.css", outlets.style)


class _Pages:
    """The handlers of the desk."""

    def __init__(self, work: Casework, public_url: str) -> None:
        self._work = work
        self._public_url = public_url.rstrip("/")

    async def show(self, request: web.Request, session: Session) -> web.Response:
        return web.json_response(await self._work.show(session.user, _number(request)))

    async def open(self, request: web.Request, session: Session) -> web.Response:
        body = await body_of(request)
        claimed = _rupiah(body, "claimed")
        return web.json_response(await self._work.open(session.user, _number(request), claimed), status=201)

    async def member(self, request: web.Request, session: Session) -> web.Response:
        body = await body_of(request)
        other, remove = text_of(body, "user", 26), body.get("remove") is True
        return web.json_response(await self._work.set_member(session.user, _number(request), other, remove))

    async def evidence(self, request: web.Request, session: Session) -> web.Response:
        body = await body_of(request)
        item, state, note, file = (text_of(body, name) for name in ("item", "state", "note", "media"))
        return web.json_response(await self._work.set_evidence(session.user, _number(request), item, state, note, file or None))

    async def minutes(self, request: web.Request, session: Session) -> web.Response:
        body = await body_of(request)
        minutes_id = hashlib.sha256(f"{session.user.id}:{_number(request)}:{client_id_of(body)}".encode()).hexdigest()[:26]
        try:
            held_at = datetime.fromisoformat(text_of(body, "held_at", 40))
            held_at = held_at.astimezone(UTC) if held_at.tzinfo else held_at.replace(tzinfo=UTC)
        except (ValueError, OverflowError):
            raise bad_field("Isi waktu rapat.") from None
        text, attendees = text_of(body, "text"), body.get("attendees")
        return web.json_response(await self._work.add_minutes(session.user, _number(request), minutes_id, held_at, attendees, text))

    async def decision(self, request: web.Request, session: Session) -> web.Response:
        body = await body_of(request)
        decision, grounds, amount = text_of(body, "decision", 40), text_of(body, "grounds"), _rupiah(body, "amount")
        return web.json_response(await self._work.propose(session.user, _number(request), decision, amount, grounds))

    async def approve(self, request: web.Request, session: Session) -> web.Response:
        body = await body_of(request)
        if not isinstance(body.get("approve"), bool):
            raise bad_field("Pilih setuju atau tidak.")
        return web.json_response(await self._work.approve(session.user, _number(request), body["approve"], text_of(body, "note")))

    async def case_paper(self, request: web.Request, session: Session) -> web.Response:
        return _pdf(await self._work.case_paper(session.user, _number(request)), f"kasus-{_number(request)}.pdf")

    async def berita_acara(self, request: web.Request, session: Session) -> web.Response:
        return _pdf(await self._work.berita_acara(session.user, _number(request)), f"berita-acara-{_number(request)}.pdf")

    async def ask(self, request: web.Request, session: Session) -> web.Response:
        body = await body_of(request)
        outlet, question = text_of(body, "outlet", 60), text_of(body, "question")
        token, shown = await self._work.ask_outlet(session.user, _number(request), outlet, question)
        base = self._public_url or f"{request.scheme}://{request.host}"
        return web.json_response({"link": f"{base}/monev/{token}", "monev": shown}, status=201)

    async def take_back(self, request: web.Request, session: Session) -> web.Response:
        await self._work.take_back(session.user, _number(request), request.match_info["id"])
        return web.Response(status=204)


class OutletPage:
    """What an outlet sees behind its link: the complaint without the customer, the form, later what it answered."""

    def __init__(self, db: Database, library: Library) -> None:
        self._db = db
        self._library = library
        self._page = Environment(loader=FileSystemLoader(FOLDER), autoescape=select_autoescape()).get_template("monev.html")

    async def show(self, request: web.Request) -> web.Response:
        return await self._render(request.match_info["token"])

    async def style(self, _request: web.Request) -> web.StreamResponse:
        return web.FileResponse(
            FOLDER / "monev.css", headers={"Content-Type": "text/css; charset=utf-8", "Cache-Control": "public, max-age=3600"}
        )

    async def answer(self, request: web.Request) -> web.Response:
        token = request.match_info["token"]
        try:
            form = await request.post()
        except (ValueError, web.HTTPException):
            return await self._render(token, fault="Formulir tidak dapat dibaca. Mohon coba lagi.")
        given: dict[str, str] = {}
        for name in _FIELDS:
            value = form.get(name)
            text = value.encode("utf-8", "replace").decode() if isinstance(value, str) else ""
            given[name] = hide_secrets("".join(c for c in text.strip() if c.isprintable() or c in "\n\t"))[0]
        if any(not given[name] or len(given[name]) > most for name, most in _FIELDS.items()):
            return await self._render(token, given, "Mohon isi semua bagian; uraian paling banyak 8.000 karakter.", 422)
        try:
            async with self._db.write() as tx:
                await monev.answer(tx, self._library, token, **given)
        except LookupError:
            return await self._render(token)
        return await self._render(token)

    async def _render(self, token: str, given: dict[str, str] | None = None, fault: str | None = None, status: int = 200) -> web.Response:
        client = self._library.client
        async with self._db.read() as tx:
            request = await monev.find(tx, token)
            row = await tickets.get(tx, request.ticket) if request is not None else None
        about: dict[str, Any] = {}
        if request is not None and row is not None:
            outlet = client.outlet_by_id.get(request.outlet_id)
            about = {
                "outlet": outlet.name if outlet else request.outlet_id,
                "number": row.number,
                "topic": client.topic_label(row.topic),
                "made": say_date(row.created_at, client.zone),
                "due": say_date(request.due_at, client.zone),
                "request": request,
            }
        page = self._page.render(brand=client.brand, intro=client.ticketing.monev.text, given=given or {}, fault=fault, **about)
        status = status if about else 404
        return web.Response(text=page, content_type="text/html", status=status, headers={"Referrer-Policy": "no-referrer"})


def _number(request: web.Request) -> str:
    return request.match_info["number"]


def _rupiah(body: dict[str, Any], name: str) -> int | None:
    value = body.get(name)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= 10**13:
        raise bad_field("Isi jumlah dalam rupiah.")
    return value


def _pdf(data: bytes, name: str) -> web.Response:
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    return web.Response(body=data, content_type="application/pdf", headers=headers)
