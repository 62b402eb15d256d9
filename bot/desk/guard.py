"""The desk's door: who is calling, from which page, with which proof. Every route of the desk goes through it."""

from __future__ import annotations

import hmac
import logging
import re
from collections.abc import Awaitable, Callable
from typing import Any

from aiohttp import web
from sqlalchemy.exc import DBAPIError
from yarl import URL

from bot.bodies import JSON_LIMIT, BrokenBody, parse_json, read_body
from bot.desk.errors import DeskError, bad_field
from bot.desk.sessions import LASTS, Session, find_session
from bot.settings import Settings
from bot.store.database import Database

log = logging.getLogger(__name__)
COOKIE = "sapa_session"
SAFE = ("GET", "HEAD")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")
Json = dict[str, Any]
Page = Callable[[web.Request], Awaitable[web.StreamResponse]]
Guarded = Callable[[web.Request, Session], Awaitable[web.StreamResponse]]


class Guard:
    """Wraps handlers: session, CSRF, errors as JSON."""

    def __init__(self, db: Database, settings: Settings) -> None:
        self._db = db
        self._settings = settings

    def signed_in(self, handler: Guarded) -> Page:
        """A handler that needs a session and, unless it only reads, the session's CSRF token from a page of our own."""

        async def handle(request: web.Request) -> web.StreamResponse:
            session = await self.session(request)
            if request.method not in SAFE:
                self.require_own_page(request)
                given = request.headers.get("X-CSRF-Token", "")
                if not hmac.compare_digest(given.encode("utf-8", "replace"), session.csrf.encode()):
                    raise _csrf()
            return await handler(request, session)

        return answering(handle)

    async def session(self, request: web.Request) -> Session:
        """The caller's session. Raises `login_required`."""
        token = request.cookies.get(COOKIE, "")
        session = await find_session(self._db, token) if token else None
        if session is None:
            raise DeskError(401, "login_required", "Silakan masuk terlebih dahulu.")
        return session

    def require_own_page(self, request: web.Request, needed: bool = False) -> None:
        """Raises `csrf` for a foreign Origin; with `needed` also for none (a browser's WebSocket always has one)."""
        origin = request.headers.get("Origin")
        if origin is None and not needed:
            return
        if origin is None or _place(origin) not in self._own_places(request):
            raise _csrf()

    def _own_places(self, request: web.Request) -> set[str | None]:
        own = {_place(f"{request.scheme}://{request.host}"), _place(f"https://{request.host}")}
        return (own | {_place(self._settings.public_url)}) - {None}

    def ip(self, request: web.Request) -> str:
        """The caller's address; behind a proxy of ours, the one it saw."""
        forwarded = request.headers.get("X-Forwarded-For", "") if self._settings.trust_proxy else ""
        return forwarded.rsplit(",", 1)[-1].strip() or request.remote or "unknown"

    def set_cookie(self, request: web.Request, response: web.Response, token: str) -> None:
        """Give the browser its session."""
        seconds = int(LASTS.total_seconds())
        response.set_cookie(COOKIE, token, max_age=seconds, path="/", httponly=True, samesite="Lax", secure=self._https(request))

    def drop_cookie(self, request: web.Request, response: web.Response) -> None:
        """Take it away."""
        response.del_cookie(COOKIE, path="/", httponly=True, samesite="Lax", secure=self._https(request))

    def _https(self, request: web.Request) -> bool:
        proxied = self._settings.trust_proxy and request.headers.get("X-Forwarded-Proto", "") == "https"
        return request.secure or proxied or self._settings.public_url.startswith("https://")


def answering(handler: Page) -> Page:
    """A handler whose refusals and failures are JSON with a sentence; nothing of the inside is told."""

    async def handle(request: web.Request) -> web.StreamResponse:
        try:
            response = await handler(request)
        except DeskError as error:
            return refusal(error)
        except web.HTTPRequestEntityTooLarge:
            return refusal(_too_large())
        except web.HTTPException:
            raise
        except DBAPIError:
            log.exception("%s %s: the database refused", request.method, request.path)
            return refusal(DeskError(503, "busy", "Sistem sedang sibuk. Mohon coba lagi."))
        except Exception:
            log.exception("%s %s failed", request.method, request.path)
            return refusal(DeskError(500, "internal", "Terjadi gangguan. Mohon coba lagi."))
        if not response.prepared:
            response.headers.setdefault("Cache-Control", "no-store")
        return response

    return handle


def refusal(error: DeskError) -> web.Response:
    """The answer to what is refused."""
    return web.json_response(error.body(), status=error.status, headers={"Cache-Control": "no-store"})


async def body_of(request: web.Request) -> Json:
    """The request's JSON object; an empty body is an empty object. Raises `bad_json`."""
    try:
        raw = await read_body(request, JSON_LIMIT)
    except BrokenBody:
        raise DeskError(400, "bad_json", "Permintaan tidak dapat dibaca.") from None
    body = parse_json(raw) if raw.strip() else {}
    if not isinstance(body, dict):
        raise DeskError(400, "bad_json", "Permintaan tidak dapat dibaca.")
    return body


def text_of(body: Json, name: str, most: int = 20_000) -> str:
    """A text; "" where there is none. Control characters and halves of characters, which no database takes, are left out."""
    value = body.get(name)
    if value is None:
        return ""
    if not isinstance(value, str) or len(value) > most:
        raise bad_field(f"Isian '{name}' tidak sesuai.")
    whole = value.replace("\r\n", "\n").encode("utf-8", "replace").decode()
    return _CONTROL.sub("", whole)


def number_of(body: Json, name: str) -> int:
    """A number from 0 up."""
    value = body.get(name)
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < 2**31:
        raise bad_field(f"Isian '{name}' tidak sesuai.")
    return value


def _place(url: str) -> str | None:
    try:
        parsed = URL(url)
        return f"{parsed.scheme}://{parsed.host}:{parsed.port}" if parsed.host and parsed.scheme in ("http", "https") else None
    except ValueError:
        return None


def _csrf() -> DeskError:
    return DeskError(403, "csrf", "Permintaan ditolak demi keamanan. Muat ulang halaman lalu coba lagi.")


def _too_large() -> DeskError:
    return DeskError(413, "too_large", "Permintaan terlalu besar.")
