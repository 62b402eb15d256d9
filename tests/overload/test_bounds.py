"""Memory and places are bounded: slow readers, too many windows, too many from one address, and everybody who left is forgotten."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from sqlalchemy import insert, select

from bot.app import CHAT
from bot.channels import wire
from bot.channels.livechat.session import ChatSession
from bot.channels.livechat.web import LiveChat
from bot.channels.messages import Inbound, Kind, Sender
from bot.conversations.inbox import accept
from bot.conversations.records import conversations, messages
from bot.dialogue.unit import Unit
from tests.support.fuzzing import NO_ENGINE, no_tracebacks
from tests.support.servers import ROOT
from tests.support.slow_engine import PretendEngine
from tests.support.stack import MONDAY_10, Stack, Visitor, until

FREE = {"CHAT_VISITORS_PER_ADDRESS_MIN": "1000000", "CHAT_FRAMES_PER_ADDRESS_S": "1000000"}
Start = Callable[..., Awaitable[Stack]]


@pytest.fixture
async def start(sqlite_url: str, tmp_path: Path) -> AsyncIterator[Start]:
    """Starts a service without an engine, or with the one named."""
    started: list[Stack] = []

    async def make(engine_url: str = NO_ENGINE, at: datetime = MONDAY_10, **settings: str) -> Stack:
        stack = Stack(sqlite_url, engine_url, tmp_path / "var", ROOT / "web/dist", at, **{**FREE, **settings})
        await stack.start()
        started.append(stack)
        return stack

    yield make
    for stack in started:
        await stack.stop()


def tasks(name: str) -> list[Any]:
    return [task for task in asyncio.all_tasks() if task.get_name() == name]


def chat_of(stack: Stack) -> LiveChat:
    assert stack._runner is not None
    assert stack._runner.app is not None
    return stack._runner.app[CHAT]


async def poll(stack: Stack, *frames: Any, token: str = "") -> tuple[int, Any]:
    headers = {"Authorization": f"Bearer {token}"}
    async with stack.http.post(f"{stack.url}/api/chat/frames", json={"frames": frames}, headers=headers) as answer:
        return answer.status, await answer.json()


async def long_history(stack: Stack, visitor: Visitor) -> None:
    """Two megabytes that a hello fetches."""
    await visitor.send({"type": "message", "client_id": "client-0001", "text": "halo"})
    await until(lambda: visitor.conversation is not None, "no conversation")
    async with stack.db.write() as tx:
        row = {"conversation_id": visitor.conversation, "author": "bot", "channel": "livechat", "account": "web", "kind": "text"}
        rows = [{**row, "id": f"long{n}", "seq": n, "text": "x" * 4000, "content": {}, "created_at": tx.now} for n in range(10, 500)]
        await tx.execute(insert(messages), rows)


async def test_a_client_that_does_not_read_is_dropped_and_nobody_else_notices(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wire, "SEND_S", 0.3)
    monkeypatch.setattr(wire, "CLOSE_S", 0.1)
    stack = await start(CHAT_FRAMES_PER_SOCKET_S="1000")
    visitor, other = await stack.visitor(), await stack.visitor()
    await long_history(stack, visitor)
    with no_tracebacks():
        deaf = await stack.http.ws_connect(f"{stack.url}/ws/chat")
        assert len(chat_of(stack)._open) == 3
        for _ in range(30):  # sixty megabytes, if they were all made
            await deaf.send_json({"type": "hello", "token": visitor.token})
        await until(lambda: len(chat_of(stack)._open) == 2, "the client that does not read still holds its socket")
        await other.send({"type": "message", "client_id": "client-0002", "text": "halo"})
        await until(lambda: any(f["type"] == "ack" for f in other.frames), "somebody else is not served")
        assert len(tasks("chat push")) == 2
        while (await deaf.receive()).type == aiohttp.WSMsgType.TEXT:
            pass
        assert deaf.closed
        assert not visitor._socket.closed if visitor._socket else True


async def test_who_sends_too_fast_is_read_more_slowly(start: Start) -> None:
    stack = await start(CHAT_FRAMES_PER_SOCKET_S="50")
    visitor = await stack.visitor()
    begun = asyncio.get_running_loop().time()
    for _ in range(100):
        await visitor.send({"type": "ping"})
    await until(lambda: sum(f["type"] == "pong" for f in visitor.frames) == 100, "not every frame was answered")
    assert asyncio.get_running_loop().time() - begun >= 0.8, "sixty at once, and then fifty a second"


async def test_a_visitor_has_so_many_windows(start: Start) -> None:
    stack = await start(CHAT_SOCKETS_PER_VISITOR="3")
    first = await stack.visitor()
    windows = [first, await stack.visitor(first.token), await stack.visitor(first.token)]
    async with stack.http.ws_connect(f"{stack.url}/ws/chat") as socket:
        await socket.send_json({"type": "hello", "token": first.token})
        assert (await socket.receive()).type in (aiohttp.WSMsgType.CLOSE, aiohttp.WSMsgType.CLOSED)
        assert socket.close_code == wire.TOO_MANY
    other = await stack.visitor()
    assert other.token != first.token
    await windows[2].leave()
    await until(lambda: not chat_of(stack).too_many_windows(first.token), "a window that closed still counts")
    assert (await stack.visitor(first.token)).token == first.token


async def test_an_address_has_so_many_sockets(start: Start) -> None:
    stack = await start(CHAT_SOCKETS_PER_ADDRESS="2")
    first, _ = await stack.visitor(), await stack.visitor()
    with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
        await stack.http.ws_connect(f"{stack.url}/ws/chat")
    assert refused.value.status == 429
    await first.leave()
    await until(lambda: len(chat_of(stack)._open) == 1, "a socket that closed still counts")
    await stack.visitor()


async def test_an_address_is_what_the_proxy_says_only_if_it_is_ours(start: Start) -> None:
    stack = await start(CHAT_SOCKETS_PER_ADDRESS="1")
    sockets = [await stack.http.ws_connect(f"{stack.url}/ws/chat", headers={"X-Forwarded-For": "10.0.0.1"})]
    with pytest.raises(aiohttp.WSServerHandshakeError):
        await stack.http.ws_connect(f"{stack.url}/ws/chat", headers={"X-Forwarded-For": "10.0.0.2"})
    await asyncio.gather(*(socket.close() for socket in sockets))


async def test_behind_our_proxy_each_address_counts_for_itself(start: Start) -> None:
    stack = await start(CHAT_SOCKETS_PER_ADDRESS="1", TRUST_PROXY="true")
    sockets = [await stack.http.ws_connect(f"{stack.url}/ws/chat", headers={"X-Forwarded-For": f"9.9.9.9, 10.0.0.{n}"}) for n in (1, 2)]
    with pytest.raises(aiohttp.WSServerHandshakeError):
        await stack.http.ws_connect(f"{stack.url}/ws/chat", headers={"X-Forwarded-For": "8.8.8.8, 10.0.0.1"})
    await asyncio.gather(*(socket.close() for socket in sockets))


async def test_an_address_makes_so_many_new_visitors(start: Start) -> None:
    stack = await start(CHAT_VISITORS_PER_ADDRESS_MIN="2")
    visitor = await stack.visitor()
    assert (await poll(stack, {"type": "hello"}))[1]["frames"][0]["type"] == "welcome"
    status, body = await poll(stack, {"type": "hello"}, {"type": "message", "client_id": "client-0001", "text": "halo"})
    assert (status, [f["code"] for f in body["frames"]]) == (200, ["rate_limited", "hello_first"])
    assert (await poll(stack, {"type": "hello", "token": visitor.token}))[1]["frames"][0]["type"] == "welcome", "who is known comes in"


async def test_an_address_sends_so_many_frames(start: Start) -> None:
    stack = await start(CHAT_FRAMES_PER_ADDRESS_S="1")
    visitor = await stack.visitor()
    for _ in range(12):
        await visitor.send({"type": "ping"})
    await visitor.send({"type": "message", "client_id": "client-0001", "text": "halo"})
    await until(lambda: any(f["type"] == "refused" for f in visitor.frames), "the message was not refused")
    assert {f.get("code") for f in visitor.frames if f["type"] in ("error", "refused")} == {"rate_limited"}
    assert (await poll(stack, token=visitor.token or ""))[0] == 429


async def test_a_socket_that_changes_its_visitor_counts_for_one(start: Start) -> None:
    stack = await start()
    async with stack.http.ws_connect(f"{stack.url}/ws/chat") as socket:
        for _ in range(4):
            await socket.send_json({"type": "hello", "token": None})
            assert (await socket.receive_json())["type"] == "welcome"
        assert sum(chat_of(stack)._windows.values()) == 1
    await until(lambda: not chat_of(stack)._windows, "windows of visitors who are gone still count")


async def test_two_thousand_visitors_who_left_take_no_memory(start: Start) -> None:
    stack = await start()

    async def come_and_go() -> None:
        async with stack.http.ws_connect(f"{stack.url}/ws/chat") as socket:
            await socket.send_json({"type": "hello", "token": None})
            await socket.receive_json()

    await come_and_go()
    chat = chat_of(stack)
    before = await _left_behind(stack)
    for _ in range(100):
        await asyncio.gather(*(come_and_go() for _ in range(20)))
    await until(lambda: not chat._open and not tasks("chat push"), "sockets are left")
    assert await _left_behind(stack) == before
    assert (len(chat._windows), len(chat._by_address)) == (0, 0)
    assert len(chat.limits.visitors) == len(chat.limits.frames) == 1, "one address"


async def _left_behind(stack: Stack) -> tuple[int, int, int]:
    for _ in range(3):
        await asyncio.sleep(0.01)
        gc.collect()
    found = gc.get_objects()
    sessions = sum(isinstance(thing, ChatSession) for thing in found)
    sockets = sum(isinstance(thing, aiohttp.web.WebSocketResponse) for thing in found)
    return sessions, sockets, len(stack.db._subscribers)


async def test_two_thousand_conversations_take_no_memory(start: Start) -> None:
    engine = PretendEngine()
    await engine.start()
    stack = await start(engine.url)
    client = stack.service.client

    async def come(numbers: range) -> None:
        for number in numbers:
            item = Inbound("livechat", "web", f"v{number}:1", Sender((("visitor", f"v{number}"),)), stack.clock.now(), Kind.TEXT, "halo")
            async with stack.db.write() as tx:
                await accept(tx, item, client)
        await until(lambda: _none_waits(stack), "not everything was answered", 180)
        gc.collect()

    await come(range(200))
    before = len(gc.get_objects())
    await come(range(200, 2200))
    grown = len(gc.get_objects()) - before
    worker = stack.service.worker
    assert worker is not None
    await until(lambda: not worker._running, "the worker still serves somebody")
    gc.collect()
    assert stack.service.actions.units == {}
    assert sum(isinstance(thing, Unit) for thing in gc.get_objects()) == 0
    assert grown < 1000, f"{grown} objects more after 2,000 conversations"
    await engine.stop()


async def _none_waits(stack: Stack) -> bool:
    async with stack.db.read() as tx:
        left = (await tx.execute(select(messages.c.id).where(messages.c.todo.is_not(None)).limit(1))).first()
        return left is None and (await tx.execute(select(conversations.c.id).limit(1))).first() is not None
