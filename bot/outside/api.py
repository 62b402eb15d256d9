"""`/api/v1`: tickets for other systems, by token. The use cases are the desk's own; openapi.yml describes what is taken and answered."""

from __future__ import annotations

import base64
import hashlib
import math
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from aiohttp import web
from sqlalchemy.engine import Row

from bot.channels.livechat.limits import Allowances
from bot.conversations import facts
from bot.desk.errors import DeskError, bad_field, forbidden
from bot.desk.guard import Page, answering, body_of, number_of, refusal, text_of
from bot.desk.ticket_access import Ticket, may_read, reader_of
from bot.desk.ticketing import Ticketing
from bot.desk.web_tickets import ACTIONS, NUMBER, fields_of
from bot.dialogue.unit import Library
from bot.outside import api_views, tokens
from bot.outside.openapi import description
from bot.outside.tokens import Token
from bot.settings import Settings
from bot.store.database import Database, Tx

READ, WRITE = tokens.SCOPES
PAGE = 100
USED_AGAIN = timedelta(hours=1)  # the last use is told to the hour, not written with each call
_MADE = ("kind", "topic", "product", "category", "sub_category", "summary", "detail", "priority", "channel", "name", "phone", "outlet")
_GIVEN = ("to", "reason", "note", "how", "resolution")
Json = dict[str, Any]
Handler = Callable[[web.Request, Token], Awaitable[web.Response]]


def add_api_routes(app: web.Application, api: Api, library: Library) -> None:
    """Mount /api/v1 and its description."""
    shown = description(library.client)

    async def openapi(_request: web.Request) -> web.Response:
        return web.json_response(shown)

    one = f"/api/v1/tickets/{NUMBER}"
    app.add_routes(
        [
            web.get("/api/openapi.json", openapi),
            web.get("/api/v1/tickets", api.open_to(READ, api.find)),
            web.post("/api/v1/tickets", api.open_to(WRITE, api.make)),
            web.get(one, api.open_to(READ, api.show)),
            web.get(f"{one}/history", api.open_to(READ, api.history)),
            web.post(f"{one}/notes", api.open_to(WRITE, api.note)),
            web.post(f"{one}/actions", api.open_to(WRITE, api.act)),
        ]
    )


