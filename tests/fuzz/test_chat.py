"""The live chat under frames and requests of any kind: an error frame or a close code, and nobody else notices."""

from __future__ import annotations

import asyncio
import itertools
import json
from typing import Any

import aiohttp
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from bot.conversations.records import messages
from tests.support.fuzzing import fuzz, json_values, mutated, nasty_numbers, nasty_texts, nested, no_tracebacks
from tests.support.stack import Stack, Visitor, until

KINDS = ["hello", "message", "typing", "read", "end", "ping", "dance"]
_numbers = itertools.count()
frames = st.one_of(
    json_values,
    st.fixed_dictionaries(
        {"type": st.sampled_from(KINDS)},
        optional={
            "client_id": st.one_of(nasty_texts, json_values, st.just("client-0001")),
            "text": nasty_texts | json_values,
            "payload": nasty_texts | json_values,
            "reply_to": nasty_texts | json_values,
            "media": st.lists(nasty_texts, max_size=7) | json_values,
            "seq": nasty_numbers | json_values,
            "after": nasty_numbers | json_values,
            "conversation": nasty_texts | json_values,
            "inbox": nasty_texts | json_values,
            "token": nasty_texts | json_values,
        },
    ),
    st.sampled_from(
        [
            {"type": "message", "client_id": "client-0001", "text": "halo", "payload": "/minta_agen", "reply_to": "x", "media": ["A" * 26]},
            {"type": "hello", "token": None, "after": 0, "conversation": None, "inbox": "web", "page": "https://contoh.id"},
            {"type": "read", "seq": 1},
        ]
    ).flatmap(mutated),
)
ANSWERS = {"welcome", "ack", "refused", "message", "read", "typing", "state", "error", "pong"}


async def talk(stack: Stack, texts: list[str | bytes]) -> tuple[list[dict[str, Any]], int | None]:
    """Send these after a hello; (what was answered, the code the socket was closed with if it was)."""
    answered = []
    async with stack.http.ws_connect(f"{stack.url}/ws/chat") as socket:
        await socket.send_json({"type": "hello", "token": None})
        for text in texts:
            await (socket.send_str(text) if isinstance(text, str) else socket.send_bytes(text))
        await socket.send_json({"type": "ping"})
        async with asyncio.timeout(10):
            while True:
                message = await socket.receive()
                if message.type != aiohttp.WSMsgType.TEXT:
                    return answered, socket.close_code
                answered.append(json.loads(message.data))
                if answered[-1]["type"] == "pong":
                    return answered, None


@pytest.fixture
async def bystander(door: Stack) -> Visitor:
    return await door.visitor()


async def still_served(stack: Stack, bystander: Visitor) -> None:
    client_id = f"bystander-{next(_numbers)}"
    await bystander.send({"type": "message", "client_id": client_id, "text": "masih bisa?"})
    found = ("ack", "refused")
    await until(lambda: any(f.get("client_id") == client_id for f in bystander.frames if f["type"] in found), "somebody else is not served")


@fuzz(120)
@given(sent=st.lists(frames, min_size=1, max_size=5))
async def test_any_frame_is_answered_and_the_socket_stays(door: Stack, bystander: Visitor, sent: list[Any]) -> None:
    with no_tracebacks():
        answered, code = await talk(door, [json.dumps(frame) for frame in sent])
    assert code is None, f"closed with {code}"
    assert {frame["type"] for frame in answered} <= ANSWERS
    assert "Traceback" not in json.dumps(answered)
    theirs = {m["id"] for f in answered if f["type"] == "message" for m in [f["message"]] if m["author"] == "customer"}
    assert theirs.isdisjoint(bystander.seen), "somebody else's message was shown"


@fuzz(60)
@given(
    texts=st.lists(
        st.one_of(st.text(st.characters(exclude_categories=["Cs"]), max_size=60), st.binary(max_size=60)), min_size=1, max_size=4
    )
)
async def test_what_is_no_json_is_a_bad_frame(door: Stack, texts: list[str | bytes]) -> None:
    with no_tracebacks():
        answered, code = await talk(door, texts)
    assert code is None
    assert {f["type"] for f in answered} <= ANSWERS


