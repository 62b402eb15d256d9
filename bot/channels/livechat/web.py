"""The live chat over HTTP: the socket, the polling fall-back, uploads."""

from __future__ import annotations

import asyncio
import json
import logging
from collections import Counter
from typing import Any

from aiohttp import WSMsgType, web

from bot import telemetry
from bot.bodies import parse_json, read_object
from bot.channels.files import Files
from bot.channels.livechat.limits import Allowances, Limits
from bot.channels.livechat.session import ChatSession, Frame, seq_of
from bot.channels.livechat.tokens import read_token
from bot.channels.uploads import UploadRefused, take_upload
from bot.channels.wire import TOO_MANY, Wire
from bot.client import Client
from bot.conversations.service import get
from bot.handoff.service import position
from bot.settings import Settings
from bot.store.database import Database

log = logging.getLogger(__name__)
FRAMES_AT_ONCE, HELLO_COUNTS = 60, 10  # of one socket; a hello may fetch a whole history
POLL_FRAMES = 50
AGAIN_S = 1.0


class LiveChat:
    """The routes of the live chat."""

    def __init__(self, db: Database, client: Client, files: Files, settings: Settings) -> None:
        self._db = db
        self._client = client
        self._files = files
        self._settings = settings
        self.limits = Limits(settings)
        self._by_address: Counter[str] = Counter()
        self._windows: Counter[str] = Counter()
        self._open: set[web.WebSocketResponse] = set()
        self._closing = False

    def add_routes(self, app: web.Application) -> None:
        """Mount them."""
        app.router.add_get("/ws/chat", self.socket)
        app.router.add_post("/api/chat/upload", self.upload)
        app.router.add_post("/api/chat/frames", self.frames)
        app.on_shutdown.append(self._close_all)

    def _session(self, address: str) -> ChatSession:
        most = self._settings.upload_max_bytes
        return ChatSession(self._db, self._client, self._files, self._settings.secret_key, self.limits, address, max_file=most)

    async def socket(self, request: web.Request) -> web.StreamResponse:
        """GET /ws/chat: 403 for a foreign origin, 429 for too many sockets of one address."""
        if not same_origin(request):
            raise web.HTTPForbidden(text="Asal tidak diizinkan.")
        address = client_ip(request, self._settings)
        if self._by_address[address] >= self._settings.chat_sockets_per_address:
            raise web.HTTPTooManyRequests(text="Terlalu banyak sambungan.")
        self._by_address[address] += 1
        socket = web.WebSocketResponse(heartbeat=25, max_msg_size=64 * 1024)
        try:
            await socket.prepare(request)
            self._open.add(socket)
            telemetry.sockets("chat", len(self._open))
            rate = self._settings.chat_frames_per_socket_s
            await _Connection(self, Wire(request, socket), self._session(address), rate).run()
        finally:
            self._open.discard(socket)
            telemetry.sockets("chat", len(self._open))
            self._by_address[address] -= 1
            if not self._by_address[address]:
                del self._by_address[address]
        return socket

    def window_opened(self, visitor: str) -> None:
        """Count a visitor's windows."""
        self._windows[visitor] += 1

    def window_open(self, visitor: str) -> bool:
        """Whether the visitor has one here."""
        return visitor in self._windows

    def window_closed(self, visitor: str) -> bool:
        """Whether it was the visitor's last one, so that they may have left. One that we close ourselves opens again elsewhere."""
        self._windows[visitor] -= 1
        if self._windows[visitor] > 0:
            return False
        del self._windows[visitor]
        return not self._closing

    def too_many_windows(self, token: object) -> bool:
        """Whether the visitor of this token has as many windows as one may have."""
        visitor = read_token(self._settings.secret_key, token)
        return visitor is not None and self._windows.get(visitor, 0) >= self._settings.chat_sockets_per_visitor

    def visitor_of(self, hello: dict[str, Any]) -> str | None:
        """Who says hello; None for somebody new."""
        return read_token(self._settings.secret_key, hello.get("token"))

    async def frames(self, request: web.Request) -> web.Response:
        """POST /api/chat/frames: the fall-back where sockets are blocked. 401 without a token unless the first frame is hello."""
        address = client_ip(request, self._settings)
        body = await read_object(request)
        given = _bearer(request)
        frames = body.get("frames")
        frames = frames[:POLL_FRAMES] if isinstance(frames, list) else []
        if not self.limits.frames.take(address, 1 + len(frames)):
            return error(429, "rate_limited", "Terlalu banyak permintaan. Mohon tunggu sebentar.")
        session = self._session(address)
        answers: list[Frame] = []
        hello = bool(frames) and isinstance(frames[0], dict) and frames[0].get("type") == "hello"
        if not hello:
            if read_token(self._settings.secret_key, given) is None:
                return error(401, "token", "Sesi tidak dikenal.")
            of_body = {key: body.get(key) for key in ("after", "conversation", "inbox")}
            await session.handle({"type": "hello", "token": given, **of_body})
            session.sent = seq_of(body.get("after"))
        for frame in frames:
            answers += await session.handle(frame)
        if not hello:
            answers += await session.news()
        return web.json_response({"frames": answers})

    async def upload(self, request: web.Request) -> web.Response:
        """POST /api/chat/upload: one file, typed by its content, at most UPLOAD_MAX_BYTES."""
        visitor = read_token(self._settings.secret_key, _bearer(request))
        if visitor is None:
            return error(401, "token", "Sesi tidak dikenal.")
        if not (self.limits.uploads_from.take(client_ip(request, self._settings)) and self.limits.uploads.take(visitor)):
            return error(429, "rate_limited", "Terlalu banyak berkas. Mohon tunggu sebentar.")
        try:
            most = self._settings.upload_max_bytes
            shown = await take_upload(request, self._db, self._files, most, channel="livechat", external_id=visitor)
        except UploadRefused as refused:
            return error(refused.status, refused.code, refused.message)
        return web.json_response(shown, status=201)

    def subscribe(self, heard: Any) -> Any:
        """Hear of commits."""
        return self._db.subscribe(heard)

    async def state(self, conversation: str) -> Frame | None:
        """The state frame of a conversation."""
        async with self._db.read() as tx:
            row = await get(tx, conversation)
            if row is None:
                return None
            place = await position(tx, row) if row.owner == "queue" and row.queued_at else None
        return {
            "type": "state",
            "conversation": conversation,
            "state": row.owner,
            "agent": row.agent_name if row.owner == "agent" else None,
            "queue_position": place,
        }

    async def _close_all(self, _app: web.Application) -> None:
        self._closing = True
        await asyncio.gather(*(socket.close(code=1001, message=b"restart") for socket in list(self._open)), return_exceptions=True)


