"""The simulator page's API, `/simulator/api/*` of docs/protocols.md: a pretend phone on top of a GraphStandIn. Development only."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from aiohttp import web

from bot.bodies import JSON_LIMIT, BrokenBody, parse_json, read_body
from bot.simulator.faults import Faults
from bot.simulator.graph_errors import GraphError
from bot.simulator.graph_standin import GraphStandIn
from bot.simulator.phone import KINDS, Customer

PREFIX = "/simulator/api"
_MAX_AGE_S = 30 * 86400


class _Invalid(Exception):
    """A request that makes no sense; the text is for the person at the page."""


def add_routes(app: web.Application, standin: GraphStandIn) -> None:
    """Adds phones, send, thread, faults and media under /simulator/api. No login: never add it in production."""
    page = _Page(standin)
    app.add_routes(
        [
            web.get(f"{PREFIX}/phones", page.phones),
            web.post(f"{PREFIX}/send", _answering(page.send)),
            web.get(f"{PREFIX}/thread", _answering(page.thread)),
            web.get(f"{PREFIX}/faults", page.faults),
            web.post(f"{PREFIX}/faults", _answering(page.set_faults)),
            web.get(f"{PREFIX}/media/{{media_id}}", page.media),
        ]
    )


class _Page:
    def __init__(self, standin: GraphStandIn) -> None:
        self._standin = standin

    async def phones(self, request: web.Request) -> web.Response:
        people = self._standin.customers.values()
        return web.json_response([{"wa_id": p.wa_id, "bsuid": p.bsuid, "name": p.name} for p in people])

    async def send(self, request: web.Request) -> web.Response:
        body = await _object(request)
        kind, age = body.get("kind", "text"), body.get("age_s") or 0
        if kind not in KINDS:
            raise _Invalid("Jenis pesan tidak dikenal.")
        if isinstance(age, bool) or not isinstance(age, int | float) or not 0 <= age <= _MAX_AGE_S:
            raise _Invalid("Umur pesan harus 0 sampai 30 hari (dalam detik).")
        text, choice_id, reply_to = (_text(body, key) for key in ("text", "id", "reply_to"))
        target = reply_to or (choice_id if kind in ("reaction", "edit", "revoke") else "")
        if kind in ("reaction", "edit", "revoke") and not target:
            raise _Invalid("Pilih dulu pesan yang dimaksud.")
        status, wamid = await self._standin.customer_sends(
            self._customer(body.get("phone", 0)),
            kind,
            text=text,
            choice_id=choice_id,
            reply_to=target or None,
            age_s=age,
            duplicate=body.get("duplicate") is True,
        )
        return web.json_response({"status": status, "wamid": wamid})

    async def thread(self, request: web.Request) -> web.Response:
        customer = self._customer(request.query.get("bsuid", ""))
        return web.json_response(self._standin.thread(customer.bsuid).view(self._standin.clock()))

    async def faults(self, request: web.Request) -> web.Response:
        return web.json_response(self._standin.faults.to_json())

    async def set_faults(self, request: web.Request) -> web.Response:
        try:
            self._standin.faults = Faults.from_json(await _object(request))
        except ValueError:
            raise _Invalid("Nilai gangguan tidak sesuai.") from None
        return web.json_response(self._standin.faults.to_json())

    async def media(self, request: web.Request) -> web.Response:
        try:
            found = self._standin.media.get(request.match_info["media_id"], self._standin.clock())
        except GraphError:
            return _refusal(404, "not_found", "Berkas tidak ada.")
        return web.Response(body=found.data, headers={"Content-Type": found.mime, "X-Content-Type-Options": "nosniff"})

    def _customer(self, reference: object) -> Customer:
        try:
            if isinstance(reference, int | str) and not isinstance(reference, bool):
                return self._standin.customer(reference)
        except KeyError:
            pass
        raise _Invalid("Nasabah tiruan tidak ditemukan.")


def _answering(handler: Callable[[web.Request], Awaitable[web.Response]]) -> Callable[[web.Request], Awaitable[web.Response]]:
    async def handle(request: web.Request) -> web.Response:
        try:
            return await handler(request)
        except _Invalid as error:
            return _refusal(422, "invalid", str(error))

    return handle


def _refusal(status: int, code: str, message: str) -> web.Response:
    return web.json_response({"error": {"code": code, "message": message}}, status=status)


def _text(body: dict[str, Any], key: str) -> str:
    value = body.get(key)
    return value[:65536] if isinstance(value, str) else ""


async def _object(request: web.Request) -> dict[str, Any]:
    try:
        body = parse_json(await read_body(request, JSON_LIMIT))
    except BrokenBody:
        body = None
    if not isinstance(body, dict):
        raise _Invalid("Isi permintaan harus objek JSON.")
    return body
