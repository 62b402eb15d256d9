"""The live chat over HTTP: the socket, the polling fall-back, uploads."""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections import Counter
from typing import Any

from aiohttp import BodyPartReader, WSMsgType, web
from sqlalchemy import insert

from bot.channels.files import Files, safe_name, sniff
from bot.channels.livechat.session import Allowance, ChatSession, Frame
from bot.channels.livechat.tokens import read_token
from bot.channels.records import media
from bot.client import Client
from bot.conversations.service import get
from bot.handoff.service import position
from bot.ids import new_id
from bot.settings import Settings
from bot.store.database import Database

SOCKETS_PER_IP = 40


class LiveChat:
    """The routes of the live chat."""

    def __init__(self, db: Database, client: Client, files: Files, settings: Settings) -> None:
        self._db = db
        self._client = client
        self._files = files
        self._settings = settings
        self._allowances: dict[str, Allowance] = {}
        self._by_ip: Counter[str] = Counter()
        self._windows: Counter[str] = Counter()
        self._open: set[web.WebSocketResponse] = set()

    def add_routes(self, app: web.Application) -> None:
        """Mount them."""
        app.router.add_get("/ws/chat", self.socket)
        app.router.add_post("/api/chat/upload", self.upload)
        app.router.add_post("/api/chat/frames", self.frames)
        app.on_shutdown.append(self._close_all)

    def _session(self) -> ChatSession:
        if len(self._allowances) > 50_000:
            self._allowances.clear()
        return ChatSession(
            self._db, self._client, self._files, self._settings.secret_key, self._allowances, max_file=self._settings.upload_max_bytes
        )

    async def socket(self, request: web.Request) -> web.StreamResponse:
        """GET /ws/chat: 403 for a foreign origin, 429 for too many sockets of one address."""
        if not same_origin(request):
            raise web.HTTPForbidden(text="Asal tidak diizinkan.")
        ip = client_ip(request, self._settings)
        if self._by_ip[ip] >= SOCKETS_PER_IP:
            raise web.HTTPTooManyRequests(text="Terlalu banyak sambungan.")
        socket = web.WebSocketResponse(heartbeat=25, max_msg_size=64 * 1024)
        await socket.prepare(request)
        self._by_ip[ip] += 1
        self._open.add(socket)
        try:
            await _Connection(self, socket, self._session()).run()
        finally:
            self._open.discard(socket)
            self._by_ip[ip] -= 1
            if not self._by_ip[ip]:
                del self._by_ip[ip]
        return socket

    async def window_opened(self, visitor: str) -> None:
        """Count a visitor's windows."""
        self._windows[visitor] += 1

    async def window_closed(self, session: ChatSession) -> None:
        """The last one gone may mean that the customer has left."""
        assert session.visitor is not None
        self._windows[session.visitor] -= 1
        if self._windows[session.visitor] <= 0:
            del self._windows[session.visitor]
            await session.gone()

    async def frames(self, request: web.Request) -> web.Response:
        """POST /api/chat/frames: the fall-back where sockets are blocked. 401 without a token unless the first frame is hello."""
        body = await _json(request)
        session = self._session()
        answers: list[Frame] = []
        given = _bearer(request)
        frames = body.get("frames")
        frames = frames[:50] if isinstance(frames, list) else []
        hello = bool(frames) and isinstance(frames[0], dict) and frames[0].get("type") == "hello"
        if not hello:
            if read_token(self._settings.secret_key, given) is None:
                return error(401, "token", "Sesi tidak dikenal.")
            await session.handle(
                {
                    "type": "hello",
                    "token": given,
                    "after": body.get("after"),
                    "conversation": body.get("conversation"),
                    "inbox": body.get("inbox"),
                }
            )
            session.sent = body["after"] if isinstance(body.get("after"), int) else 0
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
        if not self._allowances.setdefault(visitor, Allowance()).take():
            return error(429, "rate_limited", "Terlalu banyak berkas. Mohon tunggu sebentar.")
        try:
            reader = await request.multipart()
            part = await reader.next()
        except (ValueError, AssertionError):
            return error(400, "bad_upload", "Unggahan tidak dapat dibaca.")
        while part is not None and getattr(part, "name", None) != "file":
            part = await reader.next()
        if not isinstance(part, BodyPartReader):
            return error(400, "bad_upload", "Berkas tidak ditemukan dalam unggahan.")
        data = bytearray()
        while chunk := await part.read_chunk(64 * 1024):
            data += chunk
            if len(data) > self._settings.upload_max_bytes:
                return error(413, "too_large", f"Berkas terlalu besar, paling besar {self._settings.upload_max_bytes // 2**20} MB.")
        name = safe_name(part.filename)
        found = sniff(bytes(data[:16]), name)
        if found is None:
            return error(415, "bad_type", "Jenis berkas ini tidak dapat diterima. Gunakan gambar, PDF, audio, video, atau dokumen Office.")
        mime, kind = found
        media_id = new_id()
        await asyncio.to_thread(self._files.write, media_id, bytes(data))
        async with self._db.write() as tx:
            await tx.execute(
                insert(media).values(
                    id=media_id,
                    channel="livechat",
                    external_id=visitor,
                    kind=kind,
                    name=name,
                    mime=mime,
                    size=len(data),
                    sha256=hashlib.sha256(data).hexdigest(),
                    state="stored",
                    created_at=tx.now,
                )
            )
        shown = {"id": media_id, "kind": kind, "name": name, "mime": mime, "size": len(data), "url": self._files.sign(f"/media/{media_id}")}
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
        await asyncio.gather(*(socket.close(code=1001, message=b"restart") for socket in list(self._open)), return_exceptions=True)


