"""Sapa as it is run: a service process and engine processes, talked to through the live chat's socket."""

from __future__ import annotations

import asyncio
import json
import secrets
import sqlite3
import time
import uuid
from pathlib import Path
from typing import Any

import aiohttp

from bench.measure import NoAnswer
from bench.processes import ENGINE_PYTHON, ROOT, SERVICE_PYTHON, Process, free_port
from bot.channels.livechat.limits import BURST, PER_SECOND

TIMEOUT_S = 20
PHONE_NUMBER_ID = "100000000000001"
LIMITS = (
    "CHAT_SOCKETS_PER_ADDRESS",
    "CHAT_FRAMES_PER_SOCKET_S",
    "CHAT_FRAMES_PER_ADDRESS_S",
    "CHAT_VISITORS_PER_ADDRESS_MIN",
)


class OurEngine:
    """One engine process."""

    def __init__(self, name: str, model: Path, token: str, folder: Path) -> None:
        port = free_port()
        self.url = f"http://127.0.0.1:{port}"
        command = [ENGINE_PYTHON, "-m", "engine", "--model", str(model), "--port", str(port)]
        self._start = lambda: Process(name, command, {"ENGINE_TOKEN": token, "PYTHONPATH": str(ROOT)}, folder)
        self.process = self._start()

    async def ready(self) -> float:
        """Wait for it; the seconds since its start."""
        return await self.process.ready(f"{self.url}/health")

    async def restart(self) -> None:
        """End it and start another in its place, which holds no dialogue."""
        self.process.stop()
        self.process = self._start()
        await self.ready()


class ChatSocket:
    """A socket of the live chat that is always read, so that it answers the service's pings while nobody uses it."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self._socket = socket
        self._frames: asyncio.Queue[dict[str, Any] | None] = asyncio.Queue()
        self._reader = asyncio.create_task(self._read(), name="chat socket")

    async def _read(self) -> None:
        async for received in self._socket:
            if received.type == aiohttp.WSMsgType.TEXT:
                self._frames.put_nowait(json.loads(received.data))
        self._frames.put_nowait(None)

    async def send(self, frame: dict[str, Any]) -> None:
        """Send a frame. Raises NoAnswer when the socket is closed."""
        try:
            await self._socket.send_json(frame)
        except (aiohttp.ClientError, ConnectionError) as error:
            raise NoAnswer(f"the socket is closed: {error}") from error

    async def frame(self) -> dict[str, Any]:
        """The next frame. Raises NoAnswer when the service closed the socket."""
        frame = await self._frames.get()
        if frame is None:
            self._frames.put_nowait(None)
            raise NoAnswer(f"the service closed the socket ({self._socket.close_code})")
        return frame

    @property
    def usable(self) -> bool:
        return not self._socket.closed and not self._reader.done()

    async def close(self) -> None:
        """Close it."""
        await self._socket.close()
        self._reader.cancel()


class ChatDialogue:
    """One visitor of the live chat. Keeps within the visitor's message allowance by itself, outside what is timed."""

    def __init__(self, side: Ours, socket: ChatSocket) -> None:
        self._side = side
        self.socket = socket
        self.conversation: str | None = None
        self._tokens, self._at = BURST - 1.0, time.monotonic()

    async def hello(self) -> None:
        """A new visitor; a socket may change its visitor, so one socket serves many customers without seeming to leave."""
        await self.socket.send({"type": "hello", "token": None, "after": 0, "inbox": "web"})
        while (await self.socket.frame())["type"] != "welcome":
            pass

    async def say(self, text: str) -> tuple[float, str]:
        """Send it and wait for the bot's message; everything is committed by then. Raises NoAnswer."""
        await self._allowed()
        client_id = uuid.uuid4().hex
        start = time.perf_counter()
        try:
            async with asyncio.timeout(TIMEOUT_S):
                await self.socket.send({"type": "message", "client_id": client_id, "text": text})
                answer = await self._answer(client_id)
        except TimeoutError:
            raise NoAnswer(f"nothing within {TIMEOUT_S} s") from None
        return time.perf_counter() - start, answer

    async def _answer(self, client_id: str) -> str:
        seq: int | None = None
        while True:
            frame = await self.socket.frame()
            kind = frame["type"]
            if kind in ("refused", "error"):
                raise NoAnswer(f"{kind}: {frame.get('code')}")
            if kind == "ack" and frame["client_id"] == client_id:
                seq, self.conversation = frame["seq"], frame["conversation"]
            elif seq is not None and kind == "state" and frame["conversation"] == self.conversation and frame["state"] != "bot":
                raise NoAnswer(f"the conversation went to {frame['state']}")
            elif seq is not None and kind == "message" and frame["conversation"] == self.conversation:
                message = frame["message"]
                if message["author"] != "customer" and message["seq"] > seq:
                    if message["author"] != "bot":
                        raise NoAnswer(f"a message by {message['author']}: {message['text'][:120]!r}")
                    return str(message["text"])

    async def _allowed(self) -> None:
        while True:
            now = time.monotonic()
            self._tokens, self._at = min(BURST - 1.0, self._tokens + (now - self._at) * PER_SECOND * 0.95), now
            if self._tokens >= 1:
                self._tokens -= 1
                return
            await asyncio.sleep(0.05)

    async def close(self) -> None:
        """Leave the socket to the next customer."""
        if self.socket.usable:
            self._side.sockets.append(self.socket)