class Api:
    """The handlers."""

    def __init__(self, db: Database, library: Library, tickets: Ticketing, settings: Settings) -> None:
        self._db = db
        self._client = library.client
        self._tickets = tickets
        self._calls = Allowances(settings.api_calls_per_token_min, settings.api_calls_per_token_min / 60)
        self._used: dict[str, datetime] = {}

    def open_to(self, scope: str, handler: Handler) -> Page:
        """A handler for who has a token with this scope, as often as a token may."""

        async def handle(request: web.Request) -> web.StreamResponse:
            async with self._db.read() as tx:
                token = await tokens.find(tx, request.headers.get("Authorization", ""), self._client.ticketing.units)
            if token is None:
                answer = refusal(DeskError(401, "token_required", "Token tidak ada atau tidak berlaku."))
                answer.headers["WWW-Authenticate"] = "Bearer"
                return answer
            if not self._calls.take(token.id):
                return _later(self._calls.wait(token.id))
            await self._note_use(token)
            if scope not in token.scopes:
                raise forbidden()
            try:
                return await handler(request, token)
            except DeskError as error:  # what the desk adds is in the shape of its pages
                raise DeskError(error.status, error.code, error.message) from None

        return answering(handle)

    async def find(self, request: web.Request, token: Token) -> web.Response:
        query = request.query
        where: Json = {"status": query.get("status"), "unit": query.get("unit")}
        for name, known in (("status", self._client.tickets.statuses), ("unit", self._client.ticketing.units)):
            if where[name] is not None and where[name] not in known:
                raise bad_field(f"Isian '{name}' tidak sesuai.")
        where["since"] = _moment(query["updated_since"]) if "updated_since" in query else None
        where["been_with"] = token.user.unit if token.user.role == "division" else None
        limit = _limit(query.get("limit"))
        async with self._db.read() as tx:
            rows = await api_views.page(tx, where, _cursor(query.get("after")), limit + 1)
            read = await self._known(tx, token, rows)
        shown = [api_views.ticket_json(row, row.number in read) for row in rows[:limit]]
        return web.json_response({"tickets": shown, "next": _next(rows[limit - 1]) if len(rows) > limit else None})

    async def make(self, request: web.Request, token: Token) -> web.Response:
        key, body = _key(request), await body_of(request)
        made = await self._tickets.make_by_hand(token.user, {**fields_of(body, _MADE), "form": body.get("form")}, key)
        return await self._shown(token, made["number"], 201)

    async def show(self, request: web.Request, token: Token) -> web.Response:
        return await self._shown(token, request.match_info["number"])

    async def history(self, request: web.Request, token: Token) -> web.Response:
        after, limit = _whole(request.query.get("after", "0"), "after"), _limit(request.query.get("limit"))
        async with self._db.read() as tx:
            row = await self._tickets.seen(tx, token.user, request.match_info["number"])
            known = await self._known(tx, token, [row])
            events = await api_views.history(tx, row.number, after, limit + 1) if known else []
        shown = [api_views.event_json(each, self._client) for each in events[:limit]]
        return web.json_response({"events": shown, "next": shown[-1]["id"] if len(events) > limit else None})

    async def note(self, request: web.Request, token: Token) -> web.Response:
        key, body = _key(request), await body_of(request)
        number, audience = request.match_info["number"], text_of(body, "audience", 20) or "internal"
        await self._tickets.note(token.user, number, key, text_of(body, "text"), audience)
        return await self._shown(token, number, 201)

    async def act(self, request: web.Request, token: Token) -> web.Response:
        body, number = await body_of(request), request.match_info["number"]
        action = text_of(body, "do", 20)
        if action not in ACTIONS:
            raise bad_field("Isian 'do' tidak sesuai.")
        given = {name: text_of(body, name) for name in _GIVEN} | {"form": body.get("form")}
        await self._tickets.do(token.user, number, action, number_of(body, "version"), given)
        return await self._shown(token, number)

    async def _shown(self, token: Token, number: str, status: int = 200) -> web.Response:
        async with self._db.read() as tx:
            row = await self._tickets.seen(tx, token.user, number)
            known = await self._known(tx, token, [row])
        return web.json_response({"ticket": api_views.ticket_json(row, row.number in known)}, status=status)

    async def _known(self, tx: Tx, token: Token, rows: Sequence[Row[Any]]) -> set[str]:
        """The numbers of those whose contents the token may read."""
        about = [Ticket(row.number, row.kind, row.unit, row.assignee_id) for row in rows]
        made = {row.number for row in rows if row.created_by == token.id}
        return made | await may_read(tx, await reader_of(tx, token.user), self._client, about)

    async def _note_use(self, token: Token) -> None:
        now = self._db.clock.now()
        if token.id in self._used and now - self._used[token.id] < USED_AGAIN:
            return
        self._used[token.id] = now
        async with self._db.write() as tx:
            await facts.record(tx, "api_token_used", agent=token.id)


def _later(seconds: float) -> web.Response:
    answer = refusal(DeskError(429, "too_many", "Terlalu banyak permintaan. Mohon coba lagi nanti."))
    answer.headers["Retry-After"] = str(max(1, math.ceil(seconds)))
    return answer


def _key(request: web.Request) -> str:
    """What makes a repeated request happen once: the caller's word at this address; kept short."""
    given = request.headers.get("Idempotency-Key", "").strip()
    if not 1 <= len(given) <= 200:
        raise bad_field("Tajuk 'Idempotency-Key' harus diisi, paling banyak 200 karakter.")
    return hashlib.sha256(f"{request.path} {given}".encode("utf-8", "replace")).hexdigest()[:32]


def _limit(given: str | None) -> int:
    limit = _whole(given or "50", "limit")
    if not 1 <= limit <= PAGE:
        raise bad_field(f"Isian 'limit' 1 sampai {PAGE}.")
    return limit


def _whole(given: str, name: str) -> int:
    if not (given.isascii() and given.isdigit() and len(given) <= 18):
        raise bad_field(f"Isian '{name}' tidak sesuai.")
    return int(given)


def _moment(given: str) -> datetime:
    try:
        moment = datetime.fromisoformat(given.replace(" ", "+"))  # a plus sign that was not escaped
        if moment.tzinfo is None:
            raise ValueError
        return moment.astimezone(UTC)
    except (ValueError, OverflowError):
        raise bad_field("Isian 'updated_since' tidak sesuai.") from None


def _next(last: Row[Any]) -> str:
    moment = last.updated_at or last.created_at
    return base64.urlsafe_b64encode(f"{moment.isoformat()}|{last.number}".encode()).decode().rstrip("=")


def _cursor(given: str | None) -> tuple[datetime, str] | None:
    if given is None:
        return None
    try:
        moment, _, number = base64.urlsafe_b64decode(given + "=" * (-len(given) % 4)).decode().partition("|")
        at = datetime.fromisoformat(moment)
        if at.tzinfo is None or "\0" in number:
            raise ValueError
        return at.astimezone(UTC), number
    except (ValueError, OverflowError):
        raise bad_field("Isian 'after' tidak sesuai.") from None