class _Connection:
    """One socket: reads frames, and writes answers and news in order. Who sends too fast is read more slowly."""

    def __init__(self, chat: LiveChat, wire: Wire, session: ChatSession, rate: float) -> None:
        self._chat = chat
        self._wire = wire
        self._session = session
        self._pace = Allowances(max(FRAMES_AT_ONCE, rate), rate)
        self._counted: str | None = None  # the visitor whose window this is
        self._news = asyncio.Event()
        self._typing: Frame | None = None
        self._changed = False
        self._over = False
        self._state: Frame | None = None
        self._lock = asyncio.Lock()

    async def run(self) -> None:
        unsubscribe = self._chat.subscribe(self._heard)
        pusher = asyncio.create_task(self._push_until_gone(), name="chat push")
        try:
            async for message in self._wire.socket:
                if message.type in (WSMsgType.TEXT, WSMsgType.BINARY):
                    await self._frame(message.data if message.type == WSMsgType.TEXT else "")
        except ConnectionError:
            pass
        except Exception:
            log.exception("a chat socket failed")
            await self._wire.drop(1011, b"error")
        finally:
            unsubscribe()
            self._over = True  # not cancelled: in the middle of a query that would cost the database connection
            self._news.set()
            await pusher
            if self._counted is not None and self._chat.window_closed(self._counted):
                await self._session.gone(lambda: self._chat.window_open(self._counted or ""))  # the last window: the customer may have left

    async def _frame(self, data: str) -> None:
        frame = parse_json(data.encode("utf-8", "replace"))
        hello = isinstance(frame, dict) and frame.get("type") == "hello"
        while not self._pace.take("", cost := HELLO_COUNTS if hello else 1):
            await asyncio.sleep(self._pace.wait("", cost))
        if hello and self._counted is None and self._chat.too_many_windows(frame.get("token")):
            await self._wire.drop(TOO_MANY, b"too many windows")
            return
        async with self._lock:
            if self._chat.limits.frames.take(self._session.address):
                if hello:
                    self._count(
                        self._chat.visitor_of(frame)
                    )  # before it is answered: an older window that closes meanwhile is not the last
                answers = await self._session.handle(frame)
            else:
                answers = [busy(frame)]
            for answer in answers:
                await self._send(answer)
        self._count(self._session.visitor)
        self._news.set()

    def _count(self, visitor: str | None) -> None:
        """A socket may change its visitor; a window counts for one at a time."""
        if visitor != self._counted and visitor is not None:
            if self._counted is not None:
                self._chat.window_closed(self._counted)
            self._counted = visitor
            self._chat.window_opened(visitor)

    async def _send(self, frame: Frame) -> None:
        await self._wire.send(json.dumps(frame))

    def _heard(self, topic: str, data: dict[str, Any]) -> None:
        mine = data.get("conversation", data.get("id")) == self._session.conversation
        if topic == "refresh" or (topic == "message" and mine):
            if topic == "message" and data["seq"] <= self._session.sent:
                self._session.sent = min(self._session.sent, data["seq"] - 1)  # a changed message: send it again
            self._news.set()
        elif topic == "visitor_wrote" and data["visitor"] == self._session.visitor and data["conversation"] != self._session.conversation:
            self._session.elsewhere = True
            self._news.set()
        elif topic in ("conversation", "queue") and mine:
            self._changed = True
            self._news.set()
        elif topic == "agent_typing" and mine:
            self._typing = {"type": "typing", "author": "agent", "name": data.get("name")}
            self._news.set()

    async def _push_until_gone(self) -> None:
        try:
            await self._push()
        except ConnectionError:
            pass
        except Exception:
            log.exception("news could not be told to a visitor; the client connects again")
            await self._wire.drop(1011, b"error")

    async def _push(self) -> None:
        while True:
            await self._news.wait()
            self._news.clear()
            if self._over:
                return
            async with self._lock:
                frames: list[Frame] = []
                again = False
                try:
                    await self._collect(frames)
                except Exception as error:  # the database is away: the socket stands, so the client would never ask by itself
                    log.warning("news of a chat could not be read, trying again: %s", type(error).__name__)
                    self._changed = again = True
                for frame in frames:  # what was read counts as told, so it must be, whatever came after it
                    await self._send(frame)
            if again:
                await asyncio.sleep(AGAIN_S)
                self._news.set()

    async def _collect(self, frames: list[Frame]) -> None:
        """Add what the window has not been told yet. Raises if not all of it could be read."""
        if self._session.visitor is None:
            return
        frames += await self._session.news()
        if self._typing is not None:
            frames.append(self._typing)
            self._typing = None
        if self._changed and self._session.conversation:
            self._changed = False
            now = await self._chat.state(self._session.conversation)
            if now is not None and now != self._state:
                self._state = now
                frames.append(now)