async def test_nesting_size_and_binary_are_bounded(door: Stack, bystander: Visitor) -> None:
    with no_tracebacks():
        for text in (nested(1000).decode(), nested(30_000).decode(), b"\x00\xff", "9" * 10_000, '{"type":"message","text":"\\ud800"}'):
            answered, code = await talk(door, [text])
            assert (code, answered[-2]["code"]) == (None, "bad_frame")
        assert (await talk(door, ["x" * (65 * 1024)]))[1] == aiohttp.WSCloseCode.MESSAGE_TOO_BIG
        await still_served(door, bystander)


@fuzz(60)
@given(text=nasty_texts, payload=nasty_texts, quoted=nasty_texts)
async def test_whatever_is_acknowledged_is_stored(door: Stack, text: str, payload: str, quoted: str) -> None:
    client_id = f"client-{next(_numbers):06}"
    frame = {"type": "message", "client_id": client_id, "text": text, "payload": payload, "reply_to": quoted}
    with no_tracebacks():
        answered, _ = await talk(door, [json.dumps(frame)])
    (answer,) = [f for f in answered if f.get("client_id") == client_id]
    async with door.db.read() as tx:
        rows = (await tx.execute(select(messages.c.text).where(messages.c.external_id.endswith(f":{client_id}")))).all()
    assert len(rows) == (answer["type"] == "ack")
    assert all("\x00" not in row.text for row in rows)


@fuzz(80)
@given(body=st.one_of(json_values, st.fixed_dictionaries({"frames": st.lists(frames, max_size=4) | json_values, "after": nasty_numbers})))
async def test_polling_takes_any_body(door: Stack, body: Any) -> None:
    async with door.http.post(f"{door.url}/api/chat/frames", json={"frames": [{"type": "hello"}]}) as answer:
        token = (await answer.json())["frames"][0]["token"]
    with no_tracebacks():
        for headers in ({}, {"Authorization": f"Bearer {token}"}, {"Authorization": "Bearer \u00ff"}):
            async with door.http.post(f"{door.url}/api/chat/frames", data=json.dumps(body), headers=headers) as answer:
                assert answer.status in (200, 401)
                assert set(await answer.json()) <= {"frames", "error"}


async def test_polling_takes_any_content_type(door: Stack) -> None:
    kinds = ("application/json; charset=nonsense", "text/plain", "application/json; charset=utf-16", "", "multipart/form-data")
    with no_tracebacks():
        for kind, raw in itertools.product(kinds, (b"\xff\xfe", b"", nested(100_000), b'{"frames":[{"type":"hello"}]}')):
            async with door.http.post(f"{door.url}/api/chat/frames", data=raw, headers={"Content-Type": kind}) as answer:
                assert answer.status in (200, 401)


async def test_a_body_too_large_is_refused(door: Stack) -> None:
    with no_tracebacks():
        async with door.http.post(f"{door.url}/api/chat/frames", data=b" " * (300 * 1024)) as answer:
            assert answer.status == 413


async def test_a_visitor_reads_nothing_of_another(door: Stack, bystander: Visitor) -> None:
    await still_served(door, bystander)
    assert bystander.conversation
    conversation = bystander.conversation
    sent = [{"type": "hello", "token": None, "after": 0, "conversation": conversation}, {"type": "read", "seq": 1}, {"type": "end"}]
    answered, _ = await talk(door, [json.dumps(frame) for frame in sent])
    assert conversation not in json.dumps(answered)
    assert bystander.token
    other = bystander.token.split(".")[0]
    for forged in (
        other,
        f"{other}.",
        f"{other}.{'0' * 40}",
        bystander.token[:-1],
        f"{bystander.token}x",
        f"{other}\u0000.{bystander.token}",
    ):
        answered, _ = await talk(door, [json.dumps({"type": "hello", "token": forged})])
        assert conversation not in json.dumps(answered)
        assert all(f["conversation"] is None for f in answered if f["type"] == "welcome")