class _Connection:
    """One socket: reads frames, and writes answers and news in order."""

    def __init__(self, chat: LiveChat, socket: web.WebSocketResponse, session: ChatSession) -> None:
        self._chat = chat
        self._socket = socket
        self._session = session
        self._news = asyncio.Event()
        self._typing: list[Frame] = []
        self._changed = False
        self._lock = asyncio.Lock()

    async def run(self) -> None:
        unsubscribe = self._chat.subscribe(self._heard)
        pusher = asyncio.create_task(self._push(), name="chat push")
        try:
            async for message in self._socket:
                if message.type == WSMsgType.TEXT:
                    await self._frame(message.data)
                elif message.type == WSMsgType.ERROR:
                    break
        finally:
            unsubscribe()
            pusher.cancel()
            if self._session.visitor is not None:
                await self._chat.window_closed(self._session)

    async def _frame(self, data: str) -> None:
        try:
            frame = json.loads(data)
        except ValueError:
            frame = None
        async with self._lock:
            before = self._session.visitor
            answers = await self._session.handle(frame)
            for answer in answers:
                await self._socket.send_json(answer)
        if before is None and self._session.visitor is not None:
            await self._chat.window_opened(self._session.visitor)
        self._news.set()

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
            self._typing.append({"type": "typing", "author": "agent", "name": data.get("name")})
            self._news.set()

    async def _push(self) -> None:
        state: Frame | None = None
        while True:
            await self._news.wait()
            self._news.clear()
            async with self._lock:
                if self._session.visitor is None:
                    continue
                for frame in await self._session.news():
                    await self._socket.send_json(frame)
                for frame in self._typing:
                    await self._socket.send_json(frame)
                self._typing.clear()
                if self._changed and self._session.conversation:
                    self._changed = False
                    now = await self._chat.state(self._session.conversation)
                    if now is not None and now != state:
                        state = now
                        await self._socket.send_json(now)


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


def _bearer(request: web.Request) -> str:
    return request.headers.get("Authorization", "").removeprefix("Bearer ").strip()


async def _json(request: web.Request) -> dict[str, Any]:
    try:
        body = await request.json()
    except ValueError:
        body = None
    return body if isinstance(body, dict) else {}