def same_origin(request: web.Request) -> bool:
    """Whether a browser's Origin is our own host; without one (no browser) it is."""
    origin = request.headers.get("Origin")
    return origin is None or origin.split("://", 1)[-1] == request.headers.get("X-Forwarded-Host", request.host)


def client_ip(request: web.Request, settings: Settings) -> str:
    """The address limits count by: behind a proxy the one it added itself, which is the last; earlier ones anybody can make up."""
    forwarded = request.headers.get("X-Forwarded-For", "") if settings.trust_proxy else ""
    return forwarded.split(",")[-1].strip() or request.remote or "?"


def error(status: int, code: str, message: str) -> web.Response:
    """An error as docs/protocols.md has it."""
    return web.json_response({"error": {"code": code, "message": message}}, status=status)


def busy(frame: object) -> Frame:
    """The answer to a frame of an address that sends too many."""
    message = "Terlalu banyak pesan dari jaringan Anda. Mohon tunggu sebentar."
    client_id = frame.get("client_id") if isinstance(frame, dict) and frame.get("type") == "message" else None
    if isinstance(client_id, str):
        return {"type": "refused", "client_id": client_id[:64], "code": "rate_limited", "message": message}
    return {"type": "error", "code": "rate_limited", "message": message}


def _bearer(request: web.Request) -> str:
    return request.headers.get("Authorization", "").removeprefix("Bearer ").strip()