class Ours:
    """One service process over one or more engines, with a database of its own."""

    def __init__(self, name: str, engines: list[OurEngine], token: str, folder: Path, client_folder: Path, graph_url: str) -> None:
        self.name = name
        self.engines = engines
        self.var = folder / name
        self.var.mkdir()
        self.secret = secrets.token_hex(16)
        port = free_port()
        self.url = f"http://127.0.0.1:{port}"
        environment = {
            "SAPA_ENV": "test",
            "SAPA_VAR": str(self.var),
            "SAPA_CLIENT": str(client_folder),
            "DATABASE_URL": f"sqlite+aiosqlite:///{self.var / 'sapa.db'}",
            "HOST": "127.0.0.1",
            "PORT": str(port),
            "SECRET_KEY": secrets.token_hex(24),
            **dict.fromkeys(LIMITS, "1000000"),  # every customer of the measurement comes from one address
            "ENGINE_TOKEN": token,
            "ENGINE_URL": ",".join(engine.url for engine in engines),
            "WHATSAPP_APP_SECRET": self.secret,
            "WHATSAPP_VERIFY_TOKEN": secrets.token_hex(8),
            "WHATSAPP_ACCESS_TOKEN": secrets.token_hex(8),
            "WHATSAPP_PHONE_NUMBER_ID": PHONE_NUMBER_ID,
            "WHATSAPP_API_URL": graph_url,
        }
        self.service = Process(name, [SERVICE_PYTHON, "-m", "bot", "serve"], environment, folder)
        self.session: aiohttp.ClientSession | None = None
        self.sockets: list[ChatSocket] = []

    async def start(self) -> float:
        """Wait until service and engines are ready; the seconds since the service's start."""
        self.session = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=60), connector=aiohttp.TCPConnector(limit=0))
        for engine in self.engines:
            await engine.ready()
        return await self.service.ready(f"{self.url}/readyz")

    async def dialogue(self) -> ChatDialogue:
        """A new visitor, on a socket that somebody left if there is one."""
        dialogue = ChatDialogue(self, self.sockets.pop() if self.sockets else await self.open_socket())
        await dialogue.hello()
        return dialogue

    async def open_socket(self) -> ChatSocket:
        """A socket of the live chat."""
        assert self.session is not None
        return ChatSocket(await self.session.ws_connect(f"{self.url}/ws/chat"))

    def engine_cpu_s(self) -> float:
        """CPU of its engines together."""
        return sum(engine.process.cpu_s() for engine in self.engines)

    def beside_cpu_s(self) -> float:
        """CPU of the service."""
        return self.service.cpu_s()

    def rows(self, query: str, *values: Any) -> list[tuple[Any, ...]]:
        """Read its database from outside."""
        with sqlite3.connect(f"file:{self.var / 'sapa.db'}?mode=ro", uri=True, timeout=10) as db:
            return db.execute(query, values).fetchall()

    def events_of(self, dialogue: ChatDialogue) -> int:
        """Events of a conversation's whole dialogue, as committed."""
        query = "SELECT coalesce(sum(json_array_length(events)), 0) FROM dialogue_turns WHERE conversation_id = ?"
        return int(self.rows(query, dialogue.conversation)[0][0])

    async def settle(self, within_s: float = 180) -> float:
        """Wait until no message is left to answer or to send; the seconds it took."""
        start = time.monotonic()
        while time.monotonic() - start < within_s:
            todo = self.rows("SELECT (SELECT count(*) FROM messages WHERE todo IS NOT NULL) + (SELECT count(*) FROM outbox)")[0][0]
            if not todo:
                break
            await asyncio.sleep(0.2)
        return time.monotonic() - start

    async def stop(self) -> None:
        """End the service; the engines are ended by who started them."""
        for socket in self.sockets:
            await socket.close()
        self.sockets.clear()
        if self.session:
            await self.session.close()
        self.service.stop()
