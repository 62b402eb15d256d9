"""The desk's live line under frames of any kind, and desks that do not read."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import aiohttp
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.channels import wire
from bot.desk import live
from tests.fuzz.test_http import Person, person
from tests.support.fuzzing import fuzz, json_values, nasty_texts, nested, no_tracebacks
from tests.support.stack import Stack, until

ANSWERS = {
    "ready",
    "pong",
    "error",
    "presence",
    "conversation",
    "message",
    "refresh",
    "gone",
    "card",
    "typing",
    "viewers",
    "people",
    "assist",
    "mention",
}
frames = st.one_of(
    json_values.map(json.dumps),
    st.fixed_dictionaries(
        {"type": st.sampled_from(["watch", "look", "writing", "ping", "dance"])},
        optional={"conversation": nasty_texts | json_values, "box": nasty_texts | json_values},
    ).map(json.dumps),
    st.text(st.characters(exclude_categories=["Cs"]), max_size=40),
    st.binary(max_size=40),
)


@pytest.fixture
async def leader(door: Stack) -> Person:
    return await person(door, "leader")


async def line(stack: Stack, leader: Person) -> aiohttp.ClientWebSocketResponse:
    return await stack.http.ws_connect(f"{stack.url}/ws/desk", headers={"Cookie": leader.cookie, "Origin": stack.url})


async def until_pong(socket: aiohttp.ClientWebSocketResponse) -> list[Any]:
    answered: list[Any] = []
    await socket.send_json({"type": "ping"})
    async with asyncio.timeout(10):
        while not answered or answered[-1]["type"] != "pong":
            answered.append(await socket.receive_json())
    return answered


@fuzz(60)
@given(sent=st.lists(frames, min_size=1, max_size=5))
async def test_any_frame_is_answered_and_the_line_stays(door: Stack, leader: Person, sent: list[str | bytes]) -> None:
    with no_tracebacks():
        async with await line(door, leader) as socket:
            for text in sent:
                await (socket.send_str(text) if isinstance(text, str) else socket.send_bytes(text))
            found = await until_pong(socket)
    assert {frame["type"] for frame in found} <= ANSWERS


async def test_nesting_and_size_are_bounded(door: Stack, leader: Person) -> None:
    with no_tracebacks():
        async with await line(door, leader) as socket:
            await socket.send_str(nested(7_000).decode())
            assert any(frame.get("code") == "bad_frame" for frame in await until_pong(socket))
            await socket.send_str("x" * (17 * 1024))
            while (await socket.receive()).type == aiohttp.WSMsgType.TEXT:
                pass
            assert socket.close_code == aiohttp.WSCloseCode.MESSAGE_TOO_BIG


async def test_a_user_holds_so_many_lines(door: Stack, leader: Person) -> None:
    with no_tracebacks():
        lines = [await line(door, leader) for _ in range(live.LINES_OF_USER)]
        async with await line(door, leader) as refused:
            await refused.receive()
            assert refused.close_code == wire.TOO_MANY
        await until_pong(lines[0])
        await asyncio.gather(*(socket.close() for socket in lines))


async def test_a_desk_that_does_not_read_is_dropped(door: Stack, leader: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wire, "SEND_S", 0.3)
    monkeypatch.setattr(wire, "CLOSE_S", 0.1)

    def writers() -> int:
        return sum(task.get_name() == "desk write" for task in asyncio.all_tasks())

    deaf, other = await line(door, leader), await line(door, leader)
    await until_pong(other)
    big = await until_pong(deaf)
    assert big
    with no_tracebacks():
        error = json.dumps({"type": "dance", "more": "x" * 15_000})
        sending = asyncio.create_task(_send_for_ever(deaf, error))
        await until(lambda: writers() == 1, "a desk that does not read still holds its line", 30)
        sending.cancel()
        await asyncio.gather(sending, return_exceptions=True)
        assert await until_pong(other)
    await asyncio.gather(deaf.close(), other.close(), return_exceptions=True)


async def _send_for_ever(socket: aiohttp.ClientWebSocketResponse, text: str) -> None:
    try:
        while not socket.closed:
            await socket.send_str(text)
    except (ConnectionError, aiohttp.ClientError):
        pass
